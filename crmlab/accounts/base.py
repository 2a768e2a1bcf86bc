"""What the files of this subject share: checks that tell all problems at once, and ranks."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from crmlab.errors import DataError

Problem = tuple[str, str]  # what is wrong, in English and in Chinese


def problems(
    name: str,
    table: pd.DataFrame,
    *,
    ids: str = "",
    numbers: str = "",
    days: str = "",
    maybe: str = "",
) -> list[Problem]:
    """Return what a table lacks: columns, or values in them.

    Parameters
    ----------
    name : str
        What the messages call the table.
    table : DataFrame
        The table to look at.
    ids, numbers, days, maybe : str
        Columns of each kind, separated by spaces. Ids may not be missing, numbers must be
        finite, days must be dates; `maybe` must be there, but their values may be missing.
    """
    kinds = {"id": ids.split(), "number": numbers.split(), "date": days.split()}
    kinds["maybe"] = maybe.split()
    wanted = [column for columns in kinds.values() for column in columns]
    if lacking := [column for column in wanted if column not in table]:
        return [(f"{name} lacks {', '.join(lacking)}", f"{name} 缺少 {'、'.join(lacking)}")]
    counted = {c: _unusable(table[c], kind) for kind, columns in kinds.items() for c in columns}
    return [
        (f"{name}.{c} cannot be used in {n:,} of {len(table):,} rows",
         f"{name}.{c} 在 {len(table):,} 行中有 {n:,} 行不能使用")
        for c, n in counted.items() if n
    ]  # fmt: skip


def repeated(name: str, table: pd.DataFrame, key: str) -> list[Problem]:
    """Return that ids are there more than once in a table that must have each of them once."""
    n = int(table.duplicated(key).sum()) if key in table else 0
    return [(f"{name}.{key} repeats in {n:,} rows", f"{name}.{key} 有 {n:,} 行重复")] if n else []


def refuse(*found: Iterable[Problem]) -> None:
    """Raise one `DataError` that tells all problems, if there are any."""
    if told := [problem for some in found for problem in some]:
        en, zh = zip(*told, strict=True)
        raise DataError(en=f"{'; '.join(en)}.", zh=f"{'；'.join(zh)}。")


def check_between(name: str, value: float, low: float, high: float) -> None:
    """Refuse an option outside its range."""
    if not low <= value <= high:
        raise ValueError(f"{name} must be {low} to {high}, got {value}")


def counted(like: pd.DataFrame | pd.Series, weight: pd.Series | None) -> np.ndarray:
    """Return how many customers each row stands for."""
    if weight is None:
        return np.ones(len(like))
    sizes = np.asarray(weight, dtype="float64")
    if len(sizes) != len(like) or not (sizes >= 0).all():
        raise ValueError(f"weight must be {len(like)} numbers of 0 or more")
    return sizes


def better_share(values: pd.Series, weight: pd.Series | None = None) -> pd.Series:
    """Return which share of customers has a larger value, 0 for the largest.

    Equal customers are equal, whatever the order of rows; missing values stay missing.

    >>> better_share(pd.Series([5, 9, 5, 1])).tolist()
    [0.25, 0.0, 0.25, 0.75]
    """
    return _share(-values, weight, equal=0.0)


def score(values: pd.Series, weight: pd.Series | None = None) -> pd.Series:
    """Return a score of 0 to 100: the share of customers below, and half of those equal.

    >>> score(pd.Series([5, 9, 5, 1])).tolist()
    [50.0, 87.5, 50.0, 12.5]
    """
    return 100 * _share(values, weight, equal=0.5)


def at_top(values: pd.Series, share: float, weight: pd.Series | None = None) -> pd.Series:
    """Return who is among the best `share` of customers; ties are in or out together.

    In are those than whom less than `share` of customers is better.
    """
    check_between("share", share, 0, 1)
    return better_share(values, weight) < share


def largest(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return rows with the largest first, those of equal size by their index."""
    return found.sort_index().sort_values(by, ascending=False, kind="stable")


def _share(values: pd.Series, weight: pd.Series | None, equal: float) -> pd.Series:
    """Return the share of customers of a lower value, and a part of those of an equal one."""
    sizes, known = counted(values, weight), values.notna().to_numpy()
    levels, place = np.unique(values[known].to_numpy("float64"), return_inverse=True)
    size = np.bincount(place, sizes[known], minlength=len(levels))
    shares = (np.cumsum(size) - size + equal * size) / (size.sum() or np.nan)
    found = np.full(len(values), np.nan)
    found[known] = np.round(shares, 12)[place]
    return pd.Series(found, index=values.index)


def _unusable(column: pd.Series, kind: str) -> int:
    """Return how many values are missing or not of their kind."""
    if kind == "maybe":
        return 0
    if kind == "id":
        return int(column.isna().sum())
    if kind == "date":
        return int(pd.to_datetime(column, errors="coerce").isna().sum())
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    return int((~np.isfinite(numbers)).sum())
