"""What a threshold of silence would have said before a holdout, and what then came."""

from collections.abc import Iterable

import pandas as pd

from crmlab.errors import DataError
from crmlab.intervals import Z95
from crmlab.lifecycle.intervals import wilson
from crmlab.lifecycle.silence import last_day, silence_days
from crmlab.lifecycle.watch import NEAR, watch


def sensitivity(
    customers: pd.DataFrame,
    gaps: pd.DataFrame,
    quantiles: Iterable[float] = (0.5, 0.75, 0.8, 0.9, 0.95),
    *,
    holdout_days: int,
) -> pd.DataFrame:
    """Return who would have been called lost before a holdout, and who came back in it.

    Parameters
    ----------
    customers : DataFrame
        Indexed by ``customer_id``: ``first_order``, ``last_order``, ``days_since_last``.
    gaps : DataFrame
        ``customer_id``, ``day`` (the later purchase), ``gap_days``.
    quantiles : iterable of float
        Of the gaps that ended before the holdout: one threshold each.
    holdout_days : int
        Length of the holdout, the last days observed.

    Returns
    -------
    DataFrame
        Indexed by ``quantile``: ``quiet_days`` (the threshold), ``customers`` known
        then, ``called_lost``, how many of these ``came_back``, as ``share`` with a
        Wilson 95 % interval (``low``, ``high``), and ``others_share``, the share of
        those not called lost who bought.

    Raises
    ------
    DataError
        If the holdout begins before the first purchase.
    """
    start = holdout_start(customers, holdout_days)
    then = _at(customers, gaps, start)
    known = gaps[pd.to_datetime(gaps["day"]) <= start]
    rows = {q: _judged(then, silence_days(known, q)) for q in quantiles}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("quantile")
    counts = table.astype(
        dict.fromkeys(("quiet_days", "customers", "called_lost", "came_back"), int)
    )
    shares = wilson(table["came_back"], table["called_lost"])
    return counts.drop(columns="others_share").join(shares).join(counts["others_share"])


def lost_and_back(
    customers: pd.DataFrame, gaps: pd.DataFrame, quiet_days: int, *, holdout_days: int
) -> pd.DataFrame:
    """Return how many of those called lost before a holdout came back in it, by past purchases.

    The same silence says different things about those who ``bought_once`` and those
    who ``bought_more``; ``all_called_lost`` is both. Unlike `sensitivity`, it applies
    a threshold that is given, such as today's. Arguments and errors are as there.

    Returns
    -------
    DataFrame
        Indexed by ``group``: ``called_lost``, how many ``came_back``, as ``share`` with
        a Wilson 95 % interval, ``low`` and ``high``.
    """
    then = _at(customers, gaps, holdout_start(customers, holdout_days))
    back = then.loc[then["days_since_last"] >= quiet_days, ["frequency", "came_back"]]
    parts = {
        "bought_once": back["came_back"][back["frequency"] == 0],
        "bought_more": back["came_back"][back["frequency"] > 0],
        "all_called_lost": back["came_back"],
    }
    table = pd.DataFrame({k: (len(v), v.sum()) for k, v in parts.items()}, dtype="int64").T
    table = table.set_axis(["called_lost", "came_back"], axis=1).rename_axis("group")
    return table.join(wilson(table["came_back"], table["called_lost"]))


def near_and_back(
    customers: pd.DataFrame,
    gaps: pd.DataFrame,
    daily: pd.DataFrame,
    quiet_days: int,
    *,
    within_days: int,
    holdout_days: int,
) -> pd.DataFrame:
    """Return what those near the threshold of silence before a holdout did in it.

    Parameters
    ----------
    customers, gaps, holdout_days
        As in `sensitivity`.
    daily : DataFrame
        A panel by day: ``customer_id``, ``period``, ``spend``.
    quiet_days, within_days : int
        The threshold, and how near to it counts, as in `watch`.

    Returns
    -------
    DataFrame
        Indexed by ``watch``, `NEAR` and both together as ``near_threshold``:
        ``customers``, how many ``came_back``, as ``share`` with a Wilson 95 % interval
        (``low``, ``high``), and ``spend_after``, the mean spend in the holdout of a
        customer, back or not, in the source's currency, with a 95 % interval
        (``spend_low``, ``spend_high``; missing where all spent the same, such as nothing).
    """
    start = holdout_start(customers, holdout_days)
    then = _at(customers, gaps, start)
    later = daily[daily["period"] > start].groupby("customer_id")["spend"].sum()
    then = then.assign(spend_after=later.reindex(then.index).fillna(0.0))
    band = watch(then, quiet_days, within_days=within_days)
    parts = {name: then[band == name] for name in NEAR} | {"near_threshold": then[band.isin(NEAR)]}
    counts = {k: (len(part), part["came_back"].sum()) for k, part in parts.items()}
    table = pd.DataFrame(counts, index=["customers", "came_back"], dtype="int64").T
    spend = pd.DataFrame({k: part["spend_after"].agg(["mean", "sem"]) for k, part in parts.items()})
    mean, reach = spend.T["mean"], Z95 * spend.T["sem"].where(lambda error: error > 0)
    table = table.join(wilson(table["came_back"], table["customers"])).rename_axis("watch")
    return table.assign(
        spend_after=mean, spend_low=(mean - reach).clip(lower=0), spend_high=mean + reach
    )


def holdout_start(customers: pd.DataFrame, holdout_days: int) -> pd.Timestamp:
    """Return the last day before the holdout, which must not be before the first purchase."""
    first, last = customers["first_order"].min(), last_day(customers)
    if (start := last - pd.Timedelta(days=holdout_days)) >= first:
        return start
    raise DataError(
        en=f"A holdout of {holdout_days} days leaves nothing before it: purchases run "
        f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}.",
        zh=f"留出 {holdout_days} 天后，之前没有数据："
        f"购买记录为 {first:%Y-%m-%d} 至 {last:%Y-%m-%d}。",
    )


def _at(customers: pd.DataFrame, gaps: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return those known on `day`: silence and repeat purchases then, if they came back."""
    first = customers["first_order"]
    known = first[first <= day]
    when = pd.to_datetime(gaps["day"])
    before = when[when <= day].groupby(gaps["customer_id"])
    return pd.DataFrame(
        {
            "days_since_last": (day - before.max().reindex(known.index).fillna(known)).dt.days,
            "frequency": before.size().reindex(known.index, fill_value=0),
            "came_back": known.index.isin(gaps["customer_id"][when > day]),
        },
        index=known.index,
    )


def _judged(then: pd.DataFrame, threshold: int) -> dict[str, float]:
    lost, back = then["days_since_last"] >= threshold, then["came_back"]
    return {
        "quiet_days": threshold,
        "customers": len(then),
        "called_lost": int(lost.sum()),
        "came_back": int(back[lost].sum()),
        "others_share": float(back[~lost].mean()),
    }
