"""What the chain says, as sentences: each holds its numbers and their intervals."""

import math

import pandas as pd

from crmlab.lang import Lang, interval, money, number, percent, say, term
from crmlab.worth.point import Chain


def between(low: float, high: float, currency: str, lang: Lang) -> str:
    """Return a 95 % interval of money, in brackets."""
    return interval(money(low, currency, lang), money(high, currency, lang), lang)


def nothing(row: pd.Series) -> bool:
    """Tell whether an interval holds 0: then the answer is "nothing that one could see"."""
    return bool(row["low"] <= 0 <= row["high"])


def headline(
    point: pd.DataFrame, failure: pd.DataFrame | None, years: int, currency: str, lang: Lang
) -> str:
    """Say what one point is worth (`together`), and what an avoided failure is (`avoided`)."""
    whole = point.iloc[-1]
    each, total = (money(whole[name], currency, lang) for name in ("per_customer", "in_total"))
    limits = between(whole["low"], whole["high"], currency, lang)
    if nothing(whole):
        told = say(
            lang,
            en=f"These data do not show that satisfaction is worth anything: one point more goes "
            f"with {each} per customer over {years} years, and the interval holds 0 {limits}.",
            zh=f"这些数据没有显示满意度值钱：满意度高 1 分，{years} 年内每位客户相差 {each}，"
            f"而区间包含 0{limits}。",
        )
    else:
        told = say(
            lang,
            en=f"One point of satisfaction goes with **{each} per customer** over {years} years "
            f"{limits}, **{total}** over {number(whole['customers'], lang)} customers.",
            zh=f"满意度每高 1 分，{years} 年内**每位客户相差 {each}**{limits}，"
            f"{number(whole['customers'], lang)} 位客户合计 **{total}**。",
        )
    if failure is None or not len(failure):
        return told
    row = failure.iloc[-1]
    value, limits = money(row["value"], currency, lang), between(
        row["low"], row["high"], currency, lang)  # fmt: skip
    if nothing(row):
        return told + say(
            lang,
            en=f" What one avoided failure of service is worth is not certain: {value} {limits}.",
            zh=f"避免一次服务失误值多少钱，尚不能确定：{value}{limits}。",
        )
    return told + say(
        lang,
        en=f" One avoided failure of service is worth **{value}** {limits}.",
        zh=f"避免一次服务失误，价值 **{value}**{limits}。",
    )


def tell_links(chains: dict[str, Chain], lang: Lang) -> str:
    """Say what ten points do to leaving, for each kind of customer."""
    told = []
    for kind, chain in chains.items():
        row = chain.links.T["leaving"]
        change = percent(abs(row["ratio"] - 1), lang, decimals=0)
        ends = [number(row[name], lang, digits=2) for name in ("ratio", "low", "high")]
        name = term(kind, lang)
        if row["low"] <= 1 <= row["high"]:
            told.append(
                say(
                    lang,
                    en=f"{name}: no clear link with leaving (times {ends[0]}, 95% interval "
                    f"{ends[1]} to {ends[2]})",
                    zh=f"{name}：与流失没有明确的关系（{ends[0]} 倍，95% 区间 {ends[1]} 至 "
                    f"{ends[2]}）",
                )
            )
            continue
        less = row["ratio"] < 1
        told.append(
            say(
                lang,
                en=f"{name}: ten points more go with **{change} {'less' if less else 'more'}** "
                f"leaving (times {ends[0]}, 95% interval {ends[1]} to {ends[2]})",
                zh=f"{name}：满意度高 10 分，流失{'少' if less else '多'} **{change}**"
                f"（{ends[0]} 倍，95% 区间 {ends[1]} 至 {ends[2]}）",
            )
        )
    return say(lang, en=". ", zh="。").join(told) + say(lang, en=".", zh="。")


def tell_share(point: pd.DataFrame, years: int, currency: str, lang: Lang) -> str:
    """Say what is left if only a part of the association is an effect."""
    whole = point.iloc[-1]
    half = money(whole["per_customer"] / 2, currency, lang)
    if nothing(whole):
        return say(
            lang,
            en="The interval holds 0, so no part of the association is certain to be an effect.",
            zh="区间包含 0，因此不能确定其中有任何一部分是真正的效应。",
        )
    return say(
        lang,
        en="Content customers may differ in other ways that also keep them. If only half of the "
        f"association is an effect of satisfaction, a point is worth {half} over {years} years; "
        "a trial on a random half of customers would tell.",
        zh="满意的客户也许在别的方面也不同，而正是那些方面把他们留住。如果只有一半是满意度的作用，"
        f"则 1 分在 {years} 年内只值 {half}；在随机一半客户中试行，才能得知。",
    )


