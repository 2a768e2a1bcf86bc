"""What the page on churn finds, as sentences in both languages."""

import pandas as pd

from crmlab.lang import Lang, money, number, percent, say, term
from crmlab.lifecycle.survival import LogRank
from crmlab.lifecycle.words import differ
from crmlab.privacy import SMALL


def tell_survival(table: pd.DataFrame, test: LogRank, month: int, lang: Lang) -> str:
    """Say how many contracts last, from `survival_at`, and whether the groups differ."""
    at = table.xs(month, level="time")
    told = [
        f"{term(str(group), lang)} {percent(row['survival'], lang)}"
        + say(lang, en=" ", zh="")
        + _from_to(row["low"], row["high"], lang)
        for group, row in at.iterrows()
    ]
    apart = differ(test.p_value, lang)
    return say(
        lang,
        en=f"Contracts that last longer than {month} months: {'; '.join(told)}. The log-rank test: "
        f"the curves {apart} (p {number(test.p_value, lang, digits=2)}).",
        zh=f"合同存续超过 {month} 个月的比例：{'；'.join(told)}。对数秩检验：各组曲线{apart}"
        f"（p={number(test.p_value, lang, digits=2)}）。",
    )


def _from_to(low: float, high: float, lang: Lang) -> str:
    a, b = percent(low, lang), percent(high, lang)
    return say(lang, en=f"({a} to {b})", zh=f"（{a} 至 {b}）")


def tell_response(ratios: pd.DataFrame, lang: Lang) -> str:
    """Say what twice the time to answer does to the hazard, from a `Cox` model's ratios."""
    row = ratios.astype("float64").to_dict("index")["answers_half_as_fast"]
    ratio, low, high = (number(row[c], lang, digits=3) for c in ("hazard_ratio", "low", "high"))
    if row["low"] <= 1 <= row["high"]:
        return say(
            lang,
            en="Where answers take twice as long, the hazard in the model of all contracts is "
            f"{ratio} times as high ({low} to {high}): the log shows no effect of response time "
            f"beyond chance, and rules out one above {high} times.",
            zh=f"在全部合同的模型中，响应时间加倍，流失风险为 {ratio} 倍（{low} 至 {high}）："
            "日志未显示响应时间的作用超出偶然，"
            f"并可排除高于 {high} 倍的作用。",
        )
    more = row["low"] > 1
    return say(
        lang,
        en="Where answers take twice as long, the hazard in the model of all contracts is "
        f"{ratio} times as high ({low} to {high}): slow answers go with "
        f"{'more' if more else 'fewer'} losses.",
        zh=f"在全部合同的模型中，响应时间加倍，流失风险为 {ratio} 倍（{low} 至 {high}）："
        "响应慢与流失"
        f"{'增多' if more else '减少'}相伴。",
    )


def tell_causes(incidence: pd.DataFrame, month: float, lang: Lang) -> str:
    """Say which reasons took most, by `month`, from `cumulative_incidence`."""
    last = incidence[incidence["time"] <= month].groupby("cause").last()
    order = last.sort_values("incidence", ascending=False)
    names = [
        f"{term(str(cause), lang)} {percent(row['incidence'], lang)}"
        + say(lang, en=" ", zh="")
        + _from_to(row["low"], row["high"], lang)
        for cause, row in order.head(2).iterrows()
    ]
    whole, two = order["incidence"].sum(), order["incidence"].head(2).sum()
    return say(
        lang,
        en=f"Within {month:g} months {percent(whole, lang)} have left. The two largest reasons are "
        f"{names[0]} and {names[-1]}; together they are {percent(two / whole, lang)} of all.",
        zh=f"{month:g} 个月内流失 {percent(whole, lang)}。前两大原因是{names[0]}和{names[-1]}，"
        f"合占全部流失的 {percent(two / whole, lang)}。",
    )


