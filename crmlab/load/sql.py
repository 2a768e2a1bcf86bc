"""The engine's one connection, and the little SQL that reading files needs."""

from functools import cache

import duckdb
import ibis
from ibis.backends.duckdb import Backend

from crmlab.errors import DataError
from crmlab.load.source import File
from crmlab.tables import Table

SQL_TYPES = {
    "id": "VARCHAR", "text": "VARCHAR", "code": "VARCHAR", "date": "TIMESTAMP",
    "money": "DECIMAL(18,2)", "number": "DOUBLE", "integer": "BIGINT", "flag": "BOOLEAN",
}  # fmt: skip


@cache
def engine() -> Backend:
    """Return the process's one connection to DuckDB; its session speaks UTC."""
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET TimeZone = 'UTC'")
    return connection


def cast(column: str, ours: Table, file: File) -> str:
    """Return the SQL that types a text column; null where the cell is of another kind."""
    kind = ours.columns[column].kind
    if kind == "date" and file.date_format:
        return f"try_strptime({quoted(column)}, {literal(file.date_format)})"
    if kind == "integer":  # DuckDB would round 7.5
        number = f"try_cast({quoted(column)} AS DOUBLE)"
        return f"CASE WHEN {number} = floor({number}) THEN {number}::BIGINT END"
    return f"try_cast({quoted(column)} AS {SQL_TYPES[kind]})"


def filled(ours: Table, file: File) -> str:
    """Return the SQL condition that every required cell of a row is filled."""
    return " AND ".join(f"{quoted(c)} IS NOT NULL" for c in needed(ours, file)) or "true"


def needed(ours: Table, file: File) -> list[str]:
    """Return the file's columns whose cells must not be empty."""
    return [c for c, _ in file.columns if not ours.columns[c].nullable]


def run(sql: str, file: File) -> duckdb.DuckDBPyConnection:
    """Run SQL that reads the file; a failure becomes a sentence about the file."""
    try:
        return engine().raw_sql(sql)
    except duckdb.Error as error:
        reason = str(error).split("\n")[0]
        raise DataError(
            en=f"{file.path.name} cannot be read as a table: {reason}",
            zh=f"无法把 {file.path.name} 读成表格：{reason}",
        ) from None


def one(sql: str) -> tuple:
    """Return the single row of an aggregate."""
    row = engine().raw_sql(sql).fetchone()
    assert row is not None  # an aggregate always has a row
    return row


def quoted(column: str) -> str:
    """Return a column's name quoted for SQL."""
    return '"' + column.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text quoted for SQL."""
    return "'" + text.replace("'", "''") + "'"
