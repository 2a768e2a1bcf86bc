"""What a person must be told: errors and findings, in English and in Chinese."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal


class CrmlabError(Exception):
    """Something to tell the user, in both languages; never shown with a traceback.

    A notebook shows the two sentences instead of a traceback, and the runner
    reads them back from there.
    """

    def __init__(self, *, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback."""
        return [self.en, self.zh]


class DataError(CrmlabError):
    """The data are not what they should be: where, what, what is allowed."""


class RequestError(CrmlabError):
    """What was asked for does not exist or is out of range: exit code 2."""


class NotEnough(CrmlabError):  # noqa: N818 - it is a result, not an error
    """The data are sound but do not suffice: a valid result, told on the page."""


Level = Literal["ready", "caution", "not_enough"]


@dataclass(frozen=True)
class Finding:
    """What was found about data: how far they suffice, why, and what would be enough.

    `code` is a stable name for programs, such as ``exact_duplicates``.
    """

    level: Level
    en: str
    zh: str
    code: str = ""


def graded(count: float, least: float, enough: float) -> Level:
    """Return how far a count suffices: not below `least`, with caution below `enough`."""
    return "not_enough" if count < least else "caution" if count < enough else "ready"


def columns_lacking(
    tables: Mapping[str, Container[str]], needs: Mapping[str, Iterable[str]]
) -> list[str]:
    """Return the columns that tables lack, as ``table.column``; all of a table that is not there.

    >>> columns_lacking({"orders": ["amount"]}, {"orders": ["amount", "day"], "costs": ["month"]})
    ['orders.day', 'costs.month']
    """
    return [
        f"{name}.{column}"
        for name, columns in needs.items()
        for column in columns
        if name not in tables or column not in tables[name]
    ]


def require_columns(
    tables: Mapping[str, Container[str]], needs: Mapping[str, Iterable[str]]
) -> list[Finding]:
    """Return the finding that tables lack columns; none if all are there."""
    if not (lacking := columns_lacking(tables, needs)):
        return []
    return [
        Finding(
            "not_enough",
            en=f"These columns are needed: {', '.join(lacking)}.",
            zh=f"需要以下各列：{'、'.join(lacking)}。",
            code="columns_lacking",
        )
    ]
