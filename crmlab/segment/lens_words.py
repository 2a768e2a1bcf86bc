"""What the customer-base audit finds, as sentences in both languages."""

from datetime import date

import pandas as pd

from crmlab.lang import Lang, day, money, number, percent, say
from crmlab.privacy import SMALL

# What a factor of the tree did, rising and falling.
DRIVEN = {
    "customers": (("more customers", "购买客户增多"), ("fewer customers", "购买客户减少")),
    "purchases_per_customer": (
        ("more purchases per customer", "人均购买次数增加"),
        ("fewer purchases per customer", "人均购买次数减少"),
    ),
    "spend_per_purchase": (
        ("more spend per purchase", "单次消费提高"),
        ("less spend per purchase", "单次消费下降"),
    ),
    "profit_per_spend": (
        ("more profit per unit of spend", "单位消费的利润提高"),
        ("less profit per unit of spend", "单位消费的利润下降"),
    ),
}


def tell_one_period(bands: pd.DataFrame, lang: Lang) -> str:
    """Say how unlike the customers of one period are, from `one_period`."""
    held = bands[bands["customers"] >= min(SMALL, bands["customers"].max())]
    few, many = held.iloc[0], held.iloc[-1]
    shares = [
        percent(row[c], lang) for row in (many, few) for c in ("share_customers", "share_spend")
    ]
    low, high = (str(row.name).replace("+", "") for row in (few, many))
    return say(
        lang,
        en=f"Those who bought most often ({_often(high, lang)}) are {shares[0]} of customers and "
        f"bring **{shares[1]}** of spend; those who bought least ({_often(low, lang)}) are "
        f"{shares[2]} and bring {shares[3]}.",
        zh=f"购买最勤的客户（{_often(high, lang)}）占人数 {shares[0]}，贡献消费的 **{shares[1]}**；"
        f"购买最少的（{_often(low, lang)}）占人数 {shares[2]}，贡献 {shares[3]}。",
    )


def tell_change(
    tree: pd.DataFrame, moves: pd.DataFrame, then: date, now: date, currency: str, lang: Lang
) -> str:
    """Say what changed revenue and whom to ask first, from `revenue_tree` and `moved`."""
    change, share = tree["effect"]["all_drivers"], _growth(tree, lang)
    drivers = tree["effect"].drop("all_drivers").sort_values(key=abs, ascending=False)
    listed = [_driven(str(name), effect, currency, lang) for name, effect in drivers.items()]
    gone = number(moves["customers"]["stopped"], lang)
    had = money(moves["spend_before"]["stopped"], currency, lang)
    days = day(then, lang), day(now, lang)
    return say(
        lang,
        en=f"Revenue {'rose' if change >= 0 else 'fell'} by **{money(abs(change), currency, lang)}"
        f"** ({share}) between the periods that began on {days[0]} and {days[1]}: "
        f"{', '.join(listed)}. First ask the **{gone} customers** who stopped buying (they had "
        f"spent {had}) why they did.",
        zh=f"{days[1]}开始的一期与{days[0]}开始的一期相比，收入{'增加' if change >= 0 else '减少'} "
        f"**{money(abs(change), currency, lang)}**（{share}）：{'，'.join(listed)}。"
        f"先问一问停止购买的 **{gone} 位客户**（当时消费 {had}）：为什么不再来？",
    )


def tell_tree(tree: pd.DataFrame, currency: str, lang: Lang) -> str:
    """Say which effects of `revenue_tree` are larger than chance would make them."""
    ends = [_signed(tree[end]["all_drivers"], currency, lang) for end in ("effect", "low", "high")]
    drivers = tree.drop("all_drivers")
    unclear = drivers[(drivers["low"] <= 0) & (drivers["high"] >= 0)]
    named = [_name(str(code), unclear["effect"][code], lang) for code in unclear.index]
    parts = say(
        lang,
        en=f" Not to be told from chance: {', '.join(named)}." if named else "",
        zh=f"不能排除偶然的有：{'、'.join(named)}。" if named else "",
    )
    return say(
        lang,
        en=f"The effects add up to the whole change, **{ends[0]}** (95% interval {ends[1]} to "
        f"{ends[2]}), with nothing left over.{parts}",
        zh=f"各项效应相加正好等于总变化 **{ends[0]}**（95% 区间 {ends[1]} 至 {ends[2]}），"
        f"没有余项。{parts}",
    )


def tell_turnover(moves: pd.DataFrame, currency: str, lang: Lang) -> str:
    """Say how many of the earlier customers are still there and what replaced the rest."""
    stayed = moves["customers"][["kept_up", "kept_down"]].sum()
    share = percent(stayed / (stayed + moves["customers"]["stopped"]), lang)
    lost, down = (money(-moves["change"][m], currency, lang) for m in ("stopped", "kept_down"))
    came, up = (
        money(moves["change"][m].sum(), currency, lang)
        for m in (["joined", "returned"], ["kept_up"])
    )
    return say(
        lang,
        en=f"**{share}** of the customers of the earlier period bought in the later one too. Those "
        f"who did not took {lost} with them; new and returned customers brought {came}. Of those "
        f"who stayed, some added {up} and others cut {down}.",
        zh=f"前一期的客户有 **{share}** 在后一期仍有购买。未再购买者带走 {lost}，"
        f"新客户与回头客带来 {came}。留下的客户中，有的增加了 {up}，有的减少了 {down}。",
    )


