"""The rows of a table that were not used, as they stand in its files, each with the reason."""

from collections.abc import Iterator
from pathlib import Path

from crmlab.load import rules
from crmlab.load.delimited import BROKEN
from crmlab.load.pieces import Piece, pieces
from crmlab.load.read import Lines
from crmlab.load.source import File, find
from crmlab.load.sql import engine, quoted, scratch
from crmlab.load.stage import Staged, stage
from crmlab.tables import TABLES, Table

HEAD = ("file", "row", "reason", "unreadable")
BATCH = 10_000


def rejected(source: str, lines: Lines) -> Iterator[tuple[str, ...]]:
    """Yield the rows that were left out, and those with a cell that could not be read.

    The files are read once more, so that every cell can be given as it stands there.

    Parameters
    ----------
    source : str
        The source that `lines` came from.
    lines : Lines
        From `crmlab.load.table`.

    Yields
    ------
    tuple of str
        First the heading: ``file``, ``row``, ``reason`` (a code; empty if the row was used),
        ``unreadable`` (their columns whose cells cannot be read), and the file's columns.
    """
    file = find(source).file(lines.name)
    with scratch() as folder:
        staged = lines.staged or _staged(TABLES[lines.name], file, folder)
        both = zip(pieces(file, folder), staged.pieces, strict=True)
        found = [_again(now, before, folder) for now, before in both]
        columns = list(dict.fromkeys(name for piece in found for name in piece.names))
        yield (*HEAD, *columns)
        for piece, start in zip(found, staged.starts, strict=True):
            yield from _rows(piece, start, staged, file, columns)


def _staged(ours: Table, file: File, folder: Path) -> Staged:
    """Return the rows of a table that was read as it lies in its files."""
    staged = stage(ours, file, folder)
    return rules.apply(staged, file) if ours.name == "orders" else staged


def _again(piece: Piece, before: Piece, folder: Path) -> Piece:
    """Return the piece in the form in which it was read before."""
    repaired = BROKEN in before.types and BROKEN not in piece.types
    return piece.repaired(folder) if repaired else piece


def _rows(
    piece: Piece, start: int, staged: Staged, file: File, columns: list[str]
) -> Iterator[tuple[str, ...]]:
    theirs = dict(file.columns)
    had = [f"p.{quoted(c)}::VARCHAR" if c in piece.names else "NULL" for c in columns]
    if BROKEN in piece.types:  # what could not be parted stands in the first cell
        had[0] = f"coalesce(p.{BROKEN}, {had[0]})"
    cells = ", ".join(had)
    odd = (
        f"SELECT rowid - {start} AS nth, _reason, list_filter(_bad, b -> b IS NOT NULL) AS bad "
        f"FROM {staged.name} WHERE _reason IS NOT NULL OR _bad IS NOT NULL"
    )
    numbered = f"SELECT row_number() OVER () - 1 AS nth, * FROM ({piece.sql})"
    read = engine().raw_sql(
        f'SELECT o.nth, _reason, list_transform(bad, b -> b."column"), {cells} '
        f"FROM ({odd}) AS o JOIN ({numbered}) AS p USING (nth) ORDER BY nth"
    )
    while rows := read.fetchmany(BATCH):
        for nth, reason, bad, *row in rows:
            why = "" if reason is None else staged.reasons[reason]
            names = ", ".join(theirs.get(c, c) for c in bad or ())
            number = str(piece.first_row + nth)
            yield (piece.name, number, why, names, *("" if c is None else c for c in row))
