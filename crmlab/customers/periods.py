"""Lines → calendar periods: purchases, panels, gaps, cohorts.

A calendar period has an integer index, which is the same on every engine.
"""

from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import IntegerColumn, Table, TimestampColumn

from crmlab.customers.summary import TimeUnit, days, money
from crmlab.load import Lines


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
            spend=money(marked.amount.sum()),
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
    each = _by_period(lines, unit, as_of).order_by("customer_id", "period").to_pandas()
    return each.assign(period=period_start(each["period"], unit))


def _by_period(lines: Lines, unit: TimeUnit, as_of: str | date | None) -> Table:
    """Return `panel` as an expression of the engine, each period by its number."""
    bought = days(lines, as_of=as_of).filter("occasion")
    each = bought.group_by("customer_id", period=period(bought.day.cast("timestamp"), unit))
    return each.aggregate(purchases=bought.count().cast("int32"), spend=money(bought.amount.sum()))


def gaps(lines: Lines, *, as_of: str | date | None = None) -> pd.DataFrame:
    """Return the days between successive occasions of each customer.

    Columns ``customer_id``, ``nth`` (1 = from the first to the second occasion),
    ``day`` (the later one), ``gap_days``; sorted by customer and ``nth``.
    """
    bought = days(lines, as_of=as_of).filter("occasion")
    window = ibis.window(group_by="customer_id", order_by="day")
    before = bought.day.lag().over(window)
    each = bought.mutate(
        nth=ibis.row_number().over(window).cast("int32"),
        gap_days=bought.day.delta(before, unit="day").cast("int32"),
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
    each = _by_period(lines, unit, as_of)
    begun = each.mutate(cohort=each.period.min().over(group_by="customer_id"))
    told = begun.group_by("cohort", age=begun.period - begun.cohort).aggregate(n=begun.count())
    found = told.to_pandas().astype("int64")
    active = found.pivot_table(index="cohort", columns="age", values="n", fill_value=0)
    last = (found["cohort"] + found["age"]).max()
    ages = range(last - found["cohort"].min() + 1)
    active = active.reindex(columns=ages, fill_value=0).astype("float64")
    future = np.add.outer(active.index.to_numpy(), np.array(ages)) > last
    sizes = active[0].astype("int64")
    share = active.div(sizes, axis=0).mask(future)
    share.columns = pd.Index(ages, name="age")
    share.index = pd.MultiIndex.from_arrays(
        [period_start(active.index, unit), sizes], names=["cohort", "customers"]
    )
    return share
