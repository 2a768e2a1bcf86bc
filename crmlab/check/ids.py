"""Findings on customers' ids, and on personal data in columns."""

from collections.abc import Iterator

import ibis
from ibis.expr.types import StringColumn

from crmlab import personal as detector
from crmlab.check.base import Seen, caution, finding, percent_of
from crmlab.errors import Finding
from crmlab.lang import term
from crmlab.tables import TABLES

SAMPLE = 2_000  # different values of a column that are looked at
NOBODY = (
    "散客", "匿名", "匿名用户", "游客", "未知", "未知客户", "无", "零售", "零售客户", "门店散客",
    "现金客户", "guest", "anonymous", "unknown", "walk-in", "walkin", "walk in", "cash",
    "cash sale", "n/a", "na", "none", "null", "undefined", "test", "测试",
)  # fmt: skip
NUMBERS = ("0", "-1", *("9" * n for n in range(4, 12)), *("0" * n for n in range(2, 12)))
LARGE = 0.2  # share of rows that one customer hardly has
APART = 5  # times the rows of the next, from which a number such as 0 is a placeholder
MANY = 50  # customers from which this is said
ONCE = 0.98  # share of customers with one day only, from which nobody seems to come back
LONG = 20  # long numbers from which their last digits are looked at


def found(seen: Seen) -> Iterator[Finding]:
    """Say whether the customer's id may be an order's, a placeholder, or cut off by Excel."""
    yield from _once(seen)
    yield from _placeholder(seen)
    yield from _rounded(seen)


def _once(seen: Seen) -> Iterator[Finding]:
    """Say whether hardly anybody comes on a second day: the id may be an order's."""
    table = seen.table
    each = table.group_by("customer_id").aggregate(
        first=table.order_date.min().date(), last=table.order_date.max().date()
    )
    told = each.aggregate(n=each.count(), once=(each["first"] == each["last"]).sum()).to_pandas()
    customers, once = (int(value) for value in told.iloc[0])
    if customers < MANY or once < ONCE * customers or len(seen.daily) < 2:
        return
    share = once / customers
    yield caution(
        "ids_once",
        en=f"{once:,} of {customers:,} customers ({percent_of(share, 'en')}) come on one day "
        "only: is customer_id an order's id? If so, map the column that stays the same when a "
        "customer comes back.",
        zh=f"{customers:,} 位客户中有 {once:,} 位（{percent_of(share, 'zh')}）只在一天出现："
        "customer_id 是否其实是订单编号？若是，请改用客户再次购买时不变的那一列。",
    )


def _placeholder(seen: Seen) -> Iterator[Finding]:
    """Say which id stands for nobody, by its name or because it has far too many rows."""
    table = seen.table
    each = table.group_by("customer_id").aggregate(
        n=table.count(), a=table.amount.sum().cast("float64")
    )
    named = each.filter(each.customer_id.lower().isin(NOBODY)).to_pandas()
    if not named.empty:
        rows = int(named["n"].sum())
        names = sorted(named["customer_id"])[:3]
        yield _stands_for_nobody(seen, rows, float(named["a"].sum()), names)
        return
    if seen.rows < MANY:
        return
    top = each.order_by(each.n.desc(), each.customer_id).limit(2).to_pandas()
    first, rest = top.iloc[0], top["n"].iloc[1:].max()
    is_number = first["customer_id"] in NUMBERS and first["n"] >= APART * rest
    if len(top) > 1 and (is_number or _is_large(seen, int(first["n"]), int(rest))):
        names = [str(first["customer_id"])] if is_number else []
        yield _stands_for_nobody(seen, int(first["n"]), float(first["a"]), names)


def _is_large(seen: Seen, rows: int, rest: int) -> bool:
    """Return whether one customer has a share of rows that stands alone among many."""
    return rows >= LARGE * seen.rows and rows >= APART * rest and seen.rows - rows >= MANY


def _stands_for_nobody(seen: Seen, rows: int, amount: float, names: list[str]) -> Finding:
    share, (en, zh) = rows / seen.rows, seen.both(amount)
    called = f" ({', '.join(names)})" if names else ""
    called_zh = f"（{'、'.join(names)}）" if names else ""
    return finding(
        "placeholder_id",
        is_caution=share >= 0.001,
        en=f"One customer id{called} holds {rows:,} rows ({percent_of(share, 'en')}), {en}: does "
        "it stand for unknown customers? It would be judged as one; leave its cells empty in the "
        "file, and the ledger will count its rows.",
        zh=f"同一客户编号{called_zh}占 {rows:,} 行（{percent_of(share, 'zh')}），金额 {zh}："
        "是否代表未知客户？否则会被当作一位客户。请在文件中将其留空，质量账会计入这些行。",
    )


def _rounded(seen: Seen) -> Iterator[Finding]:
    """Say whether long ids were stored as numbers, so that their last digits are lost."""
    for column in (c for c in ("customer_id", "order_id") if c in seen.table.columns):
        cell = seen.table[column]
        told = seen.table.aggregate(
            written=cell.re_search(r"^\d(\.\d+[eE]\+?|[eE]\+)\d\d$").sum(),
            long=cell.re_search(r"^\d{16,19}$").sum(),
            zeros=cell.re_search(r"^\d{13,16}000$").sum(),
        )
        written, long, zeros = (int(n) for n in told.to_pandas().fillna(0).iloc[0])
        if lost := written or (zeros if long >= LONG and zeros >= 0.9 * long else 0):
            like = "2.33E+17" if written else "233000000000000000"
            yield caution(
                "ids_rounded",
                en=f"{lost:,} rows have a {column} such as {like}: Excel stored long ids as "
                "numbers and lost their last digits. Export them again as text.",
                zh=f"{lost:,} 行的 {column} 形如 {like}：Excel 把长编号存成了数字，末几位已丢失。"
                "请以文本格式重新导出。",
            )


def personal(seen: Seen) -> Iterator[Finding]:
    """Say which columns hold personal data, by kind and share; never a value."""
    columns = TABLES[seen.lines.name].columns
    for name in seen.table.columns:
        if columns[name].kind not in ("id", "text"):
            continue
        for kind, share in detector.kinds(_sample(seen, name)).items():
            english, chinese = (term(kind, lang) for lang in ("en", "zh"))
            yield caution(
                "personal_data",
                en=f"Column {name} holds personal data: {english} in {percent_of(share, 'en')} of "
                "the values looked at. Do you need them? If not, leave the column out; if it is an "
                "id, map one that says nothing of the person.",
                zh=f"{name} 列含个人信息：所查值中 {percent_of(share, 'zh')} 为{chinese}。"
                "若非必需，请勿导入该列；若用作编号，请改用不含个人信息的编号。",
            )


def _sample(seen: Seen, name: str) -> "ibis.expr.types.Column":
    """Return different values of a column, the same ones whatever the order of the rows."""
    cell = seen.table[name]
    assert isinstance(cell, StringColumn)  # ids and texts are
    each = seen.table.select(v=cell).drop_null("v").distinct()
    return each.order_by(each.v.hash(), each.v).limit(SAMPLE).to_pandas()["v"]
