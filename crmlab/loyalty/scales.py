"""Items → scales: who answered, how reliable a scale is, scores from 0 to 100."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.loyalty.resample import covariances, interval, products, resampled

SATISFACTION = (
    "satisfaction_overall", "satisfaction_expectation", "satisfaction_ideal", "satisfaction_choice",
)  # fmt: skip
LOYALTY = ("loyalty_repeat", "loyalty_first_choice", "loyalty_stay")
ATTITUDE = ("emotion_concept", "emotion_conduct", "emotion_image")
SCALES = {
    "satisfaction_scale": SATISFACTION, "loyalty_scale": LOYALTY, "attitude_scale": ATTITUDE,
}  # fmt: skip


def answered(survey: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that were answered, by customer and wave.

    A row was answered if ``responded`` says so (where there is such a column) and any
    item of satisfaction is filled.
    """
    filled = survey[present(survey, SATISFACTION)].notna().any(axis=1)
    if "responded" in survey:
        filled &= survey["responded"].fillna(False).astype(bool)
    return survey[filled].sort_values(["customer_id", "wave"]).reset_index(drop=True)


def latest(survey: pd.DataFrame) -> pd.DataFrame:
    """Return each customer's last answered row: one row per customer."""
    return answered(survey).groupby("customer_id", sort=True).tail(1).reset_index(drop=True)


