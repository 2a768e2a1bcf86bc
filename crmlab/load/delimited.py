"""Text files with separators: how they are laid out, and the SQL that reads them.

DuckDB's strict reader takes sound files. What it refuses is first rewritten line by line:
short rows are filled up, and a line that cannot be parted is kept as a broken row, so that
no row is lost and row numbers stay those of the file.
"""

import csv
import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from crmlab.load import encoding
from crmlab.load.source import Layout
from crmlab.load.sql import literal, quoted

DELIMITERS = ",;\t|，；^~"
HEAD_ROWS = 60
LONGEST_RECORD = 100  # lines that one quoted cell may go over
BROKEN = "_broken"


class Delimited(NamedTuple):
    """A text file's layout, found or given: its text, separator, columns, where data begin.

    `first_row` is the row number of the first record below the header; `sound` says that
    up to there every row is one line.
    """

    path: Path
    text: encoding.Text
    delimiter: str
    names: tuple[str, ...]
    first_row: int
    sound: bool = True


class Broken(list[str]):
    """The cells of a record whose quotes are not in order."""


def look(path: Path, layout: Layout, wanted: Sequence[str], scratch: Path) -> Delimited:
    """Return how a file is laid out.

    Parameters
    ----------
    path : Path
        The file; ``.gz`` is unpacked.
    layout : Layout
        What is given; the rest is found out.
    wanted : sequence of str
        Column names that the header must hold, if known.
    scratch : Path
        A folder for a clean copy, if the file needs one.
    """
    found = encoding.clean(path, layout.encoding, scratch)
    lines = list(itertools.islice(encoding.lines(found.path), HEAD_ROWS))
    if layout.delimiter == "spaces":
        return Delimited(path, found, "spaces", layout.names, layout.skip + 1)
    delimiter = layout.delimiter or _delimiter(lines, wanted)
    if layout.names:
        return Delimited(path, found, delimiter, layout.names, layout.skip + 1)
    rows = list(itertools.islice(records(iter(lines), delimiter), HEAD_ROWS))
    header = layout.header_row or header_row(rows, wanted)
    names = distinct(rows[header - 1]) if header <= len(rows) else ()
    sound = not any(_closed(line, delimiter) is None for line in lines[:header])
    return Delimited(path, found, delimiter, names, header + 1, sound and not found.blank)


def fast_sql(file: Delimited) -> str:
    """Return the SQL that reads a sound file, every cell as text under its name.

    DuckDB raises where the file is not sound; then `repaired_sql` reads it.
    """
    if file.delimiter == "spaces":
        return _spaces_sql(file)
    return _csv_sql(file.text.path, file.delimiter, file.names, skip=file.first_row - 1)


def repaired_sql(file: Delimited, scratch: Path) -> str:
    """Return the SQL that reads a file rewritten row by row; ``_broken`` marks broken rows."""
    path = encoding.new_file(scratch, ".csv")
    width = len(file.names)
    with open(path, "w", encoding="utf-8", newline="") as target:
        write = csv.writer(target, lineterminator="\n").writerow
        rows = records(encoding.lines(file.text.path), file.delimiter, width)
        for cells in itertools.islice(rows, file.first_row - 1, None):
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            broken = isinstance(cells, Broken) or len(cells) > width
            filled = ["" if broken else c for c in cells[:width]] + [""] * (width - len(cells))
            write([*filled, file.delimiter.join(cells)[:200] if broken else ""])
    return _csv_sql(path, ",", (*file.names, BROKEN), skip=0)


def records(lines: Iterator[str], delimiter: str, width: int = 0) -> Iterator[list[str]]:
    """Yield the cells of each record; a quote that is never closed breaks only its own line.

    A record over several lines must come out sound, and with `width` cells where that is
    given; else its first line is broken and the next ones stand for themselves. Empty lines
    are records without cells, as a spreadsheet counts them.
    """
    ahead: list[str] = []
    while (line := ahead.pop() if ahead else next(lines, None)) is not None:
        if '"' not in line:
            yield line.split(delimiter) if line.strip() else []
            continue
        cells, taken = _over_lines(line, lines, ahead, delimiter)
        sound = not taken or (type(cells) is list and len(cells) == (width or len(cells)))
        if cells is None or not sound:
            ahead += reversed(taken)
            yield Broken([line])
        else:
            yield list(cells)


