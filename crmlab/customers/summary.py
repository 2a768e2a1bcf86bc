"""Lines → one row per customer, cohorts and period panels: the engine's expressions.

An **occasion** is a customer-day with at least one sale line (an amount of zero
counts); a day that refunds take below zero is none. Every function takes the
`Lines` of `crmlab.load.orders` and sees no row after ``as_of``.
"""

from datetime import date, timedelta
from typing import Literal

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import IntegerColumn, Table, TimestampColumn

from crmlab.errors import DataError, NotEnough
from crmlab.load import Lines

TimeUnit = Literal["D", "W", "M"]
DAYS: dict[TimeUnit, float] = {"D": 1, "W": 7, "M": 30.4375}


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


def period(when: TimestampColumn, unit: TimeUnit) -> IntegerColumn:
    """Return the calendar period as an integer: days, weeks from Monday, or months."""
    if unit == "M":
        return when.year().cast("int32") * 12 + when.month().cast("int32") - 1
    days = when.date().delta(ibis.date("1970-01-01"), unit="day").cast("int32")
    return days if unit == "D" else ((days + 3) / 7).floor().cast("int32")


def period_start(index: pd.Series | pd.Index, unit: TimeUnit) -> pd.DatetimeIndex:
    """Return the first day of each period that `period` numbered."""
    numbers = np.asarray(index, dtype="int64")
    if unit == "M":
        return pd.DatetimeIndex(
            (numbers - 1970 * 12).astype("datetime64[M]").astype("datetime64[us]")
        )
    days_ = numbers if unit == "D" else numbers * 7 - 3
    return pd.DatetimeIndex(days_.astype("datetime64[D]").astype("datetime64[us]"))


