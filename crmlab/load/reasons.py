"""Why a row is left out when it is read: the codes, and the SQL that finds the first that holds.

It sees the file's raw cells, each needed column as a word (``w_``, trimmed text) and typed
(``t_``). DuckDB looks at a later arm of the CASE only for rows that no earlier one takes.
"""

from collections.abc import Iterable, Mapping

from crmlab.load.delimited import BROKEN, squeezed
from crmlab.load.source import File
from crmlab.load.sql import literal
from crmlab.load.text import SPACE, listed
from crmlab.tables import Table

NO_DATA = ("broken_line", "empty_row", "repeated_header", "total_row", "one_cell_row")
SURE_TOTALS = (
    "合计", "总计", "小计", "累计", "本页合计", "本页小计", "本月合计", "本月累计", "本年累计",
    "总合计", "grand total", "subtotal", "sub-total", "sub total",
)  # fmt: skip
TOTALS = (*SURE_TOTALS, "total", "totals", "sum")


def needed(ours: Table, file: File) -> list[str]:
    """Return the columns whose cells must not be empty; price and quantity make an amount."""
    found = [c for c in file.ours if not ours.columns[c].nullable]
    if ours.name == "orders" and "amount" not in file.ours:
        found += ["quantity", "unit_price"]
    return found


def codes(ours: Table, file: File) -> tuple[str, ...]:
    """Return the reasons that a row of the table can have, as ``_reason`` numbers them."""
    must = needed(ours, file)
    return (*NO_DATA, *(f"no_{c}" for c in must), *(f"bad_{c}" for c in must), "wrong_status")


def sql(raw: Mapping[str, str], ours: Table, file: File) -> str:
    """Return the SQL of a row's reason: its number, or null if the row is used.

    Parameters
    ----------
    raw : mapping
        Their names of the file's columns → the SQL of their raw cells.
    ours, file : Table, File
        What is read, and how.
    """
    must = needed(ours, file)
    lacking = " OR ".join(f"t_{c} IS NULL" for c in must) or "false"
    values = [c for c in must if ours.columns[c].kind not in ("id", "text", "code")]
    nothing = " AND ".join(f"t_{c} IS NULL" for c in values) or "false"
    rules = {
        "broken_line": f"{raw[BROKEN]} IS NOT NULL" if BROKEN in raw else "false",
        "empty_row": f"({lacking}) AND trim({_joined(raw)}, {literal(SPACE + chr(31))}) = ''",
        "repeated_header": f"({lacking}) AND ({_is_header(must, file)})",
        "total_row": f"{_is_sure_total(file)} OR (({lacking}) AND {_is_total(raw)})",
        "one_cell_row": f"{nothing} AND {len(raw)} > 2 AND ({_filled(raw)}) = 1",
        **{f"no_{c}": f"w_{c} IS NULL" for c in must},
        **{f"bad_{c}": _is_bad(c) for c in must},
        "wrong_status": _is_left_out(file),
    }
    arms = (f"WHEN {rules[code]} THEN {n}" for n, code in enumerate(codes(ours, file)))
    return f"(CASE {' '.join(arms)} END)::UTINYINT"


def _is_bad(column: str) -> str:
    """Return the condition that a cell is of another kind, or makes an amount beyond any money."""
    too_much = " OR abs(t_quantity * t_unit_price) >= 1e15" if column == "unit_price" else ""
    return f"t_{column} IS NULL{too_much}"


def _joined(raw: Mapping[str, str]) -> str:
    return f"concat_ws(chr(31), {', '.join(f'{cell}::VARCHAR' for cell in raw.values())})"


def _filled(raw: Mapping[str, str]) -> str:
    """Return how many of a row's cells are filled."""
    cells = (f"trim(coalesce({cell}::VARCHAR, '')) <> ''" for cell in raw.values())
    return " + ".join(f"({cell})::INTEGER" for cell in cells)


def _is_header(must: Iterable[str], file: File) -> str:
    theirs = dict(file.columns)
    alike = [f"w_{c}::VARCHAR = {literal(squeezed(theirs[c]))}" for c in must if c in theirs]
    return " OR ".join(alike) or "false"


def _is_sure_total(file: File) -> str:
    """Return the condition that a total stands where a customer should."""
    if "customer_id" not in dict(file.columns):
        return "false"
    return f"lower(w_customer_id::VARCHAR) IN ({listed(SURE_TOTALS)})"


def _is_total(raw: Mapping[str, str]) -> str:
    """Return the condition that any cell of a row, mapped or not, calls it a total."""
    words = rf"(?i)(^|\x1f)\s*({'|'.join(TOTALS)})\s*[:：]?\s*(\x1f|$)"
    return f"regexp_matches({_joined(raw)}, {literal(words)})"


def _is_left_out(file: File) -> str:
    """Return the condition that a row's status leaves it out."""
    kept, dropped = file.rules.keep_status, file.rules.drop_status
    rules = [f"coalesce(t_status, '') NOT IN ({listed(kept)})"] if kept else []
    rules += [f"coalesce(t_status, '') IN ({listed(dropped)})"] if dropped else []
    return " OR ".join(rules) or "false"
