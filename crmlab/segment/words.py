"""What the findings say, as sentences in both languages."""

from collections.abc import Container, Sequence

import pandas as pd

from crmlab.lang import Lang, money, number, percent, say, term
from crmlab.segment.audit import uplift
from crmlab.segment.base import Estimate
from crmlab.segment.foretell import best_two


def tell_concentration(best: Estimate, needed: Estimate, spread: Estimate, lang: Lang) -> str:
    """Say whether 80/20 holds, from `top_share` of 20 %, `reach` of 80 % and `gini`."""
    top, top_range = percent(best.value, lang), _shares(best, lang)
    need, need_range = percent(needed.value, lang), _shares(needed, lang)
    gini, low, high = (number(part, lang, digits=3) for part in spread)
    holds = best.low <= 0.8 <= best.high
    return say(
        lang,
        en=f"The best 20% of customers bring **{top}** (95% interval {top_range}): 80/20 "
        f"{'agrees with these data' if holds else 'does not hold here'}. It takes the best {need} "
        f"({need_range}) to reach 80%. The Gini coefficient is {gini} ({low} to {high}).",
        zh=f"前 20% 的客户贡献 **{top}**（95% 区间 {top_range}）：本例数据与“20% 客户带来 80%”"
        f"{'相符' if holds else '不符'}。要凑足 80%，需要前 {need}（{need_range}）的客户。"
        f"基尼系数为 {gini}（{low} 至 {high}）。",
    )


def tell_moves(matrix: pd.DataFrame, weeks: int, lang: Lang) -> str:
    """Say how many came up into class A and how many left it, from `abc_matrix`."""
    to_c, to_none = matrix["class_c"]["class_a"], matrix["no_purchase"]["class_a"]
    down, none = number(to_c + to_none, lang), number(to_none, lang)
    up = number(matrix["class_a"].drop("class_a").sum(), lang)
    return say(
        lang,
        en=f"**{up}** customers were B or C before the last {weeks} weeks and A in them: look at "
        f"them, though part of it is chance. **{down}** fell from A to C or nothing; {none} of "
        "them bought nothing.",
        zh=f"**{up}** 位客户此前属 B 或 C 类，最近 {weeks} 周属 A 类：值得留意，其中也有偶然。"
        f"**{down}** 位由 A 类落到 C 类或未购买，其中 {none} 位未购买。",
    )


def tell_scoring(cut: Container[str], lang: Lang) -> str:
    """Say which of the scores of `rfm` come from cut points and which from ranks."""
    measures = {
        "days_since_last": ("recency", "R"),
        "orders": ("purchases", "F"),
        "spend": ("spend", "M"),
    }
    by_cut = [words for measure, words in measures.items() if measure in cut]
    by_rank = [words for measure, words in measures.items() if measure not in cut]
    ways = [("cut points", "用分界值", by_cut), ("ranks", "用排名", by_rank)]
    en = ", ".join(f"{way} for {_listed([w for w, _ in found])}" for way, _, found in ways if found)
    zh = "，".join(f"{'、'.join(w for _, w in found)} {way}" for _, way, found in ways if found)
    return say(lang, en=f"This page uses {en}.", zh=f"本页 {zh}。")


def tell_ranges(ranges: pd.DataFrame, currency: str, lang: Lang) -> pd.DataFrame:
    """Return `score_ranges` to read: a row per score, a column of text per measure."""
    money_in = {"spend": currency}
    told = {
        measure: [
            _range(row, money_in.get(measure, ""), lang) for _, row in ranges.xs(measure).iterrows()
        ]
        for measure in ranges.index.unique("measure")
    }
    return pd.DataFrame(told, index=ranges.index.unique("score"))


def tell_cuts(cuts: Sequence[float], level: float, currency: str, lang: Lang) -> str:
    """Say where the quadrants of purchases and basket are cut, and by which rule."""
    orders, basket = number(cuts[0], lang), money(cuts[1], currency, lang, exact=True)
    share = percent(level, lang, decimals=0)
    return say(
        lang,
        en=f"High volume means more than **{orders}** purchases, high margin a basket above "
        f"**{basket}**: at least {share} of customers are at or below each cut.",
        zh=f"购买超过 **{orders}** 次为高量，客单价高于 **{basket}** 为高利："
        f"各有至少 {share} 的客户不超过分界值。",
    )


