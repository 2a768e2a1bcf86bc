"""Customers as a model sees them: checked, and equal ones counted once."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.errors import DataError

ROWS = 3  # how many wrong rows are named
MANY = 2.0**62  # more possible cells than an integer can number
DENSE = 30_000_000  # so many possible cells are counted in one array


def checked(
    customers: pd.DataFrame,
    columns: Sequence[str],
    whole: Sequence[str] = (),
    signed: Sequence[str] = (),
) -> dict[str, np.ndarray]:
    """Return `columns` and ``weight``, where there is one, as numbers, or say all that is wrong.

    Those in `whole` count purchases and opportunities; those in `signed` may be negative.

    Raises
    ------
    KeyError
        If a column is absent.
    DataError
        If values are no numbers, missing, negative or infinite, ``recency`` exceeds ``T``,
        counts are not whole or not possible, or ``ended`` is neither 0 nor 1.
    """
    if lacking := [c for c in columns if c not in customers]:
        raise KeyError(
            f"customers lack {', '.join(lacking)}; they have {', '.join(map(str, customers))}"
        )
    table = {c: _numbers(customers[c]) for c in columns}
    if "weight" in customers:
        table["weight"] = _numbers(customers["weight"])
    wrong = {}
    for c, each in table.items():
        if c in signed:
            wrong[f"{c} is missing, infinite or no number"] = ~np.isfinite(each)
        else:
            wrong[f"{c} is missing, negative or no number"] = _bad(each)
    wrong |= _impossible(table) | _miscounted(table, whole)
    told = [
        f"{what} in {rows.sum():,} rows ({_where(rows)})"
        for what, rows in wrong.items()
        if rows.any()
    ]
    if told:
        raise DataError(
            en=f"customers cannot be scored: {'; '.join(told)}.",
            zh=f"客户数据无法打分：{'；'.join(told)}。",
        )
    return table


def _impossible(table: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return which rows contradict themselves, by what is wrong."""
    wrong = {}
    if "recency" in table and "T" in table:
        wrong["recency exceeds T"] = table["recency"] > table["T"] * (1 + 1e-12)
    if "recency" in table and "frequency" in table:
        once = table["frequency"] == 0
        wrong["recency is not 0 without a repeat purchase"] = once & (table["recency"] > 0)
    if "ended" in table:
        wrong["ended is neither 0 nor 1"] = (table["ended"] > 0) & (table["ended"] != 1)
    return wrong


def _miscounted(table: dict[str, np.ndarray], whole: Sequence[str]) -> dict[str, np.ndarray]:
    """Return which rows do not hold whole numbers, or more purchases than opportunities."""
    wrong = {
        f"{c} is no whole number": np.isfinite(table[c]) & (table[c] != np.floor(table[c]))
        for c in whole
    }
    if "frequency" in whole:
        wrong["frequency exceeds recency"] = table["frequency"] > table["recency"]
    return wrong


def _numbers(column: pd.Series) -> np.ndarray:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiub":
        return column.to_numpy("float64")
    return pd.to_numeric(column, errors="coerce").to_numpy("float64", na_value=np.nan)


def _bad(values: np.ndarray) -> np.ndarray:
    return ~((values >= 0) & (values < np.inf))


def _where(rows: np.ndarray) -> str:
    """Return the places of the first rows, from 1; ids of customers do not belong in errors."""
    places = [f"{place + 1:,}" for place in np.flatnonzero(rows)[:ROWS]]
    return f"row {', '.join(places)}" + (", …" if rows.sum() > ROWS else "")


def cells(
    customers: pd.DataFrame,
    columns: Sequence[str],
    whole: Sequence[str] = (),
    signed: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the distinct rows of `columns`, sorted, with how many share each as ``weight``."""
    table = checked(customers, columns, whole, signed)
    weight = table.pop("weight", None)
    key, levels = _numbered(table)
    if (possible := np.prod([float(len(level)) for level in levels])) > MANY:
        counted = pd.DataFrame(table | {"weight": 1.0 if weight is None else weight})
        return counted.groupby(list(table), sort=True)["weight"].sum().reset_index()
    distinct, sizes = _counted(key, weight, int(possible))
    found = {}
    for name, level in reversed(list(zip(table, levels, strict=True))):
        distinct, place = np.divmod(distinct, len(level))
        found[name] = level[place]
    return pd.DataFrame({name: found[name] for name in table} | {"weight": sizes})


def _numbered(table: dict[str, np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return one integer per row that tells its cell, and the sorted values of each column."""
    key: np.ndarray = np.zeros(len(next(iter(table.values()))), dtype="int64")
    levels = []
    for values in table.values():
        codes, level = pd.factorize(values)
        order = np.argsort(level)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        key *= len(level)
        key += rank[codes]
        levels.append(level[order])
    return key, levels


def _counted(
    key: np.ndarray, weight: np.ndarray | None, possible: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct keys, ascending, with the sum of weights of each."""
    if possible <= min(DENSE, 30 * len(key) + 1000):
        sums = np.bincount(key, weight, minlength=possible)
        distinct = np.flatnonzero(sums)
        return distinct, sums[distinct].astype("float64")
    if weight is None:
        distinct, sums = np.unique(key, return_counts=True)
        return distinct, sums.astype("float64")
    distinct, codes = np.unique(key, return_inverse=True)
    return distinct, np.bincount(codes, weight, minlength=len(distinct))
