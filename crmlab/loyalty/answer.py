"""The answer in one sentence: is the curve flat, and what comes first."""

import pandas as pd

from crmlab.lang import Lang, percent, say, term
from crmlab.loyalty.curve import Curve
from crmlab.loyalty.drivers import first_to_improve
from crmlab.loyalty.phrases import between, one
from crmlab.loyalty.words import inside, places


def headline(fitted: Curve, satisfaction: pd.Series, table: pd.DataFrame, lang: Lang) -> str:
    """Say the answer: whether satisfaction goes with loyalty, and what to improve first."""
    low, high = places(fitted)
    row = fitted.slope if fitted.zone is None else fitted.slopes.T["between_breaks"]
    points, limits = one(10 * row["estimate"]), between(10 * row["low"], 10 * row["high"], lang)
    if fitted.zone is None:
        told = say(
            lang,
            en=f"Ten points more satisfaction go with **{points} points** more loyalty {limits}; "
            "no flat stretch is certain. ",
            zh=f"满意度每高 10 分，忠诚度高 **{points} 分**{limits}；未见可以确定的平缓段。",
        )
        return told + advise(table, lang)
    share, _ = inside(fitted, satisfaction, lang)
    told = say(
        lang,
        en=f"Satisfied is not yet loyal: between about **{low} and {high} points**, where {share} "
        f"of customers are, 10 points more satisfaction go with only **{points} points** more "
        f"loyalty {limits}. ",
        zh=f"满意不等于忠诚：在约 **{low} 至 {high} 分**之间（{share} 的客户在此），"
        f"满意度每高 10 分，忠诚度只高 **{points} 分**{limits}。",
    )
    return told + advise(table, lang)


def advise(table: pd.DataFrame, lang: Lang, *, sure: float = 0.95) -> str:
    """Say which attribute comes first, as surely as the resamples allow (`drivers`)."""
    item = first_to_improve(table)
    row, name = table.T[item], term(item, lang)
    share = percent(row["same_share"], lang, decimals=0)
    if row["priority"] != "improve_first":
        return say(
            lang,
            en=f"No attribute is both important and rated low; **{name}** matters most.",
            zh=f"没有重要而评分又低的要素；最重要的是**{name}**。",
        )
    if row["same_share"] < sure:
        return say(
            lang,
            en=f"What to improve first is not certain: **{name}** leads, but only {share} of "
            "resamples find it both important and rated low.",
            zh=f"首先改进什么尚不能确定：**{name}**居前，但只有 {share} 的重抽样显示它"
            "重要而评分低。",
        )
    return say(
        lang,
        en=f"First candidate to improve: **{name}**, important and rated low in {share} of "
        "resamples.",
        zh=f"改进的首选是**{name}**：在 {share} 的重抽样中，它都重要而评分低。",
    )
