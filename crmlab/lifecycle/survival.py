"""Kaplan–Meier with its interval and risk table, and the log-rank test.

**Lives** are rows with ``duration`` (any one unit), ``observed`` (whether the event
was seen; if not, the life is censored then) and, where a row stands for several, a
``weight``. A life that ends at t is still at risk at t, just before the event.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.intervals import Z95

_TIE = 1e-9  # a survival this near to a level has reached it


@dataclass(frozen=True)
class LogRank:
    """The log-rank test that survival is the same in all groups."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def kaplan_meier(lives: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return the Kaplan–Meier curve of each group, with a log-log 95 % interval.

    Parameters
    ----------
    lives : DataFrame
        ``duration``, ``observed``, and ``weight`` if rows stand for several.
    by : str, optional
        Column that holds the group; all lives are one group without it.

    Returns
    -------
    DataFrame
        ``group`` and, at zero and at each distinct duration, ``time``,
        ``n_at_risk`` (just before it), ``events`` and ``censored`` at it, and
        ``survival`` after it, with ``low`` and ``high``. The interval is for one
        time, not for the whole curve. It is missing once nobody is left, and has
        no width before the first event.

    Raises
    ------
    KeyError
        If a column is lacking.
    ValueError
        If there is no life, or a duration is missing or below zero.

    Notes
    -----
    The variance is Greenwood's, from the counts. With weights, statsmodels 0.15 gives
    the standard error of the cumulative hazard in its place, and a weight of two
    would not be two rows.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete
    observations.
    Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of
    Failure Time Data, section 1.4: the interval of log(-log S).
    """
    _check(lives)
    if by is None:
        return _curve(lives).assign(group="all_customers")[["group", *_COLUMNS]]
    parts = {str(name): _curve(rows) for name, rows in lives.groupby(by, observed=True)}
    return pd.concat(parts, names=["group", None]).reset_index("group").reset_index(drop=True)


_COLUMNS = ["time", "n_at_risk", "events", "censored", "survival", "low", "high"]


def _check(lives: pd.DataFrame) -> None:
    duration = lives["duration"]
    if lives.empty:
        raise ValueError("there are no lives")
    if not (duration >= 0).all():
        raise ValueError("durations must be zero or more, and none may be missing")
    if "weight" in lives and not (lives["weight"] > 0).all():
        raise ValueError("weights must be positive")


def _curve(lives: pd.DataFrame) -> pd.DataFrame:
    from statsmodels.duration.survfunc import SurvfuncRight

    weight = lives["weight"] if "weight" in lives else pd.Series(1, lives.index)
    by = [lives["duration"].rename("time"), lives["observed"].astype("bool")]
    each = weight.rename("lives").groupby(by).sum().reset_index()  # equal lives once
    fitted = SurvfuncRight(
        each["time"].to_numpy(), each["observed"].to_numpy("int64"),
        freq_weights=each["lives"].to_numpy(),
    )  # fmt: skip
    seen = each["observed"]
    ends = {"events": each["lives"].where(seen, 0), "censored": each["lives"].mask(seen, 0)}
    table = pd.DataFrame(ends).groupby(each["time"].to_numpy()).sum()
    table = table.reindex(table.index.union([0]), fill_value=0)
    left = table["events"] + table["censored"]
    table.insert(0, "n_at_risk", left[::-1].cumsum()[::-1])
    survival = pd.Series(fitted.surv_prob, fitted.surv_times).reindex(table.index).ffill()
    table["survival"] = survival.fillna(1.0)
    return table.join(_log_log(table)).rename_axis("time").reset_index()[_COLUMNS]


def _log_log(table: pd.DataFrame) -> pd.DataFrame:
    """Return the interval that is symmetric for log(-log S): it stays within 0 and 1."""
    n, d, survival = table["n_at_risk"], table["events"], table["survival"]
    greenwood = (d / (n * (n - d)).where(n > d)).cumsum()
    inside = survival.where((survival > 0) & (survival < 1))
    factor = np.exp(Z95 * np.sqrt(greenwood) / -np.log(inside))
    low, high = inside**factor, inside ** (1 / factor)
    sure = survival == 1
    return pd.DataFrame({"low": low.mask(sure, 1.0), "high": high.mask(sure, 1.0)})


def quantile(curve: pd.DataFrame, share: float = 0.5) -> pd.DataFrame:
    """Return the time by which `share` had the event, per group: the median by default.

    Parameters
    ----------
    curve : DataFrame
        From `kaplan_meier`.
    share : float
        Between 0 and 1.

    Returns
    -------
    DataFrame
        Indexed by ``group``: ``lives``, ``events``, ``time``, and its 95 % interval
        ``low`` and ``high``, in the unit of the durations. A time that the curve,
        or a side of its band, does not reach is missing: it is not known.

    References
    ----------
    Brookmeyer, R. and Crowley, J. (1982). A confidence interval for the median
    survival time.
    """
    if not 0 < share < 1:
        raise ValueError(f"share must be between 0 and 1, got {share}")

    def first(rows: pd.DataFrame, column: str) -> float:
        reached = rows["time"][rows[column] <= 1 - share + _TIE]
        return float(reached.iloc[0]) if len(reached) else np.nan

    found = {
        group: {
            "lives": rows["n_at_risk"].iloc[0],
            "events": rows["events"].sum(),
            "time": first(rows, "survival"),
            "low": first(rows, "low"),
            "high": first(rows, "high"),
        }
        for group, rows in curve.groupby("group", sort=False)
    }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("group")


def survival_at(curve: pd.DataFrame, times: list[float]) -> pd.DataFrame:
    """Return the curve at given times: the risk table.

    Indexed by ``group`` and ``time``: ``n_at_risk`` counts the lives of at least that
    duration, as just before an event then; ``events`` those up to and at the time;
    ``survival``, ``low``, ``high``. Survival beyond the longest life is missing.
    """
    parts = {}
    for group, rows in curve.groupby("group", sort=False):
        clock = rows["time"].to_numpy()
        last = np.searchsorted(clock, times, side="right") - 1
        ahead = np.searchsorted(clock, times, side="left")
        at_risk = np.append(rows["n_at_risk"].to_numpy(), 0)
        part = rows[["survival", "low", "high"]].iloc[last].set_axis(times)
        part = part.where(part.index.to_series() <= clock[-1])
        part.insert(0, "events", rows["events"].cumsum().to_numpy()[last])
        part.insert(0, "n_at_risk", at_risk[ahead])
        parts[group] = part
    return pd.concat(parts, names=["group", "time"])


def log_rank(lives: pd.DataFrame, by: str) -> LogRank:
    """Test whether survival is the same in all groups of column `by`.

    With one group, or without an event that could tell groups apart, the
    statistic and its p value are missing. Weights must be whole numbers: a
    weight of two is two lives.

    References
    ----------
    Mantel, N. (1966). Evaluation of survival data and two new rank order
    statistics arising in its consideration.
    """
    from scipy.special import chdtrc
    from statsmodels.duration.survfunc import survdiff

    _check(lives)
    each = lives.loc[lives.index.repeat(lives["weight"])] if "weight" in lives else lives
    group, names = pd.factorize(each[by], sort=True)
    freedom = len(names) - 1
    try:
        statistic = float(
            survdiff(each["duration"], each["observed"].astype("int64"), group)[0]
            if freedom
            else np.nan
        )
    except np.linalg.LinAlgError:  # no event, or none while two groups were at risk
        statistic = np.nan
    return LogRank(statistic, freedom, float(chdtrc(freedom, statistic)))
