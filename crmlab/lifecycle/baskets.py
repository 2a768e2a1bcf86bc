"""First baskets: what customers spent on their first day, and groups by it."""

import numpy as np
import pandas as pd

from crmlab.lang import Lang, money, say

THIRDS = ("small", "medium", "large")


def first_basket(daily: pd.DataFrame) -> pd.Series:
    """Return what each customer spent on the first day, in the source's currency.

    `daily` is a panel by day: ``customer_id``, ``period``, ``spend``.
    """
    ordered = daily.sort_values("period", kind="stable")
    return ordered.groupby("customer_id")["spend"].first().rename("first_basket")


def thirds(values: pd.Series) -> pd.Series:
    """Return small, medium or large by thirds of the values; equal ones stay together.

    >>> thirds(pd.Series([1, 1, 5, 6, 9, 9])).tolist()
    ['small', 'small', 'medium', 'medium', 'large', 'large']

    Raises
    ------
    ValueError
        If there are no values, or one is missing.
    """
    if values.empty or values.isna().any():
        raise ValueError("thirds need values, and none may be missing")
    cuts = np.quantile(values, [1 / 3, 2 / 3], method="inverted_cdf")
    codes = np.searchsorted(cuts, values)
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(THIRDS), ordered=True), values.index)


def ranges(values: pd.Series, groups: pd.Series, currency: str, lang: Lang) -> pd.Series:
    """Return the groups of `thirds` named by the amounts they hold, to the cent.

    >>> spent = pd.Series([1.0, 2.0, 5.0, 6.5, 9.0, 30.0])
    >>> list(ranges(spent, thirds(spent), "USD", "en").cat.categories)
    ['up to $2.00', '$5.00–$6.50', '$9.00 and more']
    """
    held = values.groupby(groups, observed=True).agg(["min", "max"])
    told = held.map(lambda v: money(v, currency, lang, exact=True))
    words = {
        "small": say(lang, en="up to {max}", zh="{max} 及以下"),
        "medium": "{min}–{max}",
        "large": say(lang, en="{min} and more", zh="{min} 及以上"),
    }
    names = {group: words[str(group)].format(**row) for group, row in told.iterrows()}
    return groups.cat.remove_unused_categories().cat.rename_categories(names)
