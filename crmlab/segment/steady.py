"""Whether clusters come back: in other samples of the same customers, and in another period."""

import numpy as np
import pandas as pd

from crmlab.segment.base import Estimate
from crmlab.segment.clusters import SAMPLE, calibrated, fit, one_thread, sampled, without_groups

STABLE, DISSOLVED = 0.75, 0.5  # Hennig's bounds of the mean Jaccard index


def cluster_stability(
    features: pd.DataFrame, found: pd.Series, *, draws: int = 100, seed: int = 2026
) -> pd.DataFrame:
    """Return how well each cluster comes back when customers are drawn again.

    Customers are drawn with replacement and clustered anew. The Jaccard index of a cluster
    and one found anew is how many of the customers drawn are in both ÷ in either; the best
    counts. Beside it the same of data without groups, clustered alike: a tenth of the draws
    from each of ten such sets.

    Parameters
    ----------
    features : DataFrame, one row per customer
        From `cluster_features`; a sample of them is used.
    found : Series
        Their clusters, from `clusters`, with the same `seed`.
    draws, seed : int
        Samples, and the start of the random stream.

    Returns
    -------
    DataFrame
        Indexed by ``cluster``: ``customers`` (of all), ``jaccard`` (mean over the samples),
        ``jaccard_low``, ``jaccard_high`` (95 % of the samples), ``share_dissolved`` (of
        samples, where it is below .5), ``stability``: "stable" from a mean of .75, "weak"
        from .5, else "dissolved"; ``null_jaccard``, the mean over all clusters of data
        without groups.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational
    Statistics and Data Analysis 52, 258-271.
    """
    chosen = sampled(features, seed, SAMPLE)
    stream, names = np.random.default_rng(seed), sorted(found.unique())
    codes, k = pd.Categorical(found.loc[chosen.index], names).codes.astype("int64"), len(names)
    together, tenth = calibrated(chosen, stream), -(-draws // 10)
    with one_thread():
        every = _overlaps(chosen, codes, k, draws, seed, stream)
        alike = (without_groups(chosen, stream, together) for _ in range(10))
        null = [_overlaps(one, fit(one, k, seed).labels_, k, tenth, seed, stream) for one in alike]
    mean = np.nanmean(every, axis=0)
    low, high = np.nanquantile(every, [0.025, 0.975], axis=0)
    judged = np.select([mean >= STABLE, mean >= DISSOLVED], ["stable", "weak"], "dissolved")
    table = {
        "customers": found.value_counts().loc[names].to_numpy(),
        "jaccard": mean,
        "jaccard_low": low,
        "jaccard_high": high,
        "share_dissolved": np.nanmean(every < DISSOLVED, axis=0),
        "stability": pd.array(judged, dtype="str"),
        "null_jaccard": float(np.nanmean(np.concatenate(null))),
    }
    return pd.DataFrame(table, index=pd.Index(names, name="cluster"))


def jaccard(one: np.ndarray, other: np.ndarray, k: int) -> np.ndarray:
    """Return, for each of `k` clusters of `one`, the best Jaccard index with one of `other`.

    Both are codes from 0 of the same customers; a cluster without anybody is missing.
    """
    both = np.bincount(one * k + other, minlength=k * k).reshape(k, k)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    best = (both / np.maximum(either, 1)).max(axis=1)
    return np.where(both.sum(axis=1) > 0, best, np.nan)


def agreement(one: pd.Series, other: pd.Series, *, draws: int = 500, seed: int = 2026) -> Estimate:
    """Return how far two clusterings of the same customers agree: the adjusted Rand index.

    1: the same; 0: no more than by chance. Customers are paired by index; the 95 % interval
    is a bootstrap's over them, the clusters being as they are. Missing if they share fewer
    than two customers.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification 2.
    """
    shared = one.index.intersection(other.index)
    if len(shared) < 2:
        return Estimate(np.nan, np.nan, np.nan)
    table = pd.crosstab(one.loc[shared], other.loc[shared]).to_numpy("float64")
    stream = np.random.default_rng(seed)
    drawn = stream.multinomial(len(shared), (table / table.sum()).ravel(), size=draws)
    low, high = np.quantile([_rand(each.reshape(table.shape)) for each in drawn], [0.025, 0.975])
    return Estimate(_rand(table), float(low), float(high))


def _rand(table: np.ndarray) -> float:
    """Return the adjusted Rand index of a table of counts."""
    pairs = [(n * (n - 1) / 2).sum() for n in (table, table.sum(1), table.sum(0), table.sum())]
    chance = pairs[1] * pairs[2] / pairs[3]
    most = (pairs[1] + pairs[2]) / 2
    return 1.0 if most == chance else float((pairs[0] - chance) / (most - chance))


def _overlaps(
    data: pd.DataFrame,
    codes: np.ndarray,
    k: int,
    draws: int,
    seed: int,
    stream: np.random.Generator,
) -> np.ndarray:
    """Return the Jaccard index of each cluster (column) in each sample drawn anew (row)."""
    found = []
    for _ in range(draws):
        rows, times = np.unique(stream.integers(len(data), size=len(data)), return_counts=True)
        again = fit(data.iloc[rows], k, seed, weight=times).labels_
        found.append(jaccard(codes[rows], again.astype("int64"), k))
    return np.asarray(found)
