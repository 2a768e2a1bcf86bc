"""Looked-at cells in the engine, and what each column holds: judged as `load` reads it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from crmlab.load import Look, engine, sheets
from crmlab.load.cells import typed
from crmlab.load.delimited import plain
from crmlab.load.source import Form
from crmlab.load.sql import drop, literal
from crmlab.load.text import word
from crmlab.tables import TABLES, Kind

SAMPLED = 3000  # distinct cells of a column that are judged
ORDERS = ("YMD", "DMY", "MDY")
PATTERNS = {
    "digits": r"\d+(?:\.0+)?",
    "zeros": r"0\d+",
    "phone": r"(?:\+?86)?\s*1[3-9]\d{9}(?:\.0)?",
    "email": r"\S+@\S+\.\w+",
    "zoned": r".{10}.*\d\s*(?:[+-]\d\d:?\d\d|Z|UTC|GMT)",
    "numbered": r".*[0-9０-９].*",
    "dollar": r".*(?:\$|USD|US\$).*",
    "yuan": r".*(?:￥|¥|元|CNY|RMB|人民币).*",
    "euro": r".*(?:€|EUR).*",
    "pound": r".*(?:£|GBP).*",
}  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """A column: how many cells are filled, how many differ, and which share is of what kind."""

    name: str
    place: int
    rows: int
    filled: int
    distinct: int
    shares: dict[str, float]
    low: float | None = None
    high: float | None = None
    middle: float | None = None

    def share(self, kind: str) -> float:
        """Return the share of the filled cells that are of a kind."""
        return self.shares.get(kind, 0.0)

    @property
    def dates(self) -> float:
        return max(self.share(order) for order in ORDERS)

    @property
    def numbers(self) -> float:
        return max(self.share("point"), self.share("comma"))

    @property
    def repeats(self) -> bool:
        """Whether a value comes back often enough to be a customer's or an order's."""
        return self.filled < 30 or self.distinct < 0.98 * self.filled


@dataclass(frozen=True)
class Grid:
    """Files or sheets of the same columns, with their first rows in the engine."""

    looks: tuple[Look, ...]
    table: str
    rows: int
    names: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return all(look.whole for look in self.looks)

    @property
    def label(self) -> str:
        """What sentences call it: the file, its sheet if it names one, how many more."""
        look = self.looks[0]
        sheet = f" [{look.layout.sheet}]" if look.layout.sheet else ""
        more = f" (+{len(self.looks) - 1})" if len(self.looks) > 1 else ""
        return f"{look.path.name}{sheet}{more}"

    def cell(self, name: str) -> str:
        """Return the SQL of a column's cells, null where they say that there is nothing."""
        return f"({word(self.raw(name))})"

    def raw(self, name: str) -> str:
        """Return the SQL of a column's trimmed text."""
        return f"c{self.names.index(name)}"

    def typed(self, name: str, kind: Kind, form: Form) -> str:
        """Return the SQL of a column's cells as `load` will read them."""
        return f"({typed(kind, self.cell(name), form)})"

    def read(self, name: str, kind: Kind, form: Form, rule: str = "true") -> str:
        """Return the SQL of a column's ``place``, ``cell`` and ``value`` as `load` reads it."""
        cells = f"SELECT place, {self.cell(name)} AS cell FROM {self.table} WHERE {rule}"
        return f"(SELECT place, cell, {typed(kind, 'cell', form)} AS value FROM ({cells}))"

    def one(self, selected: str, rest: str = "") -> tuple[Any, ...]:
        """Return the first row of a query over the looked-at rows."""
        return self.all(selected, rest)[0]

    def all(self, selected: str, rest: str = "") -> list[tuple[Any, ...]]:
        """Return all rows of such a query."""
        return self.query(f"SELECT {selected} FROM {self.table} {rest}")

    @staticmethod
    def query(sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of any query."""
        return engine().raw_sql(sql).fetchall()

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        """What each column holds, by its name."""
        counts = self._counts()
        shares = self._shares()
        return {
            name: Profile(name, place, self.rows, *counts[place], *shares.get(place, ({},)))
            for place, name in enumerate(self.names)
        }

    def _counts(self) -> list[tuple[int, int]]:
        cells = [self.cell(name) for name in self.names]
        told = self.one(", ".join(f"count({c}), count(DISTINCT {c})" for c in cells))
        return list(zip(told[::2], told[1::2], strict=True))

    def _shares(self) -> dict[int, tuple[Any, ...]]:
        """Return the shares by kind and the range of numbers, by the column's place."""
        each = " UNION ALL ".join(
            f"(SELECT {place} AS place, cell, count(*) AS n FROM (SELECT {self.cell(name)} AS cell "
            f"FROM {self.table}) WHERE cell IS NOT NULL GROUP BY cell "
            f"ORDER BY hash(cell), cell LIMIT {SAMPLED})"
            for place, name in enumerate(self.names)
        )
        parts = ", ".join(f"sum(n) FILTER ({rule})" for rule in _rules().values())
        number = "coalesce(point, comma)"
        typing = ", ".join(f"{sql} AS {name}" for name, sql in _typings().items())
        rows = engine().raw_sql(
            f"SELECT place, min({number}), max({number}), median({number}), sum(n), {parts} "
            f"FROM (SELECT *, {typing} FROM ({each})) GROUP BY place"
        )
        return {
            place: ({k: (c or 0) / n for k, c in zip(_rules(), counts, strict=True)}, *span)
            for place, *span, n, counts in (
                (row[0], *row[1:4], row[4], row[5:]) for row in rows.fetchall()
            )
        }


def _typings() -> dict[str, str]:
    """Return the SQL that types a cell in each of the ways that are tried."""
    dates = {order: typed("date", "cell", Form(date_order=order)) for order in ORDERS}  # type: ignore[arg-type]
    return {
        **dates,
        "point": typed("number", "cell", Form()),
        "comma": typed("number", "cell", Form(decimal=",")),
        "flag": typed("flag", "cell", Form()),
    }


def _rules() -> dict[str, str]:
    """Return the SQL conditions whose shares make a profile."""
    return {
        **{name: f"{name} IS NOT NULL" for name in _typings()},
        "fraction": "coalesce(point, comma) <> floor(coalesce(point, comma))",
        "below": "coalesce(point, comma) < 0",
        **{k: f"regexp_full_match(cell, {literal(p)})" for k, p in PATTERNS.items()},
    }


@contextmanager
def grids(looks: Sequence[Look]) -> Iterator[list[Grid]]:
    """Put looks into the engine, those of the same columns together; drop them at the end."""
    alike: dict[tuple[str, ...], list[Look]] = {}
    for look in looks:
        own = look.path.stem if look.path.stem in TABLES else ""
        alike.setdefault((own, *map(plain, look.names)), []).append(look)
    made = [_stored(part) for some in alike.values() for part in _readable(some)]
    try:
        yield made
    finally:
        for grid in made:
            drop(grid.table)


def _readable(looks: list[Look]) -> list[tuple[Look, ...]]:
    """Return looks that one section can name: workbooks whose sheets differ come apart."""
    books: dict[Path, list[Look]] = {}
    for look in looks:
        books.setdefault(look.path, []).append(look)
    named = {tuple(str(look.layout.sheet) for look in some) for some in books.values()}
    if len(named) == 1 or all(_is_whole(path, some) for path, some in books.items()):
        return [tuple(looks)]
    return [tuple(some) for some in books.values()]


def _is_whole(path: Path, looks: list[Look]) -> bool:
    """Return whether the looks are all that a file has."""
    return not looks[0].layout.sheet or len(looks) == len(sheets.filled_names(path))


def _stored(looks: tuple[Look, ...]) -> Grid:
    """Copy the cells of looks into one table of the engine, columns named by place."""
    name = ibis.util.gen_name("grid")
    frames = [look.cells.set_axis([f"c{n}" for n in range(len(look.names))], axis=1)
              for look in looks]  # fmt: skip
    cells = pd.concat(frames, ignore_index=True)
    connection = engine().con
    connection.register(f"{name}_frame", cells)
    columns = ", ".join(f"c{n}::VARCHAR AS c{n}" for n in range(len(looks[0].names)))
    engine().raw_sql(
        f"CREATE TEMP TABLE {name} AS SELECT row_number() OVER () AS place, {columns} "
        f"FROM {name}_frame"
    )
    connection.unregister(f"{name}_frame")
    return Grid(looks, name, len(cells), tuple(looks[0].names))
