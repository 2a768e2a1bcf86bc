"""What segments are worth, whether they predict, and whether the data suffice."""

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri, stdtrit

from crmlab.errors import Finding
from crmlab.segment.base import LEVEL, Estimate, checked

FEWEST, FEW = 30, 150  # below the first no analysis; below the second a fifth has < 30
ONE_ORDER = 0.8  # above this share of one-time buyers, frequency says little

# Rows: margin per customer; columns: how many customers the segment has.
RELATIONSHIPS = {
    "high": {"few": "partnership", "some": "proactive", "many": "accountable"},
    "middle": {"few": "proactive", "some": "accountable", "many": "reactive"},
    "low": {"few": "accountable", "some": "reactive", "many": "basic"},
}


def profile(
    segments: pd.Series, values: pd.Series, weight: pd.Series | None = None
) -> pd.DataFrame:
    """Return how many customers each segment has and what they bring.

    Parameters
    ----------
    segments : Series
        Segment of each customer; categories that nobody has are shown with 0.
    values : Series
        Value per customer, in any unit.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    DataFrame
        Indexed by segment: ``customers``, ``share_customers``, ``value``,
        ``share_value`` with its 95 % interval ``share_low`` to ``share_high`` (of a
        ratio, linearised, on the logit scale; missing unless the share is between 0
        and 1), ``value_per_customer``, and ``value_index`` (share of value ÷ share
        of customers). The interval takes each customer's segment as given: for
        classes of a fixed size see `pyramid_profile` and `abc_profile`.

    Raises
    ------
    DataError
        If a value is missing.
    """
    amounts, sizes = checked(values, weight)
    each = pd.DataFrame({"n": sizes, "v": sizes * amounts, "v2": sizes * amounts**2})
    sums = each.groupby(_plain(segments), observed=False).sum()
    total = sums.sum()
    of_value = sums["v"] / (total["v"] or np.nan)
    of_customers = sums["n"] / total["n"]
    low, high = _share_interval(of_value, sums["v2"], total)
    return pd.DataFrame(
        {
            "customers": sums["n"],
            "share_customers": of_customers,
            "value": sums["v"],
            "share_value": of_value,
            "share_low": low,
            "share_high": high,
            "value_per_customer": sums["v"] / sums["n"].replace(0, np.nan),
            "value_index": of_value / of_customers.replace(0, np.nan),
        }
    )


def response(
    segments: pd.Series, outcome: pd.Series, weight: pd.Series | None = None
) -> pd.DataFrame:
    """Return what each segment's customers did afterwards: the test of a segmentation.

    Segments must come from before the outcome's period; else the test is no test.

    Parameters
    ----------
    segments : Series
        Segment of each customer at the start of the period.
    outcome : Series
        What the customer brought in the period, zero if nothing.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    DataFrame
        Indexed by segment: ``customers``, the ``mean`` outcome with its 95 %
        interval ``low`` to ``high`` (Student's t; not below zero if no outcome is;
        missing for fewer than two customers), ``share_active`` (with a positive
        outcome) and ``total``.

    Raises
    ------
    DataError
        If an outcome is missing.
    """
    amounts, sizes = checked(outcome, weight)
    each = pd.DataFrame(
        {
            "n": sizes,
            "v": sizes * amounts,
            "v2": sizes * amounts**2,
            "active": sizes * (amounts > 0),
        }
    )
    sums = each.groupby(_plain(segments), observed=False).sum()
    n = sums["n"].where(sums["n"] > 0)
    mean = sums["v"] / n
    spread = (sums["v2"] - n * mean**2).clip(lower=0) / (n - 1).where(n > 1)
    half = stdtrit(n - 1, (1 + LEVEL) / 2) * np.sqrt(spread / n)
    floor = 0 if (amounts >= 0).all() else None
    return pd.DataFrame(
        {
            "customers": sums["n"],
            "mean": mean,
            "low": (mean - half).clip(lower=floor),
            "high": mean + half,
            "share_active": sums["active"] / n,
            "total": sums["v"],
        }
    )


def uplift(table: pd.DataFrame, from_segment: str, to_segment: str) -> Estimate:
    """Return how much more a customer of one segment brought than one of another.

    The most that moving a customer between them can be worth, since the two also differ
    in other ways. The 95 % interval joins those of the two means.

    Parameters
    ----------
    table : DataFrame
        From `response`.
    from_segment, to_segment : str
        Two of its segments.
    """
    mean, reach = table["mean"], table["high"] - table["mean"]
    more = float(mean[to_segment] - mean[from_segment])
    half = float(np.hypot(reach[from_segment], reach[to_segment]))
    return Estimate(more, more - half, more + half)


