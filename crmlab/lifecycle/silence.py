"""When silence means that a customer has left, and lives that end in it."""

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.lifecycle import survival


def silence_days(gaps: pd.DataFrame, quantile: float = 0.9) -> int:
    """Return the silence, in days, that `quantile` of the gaps between purchases stay within.

    Only gaps that ended are known, each counts once, and frequent buyers have more of
    them: it describes purchases, not customers. Hold it against `sensitivity`.

    >>> silence_days(pd.DataFrame({"gap_days": [10, 20, 30, 40, 300]}), 0.8)
    40

    Raises
    ------
    NotEnough
        If nobody ever came back, so that there is no gap.
    """
    if not 0 < quantile < 1:
        raise ValueError(f"quantile must be between 0 and 1, got {quantile}")
    if gaps.empty:
        raise NotEnough(
            en="Nobody bought twice: there is no rhythm to tell silence from.",
            zh="没有客户购买两次：无法从购买节奏判断沉默。",
        )
    return int(np.quantile(gaps["gap_days"], quantile, method="inverted_cdf"))


def last_day(customers: pd.DataFrame) -> pd.Timestamp:
    """Return the last day observed, which all rows of a summary share."""
    days = pd.to_timedelta(customers["days_since_last"], unit="D")
    return (customers["last_order"] + days).max()


def second_purchase(customers: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the days from the first to the second purchase: lives for `kaplan_meier`.

    Indexed like `customers`; those who have not come back are censored on the last
    day observed. One minus survival is the share that came back.
    """
    second = gaps[gaps["nth"] == 1].set_index("customer_id")["gap_days"].reindex(customers.index)
    return pd.DataFrame(
        {"duration": second.fillna(customers["days_since_last"]), "observed": second.notna()}
    )


def relationship(customers: pd.DataFrame, gaps: pd.DataFrame, quiet_days: int) -> pd.DataFrame:
    """Return the days from the first purchase until a customer is called lost: lives.

    A relationship ends, as far as anyone could know at the time, at the end of the
    first `quiet_days` days in a row after a purchase without another one. Nothing
    later is used: those who come back count as lost, `sensitivity` tells how many
    did. Nobody can be lost before `quiet_days`. Indexed like `customers`.
    """
    if quiet_days < 1:
        raise ValueError(f"quiet_days must be at least 1, got {quiet_days}")
    too_long = gaps[gaps["gap_days"] > quiet_days]
    silent_from = pd.to_datetime(too_long["day"]) - pd.to_timedelta(too_long["gap_days"], unit="D")
    left = silent_from.groupby(too_long["customer_id"]).min().reindex(customers.index)
    left = left.fillna(customers["last_order"].where(customers["days_since_last"] >= quiet_days))
    observed = left.notna()
    end = (left + pd.Timedelta(days=quiet_days)).fillna(last_day(customers))
    return pd.DataFrame(
        {"duration": (end - customers["first_order"]).dt.days, "observed": observed}
    )


def clocks(customers: pd.DataFrame, gaps: pd.DataFrame, quiet_days: int) -> pd.DataFrame:
    """Return the median `relationship` from the first purchase and from the second.

    Parameters
    ----------
    customers, gaps, quiet_days
        As in `relationship`; ``nth`` of the gaps tells the second purchase.

    Returns
    -------
    DataFrame
        Indexed by ``group``, ``first_clock`` and, of those who came back,
        ``second_clock``: ``customers``, ``called_lost``, and the median days from
        that purchase until called lost (``until_lost``) and to the last purchase
        before it (``until_last``, the threshold less), each with a 95 % interval
        (``…_low``, ``…_high``). What is not reached is missing.
    """
    second = gaps[gaps["nth"] == 1].set_index("customer_id")["day"]
    twice = customers.loc[second.index].assign(first_order=pd.to_datetime(second))
    lives = {
        "first_clock": relationship(customers, gaps, quiet_days),
        "second_clock": relationship(twice, gaps[gaps["nth"] > 1], quiet_days),
    }
    found = pd.concat([survival.quantile(survival.kaplan_meier(v)) for v in lives.values()])
    counts = found[["lives", "events"]].set_axis(["customers", "called_lost"], axis=1)
    days = found[["time", "low", "high"]]
    until = [
        (days - less).set_axis([name, f"{name}_low", f"{name}_high"], axis=1)
        for name, less in (("until_lost", 0), ("until_last", quiet_days))
    ]
    table = pd.concat([counts.astype("int64"), *until], axis=1)
    return table.set_axis(pd.Index(lives, name="group"))
