"""Typed rows as they lie in Parquet: nothing is copied, and one pass counts what is left out.

Where a file's own types will do, its rows are an expression of the engine, each with the
reason that leaves it out. The expression is the same on DuckDB and on Spark. What it does not
say (dates or money as text, duplicates to drop, refunds to date, a part asked for) is staged
by DuckDB instead; Spark refuses it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pandas as pd
from ibis.expr.types import BooleanValue, Column, StringColumn
from ibis.expr.types import Table as IbisTable

from crmlab.load import reasons
from crmlab.load.ledger import Count, table
from crmlab.load.source import File
from crmlab.load.sql import engine
from crmlab.load.stage import match
from crmlab.load.text import NOTHING, SPACE
from crmlab.tables import Kind, Table

Told = tuple[str, str]
Zoned = dt.Timestamp(timezone="UTC")
MONEY = dt.Decimal(18, 2)
LARGEST = 10**16  # money of that type stays below
WORDS = [word for word in (*NOTHING, *reasons.SURE_TOTALS) if word.isascii()]
UNCLEAN = (  # a cell of an id or code that staging would change, or that names a total
    rf"^[{SPACE}'=]|[{SPACE}]$|\.0$|[！-～]|^(?:-|--|—|–|\\N|[Nn][Uu][Ll][Ll]|[Nn]a[NT]|None|[Nn]/[Aa]"
    rf"|#[A-Z/0!?]+)$|^(?i:{'|'.join(reasons.SURE_TOTALS)})$"
)


@ibis.udf.scalar.builtin(signature=((dt.string, Zoned), dt.timestamp))
def timezone(zone, when):  # noqa: ANN001, ANN201, D103 - a function of DuckDB
    ...


@ibis.udf.scalar.builtin(signature=((Zoned, dt.string), dt.timestamp))
def from_utc_timestamp(when, zone):  # noqa: ANN001, ANN201, D103 - a function of Spark
    ...


@ibis.udf.scalar.builtin(signature=((dt.string,), dt.int64))
def strlen(cell):  # noqa: ANN001, ANN201, D103 - a function of DuckDB: bytes
    ...


def obstacles(ours: Table, file: File) -> Iterator[Told]:
    """Yield why a table's rows cannot be used as they lie in its files; nothing if they can."""
    rules, form = file.rules, file.form
    if not file.paths or any(path.suffix.lower() != ".parquet" for path in file.paths):
        yield "its files are no Parquet", "文件不是 Parquet"
    if file.constants:
        yield "it has columns of one value", "含有取固定值的列"
    if (form.unit, form.tax_included) != (1, 0):
        yield "money_unit or tax_included is set", "设置了 money_unit 或 tax_included"
    if rules.duplicates != "keep":
        yield "duplicates are to be dropped", "需要删除重复行"
    if rules.grain != "line":
        yield f'grain is "{rules.grain}"', f'grain 为 "{rules.grain}"'
    if rules.refunds != "own_day" or rules.cancel_prefix or "refund_amount" in file.ours:
        yield "refunds are to be worked out", "需要推算退款"
    if ours.name == "orders" and "amount" not in file.ours:
        yield "amounts are to be made of quantity and price", "金额需由数量与单价计算"
    if file.where:
        yield "a part of the rows is asked for", "只要求部分行"


