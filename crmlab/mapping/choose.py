"""Which table of ours a grid is: the one that explains most of its columns."""

from dataclasses import dataclass, field

from crmlab.mapping import words
from crmlab.mapping.grid import Grid
from crmlab.mapping.match import Match, in_range, match
from crmlab.mapping.settle import comes_back, settled
from crmlab.tables import TABLES

PRIOR = {"orders": 0.2, "customers": 0.1, "survey": 0.1, "invoices": 0.1, "payments": 0.1}
ROW_NUMBERED = {"payments": "payment_id", "invoices": "invoice_id", "survey": "customer_id"}
RATED = ("satisfaction_overall", "loyalty", "recommend")
MADE_UP = 0.5  # what a column that is not there costs a table


@dataclass
class Choice:
    """A table for a grid: its match, and what must be made up for what is lacking.

    `made` are our columns and the way: ``"row_number"``, ``"empty"``, ``"constant"``,
    ``"day_number"``, ``"fifths"``.
    """

    grid: Grid
    match: Match
    made: dict[str, str] = field(default_factory=dict)

    @property
    def lacking(self) -> list[str]:
        return [c for c in self.match.lacking if c not in self.made]

    @property
    def value(self) -> float:
        """How well it explains the grid, to compare tables."""
        stem = self.grid.looks[0].path.stem
        bonus = 0.5 if stem == self.match.table else PRIOR.get(self.match.table, 0.0)
        return self.match.value + bonus - MADE_UP * len(self.made) - 1.5 * self._shared_key()

    def _shared_key(self) -> bool:
        """Return whether the id that should be a row's own comes several times."""
        key = TABLES[self.match.table].key
        theirs = self.match.pairs.get(key[0], "") if len(key) == 1 else ""
        profile = self.grid.profiles.get(theirs)
        return profile is not None and profile.distinct < 0.98 * profile.filled


def choices(grid: Grid) -> list[Choice]:
    """Return the tables that a grid can be, the best first."""
    found = []
    for table in TABLES:
        made = Choice(grid, settled(match(table, grid), grid))
        made.made = _made_up(made)
        if not made.lacking and _is_meant(made):
            found.append(made)
    return sorted(found, key=lambda choice: -choice.value)


def _is_meant(choice: Choice) -> bool:
    """Return whether more than a customer's id speaks for the table."""
    matched, table = choice.match, choice.match.table
    if table == "survey":
        return any(c in matched.pairs or choice.made.get(c) == "fifths" for c in RATED)
    if table == "customers":
        other = [c for c, sure in matched.named.items() if c != "customer_id" and sure >= 0.5]
        return bool(other) and not choice._shared_key()
    sure = [c for c in TABLES[table].required if matched.named.get(c, 0) >= 0.5]
    return table == "orders" or len(sure) >= len(TABLES[table].required) - len(choice.made)


def _made_up(choice: Choice) -> dict[str, str]:
    """Return how the columns that are lacking can be had, where that is honest."""
    table, lacking = choice.match.table, choice.match.lacking
    made = {}
    if table == "orders":
        return _of_orders(choice)
    for column in lacking:
        declared = TABLES[table].columns[column]
        if ROW_NUMBERED.get(table) == column:
            made[column] = "row_number"
        elif table == "survey" and column in ("wave", "surveyed_on"):
            made[column] = "constant"
        elif table == "survey" and column == "loyalty" and to_fifths(choice.grid):
            made[column] = "fifths"
        elif table == "survey" and declared.nullable:
            made[column] = "empty"
    return made


def _of_orders(choice: Choice) -> dict[str, str]:
    """Return what stands in for a date that counts days, and for money that is not there."""
    matched, made = choice.match, {}
    if "customer_id" not in matched.pairs:
        return {}
    if "order_date" in matched.lacking and day_number(choice.grid):
        made["order_date"] = "day_number"
    dated = matched.named.get("order_date", 0) >= 0.6
    if matched.lacking == ["amount"] and dated and _come_back(choice):
        made["amount"] = "constant"
    return made


def _come_back(choice: Choice) -> bool:
    pairs = choice.match.pairs
    return comes_back(choice.grid, pairs["customer_id"], pairs.get("order_id"))


def day_number(grid: Grid) -> str | None:
    """Return the heading of a column that counts days, if there is one."""
    for name in grid.names:
        profile = grid.profiles[name]
        counts = profile.share("digits") > 0.99 and profile.high is not None
        if words.folded(name) in ("day", "daynum", "daynumber", "天", "天数", "第几天") and counts:
            return name if (profile.high or 0) > 31 else None
    return None


def to_fifths(grid: Grid) -> str | None:
    """Return the heading of loyalty in whole steps from 1 to 10, where ours has 1 to 5."""
    for name in grid.names:
        profile = grid.profiles[name]
        whole = profile.numbers > 0.95 and profile.share("fraction") == 0
        if words.score(name, "survey", "loyalty") >= 0.75 and whole:
            wide = (profile.low or 0) >= 1 and 5 < (profile.high or 0) <= 10
            return name if wide else None
    return None


def out_of_range(choice: Choice) -> list[tuple[str, str]]:
    """Return our columns whose heading is there, but whose numbers are not allowed."""
    columns = TABLES[choice.match.table].columns
    return [
        (ours, name)
        for name in choice.grid.names
        for ours, declared in columns.items()
        if name not in choice.match.pairs.values()
        and words.score(name, choice.match.table, ours) >= 0.75
        and not in_range(declared, choice.grid.profiles[name])
    ]
