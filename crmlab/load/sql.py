"""The engine's one connection, and the little SQL that reading files needs."""

import atexit
import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend

from crmlab.errors import DataError, RequestError

MEMORY, THREADS = "CRMLAB_MEMORY", "CRMLAB_THREADS"
ALLOWED = {
    MEMORY: ("a size such as 1GB or 800MB", "容量，例如 1GB 或 800MB"),
    THREADS: ("a number of threads from 1", "不小于 1 的线程数"),
}
FULL = (errno.ENOSPC, errno.EDQUOT)


@cache
def engine() -> Backend:
    """Return the process's one connection to DuckDB; its session speaks UTC.

    What does not fit into memory goes to a temporary folder. The limit is a quarter of the
    machine's memory, or what the environment variable ``CRMLAB_MEMORY`` says (``"1GB"``);
    ``CRMLAB_THREADS`` sets the threads, else all cores work.
    """
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET TimeZone = 'UTC'")
    if "ipykernel" not in sys.modules:  # there DuckDB has no bar, and refuses to be asked
        connection.raw_sql("SET enable_progress_bar = false")  # our output is ours
    connection.raw_sql("SET autoinstall_known_extensions = false")
    # else each IN with a list, and every cell has one, becomes a join of all columns
    connection.raw_sql("SET disabled_optimizers = 'in_clause'")
    connection.raw_sql(f"SET temp_directory = {literal(str(folder() / 'spill'))}")
    _set(connection, "memory_limit", MEMORY, os.environ.get(MEMORY) or quarter_of_memory())
    _set(connection, "threads", THREADS, os.environ.get(THREADS, ""))
    return connection


def memory_limit() -> int:
    """Return the memory that the engine may take, in bytes."""
    number, unit = str(one("SELECT current_setting('memory_limit')")[0]).split()
    return int(float(number) * 1024 ** ("bytes", "KiB", "MiB", "GiB", "TiB").index(unit))


@contextmanager
def unordered() -> Iterator[None]:
    """Let the engine write rows in any order, which takes much less memory."""
    engine().raw_sql("SET preserve_insertion_order = false")
    try:
        yield
    finally:
        engine().raw_sql("SET preserve_insertion_order = true")


def _set(connection: Backend, name: str, variable: str, value: str) -> None:
    """Set what an environment variable says, if it says anything."""
    if not value:
        return
    try:
        connection.raw_sql(f"SET {name} = {literal(value)}")
    except duckdb.Error:
        en, zh = ALLOWED[variable]
        raise RequestError(
            en=f"{variable} is {value!r}; it must be {en}.",
            zh=f"{variable} 为 {value!r}；应为{zh}。",
        ) from None


def quarter_of_memory() -> str:
    """Return a quarter of the machine's memory; nothing where it cannot be known (Windows)."""
    if not hasattr(os, "sysconf"):
        return ""
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 4_000_000}MB"


@cache
def folder() -> Path:
    """Return a temporary folder of this process, which goes when it ends.

    Folders that killed processes left behind go now.
    """
    for left in Path(tempfile.gettempdir()).glob("crmlab-*-*"):
        number = left.name.split("-")[1]
        if number.isdecimal() and not is_alive(int(number)):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"crmlab-{os.getpid()}-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def is_alive(process: int) -> bool:
    """Return whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for the cleaned copies of files that one read needs.

    Raises
    ------
    DataError
        If the disk is full.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder()) as made:
            yield Path(made)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise DataError(
            en="the disk of the temporary folder is full: free it, or name another by TMPDIR.",
            zh="临时目录所在磁盘已满：请清理，或用环境变量 TMPDIR 另指定目录。",
        ) from None


def run(sql: str, name: str) -> duckdb.DuckDBPyConnection:
    """Run SQL that reads what sentences call `name`; a failure becomes one of them."""
    try:
        return engine().raw_sql(sql)
    except duckdb.Error as error:
        raise refused(error, name) from None


def refused(error: duckdb.Error, name: str) -> DataError:
    """Return what the engine's failure to read something means, without a path of this machine."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return DataError(
            en=f"{name} needs more memory than is allowed: set {MEMORY} to more, such as 2GB.",
            zh=f"读取 {name} 所需内存超出上限：请调大环境变量 {MEMORY}，例如 2GB。",
        )
    reason = re.sub(r"[^\s'\"]*/", "", str(error).split("\n")[0])
    return DataError(
        en=f"{name} cannot be read as a table: {reason}", zh=f"无法把 {name} 读成表格：{reason}"
    )


def one(sql: str) -> tuple:
    """Return the single row of an aggregate."""
    row = engine().raw_sql(sql).fetchone()
    assert row is not None  # an aggregate always has a row
    return row


def drop(name: str) -> None:
    """Drop a table that is no longer needed."""
    engine().raw_sql(f"DROP TABLE IF EXISTS {name}")


def quoted(column: str) -> str:
    """Return a column's name quoted for SQL."""
    return '"' + column.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text quoted for SQL."""
    return "'" + text.replace("'", "''") + "'"
