"""Whether customers fall into groups of themselves: k-means on what RFM measures.

Customers always can be cut into clusters; whether there are any is another question. So
the data are held against two nulls that have the same values in every column: one whose
columns are shuffled, and one that keeps how columns go together but has no groups.
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmlab.errors import DataError

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

MOST = 8  # clusters that have a name
STARTS = 5  # of k-means, the best of which is taken
SAMPLE = 1_000  # customers of whom clusters are sought; all others are then told by them


def cluster_features(customers: pd.DataFrame) -> pd.DataFrame:
    """Return what clusters are sought in: days since the last purchase, purchases, basket.

    Each is a logarithm (of days + 1), less its mean, ÷ its standard deviation; so clusters
    depend neither on the currency nor on a few large customers. A basket that is not above
    zero counts as the smallest that is. A column without variation is 0, as the basket is
    where nobody spends.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``days_since_last``, ``orders``, ``spend``, from `summarise`.

    Returns
    -------
    DataFrame
        Indexed like `customers`: ``days_since_last``, ``orders``, ``spend_per_purchase``.
    """
    basket = customers["spend"].astype("float64") / customers["orders"]
    least = basket[basket > 0].min() if (basket > 0).any() else 1.0
    logs = pd.DataFrame(
        {
            "days_since_last": np.log1p(customers["days_since_last"].astype("float64")),
            "orders": np.log(customers["orders"].astype("float64")),
            "spend_per_purchase": np.log(basket.clip(lower=least)),
        }
    )
    spread = logs.std(ddof=0)
    return (logs - logs.mean()) / spread.where(spread > 1e-12, 1)


def sampled(features: pd.DataFrame, seed: int = 2026, most: int = SAMPLE) -> pd.DataFrame:
    """Return at most so many rows at random, whatever their order was."""
    ordered = features.sort_values(list(features.columns), kind="stable")
    if len(ordered) <= most:
        return ordered
    chosen = np.random.default_rng(seed).choice(len(ordered), size=most, replace=False)
    return ordered.iloc[np.sort(chosen)]


def clusters(features: pd.DataFrame, k: int, *, seed: int = 2026, by: str = "orders") -> pd.Series:
    """Return the cluster of each customer; ``cluster_1`` has the highest mean of `by`.

    k-means is fitted to `sampled` rows; every customer is in the cluster of the nearest
    centre, so equal customers are in one.

    Parameters
    ----------
    features : DataFrame, one row per customer
        From `cluster_features`.
    k : int
        How many, from 2 to 8.
    seed : int
        Start of the random stream.
    by : str
        The column by which clusters are numbered.

    Raises
    ------
    DataError
        If fewer than `k` customers differ.
    ValueError
        If `k` is not from 2 to 8.

    References
    ----------
    Arthur, D. and Vassilvitskii, S. (2007). k-means++: the advantages of careful seeding.
    """
    if not 2 <= k <= MOST:
        raise ValueError(f"k must be from 2 to {MOST}, got {k}")
    with one_thread():
        fitted = fit(_differing(sampled(features, seed), k), k, seed)
    place = np.argsort(np.argsort(-fitted.cluster_centers_[:, features.columns.get_loc(by)]))
    found = fitted.predict(features.to_numpy())
    names = np.array([f"cluster_{n}" for n in range(1, k + 1)])
    return pd.Series(names[place[found]], index=features.index, name="cluster", dtype="str")


def cluster_criteria(
    features: pd.DataFrame, *, most: int = MOST, draws: int = 40, seed: int = 2026
) -> pd.DataFrame:
    """Return by several criteria how well 1 to `most` clusters fit.

    Parameters
    ----------
    features : DataFrame, one row per customer
        From `cluster_features`; a sample of them is used.
    most : int
        The largest number of clusters tried.
    draws : int
        Data without groups that the gap and the range of the silhouette stand on; of shuffled
        columns there are a quarter as many.
    seed : int
        Start of the random stream.

    Returns
    -------
    DataFrame
        Indexed by ``clusters``, from 1 (where only the last two criteria are defined):
        ``silhouette``, ``calinski_harabasz`` (both best if high), ``davies_bouldin``,
        ``bic`` of a mixture of normal distributions (both best if low), ``gap_statistic``
        with ``gap_error``: ln of the squared distances to the centres expected `without_groups`,
        less that of the data. Beside it the silhouette of such data, ``null_silhouette``
        with its 95 % range ``null_low`` to ``null_high``, and of shuffled columns,
        ``shuffled_silhouette``.

    References
    ----------
    Rousseeuw, P. J. (1987). Silhouettes. J. Computational and Applied Mathematics 20.
    Caliński, T. and Harabasz, J. (1974). A dendrite method for cluster analysis.
    Davies, D. L. and Bouldin, D. W. (1979). A cluster separation measure.
    Tibshirani, R., Walther, G. and Hastie, T. (2001). Estimating the number of clusters in
    a data set via the gap statistic. J. Royal Statistical Society B 63, 411-423; whose
    reference is uniform, while ours has the columns' own values.
    """
    chosen = _differing(sampled(features, seed), most)
    stream = np.random.default_rng(seed)
    with one_thread():
        found = _fits(chosen, most, seed).join(_by_score(chosen, most, seed))
        together = calibrated(chosen, stream)
        nulls = (without_groups(chosen, stream, together) for _ in range(draws))
        alike = [_fits(null, most, seed) for null in nulls]
        mixed = [_fits(shuffled(chosen, stream), most, seed) for _ in range(-(-draws // 4))]
    own = pd.concat(alike).groupby(level=0)
    logs, clear = own["log_within"], own["silhouette"]
    return found.drop(columns="log_within").assign(
        gap_statistic=logs.mean() - found["log_within"],
        gap_error=logs.std(ddof=0) * np.sqrt(1 + 1 / draws),
        null_silhouette=clear.mean(),
        null_low=clear.quantile(0.025),
        null_high=clear.quantile(0.975),
        shuffled_silhouette=pd.concat(mixed)["silhouette"].groupby(level=0).mean(),
    )


def cluster_votes(criteria: pd.DataFrame) -> pd.Series:
    """Return how many clusters each criterion of `cluster_criteria` asks for.

    The gap asks for the smallest number whose gap is at least the next one's less its
    error, so it may say 1: no groups. Indexed by ``criterion``.
    """
    least = criteria["gap_statistic"].shift(-1) - criteria["gap_error"].shift(-1)
    enough = criteria.index[criteria["gap_statistic"] >= least.fillna(-np.inf)]
    found = {
        "silhouette": criteria["silhouette"].idxmax(),
        "calinski_harabasz": criteria["calinski_harabasz"].idxmax(),
        "davies_bouldin": criteria["davies_bouldin"].idxmin(),
        "bic": criteria["bic"].idxmin(),
        "gap_statistic": enough[0],
    }
    return pd.Series(found, name="clusters", dtype="int64").rename_axis("criterion")


def most_voted(votes: pd.Series) -> int:
    """Return the number of clusters, 2 or more, that most criteria ask for; the least of equal."""
    counts = np.bincount(votes[votes > 1])
    return int(counts.argmax()) if len(counts) else 2


def shuffled(features: pd.DataFrame, stream: np.random.Generator) -> pd.DataFrame:
    """Return the same values in every column, each column in an order of its own."""
    return features.apply(lambda column: stream.permutation(column.to_numpy()))


def without_groups(
    features: pd.DataFrame, stream: np.random.Generator, together: np.ndarray | None = None
) -> pd.DataFrame:
    """Return the same values in every column, which go together as in the data, without groups.

    Normal variables are drawn, and each is replaced by the column's value of the same rank.

    Parameters
    ----------
    features : DataFrame
        From `cluster_features`.
    stream : Generator
        Of the random numbers.
    together : array, optional
        The correlations of the normal variables; by default from `calibrated`.

    References
    ----------
    Iman, R. L. and Conover, W. J. (1982). A distribution-free approach to inducing rank
    correlation among input variables. Communications in Statistics B 11, 311-334.
    """
    known = calibrated(features, stream) if together is None else together
    drawn = stream.standard_normal(features.shape) @ _root(known)
    return _placed(features, drawn)


def calibrated(features: pd.DataFrame, stream: np.random.Generator) -> np.ndarray:
    """Return correlations of normal variables that give `features` their rank correlations.

    Where many customers have the same value, as one purchase, the normal variables must go
    together more closely than the ranks: they are moved until the ranks agree, on ten times
    as many rows as there are.
    """
    aim = features.corr(method="spearman").fillna(0).to_numpy()
    many = pd.concat([features] * 10, ignore_index=True)
    drawn, found = stream.standard_normal(many.shape), aim.copy()
    for _ in range(12):
        made = _placed(many, drawn @ _root(found))
        found = found + aim - made.corr(method="spearman").fillna(0).to_numpy()
        found = np.clip(found, -0.995, 0.995)
        np.fill_diagonal(found, 1)
    return found


def _root(together: np.ndarray) -> np.ndarray:
    """Return what turns independent normal variables into ones of these correlations."""
    values, vectors = np.linalg.eigh(together)
    root = (vectors * np.sqrt(np.clip(values, 1e-9, None))) @ vectors.T
    return root / np.linalg.norm(root, axis=0)


def _placed(features: pd.DataFrame, drawn: np.ndarray) -> pd.DataFrame:
    """Return each column's values in the order of the variables drawn."""
    ranks = drawn.argsort(axis=0).argsort(axis=0)
    alike = np.take_along_axis(np.sort(features.to_numpy(), axis=0), ranks, axis=0)
    return pd.DataFrame(alike, index=features.index, columns=features.columns)


