"""What an engine has worked out, written as Parquet: whole, or not at all."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import ibis
from ibis.expr.types import Table

from crmlab.errors import DataError, RequestError
from crmlab.load.paths import is_remote
from crmlab.load.read import Lines
from crmlab.load.sql import engine, folder, is_alive, memory_limit, refused, unordered

GROUPED = 75  # bytes of a line while lines are grouped, measured; 60 do not suffice
PART = ".part-"  # then the number of the process that writes it


def require_free(target: str, *, force: bool) -> None:
    """Refuse to write where something is already, or where there is no folder.

    Raises
    ------
    RequestError
        If it is there and `force` is false, its folder is not, or it is a folder of other
        files, which `force` does not delete.
    """
    path = Path(target)
    if is_remote(target):
        return
    if not path.absolute().parent.is_dir():
        raise RequestError(
            en=f"there is no folder {path.parent}.", zh=f"没有文件夹 {path.parent}。"
        )
    if path.is_dir() and not _is_written(path):
        raise RequestError(
            en=f"{target} is a folder of other files; name a file to write.",
            zh=f"{target} 是含有其他文件的文件夹；请写明要生成的文件名。",
        )
    if path.exists() and not force:
        raise RequestError(
            en=f"{target} is there already; --force replaces it.",
            zh=f"{target} 已存在；加 --force 可替换。",
        )


def _is_written(folder: Path) -> bool:
    """Return whether a folder holds what Spark writes, and nothing else."""
    names = [each.name for each in folder.iterdir()]
    return "_SUCCESS" in names and all(re.match(r"_SUCCESS|part-|\.", name) for name in names)


def passes(lines: Lines) -> list[Lines]:
    """Return the lines in as many parts of the customers as memory asks for, mostly one.

    Grouping spills, but not all of it: twice the memory allowed is what it bears. Each part
    is a scan of the file, which costs little beside.
    """
    if lines.table.get_backend().name == "pyspark":
        return [lines]
    n = -(-lines.rows * GROUPED // (2 * memory_limit()))
    if n <= 1:
        return [lines]
    part = (lines.table.customer_id.hash() % n + n) % n  # a hash may be negative
    return [replace(lines, table=lines.table.filter(part == k)) for k in range(n)]


@contextmanager
def stored(parts: Sequence[Table]) -> Iterator[Table]:
    """Have tables worked out one after the other, as one: by DuckDB in temporary files, by
    Spark in its cache.

    Raises
    ------
    DataError
        If memory or disk do not suffice.
    """
    if parts[0].get_backend().name == "pyspark":
        with ibis.union(*parts).cache() if len(parts) > 1 else parts[0].cache() as kept:
            yield kept
        return
    with tempfile.TemporaryDirectory(prefix="stored-", dir=folder()) as made:
        with _sentences("customers.parquet"), unordered():
            for nth, table in enumerate(parts):
                table.to_parquet(Path(made) / f"{nth}.parquet")
        read = engine().read_parquet(f"{made}/*.parquet")
        yield read
        engine().drop_view(read.get_name())


def write_parquet(table: Table, target: str) -> Table:
    """Write a table as a Parquet file, on Spark as a folder of them; return it as written.

    What is written is moved to its place when it is whole.

    Raises
    ------
    DataError
        If memory or disk do not suffice; what was there before is untouched.
    """
    if is_remote(target):
        table.to_parquet(target, mode="overwrite")
        return _backend(table).read_parquet(target)
    path = Path(target).absolute()
    _sweep(path)
    part = path.with_name(f".{path.name}{PART}{os.getpid()}")
    try:
        with _sentences(path.name), unordered():
            table.to_parquet(_address(table, part))
        if path.is_dir():
            shutil.rmtree(path)
        part.replace(path)
    finally:
        _remove(part)
    return _backend(table).read_parquet(_address(table, path))


def _backend(table: Table) -> Any:
    return table.get_backend()


def _address(table: Table, path: Path) -> str:
    """Return a path as the engine of a table takes it."""
    return path.as_uri() if table.get_backend().name == "pyspark" else str(path)


def _sweep(path: Path) -> None:
    """Remove what processes that are gone left half-written beside a file."""
    for left in path.parent.glob(f".{path.name}{PART}*"):
        number = re.search(r"\d+$", left.name)
        if number and not is_alive(int(number[0])):
            _remove(left)


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


@contextmanager
def _sentences(name: str) -> Iterator[None]:
    """Turn what an engine says of memory and disk into a sentence."""
    try:
        yield
    except Exception as error:
        if "No space left" in str(error):
            raise DataError(
                en=f"{name} cannot be written: the disk, or that of the temporary folder (TMPDIR), "
                "is full.",
                zh=f"无法写入 {name}：磁盘或临时目录（TMPDIR）所在磁盘已满。",
            ) from None
        if isinstance(error, duckdb.Error):
            raise refused(error, name) from None
        raise
