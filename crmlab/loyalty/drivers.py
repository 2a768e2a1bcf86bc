"""What drives satisfaction: shares of the variance explained, beside performance."""

from math import comb

import numpy as np
import pandas as pd

from crmlab.loyalty.resample import interval, products, resampled

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
        the means of importance and performance; ``improve_share``, the share of
        resamples in which the item would be improved first.

    References
    ----------
    Martilla, J. A. and James, J. C. (1977). Importance–performance analysis. Journal
    of Marketing 41 (1), 77–79.
    """
    columns, who = _complete(items, outcome, customer)
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
    table["improve_share"] = (priority[1:] == "improve_first").mean(axis=0)
    return table.sort_values("importance", ascending=False)


def first_to_improve(table: pd.DataFrame) -> str:
    """Return the most important item to improve first; if there is none, the most important."""
    urgent = table.index[table["priority"] == "improve_first"]
    return str(urgent[0] if len(urgent) else table.index[0])


def penalty_reward(
    items: pd.DataFrame,
    outcome: pd.Series,
    customer: pd.Series,
    *,
    low_to: float = 5,
    high_from: float = 9,
    draws: int = 200,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return what a low and a high rating of each item do, against a middling one.

    One regression on two indicators per item: rated `low_to` or lower, rated
    `high_from` or higher. A basic item punishes more when low than it rewards when
    high; an exciting one the other way round.

    Returns
    -------
    DataFrame
        Indexed by ``item``: ``penalty_effect`` and ``reward_effect`` (points of the
        outcome) with ``_low`` and ``_high`` (95 %, resampling customers), and ``kind``:
        basic_item or exciting_item if one surely outweighs the other, both_ways if
        both surely differ from 0, else unclear.

    References
    ----------
    Brandt, D. R. (1987). A procedure for identifying value-enhancing service
    components using customer satisfaction survey data. In Surprenant, C. (ed.), Add
    Value to Your Service, 61–65.
    """
    columns, who = _complete(items, outcome, customer)
    rated, k = columns[:, 1:-1], items.shape[1]
    marks = [columns[:, :1], rated <= low_to, rated >= high_from, columns[:, -1:]]
    blocks = products(np.hstack(marks).astype(float), who, seed)
    gram = np.concatenate([blocks.sum(axis=0)[None], resampled(blocks, draws, seed)])
    ridge = 1e-9 * gram[:, :1, :1] * np.eye(2 * k + 1)  # a mark that no one gave
    beta = np.linalg.solve(gram[:, :-1, :-1] + ridge, gram[:, :-1, -1:])[:, 1:, 0]
    table = pd.DataFrame(index=pd.Index(items.columns, name="item"))
    effects = {"penalty_effect": beta[:, :k], "reward_effect": beta[:, k:]}
    for name, values in effects.items():
        low, high = interval(values[1:])
        table = table.assign(**{name: values[0], f"{name}_low": low, f"{name}_high": high})
    return table.assign(kind=_one_sided(table, interval(beta[1:, :k] + beta[1:, k:])))


def _one_sided(table: pd.DataFrame, balance: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return each item's kind; `balance` is the interval of reward less punishment."""
    low, high = balance
    both = (table["penalty_effect_high"] < 0) & (table["reward_effect_low"] > 0)
    return np.select([high < 0, low > 0, both], ["basic_item", "exciting_item", "both_ways"],
                     "unclear")  # fmt: skip


def _complete(
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
    n, sums = gram[:, :1, :1], gram[:, :1, 1:]
    covariance = gram[:, 1:, 1:] / n - (sums / n) * np.swapaxes(sums / n, 1, 2)
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
