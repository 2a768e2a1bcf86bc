"""A first look at a file: its layout and its first rows as text, before anything is mapped."""

import zlib
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from crmlab.load import encoding, sheets
from crmlab.load.pieces import Piece, piece
from crmlab.load.source import Layout
from crmlab.load.sql import engine, quoted, scratch
from crmlab.load.text import text

ROWS = 200_000
BYTES = 1 << 26  # of a text file: more than `ROWS` lines of most


@dataclass(frozen=True)
class Look:
    """What a file, or one sheet of it, looks like.

    `layout` holds what the reader found out: encoding, separator, header row, sheet.
    `cells` are its first rows as trimmed text, empty cells missing; row 0 of it is row
    `first_row` of the file. `whole` says that there are no more.
    """

    path: Path
    layout: Layout
    cells: pd.DataFrame
    first_row: int
    whole: bool

    @property
    def names(self) -> list[str]:
        return list(self.cells.columns)


def look(path: Path, *, rows: int = ROWS) -> list[Look]:
    """Return a look at a file, one for each sheet that has cells; at most `rows` rows.

    Raises
    ------
    DataError
        If the file cannot be opened, is empty, or is none that can be read.
    """
    with scratch() as folder:
        if path.suffix.lower() in sheets.SUFFIXES and not path.is_dir():
            layouts = [Layout(sheet=name) for name in sheets.filled_names(path)]
        else:
            layouts = [Layout()]
        return [_looked(path, layout, rows, folder) for layout in layouts]


def _beginning(path: Path, folder: Path) -> Path:
    """Return a large text file's first whole lines as a file of the same name."""
    if path.suffix.lower() in (*sheets.SUFFIXES, ".parquet") or not path.is_file():
        return path
    if path.suffix != ".gz" and path.stat().st_size <= BYTES:
        return path
    try:
        with encoding.opened(path) as file:
            head = file.read(BYTES + 1)
    except (OSError, EOFError, zlib.error):
        return path  # to read it will say why
    if len(head) <= BYTES:
        return path
    beginning = folder / path.name.removesuffix(".gz")
    beginning.write_bytes(head[: head.rfind(b"\n") + 1] or head)
    return beginning


def _looked(path: Path, layout: Layout, rows: int, folder: Path) -> Look:
    beginning = _beginning(path, folder)
    found = piece(beginning, layout, (), folder)
    try:
        head = _head(found, rows)
    except duckdb.Error:
        found = found.repaired(folder)
        head = _head(found, rows)
    whole = len(head) <= rows and beginning == path
    if found.delimited is not None:
        coded = found.delimited.text.encoding
        layout = Layout(coded, found.delimited.delimiter, found.first_row - 1)
    elif layout.sheet:
        layout = Layout(sheet=layout.sheet, header_row=found.first_row - 1)
    return Look(path, layout, head.head(rows), found.first_row, whole)


def _head(found: Piece, rows: int) -> pd.DataFrame:
    """Return the first rows as text, one more than asked for if there is one."""
    columns = ", ".join(
        f"{text(f'{quoted(name)}::VARCHAR')} AS {quoted(name)}" for name in found.names
    )
    read = engine().raw_sql(f"SELECT {columns} FROM ({found.sql}) LIMIT {rows + 1}")
    return read.df().astype("str")
