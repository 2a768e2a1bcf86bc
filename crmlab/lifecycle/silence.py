"""When silence means that a customer has left, and lives that end in it."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from crmlab.errors import DataError, NotEnough
from crmlab.lifecycle.intervals import wilson

THIRDS = ("small", "medium", "large")


def silence_days(gaps: pd.DataFrame, quantile: float = 0.9) -> int:
    """Return the silence, in days, that `quantile` of the gaps between purchases stay within.

    Only gaps that ended are known, each counts once, and frequent buyers have more of
    them: it describes returns, not customers. Hold it against `sensitivity`.

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
    start = _holdout_start(customers, holdout_days)
    quiet, back = _at(customers, gaps, start)
    known = gaps[pd.to_datetime(gaps["day"]) <= start]
    rows = {q: _lost_and_back(quiet, back, silence_days(known, q)) for q in quantiles}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("quantile")
    counts = table.astype(
        dict.fromkeys(("quiet_days", "customers", "called_lost", "came_back"), int)
    )
    shares = wilson(table["came_back"], table["called_lost"])
    return counts.drop(columns="others_share").join(shares).join(counts["others_share"])


def _holdout_start(customers: pd.DataFrame, holdout_days: int) -> pd.Timestamp:
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


def _at(
    customers: pd.DataFrame, gaps: pd.DataFrame, day: pd.Timestamp
) -> tuple[pd.Series, pd.Series]:
    """Return the days of silence on `day` of those known then, and if they came back."""
    first = customers["first_order"]
    known = first[first <= day]
    when = pd.to_datetime(gaps["day"])
    last = when[when <= day].groupby(gaps["customer_id"]).max().reindex(known.index)
    back = known.index.isin(gaps["customer_id"][when > day])
    return (day - last.fillna(known)).dt.days, pd.Series(back, known.index)


def _lost_and_back(quiet: pd.Series, back: pd.Series, threshold: int) -> dict[str, float]:
    lost = quiet >= threshold
    return {
        "quiet_days": threshold,
        "customers": len(quiet),
        "called_lost": int(lost.sum()),
        "came_back": int(back[lost].sum()),
        "others_share": float(back[~lost].mean()),
    }


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


def thirds(values: pd.Series) -> pd.Series:
    """Return small, medium or large by thirds of the values; equal ones stay together.

    >>> thirds(pd.Series([1, 1, 5, 6, 9, 9])).tolist()
    ['small', 'small', 'medium', 'medium', 'large', 'large']

    Raises
    ------
    ValueError
        If there are no values, or one is missing.
    """
    if values.empty or values.isna().any():
        raise ValueError("thirds need values, and none may be missing")
    cuts = np.quantile(values, [1 / 3, 2 / 3], method="inverted_cdf")
    codes = np.searchsorted(cuts, values)
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(THIRDS), ordered=True), values.index)