def _over_lines(
    line: str, lines: Iterator[str], ahead: list[str], delimiter: str
) -> tuple[list[str] | None, list[str]]:
    """Return a record's cells, and the lines after its first that they took."""
    cells = _closed(line, delimiter)
    taken: list[str] = []
    while cells is None and len(taken) < LONGEST_RECORD:
        following = ahead.pop() if ahead else next(lines, None)
        if following is None:
            break
        taken.append(following)
        cells = _closed("\n".join([line, *taken]), delimiter)
    return cells, taken


def _closed(text: str, delimiter: str) -> list[str] | None:
    """Return a record's cells, `Broken` if quotes are loose in it; None while one is open."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return None
    except StopIteration:
        return []
    return Broken(next(csv.reader([text], delimiter=delimiter)))


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _delimiter(lines: list[str], wanted: Sequence[str]) -> str:
    """Return the separator that parts most lines into the same number of cells, the most."""
    best, score = ",", (0.0, 0.0, 0)
    for each in DELIMITERS:
        rows = [_cells(line, each) for line in lines if line.strip()]
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, times = widths.most_common(1)[0]
        hit = max((_hits(row, wanted) for row in rows), default=0)
        steady = times / len(rows)
        if (told := (hit, 1.0 if steady >= 0.8 else steady, width)) > score:
            best, score = each, told
    return best


def header_row(rows: Sequence[Sequence[str]], wanted: Sequence[str] = ()) -> int:
    """Return the number of the row that names the columns, counted from 1.

    It is the one that holds most of the `wanted` names; where none are known, the first of
    the wide rows above the first with a number or a date.
    """
    if wanted:
        hits = [_hits(row, wanted) for row in rows]
        if max(hits, default=0):
            return hits.index(max(hits)) + 1
    widths = [len({c.strip() for c in row} - {""}) for row in rows]  # a merged title is one
    widest = max(widths, default=0)
    for number, (row, width) in enumerate(zip(rows, widths, strict=True), start=1):
        wide = width >= 0.6 * widest and width > (1 if widest > 1 else 0)
        if wide and not any(map(_is_value, row)):
            return number
    return next((n for n, w in enumerate(widths, start=1) if w == widest), 1)


def _hits(row: Sequence[str], wanted: Sequence[str]) -> int:
    return len({plain(cell) for cell in row} & set(map(plain, wanted)))


def _is_value(cell: str) -> bool:
    """Return whether a cell looks like a number or a date rather than a name."""
    digits = sum(c.isdigit() for c in cell)
    return digits > 0 and digits >= 0.5 * sum(c.isalnum() for c in cell)


def plain(name: str) -> str:
    """Return a name without differences of width, case and space.

    >>> plain(" Ｉnvoice  Date "), plain("金额 （元）")
    ('invoicedate', '金额(元)')
    """
    return "".join(squeezed(unicodedata.normalize("NFKC", name)).casefold().split())


def squeezed(name: str) -> str:
    """Return a name with single spaces and no byte-order mark."""
    return " ".join(name.replace("\ufeff", "").split())


def distinct(cells: Iterable[str]) -> tuple[str, ...]:
    """Return column names, each its own: repeated ones are numbered, empty ones named by place.

    >>> distinct(["id", "金额", " 金额", ""])
    ('id', '金额', '金额 (2)', 'column 4')
    """
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = squeezed(cell) or f"column {place}"
        if name.casefold() in {n.casefold() for n in names}:
            start = itertools.count(2)
            taken = {n.casefold() for n in names}
            name = next(n for k in start if (n := f"{name} ({k})").casefold() not in taken)
        names.append(name)
    return tuple(names)


def _csv_sql(path: Path, delimiter: str, names: Sequence[str], *, skip: int) -> str:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return (
        f"SELECT * FROM read_csv({literal(str(path))}, columns={{{columns}}}, "
        f"auto_detect=false, header=false, delim={literal(delimiter)}, quote='\"', "
        f"escape='\"', skip={skip})"
    )


def _spaces_sql(file: Delimited) -> str:
    cells = ", ".join(f"parts[{n}] AS {quoted(c)}" for n, c in enumerate(file.names, start=1))
    lines = (
        f"read_csv({literal(str(file.text.path))}, columns={{'line': 'VARCHAR'}}, delim='\x01', "
        f"quote='', header=false, auto_detect=false, skip={file.first_row - 1})"
    )
    return (
        rf"SELECT {cells} FROM (SELECT string_split_regex(trim(line), '\s+') AS parts FROM {lines})"
    )
