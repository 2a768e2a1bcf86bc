"""Text that a spreadsheet opens as text, and files that are written whole or not at all."""

import csv
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SIGNS = "=+@＝＋－＠﹦﹢﹣﹫-"
BREAKS = r"\n\v\f\r\x1c-\x1e\x85\u2028\u2029"
UNSEEN = (  # spaces, control and format characters
    r" \t\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\xa0\xad\u061c\u1680\u180e\u2000-\u200f"
    r"\u202a-\u202f\u205f-\u206f\u3000\ufeff"
)
_FORMULA = re.compile(rf"\A(?=[\t\r\n])|(?:\A|[{BREAKS}])(?=[{UNSEEN}]*[{SIGNS}])")


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: a quote stands before its sign.

    In every line of it: who splits a file at its line breaks, quoted or not, finds no formula
    either.

    >>> safe("=1+1"), safe(" ＠SUM(A1)"), safe("K-01")
    ("'=1+1", "' ＠SUM(A1)", 'K-01')
    """
    return _FORMULA.sub(r"\g<0>'", text)


def write_csv(path: Path, rows: Iterable[Iterable[Any]], mode: int = 0o644) -> None:
    """Write rows as CSV in UTF-8 with its mark, as Excel wants it; texts are made `safe`.

    Numbers stay numbers. The file is there whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; what was there before still is.
    """
    with whole(path, mode) as part, open(part, "w", encoding="utf-8-sig", newline="") as file:
        write = csv.writer(file).writerow
        for row in rows:
            write([safe(cell) if isinstance(cell, str) else cell for cell in row])
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def whole(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """Give the path of a file beside `path`, which takes its place if nothing fails."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # there only if it could not be finished
