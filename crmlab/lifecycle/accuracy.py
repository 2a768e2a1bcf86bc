"""How well a model of survival tells who leaves first, and when: concordance, Brier score.

Both are for customers whom the model has not seen: its own flatter it. Lives are as for
Kaplan–Meier: ``duration`` (or ``stop``), ``observed``, ``weight`` if there is one. Where
they have a ``start``, only those who were there when another left are compared with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.lifecycle.cox import Cox, predicted_survival
from crmlab.lifecycle.fitness import clock, weights


@dataclass(frozen=True)
class Brier:
    """Brier scores over time, and their mean over the span of the times.

    `scores` is indexed by ``time``: ``brier`` of the model, ``brier_without`` of a
    Kaplan–Meier curve that is the same for all. 0 is perfect; 0.25 is a coin's.
    """

    scores: pd.DataFrame
    integrated: float
    integrated_without: float


def concordance(lives: pd.DataFrame, risk: pd.Series, strata: str | None = None) -> float:
    """Return Harrell's concordance: how often the one of higher risk leaves first.

    Parameters
    ----------
    lives : DataFrame
        ``duration`` or ``stop``, ``observed``, and ``start``, ``weight`` if there are any.
    risk : Series
        A score per row of `lives`, higher for those who leave sooner, as `log_hazard`.
    strata : str, optional
        Column: only lives of the same stratum are compared.

    Returns
    -------
    float
        From 0 to 1; a half is chance. Equal risks count a half. Lives that end with the
        event at the same time are not compared; one censored then has survived it.

    Raises
    ------
    ValueError
        If `risk` has another index than `lives`.
    NotEnough
        If no two lives can be compared.

    References
    ----------
    Harrell, F. E., Lee, K. L. and Mark, D. B. (1996). Multivariable prognostic models.
    Statistics in Medicine 15, 361-387.
    """
    if not risk.index.equals(lives.index):
        raise ValueError("risk must have the index of lives")
    group = np.zeros(len(lives)) if strata is None else lives[strata]
    parts = lives.groupby(group).indices.values()  # row numbers: an index may repeat
    counted = [_pairs(lives.iloc[part], risk.iloc[part]) for part in parts]
    right, pairs = np.sum(counted, axis=0) if counted else (0, 0)
    if not pairs:
        raise NotEnough(
            en="No two customers can be compared: nobody was still there when another left.",
            zh="没有可比较的客户对：任何客户流失时都没有其他客户仍在。",
        )
    return float(right / pairs)


def _pairs(lives: pd.DataFrame, risk: pd.Series) -> np.ndarray:
    """Return the concordant pairs, ties as halves, and all pairs that can be compared."""
    start, stop = (each.to_numpy("float64") for each in clock(lives))
    seen = lives["observed"].to_numpy("bool")
    weight = weights(lives).to_numpy("float64")
    score = np.unique(risk.to_numpy(), return_inverse=True)[1]
    # those who end at the time of an event, but censored, are still there just after it
    ends = np.unique(np.concatenate([stop, start]), return_inverse=True)[1] * 2
    end, begin = ends[: len(stop)] + ~seen, ends[len(stop) :] + 1
    late = begin >= end[seen].min(
        initial=end.max(initial=0)
    )  # who begin before any event are there
    there = _lower(end, score, weight, end[seen] + 1, score[seen])
    not_yet = _lower(begin[late], score[late], weight[late], end[seen] + 1, score[seen])
    return (weight[seen] * (there - not_yet)).sum(axis=1)


def _lower(
    when: np.ndarray, score: np.ndarray, weight: np.ndarray,
    since: np.ndarray, than: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return, per query, the weight of rows of `when` >= `since` with a score under `than`.

    Equal scores count half. The second row of the answer is the weight whatever the
    score. Rows stand in order of time, latest first; those a query asks for are the
    first so many, which are made of blocks of a power of two, each sorted by score.
    """
    order = np.argsort(-when, kind="stable")
    score, weight = score[order], weight[order]
    many = np.searchsorted(-when[order], -since, side="right")
    found = np.zeros((2, len(since)))
    top = int(max(score.max(initial=0), than.max(initial=0))) + 1
    for bit in range(len(when).bit_length()):
        asks = (many >> bit) & 1 == 1
        block = np.arange(len(when)) >> bit
        by_score = np.argsort(block * top + score, kind="stable")
        keys = (block * top + score)[by_score]
        total = np.append(0.0, np.cumsum(weight[by_score]))
        first = (many[asks] >> (bit + 1)) << 1
        wanted = first * top + than[asks]
        under, to = (total[np.searchsorted(keys, wanted, side=s)] for s in ("left", "right"))
        begin = total[first << bit]
        found[0, asks] += (under + to) / 2 - begin
        found[1, asks] += total[(first + 1) << bit] - begin
    return found


