"""A table's file or files → pieces: the SQL that reads each, its columns, its first row."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from crmlab.errors import DataError, Finding
from crmlab.load import database, delimited, sheets
from crmlab.load.source import File, Layout
from crmlab.load.sql import engine, literal, quoted


@dataclass(frozen=True)
class Piece:
    """One file of a table as the engine reads it.

    `sql` selects its cells under `names`; rows come in the file's order, the first of them
    is row `first_row` of the file `name`. `types` are the engine's, by name. `repaired` is
    the same for a text file that the engine's strict reader refuses.
    """

    name: str
    sql: str
    types: dict[str, str]
    first_row: int = 2
    notes: tuple[Finding, ...] = ()
    delimited: "delimited.Delimited | None" = field(default=None, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.types if name != delimited.BROKEN)

    def repaired(self, scratch: Path) -> "Piece":
        """Return the piece of a text file rewritten row by row.

        Raises
        ------
        DataError
            If it is no text file, so that nothing can be repaired.
        """
        if self.delimited is None:
            raise DataError(
                en=f"{self.name} cannot be read as a table: its data are damaged.",
                zh=f"无法把 {self.name} 读成表格：数据已损坏。",
            )
        sql = delimited.repaired_sql(self.delimited, scratch)
        types = {**self.types, delimited.BROKEN: "VARCHAR"}
        return replace(self, sql=sql, types=types)


def pieces(file: File, scratch: Path) -> list[Piece]:
    """Return the pieces of a table, in the order of its files' names.

    Raises
    ------
    DataError
        If a file cannot be opened, is empty, or is none that can be read.
    """
    wanted = [theirs for _, theirs in file.columns]
    if file.database:
        sql = database.sql(file, scratch)
        return [Piece(file.name, sql, _types(sql, file.name), first_row=1)]
    if file.parts:
        return [_joined(file, scratch)]
    return [each for path in file.paths for each in _of(path, file.layout, wanted, scratch)]


def _of(path: Path, layout: Layout, wanted: Sequence[str], scratch: Path) -> list[Piece]:
    """Return the pieces of one file: itself, or each of a workbook's sheets that are asked for."""
    names = layout.sheet
    if path.suffix.lower() not in sheets.SUFFIXES or (isinstance(names, str) and names != "*"):
        return [piece(path, layout, wanted, scratch)]
    each = sheets.filled_names(path) if names == "*" else names
    return [piece(path, replace(layout, sheet=name), wanted, scratch) for name in each]


def piece(path: Path, layout: Layout, wanted: Sequence[str], scratch: Path) -> Piece:
    """Return the piece that one file is."""
    if path.is_dir():
        raise DataError(
            en=f"{path.name} is a folder; name its files, for example {path.name}/*.csv.",
            zh=f"{path.name} 是文件夹；请写明其中的文件，例如 {path.name}/*.csv。",
        )
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    if path.suffix.lower() in sheets.SUFFIXES:
        return _sheet(path, layout, wanted, scratch)
    return _text(path, layout, wanted, scratch)


def _text(path: Path, layout: Layout, wanted: Sequence[str], scratch: Path) -> Piece:
    found = delimited.look(path, layout, wanted, scratch)
    notes = _about_bytes(found)
    types = dict.fromkeys(found.names, "VARCHAR")
    made = Piece(path.name, "", types, found.first_row, notes, found)
    if not found.sound:
        return made.repaired(scratch)
    return replace(made, sql=delimited.fast_sql(found))


def _sheet(path: Path, layout: Layout, wanted: Sequence[str], scratch: Path) -> Piece:
    found = sheets.look(path, layout, wanted)
    sql = sheets.sql(found, scratch)
    name = f"{path.name} [{found.sheet}]"
    return Piece(name, sql, dict.fromkeys(found.names, "VARCHAR"), found.first_row)


def _parquet(path: Path) -> Piece:
    sql = f"SELECT * FROM read_parquet({literal(str(path))})"
    try:
        return Piece(path.name, sql, _types(sql, path.name), first_row=1)
    except DataError:
        if path.exists() and not path.stat().st_size:
            raise DataError(en=f"{path.name} is empty.", zh=f"{path.name} 是空文件。") from None
        raise


def _types(sql: str, name: str) -> dict[str, str]:
    """Return the engine's type of each column that a query selects."""
    from crmlab.load.sql import run

    return {row[0]: row[1] for row in run(f"DESCRIBE {sql}", name).fetchall()}


def _joined(file: File, scratch: Path) -> Piece:
    """Return the piece that a query over several files is; every cell in them is text."""
    named = []
    for name, part in file.parts:
        parts = [each for path in part.paths for each in _of(path, part.layout, (), scratch)]
        unions = " UNION ALL BY NAME ".join(f"({_sound(p, scratch).sql})" for p in parts)
        named.append(f"{quoted(name)} AS ({unions})")
    sql = f"WITH {', '.join(named)} SELECT * FROM ({file.query.rstrip().rstrip(';')})"
    return Piece("query", sql, _types(sql, "query"), first_row=1)


def _sound(each: Piece, scratch: Path) -> Piece:
    """Return the piece, repaired if the engine cannot read all of it; broken rows are left out."""
    try:
        engine().raw_sql(f"SELECT count(*) FROM (SELECT COLUMNS(*)::VARCHAR FROM ({each.sql}))")
    except duckdb.Error:
        mended = each.repaired(scratch)
        kept = f"SELECT * EXCLUDE ({delimited.BROKEN}) FROM ({mended.sql})"
        return replace(mended, sql=f"{kept} WHERE {delimited.BROKEN} IS NULL")
    return each


def _about_bytes(found: "delimited.Delimited") -> tuple[Finding, ...]:
    """Return what the bytes of a text file call for telling."""
    name, said = found.path.name, []
    if found.text.nuls:
        said.append(
            Finding(
                "caution",
                en=f"{name} holds {found.text.nuls:,} zero bytes, which were taken out: was it "
                "damaged in a transfer?",
                zh=f"{name} 含有 {found.text.nuls:,} 个空字节（NUL），已去除：传输中是否受损？",
                code="zero_bytes",
            )
        )
    if found.text.cut:
        said.append(
            Finding(
                "caution",
                en=f"{name} ends in the middle of a character: it is probably cut off.",
                zh=f"{name} 在一个字符中间结束：文件很可能不完整。",
                code="cut_off",
            )
        )
    return tuple(said)
