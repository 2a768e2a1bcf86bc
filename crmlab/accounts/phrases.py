"""What types are, what to do with each segment and why, in both languages."""

import numpy as np
import pandas as pd

from crmlab.lang import Lang, number, say, term


def tell_rules(rules: pd.DataFrame, lang: Lang) -> str:
    """Say the rules of the types, from `type_rules`, as a list in their order."""
    told = []
    for name, row in rules.iterrows():
        asked = [
            say(
                lang,
                en=f"{term(measure, lang).lower()} {_between(low, high, lang)}",
                zh=f"{term(measure, lang)}{_between(low, high, lang)}",
            )
            for measure in (c.removesuffix("_low") for c in map(str, row.index) if c[-3:] == "low")
            if (low := row[f"{measure}_low"]) > -np.inf or row[f"{measure}_high"] < np.inf
            for high in [row[f"{measure}_high"]]
        ]
        rest = say(lang, en="everybody else", zh="其余客户")
        said = say(lang, en=" and ", zh="，且").join(asked) or rest
        told.append(f"- **{term(str(name), lang)}**{say(lang, en=': ', zh='：')}{said}")
    return "\n".join(told)


def _between(low: float, high: float, lang: Lang) -> str:
    """Return from where to where a rule goes, in words."""
    at_least, at_most = number(low, lang), number(high, lang)
    if high == np.inf:
        return say(lang, en=f"of {at_least} or more", zh=f"不低于 {at_least}")
    if low == -np.inf:
        return say(lang, en=f"of {at_most} or less", zh=f"不高于 {at_most}")
    return say(lang, en=f"of {at_least} to {at_most}", zh=f"为 {at_least} 至 {at_most}")


def tell_actions(lang: Lang) -> dict[str, str]:
    """Return, for each segment of `stakes`, what to do, in a sentence."""
    told = {
        "high_high": (
            (
                "Protect: one owner each, a yearly plan, first call on service; no concession "
                "beyond "
                "the rules"
            ),
            "保护：专人负责、年度计划、服务优先；不做规则之外的让步",
        ),
        "low_high": (
            (
                "Sell more: they pay well and buy mostly elsewhere; start with the largest gap to "
                "their peers"
            ),
            "扩大：利润率高、多在别处购买；从与同类差距最大的开始",
        ),
        "high_low": (
            (
                "Mend the terms: renegotiate the step that takes most; size is no reason to go "
                "below "
                "the floor"
            ),
            "修复条件：就侵蚀最多的一项重新谈判；规模不是跌破底线的理由",
        ),
        "low_low": (
            (
                "Serve cheaper: standing orders, self-service, least order size; grow only those "
                "with "
                "potential"
            ),
            "降低服务成本：定期订单、自助服务、最低订量；只培育有潜力的",
        ),
        "no_purchase": (
            "Stop the cost: no visits or service without an order; ask once why they stopped",
            "停止花费：没有订单就不再拜访和服务；只询问一次停购原因",
        ),
    }
    return {code: say(lang, en=en, zh=zh) for code, (en, zh) in told.items()}


def tell_reasons(customers: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return why each customer is on the list: revenue, profit and untapped wallet of the year.

    `customers` is from `measures`.
    """
    shown = customers[["revenue", "profit", "untapped"]].astype("float64").fillna(0.0)
    told = shown.map("{:,.0f}".format)
    if lang == "zh":
        return (
            "收入 "
            + told["revenue"]
            + "，利润 "
            + told["profit"]
            + "，在别处购买 "
            + told["untapped"]
        )
    return (
        "revenue "
        + told["revenue"]
        + ", profit "
        + told["profit"]
        + ", bought elsewhere "
        + told["untapped"]
    )
