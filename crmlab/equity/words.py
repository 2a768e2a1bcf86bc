"""The page's longer sentences about loyalty and profit, in both languages."""

import pandas as pd

from crmlab.equity.costs import TAUGHT
from crmlab.equity.retention import CLAIM
from crmlab.lang import Lang, money, number, percent, say, term


def tell_costs(ratio: pd.DataFrame, lang: Lang) -> str:
    """Return how keeping compares with winning; `ratio` is of `keeping_against_winning`."""
    times, low, high = (
        number(x, lang, digits=2) for x in ratio.loc["keeping_to_winning"].astype("float64")
    )
    taught = number(TAUGHT, lang)
    return say(
        lang,
        en=f"A year of keeping costs **{times} times** ({low} to {high}) what winning costs; the "
        f"course says {taught}. Selling cost holds all of selling, not only what keeps; so the "
        "ratio depends on what is booked as keeping, and the taught one is no law.",
        zh=f"保留一年的成本是获取成本的 **{times} 倍**（{low} 至 {high}），教材的说法是 {taught} "
        "倍。销售费用包括全部销售活动，不只是为了保留；可见比值取决于哪些费用记作保留，"
        "“五分之一”并非定律。",
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
    if low > 1:
        return say(lang, en="Within segments profit grows faster than the number of loyal "
                   "customers.", zh="在分群内部，利润比忠诚客户数增长得更快。")  # fmt: skip
    if high < 1:
        return say(lang, en="Within segments profit grows more slowly than the number of loyal "
                   "customers: the claim does not hold here.",
                   zh="在分群内部，利润比忠诚客户数增长得慢：教材的说法在这里不成立。")  # fmt: skip
    ends = number(low, lang, digits=2), number(high, lang, digits=2)
    return say(
        lang,
        en=f"The interval, {ends[0]} to {ends[1]}, holds 1: these data do not tell whether "
        "profit grows faster.",
        zh=f"区间 {ends[0]} 至 {ends[1]} 包含 1：凭这些数据无法断定利润是否增长得更快。",
    )


def headline(
    gain: float, ratio: pd.DataFrame, levers: pd.DataFrame, change: float, currency: str, lang: Lang
) -> str:
    """Return the page's sentence: the two claims, and the single lever that moves most."""
    times = number(float(ratio["value"].loc["keeping_to_winning"]), lang, digits=2)
    single = levers["equity_change"].drop("customer_experience")
    lever, worth = term(str(single.idxmax()), lang), money(single.max(), currency, lang)
    brought, more = percent(gain, lang), percent(change, lang, decimals=0)
    low, high = (percent(x, lang, decimals=0) for x in CLAIM)
    return say(
        lang,
        en=f"Five more points of retention would bring **{brought}** more profit here; the course "
        f"says {low} to {high}. Keeping costs **{times} times** winning, not a fifth. Of the "
        f"single levers, {lever.lower()} moves most: {more} more is worth **{worth}**.",
        zh=f"在本公司，保留率提高 5 个百分点，利润增加 **{brought}**，教材的说法是 {low}—{high}；"
        f"保留成本是获取成本的 **{times} 倍**，而不是五分之一。单项手段中“{lever}”作用最大："
        f"提高 {more}，值 **{worth}**。",
    )
