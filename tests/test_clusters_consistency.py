"""Clusters do not hang on the order of rows or the currency; sentences hold their numbers."""

import numpy as np
import pandas as pd
import pytest

from crmlab import load, plots, segment
from crmlab.customers import summarise
from crmlab.segment import Estimate
from tests.drawn import assert_labelled


@pytest.fixture(scope="module")
def customers():
    return summarise(load.orders("cdnow"))


def test_order_of_rows_and_currency_change_nothing(customers):
    found = segment.clusters(segment.cluster_features(customers), 3)
    mixed = customers.sample(frac=1, random_state=1)
    again = segment.clusters(segment.cluster_features(mixed.assign(spend=mixed["spend"] * 7.1)), 3)
    assert again.loc[found.index].tolist() == found.tolist()


def test_equal_customers_are_in_one_cluster(customers):
    twice = pd.concat([customers, customers.add_suffix("x", axis=0)])
    found = segment.clusters(segment.cluster_features(twice), 4).to_numpy()
    assert (found[: len(customers)] == found[len(customers) :]).all()


def test_a_run_gives_the_same_again(customers):
    features = segment.cluster_features(customers)
    one, two = (segment.cluster_criteria(features, most=3, draws=3) for _ in range(2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_groups_are_numbered_by_purchases(customers):
    found = segment.clusters(segment.cluster_features(customers), 4)
    often = np.log(customers["orders"]).groupby(found).mean()
    assert often.is_monotonic_decreasing


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_and_sentences_say_what_was_found(lang, customers):
    plots.use(lang)
    features = segment.cluster_features(customers)
    criteria = segment.cluster_criteria(features, most=3, draws=3)
    votes = segment.cluster_votes(criteria)
    found = segment.clusters(features, 2)
    stability = segment.cluster_stability(features, found, draws=5)
    levels = features.groupby(found).mean()
    drawn = [
        plots.silhouettes(criteria, 2, lang=lang),
        plots.stability_dots(stability, lang=lang),
        plots.cluster_heatmap(levels, levels, units={"spend_per_purchase": "USD"}, lang=lang),
    ]
    assert_labelled(drawn)
    assert str(votes.max()) in segment.tell_votes(votes, lang)
    assert f"{stability['jaccard'].min():.2f}"[:4] in segment.tell_null(stability, lang)
    same = Estimate(0.712, 0.654, 0.783)
    told = segment.tell_agreement(same, Estimate(0.104, 0.05, 0.16), 0.781, 26, lang)
    assert all(each in told for each in ("0.71", "0.65", "0.78", "0.1", "0.16", "78.1%"))
    assert "3.6" in segment.tell_better(Estimate(-0.036, -0.06, -0.01), lang)
    assert {"en": "less", "zh": "少"}[lang] in segment.tell_better(
        same._replace(value=-0.1, low=-0.2, high=-0.05), lang
    )
    nothing = segment.tell_better(Estimate(np.nan, np.nan, np.nan), lang)
    assert {"en": "cannot tell", "zh": "无法说明"}[lang] in nothing
    unclear = segment.tell_better(Estimate(0.01, -0.02, 0.04), lang)
    assert {"en": "neither better nor worse", "zh": "看不出"}[lang] in unclear


def test_no_group_at_all_is_one_vote_less(customers):
    votes = pd.Series({"a": 1, "b": 1, "c": 1, "d": 4, "e": 1})
    assert segment.most_voted(votes) == 4
    assert segment.most_voted(votes.where(votes == 1, 1)) == 2
    assert segment.most_voted(pd.Series([2, 3, 3, 2, 5])) == 2
