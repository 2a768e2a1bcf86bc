"""Typed rows as they lie in Parquet: nothing is copied, and one pass counts what is left out.

Of complete files without an id to look at, the footers tell all that the pass would.

Where a file's own types will do, its rows are an expression of the engine, each with the
reason that leaves it out. The expression is the same on DuckDB and on Spark. What it does not
say (dates or money as text, duplicates to drop, refunds to date, a part asked for) is staged
by DuckDB instead; of files that only a cluster sees, it is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from operator import or_
from typing import Any

import ibis
import pandas as pd
from ibis.expr.types import BooleanValue, Column, Value
from ibis.expr.types import Table as IbisTable

from crmlab.load import footers, reasons, typed
from crmlab.load.ledger import Count, table
from crmlab.load.source import File
from crmlab.load.stage import match
from crmlab.tables import Table

Told = tuple[str, str]


@dataclass(frozen=True)
class Direct:
    """A table's rows in its files: our columns, typed, and ``_reason``, which is null if used.

    `raw` are the rows as they are. Customer ids that are `looked_at_later` are not looked at:
    who groups by them looks at fewer (see `typed.are_clean`).
    """

    ours: Table
    file: File
    raw: IbisTable
    looked_at_later: bool = False

    @property
    def unfit(self) -> list[Told]:
        """Why the rows have to be staged: types, cells to clean, or none that is used."""
        if wrong := self._wrong():
            return wrong
        if rows := self._unclean():
            en, zh = f"{rows:,} rows have ids or codes to clean", f"{rows:,} 行的编号或代码需要清理"
            return [(en, zh)]
        if not self.count:
            return [("no row can be used", "没有可用的行")]
        try:
            self.span  # noqa: B018 - Python has no such days
        except (NotImplementedError, OverflowError):
            return [("its days reach beyond the year 9999", "日期超出 9999 年")]
        return []

    def _wrong(self) -> list[Told]:
        """Return the columns whose type in the file will not do."""
        found: list[Told] = []
        for column, theirs in self.names.items():
            if theirs not in self.raw.columns:
                return [(f"there is no column {theirs}", f"没有列 {theirs}")]
            physical = self.raw.schema()[theirs]
            if not typed.fits(self.ours.columns[column].kind, physical):
                found.append((f"{theirs} is {physical}", f"{theirs} 的类型为 {physical}"))
        return found

    def _unclean(self) -> int:
        """Return the number of rows with a cell that has to be cleaned first."""
        texts = self._looked_at
        if not texts or not sum(each.get("doubtful", 1) for each in self.told.values()):
            return 0
        wrong = reduce(or_, [self.rows[c].re_search(typed.UNCLEAN) for c in texts])
        return int(self.rows.filter(wrong).count().execute())

    @cached_property
    def names(self) -> dict[str, str]:
        """Their exact names of our columns; a column that is absent is left to staging."""
        had = self.raw.columns
        return {c: match(theirs, had) or theirs for c, theirs in self.file.columns}

    @cached_property
    def columns(self) -> list[str]:
        """Our columns that the table has, in our order."""
        return [c for c in self.ours.columns if c in self.names]

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """The codes that ``_reason`` numbers."""
        return (*reasons.codes(self.ours, self.file), "after_as_of")

    @cached_property
    def is_spark(self) -> bool:
        """Whether Spark holds the rows."""
        return self.raw.get_backend().name == "pyspark"

    @cached_property
    def _texts(self) -> list[str]:
        """The columns that are grouped or compared by, and are text in the file."""
        schema, columns = self.raw.schema(), self.ours.columns
        compared = [c for c in self.columns if columns[c].kind in ("id", "code") or c == "status"]
        return [c for c in compared if schema[self.names[c]].is_string()]

    @cached_property
    def _looked_at(self) -> list[str]:
        return [c for c in self._texts if not (self.looked_at_later and c == "customer_id")]

    @cached_property
    def _cells(self) -> dict[str, Column]:
        return {c: self._cell(c) for c in self.columns}

    def _cell(self, column: str) -> Column:
        """Return a column of ours, typed, over the rows as they are."""
        cell, kind = self.raw[self.names[column]], self.ours.columns[column].kind
        if kind == "date":
            return self._on_the_clock(cell)
        if kind == "money":
            return typed.money(cell)
        if kind in ("id", "text", "code"):
            return cell.nullif("") if cell.type().is_string() else cell.cast("string")
        return cell.cast({"number": "float64", "integer": "int64", "flag": "boolean"}[kind])

    def _on_the_clock(self, when: Column) -> Column:
        """Return a time as the source's clock shows it; without a zone, as it is written."""
        if typed.is_zoned(when):
            zone = self.file.form.time_zone or "UTC"
            if self.is_spark:
                return typed.from_utc_timestamp(when, zone)
            return typed.timezone(zone, when)
        return when.cast("timestamp")

    @cached_property
    def _reason(self) -> Column:
        """The number of the first reason that leaves a row out; null if none does."""
        arms: dict[str, BooleanValue] = {}
        for c in reasons.needed(self.ours, self.file):
            nothing = self._cells[c].isnull()  # noqa: PD003 - Ibis
            arms[f"no_{c}"] = nothing
            if self.ours.columns[c].kind == "money":
                there = typed.present(self.raw[self.names[c]])
                arms |= {f"no_{c}": ~there, f"bad_{c}": there & nothing}
        if wrong := self._wrong_status:
            arms["wrong_status"] = reduce(or_, wrong)
        if self.file.rules.as_of and "order_date" in self._cells:
            arms["after_as_of"] = self._cells["order_date"].date() > self.file.rules.as_of
        ordered = [(arms[code], n) for n, code in enumerate(self.reasons) if code in arms]
        return ibis.cases(*ordered, else_=None).cast("int8") if ordered else ibis.null("int8")

    @property
    def _wrong_status(self) -> list[BooleanValue]:
        rules = self.file.rules
        if not (rules.keep_status or rules.drop_status):
            return []
        status = self._cells["status"].fill_null("")
        kept = [~status.isin(rules.keep_status)] if rules.keep_status else []
        return kept + ([status.isin(rules.drop_status)] if rules.drop_status else [])

    @cached_property
    def rows(self) -> IbisTable:
        """All rows: our columns, and why a row is left out."""
        return self.raw.select(**self._cells, _reason=self._reason)

    @cached_property
    def told(self) -> Mapping[int | None, dict[str, Any]]:
        """By reason: rows, money and its range, days, and cells to look at closely."""
        written = {f"_{c}": self.raw[self.names[c]] for c in self._looked_at}
        rows = self.raw.select(**self._cells, **written, _reason=self._reason)
        asked = self._asked(rows, list(written))
        if self._complete:
            told = self._by_footers or rows.aggregate(**asked).to_pandas().to_dict("records")[0]
            if not told.get("doubtful", 0):  # an empty id would leave its row out
                return {None: told}
        found = rows.group_by("_reason").aggregate(**asked).to_pandas().to_dict("records")
        return {None if pd.isna(n := row["_reason"]) else int(n): row for row in found}

    @cached_property
    def _footers(self) -> footers.Told:
        return footers.told(self.file.paths, list(self.names.values()))

    @property
    def _complete(self) -> bool:
        """Whether no row can be left out: what must be there is, as the files tell.

        A reason to group by takes as long as reading dates and amounts.
        """
        if self.is_spark or self._wrong_status or self.file.rules.as_of:
            return False
        needed = reasons.needed(self.ours, self.file)
        money = [c for c in needed if self.ours.columns[c].kind == "money"]
        cents = all(typed.is_cents(self.raw[self.names[c]]) for c in money)
        return cents and all(self.names[c] in self._footers.ranges for c in needed)

    @property
    def _by_footers(self) -> dict[str, Any]:
        """Rows, range of money and days of complete rows; nothing if cells have to be read."""
        ends = {"amount": ("lowest", "highest"), "order_date": ("first", "last")}
        told: dict[str, Any] = {"rows": self._footers.rows}
        for c in (each for each in ends if each in self.columns):
            cell = self.raw[self.names[c]]
            exact = typed.is_cents(cell) if c == "amount" else not typed.is_zoned(cell)
            found = self._footers.ranges.get(self.names[c]) if exact else None
            told |= dict(zip(ends[c], found or (None, None), strict=True))
        return {} if self._looked_at or None in told.values() else told

    def _asked(self, rows: IbisTable, written: list[str]) -> dict[str, Value]:
        asked: dict[str, Value] = {"rows": rows.count()}
        if "amount" in self.columns:
            paid = rows.amount
            asked |= {"amount": paid.sum(), "lowest": paid.min(), "highest": paid.max()}
        if "order_date" in self.columns:
            asked |= {"first": rows.order_date.min(), "last": rows.order_date.max()}
        if written and not self.is_spark:
            doubtful = reduce(or_, [typed.doubtful(rows[c]) for c in written])
            asked["doubtful"] = doubtful.sum().fill_null(0).cast("int64")
        return asked

    @property
    def count(self) -> int:
        """The number of rows that are used."""
        return int(self.told[None]["rows"]) if None in self.told else 0

    @property
    def largest(self) -> float | None:
        """The largest amount that is used, either way."""
        used = self.told.get(None, {})
        return max(abs(float(used[c])) for c in ("lowest", "highest")) if "lowest" in used else None

    @cached_property
    def used(self) -> IbisTable:
        """The rows that are used, with our columns; what must be there is never empty."""
        texts = [c for c in self._texts if c in reasons.needed(self.ours, self.file)]
        return self._kept.select(**self._cells | {c: self.raw[self.names[c]] for c in texts})

    @cached_property
    def _kept(self) -> IbisTable:
        """The rows that are used, as they are; none is looked at where none is left out."""
        left_out = any(reason is not None for reason in self.told)
        return self.raw.filter(self._reason.isnull()) if left_out else self.raw  # noqa: PD003 - Ibis

    @property
    def span(self) -> tuple[date | None, date | None]:
        """The first and the last day of the rows that are used."""
        used = self.told.get(None, {})
        if "first" not in used:
            return None, None
        return pd.Timestamp(used["first"]).date(), pd.Timestamp(used["last"]).date()

    def ledger(self) -> pd.DataFrame:
        """Return the quality ledger; only here the rows are compared with each other."""
        counted: dict[int | None, Count]
        counted = {n: (int(row["rows"]), row.get("amount")) for n, row in self.told.items()}
        odd: dict[str, Count] = {}
        if "amount" in self.columns:
            paid = self.used.amount
            asked = [(paid == 0).sum(), (paid < 0).sum(), paid.sum(where=paid < 0), paid.sum()]
            zero, below, taken, total = self.used.aggregate(asked).to_pandas().iloc[0]
            counted[None] = self.count, total
            odd |= {"zero_amount": (int(zero), 0), "negative_amount": (int(below), taken)}
        odd["exact_duplicates"] = self._repeated()
        return table(counted, self.reasons, odd, money="amount" in self.columns)

    def _repeated(self) -> Count:
        """Return how many used rows repeat an earlier one in every cell, and their money."""
        every = {f"c{n}": self.raw[c] for n, c in enumerate(self.raw.columns)}
        rows = self._kept.select(**every, paid=self._cells.get("amount", ibis.literal(0)))
        each = rows.group_by(list(every)).aggregate(times=rows.count(), paid=rows.paid.max())
        again = each.filter(each.times > 1)
        over = again.times - 1
        told = again.aggregate(rows=over.sum(), amount=(again.paid * over).sum()).to_pandas()
        rows, amount = told.iloc[0]
        return (0, None) if pd.isna(rows) else (int(rows), amount)
