"""Findings on customers' ids, and on personal data in columns."""

from collections.abc import Iterator

from crmlab import personal as detector
from crmlab.check.base import Seen, caution, percent_of
from crmlab.errors import Finding
from crmlab.lang import term
from crmlab.tables import TABLES

SAMPLE = 2_000
PLACEHOLDERS = (
    "0", "-1", "1", "9999", "99999", "999999", "散客", "匿名", "游客", "未知", "无", "零售",
    "零售客户", "门店散客",
    "guest", "anonymous", "unknown", "walk-in", "walkin", "cash", "n/a", "none", "test",
)  # fmt: skip
LARGE = 0.2  # share of rows that one customer hardly has
MANY = 50  # customers from which that is said


def found(seen: Seen) -> Iterator[Finding]:
    """Say whether the customer's id may be an order's, a placeholder, or cut off by Excel."""
    sizes = seen.customers
    customers, once = int(sizes.sum()), int(sizes.get(1, 0))
    if customers >= MANY and once >= 0.98 * customers:
        share = percent_of(once / customers, "en")
        yield caution(
            "ids_once",
            en=f"{once:,} of {customers:,} customers ({share}) occur in one row only: is "
            "customer_id an order's id? Nobody would ever come back.",
            zh=f"{customers:,} 位客户中有 {once:,} 位（{share}）只出现一次：customer_id 是否其实是"
            "订单编号？若是，则看不到任何复购。",
        )
    yield from _largest(seen, customers)
    yield from _rounded(seen)
    yield from personal(seen)


def _largest(seen: Seen, customers: int) -> Iterator[Finding]:
    table = seen.table
    each = table.group_by("customer_id").aggregate(n=table.count())
    top = each.order_by(each.n.desc(), each.customer_id).limit(1).to_pandas().iloc[0]
    named = str(top["customer_id"]).lower() in PLACEHOLDERS
    share = top["n"] / seen.rows
    if customers < MANY or not (share >= LARGE or (named and share >= 0.01)):
        return
    english, chinese = percent_of(share, "en"), percent_of(share, "zh")
    called = f" ({top['customer_id']!r})" if named else ""
    called_zh = f"（{top['customer_id']!r}）" if named else ""
    yield caution(
        "placeholder_id",
        en=f"One customer id{called} holds {int(top['n']):,} rows, {english} of all: is it a "
        "placeholder for unknown customers? Leave its rows out before you judge customers.",
        zh=f"同一客户编号{called_zh}占 {int(top['n']):,} 行，即全部的 {chinese}："
        "是否为未知客户的占位编号？评价客户之前应先剔除这些行。",
    )


def _rounded(seen: Seen) -> Iterator[Finding]:
    """Say whether long ids were stored as numbers, so that their last digits are lost."""
    for column in (c for c in ("customer_id", "order_id") if c in seen.table.columns):
        cell = seen.table[column]
        lost = int(cell.re_search(r"^\d(\.\d+)?[eE]\+?\d\d$").sum().execute() or 0)
        if lost:
            yield caution(
                "ids_rounded",
                en=f"{lost:,} rows have a {column} such as 2.33E+17: Excel stored long ids as "
                "numbers and lost their last digits. Export them as text.",
                zh=f"{lost:,} 行的 {column} 形如 2.33E+17：Excel 把长编号存成了数字，末几位已丢失。"
                "请以文本格式重新导出。",
            )


def personal(seen: Seen) -> Iterator[Finding]:
    """Say which columns hold personal data, by kind and share; never a value."""
    columns = TABLES[seen.lines.name].columns
    for name in seen.table.columns:
        if columns[name].kind not in ("id", "text"):
            continue
        some = seen.table.select(name).drop_null(name).limit(SAMPLE)
        for kind, share in detector.kinds(some.to_pandas()[name]).items():
            english, chinese = (term(kind, lang) for lang in ("en", "zh"))
            yield caution(
                "personal_data",
                en=f"{name} holds personal data ({english}, {percent_of(share, 'en')} of the "
                "values looked at). Pages show pseudonyms in their place; do you need the column?",
                zh=f"{name} 列含个人信息（{chinese}，占所查值的 {percent_of(share, 'zh')}）。"
                "页面只显示假名；是否确实需要该列？",
            )