def _fits(data: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return ln of the squared distances to the centres, and the silhouette, by clusters."""
    from sklearn.metrics import pairwise_distances, silhouette_score

    apart, rows = pairwise_distances(data.to_numpy()), {}
    for k in range(1, most + 1):
        fitted = fit(data, k, seed)
        clear = silhouette_score(apart, fitted.labels_, metric="precomputed") if k > 1 else np.nan
        rows[k] = {"log_within": np.log(max(fitted.inertia_, 1e-300)), "silhouette": clear}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("clusters")


def _by_score(data: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return the criteria that need no data without groups, by clusters."""
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score
    from sklearn.mixture import GaussianMixture

    values, rows = data.to_numpy(), {}
    for k in range(1, most + 1):
        mixture = GaussianMixture(k, random_state=seed, reg_covar=1e-4, max_iter=500)
        rows[k] = {"bic": mixture.fit(values).bic(values)}
        if k > 1:
            labels = fit(data, k, seed).labels_
            rows[k]["calinski_harabasz"] = calinski_harabasz_score(values, labels)
            rows[k]["davies_bouldin"] = davies_bouldin_score(values, labels)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("clusters")


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which sums are of the same order, so the same, on any machine."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)


def fit(data: pd.DataFrame, k: int, seed: int, weight: np.ndarray | None = None) -> "KMeans":
    """Return k-means of the rows, each counted `weight` times."""
    from sklearn.cluster import KMeans

    model = KMeans(k, n_init=STARTS, random_state=seed)
    return model.fit(data.to_numpy(), sample_weight=weight)


def _differing(data: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return the data, if they can be cut into `k`."""
    if (n := len(data.drop_duplicates())) < k:
        raise DataError(
            en=f"{n:,} customers differ; {k} clusters take at least as many.",
            zh=f"互不相同的客户只有 {n:,} 位；分成 {k} 群至少需要同样多。",
        )
    return data