def tell_lead(more: Estimate, lang: Lang) -> str:
    """Say whether the page's RFM finds more later spend than a sort by spend (`lead`)."""
    points, low, high = (number(100 * part, lang, digits=2) for part in more)
    verdict = "ahead" if more.low > 0 else "behind" if more.high < 0 else "level"
    words = {"ahead": "RFM 领先", "behind": "RFM 落后", "level": "不分高下"}
    return say(
        lang,
        en=f"RFM as scored here against a plain sort by spend: {verdict} (**{points}** percentage "
        f"points, 95% interval {low} to {high}). What RFM adds is the reason, not only the rank.",
        zh=f"本页打分的 RFM 与单纯按消费排序相比：{words[verdict]}（相差 **{points}** 个百分点，"
        f"95% 区间 {low} 至 {high}）。RFM 的好处还在于给出理由，而不只是名次。",
    )


def tell_foretold(table: pd.DataFrame, ahead: Estimate, lang: Lang) -> str:
    """Say which segmentation foretells the next period best, and whether beyond chance.

    `table` is from `compare_responses`, `ahead` from `response_lead` of its two best.
    """
    if table["buying_explained"].isna().all():
        return say(
            lang,
            en="All customers did alike, so there is nothing to foretell.",
            zh="所有客户的表现都一样，无从比较预示能力。",
        )
    two = best_two(table)
    best, next_ = (term(code, lang) for code in two)
    columns = ["buying_explained", "buying_low", "buying_high"]
    ends = [percent(float(table[c][two[0]]), lang) for c in columns]
    most = best_two(table, "spend_explained")[0]
    by, other = term(most, lang), percent(table["spend_explained"][most], lang)
    points, low, high = (number(100 * part, lang, digits=2) for part in ahead)
    beyond = ahead.low > 0
    return say(
        lang,
        en=f"Who brings anything is explained best by {best}: **{ends[0]}** ({ends[1]} to "
        f"{ends[2]}), "
        f"{points} points more than by {next_} ({low} to {high}: "
        f"{'beyond' if beyond else 'within'} "
        f"chance). How much they bring is explained best by {by}: **{other}**.",
        zh=f"对谁会带来贡献，{best}解释得最多：**{ends[0]}**（{ends[1]} 至 {ends[2]}），比“{next_}”"
        f"高 {points} 个百分点（{low} 至 {high}，{'超出' if beyond else '未超出'}偶然范围）。"
        f"对贡献多少，{by}解释得最多：**{other}**。",
    )


def tell_k_consulting(k: pd.Series, lang: Lang) -> str:
    """Say what the published figures of company K imply (`k_consulting`)."""
    names = ("sales_per_head", "profit_per_head", "sales_per_customer")
    sold, earned, each = (number(k[name], lang, digits=3) for name in names)
    fewer, growth = (percent(k[f"{name}_a_year"], lang) for name in ("customers", "sales"))
    left, dark = (number(k[name], lang) for name in ("customers_after", "not_described"))
    return say(
        lang,
        en=f"Per head, high–high customers bought **{sold}** times as much as the rest and brought "
        f"**{earned}** times the profit. Two years later {left} customers were left ({fewer} a "
        f"year), sales had grown by {growth} a year, and sales per customer were **{each}** times "
        f"as high. The case does not describe the other {dark} customers, neither high–high nor "
        "in its middle group.",
        zh=f"双高客户的人均购买量是其余客户的 **{sold}** 倍，人均利润是 **{earned}** 倍。"
        f"两年后剩下 {left} 位客户（每年 {fewer}），销售每年增长 {growth}，"
        f"客均销售为原来的 **{each}** 倍。"
        f"另有 {dark} 位客户既非双高，也不在中间一组，案例没有交代。",
    )


