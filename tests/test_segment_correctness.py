"""Segmentation against published numbers, closed forms and computations done another way."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.special import erf
from statsmodels.stats.weightstats import DescrStatsW

from crmlab import segment
from crmlab.customers import split, summarise


@pytest.fixture(scope="module")
def spend(cdnow_master):
    return summarise(cdnow_master)["spend"]


def test_gini_of_all_cdnow_customers(spend):
    assert segment.gini(spend) == pytest.approx(0.63457, abs=5e-6)  # reference-values.md, run


@pytest.mark.parametrize(
    ("share", "known"),
    [(0.01, 0.159), (0.05, 0.367), (0.10, 0.509), (0.20, 0.678), (0.50, 0.896)],
    ids=lambda share: f"cdnow-master-{share}",
)
def test_top_shares_of_all_cdnow_customers(spend, share, known):
    assert segment.top_share(spend, share) == pytest.approx(known, abs=5e-4)


def test_gini_is_half_the_mean_difference_over_the_mean():
    values = pd.Series(np.random.default_rng(1).gamma(0.7, 40, 300))
    apart = np.abs(np.subtract.outer(values.to_numpy(), values.to_numpy())).mean()
    assert segment.gini(values) == pytest.approx(apart / (2 * values.mean()))


def test_exponential_spend_has_its_closed_form():
    places = (np.arange(20_000) + 0.5) / 20_000
    values = pd.Series(-np.log(1 - places))  # Lorenz curve p + (1 - p) ln(1 - p), Gini 1/2
    assert segment.gini(values) == pytest.approx(0.5, abs=1e-4)
    assert segment.top_share(values, 0.2) == pytest.approx(0.2 * (1 - np.log(0.2)), abs=1e-3)


def test_bootstrap_recovers_the_gini_of_a_lognormal():
    values = pd.Series(np.random.default_rng(7).lognormal(0, 1, 4_000))
    found = segment.bootstrap(segment.gini, values, draws=200)
    assert found.low < erf(0.5) < found.high  # sigma = 1: 2 Phi(1 / sqrt 2) - 1
    assert 0.01 < found.high - found.low < 0.06


def test_bootstrap_interval_of_exponential_spend_is_as_wide_as_it_must_be():
    values = pd.Series(np.random.default_rng(8).exponential(50, 2_000))
    found = segment.bootstrap(segment.gini, values, draws=400)
    known = 2 * 1.96 / np.sqrt(12 * 1_999)  # that Gini is distributed as a mean of uniforms
    assert found.high - found.low == pytest.approx(known, rel=0.15)


def exponential_top_share(share):
    """Return what the best `share` bring if spend is exponential, and its variance × n.

    The variance is that of the influence function (x - quantile)⁺ - top share × x.
    """
    brings = share * (1 - np.log(share))
    return brings, 2 * share - share**2 - brings**2


def test_layers_of_exponential_spend_have_intervals_as_wide_as_they_must_be():
    values = pd.Series(np.random.default_rng(8).exponential(50, 2_000))
    table = segment.pyramid_profile(values, (0.05, 0.15, 0.3, 0.5))
    width = table["share_high"] - table["share_low"]
    for layer, share in (("top_customers", 0.05), ("small_customers", 0.5)):
        known = 2 * 1.96 * np.sqrt(exponential_top_share(share)[1] / 2_000)
        assert width[layer] == pytest.approx(known, rel=0.15)


def test_layers_held_fixed_would_have_intervals_twice_too_wide():
    values = pd.Series(np.random.default_rng(8).exponential(50, 2_000))
    known = 2 * 1.96 * np.sqrt(exponential_top_share(0.2)[1] / 2_000)
    held = segment.profile(segment.pyramid(values, (0.2, 0.3, 0.3, 0.2)), values).iloc[0]
    anew = segment.pyramid_profile(values, (0.2, 0.3, 0.3, 0.2)).iloc[0]
    assert held["share_high"] - held["share_low"] > 2 * known
    assert anew["share_high"] - anew["share_low"] < 1.15 * known
    assert anew["share_value"] == held["share_value"]


def test_class_a_of_exponential_spend_has_an_interval_as_wide_as_it_must_be():
    values = pd.Series(np.random.default_rng(8).exponential(50, 2_000))
    row = segment.abc_profile(values).loc["class_a"]
    truth = brentq(lambda share: exponential_top_share(share)[0] - 0.8, 0.01, 0.99)
    known = 2 * 1.96 * np.sqrt(exponential_top_share(truth)[1] / 2_000) / -np.log(truth)
    assert row["customers_low"] < truth < row["customers_high"]
    assert row["customers_high"] - row["customers_low"] == pytest.approx(known, rel=0.15)


def test_layers_of_cdnow_have_the_intervals_of_a_bootstrap_of_rows(cdnow):
    spend = summarise(cdnow)["spend"]
    rng, upto = np.random.default_rng(1), np.array([0, 0.01, 0.05, 0.2, 1])
    shares = []
    for _ in range(500):
        total = np.append(0, np.cumsum(-np.sort(-rng.choice(spend, len(spend)))))
        shares.append(
            np.diff(np.interp(upto * len(spend), np.arange(len(total)), total / total[-1]))
        )
    known = np.quantile(shares, [0.025, 0.975], axis=0)
    found = segment.pyramid_profile(spend)
    assert found["share_low"].to_numpy() == pytest.approx(known[0], abs=0.006)
    assert found["share_high"].to_numpy() == pytest.approx(known[1], abs=0.006)


def test_class_a_of_cdnow_takes_as_many_customers_as_reach_says(cdnow):
    spend = summarise(cdnow)["spend"]
    found = segment.abc_profile(spend, draws=100)
    known = segment.bootstrap(segment.reach, spend, share=0.8, draws=100)
    row = found.loc["class_a"]
    assert row[["customers_low", "customers_high"]].tolist() == pytest.approx(list(known[1:]))
    assert row["share_customers"] == pytest.approx(known.value, abs=1 / len(spend))
    assert "share_low" not in found


def test_a_layer_that_ties_leave_empty_has_an_interval_that_holds_it():
    table = segment.pyramid_profile(pd.Series([50.0, 50, 10, 10]), draws=20)
    assert table.loc["top_customers", ["customers", "share_value", "share_low"]].tolist() == [0] * 3
    assert (table["share_low"] <= table["share_value"]).all()
    assert (table["share_high"] >= table["share_value"]).all()


def test_interval_of_a_share_of_value_covers_it():
    rng, truth, covered = np.random.default_rng(3), 0.3 * 2 / (0.3 * 2 + 0.7), 0
    for _ in range(200):
        best = rng.random(400) < 0.3
        values = pd.Series(rng.gamma(1, np.where(best, 2.0, 1.0)))
        row = segment.profile(pd.Series(best), values).loc[True]
        covered += row["share_low"] < truth < row["share_high"]
    assert 0.91 <= covered / 200 <= 0.985


@pytest.mark.parametrize(
    ("name", "published", "digits"),
    [
        ("share_customers", 0.0725, 4), ("sales_index", 4.00, 2), ("profit_index", 9.59, 2),
        ("profit_per_unit", 2.397, 3), ("sales_per_head", 5.23, 2), ("profit_per_head", 29.17, 2),
        ("rest_sales", 0.71, 2), ("rest_profit", 0.305, 3), ("not_described", 31, 0),
        ("customers_after", 92, 0), ("sales_per_customer", 2.0, 2),
        ("customers_a_year", -0.184, 3), ("sales_a_year", 0.155, 3),
    ],
)  # fmt: skip
def test_company_k_of_the_course(name, published, digits):
    assert round(segment.k_consulting()[name], digits) == published


def test_company_k_as_weighted_cells_gives_the_same_indices():
    k, heads = segment.k_consulting(), pd.Series([10, 128])
    group = pd.Series(["high_high", "rest"])
    found = segment.indices(
        group, pd.Series([0.29, 0.71]) / heads, pd.Series([0.695, 0.305]) / heads, heads
    ).loc["high_high"]
    names = {"share_customers": "share_customers", "volume_index": "sales_index",
             "profit_index": "profit_index", "profit_per_unit": "profit_per_unit"}  # fmt: skip
    assert found[list(names)].tolist() == pytest.approx(k[list(names.values())].tolist())


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        pytest.param(81, 263, 0.2553, 0.3662, id="newcombe-1998-table-1-81-of-263"),
        pytest.param(15, 148, 0.0624, 0.1605, id="newcombe-1998-table-1-15-of-148"),
        pytest.param(0, 20, 0, 0.1611, id="newcombe-1998-table-1-0-of-20"),
        pytest.param(1, 29, 0.0061, 0.1718, id="newcombe-1998-table-1-1-of-29"),
    ],
)
def test_share_of_movers_has_the_wilson_interval(count, of, low, high):
    before = pd.Series(pd.Categorical(["a"] * of, categories=["a", "b"]))
    after = pd.Series(pd.Categorical(["b"] * count + ["a"] * (of - count), categories=["a", "b"]))
    row = segment.migration(before, after).set_index(["layer_before", "layer_after"]).loc["a", "b"]
    assert row["customers"] == count
    assert (round(row["low"], 4), round(row["high"], 4)) == (low, high)


def test_response_has_the_t_interval_of_statsmodels():
    rng = np.random.default_rng(5)
    segments, outcome = pd.Series(rng.choice(["x", "y"], 60)), pd.Series(rng.normal(10, 4, 60))
    found = segment.response(segments, outcome)
    for name, row in found.iterrows():
        known = DescrStatsW(outcome[segments == name])
        assert (row["mean"], row["low"], row["high"]) == pytest.approx(
            (known.mean, *known.tconfint_mean())
        )


def test_segments_of_cdnow_predict_the_half_year_that_they_did_not_see(cdnow_master):
    past = split(cdnow_master, holdout_weeks=26)
    cuts = {"days_since_last": [30, 90, 180, 270], "orders": [2, 3, 5, 10]}
    named = segment.name_segments(segment.rfm(past, cuts=cuts), segment.rules())
    bought = segment.response(named, past["holdout_frequency"])
    best, loyal, dormant = (bought.loc[name] for name in ("champions", "loyal", "dormant"))
    assert best["low"] > loyal["high"]
    assert loyal["low"] > dormant["high"]


def test_scores_by_hand():
    customers = pd.DataFrame(
        {
            "days_since_last": [1, 10, 20, 30, 40],
            "orders": [5, 1, 1, 1, 2],  # places .9 .3 .3 .3 .7
            "spend": [50.0, 40.0, 30.0, 20.0, 10.0],
        }
    )
    found = segment.rfm(customers)
    assert found["r_score"].tolist() == [5, 4, 3, 2, 1]
    assert found["f_score"].tolist() == [5, 2, 2, 2, 4]
    assert found["m_score"].tolist() == [5, 4, 3, 2, 1]


def test_nested_scores_by_hand():
    customers = pd.DataFrame(
        {
            "days_since_last": [1, 2, 3, 4, 11, 12, 13, 14],
            "orders": [9, 9, 5, 4, 3, 2, 1, 1],
            "spend": [5.0, 6, 7, 8, 1, 2, 3, 4],
        }
    )
    found = segment.rfm(customers, bins=2, nested=True)
    assert found["r_score"].tolist() == [2, 2, 2, 2, 1, 1, 1, 1]
    assert found["f_score"].tolist() == [2, 2, 1, 1, 2, 2, 1, 1]  # 3 orders are many among the old
    assert found["m_score"].tolist() == [1, 2, 1, 2, 1, 2, 1, 2]
    apart = segment.rfm(customers, bins=2)
    assert apart["f_score"].tolist() == [2, 2, 2, 2, 1, 1, 1, 1]


def test_nested_cells_are_equally_full_where_nobody_ties():
    draw = np.random.default_rng(8)
    spread = 0.8 + 0.2 * np.eye(3)
    values = draw.multivariate_normal(np.zeros(3), spread, size=125 * 8)
    customers = pd.DataFrame(values, columns=["days_since_last", "orders", "spend"])
    assert (segment.rfm(customers, nested=True).value_counts() == 8).all()
    assert segment.rfm(customers).value_counts().max() > 40


def test_cut_points_give_the_better_score_to_who_just_reaches_them():
    customers = pd.DataFrame(
        {
            "days_since_last": [30, 31, 365, 366],
            "orders": [1, 2, 4, 5],
            "spend": [9.99, 10, 99, 100],
        }
    )
    found = segment.rfm(
        customers, bins=3, cuts={"days_since_last": [30, 365], "orders": [2, 5], "spend": [10, 100]}
    )
    assert found["r_score"].tolist() == [3, 2, 2, 1]
    assert found["f_score"].tolist() == [1, 2, 2, 3]
    assert found["m_score"].tolist() == [1, 2, 2, 3]


def test_ranges_and_grid_tell_what_scores_hold():
    customers = pd.DataFrame(
        {"days_since_last": [1, 2, 3, 4], "orders": [1, 1, 1, 9], "spend": [1.0, 2.0, 3.0, 4.0]}
    )
    scores = segment.rfm(customers, bins=4)
    ranges = segment.score_ranges(customers, scores, bins=4)
    assert ranges["customers"].tolist() == [1, 1, 1, 1, 0, 3, 0, 1, 1, 1, 1, 1]
    assert ranges.loc[("days_since_last", 4), ["lowest", "highest"]].tolist() == [1, 1]
    grid = segment.rfm_grid(scores, customers["spend"]).set_index(["r_score", "f_score"])
    assert grid.loc[(1, 4)].tolist() == [1, 4.0]


@pytest.mark.parametrize(
    ("scores", "name"),
    [
        ((5, 5, 5), "champions"), ((4, 5, 5), "champions"), ((3, 5, 5), "loyal"),
        ((5, 4, 1), "loyal"), ((2, 5, 5), "at_risk"), ((5, 1, 5), "big_spenders"),
        ((5, 3, 2), "promising"), ((4, 1, 1), "new_or_seldom"), ((3, 2, 2), "fading"),
        ((1, 3, 5), "dormant"),
    ],
)  # fmt: skip
def test_rules_name_scores(scores, name):
    row = pd.DataFrame([scores], columns=["r_score", "f_score", "m_score"])
    assert segment.name_segments(row, segment.rules()).item() == name


@pytest.mark.parametrize(
    ("value", "classes"),
    [
        ([50, 30, 15, 5], "AABC"),  # 80 % with two customers, 95 % with three
        ([50, 29, 16, 5], "AAAC"),  # the third crosses 80 %
        ([50, 15, 15, 15, 5], "AAAAC"),  # ties are not split
        ([90, 5, 5, 0, -40], "ABBCC"),  # shares of the positive sum; the rest is C
        ([0, 0, -1], "CCC"),
    ],
)
def test_abc_by_hand(value, classes):
    found = segment.abc(pd.Series(value, dtype="float64"))
    assert [name[-1].upper() for name in found] == list(classes)


def test_abc_matrix_finds_who_came_up_who_fell_and_who_bought_nothing():
    before = pd.Series([80.0, 70.0, 25.0, 5.0, 4.0])
    after = pd.Series([0.0, 14.0, 1.0, 85.0, -3.0])
    found = segment.abc_matrix(before, after)
    assert found.columns.tolist() == ["class_a", "class_b", "class_c", "no_purchase"]
    assert found.loc["class_a"].tolist() == [0, 1, 0, 1]
    assert found.loc["class_b"].tolist() == [0, 0, 1, 0]
    assert found.loc["class_c"].tolist() == [1, 0, 0, 1]


def test_pyramid_of_a_hundred():
    found = segment.pyramid(pd.Series(range(100)))
    assert found.value_counts(sort=False).tolist() == [1, 4, 15, 80]
    assert found.iloc[-1] == "top_customers"


def test_pyramid_of_those_who_bought():
    found = segment.pyramid(pd.Series([0.0] * 50 + [*range(1, 101)]), active_only=True)
    assert found.value_counts(sort=False).tolist() == [1, 4, 15, 80, 50]
    nobody = segment.pyramid(pd.Series([0.0, 0.0]), active_only=True)
    assert nobody.tolist() == ["no_purchase"] * 2


def test_whale_curve_rises_above_all_profit_and_comes_back():
    curve = segment.whale(pd.Series([-30.0, 100.0, -20.0, 50.0]))
    assert curve["customers"].tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert curve["profit"].tolist() == pytest.approx([0, 1.0, 1.5, 1.3, 1.0])


def test_quadrants_by_hand():
    volume, margin = pd.Series([9, 1, 9, 1, 5]), pd.Series([0.9, 0.9, 0.1, 0.1, 0.5])
    found = segment.quadrants(volume, margin, volume_cut=5, margin_cut=0.5)
    assert found.tolist() == ["high_high", "low_high", "high_low", "low_low", "low_low"]


def test_sensitivity_holds_what_the_quadrants_hold():
    rng = np.random.default_rng(2)
    volume, margin = pd.Series(rng.integers(1, 30, 200)), pd.Series(rng.random(200))
    row = segment.sensitivity(volume, margin, volume * margin, levels=(0.5, 0.8)).iloc[1]
    cuts = segment.cut_point(volume, 0.5), segment.cut_point(margin, 0.8)
    best = segment.indices(segment.quadrants(volume, margin, *cuts), volume, volume * margin).loc[
        "high_high"
    ]
    assert (row["volume_cut"], row["margin_cut"]) == cuts
    names = ["customers", "share_customers", "share_volume", "share_profit"]
    assert row[names].tolist() == best[names].tolist()


def test_relationships_are_those_of_kotler_and_armstrong():
    table = pd.DataFrame(
        [(share, index) for index in (2, 1, 0.5) for share in (0.3, 0.1, 0.01)],
        columns=["share_customers", "value_index"],
    )
    assert segment.relationship_types(table).tolist() == [
        "accountable", "proactive", "partnership",
        "reactive", "accountable", "proactive",
        "basic", "reactive", "accountable",
    ]  # fmt: skip


def test_uplift_joins_the_intervals_of_two_means():
    table = pd.DataFrame({"mean": [10.0, 30.0], "high": [13.0, 34.0]}, index=["from", "to"])
    assert segment.uplift(table, "from", "to") == (20, 15, 25)


def test_lead_is_the_difference_of_two_captures():
    spend, later = pd.Series([4, 3, 2, 1]), pd.Series([1, 2, 3, 4])
    assert segment.lead(spend, later, later, share=0.5) == pytest.approx(0.3 - 0.7)
