"""Statistics of accounts for the bootstrap: columns and ``weight=`` in, numbers out."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.accounts.base import counted, score
from crmlab.errors import DataError


def ratio(part: pd.Series, whole: pd.Series, weight: pd.Series | None = None) -> float:
    """Return the sum of one column ÷ the sum of another, missing if that is not above zero.

    >>> ratio(pd.Series([1.0, 2.0]), pd.Series([4.0, 2.0]))
    0.5
    """
    sizes = counted(part, weight)
    total = float((sizes * whole.to_numpy("float64")).sum())
    return float((sizes * part.to_numpy("float64")).sum() / total) if total > 0 else np.nan


def ratio_gap(
    part: pd.Series, whole: pd.Series, inside: pd.Series, weight: pd.Series | None = None
) -> float:
    """Return `ratio` of some accounts less that of the others.

    `inside` says which, true or false.
    """
    sizes, mine = counted(part, weight), inside.to_numpy("bool")
    money = np.array([part.to_numpy("float64"), whole.to_numpy("float64")]) * sizes
    one, other = money[:, mine].sum(axis=1), money[:, ~mine].sum(axis=1)
    if not (one[1] > 0 and other[1] > 0):
        return np.nan
    return float(one[0] / one[1] - other[0] / other[1])


def rank_correlation(x: pd.Series, y: pd.Series, weight: pd.Series | None = None) -> float:
    """Return Spearman's rank correlation, −1 to 1: equal values have equal ranks.

    Missing if one of the two is the same for all.

    Raises
    ------
    DataError
        If a value is missing.

    References
    ----------
    Spearman, C. (1904). The proof and measurement of association between two things.

    Examples
    --------
    >>> round(rank_correlation(pd.Series([1, 2, 3]), pd.Series([1, 9, 4])), 6)
    0.5
    """
    sizes = counted(x, weight)
    places = [score(column, weight).to_numpy() for column in (x, y)]
    if lacking := int(np.isnan(places).any(axis=0).sum()):
        raise DataError(
            en=f"{lacking:,} of {len(x):,} accounts lack one of the two values.",
            zh=f"{len(x):,} 位客户中有 {lacking:,} 位缺少其中一项数值。",
        )
    a, b = (place - np.average(place, weights=sizes) for place in places)
    scale = np.sqrt((sizes * a * a).sum() * (sizes * b * b).sum())
    return float((sizes * a * b).sum() / scale) if scale > 0 else np.nan


def by_size(accounts: pd.DataFrame, groups: int = 5) -> pd.DataFrame:
    """Return the median size and concession of equal parts of the accounts, the smallest first.

    Parameters
    ----------
    accounts : DataFrame
        From `crmlab.accounts.pocket_margin`: ``list_value``, ``concession_rate``.
    groups : int
        How many parts, 1 or more; accounts of equal size are in one part.

    Returns
    -------
    DataFrame
        Indexed by ``size_group``, 1 the smallest: ``customers``, and the medians of
        ``list_value`` (money) and ``concession_rate``.
    """
    if groups < 1:
        raise ValueError(f"groups must be 1 or more, got {groups}")
    upto = (accounts["list_value"].rank(method="average", pct=True) * groups).round(9)
    place = -(-upto // 1)
    part = accounts.groupby(place.astype("int64").rename("size_group"))
    return (
        part[["list_value", "concession_rate"]]
        .median()
        .assign(customers=part.size())[["customers", "list_value", "concession_rate"]]
    )


def totals(
    amount: pd.Series, group: pd.Series, weight: pd.Series | None = None, *, names: Sequence[str]
) -> pd.Series:
    """Return the sum of a column in each of the groups `names`, 0 for one without customers."""
    sizes = pd.Series(counted(amount, weight) * amount.to_numpy("float64"))
    return sizes.groupby(np.asarray(group)).sum().reindex(list(names)).fillna(0.0)


def group_ratios(
    part: pd.Series, whole: pd.Series, group: pd.Series, weight: pd.Series | None = None, *,
    names: Sequence[str],
) -> pd.Series:  # fmt: skip
    """Return `ratio` in each of the groups `names`, missing for one without a whole."""
    below = totals(whole, group, weight, names=names)
    return totals(part, group, weight, names=names) / below.where(below > 0)
