"""Checks of what comes in, and resampling of customers, for the whole subject."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from crmlab.errors import DataError

LEVELS = (0.025, 0.975)
AT_ONCE = 5_000_000  # weights held in memory while resampling


def need(table: pd.DataFrame, columns: Iterable[str], name: str) -> None:
    """Refuse a table that lacks a column, has no row, or has a missing or infinite number.

    Raises
    ------
    DataError
        With the table's `name`, and the columns that are at fault.
    """
    columns = list(columns)
    if lacking := [each for each in columns if each not in table.columns]:
        raise DataError(
            en=f"{name} lacks {', '.join(lacking)}; it needs {', '.join(columns)}.",
            zh=f"{name} 缺少 {'、'.join(lacking)}；需要 {'、'.join(columns)}。",
        )
    if table.empty:
        raise DataError(en=f"{name} has no rows.", zh=f"{name} 没有任何行。")
    numbers = table[columns].select_dtypes("number")
    bad = (~np.isfinite(numbers.astype("float64"))).sum()
    if bad.any():
        told = ", ".join(f"{column} ({count})" for column, count in bad[bad > 0].items())
        raise DataError(
            en=f"{name} has missing or infinite numbers: {told}.",
            zh=f"{name} 有缺失或无穷大的数值：{told}。",
        )


def within(name: str, value: object, low: float, high: float) -> np.ndarray:
    """Return `value` as an array, or refuse it if any of it is outside [low, high].

    >>> within("share", 0.5, 0, 1).item()
    0.5
    """
    numbers = np.asarray(value, dtype="float64")
    if not ((numbers >= low) & (numbers <= high)).all():
        wrong = numbers[~((numbers >= low) & (numbers <= high))].flat[0]
        raise ValueError(f"{name} must be from {low:g} to {high:g}, got {wrong:g}")
    return numbers


def resampled(sums: np.ndarray, *, draws: int, seed: int) -> np.ndarray:
    """Return the column sums of `sums` in each resample of its rows: shape (draws, columns).

    Rows are the units drawn with replacement: customers, or whatever is independent.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap.
    """
    if draws < 1:
        raise ValueError(f"draws must be 1 or more, got {draws}")
    n, rng = len(sums), np.random.default_rng(seed)
    step = max(AT_ONCE // n, 1)
    sizes = [min(step, draws - done) for done in range(0, draws, step)]
    chance = np.full(n, 1 / n)
    return np.vstack([rng.multinomial(n, chance, size=size) @ sums for size in sizes])


def limits(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % limits of each column of `samples` (percentiles), missing where all are."""
    known = ~np.isnan(samples).all(axis=0)
    low, high = np.nanquantile(np.where(known, samples, 0.0), LEVELS, axis=0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def divided(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part ÷ whole, missing where the whole is zero."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole != 0)
