"""Volume × margin quadrants, and the published case of the consulting company K."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from crmlab.segment.audit import profile
from crmlab.segment.base import check_share, checked
from crmlab.segment.classes import categories

# In the order of the course: first both high, then margin before volume.
_HELD = ["customers", "share_customers", "share_volume", "share_profit"]
QUADRANTS = ("high_high", "low_high", "high_low", "low_low")


def cut_point(values: pd.Series, share: float, weight: pd.Series | None = None) -> float:
    """Return the value that at least `share` of customers do not exceed.

    >>> cut_point(pd.Series([1, 1, 1, 2, 5]), 0.8)
    2.0
    """
    check_share(share)
    amounts, sizes = checked(values, weight)
    return float(np.quantile(amounts, share, weights=sizes, method="inverted_cdf"))


def quadrants(
    volume: pd.Series, margin: pd.Series, volume_cut: float, margin_cut: float
) -> pd.Series:
    """Return each customer's quadrant of volume and margin.

    Parameters
    ----------
    volume : Series
        Sales volume per customer, in any unit.
    margin : Series
        Margin per customer: a rate, or an amount. The order of the course (small and
        profitable before large and poor) makes sense only for a rate.
    volume_cut, margin_cut : float
        A customer above the cut is high, one at it is low. Where to cut is a
        judgement: see `sensitivity`.

    Returns
    -------
    Series
        Named ``quadrant``: an ordered categorical of ``high_high``, ``low_high`` (low
        volume, high margin), ``high_low``, ``low_low``.

    Raises
    ------
    DataError
        If a volume or margin is missing.
    """
    large, rich = checked(volume, None)[0] > volume_cut, checked(margin, None)[0] > margin_cut
    return categories(np.where(rich, 1 - large, 3 - large), QUADRANTS, volume, "quadrant")


def indices(
    segments: pd.Series, volume: pd.Series, profit: pd.Series, weight: pd.Series | None = None
) -> pd.DataFrame:
    """Return how much of customers, volume and profit each segment has, and the ratios.

    Indexed by segment: ``customers``, ``share_customers``, ``share_volume``,
    ``share_profit`` with its 95 % interval ``share_low`` to ``share_high``;
    ``volume_index`` and ``profit_index`` (share ÷ share of customers: 1 is average)
    and ``profit_per_unit`` (share of profit ÷ share of volume, × average).
    """
    sold, earned = profile(segments, volume, weight), profile(segments, profit, weight)
    return pd.DataFrame(
        {
            "customers": sold["customers"],
            "share_customers": sold["share_customers"],
            "share_volume": sold["share_value"],
            "share_profit": earned["share_value"],
            "share_low": earned["share_low"],
            "share_high": earned["share_high"],
            "volume_index": sold["value_index"],
            "profit_index": earned["value_index"],
            "profit_per_unit": earned["share_value"] / sold["share_value"].replace(0, np.nan),
        }
    )


def sensitivity(
    volume: pd.Series,
    margin: pd.Series,
    profit: pd.Series,
    levels: Sequence[float] = (0.5, 0.6, 0.7, 0.8, 0.9),
    weight: pd.Series | None = None,
) -> pd.DataFrame:
    """Return what the high-high quadrant holds, for each pair of cut-offs.

    A level is the share of customers at or below the cut. One row per pair
    ``volume_level`` and ``margin_level``: ``volume_cut``, ``margin_cut``,
    ``customers``, ``share_customers``, ``share_volume``, ``share_profit``.
    """
    cuts = [[(at, cut_point(of, at, weight)) for at in levels] for of in (volume, margin)]
    found = []
    for (at_volume, low), (at_margin, poor) in product(*cuts):
        best = indices(quadrants(volume, margin, low, poor), volume, profit, weight)
        shown = best.loc[
            "high_high", ["customers", "share_customers", "share_volume", "share_profit"]
        ]
        found.append([at_volume, at_margin, low, poor, *shown])
    return pd.DataFrame(
        found, columns=["volume_level", "margin_level", "volume_cut", "margin_cut", *_HELD]
    )


def k_consulting(
    *,
    customers: int = 138,
    high_high: int = 10,
    middle: int = 97,
    sales_share: float = 0.29,
    profit_share: float = 0.695,
    customers_factor: float = 2 / 3,
    sales_factor: float = 4 / 3,
    years: float = 2,
) -> pd.Series:
    """Return what the published figures of company K imply, from the figures alone.

    Parameters
    ----------
    customers, high_high, middle : int
        All customers, the high-high ones, and those called the middle.
    sales_share, profit_share : float
        What the high-high customers bring.
    customers_factor, sales_factor : float
        All customers and all sales after `years`, as multiples of before.

    Returns
    -------
    Series
        ``customers`` and ``high_high``, as given; ``share_customers``, ``sales_index``,
        ``profit_index``, ``profit_per_unit`` (× average); per head, high-high against
        the rest: ``sales_per_head``, ``profit_per_head``; ``rest_sales``,
        ``rest_profit`` (shares); ``not_described`` (customers); ``customers_after``,
        ``sales_per_customer`` (multiple), ``customers_a_year`` and ``sales_a_year``
        (rates of growth).

    Raises
    ------
    ValueError
        If groups do not fit into `customers`, or a share is not between 0 and 1.
    """
    rest = customers - high_high
    if not 0 < high_high < customers or middle > rest:
        raise ValueError(f"{high_high} high-high and {middle} middle of {customers} customers")
    if not (0 < sales_share < 1 and 0 < profit_share < 1):
        raise ValueError(f"shares must be between 0 and 1, got {sales_share} and {profit_share}")
    share = high_high / customers
    return pd.Series(
        {
            "customers": customers,
            "high_high": high_high,
            "share_customers": share,
            "sales_index": sales_share / share,
            "profit_index": profit_share / share,
            "profit_per_unit": profit_share / sales_share,
            "sales_per_head": (sales_share / high_high) / ((1 - sales_share) / rest),
            "profit_per_head": (profit_share / high_high) / ((1 - profit_share) / rest),
            "rest_sales": 1 - sales_share,
            "rest_profit": 1 - profit_share,
            "not_described": rest - middle,
            "customers_after": customers * customers_factor,
            "sales_per_customer": sales_factor / customers_factor,
            "customers_a_year": customers_factor ** (1 / years) - 1,
            "sales_a_year": sales_factor ** (1 / years) - 1,
        }
    )
