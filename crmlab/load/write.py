"""What an engine has worked out, written as Parquet: whole, or not at all."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from ibis.expr.types import Table

from crmlab.errors import DataError, RequestError
from crmlab.load.paths import is_remote
from crmlab.load.sql import engine, folder, is_alive, refused, unordered

PART = ".part-"  # then the number of the process that writes it


def require_free(target: str, *, force: bool) -> None:
    """Refuse to write where something is already, or where there is no folder.

    Raises
    ------
    RequestError
        If it is there and `force` is false, or its folder is not.
    """
    path = Path(target)
    if is_remote(target):
        return
    if not path.absolute().parent.is_dir():
        raise RequestError(
            en=f"there is no folder {path.parent}.", zh=f"没有文件夹 {path.parent}。"
        )
    if path.exists() and not force:
        raise RequestError(
            en=f"{target} is there already; --force replaces it.",
            zh=f"{target} 已存在；加 --force 可替换。",
        )


@contextmanager
def stored(table: Table) -> Iterator[Table]:
    """Have a table worked out once: by DuckDB in a temporary file, by Spark in its cache.

    Raises
    ------
    DataError
        If memory or disk do not suffice.
    """
    if table.get_backend().name == "pyspark":
        with table.cache() as kept:
            yield kept
        return
    path = folder() / f"stored-{os.urandom(4).hex()}.parquet"
    try:
        with _sentences("customers.parquet"), unordered():
            table.to_parquet(path)
        read = engine().read_parquet(str(path))
        yield read
        engine().drop_view(read.get_name())
    finally:
        path.unlink(missing_ok=True)


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
    """Turn what DuckDB says of memory and disk into a sentence."""
    try:
        yield
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise DataError(
                en=f"{name} cannot be written: the disk, or that of the temporary folder (TMPDIR), "
                "is full.",
                zh=f"无法写入 {name}：磁盘或临时目录（TMPDIR）所在磁盘已满。",
            ) from None
        raise refused(error, name) from None
