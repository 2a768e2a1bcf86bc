"""Whether satisfaction acts through loyalty, and which of the two foretells money better."""

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.intervals import Z95
from crmlab.worth.leaving import Histories, fit
from crmlab.worth.levels import Replicates
from crmlab.worth.point import UNIT, intervals, resampled

FOLDS = 10
LEAST = 100  # customers whose later margin is known


def through_loyalty(
    customers: pd.DataFrame, answers: Replicates, *, draws: int = 200, seed: int = 2026
) -> pd.DataFrame:
    """Return how much of what satisfaction does to leaving goes by way of stated loyalty.

    Two models of leaving: one with the lasting level of satisfaction, one with that of
    loyalty beside it. What satisfaction loses by that is said to go through loyalty. That
    holds only if nothing else moves both loyalty and leaving, and if the errors of both
    scores are as `Replicates` takes them: a mediator of which much is noise, or a second
    measure of the same feeling, looks like a way where there is none.

    Parameters
    ----------
    customers : DataFrame
        Histories in weeks, as in `crmlab.worth.chain`.
    answers : Replicates
        Of two scores: satisfaction, then loyalty.

    Returns
    -------
    DataFrame
        Rows ``total_effect``, ``direct_effect``, ``through_loyalty`` and ``loyalty_effect``
        (of loyalty at the same satisfaction), on the log odds of leaving for ten points:
        ``value``, ``low``, ``high`` (95 %, resampling customers).

    References
    ----------
    Imai, K., Keele, L. and Tingley, D. (2010). A general approach to causal mediation
    analysis. Psychological Methods 15(4), 309-334.
    """
    known = customers.join(answers.levels(), how="inner").sort_index()
    names = list(answers.centre.index)
    z = ((known[names] - known[names].mean()) / UNIT).to_numpy()
    one, two = fit(Histories.of(known, z[:, :1])), fit(Histories.of(known, z))
    w = resampled(len(known), draws, seed)
    alone, beside = one.parts.resampled(w)[:, -1], two.parts.resampled(w)[:, -2:]
    found = {
        "total_effect": alone, "direct_effect": beside[:, 0],
        "through_loyalty": alone - beside[:, 0], "loyalty_effect": beside[:, 1],
    }  # fmt: skip
    return intervals(pd.DataFrame(found))


def foretelling(
    known: pd.DataFrame, later: pd.Series, satisfaction: str, loyalty: str, *, seed: int = 2026
) -> pd.DataFrame:
    """Return how well satisfaction, loyalty or both foretell margin that nobody has seen.

    The later margin is regressed on what was known before (all other columns of `known`),
    with and without the scores, for nine tenths of customers, and foretold for the tenth
    left out, ten times over. Margins and amounts are heavy-tailed: both are taken as the
    logarithm of one more, negative ones as 0.

    Parameters
    ----------
    known : DataFrame
        One row per customer: past behaviour and, by name, the two scores.
    later : Series
        Margin of the time after, in money, indexed like `known`.

    Returns
    -------
    DataFrame
        Rows ``past_only``, ``with_satisfaction``, ``with_loyalty``, ``with_both`` and
        ``loyalty_less_satisfaction``: ``r2_out``, ``r2_gain`` over past behaviour (for the last
        row the difference of the two), ``r2_gain_low`` and ``r2_gain_high`` (95 %).

    Raises
    ------
    NotEnough
        If fewer than 100 customers are known.
    """
    whole = known.assign(_later=later).dropna()
    if len(whole) < LEAST:
        raise NotEnough(
            en=f"{len(whole)} customers have answers and a later margin; {LEAST} are needed.",
            zh=f"既作答又有后续毛利的客户有 {len(whole)} 位；至少需要 {LEAST} 位。",
        )
    y = np.log1p(whole.pop("_later").clip(lower=0)).to_numpy()
    past = whole.drop(columns=[satisfaction, loyalty])
    sets = {
        "past_only": [], "with_satisfaction": [satisfaction], "with_loyalty": [loyalty],
        "with_both": [satisfaction, loyalty],
    }  # fmt: skip
    fold = np.random.default_rng(seed).permutation(len(y)) % FOLDS
    missed = {name: _missed(pd.concat([past, whole[more]], axis=1).to_numpy("float64"), y, fold)
              for name, more in sets.items()}  # fmt: skip
    total = ((y - y.mean()) ** 2).sum()
    rows = {name: [1 - each.sum() / total, *_gain(missed["past_only"] - each, total)]
            for name, each in missed.items()}  # fmt: skip
    less = missed["with_satisfaction"] - missed["with_loyalty"]
    rows["loyalty_less_satisfaction"] = [np.nan, *_gain(less, total)]
    table = pd.DataFrame(rows, index=["r2_out", "r2_gain", "r2_gain_low", "r2_gain_high"]).T
    table.loc["past_only", ["r2_gain", "r2_gain_low", "r2_gain_high"]] = np.nan
    return table.rename_axis("model")


def _missed(x: np.ndarray, y: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return each customer's squared error, foretold by a fit without its fold."""
    columns, found = np.column_stack([np.ones(len(y)), x]), np.empty(len(y))
    for each in range(FOLDS):
        out = fold == each
        beta = np.linalg.lstsq(columns[~out], y[~out], rcond=None)[0]
        found[out] = (y[out] - columns[out] @ beta) ** 2
    return found


def _gain(each: np.ndarray, total: float) -> tuple[float, float, float]:
    half = Z95 * each.std(ddof=1) * np.sqrt(len(each))
    return each.sum() / total, (each.sum() - half) / total, (each.sum() + half) / total
