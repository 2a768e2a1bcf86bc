"""From a file to typed, checked rows in the engine, with a ledger of what was left out."""

from dataclasses import dataclass
from datetime import date
from functools import cache

import ibis
import pandas as pd
from ibis.expr.types import Table as IbisTable

from crmlab.errors import DataError, Finding
from crmlab.load.ledger import ledger
from crmlab.load.source import File, checksum, find
from crmlab.load.sql import cast, engine, filled, literal, one, quoted, run
from crmlab.tables import TABLES, Table, schema

DATED_BY = ("order_date", "surveyed_on")

KINDS_ZH = {
    "date": "日期", "money": "金额", "number": "数字", "integer": "整数", "flag": "是非值",
    "id": "编号", "text": "文字", "code": "代码",
}  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """Rows of one table of a source, in the engine, and how they came there.

    `ledger` has a line per ``reason`` with ``rows`` and, where the table has money,
    ``amount`` in the source's currency: what was read, left out, used, and what of
    the used rows is odd. `as_of` is the last day in the data.
    """

    source: str
    name: str
    table: IbisTable
    ledger: pd.DataFrame
    rows: int
    currency: str
    first_day: date | None
    as_of: date | None
    sha256: str
    notes: tuple[Finding, ...] = ()
    rejects: IbisTable | None = None

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a checked DataFrame; for tables that fit in memory.

        Raises
        ------
        DataError
            If values are out of range or keys repeat; all problems at once.
        """
        ours = TABLES[self.name]
        frame = self.table.to_pandas()
        typed = frame.astype({column: ours.dtype(column) for column in frame.columns})
        return _checked(typed, ours, self.source)


def orders(source: str) -> Lines:
    """Return a source's order lines: ``customer_id``, ``order_date``, ``amount`` and more.

    See `table` for what it raises.
    """
    return table(source, "orders")


def table(source: str, name: str) -> Lines:
    """Return one table of a source.

    Parameters
    ----------
    source : str
        A name (``cdnow``, ``cdnow-master``, ``chenxing``) or the path of a TOML file.
    name : str
        A table of `crmlab.tables.TABLES`.

    Raises
    ------
    RequestError
        If there is no such source, or it has no such table.
    DataError
        If the file cannot be read or cells are not what they should be.
    """
    found = find(source)
    file = found.file(name)
    return _read(found.name, found.currency, TABLES[name].name, file, checksum(file.path))


@cache
def _read(source: str, currency: str, name: str, file: File, sha256: str) -> Lines:
    ours = TABLES[name]
    text = _text(file)
    _require_readable(text, ours, file)
    told = ledger(text, ours, file)
    kept = engine().create_table(ibis.util.gen_name(name), _typed(text, ours, file))
    engine().drop_table(text)
    rows = int(kept.count().execute())
    if not rows:
        raise DataError(
            en=f"{file.path.name} has no row that can be used.",
            zh=f"{file.path.name} 中没有可用的行。",
        )
    first, last = _span(kept)
    return Lines(source, name, kept, told, rows, currency, first, last, sha256)


def _text(file: File) -> str:
    """Put the file's cells into the engine as text under our names; name that table.

    Cells are trimmed and empty ones null; ``_row`` is the row's number in the file,
    its header line counted.
    """
    if not file.path.stat().st_size:
        raise DataError(en=f"{file.path.name} is empty.", zh=f"{file.path.name} 是空文件。")
    theirs = _columns(file)
    if lacking := [t for _, t in file.columns if t not in theirs]:
        raise DataError(
            en=f"{file.path.name} has no column {', '.join(lacking)}; it has: {', '.join(theirs)}.",
            zh=f"{file.path.name} 中没有列 {'、'.join(lacking)}；现有：{'、'.join(theirs)}。",
        )
    above = file.skip + (0 if file.names else 1)
    cells = ", ".join(
        f"nullif(trim({theirs[t]}::VARCHAR), '') AS {quoted(o)}" for o, t in file.columns
    )
    text = ibis.util.gen_name("text")
    run(
        f"CREATE TABLE {text} AS "
        f"SELECT row_number() OVER () + {above} AS _row, {cells} FROM {_from(file)}",
        file,
    )
    return text


def _columns(file: File) -> dict[str, str]:
    """Return the file's column names, each with the SQL that reads it."""
    if file.delimiter == "spaces":
        return {name: f"parts[{place}]" for place, name in enumerate(file.names, start=1)}
    found = file.names or [
        c[0] for c in run(f"SELECT * FROM {_from(file)} LIMIT 0", file).description
    ]
    return {name: quoted(name) for name in found}


