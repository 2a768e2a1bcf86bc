"""What a source is: a name, or a TOML file that maps one's own tables to ours."""

import difflib
import hashlib
import os
import secrets
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal

from crmlab.errors import DataError, RequestError
from crmlab.load.spark import ALLOWED, is_spark

ENGINE = "CRMLAB_ENGINE"
DateOrder = Literal["YMD", "DMY", "MDY"]


@dataclass(frozen=True)
class Layout:
    """How a file is laid out; what is empty is found out from the file.

    `delimiter` is one character, or ``"spaces"`` for columns parted by runs of them;
    `names` are the columns of a file without a header line; `header_row` counts from 1
    as a spreadsheet does; `skip` lines come before the data where `names` are given.
    `sheet` is a sheet's name, those of several, or ``"*"`` for all that have cells.
    """

    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0
    sheet: str | tuple[str, ...] = ""
    names: tuple[str, ...] = ()
    skip: int = 0


@dataclass(frozen=True)
class Form:
    """How cells are written.

    `date_format` is as in ``strftime`` and replaces `date_order`, which says how dates
    such as 03/05/2024 are meant. `decimal` is ``"."`` or ``","``. Money is multiplied by
    `unit` (10,000 for 万元) and divided by 1 + `tax_included`. Times with a zone become
    naive times of `time_zone`; without one, the clock is kept as written.
    """

    date_format: str = ""
    date_order: DateOrder = "YMD"
    decimal: str = "."
    unit: float = 1
    tax_included: float = 0
    time_zone: str = ""


@dataclass(frozen=True)
class Rules:
    """Which rows count, and on which day.

    Rows are left out if their status is in `drop_status`, or not in `keep_status` where
    that is given. `duplicates` is ``"keep"``, ``"drop"`` (rows alike in every cell), or
    the columns of ours that identify one sale. `grain` says what a row is: with
    ``"order"`` or ``"customer_day"``, an amount repeated on every line of it counts once.
    Refunds count on their ``"own_day"`` or on that of the ``"original_order"``. An order id
    that starts with `cancel_prefix` takes its amount back. A source is refused if more than
    the share `unreadable_at_most` of a needed column's cells cannot be read. No row after
    `as_of` is seen.
    """

    keep_status: tuple[str, ...] = ()
    drop_status: tuple[str, ...] = ()
    duplicates: str | tuple[str, ...] = "keep"
    grain: Literal["line", "order", "customer_day"] = "line"
    refunds: Literal["own_day", "original_order"] = "own_day"
    cancel_prefix: str = ""
    unreadable_at_most: float = 0.05
    as_of: date | None = None


@dataclass(frozen=True)
class Where:
    """A column, ours or theirs, and the values of which a row has one; empty: it has none."""

    column: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.column}:{'|'.join(self.values)}"


