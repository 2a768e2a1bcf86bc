"""Findings on days: gaps, spikes, days that cannot be, a last period that is not over."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crmlab.check.base import BETWEEN, Seen, caution, finding, note
from crmlab.errors import Finding
from crmlab.lang import Lang, day, number

NEEDS = 30  # days with sales below which nothing is said of rhythm
APART = 365  # days without a row that no shop rests
FEW = 0.05  # share of rows up to which days that stand apart are no part of the business
STAND_INS = ("1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02", "1904-01-01", "1970-01-01")
SPIKE, TIMES = 8.0, 3.0  # a spike: so many robust standard deviations, and so many usual days
GAP = 4  # days from one row to the next that are never a gap below this
AROUND, RARE = 30, 10.0  # days before and after a gap; minus the log of its chance
LONG = 8  # empty days from which a gap calls for attention: longer than a holiday week
SHOWN = 3
TO: dict[Lang, str] = {"en": " to ", "zh": "至"}


def found(seen: Seen) -> Iterator[Finding]:
    """Say what is odd in the days of the data."""
    daily = seen.daily
    inside = _inside(daily)
    if inside.index[0] > daily.index[0]:
        yield _too_early(daily, inside.index[0])
    if inside.index[-1] < daily.index[-1]:
        yield _too_late(daily, inside.index[-1])
    else:
        yield from _unseen(inside, pd.Timestamp(seen.until))
    if len(inside) < NEEDS:
        return
    yield from _gaps(inside)
    yield from _spikes(inside)
    yield from _hours(seen)
    yield from _unfinished(inside)


def _inside(daily: pd.Series) -> pd.Series:
    """Return the days that belong together: without few rows that stand years apart."""
    total = daily.sum()
    cuts = np.flatnonzero(np.diff(daily.index.to_numpy()) > np.timedelta64(APART, "D")) + 1
    first = max((c for c in cuts if daily.iloc[:c].sum() <= FEW * total), default=0)
    last = min((c for c in cuts if daily.iloc[c:].sum() <= FEW * total), default=len(daily))
    if first == 0 and len(daily) > 1 and str(daily.index[0].date()) in STAND_INS:
        first = 1
    return daily.iloc[first:last] if first < last else daily


def _too_early(daily: pd.Series, first: pd.Timestamp) -> Finding:
    rows = int(daily[daily.index < first].sum())
    en, zh = (day(daily.index[0], lang) for lang in BETWEEN)
    begin_en, begin_zh = (day(first, lang) for lang in BETWEEN)
    return caution(
        "first_day_apart",
        en=f"Rows dated {en} or soon after: {rows:,}; all others begin on {begin_en}. Does that "
        "date stand for an unknown one? Leave its cells empty in the file.",
        zh=f"{rows:,} 行的日期在 {zh}前后，其余各行始于 {begin_zh}：该日期是否代表日期不详？"
        "请在文件中将其留空。",
    )


def _too_late(daily: pd.Series, last: pd.Timestamp) -> Finding:
    rows = int(daily[daily.index > last].sum())
    en, zh = (day(daily.index[-1], lang) for lang in BETWEEN)
    end_en, end_zh = (day(last, lang) for lang in BETWEEN)
    return caution(
        "last_day_apart",
        en=f"Rows dated up to {en}: {rows:,}; all others end on {end_en}. Every silence is "
        f"counted to the last day: if those dates are wrong, set as_of = {last:%Y-%m-%d}.",
        zh=f"{rows:,} 行的日期晚至 {zh}，其余各行止于 {end_zh}。沉默时间均计至最后一日；"
        f"若日期有误，请设 as_of = {last:%Y-%m-%d}。",
    )


def _usual(daily: pd.Series) -> float:
    """Return how many days pass from one row to the next at most, but for one in twenty."""
    return float(np.quantile(np.diff(daily.index.to_numpy()) / np.timedelta64(1, "D"), 0.95))


def _unseen(daily: pd.Series, until: pd.Timestamp) -> Iterator[Finding]:
    """Say whether the data end long before the day to which they are counted."""
    silent = (until - daily.index[-1]).days
    if len(daily) < NEEDS or silent <= max(7, 3 * _usual(daily)):
        return
    last_en, last_zh = (day(daily.index[-1], lang) for lang in BETWEEN)
    until_en, until_zh = (day(until, lang) for lang in BETWEEN)
    yield caution(
        "as_of_after_data",
        en=f"The last row is of {last_en}, but everything is counted to {until_en}, {silent:,} "
        f"days later: is a file missing? Else set as_of = {daily.index[-1]:%Y-%m-%d}.",
        zh=f"最后一行为 {last_zh}，却计至 {until_zh}，相差 {silent:,} 天：是否缺了文件？"
        f"否则请设 as_of = {daily.index[-1]:%Y-%m-%d}。",
    )


def _gaps(daily: pd.Series) -> Iterator[Finding]:
    """Say which stretches without any row are long against the usual ones."""
    days = daily.index.to_series()
    apart = days.diff().dt.days.iloc[1:]
    long = apart[(apart >= GAP) & (apart > 3 * _usual(daily))].astype("int64") - 1
    long = long[[_surprise(daily, pd.Timestamp(str(end)), n) >= RARE for end, n in long.items()]]
    if long.empty:
        return
    worst = long.sort_values(ascending=False, kind="stable").head(SHOWN)
    english, chinese = (_stretches(worst, lang) for lang in BETWEEN)
    yield finding(
        "gaps",
        is_caution=int(long.max()) >= LONG,
        en=f"Stretches of days without any row: {len(long):,}, the longest {int(long.max()):,} "
        f"days ({english}): was the shop closed, or is a file missing?",
        zh=f"有 {len(long):,} 段日子没有任何记录，最长 {int(long.max()):,} 天（{chinese}）："
        "是停业，还是缺了文件？",
    )


def _surprise(daily: pd.Series, end: pd.Timestamp, length: int) -> float:
    """Return how rare a gap is: minus the log of its chance, if the days around it came alike."""
    first, last = end - pd.Timedelta(days=length + AROUND), end + pd.Timedelta(days=AROUND - 1)
    first, last = max(first, daily.index[0]), min(last, daily.index[-1])
    filled = len(daily[first:last]) / ((last - first).days + 1)
    return float(-length * np.log(1 - filled))


def _stretches(lengths: pd.Series, lang: Lang) -> str:
    """Return the first and the last empty day of each stretch; it is indexed by the next row."""
    ends = [(pd.Timestamp(str(end)), int(length)) for end, length in lengths.items()]
    return BETWEEN[lang].join(
        f"{day(end - pd.Timedelta(days=length), lang)}{TO[lang]}"
        f"{day(end - pd.Timedelta(days=1), lang)}"
        for end, length in ends
    )


def _spikes(daily: pd.Series) -> Iterator[Finding]:
    """Say which days have far more rows than usual; on a root's scale, where counts vary alike."""
    roots, usual = 2 * np.sqrt(daily), float(daily.median())
    middle = float(roots.median())
    spread = max(1.0, 1.4826 * float((roots - middle).abs().median()))
    high = daily[(roots > middle + SPIKE * spread) & (daily >= TIMES * usual)]
    if high.empty:
        return
    worst = high.sort_values(ascending=False, kind="stable").head(SHOWN)
    english, chinese = (
        BETWEEN[lang].join(
            _times(pd.Timestamp(str(d)), rows, usual, lang) for d, rows in worst.items()
        )
        for lang in BETWEEN
    )
    yield finding(
        "spikes",
        is_caution=int(high.max()) >= 10 * usual,
        en=f"Days with far more rows than the usual {number(usual, 'en')}: {len(high):,}; "
        f"{english}. A campaign, or old records loaded on one date?",
        zh=f"有 {len(high):,} 天的行数远多于通常的 {number(usual, 'zh')} 行：{chinese}。"
        "是促销，还是旧数据集中记在同一天？",
    )


