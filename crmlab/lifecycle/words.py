"""Times that are not reached, and test results, in words."""

import math

import pandas as pd

from crmlab.lang import Lang, number, say

LEVEL = 0.05


def with_limits(
    table: pd.DataFrame, column: str, low: str = "low", high: str = "high", *, lang: Lang
) -> pd.DataFrame:
    """Return the table with the limits of a time as one column in words, beside it.

    Parameters
    ----------
    table : DataFrame
        `column` is a time with a 95 % interval from `low` to `high`, as from
        `quantile`: what the curve does not reach is missing.
    column, low, high : str
        Their names. The limits go, `column` followed by ``_interval`` comes: "12 to 15",
        or "12 or more" where only the lower one is known. A missing time becomes the code
        ``not_reached``, as does its interval if no limit is known.
    lang : {"en", "zh"}
        Language of the interval.
    """
    told = [_limits(row[low], row[high], row[column], lang) for _, row in table.iterrows()]
    times = table[column].astype(object).where(table[column].notna(), "not_reached")
    shown = table.assign(**{column: times}).drop(columns=[low, high])
    shown.insert(list(shown.columns).index(column) + 1, f"{column}_interval", told)
    return shown


def _limits(low: float, high: float, time: float, lang: Lang) -> str:
    if math.isnan(low):
        return "not_reached" if math.isnan(time) else "–"
    lower, upper = number(low, lang), number(high, lang)
    if math.isnan(high):
        return say(lang, en=f"{lower} or more", zh=f"{lower} 以上")
    return say(lang, en=f"{lower} to {upper}", zh=f"{lower} 至 {upper}")


def differ(p_value: float, lang: Lang) -> str:
    """Say whether groups differ beyond chance, at the 5 % level, as a predicate.

    >>> differ(0.83, "en")
    'show no difference beyond chance'
    """
    if math.isnan(p_value):
        return say(lang, en="cannot be compared", zh="无法比较")
    if p_value < LEVEL:
        return say(lang, en="differ beyond chance", zh="差异超出偶然")
    return say(lang, en="show no difference beyond chance", zh="未见超出偶然的差异")