@dataclass(frozen=True)
class File:
    """Where one table's rows are, and how they are to be read.

    `paths` are one file or several of the same columns; or `parts` are files by name that
    `query` joins; or `database` names the environment variable that holds a connection,
    and `query` what to ask it; or `remote` are addresses that only Spark reads. `columns` pairs
    our names with theirs, `constants` our names with a value for all rows. `where` asks for a
    part of the rows.
    """

    paths: tuple[Path, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    constants: tuple[tuple[str, str], ...] = ()
    layout: Layout = Layout()
    form: Form = Form()
    rules: Rules = Rules()
    query: str = ""
    database: str = ""
    parts: tuple[tuple[str, "File"], ...] = ()
    where: Where | None = None
    remote: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What sentences call it: the file, the pattern's first file, or the query."""
        if self.paths:
            others = f" (+{len(self.paths) - 1})" if len(self.paths) > 1 else ""
            return f"{self.paths[0].name}{others}"
        if self.remote:
            return self.remote[0].rstrip("/").rsplit("/", 1)[-1]
        return f"${self.database}" if self.database else "query"

    @property
    def is_fixed(self) -> bool:
        """Whether its bytes can be known here, so that reading it again gives the same."""
        return not (self.database or self.remote)

    @property
    def ours(self) -> tuple[str, ...]:
        """Our names of the columns that it has."""
        return tuple(name for name, _ in (*self.columns, *self.constants))

    def theirs(self, column: str) -> str:
        """Return their name of a column of ours."""
        return dict(self.columns).get(column, column)

    @property
    def all_paths(self) -> tuple[Path, ...]:
        return self.paths + tuple(path for _, part in self.parts for path in part.paths)


@dataclass(frozen=True)
class Source:
    """A source: its name, currency, one file per table, and the engine of its typed tables."""

    name: str
    currency: str
    files: dict[str, File] = field(default_factory=dict)
    engine: str = "duckdb"

    def file(self, table: str) -> File:
        """Return a table's file.

        Raises
        ------
        RequestError
            If the source has no such table; the sentence lists those it has.
        """
        if table in self.files:
            return self.files[table]
        has = ", ".join(sorted(self.files))
        raise RequestError(
            en=f"source {self.name} has no table {table}; it has: {has}.",
            zh=f"数据源 {self.name} 没有 {table} 表；现有：{has}。",
        )


def find(source: str) -> Source:
    """Return the source of that name, or the one that a TOML file describes.

    Raises
    ------
    RequestError
        If there is no such source or file.
    DataError
        If the TOML cannot be used; all of its problems are told at once.
    """
    asked = os.environ.get(ENGINE, "")
    if asked and not (asked == "duckdb" or is_spark(asked)):
        raise RequestError(
            en=f"there is no engine {asked!r}; allowed: {ALLOWED}.",
            zh=f"没有引擎 {asked!r}；可用：{ALLOWED}。",
        )
    found = _found(source)
    return replace(found, engine=asked) if asked else found


def _found(source: str) -> Source:
    from crmlab.load.named import NAMED
    from crmlab.load.toml import read_toml

    if source in NAMED:
        return NAMED[source]()
    path = Path(source)
    if path.suffix != ".toml":
        near = difflib.get_close_matches(source, NAMED, n=1)
        raise RequestError(
            en=f"there is no source {source!r}{f' (did you mean {near[0]}?)' if near else ''}; "
            f"allowed: {', '.join(NAMED)}, or a TOML file.",
            zh=f"没有名为 {source!r} 的数据源{f'（是否指 {near[0]}？）' if near else ''}；"
            f"可用：{'、'.join(NAMED)}，或一个 TOML 文件。",
        )
    if not path.is_file():
        raise RequestError(en=f"there is no file {source}.", zh=f"找不到文件 {source}。")
    return read_toml(path)


def fingerprint(source: Source) -> str:
    """Return a SHA-256 of what the source reads: its files' bytes and how they map.

    What a database or a cluster holds is not known before it is asked: that is new each time.
    """
    digest = hashlib.sha256(source.currency.encode())
    for name, file in sorted(source.files.items()):
        digest.update(f"{name} {checksum(file)} {_told(file)}".encode())
        if not file.is_fixed:
            digest.update(secrets.token_bytes(16))
    return digest.hexdigest()


def _told(file: File) -> str:
    """Return how a file is read, without where it lies."""
    parts = [(name, _told(part)) for name, part in file.parts]
    rest = (
        file.columns, file.constants, file.layout, file.form, file.rules, file.query, file.remote,
    )  # fmt: skip
    return repr((rest, parts))


def checksum(file: File) -> str:
    """Return the SHA-256 of a file's bytes; of several files, that of their checksums.

    Raises
    ------
    DataError
        If one cannot be read.
    """
    sums = [_checksum(path) for path in file.all_paths]
    return sums[0] if len(sums) == 1 else hashlib.sha256(" ".join(sums).encode()).hexdigest()


def _checksum(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> DataError:
    """Return the error that says why a file cannot be read."""
    reason = error.strerror or type(error).__name__
    return DataError(
        en=f"{path.name} cannot be read: {reason}.", zh=f"无法读取 {path.name}：{reason}。"
    )
