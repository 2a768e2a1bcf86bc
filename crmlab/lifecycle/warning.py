"""Early warning: who leaves next, how good such a list is out of sample, and whom it pays to call.

A **landmark** is a day on which one looks at those who are there, with what was known
then. Landmarks of the past, followed up to a day, are what a model is fitted to; those
present on that day are whom it is tested on.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.errors import DataError
from crmlab.intervals import wilson
from crmlab.lifecycle.accuracy import brier_rows, concordance, integrated
from crmlab.lifecycle.changing import MONTH, no_overlap
from crmlab.lifecycle.cox import Cox, log_hazard
from crmlab.lifecycle.survival import kaplan_meier

DRAWS = 200  # of the bootstrap


def landmark_rows(
    lives: pd.DataFrame,
    days: Sequence[pd.Timestamp],
    *,
    until: pd.Timestamp,
    horizon: float = np.inf,
) -> pd.DataFrame:
    """Return, for each landmark, those who are there, and what came of them by `until`.

    Parameters
    ----------
    lives : DataFrame
        ``customer_id``, ``began_on``, ``ended_on``, ``observed``, as from `contract_lives`;
        other columns are kept.
    days : sequence of Timestamp
        The landmarks: who began before the day and had not left by its beginning is there,
        also on the morning after the last day observed.
    until : Timestamp
        Last day that the rows may know of; later ends are censored then.
    horizon : float
        Months that are looked ahead: what comes later is censored then.

    Returns
    -------
    DataFrame
        ``customer_id``, ``day`` (the landmark), ``tenure`` (months since the life began),
        ``duration`` (months from the landmark on) and ``observed``, in place of the days.

    Raises
    ------
    DataError
        As from `no_overlap`, or if a landmark is after `until`.

    References
    ----------
    van Houwelingen, H. C. (2007). Dynamic prediction by landmarking in event history
    analysis. Scandinavian Journal of Statistics 34, 70-85.
    """
    no_overlap(lives)
    if late := [day for day in days if day > until]:
        raise DataError(
            en=f"The landmark {late[0]:%Y-%m-%d} is after the last day known, {until:%Y-%m-%d}.",
            zh=f"观察点 {late[0]:%Y-%m-%d} 晚于最后已知日期 {until:%Y-%m-%d}。",
        )
    each = lives.reset_index(drop=True).merge(pd.DataFrame({"day": list(days)}), how="cross")
    seen_to = each["ended_on"] + pd.to_timedelta((~each["observed"]).astype("int64"), unit="D")
    each = each[(each["began_on"] < each["day"]) & (seen_to >= each["day"])]
    known = each["ended_on"] <= until
    end = each["ended_on"].where(known, until)
    lasted = ((end - each["day"]).dt.days + 1) / MONTH
    found = each.drop(columns=["began_on", "ended_on", "duration"], errors="ignore").assign(
        tenure=(each["day"] - each["began_on"]).dt.days / MONTH,
        duration=lasted.clip(upper=horizon),
        observed=each["observed"] & known & (lasted <= horizon),
    )
    return found.reset_index(drop=True)


def accuracy(
    lives: pd.DataFrame,
    model: Cox,
    times: Sequence[float],
    *,
    known: pd.DataFrame,
    draws: int = DRAWS,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return how well a model foretells lives that it has not seen, with 95 % intervals.

    Parameters
    ----------
    lives, model, times, known
        As in `brier`.
    draws, seed : int
        Of the bootstrap: whole rows of `lives` are drawn, the model stays as it is.

    Returns
    -------
    DataFrame
        Indexed by ``measure``: ``concordance`` (a half is chance), ``integrated_brier``,
        ``brier_without`` (the same curve for all) and ``brier_gain`` (1 − their quotient:
        the part of the error that the model takes away), each with ``low`` and ``high``.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap.
    """
    risk, rng = log_hazard(lives, model), np.random.default_rng(seed)
    rows = lives.drop(columns="weight", errors="ignore").reset_index(drop=True)
    risk = risk.reset_index(drop=True)
    each = brier_rows(rows, model, times, known=known)
    counts = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=draws)
    value, *drawn = (_measures(rows, risk, w, each, times) for w in [np.ones(len(rows)), *counts])
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    names = ["concordance", "integrated_brier", "brier_without", "brier_gain"]
    table = {"value": value, "low": low, "high": high}
    return pd.DataFrame(table, pd.Index(names, name="measure"))


def _measures(
    rows: pd.DataFrame, risk: pd.Series, weight: np.ndarray,
    each: tuple[np.ndarray, np.ndarray], times: Sequence[float],
) -> list[float]:  # fmt: skip
    """Return the four measures of lives that count `weight` times each."""
    drawn = weight > 0
    scores = [integrated(weight @ part / weight.sum(), times) for part in each]
    right = concordance(rows[drawn].assign(weight=weight[drawn]), risk[drawn])
    return [right, *scores, 1 - scores[0] / scores[1]]


