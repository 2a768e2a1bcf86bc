"""Classes of customers by value: ABC, the pyramid, and moves between classes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.intervals import wilson
from crmlab.segment.base import checked
from crmlab.segment.concentration import rank_share

CLASSES = ("class_a", "class_b", "class_c")
LAYERS = ("top_customers", "major_customers", "ordinary_customers", "small_customers")
INACTIVE = "no_purchase"


def abc(
    value: pd.Series, cuts: tuple[float, float] = (0.8, 0.95), weight: pd.Series | None = None
) -> pd.Series:
    """Return each customer's class A, B or C by cumulative share of value.

    A is the smallest group of best customers that brings at least the first of `cuts`,
    A and B together at least the second. Customers of equal value are in one class.
    Shares are of the sum of positive values: a customer of zero or negative value
    is C, and takes nothing from the others' shares.

    Parameters
    ----------
    value : Series
        Value (or potential) per customer, in any unit.
    cuts : two floats
        Cumulative shares, increasing, between 0 and 1: a convention, not a law.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    Series
        Named ``abc``: an ordered categorical of ``class_a``, ``class_b``, ``class_c``.

    Raises
    ------
    ValueError
        If `cuts` are not two increasing shares.
    DataError
        If a value is missing.

    References
    ----------
    Dickie, H. F. (1951). ABC inventory analysis shoots for dollars, not pennies.
    """
    if len(cuts) != 2 or not 0 < cuts[0] < cuts[1] < 1:
        raise ValueError(f"cuts must be two increasing shares between 0 and 1, got {cuts}")
    amounts, sizes = checked(value, weight)
    levels, place = np.unique(-amounts.clip(min=0), return_inverse=True)
    brought = -levels * np.bincount(place, sizes)
    better = np.cumsum(brought) - brought  # value of strictly better customers
    before = np.round(better / (brought.sum() or 1.0), 12)
    code = np.where(levels < 0, np.searchsorted(cuts, before, side="right"), 2)
    return categories(code[place], CLASSES, value, "abc")


def abc_matrix(
    before: pd.Series,
    after: pd.Series,
    cuts: tuple[float, float] = (0.8, 0.95),
    weight: pd.Series | None = None,
) -> pd.DataFrame:
    """Return customers by class of value before a day (rows) and after it (columns).

    The course looks a second time, by potential; what customers brought next is what
    order lines can show of it. Off the diagonal lie the changes that a list sorted by
    past value misses. Part of them is chance: who is chosen for an extreme value is
    nearer to the others the next time (regression to the mean).

    Parameters
    ----------
    before, after : Series
        Value of the same customers in the two periods.
    cuts, weight
        As in `abc`.

    Returns
    -------
    DataFrame
        Indexed by ``class_before``; columns are the classes after it and, last,
        ``no_purchase`` for customers who brought nothing.

    Raises
    ------
    ValueError, DataError
        As `abc`.
    """
    then, now = abc(before, cuts, weight), abc(after, cuts, weight)
    bought = pd.Series(np.asarray(after) > 0, index=now.index)
    now = now.cat.add_categories(INACTIVE).where(bought, INACTIVE)
    return cross(then.rename("class_before"), now.rename("class_after"), weight)


def pyramid(
    values: pd.Series,
    shares: Sequence[float] = (0.01, 0.04, 0.15, 0.80),
    weight: pd.Series | None = None,
    *,
    active_only: bool = False,
) -> pd.Series:
    """Return each customer's layer of the pyramid: top, major, ordinary or small.

    Customers are ranked by value. Those of equal value stand together at their average
    rank, so a layer is as near to its share as ties allow.

    Parameters
    ----------
    values : Series
        Value per customer, in any unit.
    shares : four floats
        Share of customers in each layer from the top; they add up to 1.
    weight : Series, optional
        How many customers a row stands for.
    active_only : bool
        Rank only customers of positive value; the others are ``no_purchase``, a
        fifth layer. For the value of a period in which many did not buy.

    Returns
    -------
    Series
        Named ``layer``: an ordered categorical of the layers.

    Raises
    ------
    ValueError
        If `shares` are not four positive numbers that add up to 1.
    DataError
        If a value is missing.

    References
    ----------
    Curry, J. and Curry, A. (2000). The customer marketing method.
    """
    if len(shares) != 4 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        raise ValueError(f"shares must be four positive numbers that add up to 1, got {shares}")
    amounts, sizes = checked(values, weight)
    ranked = amounts > 0 if active_only else np.full(len(amounts), True)
    if not ranked.any():
        return categories(np.full(len(amounts), 4), (*LAYERS, INACTIVE), values, "layer")
    place = np.round(rank_share(-values, pd.Series(sizes * ranked)).to_numpy(), 12)
    code = np.searchsorted(np.round(np.cumsum(shares)[:-1], 12), place, side="left")
    layers = (*LAYERS, INACTIVE) if active_only else LAYERS
    return categories(np.where(ranked, code, len(LAYERS)), layers, values, "layer")


def cross(rows: pd.Series, columns: pd.Series, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return customers by two classifications of them, every class of both shown."""
    size = pd.Series(1.0, index=rows.index) if weight is None else weight
    counts = pd.crosstab(rows, columns, values=size, aggfunc="sum", dropna=False).fillna(0)
    counts.columns = pd.Index(counts.columns.astype(str), name=columns.name)
    return counts.set_axis(pd.Index(counts.index.astype(str), name=rows.name))


def migration(before: pd.Series, after: pd.Series, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return how customers moved between classes from one date to another.

    Parameters
    ----------
    before, after : Series
        Classes of the same customers at the two dates, categorical.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    DataFrame
        One row per pair of ``layer_before`` and ``layer_after``: ``customers``, the
        ``share`` of those in ``layer_before``, and its 95 % Wilson interval ``low`` to
        ``high``. Shares of an empty class are missing.

    Raises
    ------
    ValueError
        If the two do not hold the same customers in the same order.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
    inference.
    """
    if not before.index.equals(after.index):
        raise ValueError("before and after must hold the same customers in the same order")
    size = pd.Series(1.0, index=before.index) if weight is None else weight
    pairs = [before.rename("layer_before"), after.rename("layer_after")]
    table = size.groupby(pairs, observed=False).sum().rename("customers").reset_index()
    of = (
        table.groupby("layer_before", observed=False)["customers"]
        .transform("sum")
        .replace(0, np.nan)
    )
    low, high = wilson(table["customers"], of)
    return table.assign(share=table["customers"] / of, low=low, high=high)


def categories(
    code: np.ndarray, names: Sequence[str], like: pd.Series | pd.DataFrame, name: str
) -> pd.Series:
    """Return codes as an ordered categorical Series, indexed like `like`."""
    found = pd.Categorical.from_codes(code.astype("int64"), pd.Index(names), ordered=True)
    return pd.Series(found, index=like.index, name=name)
