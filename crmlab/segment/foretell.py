"""Which segmentation foretells the next period best: out of sample, on the same customers."""

import numpy as np
import pandas as pd

from crmlab.segment.base import Estimate, bootstrap, bootstrap_each, checked

MEASURES = ("spend_explained", "buying_explained")


def compare_responses(
    segmentations: pd.DataFrame,
    outcome: pd.Series,
    weight: pd.Series | None = None,
    *,
    seed: int = 2026,
    draws: int = 500,
) -> pd.DataFrame:
    """Return how much of the next period each of several segmentations foretells.

    Each customer is foretold from the others of its segment: the mean of what they brought,
    and the share of them who brought anything (see `errors`). What is explained is 1 less the
    squared error (of the amount) or the deviance (of bringing anything) against foretelling
    everybody alike: 1 is perfect, 0 is no better than that, below 0 is worse.

    Parameters
    ----------
    segmentations : DataFrame, one row per customer
        A column per segmentation, made from what was known before the outcome's period.
    outcome : Series
        What each customer brought in the period, zero if nothing, indexed alike.
    weight : Series, optional
        How many customers a row stands for.
    seed, draws : int
        As in `bootstrap`.

    Returns
    -------
    DataFrame
        Indexed by ``segmentation``: ``segments`` (that anybody has), ``spend_explained``
        with its 95 % bootstrap interval ``spend_low`` to ``spend_high``, and
        ``buying_explained`` with ``buying_low`` to ``buying_high``: what other customers
        than these would have shown, the segments' means being as here.

    Raises
    ------
    DataError
        If an outcome is missing.

    References
    ----------
    Stone, M. (1974). Cross-validatory choice and assessment of statistical predictions.
    Journal of the Royal Statistical Society B 36, 111-147.
    """
    found = pd.DataFrame({"segments": segmentations.nunique()}).rename_axis("segmentation")
    for measure in MEASURES:
        every = _all_errors(segmentations, outcome, weight)[measure]
        columns = [every[name] for name in every]
        names = list(segmentations.columns)
        told = bootstrap_each(
            _explained, *columns, weight=weight, seed=seed, draws=draws, names=names
        )
        what = measure.removesuffix("_explained")
        ends = {"value": measure, "low": f"{what}_low", "high": f"{what}_high"}
        found = found.join(told.rename(columns=ends))
    return found


def best_two(table: pd.DataFrame, measure: str = "buying_explained") -> list[str]:
    """Return the two segmentations of `compare_responses` that explain most, the best first."""
    order = table.sort_values(measure, ascending=False, kind="stable", na_position="last")
    return [str(name) for name in order.index[:2]]


def response_lead(
    segmentations: pd.DataFrame,
    outcome: pd.Series,
    one: str,
    other: str,
    measure: str = "buying_explained",
    weight: pd.Series | None = None,
    *,
    seed: int = 2026,
    draws: int = 500,
) -> Estimate:
    """Return how much more of `measure` one segmentation explains than another, of the same.

    Above zero, interval included, `one` foretells better beyond chance.
    """
    if measure not in MEASURES:
        raise ValueError(f"measure must be one of {', '.join(MEASURES)}, got {measure}")
    every = _all_errors(segmentations[[one, other]], outcome, weight)[measure]
    columns = [every[name] for name in every]
    return bootstrap(_gained, *columns, weight=weight, seed=seed, draws=draws)


def errors(
    segments: pd.Series, outcome: pd.Series, weight: pd.Series | None = None
) -> pd.DataFrame:
    """Return how far each customer is from what the others of its segment foretell.

    With n customers in the segment who brought S, k of them anything, and m and q the mean
    and that share of all: the customer's own y and a are left out and one customer who is
    like all is put in instead, so that a segment of one is foretold too. Foretold are
    (S − y + m) ÷ n and (k − a + q) ÷ n.

    Parameters
    ----------
    segments, outcome, weight : Series
        As in `response`.

    Returns
    -------
    DataFrame
        Indexed like `outcome`: ``spend_explained``, the squared error of the amount, and
        ``buying_explained``, the deviance −2 ln P(what happened).
    """
    amounts, sizes = checked(outcome, weight)
    active = (amounts > 0).astype("float64")
    codes, _ = pd.factorize(np.asarray(segments, dtype=object), use_na_sentinel=False)
    held, brought, bought = (
        np.bincount(codes, sizes * v) for v in (1 + 0 * active, amounts, active)
    )
    mean, share = np.average(amounts, weights=sizes), np.average(active, weights=sizes)
    n = held[codes]
    foretold = (brought[codes] - amounts + mean) / n
    chance = (bought[codes] - active + share) / n
    likely = np.where(active == 1, chance, 1 - chance)
    found = {"spend_explained": (amounts - foretold) ** 2, "buying_explained": -2 * np.log(likely)}
    return pd.DataFrame(found, index=outcome.index)


def _all_errors(
    segmentations: pd.DataFrame, outcome: pd.Series, weight: pd.Series | None
) -> dict[str, pd.DataFrame]:
    """Return, per measure, the errors of everybody alike (``all``) and of each segmentation."""
    alike = pd.Series(0, index=outcome.index)
    each = {"all": errors(alike, outcome, weight)}
    each |= {str(name): errors(segmentations[name], outcome, weight) for name in segmentations}
    return {
        measure: pd.DataFrame({name: table[measure] for name, table in each.items()})
        for measure in MEASURES
    }


def _explained(alike: pd.Series, *own: pd.Series, weight: pd.Series, names: list[str]) -> pd.Series:
    sizes = weight.to_numpy("float64")
    base = float(sizes @ alike.to_numpy("float64"))
    told = [
        1 - float(sizes @ each.to_numpy("float64")) / base if base > 0 else np.nan for each in own
    ]
    return pd.Series(told, index=names)


def _gained(alike: pd.Series, one: pd.Series, other: pd.Series, weight: pd.Series) -> float:
    first, second = _explained(alike, one, other, weight=weight, names=["one", "other"])
    return float(first - second)
