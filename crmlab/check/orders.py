"""Findings on how orders are written: states that are no sales, totals on every line, signs."""

import json
from collections.abc import Iterator

import ibis

from crmlab.check.base import Seen, caution, percent_of
from crmlab.errors import Finding

NO_SALE = (
    r"取消|关闭|作废|退款成功|已退款|已退货|未付款|待付款|未支付|"
    r"\b(cancel|void|refunded|returned|unpaid|failed|declined|abandon)"
)
REPEATED = 0.95  # share of orders of several lines on which each line has the same amount
SEVERAL = 20  # orders of several lines from which this is said
LEAST = 5  # cancelled orders from which their sign is looked at


def found(seen: Seen) -> Iterator[Finding]:
    """Say what of the used rows may be no sale, or be counted several times."""
    columns = seen.table.columns
    if "status" in columns:
        yield from _no_sales(seen)
    if "order_id" in columns:
        yield from _totals_repeated(seen)
        yield from _cancellations(seen)


def _no_sales(seen: Seen) -> Iterator[Finding]:
    """Say which states of used rows sound like no sale."""
    table = seen.table
    odd = table.filter(table.status.lower().re_search(NO_SALE) & (table.amount > 0))
    each = odd.group_by("status").aggregate(n=odd.count(), a=odd.amount.sum().cast("float64"))
    told = each.order_by(each.a.desc(), each.status).limit(5).to_pandas()
    if told.empty:
        return
    rows, (en, zh) = int(told["n"].sum()), seen.both(float(told["a"].sum()))
    names = ", ".join(json.dumps(status, ensure_ascii=False) for status in told["status"])
    yield caution(
        "no_sale_status",
        en=f"{rows:,} used rows with {en} have a status that sounds like no sale. If so, set "
        f"drop_status = [{names}].",
        zh=f"使用的行中有 {rows:,} 行（{zh}）的状态似非成交。若是，请设 drop_status = [{names}]。",
    )


def _totals_repeated(seen: Seen) -> Iterator[Finding]:
    """Say whether each line of an order seems to have the order's whole amount."""
    table = seen.table
    each = (
        table.filter(table.order_id.notnull() & (table.amount > 0))
        .group_by("customer_id", "order_id")
        .aggregate(n=ibis._.count(), low=ibis._.amount.min(), high=ibis._.amount.max())
    )
    several = each.filter(each.n > 1)
    same = several.low == several.high
    told = several.aggregate(
        orders=several.count(), same=same.sum(), prices=several.low.nunique(where=same),
        more=(several.low * (several.n - 1)).sum(where=same).cast("float64"),
    )  # fmt: skip
    orders, alike, prices, more = told.to_pandas().fillna(0).iloc[0]
    if orders < SEVERAL or alike < REPEATED * orders or prices < SEVERAL / 2:
        return
    if 2 * seen.count("exact_duplicates") > alike:
        return  # whole rows are repeated, which is told of itself
    en, zh = seen.both(float(more))
    yield caution(
        "amounts_repeated",
        en=f"In {int(alike):,} of {int(orders):,} orders of several lines, all lines have the same "
        f'amount. If it is the order\'s total, {en} is counted too much: set grain = "order".',
        zh=f"{int(orders):,} 个多行订单中，有 {int(alike):,} 个各行金额相同。若为整单金额，"
        f'则多计 {zh}：请设 grain = "order"。',
    )


def _cancellations(seen: Seen) -> Iterator[Finding]:
    """Say whether ids such as C536379 among mere numbers have an amount that is not negative."""
    table = seen.table
    is_c = table.order_id.re_search(r"^[Cc]\d+$")
    told = table.aggregate(
        numbers=table.order_id.re_search(r"^\d+$").sum(),
        others=(is_c & (table.amount > 0)).sum(),
        amount=table.amount.sum(where=is_c & (table.amount > 0)).cast("float64"),
    )
    numbers, count, amount = told.to_pandas().fillna(0).iloc[0]
    if count < LEAST or count > 0.3 * numbers:
        return
    en, zh = seen.both(float(amount))
    yield caution(
        "cancellations_positive",
        en=f"{int(count):,} rows ({percent_of(count / seen.rows, 'en')}) with {en} have an order "
        "id that starts with C among mere numbers, as cancellations have, but count as sales. If "
        'so, set cancel_prefix = "C".',
        zh=f"{int(count):,} 行（{percent_of(count / seen.rows, 'zh')}，{zh}）的订单编号以 C 开头，"
        '似为取消单，却计为销售。若是，请设 cancel_prefix = "C"。',
    )