def tell_protect(
    name: str, sizes: pd.DataFrame, later: pd.DataFrame, weeks: int, currency: str, lang: Lang
) -> str:
    """Say what segment `name` brought (`profile`) and its like spent next (`response`)."""
    n, share = _size(sizes, name, lang)
    mean, low, high = (money(later[c][name], currency, lang) for c in ("mean", "low", "high"))
    return say(
        lang,
        en=f"Protect the **{n} customers** in “{term(name, lang)}”: they brought **{share}** of "
        f"spend; customers like them spent {mean} each ({low} to {high}) in the {weeks} weeks of "
        "the test.",
        zh=f"先保护 **{n} 位{term(name, lang)}**：他们贡献 **{share}** 的消费；"
        f"检验的 {weeks} 周里，同类客户人均消费 {mean}（{low} 至 {high}）。",
    )


def tell_win_back(sizes: pd.DataFrame, later: pd.DataFrame, lang: Lang) -> str:
    """Say whether the test shows a gap between loyal customers and those at risk.

    Only if the interval of their difference (`uplift`) lies above zero does it. Nothing
    is said where nobody is at risk.
    """
    if not sizes["customers"]["at_risk"]:
        return ""
    n, share = _size(sizes, "at_risk", lang)
    tested = number(later["customers"]["at_risk"], lang)
    if uplift(later, "at_risk", "loyal").low > 0:
        return say(
            lang,
            en=f"Then try to win back the **{n} at risk** ({share}), a random half first.",
            zh=f"再尝试赢回 **{n} 位流失风险客户**（曾贡献 {share}），先从随机抽取的一半做起。",
        )
    return say(
        lang,
        en=f"The **{n} at risk** brought {share}; the test (n={tested}) cannot yet tell them from "
        "loyal customers, so try win-back on a random half first.",
        zh=f"**{n} 位流失风险客户**曾贡献 {share}；检验样本仅 {tested} 位，尚不能证明赢回有收益，"
        "请先随机抽取一半试行。",
    )


def tell_actions(later: pd.DataFrame, weeks: int, currency: str, lang: Lang) -> list[str]:
    """Say what to do about the best segment, those at risk and the dormant (`response`)."""
    each = money(later["mean"]["dormant"], currency, lang)
    return [
        say(
            lang, en="Protect: a named owner, first call on service", zh="保护：专人负责，服务优先"
        ),
        say(
            lang,
            en="Win back, a random half first: ask why they stopped, then one offer",
            zh="赢回（先随机抽取一半）：问明原因，再给优惠",
        ),
        say(
            lang,
            en=f"Serve cheaply: they bring about {each} of revenue each in {weeks} weeks",
            zh=f"低成本服务：每位 {weeks} 周约带来 {each} 收入",
        ),
    ]


def _size(sizes: pd.DataFrame, name: str, lang: Lang) -> tuple[str, str]:
    """Return how many customers a segment has and what share of value they bring."""
    return number(sizes["customers"][name], lang), percent(sizes["share_value"][name], lang)


def _shares(estimate: Estimate, lang: Lang) -> str:
    low, high = percent(estimate.low, lang), percent(estimate.high, lang)
    return say(lang, en=f"{low} to {high}", zh=f"{low} 至 {high}")


def _range(row: pd.Series, currency: str, lang: Lang) -> str:
    """Return from which to which value a score runs, and how many customers have it."""
    if not row["customers"]:
        return say(lang, en="nobody", zh="无人")
    low, high = (
        money(row[end], currency, lang, exact=True) if currency else number(row[end], lang)
        for end in ("lowest", "highest")
    )
    ends, count = low if low == high else f"{low} – {high}", number(row["customers"], lang)
    return say(lang, en=f"{ends} (n={count})", zh=f"{ends}（n={count}）")


def _listed(words: list[str]) -> str:
    """Return words as an English list.

    >>> _listed(["recency", "purchases", "spend"]), _listed(["spend"])
    ('recency, purchases and spend', 'spend')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
