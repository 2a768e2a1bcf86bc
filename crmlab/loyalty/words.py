"""What the findings say, as sentences: each holds its numbers and their intervals."""

import math

import pandas as pd

from crmlab.intervals import wilson
from crmlab.lang import Lang, number, percent, say, term
from crmlab.loyalty.curve import Curve
from crmlab.loyalty.phrases import between, listed, one, shares_between


def tell_change(change: pd.Series, lang: Lang) -> str:
    """Say whether satisfaction moved between the last two waves (`last_change`)."""
    if math.isnan(change["low"]):
        return say(
            lang,
            en="Too few customers answered two waves running to tell whether satisfaction changes.",
            zh="连续两期作答的客户太少，无法判断满意度有无变化。",
        )
    low, high = change["low"], change["high"]
    limits, n = between(low, high, lang), number(change["n"], lang)
    verdict = say(lang, en="no clear change", zh="看不出明确的升降")
    if low > 0 or high < 0:
        up = low > 0
        verdict = say(lang, en="a rise" if up else "a fall", zh="有所上升" if up else "有所下降")
    return say(
        lang,
        en=f"Among the {n} customers who answered both of the last two waves, satisfaction changed "
        f"by **{one(change['mean'])} points** {limits}: {verdict}.",
        zh=f"在最近两期都作答的 {n} 位客户中，满意度变化 **{one(change['mean'])} 分**{limits}："
        f"{verdict}。",
    )


def tell_promoters(nps: pd.Series, lang: Lang) -> str:
    """Say the net promoter score and what it is made of (`net_promoter`)."""
    limits = between(nps["low"], nps["high"], lang)
    up, down = percent(nps["promoters"], lang), percent(nps["detractors"], lang)
    return say(
        lang,
        en="In the last wave, the net promoter score, promoters (9 or 10) less detractors "
        f"(0 to 6), is **{one(nps['score'])} points** {limits}: {up} are promoters, {down} "
        "detractors.",
        zh="净推荐值是推荐者（9–10 分）占比减去贬损者（0–6 分）占比，最近一期为 "
        f"**{one(nps['score'])} 分**{limits}：推荐者占 {up}，贬损者占 {down}。",
    )


def tell_response(bias: pd.Series, lang: Lang) -> str:
    """Say whether the discontented answer less, and by how much means mislead (`response_bias`)."""
    low, high = bias["low"], bias["high"]
    if math.isnan(low):
        return say(
            lang,
            en="Nobody was asked again after an answer, so this survey cannot tell.",
            zh="没有客户作答之后再次收到问卷，本调查无从判断。",
        )
    limits, points = between(low, high, lang), one(abs(bias["mean"]))
    if low > 0:
        return say(
            lang,
            en=f"**Silence is not consent.** Those who answered again had been {one(bias['mean'])} "
            f"points more satisfied the wave before than all who were asked {limits}. The mean of "
            "the answers is probably too high by about as much.",
            zh=f"**沉默不等于满意**。再次作答者上一期的满意度，"
            f"比全部收到问卷者高 {points} 分{limits}。因此，按作答者计算的均值很可能也偏高这么多。",
        )
    if high < 0:
        return say(
            lang,
            en=f"Those who answered again had been {points} points less satisfied the wave before "
            f"than all who were asked; the difference is {one(bias['mean'])} {limits}. The mean of "
            "the answers is probably too low.",
            zh=f"再次作答者上一期的满意度，比全部收到问卷者低 {points} 分，"
            f"差值为 {one(bias['mean'])} 分{limits}。因此，按作答者计算的均值很可能偏低。",
        )
    return say(
        lang,
        en="These data do not show that the discontented answer less: those who answered again "
        f"differ from all who were asked by {one(bias['mean'])} points {limits}.",
        zh="数据没有显示不满意的客户更少作答：再次作答者与全部收到问卷者上一期的满意度相差 "
        f"{one(bias['mean'])} 分{limits}。",
    )


