"""Pieces → one table of typed rows, each with the reason why it is left out, if it is.

The table has our columns and ``_reason`` (a number of `Staged.reasons`; null: used),
``_bad`` (cells that cannot be read), ``_same`` (a hash of all of the file's cells), and
``_where`` (the cell that decides) if a part of the rows is asked for. Rows keep the files'
order, so that a row's number follows from its place.
"""

import difflib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from crmlab.errors import DataError, Finding
from crmlab.load import cells, delimited, reasons, text
from crmlab.load.pieces import Piece, pieces
from crmlab.load.source import File
from crmlab.load.sql import engine, literal, one, quoted, refused, run
from crmlab.tables import Kind, Table


@dataclass(frozen=True)
class Staged:
    """A staged table: its name in the engine, and how to name its rows.

    `starts` is the place of each piece's first row; `reasons` are the codes that
    ``_reason`` numbers from 0; `notes` say what reading the files met with.
    """

    name: str
    pieces: tuple[Piece, ...]
    starts: tuple[int, ...]
    reasons: tuple[str, ...]
    notes: tuple[Finding, ...] = ()

    def place(self, rowid: int) -> tuple[str, int]:
        """Return the file and the row number of the row at a place of the table."""
        nth = bisect_right(self.starts, rowid) - 1
        return self.pieces[nth].name, self.pieces[nth].first_row + rowid - self.starts[nth]

    def leave_out(self, reason: str, rows: str) -> "Staged":
        """Leave out the used rows whose ``rowid`` a query selects, for a reason."""
        found = replace(self, reasons=(*self.reasons, reason))
        number = len(self.reasons)
        engine().raw_sql(f"UPDATE {self.name} SET _reason = {number} WHERE rowid IN ({rows})")
        return found

    def noted(self, *notes: Finding) -> "Staged":
        """Return it with more notes."""
        return replace(self, notes=(*self.notes, *notes))


def stage(ours: Table, file: File, scratch: Path) -> Staged:
    """Read a table's files into the engine.

    Raises
    ------
    DataError
        If a file cannot be read or lacks a column; all lacking columns at once.
    """
    found = pieces(file, scratch)
    _require_columns(found, file)
    name = ibis.util.gen_name("staged")
    codes = reasons.codes(ours, file)
    read: list[Piece] = []
    starts: list[int] = []
    for each in found:
        starts.append(int(one(f"SELECT count(*) FROM {name}")[0]) if read else 0)
        into = f"INSERT INTO {name}" if read else f"CREATE TABLE {name} AS"
        read.append(_filled(into, each, ours, file, scratch))
    notes = tuple(note for each in read for note in each.notes)
    return Staged(name, tuple(read), tuple(starts), codes, notes)


def _filled(into: str, each: Piece, ours: Table, file: File, scratch: Path) -> Piece:
    """Put a piece's rows into the staged table; return the piece, repaired if it had to be."""
    try:
        engine().raw_sql(f"{into} {_typed(each, ours, file)}")
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise refused(error, each.name) from None
    except duckdb.Error as error:
        if each.delimited is None or delimited.BROKEN in each.types:
            raise refused(error, each.name) from None
        each = each.repaired(scratch)
        run(f"{into} {_typed(each, ours, file)}", each.name)
    return each


def _require_columns(found: Iterable[Piece], file: File) -> None:
    """Refuse files that lack a column that is mapped, with the nearest that they have."""
    english, chinese = [], []
    for each in found:
        lacking = [theirs for _, theirs in file.columns if match(theirs, each.names) is None]
        if not lacking:
            continue
        near = {name: difflib.get_close_matches(name, each.names, n=1) for name in lacking}
        told = [f"{n} (did you mean {near[n][0]}?)" if near[n] else n for n in lacking]
        told_zh = [f"{n}（是否指 {near[n][0]}？）" if near[n] else n for n in lacking]
        english.append(
            f"{each.name} has no column {', '.join(told)}; it has: {', '.join(each.names)}."
        )
        chinese.append(
            f"{each.name} 中没有列 {'、'.join(told_zh)}；现有：{'、'.join(each.names)}。"
        )
    if english:
        raise DataError(en=" ".join(english), zh="".join(chinese))


def match(theirs: str, names: Collection[str]) -> str | None:
    """Return which of the names it is, be it in another width, case or spacing."""
    if theirs in names:
        return theirs
    alike = [name for name in names if delimited.plain(name) == delimited.plain(theirs)]
    return alike[0] if alike else None


