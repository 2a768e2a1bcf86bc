"""Numbers and lists in the form that sentences take."""

import math

import pandas as pd

from crmlab.lang import Lang, interval, percent, say, term


def one(value: float) -> str:
    """Return a number with one decimal.

    >>> one(7), one(-0.44), one(float("nan"))
    ('7.0', '−0.4', '–')
    """
    return "–" if math.isnan(value) else f"{value + 0.0:.1f}".replace("-", "−")


def between(low: float, high: float, lang: Lang) -> str:
    """Return a 95 % interval in brackets, to one decimal."""
    return interval(one(low), one(high), lang)


def shares_between(low: float, high: float, lang: Lang) -> str:
    """Return the 95 % interval of a share, in brackets."""
    return interval(percent(low, lang), percent(high, lang), lang)


def listed(codes: pd.Index, lang: Lang, *, most: int | None = None) -> str:
    """Return the words of codes in a row, `most` of them."""
    return say(lang, en=", ", zh="、").join(term(str(code), lang) for code in codes[:most])
