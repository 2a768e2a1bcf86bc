"""What a table is: columns with their kinds, ranges and other names, and its pandera schema."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandera.pandas as pa

Kind = Literal["id", "text", "code", "date", "money", "number", "integer", "flag"]

_DTYPES: dict[Kind, str] = {
    "id": "str", "text": "str", "code": "str", "date": "datetime64[us]", "money": "float64",
    "number": "float64", "integer": "Int64", "flag": "boolean",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: its kind, whether it may be absent or empty, and its range."""

    kind: Kind
    unit: str = ""
    optional: bool = False  # the column may be absent
    nullable: bool = False  # a cell may be empty
    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """Say what a cell may hold, in a form that both languages share."""
        if self.codes:
            return "{" + ", ".join(self.codes) + "}"
        if self.low is None and self.high is None:
            return self.kind
        return f"{self.kind} {self._bound(self.low)}..{self._bound(self.high)}"

    @staticmethod
    def _bound(value: float | None) -> str:
        return "" if value is None else f"{value:g}"


@dataclass(frozen=True)
class Table:
    """A table: the columns that identify a row, and all columns by name."""

    name: str
    key: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)

    @property
    def required(self) -> list[str]:
        return [name for name, column in self.columns.items() if not column.optional]

    def dtype(self, column: str) -> str:
        """Return the pandas type of a column once it is read."""
        return _DTYPES[self.columns[column].kind]


def schema(table: Table) -> "pa.DataFrameSchema":
    """Return the pandera schema of a table that has been read into pandas."""
    import pandera.pandas as pa

    def checks(column: Column) -> list[pa.Check]:
        found = []
        if column.low is not None:
            found.append(pa.Check.ge(column.low))
        if column.high is not None:
            found.append(pa.Check.le(column.high))
        if column.codes:
            found.append(pa.Check.isin(column.codes))
        return found

    return pa.DataFrameSchema(
        {
            name: pa.Column(
                table.dtype(name),
                checks(column),
                nullable=column.nullable,
                required=not column.optional,
            )
            for name, column in table.columns.items()
        },
        unique=list(table.key) or None,
        report_duplicates="exclude_first",
    )