def tell_cohort(life: pd.DataFrame, cohort: date, currency: str, lang: Lang) -> str:
    """Say what became of one cohort, from `one_cohort`."""
    last, began = life.iloc[-1], day(cohort, lang)
    share, low, high = (percent(last[c], lang) for c in ("share_active", "low", "high"))
    n, age = number(last["members"], lang), number(life.index[-1], lang)
    each = money(last["spend_to_date"], currency, lang)
    return say(
        lang,
        en=f"Of the **{n}** customers who first bought in the period that began on {began}, "
        f"**{share}** (95% interval {low} to {high}) bought at age {age}, in the last period. So "
        f"far each has brought {each} on average, those who left included.",
        zh=f"{began}开始的一期共有 **{n}** 位客户首次购买，到最近一期即第 {age} 期仍有 **{share}**"
        f"（95% 区间 {low} 至 {high}）购买。至今人均带来 {each}（已离开者也计算在内）。",
    )


def tell_cohorts(table: pd.DataFrame, age: int, currency: str, lang: Lang) -> str:
    """Say whether later cohorts are better or worse at the same age, from `same_age`.

    A cohort of a handful of customers is not told.
    """
    table = table[table["members"] >= SMALL]
    if len(table) < 2:
        return say(
            lang,
            en=f"Only {len(table)} cohort has come to age {age}: there is nothing to compare.",
            zh=f"只有 {len(table)} 个同期群达到第 {age} 期，无从比较。",
        )
    first, last = table.iloc[0], table.iloc[-1]
    size = [number(c["members"], lang) for c in (first, last)]
    each = [money(c["spend_to_date"], currency, lang) for c in (first, last)]
    kept = [percent(c["share_active"], lang) for c in (first, last)]
    apart = first["high"] < last["low"] or last["high"] < first["low"]
    return say(
        lang,
        en=f"The first cohort had {size[0]} customers, the latest that has come to age {age} "
        f"has **{size[1]}**. Up to that age a customer brought {each[0]} then and "
        f"**{each[1]}** now; {kept[0]} and {kept[1]} were still buying, "
        f"{'a real difference' if apart else 'which may be chance'}.",
        zh=f"最早的同期群有 {size[0]} 位客户，最近一个达到第 {age} 期的有 **{size[1]}** 位。"
        f"到这一期龄，人均带来的消费由 {each[0]} 变为 **{each[1]}**；"
        f"仍在购买的比例分别为 {kept[0]} 和 {kept[1]}，"
        f"{'确有差异' if apart else '差异可能出于偶然'}。",
    )


def tell_base(base: pd.DataFrame, lang: Lang) -> str:
    """Say whether the base grows or lives off its stock, from `whole_base`."""
    last, most = base.iloc[-1], base["customers"].max()
    when = day(base.index[int(base["customers"].argmax())], lang)
    n, new = number(last["customers"], lang), number(last["new"], lang)
    share, old = percent(last["share_base"], lang), percent(1 - last["share_new_spend"], lang)
    return say(
        lang,
        en=f"In the last period **{n}** customers bought, {new} of them new; the most were "
        f"{number(most, lang)}, in the period that began on {when}. Of all who ever bought, "
        f"{share} did so again; customers of earlier periods brought **{old}** of revenue.",
        zh=f"最近一期有 **{n}** 位客户购买，其中新客户 {new} 位；最多的是{when}开始的一期，"
        f"有 {number(most, lang)} 位。曾经买过的客户中，{share} 在这一期购买；"
        f"老客户贡献了收入的 **{old}**。",
    )


def tell_lens_actions(lang: Lang) -> dict[str, str]:
    """Say what to do about customers by their move (see `paired`), the most urgent first."""
    return {
        "kept_down": say(
            lang,
            en="Call those who fell most: ask what changed and where they buy now",
            zh="先联系降幅最大的客户：问明变化，现在向谁购买",
        ),
        "stopped": say(
            lang,
            en="Win back a random half first: ask why they stopped, then one offer",
            zh="先随机抽取一半赢回：问明原因，再给一次优惠",
        ),
        "kept_up": say(
            lang,
            en="Protect: they carry the base; a named owner, first call on service",
            zh="保护：收入靠他们支撑；专人负责，服务优先",
        ),
    }


def _growth(tree: pd.DataFrame, lang: Lang) -> str:
    before = tree["earlier"]["all_drivers"]
    told = percent(tree["effect"]["all_drivers"] / before if before > 0 else float("nan"), lang)
    return told if told.startswith(("−", "–")) else f"+{told}"


def _name(code: str, effect: float, lang: Lang) -> str:
    en, zh = DRIVEN[code][int(effect < 0)]
    return say(lang, en=en, zh=zh)


def _driven(code: str, effect: float, currency: str, lang: Lang) -> str:
    name, amount = _name(code, effect, lang), _signed(effect, currency, lang)
    return say(lang, en=f"{name} ({amount})", zh=f"{name}（{amount}）")


def _signed(amount: float, currency: str, lang: Lang) -> str:
    return f"{'+' if amount > 0 else ''}{money(amount, currency, lang)}"


def _often(band: str, lang: Lang) -> str:
    if band == "1":
        return say(lang, en="once", zh="1 次")
    more = say(lang, en=" or more", zh="及以上") if band == "10" else ""
    return say(lang, en=f"{band}{more} times", zh=f"{band} 次{more}")
