"""Whether customers suffice for a lifetime value, and what would."""

import pandas as pd

from crmlab.clv.gamma_gamma import frequency_correlation
from crmlab.clv.spend import usable
from crmlab.errors import Finding, Level, graded

FEW, MANY = 50, 300  # repeat customers: below FEW no fit is worth reading, from MANY it is steady
STRONG = 0.3  # a correlation at which spend and frequency cannot be called independent


def ready(customers: pd.DataFrame, before: pd.DataFrame | None = None) -> list[Finding]:
    """Return whether the summary suffices for BG/NBD and gamma-gamma, and why.

    Parameters
    ----------
    customers : DataFrame
        From `crmlab.customers.summarise`.
    before : DataFrame, optional
        From `crmlab.customers.split`: the same before a test, which must suffice too.
    """
    repeaters = int((customers["frequency"] > 0).sum())
    found = [_repeaters(repeaters, len(customers)), *_spend(customers, repeaters)]
    if before is None:
        return found
    known = _repeaters(int((before["frequency"] > 0).sum()), len(before))
    en, zh = f"Before the test, {known.en}", f"检验期之前，{known.zh}"
    return [*found, Finding(known.level, en=en, zh=zh)]


def _repeaters(repeaters: int, customers: int) -> Finding:
    level = graded(repeaters, FEW, MANY)
    wish_en = "" if level == "ready" else f"; {MANY} would be enough for steady estimates"
    wish_zh = "" if level == "ready" else f"；若有 {MANY} 位，估计才稳定"
    return Finding(
        level,
        en=f"{repeaters:,} of {customers:,} customers bought again{wish_en}.",
        zh=f"{customers:,} 位客户中有 {repeaters:,} 位重复购买{wish_zh}。",
    )


def _spend(customers: pd.DataFrame, repeaters: int) -> list[Finding]:
    r, low, high = frequency_correlation(customers)
    level: Level = "caution" if not abs(r) < STRONG else "ready"
    found = [
        Finding(
            level,
            en=f"Frequency and mean spend correlate at {r:.2f} ({low:.2f} to {high:.2f}); "
            "the spend model assumes none; what that does to the value is told with it.",
            zh=f"购买次数与平均金额的相关系数为 {r:.2f}（{low:.2f} 至 {high:.2f}）；"
            "消费模型假定二者无关；这对价值有多大影响，见消费模型的检验。",
        )
    ]
    if left_out := repeaters - int(usable(customers).sum()):
        found.append(
            Finding(
                "caution",
                en=f"{left_out:,} repeat customers spent nothing on their repeat days: "
                "the spend model leaves them out.",
                zh=f"{left_out:,} 位重复购买客户在重复购买日的金额为零，消费模型不计入。",
            )
        )
    return found