def tell_models(models: pd.DataFrame, lang: Lang) -> str:
    """Say what the criteria prefer, and how much of loyalty satisfaction explains at all."""
    two, line = models.T["two_breaks"], models.T["line"]
    gain, limits = one(100 * two["gain"]), (100 * two["gain_low"], 100 * two["gain_high"])
    best, behind = term(str(models["aic"].idxmin()), lang), one(two["aic_above"])
    rest = 1 - models["r2_out"].clip(lower=0).max()
    told = [percent(share, lang) for share in (line["r2_out"], two["r2_out"], rest)]
    return say(
        lang,
        en=f"For customers left out, the straight line explains {told[0]} of the differences in "
        f"loyalty and two breaks **{told[1]}**: a difference of {gain} percentage points "
        f"{between(*limits, lang)}. Even the best curve leaves {told[2]} to other things, or to "
        f"the noise of both scores. AIC is lowest for: {best.lower()}; two breaks are {behind} "
        "above it (less than 2 decides nothing).",
        zh=f"对留出的客户，直线能解释忠诚度差异的 {told[0]}，两个转折点能解释 **{told[1]}**，"
        f"相差 {gain} 个百分点{between(*limits, lang)}。即使最好的曲线，也有 {told[2]} 的差异"
        "未能解释，这些差异来自别的因素，或来自两个得分的测量误差。"
        f"AIC 最低的是{best}，两个转折点比它高 {behind}（相差不到 2，不足以分出高下）。",
    )


def tell_curve(fitted: Curve, satisfaction: pd.Series, lang: Lang) -> str:
    """Say what the curve is like, and how many customers' `satisfaction` lies in its middle."""
    low, high = places(fitted)
    below, middle, above = (_gain(row, lang) for _, row in fitted.slopes.iterrows())
    share, limits = inside(fitted, satisfaction, lang)
    return say(
        lang,
        en=f"Below {low}, ten points more satisfaction go with {below} of loyalty; between {low} "
        f"and {high}, with {middle}; above {high}, with {above}. {share} of customers {limits} "
        f"lie in between. {_verdict(fitted, lang)}",
        zh=f"满意度每高 10 分，忠诚度的差别是：{low} 分以下{below}，"
        f"{low} 至 {high} 分之间{middle}，{high} 分以上{above}。{share} 的客户{limits}处于中段。"
        f"{_verdict(fitted, lang)}",
    )


def _verdict(fitted: Curve, lang: Lang) -> str:
    flatter = one(10 * fitted.flatter["estimate"])
    extra = between(10 * fitted.flatter["low"], 10 * fitted.flatter["high"], lang)
    if fitted.zone is not None:
        return say(
            lang,
            en="**The data show a zone of indifference:** two breaks beat the straight line and "
            "one break by both criteria, and ten points of satisfaction go with "
            f"{flatter} points less of loyalty there than on the less steep side {extra}.",
            zh="**数据显示存在无差异区**：按两个判据，两个转折点都优于直线和一个转折点；"
            f"满意度每高 10 分，中段的忠诚度差比两侧中较缓的一侧还少 {flatter} 分{extra}。",
        )
    return say(
        lang,
        en="**The data do not show a zone of indifference:** that would take two breaks that win "
        f"by both criteria, and a middle that is surely flatter; it has {flatter} points less of "
        f"loyalty per ten points than the less steep side {extra}.",
        zh="**数据未能显示无差异区**：那需要两个转折点在两个判据上都占优，而且中段确实较平缓；"
        f"满意度每高 10 分，中段的忠诚度差比两侧中较缓的一侧少 {flatter} 分{extra}。",
    )


def tell_kinds(cuts: pd.DataFrame, value: pd.Series, lang: Lang) -> str:
    """Say what the cut does (`cut_sensitivity`), and how many stay for the value."""
    true = cuts["true_loyalty"]
    join = say(lang, en=": ", zh=" 分时为 ")
    told = [f"{cut:g}{join}{percent(share, lang)}" for cut, share in true.items()]
    cut = say(
        lang,
        en=f"**The cut decides how many are loyal.** True loyalty by the cut, {'; '.join(told)}.",
        zh=f"**忠诚客户有多少，取决于分界值**。不同分界值下的真实忠诚占比：{'；'.join(told)}。",
    )
    if not value["n"]:
        return cut
    share, limits = percent(value["share"], lang), shares_between(value["low"], value["high"], lang)
    return cut + say(
        lang,
        en=f" Of the truly loyal who give a reason for staying, **{share}** {limits} stay for the "
        "value; the others name habit, price or another reason, and may stay no longer than that "
        "lasts.",
        zh=f"真实忠诚且说明了原因的客户中，**{share}**{limits}是为价值而留下；"
        "其余的人说出的是习惯、价格等别的原因，原因一旦消失，未必还会留下。",
    )