def tell_claim(table: pd.DataFrame, share: float, lang: Lang) -> str:
    """Say what five per cent more loyalty would bring, and what the claim would need (`claim`)."""
    row, most = table.T["value_gain"], float(table["value"]["gain_if_none_left"])
    gain, low, high, top = (percent(x, lang) for x in (row["value"], row["low"], row["high"], most))
    more = percent(share, lang, decimals=0)
    told = say(
        lang,
        en=f"{more} more stated loyalty would raise the value ahead by **{gain}** (95% interval "
        f"{low} to {high}). If nobody left any more, it would rise by {top}. ",
        zh=f"自述忠诚度提高 {more}，未来价值增加 **{gain}**（95% 区间 {low} 至 {high}）。"
        f"即使再也没有人流失，也只增加 {top}。",
    )
    times = [float(table["value"][name]) for name in ("times_low", "times_high")]
    if math.isnan(times[0]):
        return told + say(
            lang,
            en="So +45% cannot be reached by keeping these customers longer within this horizon, "
            "or the link is too weak for it.",
            zh="因此，在这一期限内，单靠留住这些客户，达不到增加 45%；或者这一环节太弱。",
        )
    least = number(times[0], lang, digits=2)
    if math.isnan(times[1]):
        return told + say(
            lang,
            en=f"For +45%, loyalty would have to act {least} times as strongly on leaving; +90% is "
            "out of reach.",
            zh=f"要增加 45%，忠诚度对流失的作用须是现在的 {least} 倍；增加 90% 则无法达到。",
        )
    most_times = number(times[1], lang, digits=2)
    return told + say(
        lang,
        en=f"For +45 to +90%, loyalty would have to act {least} to {most_times} times as strongly "
        "on leaving.",
        zh=f"要增加 45% 至 90%，忠诚度对流失的作用须是现在的 {least} 至 {most_times} 倍。",
    )


def tell_way(table: pd.DataFrame, lang: Lang) -> str:
    """Say whether satisfaction acts by way of stated loyalty (`through_loyalty`)."""
    row, total = table.T["through_loyalty"], table.T["total_effect"]
    if nothing(total):
        return say(
            lang,
            en="Satisfaction itself has no clear link with leaving, so nothing can go through "
            "loyalty.",
            zh="满意度本身与流失没有明确关系，也就谈不上经由忠诚度。",
        )
    if nothing(row):
        return say(
            lang,
            en="**That satisfaction acts through stated loyalty is not shown**: at the same "
            "satisfaction, those who call themselves more loyal do not clearly leave less.",
            zh="**没有证据表明满意度是经由自述忠诚度起作用的**：满意度相同时，"
            "自称更忠诚的客户并没有明显更少流失。",
        )
    share = percent(row["value"] / total["value"], lang, decimals=0)
    return say(
        lang,
        en=f"About **{share}** of the association goes through stated loyalty, if nothing else "
        "moves both loyalty and leaving.",
        zh=f"如果没有别的因素同时影响忠诚度与流失，约 **{share}** 的关系经由自述忠诚度。",
    )


def tell_foretelling(table: pd.DataFrame, lang: Lang) -> str:
    """Say whether loyalty foretells margin better than satisfaction (`foretelling`)."""
    row = table.T["loyalty_less_satisfaction"]
    gain, low, high = (number(100 * row[name], lang, digits=2)
                       for name in ("r2_gain", "r2_gain_low", "r2_gain_high"))  # fmt: skip
    past = percent(float(table["r2_out"]["past_only"]), lang)
    told = say(
        lang,
        en=f"Past purchases alone foretell {past} of the differences in later margin. With loyalty "
        f"in place of satisfaction the share changes by {gain} percentage points (95% interval "
        f"{low} to {high}): ",
        zh=f"单凭过去的购买，就能预测后续毛利差异的 {past}。用忠诚度代替满意度，这一比例变化 "
        f"{gain} 个百分点（95% 区间 {low} 至 {high}）：",
    )
    if row["r2_gain_low"] > 0:
        return told + say(lang, en="loyalty tells more.", zh="忠诚度更有预测力。")
    if row["r2_gain_high"] < 0:
        return told + say(
            lang,
            en="the claim is refuted here, satisfaction tells more.",
            zh="教材的说法在这里不成立，满意度更有预测力。",
        )
    return told + say(
        lang,
        en="the claim that loyalty is worth more is neither shown nor refuted.",
        zh="“忠诚比满意更有价值”的说法既未得到证实，也未被推翻。",
    )
