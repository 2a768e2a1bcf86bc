"""The page's longer sentences about loyalty and profit, in both languages."""

import pandas as pd

from crmlab.equity.costs import TAUGHT
from crmlab.equity.retention import CLAIM
from crmlab.lang import Lang, money, number, percent, say, term


def tell_costs(ratio: pd.DataFrame, lang: Lang) -> str:
    """Return how keeping compares with winning; `ratio` is of `keeping_against_winning`."""
    found = ratio.loc["keeping_to_winning", ["value", "low", "high"]].to_numpy("float64")
    times, low, high = (number(float(x), lang, digits=2) for x in found)
    taught = number(TAUGHT, lang)
    return say(
        lang,
        en=f"A year of keeping costs **{times} times** ({low} to {high}) what winning costs; the "
        f"course says {taught}. Selling cost holds all of selling, not only what keeps: the ratio "
        "depends on what is booked as keeping.",
        zh=f"保留一年的成本是获取成本的 **{times} 倍**（{low} 至 {high}），教材的说法是 {taught} "
        "倍。销售费用包括全部销售活动，不只是为了保留；比值取决于"
        "哪些费用记作保留。",
    )


def tell_network(network: pd.DataFrame, currency: str, lang: Lang) -> str:
    """Return the credit for referrals; `network` is of `network_value`."""
    credit = money(network["network_value"].sum(), currency, lang)
    cost = money(network["rewards"].sum(), currency, lang)
    return say(
        lang,
        en=f"Credited to referrers, net of {cost} of rewards: **{credit}**. Herding, and the value "
        "of what customers tell us, would need records of who saw whose purchase; there are "
        "none, so nothing is claimed.",
        zh=f"计入介绍人名下、扣除奖励 {cost} 之后的网络价值为 **{credit}**。从众购买和信息价值"
        "需要知道谁看到了谁的购买，数据中没有这种记录，因此不作判断。",
    )


def tell_elasticity(table: pd.DataFrame, lang: Lang) -> str:
    """Return whether profit grows faster than loyal customers; `table` is of `elasticities`."""
    low, high = map(float, table.loc["within_segments", ["low", "high"]])
    ends = number(low, lang, digits=2), number(high, lang, digits=2)
    en, zh = (
        ("profit grows faster than the number of loyal customers", "利润比忠诚客户数增长得更快")
        if low > 1
        else ("an elasticity above 1 is not borne out", "数据不支持弹性大于 1 的说法")
        if high < 1
        else ("these data do not tell whether profit grows faster", "无法断定利润是否增长得更快")
    )
    used, left = (int(n) for n in table[["rows_used", "rows_without_profit"]].iloc[-1])
    every = used + left
    return say(
        lang,
        en=f"Within segments (interval {ends[0]} to {ends[1]}), {en}. Only {used} of "
        f"{every} segments × quarters could be used, and few segments make a rough interval.",
        zh=f"在分群内部（区间 {ends[0]} 至 {ends[1]}），{zh}。{every} 个分群季度中只有 {used} "
        "个可用，而且分群很少，区间只能看个大概。",
    )


def _with_ends(row: pd.Series, currency: str, lang: Lang) -> tuple[str, str]:
    """Return an amount in words, and its interval; `row` has ``value``, ``low``, ``high``."""
    told, low, high = (money(float(row[c]), currency, lang) for c in ("value", "low", "high"))
    return told, say(lang, en=f"{low} to {high}", zh=f"{low} 至 {high}")


def tell_levers(
    levers: pd.DataFrame, churn: float, change: float, currency: str, lang: Lang
) -> str:
    """Return how the ranking of keeping depends on what is counted.

    `levers` is of `lever_effects`, `churn` of `less_churn`, both for the same `change`.
    """
    single = levers["equity_change"].drop("customer_experience")
    kept, rest = single["customer_retention"], single.drop("customer_retention")
    more, best = percent(change, lang, decimals=0), term(str(rest.idxmax()), lang)
    told = [money(x, currency, lang) for x in (kept, churn, rest.max())]
    same = (kept > rest.max()) == (churn > rest.max())
    return say(
        lang,
        en=f"{more} more retention is worth {told[0]}, {more} less churn {told[1]}; the best of "
        f"the others, {best.lower()}, {told[2]}. "
        + ("Keeping ranks alike" if same else "**Which comes first depends on the reading**")
        + ": there is no natural unit of effort.",
        zh=f"保留率提高 {more} 值 {told[0]}，流失率降低 {more} 值 {told[1]}；其余手段中最好的是"
        f"“{best}”，值 {told[2]}。"
        + ("两种算法下客户保留的排位相同" if same else "**谁排第一，取决于怎样计算**")
        + "：努力程度没有天然的单位。",
    )


def headline(
    gain: tuple[float, float, float],
    ratio: pd.DataFrame,
    levers: pd.DataFrame,
    churn: pd.Series,
    change: float,
    currency: str,
    lang: Lang,
) -> str:
    """Return the page's sentence: two claims, and what the levers would move.

    `gain` of profit (a share) comes with its 95 % interval; `ratio` is as
    `keeping_against_winning` returns it; `levers` has ``equity_change`` and `churn` has
    ``value``, in money, both with ``low`` and ``high``.
    """
    kept = ratio.loc["keeping_to_winning", ["value", "low", "high"]].to_numpy("float64")
    times, few, many = (number(float(x), lang, digits=2) for x in kept)
    rest = levers.drop(["customer_experience", "customer_retention"])
    code = str(rest["equity_change"].idxmax())
    best = rest.rename(columns={"equity_change": "value"}).T[code]
    lever, more = term(code, lang), percent(change, lang, decimals=0)
    (less, ends), (worth, limits) = (_with_ends(x, currency, lang) for x in (churn, best))
    low, high = (percent(x, lang, decimals=0) for x in CLAIM)
    brought, least, most = (percent(x, lang) for x in gain)
    return say(
        lang,
        en=f"Five more points of retention would bring **{brought}** more profit here ({least} to "
        f"{most}); the course says {low} to {high}. Keeping costs **{times} times** ({few} to "
        f"{many}) winning; the course says a fifth. {more} less churn is worth **{less}** "
        f"({ends}), {more} more {lever.lower()} **{worth}** ({limits}): compare what either costs.",
        zh=f"在本公司，保留率提高 5 个百分点，利润增加 **{brought}**（{least}—{most}），"
        f"教材的说法是 {low}—{high}；保留成本是获取成本的 **{times} 倍**（{few}—{many}），"
        f"教材的说法是五分之一。流失率降低 {more} 值 **{less}**（{ends}），"
        f"“{lever}”提高 {more} 值 **{worth}**（{limits}）：先比较两者各要花多少钱。",
    )