def present(survey: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return those of `names` that are columns with at least one answer."""
    return [name for name in names if name in survey and survey[name].notna().any()]


def attributes(answers: pd.DataFrame) -> list[str]:
    """Return the columns of rated attributes (``item_…``) that vary and half of the rows have."""
    items = answers[[str(c) for c in answers.columns if str(c).startswith("item_")]]
    kept = (items.max() > items.min()) & (items.notna().mean() >= 0.5)
    return kept.index[kept.fillna(False)].tolist()


def cronbach_alpha(items: pd.DataFrame) -> float:
    """Return Cronbach's alpha of the rows that answered every item.

    >>> round(cronbach_alpha(pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 3, 5]})), 3)
    0.952

    Raises
    ------
    ValueError
        If there are fewer than 2 items, fewer than 3 complete rows, or their sum
        does not vary.

    References
    ----------
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests.
    """
    complete = _complete(items)
    k = complete.shape[1]
    total = complete.sum(axis=1).var()
    if not total > 0:
        raise ValueError("the items' sum does not vary")
    return float(k / (k - 1) * (1 - complete.var().sum() / total))


def reliability(
    items: pd.DataFrame, customer: pd.Series | None = None, *, draws: int = 200, seed: int = 2026
) -> pd.Series:
    """Return how reliable a scale is, with 95 % intervals.

    Only rows that answered every item count.

    Parameters
    ----------
    items : DataFrame, one column per item
    customer : Series, optional
        Who answered each row, indexed like `items`: customers are resampled with all
        their rows. By default, each row is a customer of its own.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    Series
        ``alpha`` (Cronbach) and ``omega`` (McDonald's omega total of one common
        factor: with unequal loadings, alpha understates it), each with ``_low`` and
        ``_high``; ``items`` and ``rows``.

    References
    ----------
    Cronbach (1951), as in `cronbach_alpha`. McDonald, R. P. (1999). Test Theory: A
    Unified Treatment.
    """
    complete = _complete(items)
    who = pd.Series(items.index, items.index) if customer is None else customer
    columns = np.column_stack([np.ones(len(complete)), complete.to_numpy()])
    blocks = products(columns, who.loc[complete.index], seed)
    gram = np.concatenate([blocks.sum(axis=0)[None], resampled(blocks, draws, seed)])
    told: dict[str, float] = {}
    for name, values in zip(("alpha", "omega"), _reliabilities(covariances(gram)), strict=True):
        low, high = interval(values[1:])
        told |= {name: float(values[0]), f"{name}_low": float(low), f"{name}_high": float(high)}
    return pd.Series(told | {"items": complete.shape[1], "rows": len(complete)})


def reliabilities(answers: pd.DataFrame, *, draws: int = 200, seed: int = 2026) -> pd.DataFrame:
    """Return the reliability of the three scales, resampling customers.

    Returns
    -------
    DataFrame
        Indexed by ``scale``: those of `SCALES` with 2 items and 3 complete rows.
        Columns as in `reliability`, named ``cronbach_alpha`` and ``mcdonald_omega``.
    """
    found = {}
    for name, items in SCALES.items():
        there = answers[present(answers, items)]
        if there.shape[1] >= 2 and len(there.dropna()) >= 3:
            who = answers["customer_id"]
            found[name] = reliability(there, who, draws=draws, seed=seed)
    table = pd.DataFrame(found).T.astype({"items": int, "rows": int})
    told = table.columns.str.replace("alpha", "cronbach_alpha")
    table.columns = told.str.replace("omega", "mcdonald_omega")
    return table.rename_axis("scale")


def item_statistics(items: pd.DataFrame) -> pd.DataFrame:
    """Return, per item, how it answers and how it fits with the others.

    Columns: ``mean`` and ``sd`` of its answers, ``missing`` (share of the rows),
    ``item_rest`` (correlation with the sum of the other items), ``alpha_without``
    (alpha of the others; missing if only one is left) and ``weight`` in the score.
    """
    complete = _complete(items)
    rest = {c: complete.drop(columns=c) for c in complete}
    few = complete.shape[1] < 3
    return pd.DataFrame(
        {
            "mean": items.astype("float64").mean(),
            "sd": items.astype("float64").std(),
            "missing": items.isna().mean(),
            "item_rest": {c: complete[c].corr(others.sum(axis=1)) for c, others in rest.items()},
            "alpha_without": {c: np.nan if few else cronbach_alpha(o) for c, o in rest.items()},
            "weight": weights(items),
        }
    ).rename_axis("item")


def weights(items: pd.DataFrame) -> pd.Series:
    """Return each item's weight in the score, adding to 1: its first principal loading.

    An item that says more of what the items share weighs more, in the spirit of the
    American Customer Satisfaction Index, whose weights come from a larger model.
    """
    complete = _complete(items)
    correlation = complete.corr()
    if correlation.isna().to_numpy().any():
        return pd.Series(1 / len(correlation), index=correlation.index, name="weight")
    loading = np.abs(np.linalg.eigh(correlation.to_numpy())[1][:, -1])
    return pd.Series(loading / loading.sum(), index=correlation.index, name="weight")


def score(
    items: pd.DataFrame, weight: pd.Series | None = None, *, low: float = 1, high: float = 10
) -> pd.Series:
    """Return each row's weighted mean of items, on a scale from 0 to 100.

    A row that answered fewer than half of the items has none; in the others, the
    weights of the items that it answered count.

    Parameters
    ----------
    items : DataFrame
        Answers from `low` to `high`; higher is better in all of them.
    weight : Series, optional
        Indexed by item; equal by default.

    Returns
    -------
    Series
        100 · Σ w (x − low) / ((high − low) Σ w). Its mean over complete rows is the
        score of the item means.

    References
    ----------
    Fornell, C. et al. (1996). The American Customer Satisfaction Index: nature,
    purpose, and findings. Journal of Marketing 60 (4), 7–18.
    """
    answers = items.astype("float64")
    if answers.min().min() < low or answers.max().max() > high:
        raise ValueError(f"items must be {low:g} to {high:g}")
    w = pd.Series(1.0, index=answers.columns) if weight is None else weight[answers.columns]
    counted = answers.notna().astype("float64") @ w
    mean = answers.fillna(0) @ w / counted.where(counted > 0)
    enough = answers.notna().mean(axis=1) >= 0.5
    return (100 * (mean - low) / (high - low)).clip(0, 100).where(enough).rename("score")


def scale(answers: pd.DataFrame, items: Sequence[str], *, alpha_at_least: float = 0.6) -> pd.Series:
    """Return the score of a scale's items, if they are reliable enough to be one.

    Weights are the items' `weights`. Items that `answers` lacks are left out.

    Raises
    ------
    NotEnough
        If fewer than two items are there, or alpha is below `alpha_at_least`.
    """
    there = present(answers, items)
    if len(there) < 2:
        raise NotEnough(
            en=f"Of the items {', '.join(items)}, {len(there)} are there; a scale needs 2.",
            zh=f"题项 {'、'.join(items)} 中只有 {len(there)} 个有数据；量表至少需要 2 个。",
        )
    alpha = cronbach_alpha(answers[there])
    if alpha < alpha_at_least:
        raise NotEnough(
            en=f"Cronbach's alpha of {', '.join(there)} is {alpha:.2f}, below "
            f"{alpha_at_least:.2f}: the items do not measure one thing.",
            zh=f"{'、'.join(there)} 的克朗巴赫 α 为 {alpha:.2f}，低于 {alpha_at_least:.2f}："
            "这些题项测量的不是同一事物。",
        )
    return score(answers[there], weights(answers[there]))


def scores(answers: pd.DataFrame, *, alpha_at_least: float = 0.6) -> pd.DataFrame:
    """Return ``customer_id``, ``wave``, ``satisfaction_score``, ``loyalty_score`` (0–100).

    One row per row of `answers`, with its index; see `scale` for what it raises.
    """
    return answers[["customer_id", "wave"]].assign(
        satisfaction_score=scale(answers, SATISFACTION, alpha_at_least=alpha_at_least),
        loyalty_score=scale(answers, LOYALTY, alpha_at_least=alpha_at_least),
    )


def _complete(items: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that answered every item, as floats."""
    complete = items.astype("float64").dropna()
    if complete.shape[1] < 2 or len(complete) < 3:
        raise ValueError(
            "a scale needs 2 items and 3 complete rows, "
            f"got {complete.shape[1]} and {len(complete)}"
        )
    return complete


def _reliabilities(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return alpha, and omega of one factor by iterated principal axes, of each matrix.

    `covariance` has the shape (draws, k, k).
    """
    k = covariance.shape[-1]
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    common = variance / 2
    for _ in range(200):
        reduced = covariance - (variance - common)[:, :, None] * np.eye(k)
        values, vectors = np.linalg.eigh(reduced)
        loading = vectors[:, :, -1] * np.sqrt(np.maximum(values[:, -1:], 0))
        common = np.minimum(loading**2, variance)
    shared = loading.sum(axis=1) ** 2
    alpha = k / (k - 1) * (1 - variance.sum(axis=1) / covariance.sum(axis=(1, 2)))
    return alpha, shared / (shared + (variance - common).sum(axis=1))
