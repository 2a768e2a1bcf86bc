"""Findings on days: gaps, spikes, days that cannot be, a last period that is not over."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crmlab.check.amounts import median_and_spread
from crmlab.check.base import NEEDS, Seen, caution, note
from crmlab.errors import Finding
from crmlab.lang import Lang, day

APART = 365  # days between the last day and the one before it that no shop rests
DUMMIES = ("1900-01-01", "1970-01-01", "1899-12-30", "2000-01-01", "1999-12-31")
SPIKE = 8.0  # robust standard deviations above the usual day
SHOWN = 3
SIGNS: tuple[tuple[Lang, str, str], ...] = (("en", "; ", "to"), ("zh", "；", "至"))


def found(seen: Seen) -> Iterator[Finding]:
    """Say what is odd in the days of the data."""
    daily = seen.daily
    yield from _far(daily)
    if len(daily) < NEEDS:
        return
    yield from _gaps(daily)
    yield from _spikes(daily)


def _far(daily: pd.DataFrame) -> Iterator[Finding]:
    """Say which days stand far before or after all others, or are known as stand-ins."""
    days = daily.index.to_series()
    if len(days) < 2:
        return
    first, last = days.iloc[0], days.iloc[-1]
    dummies = [d for d in DUMMIES if pd.Timestamp(d) in daily.index and d[:10] == str(first)[:10]]
    if (days.iloc[1] - first).days > APART or dummies:
        rows = int(daily["rows"].iloc[0])
        yield caution(
            "first_day_apart",
            en=f"{rows:,} rows are dated {day(first, 'en')}, {(days.iloc[1] - first).days:,} days "
            "before any other: is that a stand-in for an unknown date?",
            zh=f"{rows:,} 行的日期为 {day(first, 'zh')}，比其余各行早 "
            f"{(days.iloc[1] - first).days:,} 天：是否代表日期不详？",
        )
    apart = (last - days.iloc[-2]).days
    if apart > APART:
        rows = int(daily["rows"].iloc[-1])
        yield caution(
            "last_day_apart",
            en=f"{rows:,} rows are dated {day(last, 'en')}, {apart:,} days after all others; "
            "every silence is counted to that day. If it is wrong, set "
            f"as_of = {days.iloc[-2]:%Y-%m-%d}.",
            zh=f"{rows:,} 行的日期为 {day(last, 'zh')}，比其余各行晚 {apart:,} 天，"
            "而沉默时间均计至该日。若有误，请设 "
            f"as_of = {days.iloc[-2]:%Y-%m-%d}。",
        )


def _gaps(daily: pd.DataFrame) -> Iterator[Finding]:
    """Say which stretches without any row are long against the usual ones."""
    days = daily.index.to_series()
    apart = days.diff().dt.days.iloc[1:]
    usual = float(apart.quantile(0.99))
    long = apart[(apart > 7) & (apart > 3 * usual) & (apart <= APART)]
    if long.empty:
        return
    worst = long.sort_values(ascending=False, kind="stable").head(SHOWN)
    ends = [(pd.Timestamp(str(end)), int(length)) for end, length in worst.items()]
    english, chinese = (
        between.join(
            f"{day(end - pd.Timedelta(days=length), lang)} {dash} {day(end, lang)}"
            for end, length in ends
        )
        for lang, between, dash in SIGNS
    )
    yield caution(
        "gaps",
        en=f"{len(long):,} stretches have no row at all, the longest {int(worst.iloc[0])} days "
        f"({english}): was the shop closed, or is a file missing?",
        zh=f"有 {len(long):,} 段时间没有任何记录，最长 {int(worst.iloc[0])} 天（{chinese}）："
        "是停业，还是缺了文件？",
    )


def _spikes(daily: pd.DataFrame) -> Iterator[Finding]:
    """Say which days have far more rows than is usual on that weekday."""
    logs = pd.Series(np.log(daily["rows"].to_numpy("float64")), index=daily.index)
    middle, spread = median_and_spread(logs)
    spread = max(spread, 0.1)
    high = daily.loc[logs > middle + SPIKE * spread, "rows"]
    if high.empty:
        return
    worst = high.sort_values(ascending=False, kind="stable").head(SHOWN)
    usual = float(daily["rows"].median())
    english, chinese = (
        between.join(f"{day(pd.Timestamp(str(d)), lang)} {rows:,}" for d, rows in worst.items())
        for lang, between, _ in SIGNS
    )
    level = caution if worst.iloc[0] >= 10 * usual else note
    yield level(
        "spikes",
        en=f"{len(high):,} days have far more rows than the usual {usual:,.0f} ({english}): a "
        "campaign, or a load of old records?",
        zh=f"有 {len(high):,} 天的行数远多于通常的 {usual:,.0f} 行（{chinese}）："
        "是促销，还是补录的旧数据？",
    )