def _from(file: File) -> str:
    """Return the SQL that reads the file, every cell as text."""
    path = literal(str(file.path))
    if file.path.suffix == ".parquet":
        return f"read_parquet({path})"
    if file.delimiter == "spaces":
        lines = (
            f"read_csv({path}, columns={{'line': 'VARCHAR'}}, delim='\x01', quote='', "
            f"header=false, auto_detect=false, skip={file.skip})"
        )
        return rf"(SELECT string_split_regex(trim(line), '\s+') AS parts FROM {lines})"
    names = f", names=[{', '.join(map(literal, file.names))}]" if file.names else ""
    return (
        f"read_csv({path}, all_varchar=true, header={not file.names}, "
        f"delim={literal(file.delimiter)}, skip={file.skip}{names})"
    )


def _typed(text: str, ours: Table, file: File) -> IbisTable:
    """Return the rows whose required cells are filled, every cell in its type."""
    cells = ", ".join(f"{cast(c, ours, file)} AS {quoted(c)}" for c, _ in file.columns)
    return engine().sql(f"SELECT {cells} FROM {text} WHERE {filled(ours, file)} ORDER BY _row")


def _require_readable(text: str, ours: Table, file: File) -> None:
    """Refuse cells that are not what their column holds: all columns, counted, located."""
    english, chinese = [], []
    for column, theirs in file.columns:
        bad = f"{quoted(column)} IS NOT NULL AND {cast(column, ours, file)} IS NULL"
        count, row, example = one(
            f"SELECT count(*), min(_row), arg_min({quoted(column)}, _row) FROM {text} WHERE {bad}"
        )
        if count:
            total = one(f"SELECT count(*) FROM {text}")[0]
            kind = ours.columns[column].kind
            english.append(
                f"{file.path.name}, column {theirs}: {count:,} of {total:,} cells are no "
                f"{kind}, first at row {row} ({example!r})"
            )
            chinese.append(
                f"{file.path.name} 的 {theirs} 列：{total:,} 个单元格中有 {count:,} 个不是"
                f"{KINDS_ZH[kind]}，首见于第 {row} 行（{example!r}）"
            )
    if english:
        raise DataError(en="; ".join(english) + ".", zh="；".join(chinese) + "。")


def _span(kept: IbisTable) -> tuple[date | None, date | None]:
    """Return the first and the last day of what dates a row, if anything does."""
    column = next((name for name in DATED_BY if name in kept.columns), None)
    if column is None:
        return None, None
    day = kept[column].date()
    first, last = kept.aggregate(first=day.min(), last=day.max()).to_pandas().iloc[0]
    return pd.Timestamp(first).date(), pd.Timestamp(last).date()


def _checked(frame: pd.DataFrame, ours: Table, source: str) -> pd.DataFrame:
    from pandera.errors import SchemaErrors

    try:
        return schema(ours).validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
    english, chinese = [], []
    for (column, check), group in cases.groupby(["column", "check"], dropna=False, sort=True):
        first = group.iloc[0]
        row = "" if pd.isna(first["index"]) else f"{int(first['index']) + 1:,}"
        allowed = ours.columns[column].allowed if column in ours.columns else check
        english.append(
            f"{column}: {len(group):,} cells are not {allowed}, first in record {row} "
            f"({first['failure_case']})"
        )
        chinese.append(
            f"{column} 列有 {len(group):,} 个单元格不在允许范围 {allowed} 内，首见于第 {row} 条记录"
            f"（{first['failure_case']}）"
        )
    raise DataError(
        en=f"{source}, table {ours.name}: " + "; ".join(english) + ".",
        zh=f"{source} 的 {ours.name} 表：" + "；".join(chinese) + "。",
    )
