"""How value is spread over customers: Lorenz, Gini, top share, Pareto, whale curve."""

import numpy as np
import pandas as pd

from crmlab.errors import DataError
from crmlab.segment.base import check_share, checked


def lorenz(values: pd.Series, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return the Lorenz curve: what share of value the smallest customers bring.

    Parameters
    ----------
    values : Series
        Value per customer, zero or more, in any unit.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    DataFrame
        Cumulative shares from 0 to 1, from the smallest customer up: ``customers``
        and ``value``. One row per distinct value, so ties are a straight line.
        ``value`` is missing if nobody brings anything.

    Raises
    ------
    DataError
        If a value is missing or negative.

    References
    ----------
    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth.
    """
    customers, value = _lorenz(values, weight)
    return pd.DataFrame({"customers": customers, "value": value})


def gini(values: pd.Series, weight: pd.Series | None = None) -> float:
    """Return the Gini coefficient: 0 if all bring the same, towards 1 if one brings all.

    Twice the area between the Lorenz curve and equality, of the customers given
    (no small-sample factor).

    >>> gini(pd.Series([1, 1, 1])), gini(pd.Series([0, 0, 0, 1]))
    (0.0, 0.75)

    Raises
    ------
    DataError
        If a value is missing or negative.

    References
    ----------
    Gini, C. (1912). Variabilità e mutabilità.
    """
    x, y = _lorenz(values, weight)
    return float(1 - (np.diff(x) * (y[1:] + y[:-1])).sum())


def top_share(values: pd.Series, share: float = 0.2, weight: pd.Series | None = None) -> float:
    """Return the share of value that the best `share` of customers bring.

    The last customer counts in part where `share` cuts through: the answer is read
    from the Lorenz curve, and moves smoothly with `share`.

    >>> top_share(pd.Series([80, 5, 5, 5, 5]), 0.2)
    0.8

    Raises
    ------
    DataError
        If a value is missing or negative.
    """
    _not_negative(values, weight)
    return capture(values, values, share, weight)


def capture(
    score: pd.Series, value: pd.Series, share: float = 0.2, weight: pd.Series | None = None
) -> float:
    """Return the share of `value` found among the best `share` of customers by `score`.

    With the value of a later period it tells what a ranking was worth: a ranking by
    chance captures `share`. Customers of equal score are taken in equal parts.

    >>> capture(pd.Series([3, 2, 2, 1]), pd.Series([50, 30, 10, 10]), share=0.5)
    0.7

    Raises
    ------
    DataError
        If a score or a value is missing.
    """
    check_share(share)
    amounts, sizes = checked(value, weight)
    places, _ = checked(score, weight)
    return float(1 - np.interp(1 - share, *_curve(places, amounts, sizes)))


def lead(
    score: pd.Series,
    other: pd.Series,
    value: pd.Series,
    share: float = 0.2,
    weight: pd.Series | None = None,
) -> float:
    """Return how much more of `value` a ranking by `score` captures than one by `other`.

    A difference of two shares (see `capture`): positive if `score` ranks better.
    """
    return capture(score, value, share, weight) - capture(other, value, share, weight)


def reach(values: pd.Series, share: float = 0.8, weight: pd.Series | None = None) -> float:
    """Return the smallest share of customers who together bring `share` of value.

    >>> reach(pd.Series([80, 5, 5, 5, 5]), 0.8)
    0.2

    Raises
    ------
    DataError
        If a value is missing or negative.
    """
    check_share(share)
    customers, value = _lorenz(values, weight)
    if np.isnan(value).any():
        return float("nan")
    return round(float(1 - np.interp(1 - share, value, customers)), 12)


def pareto(values: pd.Series, groups: int = 10, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return the Pareto table: the value that each equal part of the customers brings.

    Indexed by ``cumulative_customers``, the share of customers from the best down to
    here; ``share_value`` of the part and its running total ``cumulative``.

    Raises
    ------
    DataError
        If a value is missing or negative.
    """
    if groups < 2:
        raise ValueError(f"groups must be 2 or more, got {groups}")
    upto = np.arange(groups + 1) / groups
    total = brought(values, upto, weight)
    return pd.DataFrame(
        {"share_value": np.diff(total), "cumulative": total[1:]},
        index=pd.Index(upto[1:], name="cumulative_customers"),
    )


def whale(profit: pd.Series, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return the whale curve: cumulative profit from the most profitable customer down.

    Columns ``customers`` and ``profit``, shares from 0 to 1. Where some customers cost
    more than they bring, the curve rises above 1 and comes back: its peak is what
    those customers took.

    Raises
    ------
    DataError
        If a profit is missing, or profits do not add up to more than zero.

    References
    ----------
    Kaplan, R. S. and Narayanan, V. G. (2001). Measuring and managing customer
    profitability.
    """
    amounts, sizes = checked(profit, weight)
    if (total := (amounts * sizes).sum()) <= 0:
        raise DataError(
            en=f"profits add up to {total:,.2f}; shares of a total that is not positive "
            "mean nothing.",
            zh=f"利润合计为 {total:,.2f}；总额不为正时，占比没有意义。",
        )
    customers, share = (1 - each[::-1] for each in _curve(amounts, amounts, sizes))
    return pd.DataFrame({"customers": customers, "profit": share})


def rank_share(values: pd.Series, weight: pd.Series | None = None) -> pd.Series:
    """Return each customer's place as the share of customers below, ties counted half.

    Between 0 and 1; equal values have equal places, and reversing the values reverses
    the places.

    >>> rank_share(pd.Series([10, 20, 20, 30])).tolist()
    [0.125, 0.5, 0.5, 0.875]
    """
    amounts, sizes = checked(values, weight)
    _, place = np.unique(amounts, return_inverse=True)
    equal = np.bincount(place, sizes)
    middle = (2 * np.cumsum(equal) - equal) / (2 * equal.sum())
    return pd.Series(middle[place], index=values.index, name="rank_share")


def brought(values: pd.Series, upto: np.ndarray, weight: pd.Series | None = None) -> np.ndarray:
    """Return the shares of value that the best `upto` of customers bring, from 0 to 1."""
    return 1 - np.interp(1 - upto, *_lorenz(values, weight))


def _lorenz(values: pd.Series, weight: pd.Series | None) -> tuple[np.ndarray, np.ndarray]:
    amounts, sizes = _not_negative(values, weight)
    return _curve(amounts, amounts, sizes)


def _curve(
    score: np.ndarray, amounts: np.ndarray, sizes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return cumulative shares of customers and value, from the lowest score up."""
    _, place = np.unique(score, return_inverse=True)
    customers = np.append(0, np.cumsum(np.bincount(place, sizes)))
    value = np.append(0, np.cumsum(np.bincount(place, sizes * amounts)))
    of = value[-1] or np.nan  # nothing to share: every share is missing
    return customers / customers[-1], value / of


def _not_negative(values: pd.Series, weight: pd.Series | None) -> tuple[np.ndarray, np.ndarray]:
    """Return values and weights, unless a value is below zero."""
    amounts, sizes = checked(values, weight)
    if below := int((amounts < 0).sum()):
        raise DataError(
            en=f"{below:,} of {len(amounts):,} customers have a negative value (lowest "
            f"{amounts.min():,.2f}): shares would pass 100% and a Gini coefficient means "
            "nothing. Use the whale curve, or set them to zero.",
            zh=f"{len(amounts):,} 位客户中有 {below:,} 位的数值为负（最低 {amounts.min():,.2f}）："
            "占比会超过 100%，基尼系数失去意义。请改用鲸鱼曲线，或将其置零。",
        )
    return amounts, sizes
