"""What words for an order's state mean: a sale, none, or money that went back."""

import unicodedata

from crmlab.load.source import Form
from crmlab.mapping.grid import Grid
from crmlab.mapping.proposal import Option, Told

SOLD = (
    "purchase",
    "completed", "complete", "paid", "shipped", "delivered", "fulfilled", "processing", "success",
    "succeeded", "successful", "approved", "invoiced", "closed won", "settled", "captured",
    "partially_paid", "partially paid", "partially_refunded", "partially refunded", "confirmed",
    "in transit", "received", "done", "dispatched", "available", "交易成功", "已完成", "完成",
    "已付款", "已支付", "已发货", "已签收", "已收货", "已妥投", "待发货", "待收货", "卖家已发货",
    "卖家已发货，等待买家确认", "买家已付款", "买家已付款，等待卖家发货", "等待发货", "等待出库",
    "等待确认收货", "交易完成", "成功", "已审核", "已出库", "部分发货", "部分退款", "待评价",
    "审核",    "已结算", "正常", "已关账", "支付成功", "交易已完成",
)  # fmt: skip
NOT_SOLD = (
    "view", "cart", "remove_from_cart",
    "cancelled", "canceled", "cancel", "void", "voided", "failed", "failure", "declined", "expired",
    "abandoned", "pending", "on-hold", "on hold", "unpaid", "pending payment", "awaiting payment",
    "draft", "trash", "checkout-draft", "created", "requires_payment_method", "uncaptured",
    "blocked", "deleted", "rejected", "unavailable", "incomplete", "test", "交易关闭", "已取消",
    "已关闭", "关闭", "取消", "订单取消", "待付款", "未付款", "未支付", "等待付款", "等待买家付款",
    "支付失败", "已作废", "作废", "交易取消", "交易失败", "未审核", "草稿", "待支付", "已删除",
    "付款以后用户退款成功，交易自动关闭", "卖家或买家主动关闭交易",
)  # fmt: skip
RETURNED = (
    "refunded", "refund", "fully refunded", "returned", "return", "chargeback", "disputed",
    "退款成功", "已退款", "退款", "全额退款", "已退货", "退货", "退货退款", "退款完成",
)  # fmt: skip
MANY = 40  # a column with more words than this is no state


def folded(word: str) -> str:
    """Return a status without differences of width, case and signs for a blank."""
    plain = unicodedata.normalize("NFKC", word).casefold().strip().removeprefix("(删除)")
    return plain.replace(",", "，").replace("， ", "，").replace("_", " ")


def meaning(word: str) -> str:
    """Return what a state means: sold, not_sold, returned; nothing if it is not known.

    >>> [meaning(word) for word in ("Completed", "未发货，退款成功", "商家已发货", "换货中")]
    ['sold', 'returned', 'sold', '']
    """
    plain = folded(word)
    lists = {"not_sold": NOT_SOLD, "returned": RETURNED, "sold": SOLD}
    exact = [name for name, words in lists.items() if plain in map(folded, words)]
    inside = [
        name
        for name, words in lists.items()
        if any(len(each) > 2 and not each.isascii() and each in plain for each in words)
    ]
    return next(iter([*exact, *inside]), "")


def option(
    grid: Grid, heading: str, refund: str | None, form: Form
) -> tuple[list[Option], list[Told]]:
    """Return which states leave a row out, and what is doubtful about the others.

    `refund` is the column of what was paid back: where it takes a refunded order's money
    away by itself, the order stays.
    """
    cell, back = grid.raw(heading), "false"
    if refund:
        back = f"{grid.typed(refund, 'money', form)} <> 0"
    seen = grid.all(f"{cell}, count(*), count(*) FILTER ({back})",
                    f"WHERE {cell} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1")  # fmt: skip
    if not seen or len(seen) > MANY:
        return [], [_no_state(heading, len(seen))] if seen else []
    means = {word: meaning(word) for word, *_ in seen}
    dropped = [(word, n) for word, n, taken in seen if means[word] == "not_sold"
               or (means[word] == "returned" and 2 * taken < n)]  # fmt: skip
    unknown = [(word, n) for word, n, _ in seen if not means[word]]
    doubts = [_unknown(heading, unknown)] if unknown else []
    if not dropped or len(dropped) == len(seen):
        return [], [*doubts, *([_all_gone(heading)] if dropped else [])]
    return [Option("drop_status", [w for w, _ in dropped], _dropped(dropped))], doubts


def _counted(words: list[tuple[str, int]]) -> str:
    return ", ".join(f"{word[:30]} {n:,}" for word, n in words[:12])


def _dropped(words: list[tuple[str, int]]) -> Told:
    n = sum(count for _, count in words)
    return Told(
        en=f"{n:,} rows are no sale: {_counted(words)}",
        zh=f"{n:,} 行不算成交：{_counted(words)}",
    )


def _unknown(heading: str, words: list[tuple[str, int]]) -> Told:
    return Told(
        en=f"{heading}: these states are not known and their rows count as sales: "
        f"{_counted(words)}; if they are none, add them to drop_status",
        zh=f"{heading}：以下状态含义不明，暂按成交计：{_counted(words)}；"
        "若不算成交，请加入 drop_status",
    )


def _all_gone(heading: str) -> Told:
    return Told(
        en=f"{heading}: every state says that nothing was sold; no row is left out for it",
        zh=f"{heading}：所有状态都表示未成交；未据此剔除任何行",
    )


def _no_state(heading: str, n: int) -> Told:
    return Told(
        en=f"{heading} has {n:,} different values, too many for an order's state",
        zh=f"{heading} 有 {n:,} 种取值，不像订单状态",
    )