def _times(when: pd.Timestamp, rows: int, usual: float, lang: Lang) -> str:
    form = {"en": "{} {:,} ({:,.0f} times)", "zh": "{} {:,} 行（{:,.0f} 倍）"}[lang]
    return form.format(day(when, lang), rows, rows / usual)


def _hours(seen: Seen) -> Iterator[Finding]:
    """Say whether the quietest hours are those of the day, as with times of another zone."""
    table = seen.table
    hour = table.order_date.hour().name("hour")
    told = table.group_by(hour).aggregate(n=table.count()).to_pandas().set_index("hour")["n"]
    counts = told.reindex(range(24), fill_value=0).to_numpy("float64")
    if seen.rows < 1_000 or (counts > 0).sum() < 12:
        return
    six = np.convolve(np.r_[counts, counts[:5]], np.ones(6), "valid")  # six hours from each
    quiet = int(six.argmin())
    if not 10 <= quiet <= 17 or six[quiet] > 0.1 * counts.sum():
        return
    yield caution(
        "hours_shifted",
        en=f"The fewest rows are from {quiet}:00 to {quiet + 6}:00, when shops sell: are the times "
        "those of another zone? Then days are cut in the wrong place; give the times their zone "
        "in the export, and the source its time_zone.",
        zh=f"{quiet} 时至 {quiet + 6} 时的行数最少，而此时本应营业：时间是否属于另一时区？"
        "若是，则日期划分有误；请在导出的时间中带上时区，并在数据源中设 time_zone。",
    )


def _unfinished(daily: pd.Series) -> Iterator[Finding]:
    """Say whether the last month is not over, by the usual rhythm."""
    last = daily.index[-1]
    left = (last + pd.offsets.MonthEnd(0) - last).days
    if left <= 3 * max(_usual(daily), 1):
        return
    en, zh = (day(last, lang) for lang in BETWEEN)
    yield note(
        "last_month_unfinished",
        en=f"The last month ends on {en}, {left} days early: do not compare it with whole months.",
        zh=f"最后一个月只到 {zh}，还差 {left} 天：勿与完整月份相比。",
    )
