"""What the findings about accounts say, as sentences in both languages."""

from collections.abc import Mapping, Sequence

import pandas as pd

from crmlab.accounts.segments import ACTIONS
from crmlab.lang import Lang, money, number, percent, say, term, word


def headline(
    profits: pd.DataFrame, whale: pd.DataFrame, todo: pd.DataFrame, currency: str, lang: Lang
) -> str:
    """Say how many customers cost more than they bring, and what to do first.

    Parameters
    ----------
    profits : DataFrame
        From `crmlab.accounts.profit` or `measures`, of those who bought or cost.
    whale : DataFrame
        From `crmlab.segment.whale`.
    todo : DataFrame
        Indexed by segment: ``customers`` and ``value_at_stake``, of `ACTIONS`.
    """
    n, below = number(len(profits), lang), number((profits["profit"] < 0).sum(), lang)
    lost = money(-profits["profit"].clip(upper=0).sum(), currency, lang)
    peak = percent(whale["profit"].max(), lang)
    first = str(todo["value_at_stake"].idxmax())
    whom, stake = number(todo["customers"][first], lang), todo["value_at_stake"][first]
    action, at = term(ACTIONS[first], lang), money(stake, currency, lang)
    group = term(first, lang)
    return say(
        lang,
        en=f"**{below} of {n} customers cost more than they bring** ({lost} a year); the others "
        f"earn {peak} of our profit. First, {group.lower()}: {action.lower()}; {whom} customers, "
        f"{at} at stake.",
        zh=f"**{n} 位客户中有 {below} 位得不偿失**（一年共亏 {lost}），其余客户创造了利润总额的 "
        f"{peak}。首先对“{group}”客户{action}：共 {whom} 位，涉及 {at}。",
    )


def tell_files(files: pd.DataFrame, lang: Lang) -> str:
    """Say whether buyers and files agree, from `on_file`."""
    stray, idle = (
        number(files["customers"][code], lang)
        for code in ("buyer_without_file", "file_without_purchase")
    )
    return say(
        lang,
        en=f"**{stray}** buyers have no file, **{idle}** files no purchase. Give the first a "
        "file, or "
        "find whose they are; ask of the second whether they are customers, prospects or mistakes.",
        zh=f"有购买而无档案的客户 **{stray}** 位，有档案而无购买的 **{idle}** 位。前者应补建档案或"
        "查明归属；后者应弄清是客户、潜在客户，还是误建的档案。",
    )


def tell_people(
    contacts: int, repeats: pd.DataFrame, met: pd.DataFrame, days: int, lang: Lang
) -> str:
    """Say how many contacts are entered twice, and whom several departments ring at once.

    `repeats` is from `duplicates`, `met` from `collisions`.
    """
    n, twice = number(contacts, lang), number(len(repeats), lang)
    hit, times = number((met["collisions"] > 0).sum(), lang), number(met["collisions"].sum(), lang)
    return say(
        lang,
        en=f"**{twice}** of {n} contacts are somebody who is there already. **{hit}** people were "
        f"reached by three departments or more within {days} days, {times} touches in all: name "
        "one contact who speaks for us to each of them.",
        zh=f"{n} 位联系人中有 **{twice}** 位是重复登记。**{hit}** 人在 {days} 天之内被三个以上部门"
        f"先后联系，共 {times} 次：应为他们各指定一位对接人。",
    )


def tell_whale(curve: pd.DataFrame, all_years: pd.DataFrame, lang: Lang) -> str:
    """Say what the customers beyond the peak take, this year and since the beginning."""
    now, ever = (percent(each["profit"].max() - 1, lang) for each in (curve, all_years))
    peak = int(curve["profit"].argmax())
    after = percent(1 - float(curve["customers"].iloc[peak]), lang)
    return say(
        lang,
        en=f"Beyond the peak, {after} of customers take back **{now}** of the year's profit; over "
        "all "
        f"years in the data it is {ever}.",
        zh=f"越过顶点之后，{after} 的客户吃掉了全年利润的 **{now}**；以数据中的全部年份计为 "
        f"{ever}。",
    )


def tell_top(best: Sequence[float], alike: Sequence[float], large: pd.DataFrame, lang: Lang) -> str:
    """Say whether 80/20 holds for profit, of how many the base is made, and who is large.

    `best` is the top 20 % of customers' share of profit, `alike` the inverse of `hhi` of
    revenue, both with intervals; `large` is from `large_accounts`.
    """
    share, low, high = (percent(part, lang) for part in best)
    many, few, most = (number(round(part), lang) for part in alike)
    n, grow = (
        number((large["reason"] == code).sum(), lang) for code in ("large_account", "worth_growing")
    )
    holds = best[1] <= 0.8 <= best[2]
    return say(
        lang,
        en=f"The best 20% earn **{share}** of profit ({low} to {high}): 80/20 "
        f"{'agrees with these data' if holds else 'does not hold here'}. Revenue is as "
        "concentrated "
        f"as if **{many}** equal customers bought ({few} to {most}). **{n}** accounts are large "
        "by all "
        f"four criteria; {grow} bring nothing today but have the potential to grow.",
        zh=f"最好的 20% 客户创造 **{share}** 的利润（{low} 至 {high}）：“二八定律”"
        f"{'与本例数据相符' if holds else '在此不成立'}。收入的集中程度相当于 **{many}** 位同等客户"
        f"（{few} 至 {most}）。四项标准都符合的大客户有 **{n}** 位；另有 {grow} 位眼下不赚钱、"
        "但潜力大，值得培育。",
    )


