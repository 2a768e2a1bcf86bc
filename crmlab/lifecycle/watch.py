"""Whom to act on, and what is at stake."""

import math

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.lifecycle.baskets import first_basket

WATCH = ("active", "quiet_soon", "quiet_just", "quiet_long")
NEAR = ("quiet_soon", "quiet_just")


def watch(customers: pd.DataFrame, quiet_days: int, *, within_days: int) -> pd.Series:
    """Return how near each customer is to the threshold of silence.

    ``quiet_soon`` will pass it within `within_days` unless they buy; ``quiet_just``
    passed it in the last `within_days`; ``quiet_long`` did before; the rest are
    ``active``.
    """
    ends = [-math.inf, quiet_days - within_days, quiet_days, quiet_days + within_days, math.inf]
    silence = customers["days_since_last"]
    return pd.cut(silence, ends, right=False, labels=list(WATCH)).rename("watch")


def yearly_spend(daily: pd.DataFrame, days: int = 365) -> pd.Series:
    """Return what each customer spent in the `days` up to the last purchase.

    It is what a year with them was worth when they were last here, in the source's
    currency. `daily` is a panel by day: ``customer_id``, ``period``, ``spend``.
    """
    last = daily.groupby("customer_id")["period"].transform("max")
    counted = daily[daily["period"] > last - pd.Timedelta(days=days)]
    return counted.groupby("customer_id")["spend"].sum().rename("yearly_spend")


def actions(
    customers: pd.DataFrame,
    daily: pd.DataFrame,
    then: pd.DataFrame,
    quiet_days: int,
    *,
    within_days: int,
) -> pd.DataFrame:
    """Return three groups to act on, what to do, and the money at stake.

    Parameters
    ----------
    customers : DataFrame
        Indexed by ``customer_id``: ``days_since_last``, ``frequency``, ``spend``.
    daily : DataFrame
        A panel by day: ``customer_id``, ``period``, ``spend``.
    then : DataFrame
        From `near_and_back`: those as near to the threshold before the holdout.
    quiet_days, within_days : int
        The threshold of silence, and how near to it calls for action.

    Returns
    -------
    DataFrame
        ``whom``, ``action``, ``customers``, ``yearly_spend`` (what they spent, see
        `yearly_spend`), and ``value_at_stake`` with a 95 % interval, ``low`` and
        ``high``, in the source's currency. For those about to pass the threshold,
        and those who just did, it is the mean later spend of those who were as near
        in `then`, times their number now; the interval is that of the mean. For the
        next intake it is what one more in a hundred who returns would spend later,
        if as many join as there are here: an upper bound, for those who need an
        invitation may spend less. Its number and past spend are missing.
    """
    near = watch(customers, quiet_days, within_days=within_days)
    number = near.value_counts().loc[list(NEAR)]
    past = yearly_spend(daily).reindex(customers.index).groupby(near, observed=False).sum()
    money = then.loc[number.index, ["spend_after", "spend_low", "spend_high"]].mul(number, axis=0)
    later = (customers["spend"] - first_basket(daily))[customers["frequency"] > 0]
    gain, error = later.agg(["mean", "sem"]) * len(customers) / 100
    reach = Z95 * error
    rows = [
        ("quiet_soon", "contact_now", number.iloc[0], past["quiet_soon"], *money.loc["quiet_soon"]),
        ("quiet_just", "win_back", number.iloc[1], past["quiet_just"], *money.loc["quiet_just"]),
        ("next_intake", "invite_again", pd.NA, np.nan, gain, max(gain - reach, 0.0), gain + reach),
    ]
    names = ["whom", "action", "customers", "yearly_spend", "value_at_stake", "low", "high"]
    return pd.DataFrame(rows, columns=names).astype({"customers": "Int64"})