def tell_bonds(table: pd.DataFrame, lang: Lang) -> str:
    """Say which characteristics were weaker in those who left, from `compared_bonds`."""
    weak = [term(str(name), lang) for name in table.index[table["high"] < 0]]
    strong = [term(str(name), lang) for name in table.index[table["low"] > 0]]
    if not (weak or strong):
        return say(
            lang,
            en="None of the five indices differed beyond chance between those who then left and "
            "those who stayed.",
            zh="五项指标在其后流失与留下的客户之间，差异均未超出偶然。",
        )
    join = say(lang, en=", ", zh="、")
    parts = [
        say(lang, en=f"those who then left scored {side_en} on {join.join(names).lower()}",
            zh=f"其后流失的客户{join.join(names)}{side_zh}")
        for names, side_en, side_zh in ((weak, "lower", "较低"), (strong, "higher", "较高"))
        if names
    ]  # fmt: skip
    told = say(lang, en="; ", zh="；").join(parts)
    return say(
        lang,
        en=f"Beyond chance, {told}. The others did not differ so clearly.",
        zh=f"超出偶然的差异：{told}；其余指标差异不明显。",
    )


def tell_states(both: pd.DataFrame, lang: Lang) -> str:
    """Say where rules and the hidden states disagree most: stages (rows) × states, customers.

    States stand from the lowest rate to the highest. Rules and states disagree where the
    rules see decline and the model the highest rate, or the rules growth or maturity and
    the model the lowest.
    """
    low, high = both.columns[0], both.columns[-1]
    odd = {
        (stage, state): int(both[state].get(stage, 0))
        for stage, state in (("decline", high), ("growth", low), ("maturity", low))
    }
    stage, state = max(odd, key=lambda pair: odd[pair])
    share = percent(sum(odd.values()) / max(int(both.to_numpy().sum()), 1), lang)
    words = term(stage, lang), term(str(state), lang)
    if sum(odd.values()) < SMALL:
        return say(
            lang,
            en=f"Rules and model contradict each other for fewer than {SMALL} customers.",
            zh=f"规则与模型互相矛盾的客户不足 {SMALL} 位。",
        )
    return say(
        lang,
        en=f"Rules and model contradict each other for {share} of customers, most often where the "
        f"rules say {words[0].lower()} and the model {words[1].lower()}: there, ask before acting.",
        zh=f"规则与模型互相矛盾的客户占 {share}，"
        f"最常见的是规则判为{words[0]}而模型判为“{words[1]}”："
        "对这些客户，先询问再行动。",
    )


def tell_flow(table: pd.DataFrame, lang: Lang) -> str:
    """Say what was built, kept and enhanced in the last period, from `build_keep_enhance`."""
    row = table.iloc[-1]
    built, kept, up, down = (
        percent(row[c], lang) for c in ("build_rate", "keep_rate", "enhance_rate", "fall_rate")
    )
    return say(
        lang,
        en=f"In the last period new customers were {built} of those there, {kept} were kept; of "
        f"these {up} climbed a layer and {down} fell.",
        zh=f"最近一期，新客户相当于期初客户的 {built}，留住 {kept}；留下的客户中 {up} 升级，"
        f"{down} 降级。",
    )


def tell_accuracy(table: pd.DataFrame, lang: Lang) -> str:
    """Say how well the early warning told who left, from `accuracy`."""
    each = table.astype("float64").to_dict("index")
    row, gain = each["concordance"], each["brier_gain"]
    c, low, high = (number(row[x], lang, digits=2) for x in ("value", "low", "high"))
    sure = row["low"] > 0.5  # a coin's
    cut, least, most = (percent(gain[x], lang) for x in ("value", "low", "high"))
    return say(
        lang,
        en=f"Of two customers, the one with the higher score left first in {c} of cases ({low} to "
        f"{high}; a coin gives 0.5): {'better than chance' if sure else 'no better than chance'}. "
        f"The error of the forecast is {cut} smaller than with one rate for all ({least} to "
        f"{most}).",
        zh=f"任取两位客户，评分高者先流失的比例为 {c}（{low} 至 {high}；掷币为 0.5），"
        f"{'优于偶然' if sure else '并不优于偶然'}。与人人同一流失率相比，预测误差减少 {cut}"
        f"（{least} 至 {most}）。",
    )


