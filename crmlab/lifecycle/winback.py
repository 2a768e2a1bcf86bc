"""Win-back: how likely those who left are to return, and until when it pays to try."""

import numpy as np
import pandas as pd

from crmlab.errors import DataError, NotEnough
from crmlab.intervals import Z95, wilson
from crmlab.lifecycle.changing import MONTH


def absences(customers: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """Return how long those who left stay away: lives for `kaplan_meier` and `return_chance`.

    Parameters
    ----------
    customers : DataFrame
        Indexed by ``customer_id``: ``churned_on`` and ``reactivated_on`` (days; the latter
        empty if the customer has not come back).
    until : Timestamp
        Last day observed.

    Returns
    -------
    DataFrame
        For those who left by `until`: ``duration`` (months away so far, or until the return)
        and ``observed`` (came back).

    Raises
    ------
    DataError
        If somebody came back before leaving.
    """
    gone, back = (pd.to_datetime(customers[c]) for c in ("churned_on", "reactivated_on"))
    if wrong := int((back <= gone).sum()):
        raise DataError(
            en=f'Column "reactivated_on" is not after "churned_on" in {wrong:,} rows.',
            zh=f"列“reactivated_on”有 {wrong:,} 行不晚于“churned_on”。",
        )
    left = gone[gone <= until]
    home = back.reindex(left.index)
    observed = home <= until
    end = home.where(observed, until)
    return pd.DataFrame({"duration": ((end - left).dt.days + 1) / MONTH, "observed": observed})


def return_chance(away: pd.DataFrame, horizon: float) -> pd.DataFrame:
    r"""Return the chance of each customer who is away to come back within `horizon` months.

    With S the Kaplan–Meier share still away, one who has been away for t months returns with
    :math:`1 - S(t + h) / S(t)`: the longer away, the fewer of those who do return are left.

    Parameters
    ----------
    away : DataFrame
        From `absences`.
    horizon : float
        Months ahead.

    Returns
    -------
    DataFrame
        Of those still away, indexed like `away`: ``away_months``, ``chance`` with ``low`` and
        ``high`` (log(-log), Greenwood's variance of what comes after t), and ``compared``,
        how many were seen that long. Nothing is said (missing) where nobody but the customer
        itself was. Where none of these returned, the upper limit is Wilson's.

    Raises
    ------
    NotEnough
        If nobody ever came back.
    """
    if not away["observed"].any():
        raise NotEnough(
            en="Nobody who left ever came back: there is no chance of return to estimate.",
            zh="没有流失客户回来过：无法估计回归概率。",
        )
    stop, back = away["duration"].to_numpy(), away["observed"].to_numpy("bool")
    times = np.unique(stop[back])
    n = (stop[:, None] >= times).sum(axis=0)
    d = (stop[back][:, None] == times).sum(axis=0)
    still = away["duration"][~back]
    since, until = (np.searchsorted(times, still + h, side="right") for h in (0, horizon))
    with np.errstate(divide="ignore"):
        logs = np.append(0.0, np.cumsum(np.log1p(-d / n)))
        spread = np.append(0.0, np.cumsum(d / (n * np.maximum(n - d, 1e-9))))
    log_away, variance = logs[until] - logs[since], spread[until] - spread[since]
    compared = (stop[:, None] > still.to_numpy()).sum(axis=0)
    some = log_away < 0
    reach = Z95 * np.sqrt(variance) / np.where(some, -log_away, 1)
    low, high = (1 - np.exp(log_away * np.exp(sign * reach)) for sign in (-1, 1))
    none = wilson(np.zeros(len(still)), compared)[1]
    table = {
        "away_months": still, "chance": 1 - np.exp(log_away),
        "low": np.where(some, low, 0), "high": np.where(some, high, none),
    }  # fmt: skip
    found = pd.DataFrame(table, still.index)
    return found.where(pd.Series(compared > 0, still.index)).assign(
        away_months=still, compared=compared
    )
