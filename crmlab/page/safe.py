"""What a page may show of people: pseudonyms for ids, and no value of a handful of customers.

Only the small cell itself is hidden. Who knows the total and all other cells can still find
it by subtraction; a page that must not allow that needs larger groups.
"""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pandas as pd

from crmlab.lang import Lang, say
from crmlab.page.form import currency
from crmlab.privacy import SMALL, hidden

FEW = f"<{SMALL}"
UNSAID = "·"
SIZES = ("customers", "n", "called_lost")  # columns that say how many people a row is about
PARTS = ("eligible", "came_back")  # columns that say how many of them


def shown(
    rows: pd.DataFrame, *, counts: bool = False, units: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, bool]:
    """Return a table as a page may show it, and whether anything in it was too small.

    Parameters
    ----------
    rows : DataFrame
        Where it counts people in whole numbers (a column or a level of the index that `SIZES`
        names), a row with fewer than `crmlab.privacy.SMALL` of them tells neither its
        fractions and money nor how many they and their `PARTS` are.
    counts : bool
        Whether all numbers of the table count customers, as in a cross-table.
    units : mapping, optional
        Column → unit: a column in a currency is money, whole numbers too.
    """
    rows = hidden(rows)
    if counts:
        small = rows.apply(_is_small)
        return rows.astype(object).mask(small, FEW), bool(small.to_numpy().any())
    small_rows = _small_rows(rows)
    if not small_rows.any():
        return rows, False
    told = rows.astype(object)
    for column in _telling(rows, units or {}):
        told.loc[small_rows, column] = UNSAID
    for column in rows.columns.intersection([*SIZES, *PARTS]):
        told.loc[small_rows, column] = FEW
    return _unsaid_levels(told, small_rows), True


def _telling(rows: pd.DataFrame, units: Mapping[str, str]) -> list[str]:
    """Return the columns that tell a value: fractions, exact decimals, money."""
    money = {column for column, unit in units.items() if currency(unit)}
    return [
        column
        for column in rows.columns
        if column in money
        or pd.api.types.is_float_dtype(rows[column])
        or any(isinstance(value, Decimal) for value in rows[column])
    ]


def _unsaid_levels(rows: pd.DataFrame, small_rows: np.ndarray) -> pd.DataFrame:
    """Return the table without the sizes of small rows in its index."""
    if not set(rows.index.names) & {*SIZES, *PARTS}:
        return rows
    flat = rows.index.to_frame(index=False).astype(object)
    for name in flat.columns.intersection([*SIZES, *PARTS]):
        flat.loc[small_rows, name] = FEW
    if flat.shape[1] == 1:
        return rows.set_axis(pd.Index(flat.iloc[:, 0], name=rows.index.name))
    return rows.set_axis(pd.MultiIndex.from_frame(flat))


def any_small(rows: pd.DataFrame) -> bool:
    """Return whether a table that `shown` returned leaves something unsaid."""
    return bool(rows.reset_index().isin([FEW]).to_numpy().any())


def note(lang: Lang) -> str:
    """Return the sentence that says what is not shown."""
    return say(
        lang,
        en=f"Groups of fewer than {SMALL} customers are not shown.",
        zh=f"不足 {SMALL} 位客户的组不显示数值。",
    )


def _small_rows(rows: pd.DataFrame) -> np.ndarray:
    """Return which rows are about a handful of people, as far as whole numbers say so."""
    small = np.zeros(len(rows), dtype=bool)
    for name in SIZES:
        if name in rows:
            small |= _few(rows[name])
        elif name in rows.index.names:
            small |= _few(rows.index.get_level_values(name).to_series())
    return small


def _few(sizes: pd.Series) -> np.ndarray:
    known = pd.to_numeric(sizes, errors="coerce").dropna()
    if len(known) < sizes.notna().sum() or (known != known.round()).any():
        return np.zeros(len(sizes), dtype=bool)
    return _is_small(sizes.astype("float64")).to_numpy()


def _is_small(sizes: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(sizes):
        return pd.Series(data=False, index=sizes.index)
    return ((sizes > 0) & (sizes < SMALL)).fillna(False).astype("bool")
