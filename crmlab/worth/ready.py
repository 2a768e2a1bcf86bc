"""Whether answers and purchases of the same customers suffice for the chain."""

import pandas as pd

from crmlab.errors import Finding, graded
from crmlab.worth.leaving import LEAST
from crmlab.worth.levels import TWICE

ENOUGH = 300  # customers who answered and bought again
GOOD_YEARS = 1.0


def ready(histories: pd.DataFrame, scores: pd.DataFrame) -> list[Finding]:
    """Return whether the chain from satisfaction to money can be estimated.

    Parameters
    ----------
    histories : DataFrame
        Of customers without contract, indexed by ``customer_id``: ``frequency`` and ``T``
        in weeks.
    scores : DataFrame
        ``customer_id``, ``wave`` and ``satisfaction_score`` of each answer.
    """
    told = scores.dropna(subset=["satisfaction_score"])
    known = histories[histories.index.isin(told["customer_id"])]
    again = int((known["frequency"] > 0).sum())
    twice = int((told["customer_id"].value_counts() > 1).sum())
    found = [
        Finding(
            graded(again, LEAST, ENOUGH),
            f"{len(known):,} customers without contract answered and have purchases, {again:,} of "
            f"them bought again; {LEAST} are needed, {ENOUGH} would be enough.",
            f"无合同客户中有 {len(known):,} 位既作答又有购买记录，其中 {again:,} 位重复购买；"
            f"至少需要 {LEAST} 位，{ENOUGH} 位即足够。",
        ),
        Finding(
            "ready" if twice >= TWICE else "caution",
            f"{twice:,} customers answered more than once; from {TWICE} on, lasting satisfaction "
            "can be told from errors and moods, else the reliability of the scale stands in.",
            f"有 {twice:,} 位客户作答不止一次；达到 {TWICE} 位，才能把持久的满意与误差、心情分开，"
            "否则以量表信度代替。",
        ),
    ]
    years = float(known["T"].median()) / (365.25 / 7) if len(known) else 0.0
    found.append(
        Finding(
            "ready" if years >= GOOD_YEARS else "caution",
            f"Half of them are known for {years:.1f} years or more; below {GOOD_YEARS:.0f} year, "
            "leaving can hardly be told from pausing.",
            f"其中一半客户已有 {years:.1f} 年以上的记录；不足 {GOOD_YEARS:.0f} 年时，"
            "很难区分流失与暂停。",
        )
    )
    return found
