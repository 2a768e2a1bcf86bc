"""Whether purchases suffice to speak of stages and of leaving."""

from datetime import date

import pandas as pd

from crmlab.errors import Finding, graded
from crmlab.intervals import Z95
from crmlab.lifecycle.intervals import Unit, complete_periods
from crmlab.lifecycle.silence import last_day, silence_days

POINTS_READY, POINTS_CAUTION = 5, 18  # half-width of a 95 % interval around one half
EVENTS_CAUTION, EVENTS_READY = 10, 50
TAIL = 10  # gaps beyond a quantile that hold it in place


def ready(
    customers: pd.DataFrame,
    gaps: pd.DataFrame,
    *,
    quiet_quantile: float = 0.9,
    holdout_days: int = 0,
) -> list[Finding]:
    """Say whether there are enough customers, second purchases, gaps and days.

    Parameters
    ----------
    customers : DataFrame
        ``first_order``, ``last_order``, ``days_since_last``; one row per customer.
    gaps : DataFrame
        ``customer_id``, ``nth``, ``day``, ``gap_days``.
    quiet_quantile : float
        Of the gaps: the silence that means a customer has left.
    holdout_days : int
        Days at the end kept for the check of that threshold; none by default.
    """
    found = [_customers(len(customers)), _seconds(int((gaps["nth"] == 1).sum()))]
    if gaps.empty:
        return found
    until = last_day(customers)
    known = pd.to_datetime(gaps["day"]) <= until - pd.Timedelta(days=holdout_days)
    observed = (until - customers["first_order"].min()).days
    span = _span(observed, silence_days(gaps, quiet_quantile), holdout_days)
    return [*found, _tail(int(known.sum()), quiet_quantile), span]


def last_period(panel: pd.DataFrame, *, until: date | pd.Timestamp, unit: Unit) -> Finding:
    """Say whether `until` cuts the panel's last period short, so that it is left out."""
    until = pd.Timestamp(until)
    complete = complete_periods(panel["period"].min(), until, unit)
    if len(complete) < 2:
        return Finding(
            "not_enough",
            en=f"{len(complete)} complete periods by {until:%Y-%m-%d}; a move takes 2.",
            zh=f"截至 {until:%Y-%m-%d} 只有 {len(complete)} 个完整期间；观察移动至少需要 2 个。",
        )
    left_out = panel[~panel["period"].isin(complete)]
    if left_out.empty:
        return Finding(
            "ready",
            en=f"The last period is complete: the data run to {until:%Y-%m-%d}.",
            zh=f"最后一期是完整的：数据截至 {until:%Y-%m-%d}。",
        )
    return Finding(
        "caution",
        en=f"The period that began on {left_out['period'].max():%Y-%m-%d} is not complete by "
        f"{until:%Y-%m-%d}: it is left out of stages and cohorts.",
        zh=f"{left_out['period'].max():%Y-%m-%d} 开始的一期到 {until:%Y-%m-%d} 尚未结束，"
        "阶段与同期群均不计入该期。",
    )


def _customers(n: int) -> Finding:
    half = 100 * Z95 * 0.5 / max(n, 1) ** 0.5
    least, enough = (_needed(points) for points in (POINTS_CAUTION, POINTS_READY))
    few = n < least
    return Finding(
        graded(n, least, enough),
        en=f"{n:,} customers: percentages are good to about ±{half:.2g} points "
        f"({f'{least} are needed, ' if few else ''}{enough} customers would give ±{POINTS_READY}).",
        zh=f"{n:,} 位客户：比例的误差约 ±{half:.2g} 个百分点"
        f"（{f'至少需要 {least} 位，' if few else ''}{enough} 位时约 ±{POINTS_READY} 个）。",
    )


def _needed(points: float) -> int:
    return round((100 * Z95 * 0.5 / points) ** 2 + 0.5)


def _seconds(events: int) -> Finding:
    return Finding(
        graded(events, EVENTS_CAUTION, EVENTS_READY),
        en=f"{events:,} customers bought a second time ({EVENTS_CAUTION} are the least, "
        f"{EVENTS_READY} are enough to compare groups).",
        zh=f"{events:,} 位客户有第二次购买（至少需要 {EVENTS_CAUTION} 位，"
        f"{EVENTS_READY} 位足以比较各组）。",
    )


def _tail(n: int, quantile: float) -> Finding:
    beyond = round(n * (1 - quantile))
    return Finding(
        graded(beyond, 1, TAIL),
        en=f"{n:,} gaps between purchases had ended before the check, the longest {beyond:,} of "
        f"them at or beyond the threshold (at least {TAIL} are needed).",
        zh=f"检验期之前已有 {n:,} 个购买间隔结束，其中最长的 {beyond:,} 个达到或超过阈值"
        f"（至少需要 {TAIL} 个）。",
    )


def _span(days: int, quiet: int, holdout_days: int) -> Finding:
    least, enough = quiet + holdout_days, 2 * quiet + holdout_days
    return Finding(
        graded(days, least, enough),
        en=f"{days:,} days are observed; a silence of {quiet} days and a check of "
        f"{holdout_days} need {least}, and {enough} to be seen well.",
        zh=f"共观察 {days:,} 天；{quiet} 天的沉默加上 {holdout_days} 天的检验至少需要 {least} 天，"
        f"{enough} 天才看得清楚。",
    )