def relationship_types(
    table: pd.DataFrame,
    *,
    few: float = 0.05,
    many: float = 0.2,
    low: float = 0.75,
    high: float = 1.5,
) -> pd.Series:
    """Return the kind of relationship each segment warrants, from number and margin.

    The more a customer of the segment brings and the fewer they are, the closer: from
    basic (sell, and no more) over reactive, accountable and proactive to partnership.

    Parameters
    ----------
    table : DataFrame
        From `profile`: ``share_customers`` and ``value_index``.
    few, many : float
        Shares of customers below which a segment is few, from which it is many.
    low, high : float
        Value per customer, × average, below which it is low, from which it is high.

    Returns
    -------
    Series
        Named ``relationship``; missing for a segment without customers.

    References
    ----------
    Kotler, P. and Armstrong, G. Principles of marketing: customer relationship levels.
    """
    size = np.select(
        [table["share_customers"] >= many, table["share_customers"] >= few], ["many", "some"], "few"
    )
    worth = np.select(
        [table["value_index"] >= high, table["value_index"] >= low], ["high", "middle"], "low"
    )
    kinds = [RELATIONSHIPS[w][s] for w, s in zip(worth, size, strict=True)]
    found = pd.Series(kinds, index=table.index, name="relationship", dtype="str")
    return found.where(table["share_customers"] > 0)


def ready(customers: pd.DataFrame) -> list[Finding]:
    """Return whether the data suffice to segment customers.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``orders``, ``spend``; optionally ``weight``.
    """
    weight = customers.get("weight", pd.Series(1.0, index=customers.index))
    checks = [
        _enough(weight),
        _spending(customers, weight),
        _once(customers, weight),
        _refunded(customers, weight),
    ]
    n = weight.sum()
    good = Finding(
        "ready",
        en=f"{n:,.0f} customers: enough for fifths of {n // 5:,.0f} each.",
        zh=f"{n:,.0f} 位客户：分成五份，每份 {n // 5:,.0f} 位，足够分析。",
    )
    return [finding for finding in checks if finding] or [good]


def _enough(weight: pd.Series) -> Finding | None:
    n = weight.sum()
    if n >= FEW:
        return None
    return Finding(
        "not_enough" if n < FEWEST else "caution",
        en=f"{n:,.0f} customers: only {n // 5:,.0f} in each fifth; {FEW} would be enough.",
        zh=f"{n:,.0f} 位客户：分成五份，每份仅 {n // 5:,.0f} 位；共 {FEW} 位才足够。",
    )


def _spending(customers: pd.DataFrame, weight: pd.Series) -> Finding | None:
    paying = weight[customers["spend"] > 0].sum()
    if paying >= 2:
        return None
    return Finding(
        "not_enough",
        en=f"{paying:,.0f} customers have spent anything; at least 2 are needed to compare.",
        zh=f"有消费的客户仅 {paying:,.0f} 位；至少需要 2 位才能比较。",
    )


def _once(customers: pd.DataFrame, weight: pd.Series) -> Finding | None:
    once = weight[customers["orders"] <= 1].sum() / (weight.sum() or np.nan)
    if not once > ONE_ORDER:
        return None
    return Finding(
        "caution",
        en=f"{once:.0%} of customers bought only once: the frequency score tells few of them "
        f"apart; {ONE_ORDER:.0%} or less would be enough.",
        zh=f"{once:.0%} 的客户只买过一次：购买频率得分难以区分他们；"
        f"不超过 {ONE_ORDER:.0%} 才足够。",
    )


def _refunded(customers: pd.DataFrame, weight: pd.Series) -> Finding | None:
    below = customers["spend"] < 0
    if not below.any():
        return None
    n, money = weight[below].sum(), (customers["spend"] * weight)[below].sum()
    return Finding(
        "caution",
        en=f"refunds take {n:,.0f} customers below zero ({money:,.2f} in all): their spend "
        "counts as zero in shares, Lorenz curve and Gini.",
        zh=f"退款使 {n:,.0f} 位客户的净消费为负（合计 {money:,.2f}）："
        "在占比、洛伦兹曲线和基尼系数中按零计。",
    )


def _share_interval(
    share: pd.Series, squares: pd.Series, total: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return the interval of each segment's share of value, a ratio of two sums."""
    inside = share.where((share > 0) & (share < 1))
    residual = squares * (1 - inside) ** 2 + (total["v2"] - squares) * inside**2
    n = total["n"]
    error = np.sqrt(residual * n / (n - 1 or np.nan)) / (total["v"] or np.nan)
    half = ndtri((1 + LEVEL) / 2) * error / (inside * (1 - inside))
    return expit(logit(inside) - half), expit(logit(inside) + half)


def _plain(segments: pd.Series) -> pd.Series:
    return segments.reset_index(drop=True)
