"""Clusters: criteria by hand, stability by sets, groups that are there, and none that are not."""

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.vq import kmeans2
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr

from crmlab import load, segment
from crmlab.customers import summarise
from crmlab.segment.clusters import fit

NAMES = ["days_since_last", "orders", "spend_per_purchase"]


def grouped(n=600, apart=6.0):
    """Return three groups of equal size, `apart` standard deviations from each other."""
    draw = np.random.default_rng(11)
    kind = draw.integers(0, 3, n)
    centres = apart * np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]]) / np.sqrt(2)
    return pd.DataFrame(centres[kind] + draw.standard_normal((n, 3)), columns=NAMES), kind


def one_lump(n=600):
    """Return normal variables that go together (correlation .7) in one group."""
    draw = np.random.default_rng(12)
    spread = 0.7 + 0.3 * np.eye(3)
    return pd.DataFrame(draw.multivariate_normal(np.zeros(3), spread, size=n), columns=NAMES)


def judged(features):
    criteria = segment.cluster_criteria(features, most=6, draws=20)
    votes = segment.cluster_votes(criteria)
    found = segment.clusters(features, segment.most_voted(votes))
    stability = segment.cluster_stability(features, found, draws=30)
    return votes, found, stability, segment.cluster_verdict(criteria, votes, stability)


def test_planted_groups_are_found_and_called_stable():
    features, kind = grouped()
    votes, found, stability, verdict = judged(features)
    assert votes.tolist() == [3] * 5
    assert pd.crosstab(found, kind).max(axis=1).sum() / len(kind) > 0.97
    assert (stability["stability"] == "stable").all()
    assert verdict["passed"].all()
    told = segment.tell_clusters(verdict, 3, "en")
    assert told.startswith("**3 stable groups**")


def test_of_one_correlated_lump_no_groups_are_claimed_though_they_come_back():
    votes, _, stability, verdict = judged(one_lump())
    assert votes["gap_statistic"] == 1
    assert (stability["jaccard"] > 0.75).all()  # cut at the same place again and again
    assert stability["null_jaccard"].iloc[0] > 0.75
    assert not verdict["passed"]["beyond_null"]
    assert "**No stable natural groups**" in segment.tell_clusters(verdict, 2, "en")
    assert "未能证实" in segment.tell_clusters(verdict, 2, "zh")
    assert "stability alone proves nothing" in segment.tell_null(stability, "en")


def test_criteria_are_their_formulas():
    features, _ = grouped(90, apart=3)
    x = features.to_numpy()
    row = segment.cluster_criteria(features, most=3, draws=4).loc[3]
    codes = pd.factorize(segment.clusters(features, 3))[0]
    centres = np.array([x[codes == c].mean(axis=0) for c in range(3)])
    within = ((x - centres[codes]) ** 2).sum()
    between = sum((codes == c).sum() * ((centres[c] - x.mean(axis=0)) ** 2).sum() for c in range(3))
    assert row["calinski_harabasz"] == pytest.approx(between / 2 / (within / 87))
    apart = cdist(x, x)
    to = np.array([[apart[i, (codes == c) & (np.arange(90) != i)].mean() for c in range(3)]
                   for i in range(90)])  # fmt: skip
    own = to[np.arange(90), codes]
    nearest = np.where(np.arange(3) == codes[:, None], np.inf, to).min(axis=1)
    clear = (nearest - own) / np.maximum(own, nearest)
    assert row["silhouette"] == pytest.approx(clear.mean())
    spread = [np.sqrt(((x[codes == c] - centres[c]) ** 2).sum(axis=1)).mean() for c in range(3)]
    worst = [max((spread[i] + spread[j]) / np.linalg.norm(centres[i] - centres[j])
                 for j in range(3) if j != i) for i in range(3)]  # fmt: skip
    assert row["davies_bouldin"] == pytest.approx(np.mean(worst))


