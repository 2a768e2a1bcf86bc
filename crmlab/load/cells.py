"""The SQL that types a text cell: money, numbers, dates, ids, flags as people write them.

Every expression tries the plain form first, as DuckDB evaluates the later arms of a CASE
only for the cells that need them. A cast that fails costs ten times one that works, so
patterns stand before casts.
"""

from crmlab.load.amounts import amount, in_unit, precise
from crmlab.load.dates import written
from crmlab.load.source import Form
from crmlab.load.sql import literal
from crmlab.load.text import listed, narrow
from crmlab.tables import Kind

TRUE = ("true", "t", "yes", "y", "1", "1.0", "是", "有", "√", "on")
FALSE = ("false", "f", "no", "n", "0", "0.0", "否", "无", "×", "off")
NUMERIC = (
    "DECIMAL", "DOUBLE", "FLOAT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT",
    "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT",
)  # fmt: skip


def typed(kind: Kind, cell: str, form: Form, *, physical: str = "VARCHAR") -> str:
    """Return the SQL that types a cell; null where it is of another kind.

    Parameters
    ----------
    kind : Kind
        What the column holds.
    cell : str
        SQL of the cell: trimmed text, or a value of the type `physical`.
    form : Form
        How cells are written.
    physical : str
        The type that the file itself gives the column, if it is no text.
    """
    if is_direct(kind, physical):
        return _direct(kind, cell, form, physical)
    return {
        "id": _id, "text": _plain, "code": _plain, "date": written, "money": _money,
        "number": _number, "integer": _integer, "flag": _flag,
    }[kind](cell, form)  # fmt: skip


def is_direct(kind: str, physical: str) -> bool:
    """Return whether a file's own type of a column will do, so that no text is needed."""
    if kind == "date":
        return physical.startswith(("TIMESTAMP", "DATE"))
    return kind in ("money", "number") and physical.startswith(NUMERIC)


def _direct(kind: Kind, cell: str, form: Form, physical: str) -> str:
    """Return the SQL for a column that the file has typed already."""
    if kind == "date":
        zone = literal(form.time_zone or "UTC")
        return f"timezone({zone}, {cell})" if "ZONE" in physical else f"{cell}::TIMESTAMP"
    if kind == "money":
        return in_unit(f"try_cast({cell} AS {precise(form)})", form)
    return f"{cell}::DOUBLE"


def _plain(cell: str, _: Form) -> str:
    return cell


def _id(cell: str, _: Form) -> str:
    """An id: text, in plain forms; ``="007"`` and ``'007`` are exports' ways to write 007."""
    return (
        f"CASE WHEN NOT regexp_matches({cell}, '[！-～]|^[='']|\\.0$') THEN {cell} "
        f"WHEN left({cell}, 2) = '=\"' THEN nullif(trim({cell}, '=\"'), '') "
        f"WHEN left({cell}, 1) = '''' THEN nullif(ltrim({cell}, ''''), '') "
        f"WHEN regexp_full_match({cell}, '\\d+\\.0') THEN left({cell}, length({cell}) - 2) "
        f"ELSE {narrow(cell)} END"
    )


def _money(cell: str, form: Form) -> str:
    return in_unit(amount(cell, form, precise(form)), form)


def _number(cell: str, form: Form) -> str:
    return amount(cell, form, "DOUBLE")


def _integer(cell: str, form: Form) -> str:
    whole = "lambda n: n = floor(n) AND abs(n) < 9e15"  # DuckDB would round 7.5
    return f"list_filter([{_number(cell, form)}], {whole})[1]::BIGINT"


def _flag(cell: str, _: Form) -> str:
    plain = f"lower({narrow(cell)})"
    return (
        f"CASE WHEN {plain} IN ({listed(TRUE)}) THEN true "
        f"WHEN {plain} IN ({listed(FALSE)}) THEN false END"
    )
