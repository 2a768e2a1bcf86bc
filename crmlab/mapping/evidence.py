"""What the cells of a mapped column say for it: how many there are, and over what they run."""

from crmlab.load.source import Form
from crmlab.mapping.grid import Grid
from crmlab.mapping.match import Match
from crmlab.mapping.proposal import Told
from crmlab.tables import TABLES


def of(grid: Grid, found: Match, column: str, form: Form) -> Told:
    """Return the evidence for a column, without ever showing an id, a name or a number of it.

    Money and dates are those of the rows that have all ids and dates they must have: neither
    total rows nor rows without a customer.
    """
    columns, heading = TABLES[found.table].columns, found.pairs[column]
    kind, profile = columns[column].kind, grid.profiles[heading]
    must = [
        theirs
        for ours, theirs in found.pairs.items()
        if columns[ours].kind in ("id", "date") and not columns[ours].nullable
    ]
    rows = " AND ".join(f"{grid.cell(name)} IS NOT NULL" for name in must) or "true"
    if not profile.filled:
        return Told("empty in the rows looked at", "所查看的行中均为空")
    filled = Told(f"{_share(profile.filled, profile.rows)} filled",
                  f"非空 {_share(profile.filled, profile.rows)}")  # fmt: skip
    if kind == "date":
        return _joined(filled, _span(grid, heading, form, rows))
    if kind in ("money", "number", "integer"):
        return _joined(filled, _sum(grid, heading, form, rows, money=kind == "money"))
    different = Told(f"{profile.distinct:,} different", f"{profile.distinct:,} 种取值")
    return _joined(filled, different)


def _joined(*parts: Told) -> Told:
    return Told(", ".join(p.en for p in parts if p.en), "，".join(p.zh for p in parts if p.zh))


def _share(n: int, rows: int) -> str:
    """Return a share that is 100 % only if nothing lacks.

    >>> _share(999_999, 1_000_000), _share(3, 3)
    ('99.9%', '100%')
    """
    if n == rows or not rows:
        return "100%" if rows else "0%"
    return f"{min(99.9, 100 * n / rows):.1f}%"


def _span(grid: Grid, heading: str, form: Form, rows: str) -> Told:
    """Return from when to when dates run, and how many cells are none."""
    cells, read, first, last = grid.query(
        "SELECT count(cell), count(value), min(value)::DATE, max(value)::DATE "
        f"FROM {grid.read(heading, 'date', form, rows)}"
    )[0]
    if not read:
        return Told("none can be read as a date", "均无法读作日期")
    bad = cells - read
    span = Told(f"{first} to {last}", f"{first} 至 {last}")
    return _joined(span, _bad(bad, "no date", "不是日期"))


def _bad(n: int, en: str, zh: str) -> Told:
    return Told(f"{n:,} cells are {en}", f"{n:,} 个单元格{zh}") if n else Told("", "")


def _sum(grid: Grid, heading: str, form: Form, rows: str, *, money: bool) -> Told:
    """Return what amounts add up to and how many are below zero, or the range of numbers."""
    cells, read, total, low, high, below = grid.query(
        "SELECT count(cell), count(value), sum(value), min(value), max(value), "
        "count(*) FILTER (value < 0) "
        f"FROM {grid.read(heading, 'money' if money else 'number', form, rows)}"
    )[0]
    if not read:
        return Told("none can be read as a number", "均无法读作数字")
    bad = _bad(cells - read, "no number", "不是数字")
    if not money:
        return _joined(Told(f"{low:,.10g} to {high:,.10g}", f"{low:,.10g} 至 {high:,.10g}"), bad)
    minus = Told(f"{below:,} below zero", f"{below:,} 个为负") if below else Told("", "")
    return _joined(Told(f"sum {total:,.2f}", f"合计 {total:,.2f}"), minus, bad)