def tell_abc(matrix: pd.DataFrame, lang: Lang) -> str:
    """Say who is small by deal amount and large by potential, and the other way round.

    `matrix` counts customers by class of amount (rows) and of potential (columns).
    """
    both = int(matrix["class_a"]["class_a"])
    up, full = int(matrix["class_a"].sum()) - both, int(matrix.T["class_a"].sum()) - both
    more, less = number(up, lang), number(full, lang)
    return say(
        lang,
        en=f"**{more}** customers are A by potential but not by what they buy: look there before a "
        f"small customer is dropped. **{less}** are A by deals alone: keep them, there is little "
        "to add.",
        zh=f"**{more}** 位客户按潜力属 A 类，按成交额却不是：放弃小客户之前先看他们。"
        f"**{less}** 位只按成交额属 A 类：以保持为主，增长余地有限。",
    )


def tell_scorecard(items: pd.DataFrame, cards: pd.DataFrame, lang: Lang) -> str:
    """Say how many are best and worst, and which of the nine items no table tells.

    `items` is from `items_told`, `cards` from `scorecard`.
    """
    best, worst, dark = (
        number((cards["reason"] == code).sum(), lang)
        for code in ("best_customer", "worst_customer", "not_known")
    )
    codes = [term(str(code), lang) for code in items.index[items["customers"] == 0]]
    none_en, none_zh = ", ".join(codes).lower() or "none", "、".join(codes) or "无"
    return say(
        lang,
        en=f"**{best}** best, **{worst}** worst customers; of {dark} too little is known. Items "
        "that no "
        f"table tells, to be judged by people: {none_en}.",
        zh=f"最佳客户 **{best}** 位，最差客户 **{worst}** 位；{dark} 位所知太少。"
        f"没有任何表能说明、须由人判断的标准：{none_zh}。",
    )


def tell_composition(table: pd.DataFrame, lang: Lang) -> str:
    """Say which parts differ from their expected share beyond chance.

    `table` is from `composition`, with the interval ``low`` to ``high`` of the share.
    """
    over = [word(str(c), lang) for c in table.index[table["low"] > table["expected_share"]]]
    under = [word(str(c), lang) for c in table.index[table["high"] < table["expected_share"]]]
    up_en, down_en = (", ".join(names) or "nobody" for names in (over, under))
    up_zh, down_zh = ("、".join(names) or "无" for names in (over, under))
    return say(
        lang,
        en=f"Beyond chance above their share of potential: **{up_en}**; below it: **{down_en}**. "
        "The other gaps may be chance.",
        zh=f"超出偶然、高于潜力占比的：**{up_zh}**；低于潜力占比的：**{down_zh}**。"
        "其余差距可能出于偶然。",
    )


def tell_orientation(kinds: pd.DataFrame, gap: Mapping[str, Sequence[float]], lang: Lang) -> str:
    """Say whether those who stay for the price are given more, and sure to be economising.

    Parameters
    ----------
    kinds : DataFrame
        Indexed by orientation, with ``customers``.
    gap : mapping
        Price-oriented customers less the others, with interval: ``economising`` (points) and
        ``concession_rate`` (share of list value).
    """
    if "price_oriented" not in kinds.index:
        return say(
            lang,
            en="Nobody here is known to stay for the price.",
            zh="没有已知因价格而留下的客户。",
        )
    n = number(kinds["customers"]["price_oriented"], lang)
    points, low, high = (number(part, lang, digits=2) for part in gap["economising"])
    conceded = gap["concession_rate"]
    more, few, most = (number(100 * part, lang, digits=2) for part in conceded)
    paid = conceded[1] > 0 or conceded[2] < 0
    return say(
        lang,
        en=f"**{n}** customers stay for the price. Asked in other words, they are {points} points "
        "more "
        f"economising than the rest ({low} to {high}). We concede them {more} percentage points "
        "more "
        f"({few} to {most}): {'a difference' if paid else 'no difference that can be shown'}, so "
        "discounts "
        f"{'follow' if paid else 'do not follow'} who asks for a price.",
        zh=f"**{n}** 位客户因价格而留下。换一组题目来问，他们的经济取向比其余客户高 {points} 分"
        f"（{low} 至 {high}）。给他们的让步{'比其余客户高' if paid else '与其余客户相差'} {more} "
        f"个百分点（{few} 至 {most}），{'差别明显' if paid else '看不出差别'}："
        f"折扣{'确实给了' if paid else '并没有多给'}看重价格的客户。",
    )


def tell_concession(
    rate: Sequence[float], gap: Sequence[float], low: pd.DataFrame, floor: float, currency: str,
    lang: Lang,
) -> str:  # fmt: skip
    """Say what key accounts leave, how much more is conceded to them, and who is below the floor.

    `rate` is the pocket margin of key accounts, `gap` by how much more is conceded to them,
    both shares of list value with intervals; `low` is from `below_floor`.
    """
    left, ends = percent(rate[0], lang), [percent(part, lang) for part in rate[1:]]
    more, few, most = (number(round(100 * part, 2), lang) for part in gap)
    n, lacking = number(len(low), lang), money(low["shortfall"].sum(), currency, lang)
    limit = percent(floor, lang, decimals=0)
    return say(
        lang,
        en=f"Key accounts leave **{left}** of the list value ({ends[0]} to {ends[1]}). Of every "
        f"100 of list value, {more} more are conceded to them than to the others ({few} to "
        f"{most}). **{n}** of them are below the floor of {limit}, by {lacking} together.",
        zh=f"大客户的实得毛利占标价的 **{left}**（{ends[0]} 至 {ends[1]}）。标价每 100 元，"
        f"给他们的让步比其余客户多 {more} 元（{few} 至 {most}）。"
        f"其中 **{n}** 位低于 {limit} 的底线，合计差 {lacking}。",
    )