def test_k_means_is_as_good_as_scipys_best_of_many_starts():
    features, _ = grouped(apart=2)
    x = features.to_numpy()
    ours = fit(features, 4, 2026).inertia_
    scipys = [kmeans2(x, 4, minit="++", rng=n, iter=60) for n in range(20)]
    best = min(((x - centres[codes]) ** 2).sum() for centres, codes in scipys)
    assert ours == pytest.approx(best, rel=0.005)


def test_one_normal_distribution_has_the_bic_of_its_likelihood():
    features = one_lump(400)
    x = features.to_numpy()
    spread = np.cov(x.T, ddof=0) + 1e-4 * np.eye(3)
    off = x - x.mean(axis=0)
    squares = np.einsum("ij,jk,ik->", off, np.linalg.inv(spread), off)
    likelihood = -0.5 * (squares + 400 * np.log(np.linalg.det(2 * np.pi * spread)))
    told = segment.cluster_criteria(features, most=2, draws=2)["bic"][1]
    assert told == pytest.approx(9 * np.log(400) - 2 * likelihood)


def test_the_jaccard_index_is_that_of_sets():
    draw = np.random.default_rng(3)
    one, other = draw.integers(0, 4, 200), draw.integers(0, 4, 200)
    sets = [[set(np.flatnonzero(each == c)) for c in range(4)] for each in (one, other)]
    best = [max(len(a & b) / len(a | b) for b in sets[1]) for a in sets[0]]
    assert segment.jaccard(one, other, 4) == pytest.approx(best)
    assert np.isnan(segment.jaccard(np.zeros(5, dtype=int), other[:5], 4)[1:]).all()


def test_agreement_is_the_published_rand_index():
    # Hubert and Arabie: (Σ C(n_ij, 2) − E) ÷ (mean of the two − E), here by pairs of customers
    one = pd.Series([*"aaabbbcc"])
    other = pd.Series([*"xxyyyyzz"])
    pairs = [(i, j) for i in range(8) for j in range(i)]
    a, b = ([each[i] == each[j] for i, j in pairs] for each in (one, other))
    both, first, second = np.logical_and(a, b).sum(), sum(a), sum(b)
    chance = first * second / len(pairs)
    adjusted = (both - chance) / ((first + second) / 2 - chance)
    found = segment.agreement(one, other)
    assert found.value == pytest.approx(adjusted)
    assert found.low <= found.value <= found.high
    assert segment.agreement(one, one.map({"a": "z", "b": "y", "c": "x"})).value == 1


def test_data_without_groups_keep_values_and_rank_correlations():
    features = one_lump(2000)
    stream = np.random.default_rng(1)
    alike, mixed = segment.without_groups(features, stream), segment.shuffled(features, stream)
    for made in (alike, mixed):
        assert np.sort(made, axis=0) == pytest.approx(np.sort(features, axis=0))
    assert spearmanr(alike).statistic == pytest.approx(spearmanr(features).statistic, abs=0.06)
    assert spearmanr(mixed).statistic == pytest.approx(np.eye(3), abs=0.06)


def test_ties_do_not_loosen_how_measures_go_together_without_groups():
    """Half of CDNOW bought once: unless that is allowed for, ranks go together by .70, not .83."""
    features = segment.cluster_features(summarise(load.orders("cdnow")))
    stream = np.random.default_rng(1)
    together = [segment.without_groups(features, stream).corr(method="spearman") for _ in range(5)]
    found = sum(together) / 5
    assert found.to_numpy() == pytest.approx(features.corr(method="spearman").to_numpy(), abs=0.02)


def test_cdnow_is_cut_not_grouped():
    features = segment.cluster_features(summarise(load.orders("cdnow")))
    votes, _, stability, verdict = judged(features)
    assert votes.nunique() > 2  # the criteria do not agree
    assert votes["gap_statistic"] == 1
    assert (stability["stability"] == "stable").all()  # by which alone they would pass
    assert not verdict["passed"].all()