@dataclass(frozen=True)
class Direct:
    """A table's rows in its files: our columns, typed, and ``_reason``, which is null if used.

    `raw` are the rows as they are, `wrong` the columns whose type in the file will not do.
    """

    ours: Table
    file: File
    raw: IbisTable

    @cached_property
    def is_spark(self) -> bool:
        return self.raw.get_backend().name == "pyspark"

    @cached_property
    def wrong(self) -> list[Told]:
        found: list[Told] = []
        for column, theirs in self.names.items():
            if theirs not in self.raw.columns:
                return [(f"there is no column {theirs}", f"没有列 {theirs}")]
            kind, physical = self.ours.columns[column].kind, self.raw.schema()[theirs]
            if not _fits(kind, physical):
                found.append((f"{theirs} is {physical}", f"{theirs} 的类型为 {physical}"))
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """Their exact names of our columns; a column that is absent is left to staging."""
        had = self.raw.columns
        return {c: match(theirs, had) or theirs for c, theirs in self.file.columns}

    @property
    def columns(self) -> list[str]:
        return [c for c in self.ours.columns if c in self.names]

    @property
    def reasons(self) -> tuple[str, ...]:
        return (*reasons.codes(self.ours, self.file), "after_as_of")

    @cached_property
    def rows(self) -> IbisTable:
        typed = {c: self._typed(c).name(c) for c in self.columns}
        return self.raw.select(**typed, _reason=self._reason(typed))

    def _typed(self, column: str) -> Column:
        cell, kind = self.raw[self.names[column]], self.ours.columns[column].kind
        if kind == "date":
            return self._on_the_clock(cell)
        if kind == "money":
            return _money(cell)
        if kind in ("id", "text", "code"):
            return cell.nullif("") if cell.type().is_string() else cell.cast("string")
        return cell.cast({"number": "float64", "integer": "int64", "flag": "boolean"}[kind])

    def _on_the_clock(self, when: Column) -> Column:
        """Return a time as the source's clock shows it; without a zone, as it is written."""
        if when.type().is_timestamp() and when.type().timezone:
            zone = self.file.form.time_zone or "UTC"
            return from_utc_timestamp(when, zone) if self.is_spark else timezone(zone, when)
        return when.cast("timestamp")

    def _reason(self, typed: dict[str, Column]) -> Column:
        """Return the number of the first reason that leaves a row out, null if none does."""
        must = reasons.needed(self.ours, self.file)
        arms: dict[str, BooleanValue] = {f"no_{c}": typed[c].isnull() for c in must}
        for c in must:
            if self.ours.columns[c].kind == "money":
                cell = self.raw[self.names[c]]
                arms[f"bad_{c}"] = typed[c].isnull() & _present(cell)
                arms[f"no_{c}"] = ~_present(cell)
        if kept := self.file.rules.keep_status:
            arms["wrong_status"] = ~typed["status"].fill_null("").isin(kept)
        if dropped := self.file.rules.drop_status:
            left = typed["status"].fill_null("").isin(dropped)
            arms["wrong_status"] = arms.get("wrong_status", left) | left
        if self.file.rules.as_of and "order_date" in typed:
            arms["after_as_of"] = typed["order_date"].date() > self.file.rules.as_of
        ordered = [(arms[code], n) for n, code in enumerate(self.reasons) if code in arms]
        return ibis.cases(*ordered, else_=None).cast("int8")

    @cached_property
    def told(self) -> pd.DataFrame:
        """By reason: rows, money, days, lines of zero and below, and cells to look at closely."""
        rows = self.rows
        asked = {"rows": rows.count()}
        if "amount" in self.columns:
            below = rows.amount < 0
            asked |= {
                "amount": rows.amount.sum(), "zeros": (rows.amount == 0).sum(),
                "below": below.sum(), "taken": rows.amount.sum(where=below),
            }  # fmt: skip
        if "order_date" in self.columns:
            asked |= {"first": rows.order_date.min(), "last": rows.order_date.max()}
        if self._texts and not self.is_spark:
            asked["doubtful"] = _any([_doubtful(rows[c]) for c in self._texts]).sum()
        told = rows.group_by("_reason").aggregate(**asked).to_pandas()
        return told.set_index(told.pop("_reason").fillna(-1).astype("int64")).sort_index()

    @property
    def _texts(self) -> list[str]:
        """The columns that are grouped or compared by, and are text in the file."""
        return [
            c
            for c in self.columns
            if self.ours.columns[c].kind in ("id", "code") or c == "status"
            if self.raw.schema()[self.names[c]].is_string()
        ]

    @property
    def unclean(self) -> int:
        """The number of rows with a cell that has to be cleaned first."""
        if not self._texts or ("doubtful" in self.told and not self.told["doubtful"].sum()):
            return 0
        wrong = _any([self.rows[c].re_search(UNCLEAN) for c in self._texts])
        return int(self.rows.filter(wrong).count().execute())

    @property
    def used(self) -> IbisTable:
        """Return the rows that are used; no row is looked at twice where none is left out."""
        rows = self.rows
        if (self.told.index != -1).any():
            rows = rows.filter(rows._reason.isnull())
        return rows.drop("_reason")

    @property
    def span(self) -> tuple[date | None, date | None]:
        """Return the first and the last day of the rows that are used."""
        if "first" not in self.told or -1 not in self.told.index:
            return None, None
        first, last = (pd.Timestamp(self.told.at[-1, c]) for c in ("first", "last"))
        return first.date(), last.date()

    def ledger(self) -> pd.DataFrame:
        """Return the quality ledger; only here the rows are compared with each other."""
        has_money = "amount" in self.columns
        counted = {
            None if reason < 0 else int(reason): (int(row["rows"]), row.get("amount"))
            for reason, row in self.told.iterrows()
        }
        odd: dict[str, Count] = {}
        if has_money and -1 in self.told.index:
            used = self.told.loc[-1]
            odd["zero_amount"] = int(used["zeros"]), 0
            odd["negative_amount"] = int(used["below"]), used["taken"]
        odd["exact_duplicates"] = self._repeated()
        return table(counted, self.reasons, odd, money=has_money)

    def _repeated(self) -> Count:
        """Return how many used rows repeat an earlier one in every cell, and their money."""
        typed = {c: self._typed(c) for c in self.columns}
        used = self.raw
        if (self.told.index != -1).any():
            used = used.filter(self._reason(typed).isnull())
        paid = typed["amount"] if "amount" in typed else ibis.literal(0)
        each = used.group_by(used.columns).aggregate(times=used.count(), paid=paid.max())
        again = each.filter(each.times > 1)
        over = again.times - 1
        told = again.aggregate(rows=over.sum(), amount=(again.paid * over).sum()).to_pandas()
        rows, amount = told.iloc[0]
        return (0, None) if pd.isna(rows) else (int(rows), amount)


