"""What reading a table met with, in sentences: cells that cannot be read, zones, wrong rows."""

import re

import pandas as pd

from crmlab.errors import DataError, Finding
from crmlab.lang import Lang, term
from crmlab.load.source import File
from crmlab.load.stage import Staged, bad_cells
from crmlab.tables import Kind, Table

KINDS_ZH: dict[Kind, str] = {
    "date": "日期", "money": "金额", "number": "数字", "integer": "整数", "flag": "是非值",
    "id": "编号", "text": "文字", "code": "代码",
}  # fmt: skip
HINTS = {
    "date": ('; date_order = "DMY" or "MDY", or a date_format, may help',
             '；可尝试设置 date_order = "DMY" 或 "MDY"，或 date_format'),
    "money": ('; decimal = "," may help', '；可尝试设置 decimal = ","'),
}  # fmt: skip
SHOWN = 24


def require_readable(staged: Staged, ours: Table, file: File) -> tuple[Finding, ...]:
    """Return notes on cells that are not what their column holds; refuse a wrong column.

    Raises
    ------
    DataError
        If of any column more than the share that the source allows cannot be read: all
        such columns, counted, located, with what may help.
    """
    bad = bad_cells(staged)
    if bad.empty:
        return ()
    filled = _filled(staged, file)
    wrong = bad[bad["cells"] > file.rules.unreadable_at_most * filled[bad.index]]
    if not wrong.empty:
        told = [_about(c, row, filled, staged, ours, file, hint=True) for c, row in _rows(wrong)]
        raise DataError(
            en="; ".join(en for en, _ in told) + ".", zh="；".join(zh for _, zh in told) + "。"
        )
    return tuple(
        Finding("caution", f"{en}.", f"{zh}。", code=f"unreadable_{column}")
        for column, row in _rows(bad)
        for en, zh in [_about(str(column), row, filled, staged, ours, file, hint=False)]
    )


def require_used(staged: Staged, file: File, ledger: pd.DataFrame) -> None:
    """Refuse a table of which no row can be used, with what became of its rows.

    Raises
    ------
    DataError
        If there is no used row.
    """
    told = ledger.set_index("reason")["rows"]
    if told["rows_used"]:
        return
    left = told[told.index.isin(staged.reasons)]

    def why(lang: Lang) -> str:
        between = {"en": ", ", "zh": "、"}[lang]
        words = {r: term(str(r), lang).replace("：", ": ").split(": ")[-1] for r in left.index}
        return between.join(f"{words[r]} {n:,}" for r, n in left.items())

    rows = int(told["rows_read"])
    english = f" Read: {rows:,}; left out: {why('en')}." if rows else ""
    chinese = f"共读入 {rows:,} 行；剔除：{why('zh')}。" if rows else ""
    raise DataError(
        en=f"{file.name} has no row that can be used.{english}",
        zh=f"{file.name} 中没有可用的行。{chinese}",
    )


def _rows(bad: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    return [(str(column), row) for column, row in bad.iterrows()]


def _filled(staged: Staged, file: File) -> pd.Series:
    """Return how many cells of each column were looked at: read or not, but not empty."""
    from crmlab.load.sql import one, quoted

    counts = one(f"SELECT {', '.join(f'count({quoted(c)})' for c in file.ours)} FROM {staged.name}")
    return pd.Series(counts, index=list(file.ours)) + bad_cells(staged)["cells"].reindex(
        list(file.ours), fill_value=0
    )


def _about(
    column: str, row: pd.Series, filled: pd.Series, staged: Staged, ours: Table, file: File, *,
    hint: bool,
) -> tuple[str, str]:  # fmt: skip
    """Say of a column how many cells cannot be read, where the first is, and what it holds."""
    kind, theirs = ours.columns[column].kind, file.theirs(column)
    name, number = staged.place(int(row["rowid"]))
    count, total, example = int(row["cells"]), int(filled[column]), shown(row["cell"])
    en, zh = HINTS.get(kind, ("", "")) if hint else ("", "")
    english = f"{count:,} of {total:,} cells are no {kind}, first at row {number} ({example!r})"
    chinese = f"{total:,} 个单元格中有 {count:,} 个不是{KINDS_ZH[kind]}"
    where = f"首见于第 {number} 行（{example!r}）"
    return (
        f"{name}, column {theirs}: {english}{en}",
        f"{name} 的 {theirs} 列：{chinese}，{where}{zh}",
    )


def shown(cell: str) -> str:
    """Return a cell's beginning; digits of what may be a phone or card number are hidden.

    >>> shown("待定"), shown("13812345678"), shown("zhang@example.com")
    ('待定', '1••••••••••', '…@…')
    """
    if "@" in cell:
        return "…@…"
    cut = cell if len(cell) <= SHOWN else cell[:SHOWN] + "…"
    return re.sub(r"\d{7,}", lambda m: m[0][0] + "•" * (len(m[0]) - 1), cut)
