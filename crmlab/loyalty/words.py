"""What the findings say, as sentences and as actions with who and what is at stake."""

import pandas as pd

from crmlab.lang import Lang, number, percent, say, term
from crmlab.loyalty.curve import Curve


def tell_reliability(scale: pd.Series, lang: Lang) -> str:
    """Say how reliable a scale is (`reliability`)."""
    names = ("alpha", "low", "high", "omega", "rows")
    alpha, low, high, omega, rows = (number(scale[name], lang, digits=3) for name in names)
    return say(
        lang,
        en=f"Alpha is **{alpha}** (95% interval {low} to {high}), omega {omega}, from {rows} "
        "complete answers.",
        zh=f"α 为 **{alpha}**（95% 区间 {low} 至 {high}），ω 为 {omega}，基于 {rows} 份完整回答。",
    )


def tell_promoters(nps: pd.Series, lang: Lang) -> str:
    """Say the net promoter score and what it is made of (`net_promoter`)."""
    points, low, high = (number(nps[name], lang, digits=3) for name in ("score", "low", "high"))
    up, down = percent(nps["promoters"], lang), percent(nps["detractors"], lang)
    return say(
        lang,
        en=f"The net promoter score, promoters less detractors, is **{points}** points (95% "
        f"interval {low} to {high}): {up} would recommend us warmly, {down} would not.",
        zh=f"净推荐值（推荐者减贬损者）为 **{points}** 分（95% 区间 {low} 至 {high}）："
        f"{up} 的客户会热心推荐，{down} 的客户不会推荐。",
    )


def tell_response(again: pd.DataFrame, lang: Lang) -> str:
    """Say whether the discontented answer less (`nonresponse`): their intervals lie apart."""
    if len(again) > 1 and again["high"].iloc[0] < again["low"].iloc[-1]:
        return say(
            lang,
            en="**Silence is not consent:** the discontented answer less, so customers as a whole "
            "are less satisfied than these answers show.",
            zh="**沉默不等于满意：** 不满意的客户更少作答，"
            "因此全体客户的满意度低于这里显示的水平。",
        )
    return say(
        lang,
        en="These data do not show that the discontented answer less.",
        zh="数据没有显示不满意的客户更少作答。",
    )


def gain(slope: pd.Series, lang: Lang) -> str:
    """Say how much loyalty goes with 10 points of satisfaction, with the interval."""
    value, low, high = (number(10 * slope[c], lang, digits=2) for c in ("value", "low", "high"))
    return say(lang, en=f"{value} points ({low} to {high})", zh=f"{value} 分（{low} 至 {high}）")


def tell_curve(fitted: Curve, satisfaction: pd.Series, lang: Lang) -> str:
    """Say what the curve is like, and how many customers' `satisfaction` lies in its middle."""
    low, high = _places(fitted, lang)
    below, middle, above = (gain(row, lang) for _, row in fitted.slopes.iterrows())
    inside = percent(satisfaction.between(*fitted.breaks["value"]).mean(), lang)
    zone = fitted.zone is not None
    yes_en = (
        "**There is a zone of indifference:** both referees prefer two breaks to the line, and "
    )
    yes_en += (
        "the middle is flatter than both sides (the 95% interval of the difference excludes 0)."
    )
    no_en = (
        "**A zone of indifference is not shown:** the referees do not both prefer two breaks to "
    )
    no_en += "the line, or the 95% interval of the difference in slope includes 0."
    yes_zh = "**存在无差异区：** 两位“裁判”都认为折线优于直线，而且中段确实比两侧平缓。"
    no_zh = "**未能证实无差异区：** 两位“裁判”并未都认为折线优于直线，或者中段不能确定比两侧平缓。"
    return say(
        lang,
        en=f"Ten points of satisfaction go with {below} of loyalty below {low}, with {middle} in "
        f"between, and with {above} above {high}. {inside} of customers are in between. "
        + (yes_en if zone else no_en),
        zh=f"满意度每高 10 分，忠诚度在 {low} 分以下高 {below}，在中段高 {middle}，"
        f"在 {high} 分以上高 {above}。{inside} 的客户处于中段。" + (yes_zh if zone else no_zh),
    )


