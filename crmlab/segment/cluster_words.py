"""Whether the data suffice for clusters, and what was found, as sentences in both languages."""

import pandas as pd

from crmlab.errors import Finding, graded
from crmlab.lang import Lang, interval, number, percent, say, term
from crmlab.segment.base import Estimate

FEWEST, FEW = 100, 300  # customers: below the first no clusters, below the second caution
AGREE = 3  # of five criteria


def cluster_verdict(
    criteria: pd.DataFrame, votes: pd.Series, stability: pd.DataFrame
) -> pd.DataFrame:
    """Return the three questions that groups must pass to be called so, each with its answer.

    Parameters
    ----------
    criteria, votes, stability : DataFrame, Series, DataFrame
        From `cluster_criteria`, `cluster_votes` and `cluster_stability`.

    Returns
    -------
    DataFrame
        Indexed by ``question``: ``measured``, ``bound`` and ``passed``, for
        ``criteria_agree`` (criteria that ask for this number, of five; 3 at least),
        ``beyond_null`` (the silhouette; above 97.5 % of data without groups) and
        ``all_stable`` (the least mean Jaccard index; .75 at least).
    """
    k = len(stability)
    asked = {
        "criteria_agree": (float((votes == k).sum()), float(AGREE)),
        "beyond_null": (criteria["silhouette"][k], criteria["null_high"][k]),
        "all_stable": (stability["jaccard"].min(), 0.75),
    }
    table = pd.DataFrame.from_dict(asked, orient="index", columns=["measured", "bound"])
    return table.assign(passed=table["measured"] >= table["bound"]).rename_axis("question")


def ready_clusters(features: pd.DataFrame) -> list[Finding]:
    """Return whether there are enough customers, and enough who differ, to seek clusters."""
    n, differing = len(features), len(features.drop_duplicates())
    level = graded(min(n, 2 * differing), FEWEST, FEW)
    told = [
        Finding(
            level,
            en=f"{n:,} customers, of whom {differing:,} differ; {FEW:,} would be enough.",
            zh=f"客户 {n:,} 位，其中互不相同的 {differing:,} 位；{FEW:,} 位足够。",
        )
    ]
    constant = [str(name) for name in features if features[name].nunique() < 2]
    told += [
        Finding(
            "caution",
            en=f"All customers are alike in {term(name, 'en').lower()}: it parts nobody.",
            zh=f"所有客户的{term(name, 'zh')}都相同：它分不开任何人。",
        )
        for name in constant
    ]
    return told


def tell_votes(votes: pd.Series, lang: Lang) -> str:
    """Say how many groups each criterion asks for."""
    each = [f"{term(str(code), lang)} {n}" for code, n in votes.items()]
    low, high = votes.min(), votes.max()
    if low == high:
        return say(
            lang,
            en=f"All five criteria ask for **{low}** groups.",
            zh=f"五项准则都要求分成 **{low}** 群。",
        )
    return say(
        lang,
        en=f"The five criteria ask for {low} to {high} groups ({'; '.join(each)}).",
        zh=f"五项准则要求的群数从 {low} 到 {high} 不等（{'；'.join(each)}）。",
    )


def tell_null(stability: pd.DataFrame, lang: Lang) -> str:
    """Say how stable the groups are, and how stable groups are where there are none."""
    least, null = stability["jaccard"].min(), stability["null_jaccard"].iloc[0]
    trap = null >= 0.75  # stability alone proves nothing
    return say(
        lang,
        en="The least stable group has a mean Jaccard index of "
        f"**{number(least, lang, digits=2)}**. Data made without any groups reach "
        f"{number(null, lang, digits=2)}"
        + (": stability alone proves nothing here." if trap else "."),
        zh=f"最不稳定的一群，平均杰卡德指数为 **{number(least, lang, digits=2)}**。"
        f"人造的无群数据也有 {number(null, lang, digits=2)}"
        + ("：在这里，仅凭稳定性什么也证明不了。" if trap else "。"),
    )


