"""Whether a survey's answers suffice."""

from typing import Literal

import pandas as pd

from crmlab.errors import Finding
from crmlab.loyalty.ends import filled
from crmlab.loyalty.scales import (
    LOYALTY,
    SATISFACTION,
    answered,
    attributes,
    cronbach_alpha,
    present,
)

Level = Literal["ready", "caution", "not_enough"]
ENOUGH, LEAST = 300, 60  # customers who answered
GOOD = 0.7  # alpha
VALUES = 6  # different sums of a scale's items


def ready(survey: pd.DataFrame, *, alpha_at_least: float = 0.6) -> list[Finding]:
    """Return whether the survey suffices for reliability, curve, drivers and ordered logit."""
    answers = answered(survey)
    found = [_customers(answers)]
    for items, en, zh in (
        (SATISFACTION, "satisfaction", "满意度"),
        (LOYALTY, "loyalty", "忠诚度"),
    ):
        found.append(_reliable(answers, items, en, zh, alpha_at_least))
    found.append(_outcome(answers))
    found.append(_attributes(answers))
    found.append(_responded(survey, answers))
    return found


def _customers(answers: pd.DataFrame) -> Finding:
    n = answers["customer_id"].nunique()
    en, zh = f"{n:,} customers answered", f"有 {n:,} 位客户作答"
    if n >= ENOUGH:
        return Finding("ready", f"{en}.", f"{zh}。")
    return Finding(
        "caution" if n >= LEAST else "not_enough",
        f"{en}; {LEAST} are needed, {ENOUGH} would be enough to see a flat zone.",
        f"{zh}；至少需要 {LEAST} 位，{ENOUGH} 位才足以看出平缓段。",
    )


def _reliable(
    answers: pd.DataFrame, items: tuple[str, ...], en: str, zh: str, at_least: float
) -> Finding:
    there = present(answers, items)
    complete = answers[there].dropna()
    if len(there) < 2 or len(complete) < 3 or complete.sum(axis=1).nunique() < VALUES:
        return Finding(
            "not_enough",
            f"Items of {en}: {len(there)}; needed are 2, answered together, whose sum has "
            f"{VALUES} different values.",
            f"{zh}题项：{len(there)} 个；至少需要 2 个同时作答、总分有 {VALUES} 种取值的题项。",
        )
    alpha = cronbach_alpha(complete)
    level: Level = "ready" if alpha >= GOOD else "caution"
    return Finding(
        level if alpha >= at_least else "not_enough",
        f"Cronbach's alpha of {en} is {alpha:.2f}; at least {at_least:.2f} is asked for.",
        f"{zh}量表的克朗巴赫 α 为 {alpha:.2f}；要求不低于 {at_least:.2f}。",
    )


def _outcome(answers: pd.DataFrame) -> Finding:
    steps = answers["loyalty"].nunique() if "loyalty" in answers else 0
    return Finding(
        "ready" if steps >= 3 else "not_enough",
        f"Loyalty was answered in {steps} different steps; an ordered logit needs 3.",
        f"忠诚度有 {steps} 种不同回答；有序逻辑回归至少需要 3 种。",
    )


def _attributes(answers: pd.DataFrame) -> Finding:
    items = attributes(answers)
    complete = len(filled(answers[items]).dropna())
    en, zh = f"{len(items)} rated attributes", f"有 {len(items)} 个评分要素"
    if len(items) < 2 or complete <= 10 * len(items):
        return Finding(
            "not_enough",
            f"{en}, {complete:,} complete rows; 2 attributes and 10 rows for each are needed.",
            f"{zh}，完整作答 {complete:,} 行；至少需要 2 个要素，且每个要素 10 行。",
        )
    return Finding(
        "ready", f"{en}, {complete:,} complete rows.", f"{zh}，完整作答 {complete:,} 行。"
    )


def _responded(survey: pd.DataFrame, answers: pd.DataFrame) -> Finding:
    rate = len(answers) / max(len(survey), 1)
    if len(answers) == len(survey):
        return Finding(
            "caution",
            "Every row was answered: non-respondents are not in the table, so their share and "
            "the error that they bring are unknown.",
            "表中各行均已作答：未应答者不在表内，因此无从得知其比例和由此产生的误差。",
        )
    return Finding(
        "ready" if rate >= 0.8 else "caution",
        f"{rate:.0%} of {len(survey):,} requests were answered; 80% would leave little room for "
        "non-response to mislead.",
        f"共发出 {len(survey):,} 份问卷，应答率 {rate:.0%}；"
        "达到 80% 时，未应答造成偏差的余地才较小。",
    )
