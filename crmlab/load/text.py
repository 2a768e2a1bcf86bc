"""The SQL of a cell as text: trimmed, nothing as null, full-width forms as plain ones."""

import re
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
    return f"CASE {_trimmed(raw, _trim(raw))} ELSE nullif({raw}, '') END"


def word(raw: str) -> str:
    """Return a raw cell as `text` does; null too if it only says that there is nothing."""
    nothing = literal(f"^(?:{'|'.join(map(re.escape, NOTHING))})$")
    no_digit = f"NOT {raw} BETWEEN '0' AND ':'"  # at its head: most cells need no other look
    short = f"{no_digit} AND strlen({raw}) < 8 AND {raw} IN ('', {listed(NOTHING)})"
    said = f"regexp_replace({_trim(raw)}, {nothing}, '')"
    return f"CASE WHEN {short} THEN NULL {_trimmed(raw, said)} ELSE {raw} END"


def _trim(raw: str) -> str:
    return f"trim({raw}, {literal(SPACE)})"


def _trimmed(raw: str, instead: str) -> str:
    """Return the arm of a CASE for cells with space around them: to look is cheap, to trim not."""
    edges = literal(f"^[{SPACE}]|[{SPACE}]$")
    return f"WHEN regexp_matches({raw}, {edges}) THEN nullif({instead}, '')"


def narrow(cell: str) -> str:
    """Return the cell with full-width forms as plain ones; others stay untouched."""
    return (
        f"CASE WHEN regexp_matches({cell}, '[！-～]') "
        f"THEN translate({cell}, {literal(WIDE)}, {literal(NARROW)}) ELSE {cell} END"
    )


def listed(words: Iterable[str]) -> str:
    """Return texts as a list of SQL literals."""
    return ", ".join(map(literal, words))
