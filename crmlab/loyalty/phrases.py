"""Numbers and lists in the form that sentences take."""

import math

import pandas as pd

from crmlab.lang import Lang, percent, say, term


def one(value: float) -> str:
    """Return a number with one decimal.

    >>> one(7), one(-0.44), one(float("nan"))
    ('7.0', '−0.4', '–')
    """
    return "–" if math.isnan(value) else f"{value + 0.0:.1f}".replace("-", "−")


def between(low: float, high: float, lang: Lang) -> str:
    """Return a 95 % interval in brackets, to one decimal."""
    return say(
        lang,
        en=f"(95% interval {one(low)} to {one(high)})",
        zh=f"（95% 区间 {one(low)} 至 {one(high)}）",
    )


def shares_between(low: float, high: float, lang: Lang) -> str:
    """Return the 95 % interval of a share, in brackets."""
    ends = percent(low, lang), percent(high, lang)
    return say(
        lang,
        en=f"(95% interval {ends[0]} to {ends[1]})",
        zh=f"（95% 区间 {ends[0]} 至 {ends[1]}）",
    )


def listed(codes: pd.Index, lang: Lang, *, most: int | None = None) -> str:
    """Return the words of codes in a row, `most` of them."""
    return say(lang, en=", ", zh="、").join(term(str(code), lang) for code in codes[:most])
