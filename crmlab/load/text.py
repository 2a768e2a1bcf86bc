"""The SQL of a cell as text: trimmed, nothing as null, full-width forms as plain ones."""

from collections.abc import Iterable

from crmlab.load.sql import literal

SPACE = " \t\r\n\u00a0\u2007\u202f\u3000\ufeff"
WIDE = "".join(map(chr, range(0xFF01, 0xFF5F)))
NARROW = "".join(map(chr, range(0x21, 0x7F)))
NOTHING = (
    "-", "--", "—", "–", "\\N", "NULL", "null", "Null", "NaN", "nan", "NaT", "None", "N/A",
    "n/a", "#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?",
)  # fmt: skip


def text(raw: str) -> str:
    """Return a raw cell without space around it; null if nothing is left."""
    edges = literal(f"^[{SPACE}]|[{SPACE}]$")  # to look is five times cheaper than to trim
    trimmed = f"trim({raw}, {literal(SPACE)})"
    return f"nullif(CASE WHEN regexp_matches({raw}, {edges}) THEN {trimmed} ELSE {raw} END, '')"


def present(cell: str) -> str:
    """Return the cell, null if it only says that there is nothing (NULL, N/A, –)."""
    return f"CASE WHEN strlen({cell}) > 7 OR {cell} NOT IN ({listed(NOTHING)}) THEN {cell} END"


def narrow(cell: str) -> str:
    """Return the cell with full-width forms as plain ones; others stay untouched."""
    return (
        f"CASE WHEN regexp_matches({cell}, '[！-～]') "
        f"THEN translate({cell}, {literal(WIDE)}, {literal(NARROW)}) ELSE {cell} END"
    )


def listed(words: Iterable[str]) -> str:
    """Return texts as a list of SQL literals."""
    return ", ".join(map(literal, words))