def brier(lives: pd.DataFrame, model: Cox, times: Sequence[float], *, known: pd.DataFrame) -> Brier:
    """Return the Brier scores of a model's survival at `times`, out of sample.

    Parameters
    ----------
    lives : DataFrame
        Customers that `model` has not seen, with its covariates, all seen from zero on.
    model : Cox
        Fitted by `cox`, to covariates that do not change.
    times : sequence of float
        At least two, rising, in the unit of the durations, each before the end of `known`.
    known : DataFrame
        The lives that the model was fitted to: they tell how many are censored by when,
        and the curve that is the same for all.

    Returns
    -------
    Brier
        The integrated scores are means over time (trapezoids).

    Raises
    ------
    ValueError
        If times are not two or more that rise, or lives have a ``start`` above zero.
    NotEnough
        If nothing is known of a time, as nobody was seen so long.

    Notes
    -----
    Each life that is known at t counts with 1 / G, G the chance not to be censored
    before its event, or by t if it is still there: those censored would have been like
    the others. This holds where censoring has nothing to do with leaving.

    References
    ----------
    Graf, E., Schmoor, C., Sauerbrei, W. and Schumacher, M. (1999). Assessment and
    comparison of prognostic classification schemes for survival data. Statistics in
    Medicine 18, 2529-2545.
    """
    asked = np.asarray(times, dtype="float64")
    weight = weights(lives).to_numpy("float64")
    each = [weight @ rows / weight.sum() for rows in brier_rows(lives, model, times, known=known)]
    table = pd.DataFrame({"brier": each[0], "brier_without": each[1]}, pd.Index(asked, name="time"))
    return Brier(table, integrated(each[0], times), integrated(each[1], times))


def integrated(scores: np.ndarray, times: Sequence[float]) -> float:
    """Return the mean of scores over the span of their times, by trapezoids."""
    return float(np.trapezoid(scores, times) / (times[-1] - times[0]))


def brier_rows(
    lives: pd.DataFrame, model: Cox, times: Sequence[float], *, known: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return what each life adds to `brier` at each time: of the model, and of one curve for all.

    Lives by times, to be averaged with the lives' weights. Arguments and errors are as there.
    """
    asked = np.asarray(times, dtype="float64")
    if len(asked) < 2 or not (np.diff(asked) > 0).all():
        raise ValueError("times must be two or more, rising")
    if any((clock(each)[0] > 0).any() for each in (lives, known)):
        raise ValueError("lives must be seen from zero on: no start above zero")
    chance = predicted_survival(lives, model, times).to_numpy()
    same = np.broadcast_to(_left(known, asked, event=True), chance.shape)
    share = _shares(lives, known, asked)
    if not (np.isfinite(chance).all() and np.isfinite(share).all()):
        raise NotEnough(
            en="Nothing is known of the last of these times: ask for times before the last event.",
            zh="对这些时点中的最后一个一无所知：请改用最后一个事件之前的时点。",
        )
    there = clock(lives)[1].to_numpy()[:, None] > asked
    return (there - chance) ** 2 * share, (there - same) ** 2 * share


def _shares(lives: pd.DataFrame, known: pd.DataFrame, asked: np.ndarray) -> np.ndarray:
    """Return each life's share in the score at each time: none once it is censored."""
    stop, seen = clock(lives)[1].to_numpy("float64"), lives["observed"].to_numpy("bool")
    gone = (stop[:, None] <= asked) & seen[:, None]
    there = stop[:, None] > asked
    before = _left(known, stop, event=False, just_before=True)
    by = _left(known, asked, event=False)
    used = np.where(gone, before[:, None], np.where(there, by, np.inf))
    with np.errstate(divide="ignore"):
        return 1 / used


def _left(
    lives: pd.DataFrame, asked: np.ndarray, *, event: bool, just_before: bool = False
) -> np.ndarray:
    """Return the Kaplan–Meier share without the event, or not censored, at times asked for.

    Events come just before censoring at the same time, so that who has the event is no
    longer there to be censored. Beyond the longest life, the share is missing.
    """
    stop, seen = clock(lives)[1].to_numpy("float64"), lives["observed"].to_numpy("bool")
    weight = weights(lives).to_numpy("float64")
    times, nth = np.unique(stop, return_inverse=True)
    events, censored = (np.bincount(nth, weight * part, len(times)) for part in (seen, ~seen))
    at_risk = np.cumsum((events + censored)[::-1])[::-1]
    down = events / at_risk if event else censored / np.maximum(at_risk - events, 1e-300)
    share = np.append(1.0, np.cumprod(1 - down))
    found = share[np.searchsorted(times, asked, side="left" if just_before else "right")]
    return np.where(asked <= times[-1], found, np.nan)
