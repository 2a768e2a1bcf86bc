"""What a page may show of people: pseudonyms for ids, and no value of a handful of customers.

Only the small cell itself is hidden. Who knows the total and all other cells can still find
it by subtraction; a page that must not allow that needs larger groups.
"""

import pandas as pd

from crmlab.lang import Lang, say
from crmlab.privacy import SMALL, hidden

FEW = f"<{SMALL}"
UNSAID = "·"


def shown(rows: pd.DataFrame, *, counts: bool = False) -> tuple[pd.DataFrame, bool]:
    """Return a table as a page may show it, and whether anything in it was too small.

    Parameters
    ----------
    rows : DataFrame
        Where it has whole numbers of ``customers`` (a column or a level of the index), the
        fractions of a row with fewer than `crmlab.privacy.SMALL` of them are not shown.
    counts : bool
        Whether all numbers of the table count customers, as in a cross-table.
    """
    rows = hidden(rows)
    if counts:
        small = rows.apply(_is_small)
        return rows.astype(object).mask(small, FEW), bool(small.to_numpy().any())
    sizes = _sizes(rows)
    if sizes is None or not (small_rows := _is_small(sizes)).any():
        return rows, False
    told = rows.astype(object)
    for column in rows.select_dtypes("float"):
        told.loc[small_rows.to_numpy(), column] = UNSAID
    for column in (name for name in ("customers", "eligible") if name in rows):
        told.loc[small_rows.to_numpy(), column] = FEW
    return told, True


def note(lang: Lang) -> str:
    """Return the sentence that says what is not shown."""
    return say(
        lang,
        en=f"Groups of fewer than {SMALL} customers are not shown.",
        zh=f"不足 {SMALL} 位客户的组不显示数值。",
    )


def _sizes(rows: pd.DataFrame) -> pd.Series | None:
    """Return how many customers each row holds, if it says so in whole numbers."""
    if "customers" in rows:
        sizes = rows["customers"]
    elif "customers" in rows.index.names:
        sizes = rows.index.get_level_values("customers").to_series()
    else:
        return None
    if not pd.api.types.is_numeric_dtype(sizes):
        return None
    known = sizes.dropna()
    return sizes if (known == known.round()).all() else None


def _is_small(sizes: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(sizes):
        return pd.Series(data=False, index=sizes.index)
    return (sizes > 0) & (sizes < SMALL)