def _typed(each: Piece, ours: Table, file: File) -> str:
    """Return the SQL of a piece's rows: typed, each with its reason and its bad cells."""
    raw = {name: f"r{n}" for n, name in enumerate(each.types)}
    aliased = ", ".join(f"{quoted(name)} AS {alias}" for name, alias in raw.items())
    types = {c: each.types[match(theirs, each.names) or theirs] for c, theirs in file.columns}
    cells_ = {c: raw[match(theirs, each.names) or theirs] for c, theirs in file.columns}
    words = [f"{_word(r, types[c], ours.columns[c].kind)} AS w_{c}" for c, r in cells_.items()]
    words += [f"{literal(value)} AS w_{c}" for c, value in file.constants]
    typed = [f"{_cast(c, ours, file, types.get(c, 'VARCHAR'))} AS t_{c}" for c in file.ours]
    hashed = ", ".join(alias for name, alias in raw.items() if name != delimited.BROKEN)
    rows = f"SELECT {aliased} FROM ({each.sql})"
    for level in (words, typed):  # each level sees the one below
        rows = f"SELECT {', '.join(['*', *level])} FROM ({rows})"
    return (
        f"SELECT {_columns(ours, file)}, {reasons.sql(raw, ours, file)} AS _reason, "
        f"{_bad(ours, file)} AS _bad, hash({hashed}) AS _same{_asked(raw, file)} FROM ({rows})"
    )


def _asked(raw: Mapping[str, str], file: File) -> str:
    """Return the column ``_where``, as text, of a file of which a part is asked for."""
    if file.where is None:
        return ""
    column = file.where.column
    if column in file.ours:
        return f", t_{column}::VARCHAR AS _where"
    theirs = match(column, raw)
    return f", {text.text(f'{raw[theirs]}::VARCHAR') if theirs else 'NULL'} AS _where"


def _word(raw: str, physical: str, kind: Kind) -> str:
    """Return a cell as trimmed text; a column that the file itself types well as it is."""
    if physical in ("DOUBLE", "FLOAT"):
        raw = f"(CASE WHEN NOT isnan({raw}) THEN {raw} END)"  # nullif trusts Parquet's bounds
    if cells.is_direct(kind, physical):
        return raw
    written = raw if physical == "VARCHAR" else f"({raw})::VARCHAR"
    return text.text(written) if kind in ("text", "code") else text.word(written)


def _cast(column: str, ours: Table, file: File, physical: str) -> str:
    kind = ours.columns[column].kind
    return cells.typed(kind, f"w_{column}", file.form, physical=physical)


def _columns(ours: Table, file: File) -> str:
    """Return our columns from the typed cells; of orders, the amount that the rules make."""
    made = {c: f"t_{c}" for c in file.ours}
    if ours.name == "orders":
        made["amount"] = _amount(file)
    return ", ".join(f"{sql} AS {quoted(c)}" for c, sql in made.items())


def _amount(file: File) -> str:
    """Return an order line's amount: as written or quantity times price, refunds taken off."""
    amount = "t_amount"
    if "amount" not in file.ours:
        factor = file.form.unit / (1 + file.form.tax_included)
        amount = f"try_cast(round(t_quantity * t_unit_price * {factor!r}, 2) AS DECIMAL(18,2))"
    if file.rules.cancel_prefix:
        taken = f"starts_with(t_order_id, {literal(file.rules.cancel_prefix)})"
        amount = f"CASE WHEN {taken} THEN -abs({amount}) ELSE {amount} END"
    if "refund_amount" in file.ours:
        amount = f"({amount} - coalesce(abs(t_refund_amount), 0))::DECIMAL(18,2)"
    return amount


def _bad(ours: Table, file: File) -> str:
    """Return the SQL of a row's cells that cannot be read: their column and their text."""
    able = [c for c in file.ours if ours.columns[c].kind not in ("text", "code", "id")]
    if not able:
        return 'NULL::STRUCT("column" VARCHAR, cell VARCHAR)[]'
    bad = {c: f"w_{c} IS NOT NULL AND t_{c} IS NULL" for c in able}
    listed = ", ".join(
        f"CASE WHEN {rule} THEN {{'column': {literal(c)}, 'cell': w_{c}::VARCHAR}} END"
        for c, rule in bad.items()
    )
    return f"CASE WHEN {' OR '.join(f'({r})' for r in bad.values())} THEN [{listed}] END"


def bad_cells(staged: Staged) -> pd.DataFrame:
    """Return the unreadable cells by column: ``cells``, first ``rowid``, its text; rows that
    are left out for another reason than these do not count.
    """
    skipped = ", ".join(str(staged.reasons.index(reason)) for reason in reasons.NO_DATA)
    found = engine().raw_sql(
        f'SELECT b."column" AS "column", count(*) AS cells, min(place) AS rowid, '
        f"arg_min(b.cell, place) AS cell FROM (SELECT rowid AS place, unnest(_bad) AS b "
        f"FROM {staged.name} WHERE _bad IS NOT NULL AND coalesce(_reason, 255) NOT IN ({skipped})) "
        f"WHERE b IS NOT NULL GROUP BY 1"
    )
    return found.df().set_index("column")
