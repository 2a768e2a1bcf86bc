"""What the files of this subject share: checks, and intervals by the bootstrap."""

import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crmlab.errors import DataError

LEVEL = 0.95  # of every interval
PARTS, PART = 20, 5_000  # above 100,000 distinct customers: so many parts of so many


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
    see the same samples. Of more than 100,000 distinct customers the samples are as large
    as all, but made of 20 random parts of 5,000, each in turn, and the interval shows how far
    a sample is from its part: the bag of little bootstraps.

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
    Kleiner, A., Talwalkar, A., Sarkar, P. and Jordan, M. I. (2014). A scalable bootstrap
    for massive data.
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
    """Return the statistic of the customers, and of samples of them (one row each).

    Samples of a part are moved by how far the part is from all.
    """
    sizes = checked(columns[0], weight)[1]
    keys = [f"column_{n}" for n in range(len(columns))]
    rows = pd.DataFrame(dict(zip(keys, map(np.asarray, columns), strict=True)))
    cells = rows.assign(weight=sizes).groupby(keys)["weight"].sum().reset_index()

    def of(each: list[pd.Series], counts: np.ndarray) -> Any:
        return statistic(*each, weight=pd.Series(counts, index=each[0].index), **options)

    stream, counts, every = _stream(seed), cells["weight"].to_numpy(), [cells[key] for key in keys]
    value, total = of(every, counts), round(counts.sum())
    chosen: list[tuple[list[pd.Series], np.ndarray, int, Any]] = [(every, counts, draws, 0.0)]
    if len(cells) > PARTS * PART:
        chosen = [
            (part := [each.iloc[place] for each in every], own, -(-draws // PARTS),
             value - of(part, own))
            for place, own in _parts(counts, total, stream)
        ]  # fmt: skip
    drawn = [
        np.asarray(of(part, each) + apart)
        for part, own, times, apart in chosen
        for each in stream.multinomial(total, own / own.sum(), size=times)
    ]
    return value, np.asarray(drawn, dtype="float64").reshape(len(drawn), -1)


def _parts(
    counts: np.ndarray, total: int, stream: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield random parts of the customers, none of them in two, as places of cells and sizes."""
    chosen = stream.choice(total, size=PARTS * PART, replace=False)
    upto = np.cumsum(counts)
    for part in chosen.reshape(PARTS, PART):
        place, own = np.unique(np.searchsorted(upto, part, side="right"), return_counts=True)
        yield place, own.astype("float64")


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
