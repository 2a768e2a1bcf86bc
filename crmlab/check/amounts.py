"""Findings on amounts: refunds, zeros, outliers."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crmlab.check.base import Seen, caution, note, percent_of
from crmlab.errors import Finding

FAR = 5.0  # robust standard deviations of log amounts
ENOUGH = 100  # sale lines from which outliers are looked for


def found(seen: Seen) -> Iterator[Finding]:
    """Say how much was taken back, how much was free, and which amounts stand apart."""
    yield from _refunds(seen)
    yield from _zeros(seen)
    yield from _outliers(seen)


def _refunds(seen: Seen) -> Iterator[Finding]:
    count, below = seen.count("negative_amount"), seen.amount("negative_amount")
    if below is None:
        return
    sold = (seen.amount("rows_used") or 0.0) - below
    taken = seen.money(-below)
    share = -below / sold if sold else float("nan")
    level = caution if not share < 0.1 else note
    assert taken is not None  # an amount below zero is one
    yield level(
        "refunds",
        en=f"{count:,} lines are refunds or cancellations, {taken[0]} or "
        f"{percent_of(share, 'en')} of sales. They count on their own day; "
        'refunds = "original_order" dates them by the order that they take back.',
        zh=f"退款或取消共 {count:,} 行，{taken[1]}，占销售额的 {percent_of(share, 'zh')}。"
        '按退款当日计；设 refunds = "original_order" 则计入原订单日。',
    )


def _zeros(seen: Seen) -> Iterator[Finding]:
    if not (count := seen.count("zero_amount")):
        return
    level = caution if count >= 0.05 * seen.rows else note
    share = count / seen.rows
    yield level(
        "zero_amounts",
        en=f"{count:,} rows ({percent_of(share, 'en')}) have an amount of zero: gifts or samples? "
        "They count as purchases.",
        zh=f"{count:,} 行（{percent_of(share, 'zh')}）金额为零：是赠品或样品吗？它们按购买计入。",
    )


def _outliers(seen: Seen) -> Iterator[Finding]:
    """Say which amounts lie far from the others on a log scale, and what they weigh."""
    sales = seen.table.filter(seen.table.amount > 0)
    logs = sales.amount.cast("float64").ln()
    middle, count = sales.aggregate(m=logs.median(), n=sales.count()).to_pandas().iloc[0]
    if count < ENOUGH:
        return
    spread = sales.aggregate(s=(logs - float(middle)).abs().median()).to_pandas().iloc[0, 0]
    limit = float(np.exp(float(middle) + FAR * 1.4826 * float(spread)))
    if not spread > 0:
        return
    far = sales.filter(sales.amount.cast("float64") > limit)
    beyond, money = (
        far.aggregate(n=far.count(), a=far.amount.sum().cast("float64")).to_pandas().iloc[0]
    )
    if not beyond:
        return
    total = float(sales.amount.sum().cast("float64").execute())
    share, held = float(money) / total, seen.money(limit)
    assert held is not None  # a limit is an amount
    level = caution if share >= 0.05 else note
    yield level(
        "outliers",
        en=f"{int(beyond):,} lines are above {held[0]}, far from the others, and hold "
        f"{percent_of(share, 'en')} of sales: are they real, and not typed in another unit?",
        zh=f"{int(beyond):,} 行金额高于 {held[1]}，远离其余各行，"
        f"占销售额的 {percent_of(share, 'zh')}：是否属实，有无单位录错？",
    )


def median_and_spread(values: pd.Series) -> tuple[float, float]:
    """Return the median, and the robust standard deviation (1.4826 times the MAD)."""
    middle = float(values.median())
    return middle, 1.4826 * float((values - middle).abs().median())
