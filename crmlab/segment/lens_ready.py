"""Whether the data suffice for a customer-base audit."""

from datetime import date

import pandas as pd

from crmlab.errors import Finding
from crmlab.segment.lenses import compared, grid

FEWEST, FEW = 30, 100  # buyers of a period: below the first no audit, below the second caution
LATE = pd.Timedelta(days=7)  # a first purchase so many days into a period is no gap


def ready_lenses(
    panel: pd.DataFrame,
    *,
    since: date | pd.Timestamp,
    until: date | pd.Timestamp,
    months: int = 3,
    back: int = 4,
) -> list[Finding]:
    """Return whether the data suffice to audit the customer base.

    Parameters
    ----------
    panel : DataFrame
        From `in_periods`, with the same `until` and `months`.
    since, until : date
        First and last day observed.
    months, back
        As in `compared`.
    """
    then, now = compared(until, months=months, back=back)
    if panel.empty or panel["period"].min() > then:
        return [_too_short(0 if panel.empty else len(grid(panel["period"])), months, back)]
    buyers = panel[panel["period"].isin([then, now])]["period"].value_counts()
    fewest = min(int(buyers.get(each, 0)) for each in (then, now))
    checks = [_buyers(fewest), _cut_off(now, until, months), _begun(panel, since), _new(panel)]
    good = Finding(
        "ready",
        en=f"At least {fewest:,} customers bought in each of the two periods compared.",
        zh=f"对比的两期各有至少 {fewest:,} 位客户购买。",
    )
    return [finding for finding in checks if finding] or [good]


def _too_short(n: int, months: int, back: int) -> Finding:
    return Finding(
        "not_enough",
        en=f"{n} complete periods of {months} months; a comparison with {back} periods before "
        f"takes {back + 1}. Choose fewer months, or a smaller back.",
        zh=f"每期 {months} 个月，只有 {n} 个完整期间；与之前第 {back} 期对比需要 {back + 1} 个。"
        "请减小 months 或 back。",
    )


def _buyers(fewest: int) -> Finding | None:
    if fewest >= FEW:
        return None
    return Finding(
        "not_enough" if fewest < FEWEST else "caution",
        en=f"{fewest:,} customers bought in one of the two periods compared; {FEW} would be "
        "enough. Longer periods (months) hold more.",
        zh=f"对比的两期中，有一期只有 {fewest:,} 位客户购买；{FEW} 位才足够。"
        "加长期间（months）可以增多。",
    )


def _cut_off(now: pd.Timestamp, until: date | pd.Timestamp, months: int) -> Finding | None:
    end = now + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    if end >= pd.Timestamp(until):
        return None
    return Finding(
        "caution",
        en=f"The month of {until:%Y-%m-%d} is not over: the audit ends on {end:%Y-%m-%d}.",
        zh=f"{until:%Y-%m-%d} 所在的月份尚未结束：审计截至 {end:%Y-%m-%d}。",
    )


def _begun(panel: pd.DataFrame, since: date | pd.Timestamp) -> Finding | None:
    first = panel["period"].min()
    if first + LATE >= pd.Timestamp(since):
        return None
    return Finding(
        "caution",
        en=f"The first period begins on {first:%Y-%m-%d}, the data on {since:%Y-%m-%d}: it is "
        "not complete.",
        zh=f"第一期自 {first:%Y-%m-%d} 开始，而数据自 {since:%Y-%m-%d} 开始：该期不完整。",
    )


def _new(panel: pd.DataFrame) -> Finding | None:
    joined = panel.groupby("customer_id")["period"].min()
    if joined.max() == panel["period"].max():
        return None
    return Finding(
        "caution",
        en=f"Nobody was new after the period that began on {joined.max():%Y-%m-%d}: without new "
        "customers a base can only shrink. Make sure that they are in the data.",
        zh=f"{joined.max():%Y-%m-%d} 开始的一期之后没有新客户：没有新客户，客户群只会缩小。"
        "请确认数据中包含新客户。",
    )
