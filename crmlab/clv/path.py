"""One customer's history: how the chance of still being one rose and fell."""

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.scores import prob_alive
from crmlab.clv.uncertainty import drawn

TAILS = [0.025, 0.975]


def alive_path(
    purchases: np.ndarray,
    T: float,
    model: Model,
    *,
    steps: int = 60,
    draws: int = 400,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return P(alive) of one customer from the first purchase to now, with its interval.

    At every time it is what today's model says of the purchases up to then. The interval
    holds how uncertain the parameters are.

    Parameters
    ----------
    purchases : array
        Times of the repeat purchases since the first one, ascending, in the model's unit.
    T : float
        Time from the first purchase to now.
    model : BgNbd, MbgNbd, ParetoNbd or Nbd
        Fitted.
    steps : int
        How many equal parts of the time are shown.
    draws, seed : int
        Of the parameters, for the interval.

    Returns
    -------
    DataFrame, one row per time, in order
        ``T``, ``frequency``, ``recency``, ``prob_alive``, ``low`` and ``high`` (95 %). Times
        of a purchase stand twice: just before, and just after.

    Raises
    ------
    ValueError
        If purchases are not ascending or not between 0 and `T`, or the model was not fitted.
    """
    times = np.asarray(purchases, dtype="float64")
    if len(times) and not (times[0] > 0 and (np.diff(times) > 0).all() and times[-1] <= T):
        raise ValueError(f"purchases must ascend between 0 and {T:g}, got {times.tolist()}")
    last = np.concatenate([[0.0], times])
    before = pd.DataFrame({"T": times, "frequency": np.arange(len(times))})
    after = before.assign(frequency=before["frequency"] + 1)
    between = pd.DataFrame({"T": np.linspace(0, T, steps + 1)})
    between["frequency"] = np.searchsorted(times, between["T"], side="right")
    rows = pd.concat([before, after, between]).drop_duplicates()
    path = rows.sort_values(["T", "frequency"], ignore_index=True)
    path = path.assign(recency=last[path["frequency"]])
    each = [prob_alive(path, possible) for possible in drawn(model, draws, seed)]
    low, high = np.quantile(each, TAILS, axis=0)
    return path.assign(prob_alive=prob_alive(path, model), low=low, high=high)
