"""From files to typed, checked rows in the engine, with a ledger of what was left out."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from typing import Any

import pandas as pd
from ibis.expr.types import Table as IbisTable

from crmlab.errors import DataError, Finding, RequestError
from crmlab.load import rules, selection
from crmlab.load.direct import Direct
from crmlab.load.ledger import ledger
from crmlab.load.notes import require_readable, require_used
from crmlab.load.obstacles import obstacles, parquet
from crmlab.load.selection import Among
from crmlab.load.source import File, Source, checksum, find
from crmlab.load.spark import is_spark
from crmlab.load.sql import drop, engine, one, quoted, scratch
from crmlab.load.stage import Staged, stage
from crmlab.tables import TABLES, Table, schema

DATED_BY = ("order_date", "surveyed_on")


@dataclass(frozen=True)
class Lines:
    """Rows of one table of a source, in the engine, and how they came there.

    `everything` has the rows that are left out, too; `reasons` are the codes of why. `as_of` is
    the last day that is seen: the source's, else the last day in the data, whatever part of it
    `where` asks for. `notes` say what reading met with. `staged` holds all rows as they were
    read, if DuckDB had to clean them (see `crmlab.load.rejected`). `largest` is the largest
    amount either way, where it is known. `kept` is what later steps made of these very rows.
    """

    source: str
    name: str
    table: IbisTable
    everything: IbisTable
    reasons: tuple[str, ...]
    told: Callable[[], pd.DataFrame] = field(repr=False, compare=False)
    rows: int
    currency: str
    first_day: date | None
    as_of: date | None
    sha256: str
    notes: tuple[Finding, ...] = ()
    staged: Staged | None = None
    where: str = ""
    largest: float | None = None
    kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """A line per ``reason`` with ``rows`` and, where the table has money, ``amount`` in the
        source's currency: what was read, left out, used, and what of the used rows is odd.
        """
        return self.told()

    def once(self, what: str, made: Callable[[], Any]) -> Any:
        """Return what is made of these rows, which is made when it is first asked for."""
        if what not in self.kept:
            self.kept[what] = made()
        return self.kept[what]

    def about(self, others: "Lines") -> "Lines":
        """Return the rows of those customers alone of whom other lines speak."""
        return replace(self, table=self.table.semi_join(others.table, "customer_id"))

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a checked DataFrame; for tables that fit in memory.

        Raises
        ------
        DataError
            If values are out of range or keys repeat; all problems at once.
        """
        ours = TABLES[self.name]
        money = [c for c in self.table.columns if ours.columns[c].kind == "money"]
        cast = {c: self.table[c].cast("float64") for c in money}  # in pandas: a Decimal at a time
        frame = self.table.mutate(**cast).to_pandas()
        typed = frame.astype({column: ours.dtype(column) for column in frame.columns})
        return _checked(typed, ours, self.source)


def orders(source: str, where: str = "") -> Lines:
    """Return a source's order lines: ``customer_id``, ``order_date``, ``amount`` and more.

    See `table` for what is asked for, and what it raises.
    """
    return table(source, "orders", where)


def unlooked_orders(source: str) -> Lines:
    """Return `orders` without a look at each line's customer id, where typed files allow it.

    Who makes a row per customer looks at those instead (`are_clean`), which are fewer; if one
    has to be cleaned, `orders` is what to use.
    """
    found = find(source)
    return _of(found, "orders", found.file("orders"), looked_at_later=True)


def table(source: str, name: str, where: str = "") -> Lines:
    """Return one table of a source, or the part of it that is asked for.

    Parameters
    ----------
    source : str
        A name (``cdnow``, ``cdnow-master``, ``chenxing``) or the path of a TOML file.
    name : str
        A table of `crmlab.tables.TABLES`.
    where : str, optional
        ``column:value`` or ``column:value|value``: only the rows of these customers, if
        the column, ours or theirs, is one of the customers', else of the lines that have it.

    Raises
    ------
    RequestError
        If there is no such source, table or column, or no row has such a value.
    DataError
        If the file cannot be read or cells are not what they should be.
    """
    found = find(source)
    file = found.file(name)
    asked = selection.parse(where)
    if asked is None:
        return _of(found, name, file)
    holder, asked = selection.holder(found, name, asked)
    if holder == name:
        return _of(found, name, replace(file, where=asked))
    link = next((c for c in selection.LINKS if c in file.ours), None)
    chosen = table(source, "orders" if link == "order_id" else holder, where) if link else None
    if link is None or chosen is None or link not in chosen.table.columns:
        lines = _of(found, name, file)
        return replace(lines, notes=(*lines.notes, selection.not_told(name, asked)))
    return _of(found, name, file, Among(asked, link, chosen.table.get_name()))


def _of(
    found: Source, name: str, file: File, among: Among | None = None, *,
    looked_at_later: bool = False,
) -> Lines:  # fmt: skip
    read = _read_once if file.is_fixed else _read  # else what it holds may change
    told = found.name, found.currency, found.engine
    return read(*told, TABLES[name].name, file, checksum(file), among, looked_at_later)


