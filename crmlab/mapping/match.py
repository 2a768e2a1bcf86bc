"""Which of their columns are ours: the best assignment of a table as a whole."""

from dataclasses import dataclass, field

import numpy as np

from crmlab.load.text import listed
from crmlab.mapping import words
from crmlab.mapping.grid import Grid, Profile
from crmlab.tables import TABLES, Column, names

ENOUGH = {True: 0.25, False: 0.5}  # the least score of a column that is needed, or is not
WEIGHT = {True: 1.0, False: 0.6}
RIVALS = ("customer_id", "order_date", "amount")


@dataclass
class Match:
    """A table's columns found in a grid: our names with theirs, and how sure each is.

    `named` is the heading's score, `rivals` are headings that could have been taken
    instead; `value` is the sum of the scores, which compares tables.
    """

    table: str
    pairs: dict[str, str]
    named: dict[str, float]
    rivals: dict[str, list[str]] = field(default_factory=dict)
    value: float = 0.0

    @property
    def has_money(self) -> bool:
        """Whether an amount, or quantity and price, were found by name."""
        if "amount" in self.pairs:
            return self.named["amount"] >= 0.5
        return {"quantity", "unit_price"} <= set(self.pairs)

    @property
    def lacking(self) -> list[str]:
        """Required columns that were not found; price and quantity make an amount."""
        lacking = [c for c in TABLES[self.table].required if c not in self.pairs]
        if self.table == "orders" and {"quantity", "unit_price"} <= set(self.pairs):
            return [c for c in lacking if c != "amount"]
        return lacking


def match(table: str, grid: Grid) -> Match:
    """Return the assignment of a grid's columns to a table's that has the highest score."""
    from scipy.optimize import linear_sum_assignment

    columns = TABLES[table].columns
    ours, theirs = list(columns), list(grid.names)
    scores = np.array([[_score(table, c, grid, name) for name in theirs] for c in ours])
    weights = np.array([WEIGHT[not columns[c].optional] for c in ours])
    weighed = scores * weights[:, None]
    rows, places = linear_sum_assignment(weighed, maximize=True)
    found = {
        ours[r]: theirs[p]
        for r, p in zip(rows, places, strict=True)
        if scores[r, p] >= ENOUGH[not columns[ours[r]].optional]
    }
    value = sum(weighed[ours.index(c), theirs.index(name)] for c, name in found.items())
    named = {c: words.score(name, table, c) for c, name in found.items()}
    return Match(table, found, named, _rivals(ours, theirs, scores, found), float(value))


def _rivals(
    ours: list[str], theirs: list[str], scores: np.ndarray, found: dict[str, str]
) -> dict[str, list[str]]:
    """Return the free headings that could be a column too, the likeliest first."""
    free = [name for name in theirs if name not in found.values()]
    rivals = {}
    for column in (c for c in RIVALS if c in found):
        own = scores[ours.index(column)]
        near = [n for n in free if own[theirs.index(n)] >= 0.5 and not _is_name(n)]
        rivals[column] = sorted(near, key=lambda n: -own[theirs.index(n)])
    return rivals


def _is_name(other: str) -> bool:
    """Return whether a heading is a customer's name, which no id need be weighed against."""
    called = {words.folded(name) for name in names.CUSTOMER_NAMES}
    return words.folded(other) in called


def _score(table: str, column: str, grid: Grid, heading: str) -> float:
    """Return how well a heading and its cells fit a column, from 0 to 1."""
    declared, profile = TABLES[table].columns[column], grid.profiles[heading]
    named = words.score(heading, table, column)
    if not named and table == "orders" and words.is_nameless(heading):
        named = 0.3 if column in words.WEAK and _speaks(column, profile) else 0.0
    if not profile.filled:  # an empty column of just that name may be filled further down
        return 0.6 * named if declared.nullable and named > 0.9 else 0.0
    if not named:
        return 0.0
    return named * fit(declared, table, column, grid, profile)


def _speaks(column: str, profile: Profile) -> bool:
    """Return whether cells alone tell what they are."""
    if column == "order_date":
        return profile.dates > 0.95 and profile.share("digits") < 0.05
    if column == "amount":
        signs = sum(profile.share(k) for k in ("dollar", "yuan", "euro", "pound"))
        return profile.numbers > 0.95 and (profile.share("fraction") > 0.05 or signs > 0.5)
    often = 1 < profile.distinct < 0.95 * profile.filled
    return often and profile.dates < 0.5 and profile.share("fraction") < 0.05


def fit(column: Column, table: str, name: str, grid: Grid, profile: Profile) -> float:
    """Return how far cells are what a column holds, from 0 to 1."""
    if column.kind == "id":
        return _fits_id(table, name, profile)
    if column.kind in ("text", "code"):
        return _in_codes(column, grid, profile)
    share = {
        "date": profile.dates, "money": profile.numbers, "number": profile.numbers,
        "integer": profile.numbers - profile.share("fraction"), "flag": profile.share("flag"),
    }[column.kind]  # fmt: skip
    if column.kind in ("money", "number") and profile.share("zeros") > 0.2:
        share *= 0.2
    if share < 0.5 or (table != "orders" and not in_range(column, profile)):
        return 0.0
    return 0.3 + 0.7 * share


def in_range(column: Column, profile: Profile) -> bool:
    """Return whether the smallest and the largest number are allowed."""
    if profile.low is None or profile.high is None or column.kind == "date":
        return True
    low, high = column.low, column.high
    return (low is None or profile.low >= low) and (high is None or profile.high <= high)


def _fits_id(table: str, name: str, profile: Profile) -> float:
    """Return how far cells can be ids: no dates, no fractions; customers come back."""
    if profile.dates > 0.5 and profile.share("digits") < 0.5:
        return 0.1
    if profile.share("fraction") > 0.3:
        return 0.1
    if name == "order_id" and profile.share("numbered") < 0.9:
        return 0.1
    if name == "order_id" and table == "orders" and profile.distinct < 0.02 * profile.filled:
        return 0.1
    if table == "orders" and name == "customer_id" and not profile.repeats:
        return 0.6
    return 1.0


def _in_codes(column: Column, grid: Grid, profile: Profile) -> float:
    """Return 1 unless a code column's cells are others than the codes that are allowed."""
    if not column.codes:
        return 1.0
    cell = grid.cell(profile.name)
    known = grid.one(f"count({cell}) FILTER ({cell} IN ({listed(column.codes)}))")[0]
    return float(known == profile.filled)
