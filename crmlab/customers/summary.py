"""Lines → one row per customer, or weighted cells: the engine's expressions.

An **occasion** is a customer-day with at least one sale line (an amount of zero
counts); a day that refunds take below zero is none. Every function takes the
`Lines` of `crmlab.load.orders` and sees no row after ``as_of``.
"""

from datetime import date, timedelta
from typing import Literal

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pandas as pd
from ibis.expr.types import BooleanColumn, Table, Value

from crmlab.customers.many import by_text, numbered
from crmlab.errors import DataError, NotEnough
from crmlab.load import Lines

TimeUnit = Literal["D", "W", "M"]
DAYS: dict[TimeUnit, float] = {"D": 1, "W": 7, "M": 30.4375}
STEPS = 500  # of spend: e times as much is so many steps up


@ibis.udf.agg.builtin(signature=((dt.int64, dt.date), dt.int64))
def min_by(what, when):  # noqa: D103 - so both engines call it; argmin would sort
    ...


def last_day(lines: Lines, as_of: str | date | None = None) -> date:
    """Return the last day observed: `as_of`, or the last day in the data if it is empty.

    Raises
    ------
    DataError
        If `as_of` is no ISO date, or outside the data.
    """
    first, last = span(lines)
    try:
        asked = date.fromisoformat(as_of) if isinstance(as_of, str) and as_of else as_of
    except ValueError:
        raise DataError(
            en=f"as_of is {as_of!r}; it must be a date such as {last}.",
            zh=f"as_of 为 {as_of!r}；应为日期，例如 {last}。",
        ) from None
    if not asked:
        return last
    if not first <= (asked := date.fromisoformat(str(asked))) <= last:
        raise DataError(
            en=f"as_of {asked} is outside the data of {lines.source}, "
            f"which run from {first} to {last}.",
            zh=f"as_of {asked} 超出数据源 {lines.source} 的范围：{first} 至 {last}。",
        )
    return asked


def span(lines: Lines) -> tuple[date, date]:
    """Return the first and the last day in the data."""
    if lines.first_day is None or lines.as_of is None:
        raise ValueError(f"table {lines.name} has no order_date; use the lines of load.orders")
    return lines.first_day, lines.as_of


def days(lines: Lines, *, as_of: str | date | None = None, zero_spend: str = "keep") -> Table:
    """Return one row per customer-day up to `as_of`: ``day``, ``amount``, ``occasion``.

    ``amount`` is in cents. ``zero_spend="drop"`` makes a day on which nothing was paid no
    occasion. Of many lines ``customer_id`` is a number (see `crmlab.customers.many`).
    """
    return _marked(_daily(lines, last_day(lines, as_of)), zero_spend)


def _daily(lines: Lines, until: date) -> Table:
    """Return the cents of each customer-day up to a day, kept ones if there are."""
    found = numbered(lines)
    if found is None:
        return by_text(lines, until)
    return found.days if until == lines.as_of else found.days.filter(found.days.day <= until)


def summary(
    lines: Lines,
    *,
    as_of: str | date | None = None,
    time_unit: TimeUnit = "W",
    zero_spend: str = "keep",
) -> Table:
    """Return `summarise` as an expression of the engine: ``customer_id`` and its columns."""
    until = last_day(lines, as_of)
    by_day = _marked(by_text(lines, until), zero_spend)
    return _of_customers(by_day, until, DAYS[time_unit])


def _marked(by_day: Table, zero_spend: str) -> Table:
    enough = by_day.amount > 0 if zero_spend == "drop" else by_day.amount >= 0
    return by_day.mutate(occasion=enough)


def _of_customers(
    by_day: Table, until: date, unit_days: float, later: dict[str, Value] | None = None
) -> Table:
    """Return one row per customer who bought until a day, in one pass over the customer-days.

    Amounts are in cents; `later` are aggregates of the days after it, by name.
    """
    bought = by_day.occasion & (by_day.day <= until) if later else by_day.occasion
    seen = (by_day.day <= until).ifelse(by_day.amount, None) if later else by_day.amount
    marked = by_day.mutate(  # as nulls count for nothing, quicker than conditions on aggregates
        on=bought.ifelse(by_day.day, None), paid=bought.ifelse(by_day.amount, None), seen=seen
    )
    each = marked.group_by("customer_id").aggregate(
        first=marked.on.min(),
        last=marked.on.max(),
        orders=marked.on.count(),
        paid=marked.paid.sum(),
        paid_first=min_by(marked.paid, marked.on),
        spend=marked.seen.sum(),
        **(later or {}),
    )
    repeats = each.orders - 1
    now = ibis.date(until.isoformat())
    return each.filter(each.orders > 0).select(
        "customer_id",
        frequency=repeats,
        recency=each.last.delta(each.first, unit="day").cast("float64") / unit_days,
        T=now.delta(each.first, unit="day").cast("float64") / unit_days,
        monetary_value=money(each.paid - each.paid_first) / repeats.nullif(0),
        first_order=each.first.cast("timestamp"),
        last_order=each.last.cast("timestamp"),
        days_since_last=now.delta(each.last, unit="day"),
        orders=each.orders,
        spend=money(each.spend),
        **{name: each[name] for name in later or {}},
    )


