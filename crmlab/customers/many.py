"""Many lines: customers go by number, and their days are kept, so that questions are quick.

A text id costs several times what a number does: to group by in the engine, and to look up in
pandas. Above `MANY` lines in DuckDB, the first question numbers the customers in order of their
ids and keeps a row per customer and day; all later ones of these lines start from there.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import uuid4

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pandas as pd
from ibis.expr.types import Table

from crmlab.load import Lines, engine
from crmlab.load.sql import refused

MANY = 5_000_000  # lines
SMALL = 2**31 / 100 - 1  # amounts below it fit into four bytes, in cents


@ibis.udf.agg.builtin(name="sum", signature=((dt.int64,), dt.Decimal(38, 0)))
def wide_sum(cents):  # noqa: D103 - what DuckDB's sum of integers is: Ibis takes it for an int64
    ...


@dataclass(frozen=True)
class Numbered:
    """Customer-days by the customer's number; `people` says who has it."""

    days: Table
    people: Table

    @cached_property
    def ids(self) -> pd.Index:
        """Customer ids, in order of their numbers."""
        return pd.Index(self.people.order_by("number").customer_id.to_pandas(), name="customer_id")


def numbered(lines: Lines) -> Numbered | None:
    """Return the days of many lines' customers by number; nothing where lines are few.

    Days have ``customer_id`` (the number), ``day`` and ``amount`` in cents. They are made once.
    """
    if "numbered" not in lines.kept:
        large = lines.name == "orders" and lines.rows >= MANY
        if not large or lines.table.get_backend().name != "duckdb":
            return None
        lines.kept["numbered"] = _number(lines)
    return lines.kept["numbered"]


def _number(lines: Lines) -> Numbered:
    name = uuid4().hex
    try:
        daily = engine().create_table(f"days_{name}", by_text(lines), temp=True)
        each = daily.select("customer_id").distinct()
        order = ibis.row_number().over(order_by="customer_id").cast("int32")
        people = engine().create_table(f"people_{name}", each.mutate(number=order), temp=True)
        joined = daily.join(people, "customer_id")
        days = joined.select(customer_id="number", day="day", amount="amount")
        return Numbered(engine().create_table(f"by_number_{name}", days, temp=True), people)
    except duckdb.Error as error:
        raise refused(error, lines.source) from None
    finally:
        engine().drop_table(f"days_{name}", force=True)


def by_text(lines: Lines, until: date | None = None) -> Table:
    """Return the amount of each customer and day up to a day, in cents, by the customer's id.

    If it is not below zero, one line at least is a sale. Whole cents of small amounts an
    engine adds in a seventh less time than decimals, and carries on in eight bytes.
    """
    seen = lines.table
    if until not in (None, lines.as_of):  # no line is later than that
        seen = seen.filter(seen.order_date.date() <= until)
    kind = "int32" if lines.largest is not None and lines.largest < SMALL else "int64"
    cents = wide_sum((seen.amount * 100).cast(kind)).cast("int64")
    return seen.group_by("customer_id", day=seen.order_date.date()).aggregate(amount=cents)


def ids(lines: Lines, customers: pd.Index) -> pd.Index:
    """Return the text ids of customers, who may be numbers (see `numbered`)."""
    found = numbered(lines)
    return customers if found is None else found.ids.take(customers.to_numpy())
