"""Whom to act on, and what is at stake."""

import math

import numpy as np
import pandas as pd

from crmlab.lifecycle.intervals import Z

WATCH = ("active", "quiet_soon", "quiet_just", "quiet_long")


def watch(customers: pd.DataFrame, quiet_days: int, *, within_days: int) -> pd.Series:
    """Return how near each customer is to the threshold of silence.

    ``quiet_soon`` will pass it within `within_days` unless they buy; ``quiet_just``
    passed it in the last `within_days`; ``quiet_long`` did before; the rest are
    ``active``.
    """
    ends = [-math.inf, quiet_days - within_days, quiet_days, quiet_days + within_days, math.inf]
    silence = customers["days_since_last"]
    return pd.cut(silence, ends, right=False, labels=list(WATCH)).rename("watch")


def first_basket(daily: pd.DataFrame) -> pd.Series:
    """Return what each customer spent on the first day, in the source's currency.

    `daily` is a panel by day: ``customer_id``, ``period``, ``spend``.
    """
    ordered = daily.sort_values("period", kind="stable")
    return ordered.groupby("customer_id")["spend"].first().rename("first_basket")


def yearly_spend(daily: pd.DataFrame, days: int = 365) -> pd.Series:
    """Return what each customer spent in the `days` up to the last purchase.

    It is what a year with them was worth when they were last here, in the source's
    currency. `daily` is a panel by day: ``customer_id``, ``period``, ``spend``.
    """
    last = daily.groupby("customer_id")["period"].transform("max")
    counted = daily[daily["period"] > last - pd.Timedelta(days=days)]
    return counted.groupby("customer_id")["spend"].sum().rename("yearly_spend")


def actions(
    customers: pd.DataFrame, daily: pd.DataFrame, quiet_days: int, *, within_days: int
) -> pd.DataFrame:
    """Return three groups to act on, what to do, and the value at stake.

    Parameters
    ----------
    customers : DataFrame
        Indexed by ``customer_id``: ``days_since_last``, ``frequency``, ``spend``.
    daily : DataFrame
        A panel by day: ``customer_id``, ``period``, ``spend``.
    quiet_days, within_days : int
        The threshold of silence, and how near to it calls for action.

    Returns
    -------
    DataFrame
        ``whom``, ``action``, ``customers``, and ``value_at_stake`` with a 95 %
        interval, ``low`` and ``high``, in the source's currency. For those about to
        pass the threshold, and those who just did, it is their `yearly_spend`, with
        the interval of a sum over as many others drawn like them. For new customers it
        is what one more in a hundred who returns would spend later, if as many
        joined as there are here.
    """
    near = watch(customers, quiet_days, within_days=within_days)
    yearly = yearly_spend(daily).reindex(customers.index)
    later = (customers["spend"] - first_basket(daily))[customers["frequency"] > 0]
    gain, error = later.agg(["mean", "sem"]) * len(customers) / 100
    rows = [
        ("quiet_soon", "ring_now", *_total(yearly[near == "quiet_soon"])),
        ("quiet_just", "win_back", *_total(yearly[near == "quiet_just"])),
        ("new_customers", "invite_again", len(customers), gain, error),
    ]
    table = pd.DataFrame(rows, columns=["whom", "action", "customers", "value_at_stake", "error"])
    value, reach = table["value_at_stake"], Z * table.pop("error")
    return table.assign(low=(value - reach).clip(lower=0), high=value + reach)


def _total(values: pd.Series) -> tuple[int, float, float]:
    """Return number, sum and standard error of the sum if the number, too, is chance."""
    return len(values), float(values.sum()), float(np.sqrt((values**2).sum()))