def tell_drivers(table: pd.DataFrame, whole: pd.Series, lang: Lang) -> str:
    """Say what all attributes explain, and whether one surely leads (`drivers`, `explained`)."""
    lead = table.iloc[0]
    name, first = term(str(table.index[0]), lang), percent(lead["importance"], lang)
    ends = shares_between(lead["importance_low"], lead["importance_high"], lang)
    r2, limits = percent(whole["r2"], lang), shares_between(whole["low"], whole["high"], lang)
    leads = percent(lead["leads_share"], lang, decimals=0)
    return say(
        lang,
        en=f"Together the attributes explain **{r2}** of the variance of satisfaction {limits}; "
        f"{name} alone accounts for {first} {ends} and leads in {leads} of resamples.",
        zh=f"各要素合计解释满意度方差的 **{r2}**{limits}；单是“{name}”就占 {first}{ends}，"
        f"它在 {leads} 的重抽样中居首。",
    )


def tell_effects(effects: pd.DataFrame, lang: Lang) -> str:
    """Say which odds ratios surely differ from 1 (`OrderedLogit.effects`)."""
    above, below = effects["odds_low"] > 1, effects["odds_high"] < 1
    rows = {"above": above, "below": below, "unclear": ~above & ~below}
    words = {
        "above": say(
            lang, en="more loyal answers (surely above 1)", zh="更忠诚的回答（确实大于 1）"
        ),
        "below": say(
            lang, en="less loyal answers (surely below 1)", zh="较不忠诚的回答（确实小于 1）"
        ),
        "unclear": say(lang, en="no sure difference", zh="不能确定"),
    }
    parts = [
        f"**{words[name]}**{say(lang, en=': ', zh='：')}{listed(effects.index[held], lang)}"
        for name, held in rows.items()
        if held.any()
    ]
    told = say(lang, en="; ", zh="；").join(parts)
    return say(
        lang,
        en=f"With the other answers equal, these go with {told}. The units differ, so the ratios "
        "do not rank the bonds.",
        zh=f"在其他回答相同的情况下，各变量的优势比：{told}。各变量单位不同，优势比的大小不能用来排名。",
    )


def tell_odds(test: pd.DataFrame, lang: Lang, *, level: float = 0.05) -> str:
    """Say for which terms one odds ratio does not serve all cuts (`proportional_odds`).

    The tests are as many as the terms: `level` is shared among them (Bonferroni).
    """
    each = test.drop(index="all_terms")
    names = listed(each.index[each["p_value"] < level / len(each)], lang)
    if not names:
        return say(
            lang,
            en="Brant's test finds no sign that an odds ratio differs from step to step.",
            zh="Brant 检验未发现优势比随回答等级变化的迹象。",
        )
    return say(
        lang,
        en=f"By Brant's test, one odds ratio does not serve all steps for: {names}. Read it as an "
        "average over the steps; a bent curve, as above, is one possible cause.",
        zh=f"Brant 检验表明，以下变量的优势比随回答等级变化：{names}。"
        "应把它看作各级的平均；上文的弯曲关系可能是原因之一。",
    )


def places(fitted: Curve) -> list[str]:
    """Return the two breaks in whole points."""
    return [f"{place:.0f}" for place in fitted.breaks["estimate"]]


def _gain(slope: pd.Series, lang: Lang) -> str:
    """Return how much loyalty goes with 10 points of satisfaction, with the interval."""
    points = one(10 * slope["estimate"])
    limits = between(10 * slope["low"], 10 * slope["high"], lang)
    return say(lang, en=f"**{points} points** {limits}", zh=f" **{points} 分**{limits}")


def inside(fitted: Curve, satisfaction: pd.Series, lang: Lang) -> tuple[str, str]:
    """Return the share of customers between the breaks, and its interval, in words."""
    scores = satisfaction.dropna()
    held = int(scores.between(*fitted.breaks["estimate"]).sum())
    low, high = wilson(held, len(scores))
    share = held / max(len(scores), 1)
    return percent(share, lang), shares_between(float(low), float(high), lang)