@cache
def _read_once(
    source: str, currency: str, engine_: str, name: str, file: File, sha256: str,
    among: Among | None, looked_at_later: bool,
) -> Lines:  # fmt: skip
    return _read(source, currency, engine_, name, file, sha256, among, looked_at_later)


def _read(
    source: str, currency: str, engine_: str, name: str, file: File, sha256: str,
    among: Among | None, looked_at_later: bool,
) -> Lines:  # fmt: skip
    ours = TABLES[name]
    lines, why = _direct(source, currency, engine_, ours, file, sha256, among, looked_at_later)
    if lines:
        return lines
    english, chinese = "; ".join(en for en, _ in why), "；".join(zh for _, zh in why)
    if file.remote and not is_spark(engine_):
        raise DataError(
            en=f'{file.name} lies on a cluster: engine = "sc://host:15002" or "pyspark" reads it.',
            zh=f'{file.name} 在集群上：请设置 engine = "sc://host:15002" 或 "pyspark"。',
        )
    if file.remote:
        raise DataError(
            en=f"{file.name} cannot be used on Spark as it is: {english}.",
            zh=f"{file.name} 无法直接在 Spark 上使用：{chinese}。",
        )
    lines = _staged(source, currency, ours, file, sha256, among)
    if not is_spark(engine_):
        return lines
    told = Finding(
        "caution",
        en=f"Table {name} is read by DuckDB instead of Spark: {english}.",
        zh=f"{name} 表由 DuckDB 而非 Spark 读取：{chinese}。",
        code="not_on_spark",
    )
    return replace(lines, notes=(*lines.notes, told))


def _direct(
    source: str, currency: str, engine_: str, ours: Table, file: File, sha256: str,
    among: Among | None, looked_at_later: bool,
) -> tuple[Lines | None, list[tuple[str, str]]]:  # fmt: skip
    """Return the rows as they lie in the files, or why they cannot be used like that."""
    why = obstacles(ours, file)
    if among:
        why.append(("a part of the customers is asked for", "只要求部分客户"))
    usable = not why and (is_spark(engine_) or not file.remote)
    raw = parquet(file, engine_) if usable else None
    if raw is None:
        return None, why or [("its files differ, or cannot be read", "各文件的列不同，或无法读取")]
    found = Direct(ours, file, raw, looked_at_later)
    if why := found.unfit:
        return None, why
    first, last = found.span
    return Lines(
        source, ours.name, found.used, found.rows.drop("_reason"), found.reasons, found.ledger,
        found.count, currency, first, file.rules.as_of or last, sha256, largest=found.largest,
    ), []  # fmt: skip


def _staged(
    source: str, currency: str, ours: Table, file: File, sha256: str, among: Among | None
) -> Lines:
    columns = _columns(ours, file)
    with scratch() as folder:
        staged = stage(ours, file, folder)
    try:
        staged = staged.noted(*require_readable(staged, ours, file))
        if ours.name == "orders":
            staged = rules.apply(staged, file)
        require_used(staged, file, told := ledger(staged, columns))
        first, last = _span(staged, columns)
        if file.where or among:
            staged = selection.apply(staged, file.where, among)
            require_used(staged, file, told := ledger(staged, columns))
            first, _ = _span(staged, columns)  # the last day is that of all: time goes on
    except (DataError, RequestError):
        drop(staged.name)
        raise
    rows = int(told.set_index("reason")["rows"]["rows_used"])
    asked = str(file.where or (among.where if among else ""))
    everything = engine().table(staged.name).select(*columns)
    return Lines(
        source, ours.name, _kept(staged, columns), everything, staged.reasons, lambda: told, rows,
        currency, first, file.rules.as_of or last, sha256, staged.notes, staged, asked,
    )  # fmt: skip


def _columns(ours: Table, file: File) -> tuple[str, ...]:
    """Return the columns that the table gets, in our order; of orders always an amount."""
    made = {"amount"} if ours.name == "orders" else set()
    return tuple(c for c in ours.columns if c in made.union(file.ours))


def _kept(staged: Staged, columns: tuple[str, ...]) -> IbisTable:
    """Return the rows that are used."""
    view = staged.name.replace("staged", "kept")
    cells = ", ".join(map(quoted, columns))
    engine().raw_sql(f"CREATE VIEW {view} AS SELECT {cells} FROM {staged.name} WHERE {rules.USED}")
    return engine().table(view)


def _span(staged: Staged, columns: tuple[str, ...]) -> tuple[date | None, date | None]:
    """Return the first and the last day of what dates a used row, if anything does."""
    column = next((name for name in DATED_BY if name in columns), None)
    if column is None:
        return None, None
    return one(
        f"SELECT min({column})::DATE, max({column})::DATE FROM {staged.name} WHERE {rules.USED}"
    )


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