def risk_groups(
    lives: pd.DataFrame, chance: pd.Series, horizon: float, groups: int = 4
) -> pd.DataFrame:
    """Return what was foretold and what came, by groups of equal size from the lowest chance up.

    Parameters
    ----------
    lives : DataFrame
        ``duration`` and ``observed``, of customers that gave nothing to the forecast.
    chance : Series
        Foretold chance to leave within `horizon`, indexed like `lives`.
    horizon : float
        In the unit of the durations.
    groups : int
        How many; equal chances stay together.

    Returns
    -------
    DataFrame
        Indexed by ``risk_group`` from 1: ``customers``, ``foretold`` (mean chance) and
        ``came``, the Kaplan–Meier share that left by then, with ``low`` and ``high``.
    """
    rank = chance.rank(method="average", pct=True)
    number = np.ceil(rank * groups).clip(1, groups).astype("int64")
    group = pd.Series(number, chance.index, name="risk_group")
    table = chance.groupby(group).agg(customers="size", foretold="mean")
    by_group = lives[["duration", "observed"]].assign(risk_group=group)
    curve = kaplan_meier(by_group, "risk_group")
    left = curve[curve["time"] <= horizon].groupby("group").last()
    left.index = left.index.astype("int64")
    came = 1 - left[["survival", "high", "low"]].set_axis(["came", "low", "high"], axis=1)
    return table.join(came)


def lift(
    lives: pd.DataFrame,
    chance: pd.Series,
    horizon: float,
    shares: Sequence[float] = (0.1, 0.2, 0.3, 0.5),
) -> pd.DataFrame:
    """Return how many of those who left stood at the top of the list, and how many by chance.

    Parameters
    ----------
    lives, chance, horizon
        As in `risk_groups`; all must be known to the horizon, or to have left before.
    shares : sequence of float
        Parts of the list from the top, each above 0 and up to 1.

    Returns
    -------
    DataFrame
        Indexed by ``list_share``: ``customers`` on it, ``left_in_time`` of them, ``caught`` (their
        share of all who left) with Wilson's ``low`` and ``high``, and ``lift``: how often
        they left, as a multiple of all customers' rate.

    Raises
    ------
    ValueError
        If a share is outside its range.
    DataError
        If somebody is lost to sight before the horizon.
    """
    if not all(0 < share <= 1 for share in shares):
        raise ValueError(f"shares must be above 0 and up to 1, got {list(shares)}")
    left = left_within(lives, horizon)
    order = np.argsort(-chance.to_numpy(), kind="stable")
    caught = np.append(0, np.cumsum(left.to_numpy()[order]))
    size = np.array([max(round(share * len(left)), 1) for share in shares])
    part, rate = caught[size], left.mean()
    low, high = wilson(part, np.full(len(size), left.sum()))
    table = {
        "customers": size, "left_in_time": part, "caught": part / max(left.sum(), 1), "low": low,
        "high": high, "lift": part / size / rate if rate else np.full(len(size), np.nan),
    }  # fmt: skip
    return pd.DataFrame(table, pd.Index(list(shares), name="list_share"))


def left_within(lives: pd.DataFrame, horizon: float) -> pd.Series:
    """Return who left within `horizon`; refuse lives that are lost to sight before.

    Raises
    ------
    DataError
        With how many there are.
    """
    unknown = int((~lives["observed"] & (lives["duration"] < horizon)).sum())
    if unknown:
        raise DataError(
            en=f"{unknown:,} of {len(lives):,} customers are not seen up to {horizon:g}: "
            "take an earlier landmark or a shorter horizon.",
            zh=f"{len(lives):,} 位客户中有 {unknown:,} 位未观察到 {horizon:g}："
            "请提前观察点或缩短期限。",
        )
    return (lives["observed"] & (lives["duration"] <= horizon)).rename("left_in_time")


def net_gain(
    chance: pd.Series, value: pd.Series, *, cost: float, part: float = 1.0
) -> pd.DataFrame:
    """Return what an attempt at each customer is expected to bring, the best first.

    gain = chance × part × value − cost. To keep a customer: `chance` is that of leaving,
    `part` of those who would leave stay because of the contact, and bring their `value`. To
    win one back: `chance` is that of the return, `value` that of the second life. So the
    cut-off is not one chance for all; it is cost ÷ (part × value).

    Parameters
    ----------
    chance : Series
        0 to 1, by customer.
    value : Series
        Money, indexed alike.
    cost : float
        Of an attempt, money, 0 or more.
    part : float
        Above 0 and up to 1. No data without a control group tell it.

    Returns
    -------
    DataFrame
        ``chance``, ``value``, ``cut_off`` (the chance from which it pays, missing where none
        does), ``net_gain``, ``total_gain`` (down to this row) and ``pays``.

    Raises
    ------
    ValueError
        If an option or a chance is out of its range.

    References
    ----------
    Neslin, S. A. et al. (2006). Defection detection: measuring and understanding the
    predictive accuracy of customer churn models. Journal of Marketing Research 43.
    Stauss, B. and Friege, C. (1999). Regaining service customers. Journal of Service
    Research 1(4), 347-361: the value of a second life.
    """
    if not (0 < part <= 1 and cost >= 0):
        raise ValueError(f"part must be above 0 and up to 1, cost 0 or more, got {part}, {cost}")
    if not chance.between(0, 1).all():
        raise ValueError("chance must be 0 to 1, and never missing")
    worth = part * value
    with np.errstate(divide="ignore", invalid="ignore"):
        cut_off = cost / worth.clip(lower=0)
    told = {"chance": chance, "value": value, "cut_off": cut_off.where(cut_off <= 1)}
    table = pd.DataFrame(told).assign(net_gain=chance * worth - cost)
    order = table.round(9).sort_values(["net_gain", "chance"], ascending=False, kind="stable").index
    table = table.loc[order]
    return table.assign(total_gain=table["net_gain"].cumsum(), pays=table["net_gain"] > 0)
