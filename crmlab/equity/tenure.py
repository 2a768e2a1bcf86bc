"""What comes with tenure: ratios of sums by group, and how far the last is from the first."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.equity.base import divided, limits, need, resampled

Parts = Mapping[str, tuple[str, str]]
BENEFITS: Parts = {
    "basket_size": ("revenue", "orders"),
    "yearly_frequency": ("repeat_orders", "exposure"),
    "wallet_share": ("revenue", "category_spend"),
    "service_cost_rate": ("cost", "revenue"),
    "new_product_adoption": ("tried", "active"),
}  # of `crmlab.equity.customer_years`


def ratios(
    rows: pd.DataFrame,
    by: str,
    parts: Parts,
    *,
    customer: str = "customer_id",
    draws: int = 1000,
    seed: int = 2026,
) -> pd.DataFrame:
    r"""Return ratios of sums, :math:`\sum part / \sum whole`, by group, with intervals.

    Whole customers are drawn in the bootstrap, so that several years of one customer
    are not taken for several customers.

    Parameters
    ----------
    rows : DataFrame
        The columns of `parts`, the group `by` and the `customer`.
    by : str
        For example tenure.
    parts : mapping
        Name of a ratio → the columns (part, whole). Rows where either is missing do not
        count in it.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Indexed by `by`: ``customers``, and for each ratio its value, ``<name>_low`` and
        ``<name>_high`` (missing where the whole is 0).

    Raises
    ------
    DataError
        If `by` or `customer` is lacking, or there is no row.
    """
    need(rows, [by, customer], "rows")
    table = rows.groupby(by)[customer].nunique().rename("customers").to_frame()
    for name, pair in parts.items():
        value, drawn = _quotients(_sums(rows, by, pair, customer), draws, seed)
        low, high = limits(drawn)
        table = table.assign(**{name: value, f"{name}_low": low, f"{name}_high": high})
    return table


def trend(
    rows: pd.DataFrame,
    by: str,
    parts: Parts,
    *,
    customer: str = "customer_id",
    draws: int = 1000,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return by what factor each ratio differs between the last and the first group.

    Arguments are those of `ratios`. The same customers are in both groups only if `rows`
    has them so: else those who stay may have been different from the start.

    Returns
    -------
    DataFrame
        Indexed by ``benefit``: ``first``, ``last``, ``factor`` with ``low`` and ``high``,
        and ``verdict``: ``higher``, ``lower``, or ``unclear`` where the interval holds 1.

    Raises
    ------
    ValueError
        If there is only one group.
    """
    need(rows, [by, customer], "rows")
    groups = np.sort(rows[by].unique())
    if len(groups) < 2:
        raise ValueError(f"{by} has only one group, {groups[0]}: nothing to compare")
    ends = rows[rows[by].isin(groups[[0, -1]])]
    told = {}
    for name, pair in parts.items():
        (start, end), drawn = _quotients(_sums(ends, by, pair, customer), draws, seed)
        low, high = map(float, limits(divided(drawn[:, 1], drawn[:, 0])))
        verdict = "higher" if low > 1 else "lower" if high < 1 else "unclear"
        told[name] = [start, end, end / start, low, high, verdict]
    columns = ["first", "last", "factor", "low", "high", "verdict"]
    return pd.DataFrame.from_dict(told, orient="index", columns=columns).rename_axis("benefit")


def _sums(rows: pd.DataFrame, by: str, pair: tuple[str, str], customer: str) -> np.ndarray:
    """Return part and whole of each group (columns) per customer (rows)."""
    both = rows[list(pair)].astype("float64")
    both = both.where(both.notna().all(axis=1), 0.0).set_axis(["part", "whole"], axis=1)
    keys = rows[[customer, by]].set_axis(["who", "group"], axis=1)
    table = both.join(keys).groupby(["who", "group"]).sum().unstack(fill_value=0.0)  # noqa: PD010
    return table.to_numpy()


def _quotients(sums: np.ndarray, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return part ÷ whole of each group, and the same in each resample (rows)."""
    drawn = divided(*np.split(resampled(sums, draws=draws, seed=seed), 2, axis=1))
    return divided(*np.split(sums.sum(axis=0), 2)), drawn


def stayers(rows: pd.DataFrame, by: str = "tenure", customer: str = "customer_id") -> pd.DataFrame:
    """Return the rows of the customers who are in every group: the same people throughout."""
    need(rows, [by, customer], "rows")
    seen = rows.groupby(customer)[by].transform("nunique")
    return rows[seen == rows[by].nunique()]
