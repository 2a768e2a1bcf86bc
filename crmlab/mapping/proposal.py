"""What a proposal consists of: sections for tables, with evidence, doubts and questions."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Told(NamedTuple):
    """A sentence in both languages."""

    en: str
    zh: str


@dataclass(frozen=True)
class Chosen:
    """A column of ours, what it is mapped to, and why: their name, or a constant value.

    `mark` is "?" where it was assumed, "!" where only the user can know.
    """

    ours: str
    theirs: str
    evidence: Told
    value: str | int | None = None
    mark: str = ""


@dataclass(frozen=True)
class Option:
    """An option of a section with what speaks for it; `asked` options are only commented.

    `guessed` options are written, though other values can be read as well.
    """

    key: str
    value: object
    evidence: Told
    asked: bool = False
    guessed: bool = False

    @property
    def mark(self) -> str:
        return "!" if self.asked else "?" if self.guessed else ""


@dataclass(frozen=True)
class Part:
    """A file, or sheets of it, under a name that a query uses."""

    name: str
    paths: tuple[Path, ...]
    sheet: str | tuple[str, ...] = ""


@dataclass
class Section:
    """One table of the proposal.

    Rows come from `parts`: the one file or files of the same columns; or, with a `query`,
    whatever it selects from them. `doubts` are what was assumed; `unmapped` are headings
    that nothing of ours was found for.
    """

    table: str
    parts: list[Part]
    columns: list[Chosen] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    found: list[Told] = field(default_factory=list)
    doubts: list[Told] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)
    query: str = ""

    @property
    def all_doubts(self) -> list[Told]:
        """What was assumed or must be asked, of rows, columns and options."""
        marked: list[Chosen | Option] = [*self.columns, *self.options]
        return [*self.doubts, *(each.evidence for each in marked if each.mark)]

    @property
    def mapped(self) -> dict[str, str]:
        """Our names with theirs."""
        return {each.ours: each.theirs for each in self.columns if each.value is None}


@dataclass
class Proposal:
    """A source as it may be: its name, currency, and a section for each table."""

    name: str
    currency: str
    currency_evidence: Told
    sections: list[Section]
    notes: list[Told] = field(default_factory=list)
    currency_doubt: bool = False

    @property
    def doubts(self) -> list[Told]:
        """All that was assumed, for the one who is to check it."""
        own = [self.currency_evidence] if self.currency_doubt else []
        return [*own, *(d for s in self.sections for d in s.all_doubts), *self.notes]