def parquet(paths: Sequence[Path]) -> IbisTable | None:
    """Return Parquet files of the same columns and types as one table of DuckDB, if they are.

    Raises
    ------
    DataError
        If one cannot be read.
    """
    for path in paths:
        if not path.exists() or path.is_dir() or not path.stat().st_size:
            return None  # to be told by who reads files one by one
    try:
        each = [engine().read_parquet(str(path)) for path in paths]
    except duckdb.Error:
        return None
    if any(table.schema() != each[0].schema() for table in each):
        return None
    return ibis.union(*each) if len(each) > 1 else each[0]


def _any(conditions: Sequence[BooleanValue]) -> BooleanValue:
    found = conditions[0]
    for each in conditions[1:]:
        found = found | each
    return found


def _doubtful(cell: StringColumn) -> BooleanValue:
    """Return which cells to look at closely: a tenth of the time of the pattern, for all of them.

    The others are of ASCII characters alone and begin with a digit or a letter.
    """
    plain = (cell >= "0") & (cell < "{") & ~cell.between(":", "@~")
    ends = cell.endswith(" ") | cell.endswith(".0") | cell.isin(WORDS)
    return ~plain | (strlen(cell) != cell.length()) | ends


def _fits(kind: Kind, physical: dt.DataType) -> bool:
    """Return whether a file's own type of a column will do."""
    if kind == "date":
        return physical.is_timestamp() or physical.is_date()
    if kind in ("money", "number"):
        return physical.is_numeric()
    if kind == "integer":
        return physical.is_integer()
    if kind == "flag":
        return physical.is_boolean()
    return physical.is_string() or (kind == "id" and physical.is_integer())


def _present(cell: Column) -> BooleanValue:
    return cell.notnull() & ~cell.isnan() if cell.type().is_floating() else cell.notnull()


def _money(cell: Column) -> Column:
    """Return an amount to the cent, null where it is none or beyond any money."""
    physical = cell.type()
    if physical.is_decimal() and physical.scale == MONEY.scale and physical.precision <= 18:
        return cell.cast(MONEY)
    if physical.is_floating():  # whole cents first: engines differ in how they cast 1.005
        cents = cell.sign() * (cell.abs() * 100 + 0.5).floor()
        able = _present(cell) & (cents.abs() < LARGEST)
        whole = able.ifelse(cents, None).cast("int64").cast(dt.Decimal(18, 0))
        return (whole * ibis.literal("0.01").cast(dt.Decimal(3, 2))).cast(MONEY)
    return (cell.abs() < LARGEST).ifelse(cell, None).cast(MONEY)
