"""The data dictionary: every table and column in both languages, as ``data/README.md`` has it."""

import tomllib
from pathlib import Path

from crmlab.home import home
from crmlab.lang import term
from crmlab.tables import TABLES, Column, Table

BEGIN = "<!-- tables: written by `make data/README.md` from crmlab/tables; do not edit -->"
END = "<!-- end of tables -->"
KINDS = {
    "id": "identifier 编号", "text": "text 文字", "code": "code 代码", "date": "date 日期",
    "money": "money 金额", "number": "number 数值", "integer": "whole number 整数",
    "flag": "true or false 是否",
}  # fmt: skip
UNITS = {
    "": "–", "source currency": "来源币种", "source currency a year": "来源币种/年",
    "source currency a unit": "来源币种/件", "source currency a month": "来源币种/月",
    "source currency a quarter": "来源币种/季", "source currency a purchase": "来源币种/次",
    "source currency, at list price": "来源币种，按标价",
    "source currency, of the line": "来源币种，整行金额",
    "units": "件", "points": "分", "minutes": "分钟", "hours": "小时", "days": "天",
    "hours a month": "小时/月", "share": "占比", "% of the price": "占价格的百分比",
    "% of cases": "占案例的百分比", "share of purchases": "占采购额的比重",
    "3 = highest": "3 为最高", "a year": "每年", "buyers": "购买者数", "patients": "人次",
    "years": "年", "first day of the month": "当月第一天",
    "first day of the quarter": "当季第一天", "unit of the metric": "指标的单位",
}  # fmt: skip
NOTES = {
    "chenxing": "**planted, not evidence · 人为设定，不是证据**",
    "k-consulting": "**invented, but for the published figures · 除公布的数字外均为虚构**",
}
HEAD = "| column 列 | en | 中文 | kind 类型 | unit 单位 | allowed 取值 | needed 要求 |"


def dictionary() -> str:
    """Return every table of `crmlab.tables.TABLES` as Markdown, in both languages.

    A section per table: its key, which committed sources have it, and a row per
    column with its words from the glossary, kind, unit, range or codes, and whether the
    column may be absent or its cells empty.

    Raises
    ------
    KeyError
        If the glossary lacks a word for a table (``<name>_table``) or a column, or
        `UNITS` one for a unit.
    """
    sources = _sources()
    return "\n\n".join(_section(table, sources.get(table.name, [])) for table in TABLES.values())


def update(text: str) -> str:
    """Return the data folder's README with its generated part made anew.

    Raises
    ------
    ValueError
        If `text` lacks the two comments between which the tables stand.
    """
    above, found, rest = text.partition(BEGIN)
    _, closed, below = rest.partition(END)
    if not (found and closed):
        raise ValueError(f"the text lacks {BEGIN!r} or, below it, {END!r}")
    return f"{above}{BEGIN}\n{dictionary()}\n{END}{below}"


def write() -> Path:
    """Write the generated part of ``data/README.md`` anew; return the file's path."""
    path = home() / "data" / "README.md"
    path.write_text(update(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    return path


def _sources() -> dict[str, list[str]]:
    """Return the committed sources that have each table, as their TOML files say."""
    found: dict[str, list[str]] = {}
    for path in sorted((home() / "data").glob("*/source.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in (name for name, section in told.items() if isinstance(section, dict)):
            found.setdefault(name, []).append(path.parent.name)
    return found


def _section(table: Table, sources: list[str]) -> str:
    title = f"{table.name}_table"
    key = ", ".join(f"`{name}`" for name in table.key) or "–"
    held = "; ".join(" ".join(filter(None, (f"`{s}`", NOTES.get(s)))) for s in sources) or "–"
    lines = [
        f"### `{table.name}`: {term(title, 'en')} · {term(title, 'zh')}",
        f"Key 主键: {key}. Committed in 自带数据: {held}",
        "\n".join([HEAD, "|" + "---|" * 7, *map(_row, *zip(*table.columns.items(), strict=True))]),
    ]
    return "\n\n".join(lines)


def _row(name: str, column: Column) -> str:
    cells = [
        f"`{name}`",
        *(term(name, lang).replace("|", "\\|") for lang in ("en", "zh")),
        KINDS[column.kind],
        f"{column.unit} {UNITS[column.unit]}".strip(),
        _allowed(column),
        _needed(column),
    ]
    return "| " + " | ".join(cells) + " |"


def _allowed(column: Column) -> str:
    """Return the codes or the range, or a dash where all of the kind is allowed."""
    if column.codes:
        return ", ".join(f"`{code}`" for code in column.codes)
    low, high = (f"{bound:g}" if bound is not None else "" for bound in (column.low, column.high))
    return f"{low}..{high}" if low or high else "–"


def _needed(column: Column) -> str:
    """Say whether the column may be absent, and whether a cell may be empty."""
    absent = "may be absent 可缺列" if column.optional else "required 必需"
    return f"{absent}, may be empty 可空" if column.nullable else absent