def days(lines: Lines, *, as_of: str | date | None = None, zero_spend: str = "keep") -> Table:
    """Return one row per customer-day up to `as_of`: ``day``, ``amount``, ``occasion``.

    ``zero_spend="drop"`` makes a day on which nothing was paid no occasion.
    """
    seen = lines.table.filter(lines.table.order_date.date() <= last_day(lines, as_of))
    by_day = seen.group_by("customer_id", day=seen.order_date.date()).aggregate(
        amount=seen.amount.sum(), sales=(seen.amount >= 0).sum()
    )
    enough = by_day.amount > 0 if zero_spend == "drop" else by_day.amount >= 0
    return by_day.mutate(occasion=(by_day.sales > 0) & enough).drop("sales")


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
        Indexed by ``customer_id``: ``frequency`` (repeat customer-days),
        ``recency`` (first to last occasion) and ``T`` (first to `as_of`) in
        `time_unit`; ``monetary_value`` (mean of the repeat days, missing where
        there are none); ``first_order``, ``last_order``; ``days_since_last``,
        ``orders`` (occasions) and ``spend`` (all amounts, refunds included).
        Money is in the source's currency.
    """
    until = last_day(lines, as_of)
    by_day = days(lines, as_of=until, zero_spend=zero_spend)
    bought = by_day.filter("occasion")
    each = bought.group_by("customer_id").aggregate(
        first_order=bought.day.min(),
        last_order=bought.day.max(),
        orders=bought.count(),
        paid=bought.amount.sum(),
        paid_first=bought.amount.argmin(bought.day),
    )
    spent = by_day.group_by("customer_id").aggregate(spend=by_day.amount.sum())
    joined = each.join(spent, "customer_id")
    repeats = joined.orders - 1
    table = joined.mutate(
        frequency=repeats,
        spend=joined.spend.cast("float64"),
        monetary_value=(joined.paid - joined.paid_first).cast("float64") / repeats.nullif(0),
    ).drop("paid", "paid_first")
    return _with_ages(table.order_by("customer_id").to_pandas(), until, DAYS[time_unit])


def _with_ages(table: pd.DataFrame, until: date, unit_days: float) -> pd.DataFrame:
    first, last = (pd.to_datetime(table[c]) for c in ("first_order", "last_order"))
    now = pd.Timestamp(until)
    return table.assign(
        first_order=first,
        last_order=last,
        recency=(last - first).dt.days / unit_days,
        T=(now - first).dt.days / unit_days,
        days_since_last=(now - last).dt.days,
    ).set_index("customer_id")[
        ["frequency", "recency", "T", "monetary_value", "first_order", "last_order",
         "days_since_last", "orders", "spend"]
    ]  # fmt: skip


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
    before = start - timedelta(weeks=holdout_weeks)
    bought = days(lines, as_of=until, zero_spend=zero_spend).filter("occasion")
    bought = bought.mutate(first=bought.day.min().over(group_by="customer_id"))
    held = bought.day > start
    just_before = (bought.day > before) & ~held & (bought.day > bought.first)
    later = (
        bought.group_by("customer_id")
        .aggregate(
            holdout_frequency=held.sum(),
            holdout_monetary_value=bought.amount.mean(where=held).cast("float64"),
            before_frequency=just_before.sum(),
        )
        .to_pandas()
        .set_index("customer_id")
    )
    known = summarise(lines, as_of=start, time_unit=time_unit, zero_spend=zero_spend)
    return known.join(later)


def purchase_periods(
    lines: Lines, *, unit: TimeUnit = "W", as_of: str | date | None = None
) -> pd.DataFrame:
    """Return purchases per calendar period, every period from first to last.

    Indexed by the period's first day: ``customers`` active, ``purchases``
    (occasions), ``new`` (first ones), ``repeat`` (the others), ``spend``.
    """
    by_day = days(lines, as_of=as_of)
    first = by_day.day.min(where=by_day.occasion).over(group_by="customer_id")
    marked = by_day.mutate(is_first=by_day.occasion & (by_day.day == first))
    marked = marked.mutate(period=period(marked.day.cast("timestamp"), unit))
    each = (
        marked.group_by("period")
        .aggregate(
            customers=marked.customer_id.nunique(where=marked.occasion),
            purchases=marked.occasion.sum(),
            new=marked.is_first.sum(),
            spend=marked.amount.sum().cast("float64"),
        )
        .to_pandas()
        .set_index("period")
        .sort_index()
    )
    whole = each.reindex(range(each.index.min(), each.index.max() + 1), fill_value=0)
    whole = whole.assign(repeat=whole["purchases"] - whole["new"])
    return whole.set_axis(period_start(whole.index, unit).rename("period"))


def panel(lines: Lines, *, unit: TimeUnit = "M", as_of: str | date | None = None) -> pd.DataFrame:
    """Return occasions and spend per customer and calendar period, where there are any.

    Columns ``customer_id``, ``period`` (its first day), ``purchases``, ``spend``;
    sorted by both keys.
    """
    bought = days(lines, as_of=as_of).filter("occasion")
    each = (
        bought.group_by("customer_id", period=period(bought.day.cast("timestamp"), unit))
        .aggregate(purchases=bought.count(), spend=bought.amount.sum().cast("float64"))
        .order_by("customer_id", "period")
        .to_pandas()
    )
    return each.assign(period=period_start(each["period"], unit))


def gaps(lines: Lines, *, as_of: str | date | None = None) -> pd.DataFrame:
    """Return the days between successive occasions of each customer.

    Columns ``customer_id``, ``nth`` (1 = from the first to the second occasion),
    ``day`` (the later one), ``gap_days``; sorted by customer and ``nth``.
    """
    bought = days(lines, as_of=as_of).filter("occasion")
    window = ibis.window(group_by="customer_id", order_by="day")
    before = bought.day.lag().over(window)
    each = bought.mutate(
        nth=ibis.row_number().over(window), gap_days=bought.day.delta(before, unit="day")
    )
    found = each.filter(each.nth > 0).select("customer_id", "nth", "day", "gap_days")
    return found.order_by("customer_id", "nth").to_pandas()


def cohorts(lines: Lines, *, unit: TimeUnit = "M", as_of: str | date | None = None) -> pd.DataFrame:
    """Return the share of each cohort that bought in each later period.

    Rows are cohorts (the period of the first occasion, by its first day) with
    their size as second level ``customers``; columns are ``age`` in periods.
    Age 0 is 1; a period that has not begun yet is missing, never zero. The last
    period may be incomplete.
    """
    each = panel(lines, unit=unit, as_of=as_of)
    number = _numbered(each["period"], unit)
    cohort = number.groupby(each["customer_id"]).transform("min")
    active = pd.crosstab(cohort, number - cohort)
    last = number.max()
    ages = range(last - cohort.min() + 1)
    active = active.reindex(columns=ages, fill_value=0).astype("float64")
    future = np.add.outer(active.index.to_numpy(), np.array(ages)) > last
    sizes = active[0].astype("int64")
    share = active.div(sizes, axis=0).mask(future)
    share.columns = pd.Index(ages, name="age")
    share.index = pd.MultiIndex.from_arrays(
        [period_start(active.index, unit), sizes], names=["cohort", "customers"]
    )
    return share


def _numbered(start: pd.Series, unit: TimeUnit) -> pd.Series:
    if unit == "M":
        return start.dt.year * 12 + start.dt.month - 1
    days_ = (start - pd.Timestamp("1970-01-01")).dt.days
    return days_ if unit == "D" else (days_ + 3) // 7
