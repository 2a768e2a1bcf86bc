"""Frames of the company in the columns and types that their table declares."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.tables.base import Table


def typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the table's columns of `frame`, in the table's order and types."""
    kinds = {column: table.dtype(column) for column in table.columns}
    return frame[list(kinds)].astype(kinds).reset_index(drop=True)


def ids(prefix: str, n: int, width: int = 6) -> pd.Series:
    """Return `n` identifiers in order.

    >>> ids("V", 2, width=3).tolist()
    ['V001', 'V002']
    """
    return prefix + pd.Series(np.arange(1, n + 1)).astype("str").str.zfill(width)


def pick(draw: np.random.Generator, shares: dict[str, float], n: int) -> np.ndarray:
    """Return `n` codes drawn with their shares, which sum to 1."""
    return draw.choice(list(shares), n, p=list(shares.values()))


def number(codes: pd.Series, told: Mapping[str, float]) -> np.ndarray:
    """Return the number that belongs to each code, also of no codes at all.

    >>> number(pd.Series(["b", "a"]), {"a": 1, "b": 2}).tolist()
    [2.0, 1.0]
    """
    return codes.map(dict(told)).to_numpy(dtype="float64")


def planted(told: dict[str, float]) -> pd.DataFrame:
    """Return planted numbers as a table of ``name`` and ``value``."""
    return pd.DataFrame({"name": list(told), "value": list(told.values())})
