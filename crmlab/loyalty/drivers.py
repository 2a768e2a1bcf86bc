"""What drives satisfaction: shares of the variance explained, beside performance."""

from math import comb

import numpy as np
import pandas as pd

from crmlab.loyalty.resample import covariances, interval, products, resampled

MOST = 15  # predictors: 2 to that power are the models compared


def lmg(correlation: np.ndarray | pd.DataFrame) -> np.ndarray:
    """Return each predictor's share of R², averaged over all orders of entry.

    The LMG (Shapley) share: what the predictor adds to R², averaged over the orders
    in which the predictors may enter. All 2^k models are computed, by sweeping.

    Parameters
    ----------
    correlation : array or DataFrame, shape (..., k + 1, k + 1)
        Correlations of k predictors and, last, the outcome; leading axes are
        further matrices, such as resamples.

    Returns
    -------
    array, shape (..., k)
        Shares of variance; they add to R².

    Raises
    ------
    ValueError
        If there are no predictors, or more than `MOST`.

    References
    ----------
    Lindeman, R. H., Merenda, P. F. and Gold, R. Z. (1980). Introduction to Bivariate
    and Multivariate Analysis. Grömping, U. (2006). Relative importance for linear
    regression in R: the package relaimpo. Journal of Statistical Software 17 (1).
    """
    matrix = np.asarray(correlation, dtype=float)
    k = matrix.shape[-1] - 1
    if not 1 <= k <= MOST:
        raise ValueError(f"LMG compares 2^k models: k must be 1 to {MOST}, got {k}")
    flat = matrix.reshape(-1, k + 1, k + 1)
    left = _unexplained(flat).reshape((len(flat),) + (2,) * k)
    others = np.array([i.bit_count() for i in range(2 ** (k - 1))])
    weight = np.array([1 / (k * comb(k - 1, s)) for s in range(k)])[others]
    gains = [-np.diff(left, axis=1 + j).reshape(len(flat), -1) @ weight for j in range(k)]
    return np.stack(gains, axis=-1).reshape((*matrix.shape[:-2], k))


def _unexplained(correlation: np.ndarray) -> np.ndarray:
    """Return 1 − R² of all 2^k models, the first predictor as the highest bit.

    Each step drops the first predictor left, unused in one half of the matrices and
    swept out of the others; one that is collinear with those before adds nothing.
    """
    matrices = correlation[:, None]
    for _ in range(correlation.shape[-1] - 1):
        rest, row = matrices[..., 1:, 1:], matrices[..., 0, 1:]
        pivot = matrices[..., 0, 0][..., None, None]
        taken = row[..., :, None] * row[..., None, :] / np.where(pivot > 1e-9, pivot, np.inf)
        matrices = np.stack([rest, rest - taken], axis=2)
        matrices = matrices.reshape(len(correlation), -1, *rest.shape[-2:])
    return matrices[..., 0, 0]


def relative_weights(correlation: np.ndarray | pd.DataFrame) -> np.ndarray:
    """Return Johnson's relative weights: shares of R² by way of uncorrelated twins.

    Same shapes as `lmg`; close to it at a fraction of the work.

    References
    ----------
    Johnson, J. W. (2000). A heuristic method for estimating the relative weight of
    predictor variables in multiple regression. Multivariate Behavioral Research 35,
    1–19.
    """
    matrix = np.asarray(correlation, dtype=float)
    values, vectors = np.linalg.eigh(matrix[..., :-1, :-1])
    root = np.sqrt(np.maximum(values, 1e-12))[..., None, :]
    turned = np.swapaxes(vectors, -1, -2)
    twin = (vectors * root) @ turned
    beta = (vectors / root) @ turned @ matrix[..., :-1, -1:]
    return ((twin**2) @ beta**2)[..., 0]


