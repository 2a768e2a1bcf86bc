"""Items on other scales than 1 to 10, reversed ones, and gaps in the answers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.errors import DataError
from crmlab.tables import TABLES

TEN = tuple(
    name
    for name, column in TABLES["survey"].columns.items()
    if (column.low, column.high) == (1, 10)
)


def stretched(survey: pd.DataFrame, *, high: int = 10, reverse: Sequence[str] = ()) -> pd.DataFrame:
    """Return the survey with the answers to its items from 1 to 10, all the same way round.

    An answer x of 1 to `high` becomes 1 + 9 (x − 1) ÷ (high − 1): order and distances stay,
    so no correlation changes. Recommendation (0–10) and the five steps of loyalty are left.

    Parameters
    ----------
    survey : DataFrame
    high : int
        The highest answer that could be given, the lowest being 1.
    reverse : sequence of str
        Items for which a low answer is the good one.

    Raises
    ------
    DataError
        If an answer is above `high`, or an item to reverse is not there.
    """
    there = [name for name in TEN if name in survey]
    if lacking := [name for name in reverse if name not in there]:
        raise DataError(
            en=f"items to reverse are not in the survey: {', '.join(lacking)}.",
            zh=f"问卷中没有要反向计分的题项：{'、'.join(lacking)}。",
        )
    above = [name for name in there if (survey[name] > high).any()]
    if above:
        raise DataError(
            en=f"answers are above {high}, the end of the scale, in: {', '.join(above)}.",
            zh=f"以下题项有高于量表上限 {high} 的回答：{'、'.join(above)}。",
        )
    found = survey.copy()
    found[list(reverse)] = 1 + high - found[list(reverse)]
    if high != 10:
        found[there] = 1 + 9 * (found[there].astype("float64") - 1) / (high - 1)
    return found


def filled(items: pd.DataFrame) -> pd.DataFrame:
    """Return ratings whose gaps are filled in rows that rated at least half of the items.

    A gap takes the row's mean plus the item's mean less the mean of all (two-way
    imputation), within the scale that was used. With many items and a few gaps in each,
    hardly any row is whole, and to leave the others out would waste nearly all answers.
    Filled ratings hold no news of their own: they draw items together a little.

    References
    ----------
    Bernaards, C. A. and Sijtsma, K. (2000). Influence of imputation and EM methods on factor
    analysis when item nonresponse in questionnaire data is nonignorable. Multivariate
    Behavioral Research 35(3), 321-364.
    """
    values = items.astype("float64")
    own, mean = values.mean(axis=1).to_numpy(), values.mean()
    guess = own[:, None] + mean.to_numpy()[None, :] - mean.mean()
    guess = np.clip(guess, values.min().to_numpy(), values.max().to_numpy())
    enough = (values.notna().mean(axis=1) >= 0.5).to_numpy()[:, None]
    return values.where(values.notna() | ~enough, pd.DataFrame(guess, values.index, values.columns))
