"""What an avoided failure of service is worth: the points that it costs, and what they bring."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.worth.leaving import Shift
from crmlab.worth.point import UNIT, Chain, intervals, resampled

LEAST = 20  # answers soon after a failure
WEEKS_IN_MONTH = 365.25 / 12 / 7


def felt(scores: pd.DataFrame, failures: pd.DataFrame, *, days: int = 60) -> pd.Series:
    """Return whether each answer came within `days` after a failure (0 or 1).

    Parameters
    ----------
    scores : DataFrame
        ``customer_id`` and ``surveyed_on``.
    failures : DataFrame
        ``customer_id`` and ``failed_on``: complaints that were right and not made good.
    """
    both = scores[["customer_id", "surveyed_on"]].reset_index(names="row")
    both = both.merge(failures[["customer_id", "failed_on"]], on="customer_id")
    age = (pd.to_datetime(both["surveyed_on"]) - pd.to_datetime(both["failed_on"])).dt.days
    rows = both.loc[age.between(0, days), "row"]
    return pd.Series(scores.index.isin(rows).astype("float64"), scores.index, name="felt")


def unrecovered(complaints: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Return the failures up to `today`: complaints that were right and not made good.

    ``customer_id`` and ``failed_on``, from ``complained_on``, ``valid`` and ``recovered``.
    """
    right = complaints["valid"].fillna(False).astype(bool)
    good = complaints["recovered"].fillna(False).astype(bool)
    held = complaints[right & ~good & (complaints["complained_on"] <= today)]
    return held[["customer_id"]].assign(failed_on=held["complained_on"])


def drop(
    scores: pd.DataFrame, felt: pd.Series, *, draws: int = 200, seed: int = 2026
) -> pd.DataFrame:
    """Return by how many points satisfaction is lower soon after a failure.

    Each customer is compared with itself at other waves (fixed effects of customers; wave
    means are taken out before), so that customers who are never content, and complain more,
    do not count as an effect of failures.

    Returns
    -------
    DataFrame
        Row ``drop``: ``value``, ``low``, ``high`` (95 %, resampling customers), in points.
        Its attribute ``draws`` (in ``attrs``) holds the resamples.

    Raises
    ------
    NotEnough
        If fewer than 20 answers were given soon after a failure by customers who answered
        at other times too.
    """
    rows = scores[["customer_id", "wave", "satisfaction_score"]].assign(felt=felt).dropna()
    names = ["satisfaction_score", "felt"]
    away = rows[names] - rows.groupby("wave")[names].transform("mean")
    away = away - away.groupby(rows["customer_id"]).transform("mean")
    code, known = pd.factorize(rows["customer_id"])
    y, x = away["satisfaction_score"].to_numpy(), away["felt"].to_numpy()
    often = rows.groupby("customer_id")["wave"].transform("size") > 1
    soon = int(((rows["felt"] > 0) & often).sum())
    if soon < LEAST:
        raise NotEnough(
            en=f"{soon} answers were given soon after a failure; {LEAST} are needed.",
            zh=f"失误发生后不久作答的有 {soon} 份；至少需要 {LEAST} 份。",
        )
    sums = np.column_stack([np.bincount(code, x * y), np.bincount(code, x * x)])
    w = resampled(len(known), draws, seed)
    slope = pd.DataFrame({"drop": (w @ sums[:, 0]) / (w @ sums[:, 1])})
    table = intervals(slope)
    table.attrs["draws"] = slope["drop"].to_numpy()
    return table


def avoided(chains: Mapping[str, Chain], drops: np.ndarray, *, months: float = 3) -> pd.DataFrame:
    """Return what avoiding one failure is worth, for the mean customer of each chain.

    A failure lowers satisfaction by the drop for `months`, and with it the odds of leaving
    rise for as long. What a failure does beside satisfaction is not in it.

    Parameters
    ----------
    chains : mapping
        Kind of customer → chain, with as many resamples each.
    drops : array
        Points, usually below 0: the estimate, then resamples, as many as the chains have.
    months : float
        How long it is felt: a judgement.

    Returns
    -------
    DataFrame
        Indexed by kind, ``all_customers`` last: ``value``, ``low``, ``high`` in money.
    """
    lasting, found = months * WEEKS_IN_MONTH, {}
    for kind, chain in chains.items():
        odds = chain.thetas[:, -1] * drops / UNIT
        each = [chain.money(n, Shift(), Shift(odds=o, lasting=lasting)) for n, o in enumerate(odds)]
        found[kind] = [float(chain.mean(n, now - worse)) for n, (now, worse) in enumerate(each)]
    draws = pd.DataFrame(found)
    sizes = [len(chain.each) for chain in chains.values()]
    draws["all_customers"] = np.average(draws, axis=1, weights=sizes)
    return intervals(draws).rename_axis("kind")