def money(cents: Value) -> Value:
    """Return cents in the unit of the currency."""
    return cents.cast("float64") / 100


def _count(condition: BooleanColumn) -> Value:
    return condition.sum().cast("int64")


def summarise(
    lines: Lines,
    *,
    as_of: str | date | None = None,
    time_unit: TimeUnit = "W",
    zero_spend: str = "keep",
) -> pd.DataFrame:
    """Return one row per customer who ever bought, in order of ``customer_id``.

    Parameters
    ----------
    lines : Lines
        Order lines, from `crmlab.load.orders`.
    as_of : date or ISO text, optional
        Last day seen; by default the last day in the data.
    time_unit : {"D", "W", "M"}
        Unit of ``recency`` and ``T``: days divided by 1, 7 or 30.4375.
    zero_spend : {"keep", "drop"}
        Whether a day on which nothing was paid is an occasion.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id`` (of many lines, numbers: `crmlab.customers.ids` tells
        whose): ``frequency`` (repeat customer-days),
        ``recency`` (first to last occasion) and ``T`` (first to `as_of`) in
        `time_unit`; ``monetary_value`` (mean of the repeat days, missing where
        there are none); ``first_order``, ``last_order``; ``days_since_last``,
        ``orders`` (occasions) and ``spend`` (all amounts, refunds included).
        Money is in the source's currency.
    """
    by_day = days(lines, as_of=as_of, zero_spend=zero_spend)
    return _by_customer(_of_customers(by_day, last_day(lines, as_of), DAYS[time_unit]))


def _by_customer(table: Table) -> pd.DataFrame:
    """Return a row per customer in order, column by column: Ibis would hold missing as objects."""
    rows = table.order_by("customer_id").to_pyarrow()
    found = rows.to_pandas(split_blocks=True, self_destruct=True, date_as_object=False)
    del rows  # it has handed its columns over
    found = found.set_index("customer_id")
    return found.astype(dict.fromkeys(["first_order", "last_order"], "datetime64[us]"))


def cells(summary: Table) -> pd.DataFrame:
    """Return the distinct histories of `summary` with how many customers share each.

    Columns ``frequency``, ``recency``, ``T`` and ``weight``, sorted. A model of purchases
    depends on nothing else, so it is fitted to these as to the customers, and scores these.
    """
    keys = ["frequency", "recency", "T"]
    each = summary.group_by(keys).aggregate(weight=summary.count())
    return each.order_by(keys).to_pandas().astype({"weight": "float64"})


def spend_cells(summary: Table) -> pd.DataFrame:
    """Return how many repeat customers spend about as much per purchase, by their frequency.

    Columns ``frequency``, ``monetary_value`` and ``weight``, sorted; mean spends within
    two thousandths of each other are one, in the middle. Without money above 0 there is none.
    """
    usable = summary.filter(summary.frequency > 0, summary.monetary_value > 0)
    step = (usable.monetary_value.ln() * STEPS).floor().cast("int64")
    each = usable.group_by("frequency", step=step).aggregate(weight=usable.count())
    found = each.order_by("frequency", "step").to_pandas().astype({"weight": "float64"})
    middle = np.exp((found.pop("step") + 0.5) / STEPS)
    return found.assign(monetary_value=middle)[["frequency", "monetary_value", "weight"]]


def split(
    lines: Lines,
    *,
    holdout_weeks: int = 39,
    as_of: str | date | None = None,
    time_unit: TimeUnit = "W",
    zero_spend: str = "keep",
) -> pd.DataFrame:
    """Return the summary at the start of a holdout, and what came in it.

    The holdout is the last `holdout_weeks` up to `as_of`. To the columns of
    `summarise` it adds ``holdout_frequency`` (occasions),
    ``holdout_monetary_value`` (their mean amount, defined like
    ``monetary_value``; missing where there are none) and ``before_frequency``
    (repeat occasions in the stretch of the same length before the holdout).

    Raises
    ------
    NotEnough
        If the holdout starts before the data do.
    """
    until = last_day(lines, as_of)
    start = until - timedelta(weeks=holdout_weeks)
    if start <= (first := span(lines)[0]):
        raise NotEnough(
            en=f"A test of {holdout_weeks} weeks leaves nothing before it: the data of "
            f"{lines.source} run from {first} to {until}. Choose fewer holdout_weeks.",
            zh=f"{holdout_weeks} 周的检验期之前没有数据：数据源 {lines.source} 的范围是 "
            f"{first} 至 {until}。请减小 holdout_weeks。",
        )
    by_day = days(lines, as_of=until, zero_spend=zero_spend)
    held = by_day.occasion & (by_day.day > start)
    before = start - timedelta(weeks=holdout_weeks)
    just_before = by_day.occasion & (by_day.day > before) & (by_day.day <= start)
    first_in = by_day.day.min(where=by_day.occasion) > before  # the first is no repeat
    later = {
        "holdout_frequency": _count(held),
        "holdout_monetary_value": money(by_day.amount.sum(where=held)) / _count(held).nullif(0),
        "before_frequency": _count(just_before) - first_in.cast("int64"),
    }
    return _by_customer(_of_customers(by_day, start, DAYS[time_unit], later))
