"""Findings on amounts: refunds, zeros, outliers."""

from collections.abc import Iterator

import numpy as np

from crmlab.check.base import Seen, finding, percent_of
from crmlab.customers import days
from crmlab.errors import Finding

FAR = 5.0  # robust standard deviations of log amounts
ENOUGH = 100  # sale lines from which outliers are looked for


def found(seen: Seen) -> Iterator[Finding]:
    """Say how much was taken back, how much was free, and which amounts stand apart."""
    yield from _refunds(seen)
    yield from _zeros(seen)
    yield from _outliers(seen)


def _refunds(seen: Seen) -> Iterator[Finding]:
    count, taken = int(seen.totals["refunds"]), -seen.totals["below"]
    if not count:
        return
    sold = seen.totals["amount"] + taken
    share = taken / sold if sold else float("inf")
    en, zh = seen.both(taken)
    days_en, days_zh = _days_below(seen)
    yield finding(
        "refunds",
        is_caution=share >= 0.1,
        en=f"Lines that are refunds or cancellations: {count:,}, {en} or "
        f"{percent_of(share, 'en')} of sales.{days_en}",
        zh=f"退款或取消共 {count:,} 行，{zh}，占销售额的 {percent_of(share, 'zh')}。{days_zh}",
    )


def _days_below(seen: Seen) -> tuple[str, str]:
    """Say how many customer-days refunds take below zero, and how they can be dated otherwise."""
    by_day = days(seen.lines, as_of=seen.as_of)
    below = int(by_day.filter(by_day.amount < 0).count().execute())
    en = f" Days of a customer that end below zero, which are no purchases: {below:,}."
    zh = f"有 {below:,} 个客户日因此低于零，不计为购买。"
    en, zh = (en, zh) if below else ("", "")
    if "order_id" not in seen.table.columns or _is_dated(seen):
        return en, zh
    return (
        f'{en} refunds = "original_order" would date them by their order.',
        f'{zh}设 refunds = "original_order" 可改按原订单日计。',
    )


def _is_dated(seen: Seen) -> bool:
    return any(note.code == "refunds_dated" for note in seen.lines.notes)


def _zeros(seen: Seen) -> Iterator[Finding]:
    if not (count := int(seen.totals["zeros"])):
        return
    share = count / seen.rows
    yield finding(
        "zero_amounts",
        is_caution=share >= 0.05,
        en=f"Rows with an amount of zero: {count:,} ({percent_of(share, 'en')}). Gifts, samples, "
        "or a price that is missing? They count as purchases.",
        zh=f"{count:,} 行（{percent_of(share, 'zh')}）金额为零：是赠品、样品，还是缺了价格？"
        "它们按购买计入。",
    )


def _outliers(seen: Seen) -> Iterator[Finding]:
    """Say which amounts lie far from the others on a log scale, and what they weigh."""
    sales = seen.table.filter(seen.table.amount > 0)
    amount = sales.amount.cast("float64")
    count, middle = sales.aggregate(n=sales.count(), m=amount.ln().median()).to_pandas().iloc[0]
    if count < ENOUGH:
        return
    away = (amount.ln() - float(middle)).abs()
    spread = float(sales.aggregate(s=away.median()).to_pandas().iloc[0, 0])
    if not spread > 0:
        return
    limit = float(np.exp(float(middle) + FAR * 1.4826 * spread))
    told = sales.aggregate(n=(amount > limit).sum(), a=amount.sum(where=amount > limit))
    beyond, held = told.to_pandas().fillna(0).iloc[0]
    if not beyond:
        return
    share = float(held) / (seen.totals["amount"] - seen.totals["below"])
    en, zh = seen.both(limit)
    yield finding(
        "outliers",
        is_caution=share >= 0.05,
        en=f"Lines above {en}, far from the others: {int(beyond):,}, with "
        f"{percent_of(share, 'en')} of sales. Are they real, and not typed in another unit?",
        zh=f"{int(beyond):,} 行金额高于 {zh}，远离其余各行，"
        f"占销售额的 {percent_of(share, 'zh')}：是否属实，有无单位录错？",
    )
