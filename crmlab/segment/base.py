"""What the files of this subject share: checks, and intervals by the bootstrap."""

import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crmlab.errors import DataError

LEVEL = 0.95  # of every interval


class Estimate(NamedTuple):
    """A number with its 95 % interval; unpacks into ``page.figure(name, *estimate)``."""

    value: float
    low: float
    high: float


def bootstrap(
    statistic: Callable[..., float],
    *columns: pd.Series,
    weight: pd.Series | None = None,
    seed: int = 2026,
    draws: int = 500,
    **options: Any,
) -> Estimate:
    """Return a statistic of customers with its 95 % percentile bootstrap interval.

    Customers are drawn with replacement, as cells of equal ones: neither the order of
    rows nor how they are grouped changes the answer. All statistics of the same columns
    see the same samples.

    Parameters
    ----------
    statistic : callable
        Such as `gini` or `top_share`: takes `columns`, then ``weight=`` and `options`.
    columns : Series
        What it is computed from, one row per customer.
    weight : Series, optional
        How many customers a row stands for, whole numbers.
    seed, draws : int
        Start of the random stream, and the number of samples.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An introduction to the bootstrap.
    """
    value, drawn = _samples(statistic, columns, weight, seed, draws, options)
    (low,), (high,) = _percentiles(drawn)
    return Estimate(float(value), low, high)


def bootstrap_each(
    statistic: Callable[..., pd.Series],
    *columns: pd.Series,
    weight: pd.Series | None = None,
    seed: int = 2026,
    draws: int = 500,
    **options: Any,
) -> pd.DataFrame:
    """Return several numbers at once with their intervals, from the same samples.

    Like `bootstrap`, for a statistic that returns a Series. Indexed like it: ``value``,
    ``low``, ``high``.
    """
    value, drawn = _samples(statistic, columns, weight, seed, draws, options)
    low, high = _percentiles(drawn)
    return pd.DataFrame({"value": value, "low": low, "high": high})


def _samples(
    statistic: Callable[..., Any],
    columns: tuple[pd.Series, ...],
    weight: pd.Series | None,
    seed: int,
    draws: int,
    options: dict[str, Any],
) -> tuple[Any, np.ndarray]:
    """Return the statistic of the customers, and of samples of them (one row each)."""
    sizes = checked(columns[0], weight)[1]
    keys = [f"column_{n}" for n in range(len(columns))]
    rows = pd.DataFrame(dict(zip(keys, map(np.asarray, columns), strict=True)))
    cells = rows.assign(weight=sizes).groupby(keys, as_index=False)["weight"].sum()
    parts, total = [cells[key] for key in keys], cells["weight"].sum()
    value = statistic(*parts, weight=cells["weight"], **options)
    drawn = [
        statistic(*parts, weight=pd.Series(counts), **options)
        for counts in _stream(seed).multinomial(round(total), cells["weight"] / total, size=draws)
    ]
    return value, np.asarray(drawn, dtype="float64").reshape(draws, -1)


def _percentiles(drawn: np.ndarray) -> np.ndarray:
    """Return the ends of each column's interval; missing where every sample is."""
    ends = np.full((2, drawn.shape[1]), np.nan)
    known = ~np.isnan(drawn).all(axis=0)
    ends[:, known] = np.nanquantile(drawn[:, known], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return ends


def _stream(seed: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(b"bootstrap")]))


def checked(values: pd.Series, weight: pd.Series | None) -> tuple[np.ndarray, np.ndarray]:
    """Return values and weights as arrays, if they can be used."""
    amounts = np.asarray(values, dtype="float64")
    sizes = np.ones(len(amounts)) if weight is None else np.asarray(weight, dtype="float64")
    if len(sizes) != len(amounts):
        raise ValueError(f"weight has {len(sizes)} rows for {len(amounts)} values")
    if len(amounts) == 0:
        raise DataError(en="there are no customers.", zh="没有客户。")
    if not (sizes >= 0).all() or sizes.sum() == 0:
        raise ValueError("weight must be 0 or more, and not 0 everywhere")
    if lacking := int((~np.isfinite(amounts)).sum()):
        raise DataError(
            en=f"{lacking:,} of {len(amounts):,} customers have no value; fill it in or leave "
            "them out.",
            zh=f"{len(amounts):,} 位客户中有 {lacking:,} 位缺少数值；请补全或剔除。",
        )
    return amounts, sizes


def check_share(share: float) -> None:
    """Refuse what is no share of customers or value."""
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, got {share}")
