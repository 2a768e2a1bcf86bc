"""How far a heading is a name of one of our columns: exactly, nearly, or by a word in it."""

import difflib
import re
import unicodedata
from functools import cache

from crmlab.tables import TABLES, names

NEAR = 0.86  # likeness from which two spellings are taken for one
UNIT = re.compile(r"[(（\[【]\s*(?:单位\s*[:：]?\s*)?[^)）\]】]*[)）\]】]\s*$")
NAMELESS = re.compile(r"(?:column|col|field|var|unnamed|f|v|x|列|字段|栏)?\d+|[a-z]?")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
WEAK = {
    "customer_id": ("customer", "client", "member", "buyer", "shopper", "客户", "会员", "用户",
                    "买家", "顾客", "user"),
    "order_date": ("date", "time", "日期", "时间"),
    "amount": ("amount", "total", "price", "revenue", "sales", "金额", "款", "价", "收入"),
}  # fmt: skip
OTHER = {
    "customer_id": ("type", "group", "segment", "name", "city", "state", "zip", "note", "message",
                    "age", "类型", "等级", "备注", "留言", "地址", "分组", "数",
                    "金额", "时间", "日期", "amount", "date", "time"),
    "order_date": ("birth", "due", "ship", "deliver", "expir", "estimate", "update", "modif",
                   "cancel", "refund", "生日", "出生", "到期", "截止", "发货", "更新", "修改",
                   "退款", "zone"),
    "amount": ("discount", "tax", "shipping", "fee", "refund", "cost", "profit", "freight", "tip",
               "balance", "outstanding", "list", "税", "运费", "优惠", "退款", "成本", "折扣",
               "邮费", "红包", "佣金", "毛利", "利润", "手续费", "单价", "价格", "余额", "channel",
               "count", "number", "type", "编号", "类型", "方式", "数量"),
}  # fmt: skip


@cache
def folded(name: str) -> str:
    """Return a heading without differences of width, case, spaces, signs and a unit's brackets.

    >>> folded("Ｉnvoice_No."), folded("金额（万元）"), folded("Created (UTC)")
    ('invoiceno', '金额', 'created')
    """
    bare = UNIT.sub("", unicodedata.normalize("NFKC", name))
    return letters(bare) or letters(name)


@cache
def letters(name: str) -> str:
    """Return a heading's letters and digits alone, in one width and case."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


@cache
def tokens(name: str) -> frozenset[str]:
    """Return the words of a heading.

    >>> sorted(tokens("Order TotalAmount")), sorted(tokens("买家实付"))
    (['amount', 'order', 'total'], ['买家实付'])
    """
    spaced = CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    return frozenset(re.findall(r"[^\W_]+", spaced.casefold()))


@cache
def other_names(table: str, column: str) -> tuple[str, ...]:
    """Return the names under which a column may come, the best first."""
    declared = TABLES[table].columns[column]
    extra: tuple[str, ...] = ()
    if column == "customer_id" and table != "orders":
        taken = {folded(a) for c in TABLES[table].columns.values() for a in c.aliases}
        extra = tuple(a for a in names.CUSTOMER_NAMES if folded(a) not in taken)
    return (column, *declared.aliases, *extra)


@cache
def score(heading: str, table: str, column: str) -> float:
    """Return how far a heading names a column: 1 exactly, 0 not at all.

    Names later in the list of aliases count a little less; near spellings and headings that
    only contain an alias count from .5 to .75.

    >>> score("Order Date", "orders", "order_date")
    1.0
    >>> score("Ship Date", "orders", "order_date"), score("Discount", "orders", "amount")
    (0.0, 0.0)
    """
    known = other_names(table, column)
    plain = folded(heading)
    exact = [n for n, alias in enumerate(known) if folded(alias) == plain]
    if exact:
        return 1 - 0.25 * exact[0] / len(known)
    if _holds(heading, OTHER.get(column, ())) or _is_key(heading, column):
        return 0.0
    near = max((_near(heading, alias) for alias in known), default=0.0)
    return near if near >= 0.5 else weak(heading, column)


def _is_key(heading: str, column: str) -> bool:
    """Return whether a heading says that it is an id, where the column is none."""
    return column in ("order_date", "amount") and bool(tokens(heading) & {"id", "no", "code"})


def weak(heading: str, column: str) -> float:
    """Return .35 for a heading with a word that speaks for a column, else 0."""
    return 0.35 if _holds(heading, WEAK.get(column, ())) else 0.0


def _holds(heading: str, words: tuple[str, ...]) -> bool:
    plain = folded(heading)
    return any(word in plain for word in words)


@cache
def _near(heading: str, alias: str) -> float:
    """Return how near a heading is to an alias that it does not equal."""
    short, plain = folded(alias), folded(heading)
    if len(short) < 3 or not plain:
        return 0.0
    if short.isascii():
        many = tokens(alias)
        if len(many) > 1 and many <= tokens(heading):
            return 0.55 + 0.2 * len(many) / len(tokens(heading))
        far = len(short) < 6 or abs(len(short) - len(plain)) > 2
        alike = 0.0 if far else difflib.SequenceMatcher(None, short, plain).ratio()
        return 0.7 * alike if alike >= NEAR else 0.0
    if short in plain:
        return 0.5 + 0.25 * len(short) / len(plain)
    return 0.0


def is_chinese(headings: list[str]) -> bool:
    """Return whether most headings are Chinese."""
    han = sum(bool(re.search(r"[\u4e00-\u9fff]", each)) for each in headings)
    return han * 2 > len(headings)


def is_nameless(heading: str) -> bool:
    """Return whether a heading says nothing, so that only the cells can tell.

    >>> is_nameless("column 3"), is_nameless("列1"), is_nameless("Unnamed: 0"), is_nameless("age")
    (True, True, True, False)
    """
    return bool(NAMELESS.fullmatch(folded(heading)))