def drivers(
    items: pd.DataFrame,
    outcome: pd.Series,
    customer: pd.Series,
    *,
    low: float = 1,
    high: float = 10,
    draws: int = 200,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return how much each item matters for the outcome, and how well it is rated.

    Rows that lack an item or the outcome are left out. Intervals (95 %) resample
    customers with all their rows.

    Parameters
    ----------
    items : DataFrame
        Ratings from `low` to `high`, a column per item.
    outcome, customer : Series
        For instance the satisfaction score and ``customer_id``, indexed like `items`.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Indexed by ``item``, the most important first. ``importance`` (LMG: share of
        the outcome's variance), ``relative_weight`` (Johnson) and ``performance``
        (mean rating, 0–100), each with ``_low`` and ``_high``; ``share`` of R²;
        ``priority`` {improve_first, keep_up, low_priority, possible_overkill} by
        the means of importance and performance over the items; ``same_share``, the
        share of resamples that give the item the same priority; ``leads_share``, the
        share in which no item is more important.

    References
    ----------
    Martilla, J. A. and James, J. C. (1977). Importance–performance analysis. Journal
    of Marketing 41 (1), 77–79.
    """
    columns, who = complete_rows(items, outcome, customer)
    blocks = products(columns, who, seed)
    gram = np.concatenate([blocks.sum(axis=0)[None], resampled(blocks, draws, seed)])
    correlation = _correlation(gram)
    found = {
        "importance": lmg(correlation),
        "relative_weight": relative_weights(correlation),
        "performance": 100 * (gram[:, 0, 1:-1] / gram[:, :1, 0] - low) / (high - low),
    }
    table = pd.DataFrame(index=pd.Index(items.columns, name="item"))
    for name, values in found.items():
        below, above = interval(values[1:])
        table = table.assign(**{name: values[0], f"{name}_low": below, f"{name}_high": above})
    priority = _priority(found["importance"], found["performance"])
    table["share"] = table["importance"] / table["importance"].sum()
    table["priority"] = priority[0]
    table["same_share"] = (priority[1:] == priority[0]).mean(axis=0)
    most = found["importance"][1:].argmax(axis=1)
    table["leads_share"] = np.bincount(most, minlength=len(table)) / len(most)
    return table.sort_values("importance", ascending=False)


def explained(
    items: pd.DataFrame,
    outcome: pd.Series,
    customer: pd.Series,
    *,
    draws: int = 200,
    seed: int = 2026,
) -> pd.Series:
    """Return R² of the outcome on all items: ``r2``, ``low``, ``high`` (95 %), ``rows``.

    Arguments and resamples are those of `drivers`.
    """
    columns, who = complete_rows(items, outcome, customer)
    blocks = products(columns, who, seed)
    gram = np.concatenate([blocks.sum(axis=0)[None], resampled(blocks, draws, seed)])
    r2 = relative_weights(_correlation(gram)).sum(axis=1)
    low, high = interval(r2[1:])
    return pd.Series({"r2": r2[0], "low": low, "high": high, "rows": len(columns)})


def first_to_improve(table: pd.DataFrame) -> str:
    """Return the most important item to improve first; if there is none, the most important."""
    urgent = table.index[table["priority"] == "improve_first"]
    return str(urgent[0] if len(urgent) else table.index[0])


def complete_rows(
    items: pd.DataFrame, outcome: pd.Series, customer: pd.Series
) -> tuple[np.ndarray, pd.Series]:
    """Return the columns 1, items, outcome of complete rows, and their customers."""
    both = items.astype("float64").assign(_outcome=outcome.astype("float64"))
    whole = both.dropna()
    if len(whole) <= whole.shape[1] or (flat := whole.columns[whole.nunique() < 2].tolist()):
        found = f"; {', '.join(flat)} does not vary" if len(whole) > whole.shape[1] else ""
        raise ValueError(
            f"drivers need more complete rows than columns, got {len(whole)} rows{found}"
        )
    columns = np.column_stack([np.ones(len(whole)), whole.to_numpy()])
    return columns, customer.loc[whole.index]


def _correlation(gram: np.ndarray) -> np.ndarray:
    """Return correlations from cross products whose first column is 1."""
    covariance = covariances(gram)
    sd = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 1e-12))
    return covariance / (sd[:, :, None] * sd[:, None, :])


def _priority(importance: np.ndarray, performance: np.ndarray) -> np.ndarray:
    matters = importance >= importance.mean(axis=-1, keepdims=True)
    good = performance >= performance.mean(axis=-1, keepdims=True)
    return np.select(
        [matters & ~good, matters & good, ~matters & good],
        ["improve_first", "keep_up", "possible_overkill"],
        "low_priority",
    )
