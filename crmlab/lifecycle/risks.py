"""Competing risks: how many have left by when, and why, if one cause shuts out the others.

**Lives** have ``duration`` (any one unit), ``cause`` (why it ended; missing if it is
censored then), and ``start`` (at risk only after it) and ``weight`` if there are any.
One minus a Kaplan–Meier curve that counts the other causes as censored is too high: it
asks how many would leave for this cause if there were no other.
"""

import numpy as np
import pandas as pd

from crmlab.errors import DataError
from crmlab.intervals import Z95
from crmlab.lifecycle.fitness import weights

_COLUMNS = ["cause", "time", "n_at_risk", "events", "incidence", "low", "high", "survival"]


def cumulative_incidence(lives: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return the share that left for each cause, by Aalen and Johansen, with 95 % intervals.

    Parameters
    ----------
    lives : DataFrame
        ``duration``, ``cause``, and ``start``, ``weight`` if there are any.
    by : str, optional
        Column that holds the group; all lives are one group without it.

    Returns
    -------
    DataFrame
        For each ``group`` and ``cause``, at zero and each time of any event: ``time``,
        ``n_at_risk`` just before it, ``events`` of the cause at it, ``incidence`` by it
        with ``low`` and ``high``, and ``survival``, free of all causes. The incidences
        of all causes and the survival add up to 1.

    Raises
    ------
    DataError
        If a column is lacking, a duration is not after the start, or nobody has an event.

    Notes
    -----
    The interval is symmetric for log(-log F), so that it stays within 0 and 1; it is for
    one time, and has no width before the first event of the cause. Its variance is that
    of the delta method, which is Greenwood's if there is one cause.

    References
    ----------
    Aalen, O. O. and Johansen, S. (1978). An empirical transition matrix for
    non-homogeneous Markov chains based on censored observations. Scandinavian Journal
    of Statistics 5, 141-150.
    Marubini, E. and Valsecchi, M. G. (1995). Analysing Survival Data from Clinical
    Trials and Observational Studies, section 10.3: the variance.
    """
    _check(lives, by)
    causes = np.sort(lives["cause"].dropna().unique())
    groups = [("all_customers", lives)] if by is None else list(lives.groupby(by, observed=True))
    parts = [_incidences(rows, causes).assign(group=str(name)) for name, rows in groups]
    return pd.concat(parts, ignore_index=True)[["group", *_COLUMNS]]


def _check(lives: pd.DataFrame, by: str | None) -> None:
    """Raise one DataError with all faults of the lives."""
    wanted = ["duration", "cause"] if by is None else ["duration", "cause", by]
    told = [
        (f'Column "{name}" is not there.', f"缺少列“{name}”。")
        for name in wanted if name not in lives
    ]  # fmt: skip
    if "duration" in lives and not (lives["duration"] > lives.get("start", 0)).all():
        told.append(
            ('Column "duration" must come after the start, and never be missing.',
             "列“duration”必须晚于起点，且不得缺失。")
        )  # fmt: skip
    if "start" in lives and not (lives["start"] >= 0).all():
        told.append(
            ('Column "start" must be zero or more, and never missing.',
             "列“start”必须大于或等于零，且不得缺失。")
        )  # fmt: skip
    if "weight" in lives and not (lives["weight"] > 0).all():
        told.append(('Column "weight" must be positive.', "列“weight”必须大于零。"))
    if "cause" in lives and lives["cause"].isna().all():
        told.append(('Column "cause" names no event.', "列“cause”没有任何事件。"))
    if told:
        raise DataError(en=" ".join(en for en, _ in told), zh="".join(zh for _, zh in told))


def _incidences(lives: pd.DataFrame, causes: np.ndarray) -> pd.DataFrame:
    """Return the table of one group, cause after cause."""
    weight = weights(lives)
    start = lives["start"] if "start" in lives else pd.Series(0, lives.index)
    events = lives.assign(lives=weight).pivot_table(
        "lives", "duration", "cause", aggfunc="sum", fill_value=0
    )
    events = events.reindex(columns=causes, fill_value=0)
    time, gone = events.index.to_numpy(), events.sum(axis=1).to_numpy()
    ended, began = (_from(each, weight, time) for each in (lives["duration"], start))
    at_risk = ended - began
    survival = np.cumprod(1 - gone / at_risk)
    rows = pd.DataFrame({"time": time, "n_at_risk": at_risk, "survival": survival})
    first = pd.DataFrame({"time": [0.0], "n_at_risk": weight[start == 0].sum(), "survival": 1.0})
    parts = {}
    for cause, count in events.items():
        found = _one(at_risk, gone, count.to_numpy(), np.append(1.0, survival[:-1]))
        none = first.assign(events=0, incidence=0.0, low=0.0, high=0.0)
        parts[str(cause)] = pd.concat([none, rows.assign(events=count.to_numpy(), **found)])
    return pd.concat(parts, names=["cause", None]).reset_index("cause")[_COLUMNS]


def _from(when: pd.Series, weight: pd.Series, time: np.ndarray) -> np.ndarray:
    """Return the weight of those whose `when` is each time, or later."""
    order = np.argsort(when.to_numpy(), kind="stable")
    total = np.append(0, np.cumsum(weight.to_numpy()[order]))
    return total[-1] - total[np.searchsorted(when.to_numpy()[order], time)]


def _one(
    n: np.ndarray, gone: np.ndarray, count: np.ndarray, before: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the incidence of one cause and its interval.

    The sum over s <= t of (F(t) - F(s))² a(s) is made of cumulated sums, as are the
    others. Where all at risk leave at once, F stays as it is, and a(s) counts for nothing.
    """
    share = np.cumsum(before * count / n)
    a = np.divide(gone, n * (n - gone), out=np.zeros(len(n)), where=n > gone)
    b = before * count / n**2
    squares = share**2 * np.cumsum(a) - 2 * share * np.cumsum(a * share) + np.cumsum(a * share**2)
    own = np.cumsum(before**2 * count * (n - count) / n**3)
    crossed = share * np.cumsum(b) - np.cumsum(b * share)
    variance = np.maximum(squares + own - 2 * crossed, 0)
    inside = np.where((share > 0) & (share < 1), share, np.nan)
    factor = np.exp(Z95 * np.sqrt(variance) / (inside * -np.log(inside)))
    low, high = inside**factor, inside ** (1 / factor)
    none = share == 0
    return {"incidence": share, "low": np.where(none, 0, low), "high": np.where(none, 0, high)}