def tell_clusters(verdict: pd.DataFrame, k: int, lang: Lang) -> str:
    """Say whether there are groups, from `cluster_verdict`, and if not, why not."""
    failed = [str(code) for code in verdict.index[~verdict["passed"]]]
    if not failed:
        return say(
            lang,
            en=f"**{k} stable groups**: most criteria ask for as many, they come back in other "
            "samples, and data without groups do not look like this.",
            zh=f"**有 {k} 个稳定的群**：多数准则要求这个数目，换一批样本仍会出现，"
            "而无群的数据不会如此。",
        )
    reasons = {
        "criteria_agree": (
            "the criteria do not agree on how many there are",
            "各准则的群数不一致",
        ),
        "beyond_null": (
            "data without groups look as grouped as these",
            "与无群的数据相比没有明显差别",
        ),
        "all_stable": ("not all of them come back in other samples", "换一批样本后有的群不再出现"),
    }
    why = [reasons[code] for code in failed]
    return say(
        lang,
        en=f"**No stable natural groups**: {', and '.join(en for en, _ in why)}. "
        f"The {k} shown are a convenient cut; these data do not prove more.",
        zh=f"**未能证实有自然而稳定的群**：{'，而且'.join(zh for _, zh in why)}。"
        f"图表中的 {k} 群只是一种便于使用的划分，这些数据不足以说明更多。",
    )


def tell_agreement(same: Estimate, moving: Estimate, still: float, weeks: int, lang: Lang) -> str:
    """Say how far the groups of today are those of some weeks ago, from `agreement`.

    `moving` is of those who bought since, `still` the share of those who did not: of them
    nothing could change but the days since the last purchase.
    """
    value, low, high = (number(each, lang, digits=2) for each in same)
    ends = [number(each, lang, digits=2) for each in moving]
    return say(
        lang,
        en=f"Between the groups of {weeks} weeks earlier and those of today, the adjusted Rand "
        f"index is **{value}** {interval(low, high, lang)}: 1 is the same groups, 0 is chance. "
        f"But {percent(still, lang)} bought nothing since, so little could change with them; among "
        f"those who did buy it is **{ends[0]}** ({ends[1]} to {ends[2]}).",
        zh=f"{weeks} 周前找到的群与今天的群之间，调整兰德指数为 **{value}**"
        f"{interval(low, high, lang)}：1 表示完全相同，0 表示与随机无异。但有 "
        f"{percent(still, lang)} 的客户其间没有购买，本来就不大会变；在其间买过的客户中，指数为 "
        f"**{ends[0]}**（{ends[1]} 至 {ends[2]}）。",
    )


def tell_better(more: Estimate, lang: Lang) -> str:
    """Say whether clusters foretell better than RFM's rules, from `response_lead`."""
    if more.value != more.value:
        return say(
            lang,
            en="The test cannot tell who is foretold better: nobody, or everybody, bought in it.",
            zh="检验期无法说明哪种分法预测得更好：其间无人购买，或人人都购买。",
        )
    points, *limits = (number(round(100 * each, 1), lang) for each in (abs(more.value), *more[1:]))
    ends, zh_ends = " to ".join(limits), " 至 ".join(limits)
    if more.low <= 0 <= more.high:
        return say(
            lang,
            en="As far as these data can tell, groups foretell who buys neither better nor worse "
            f"than RFM's rules (difference {points} percentage points, 95% interval {ends}).",
            zh=f"就这些数据而言，看不出群与 RFM 规则在预测谁会购买上有高下之分（相差 {points} "
            f"个百分点，95% 区间 {zh_ends}）。",
        )
    better = more.value > 0
    return say(
        lang,
        en="Of whether a customer buys, groups explain "
        f"**{points} percentage points {'more' if better else 'less'}** than RFM's rules "
        f"(95% interval of the difference {ends}).",
        zh=f"对客户是否购买，群比 RFM 规则{'多' if better else '少'}解释 **{points} 个百分点**"
        f"（差值的 95% 区间 {zh_ends}）。",
    )


def tell_cluster_actions(found: bool, lang: Lang) -> dict[str, str]:
    """Return what to do with the best group, those between and the last, by role."""
    rest = say(
        lang,
        en="Serve at little cost; sort by RFM before you spend on anybody",
        zh="低成本服务；花钱之前先按 RFM 排序",
    )
    middle = say(
        lang,
        en="Ask twenty of them what keeps them from coming back",
        zh="访问其中二十位：为什么没有再来",
    )
    best = say(
        lang,
        en="Name a contact for each; watch who falls silent",
        zh="为每位指定联系人；留意谁开始沉默",
    )
    plain = say(
        lang,
        en="Keep them, but choose whom to call by RFM, not by this group",
        zh="留住他们，但该联系谁要看 RFM，不要看这个群",
    )
    return {"best": best if found else plain, "middle": middle, "rest": rest}