def tell_alarm(contacted: pd.DataFrame, customers: int, lang: Lang) -> str:
    """Say how soon those on the list of then were contacted, from `contacted_by`."""
    first, last = contacted.iloc[0], contacted.iloc[-1]
    told = [
        percent(row["contacted_share"], lang)
        + say(lang, en=" ", zh="")
        + _from_to(row["low"], row["high"], lang)
        for row in (first, last)
    ]
    days = [int(row["within_days"]) for row in (first, last)]
    return say(
        lang,
        en=f"Of the {customers:,} customers whom the score would have put on the list then, "
        f"{told[0]} were contacted within {days[0]} days, {told[1]} within {days[1]}, "
        "without a list.",
        zh=f"按当时的评分应列入名单的 {customers:,} 位客户中，{days[0]} 天内有人联系的占 "
        f"{told[0]}，"
        f"{days[1]} 天内占 {told[1]}；当时并无名单。",
    )


def tell_concentration(
    index: pd.Series, risk: pd.Series, revenue: float, currency: str, lang: Lang
) -> str:
    """Say how concentrated revenue is and how much of it is at risk (``value``, limits)."""
    value, low, high = (number(index[c], lang, digits=3) for c in ("value", "low", "high"))
    equal = number(round(1 / index["value"]), lang)
    amount, least, most = (money(risk[c], currency, lang) for c in ("value", "low", "high"))
    return say(
        lang,
        en=f"The concentration of revenue (HHI) is {value} ({low} to {high}): as with {equal} "
        f"customers of equal size. Of {money(revenue, currency, lang)} a year, {amount} is at "
        f"risk ({least} to {most}).",
        zh=f"收入集中度（HHI）为 {value}（{low} 至 {high}），相当于 {equal} 位规模相同的客户。"
        f"年收入 {money(revenue, currency, lang)} 中，有 {amount} 面临流失风险（{least} 至 "
        f"{most}）。",
    )


def tell_winback(ranked: pd.DataFrame, currency: str, lang: Lang) -> str:
    """Say whom it pays to win back and where it stops paying, from `net_gain`."""
    pays = ranked[ranked["pays"]]
    if pays.empty:
        return say(
            lang,
            en="At this cost no attempt at winning a customer back pays.",
            zh="按此成本，赢回任何一位客户都不划算。",
        )
    total = money(pays["net_gain"].sum(), currency, lang)
    last = percent(pays["chance"].iloc[-1], lang)
    return say(
        lang,
        en=f"It pays for {len(pays):,} of the {len(ranked):,} who left, and stops with a chance of "
        f"return of {last} at that customer's value; up to there it is expected to bring {total}.",
        zh=f"{len(ranked):,} 位流失客户中，值得争取的有 {len(pays):,} 位；到回归概率 "
        f"{last}（按该客户的价值）"
        f"为止，预期净收益合计 {total}。",
    )


def churn_headline(
    here: int,
    expected: pd.Series,
    calls: pd.DataFrame,
    reason: str,
    months: int,
    currency: str,
    lang: Lang,
) -> str:
    """Say how many will leave, for what, and whom to call first.

    `expected` is the expected number of losses with its limits; `calls` from `net_gain`.
    """
    pays = calls[calls["pays"]]
    gain = money(pays["net_gain"].sum(), currency, lang)
    value, low, high = (number(round(expected[c]), lang) for c in ("value", "low", "high"))
    first = say(
        lang,
        en=f"Call the **{len(pays):,}** first for whom a contact pays (expected gain {gain})",
        zh=f"请先联系值得联系的 **{len(pays):,} 位**（预期净收益 {gain}）",
    )
    none = say(lang, en="At this cost no contact pays", zh="按此成本，联系任何客户都不划算")
    return say(
        lang,
        en=f"Of {here:,} customers under contract about **{value} will leave within {months} "
        "months** "
        f"({low} to {high}), so far most often for {term(reason, lang).lower()}. "
        f"{first if len(pays) else none}.",
        zh=f"{here:,} 位合同客户中，预计 **{months} 个月内流失约 {value} 位**（{low} 至 {high}），"
        f"迄今最常见的原因是“{term(reason, lang)}”。{first if len(pays) else none}。",
    )
