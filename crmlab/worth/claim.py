"""What would have to be true for "five per cent more loyalty, 45 to 90 % more profit"."""

import numpy as np
import pandas as pd

from crmlab.worth.leaving import Shift
from crmlab.worth.point import UNIT, Chain, intervals

CLAIM = (0.45, 0.90)
NEVER = -30.0  # log odds of leaving: nobody does


def claim(chain: Chain, *, share: float = 0.05, gains: tuple[float, float] = CLAIM) -> pd.DataFrame:
    """Return what `share` more of the score would do to the value ahead, and what is claimed.

    Parameters
    ----------
    chain : Chain
        Of customers and a score, loyalty here: five per cent more is five per cent of its mean.
    share : float
    gains : pair of float
        The claim, as shares of the value ahead.

    Returns
    -------
    DataFrame
        Rows with ``value``, ``low``, ``high``: ``value_gain`` (share of the value ahead, through
        leaving and buying), ``gain_if_none_left`` (what no link can exceed, at the same
        rate of buying), and ``times_low``, ``times_high``: how many times stronger the
        effect on leaving would have to be; missing where even that would not do, or where
        more loyalty goes with more leaving.
    """
    points = share * chain.each["level"].mean()
    rows = [_gains(chain, n, points) for n in range(len(chain.thetas))]
    table = intervals(pd.DataFrame(rows, columns=["value_gain", "gain_if_none_left"]))
    for name, gain in zip(("times_low", "times_high"), gains, strict=True):
        table.loc[name, "value"] = _times(chain, points, gain)
    return table


def _gains(chain: Chain, n: int, points: float) -> list[float]:
    theta = chain.thetas[n]
    moved = Shift(theta[-2] * points / UNIT, theta[-1] * points / UNIT)
    now, more, most = chain.mean(n, chain.money(n, Shift(), moved, Shift(odds=NEVER)))
    return [more / now - 1, most / now - 1]


def _times(chain: Chain, points: float, gain: float) -> float:
    """Return how many times the effect on leaving must grow to gain so much, by bisection."""
    odds = chain.thetas[0][-1] * points / UNIT

    def missing(times: float) -> float:
        now, more = chain.mean(0, chain.money(0, Shift(), Shift(odds=max(times * odds, NEVER))))
        return float(more / now - 1 - gain)

    low, high = 0.0, NEVER / odds if odds < 0 else 0.0
    if odds >= 0 or missing(high) < 0:
        return np.nan
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if missing(middle) < 0 else (low, middle)
    return high
