"""The options of a source's sections: what each may be, as the TOML's reader checks it."""

from collections.abc import Callable
from typing import Any, NamedTuple

UNITS = {
    "元": 1.0, "千元": 1e3, "万元": 1e4, "百万元": 1e6, "亿元": 1e8, "分": 0.01, "cents": 0.01,
}  # fmt: skip


class Option(NamedTuple):
    """An option of a section: whether a value will do, and what is allowed."""

    fits: Callable[[Any], bool]
    allowed: str
    allowed_zh: str = ""


def is_text(value: object) -> bool:
    """Return whether a value is a text that is not empty."""
    return isinstance(value, str) and bool(value)


def is_texts(value: object) -> bool:
    """Return whether a value is a list of such texts."""
    return isinstance(value, list) and all(map(is_text, value))


def _between(low: float, high: float) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and low <= value <= high  # type: ignore[operator]

    return fits


def _one_of(*values: str) -> Option:
    told = ", ".join(f'"{value}"' for value in values)
    return Option(lambda value: value in values, f"one of {told}", f"{told} 之一")


NAMES = Option(is_texts, 'texts such as ["a", "b"]', '若干文字，如 ["a", "b"]')
A_TEXT = Option(is_text, "a text", "文字")
OPTIONS: dict[str, Option] = {
    "path": Option(
        lambda v: is_text(v) or (is_texts(v) and bool(v)),
        "a file, a pattern such as orders-*.csv, or a list of them",
        "文件名、通配形式（如 orders-*.csv）或其列表",
    ),
    "query": A_TEXT,
    "database": Option(
        lambda v: is_text(v) and v.isidentifier(),
        "the name of an environment variable that holds the connection",
        "存放连接串的环境变量名",
    ),
    "sheet": Option(
        lambda v: is_text(v) or (is_texts(v) and bool(v)),
        'a sheet\'s name, a list of them, or "*" for all',
        '工作表名、其列表，或 "*"（全部）',
    ),
    "encoding": A_TEXT,
    "delimiter": Option(
        lambda v: v == "spaces" or (isinstance(v, str) and len(v) == 1),
        'one character, or "spaces"', '一个字符，或 "spaces"',
    ),
    "names": NAMES,
    "header_row": Option(
        lambda v: type(v) is int and v >= 1, "a row number from 1", "从 1 起的行号"
    ),
    "date_format": A_TEXT,
    "date_order": _one_of("YMD", "DMY", "MDY"),
    "decimal": _one_of(".", ","),
    "money_unit": Option(
        lambda v: v in UNITS or _between(1e-6, 1e12)(v),
        f"one of {', '.join(UNITS)}, or a number", f"{'、'.join(UNITS)} 之一，或一个数",
    ),
    "tax_included": Option(_between(0, 1), "a rate from 0 to 1", "0 至 1 的税率"),
    "keep_status": NAMES,
    "drop_status": NAMES,
    "duplicates": Option(
        lambda v: v in ("keep", "drop") or (is_texts(v) and bool(v)),
        '"keep", "drop", or a list of our columns', '"keep"、"drop" 或我方列名的列表',
    ),
    "grain": _one_of("line", "order", "customer_day"),
    "refunds": _one_of("own_day", "original_order"),
    "cancel_prefix": A_TEXT,
    "unreadable_at_most": Option(_between(0, 1), "a share from 0 to 1", "0 至 1 的比例"),
}  # fmt: skip
ORDERS_ONLY = (
    "keep_status", "drop_status", "duplicates", "grain", "refunds", "cancel_prefix",
)  # fmt: skip
WITHOUT_TABLE = ("path", "sheet", "encoding", "delimiter", "names", "header_row")