def tell_odds(test: pd.DataFrame, lang: Lang, *, level: float = 0.05) -> str:
    """Say for which terms one odds ratio does not serve all cuts (`proportional_odds`).

    The tests are as many as the terms: `level` is shared among them (Bonferroni).
    """
    each = test.drop(index="all_terms")
    names = [term(str(name), lang) for name in each.index[each["p_value"] < level / len(each)]]
    if not names:
        return say(
            lang,
            en="Brant's test finds no sign that an odds ratio differs from step to step.",
            zh="布兰特检验未发现优势比随回答等级变化的迹象。",
        )
    return say(
        lang,
        en=f"Brant's test says that one odds ratio does not serve all steps for: "
        f"{', '.join(names)}. Read it as an average over the steps; a curve that bends must show "
        "this.",
        zh=f"布兰特检验表明，以下变量的优势比随回答等级变化：{'、'.join(names)}。应把它看作各级的平均；"
        "曲线若有弯折，本来就会如此。",
    )


def headline(fitted: Curve, item: str, lang: Lang) -> str:
    """Say the answer: whether satisfaction goes with loyalty, and what to improve first."""
    low, high = _places(fitted, lang)
    middle, straight = gain(fitted.slopes.T["zone"], lang), gain(fitted.slope, lang)
    first = term(item, lang)
    if fitted.zone is None:
        return say(
            lang,
            en=f"Ten points more satisfaction go with **{straight}** of loyalty; no flat stretch "
            f"is certain. Improve **{first}** first.",
            zh=f"满意度高 10 分，忠诚度高 **{straight}**；未见可以确定的平缓段。"
            f"首先应改进**{first}**。",
        )
    return say(
        lang,
        en=f"Satisfied is not loyal: from **{low} to {high} points**, 10 points more satisfaction "
        f"go with only **{middle}** of loyalty. Improve **{first}** first.",
        zh=f"满意不等于忠诚：从 **{low} 到 {high} 分**，满意度高 10 分，忠诚度只高 **{middle}**。"
        f"首先应改进**{first}**。",
    )


def actions(
    latest: pd.DataFrame,
    satisfaction: pd.Series,
    kind: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    item: str,
    below: float,
    low_to: float = 5,
) -> pd.DataFrame:
    """Return three actions: whom they are for, how many, and what these could buy in a year.

    Parameters
    ----------
    latest : DataFrame
        Each customer's latest answers; `satisfaction` (0–100) and `kind`
        (`loyalty_kind`) are indexed like it.
    customers : DataFrame
        ``customer_id`` and, if known, ``potential`` (source currency a year).
    item : str
        The attribute to improve: for those who rated it `low_to` or lower.
    below : float
        Satisfaction under which to listen and repair.

    Returns
    -------
    DataFrame
        ``action``, ``whom`` (codes), ``customers``, ``value_at_stake`` (source currency
        a year; missing if no potential is known).
    """
    groups = {
        ("improve_and_tell", item): latest[item].le(low_to).fillna(False).astype(bool),
        ("listen_and_repair", "below_zone"): satisfaction < below,
        ("reason_to_stay", "spurious_loyalty"): kind["quadrant"] == "spurious_loyalty",
    }
    known = customers.set_index("customer_id")
    worth = known.get("potential", pd.Series(index=known.index, dtype="float64"))
    each = latest["customer_id"].map(worth)
    return pd.DataFrame(
        {
            "action": [action for action, _ in groups],
            "whom": [whom for _, whom in groups],
            "customers": [int(rows.sum()) for rows in groups.values()],
            "value_at_stake": [each[rows].sum(min_count=1) for rows in groups.values()],
        }
    )


def _places(fitted: Curve, lang: Lang) -> list[str]:
    return [number(place, lang, digits=2) for place in fitted.breaks["value"]]
