"""How far a page's numbers would differ with other customers: the grouped jackknife."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy.stats import t

GROUPS = 25  # of customers, each left out once
World = TypeVar("World")


def left_out(customers: pd.Index, *, groups: int = GROUPS, seed: int = 2026) -> list[pd.Index]:
    """Return all customers, and then those without each of `groups` random groups.

    Parameters
    ----------
    customers : Index
        The independent units.
    groups : int
        2 to the number of customers.
    seed : int
        Of the deal.

    Raises
    ------
    ValueError
        If `groups` is below 2 or above the number of customers.
    """
    if not 2 <= groups <= len(customers):
        raise ValueError(f"groups must be from 2 to {len(customers)}, got {groups}")
    dealt = np.random.default_rng(seed).permutation(len(customers)) % groups
    return [customers, *(customers[dealt != g] for g in range(groups))]


def jackknife(statistic: Callable[[World], pd.Series], worlds: Sequence[World]) -> pd.DataFrame:
    r"""Return a statistic with its 95 % interval, everything behind it estimated anew.

    .. math:: s^2 = \frac{G-1}{G} \sum_g (T_{(g)} - \bar T_{(\cdot)})^2

    with limits :math:`T \pm t_{G-1} s`, where :math:`T_{(g)}` is calculated without group g.
    A bootstrap would fit the models hundreds of times where this fits them G times; it
    suits smooth statistics, such as sums and ratios.

    Parameters
    ----------
    statistic : callable
        Takes a world and returns numbers by name. A total must make up for those who are
        left out (all ÷ used).
    worlds : sequence
        Whatever is known of each of the `left_out`, in their order.

    Returns
    -------
    DataFrame
        Indexed like the statistic: ``value``, ``low`` and ``high``. A number that is missing
        without one of the groups has no limits.

    References
    ----------
    Shao, J. and Tu, D. (1995). The Jackknife and Bootstrap, section 2.3.
    """
    value, *rest = (statistic(each) for each in worlds)
    without = np.array([each.reindex(value.index).to_numpy("float64") for each in rest])
    error = np.sqrt((len(rest) - 1) * without.var(axis=0))
    reach = t.ppf(0.975, len(rest) - 1) * error
    return pd.DataFrame({"value": value, "low": value - reach, "high": value + reach})
