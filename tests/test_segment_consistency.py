"""What must not change a segmentation: units, order of rows, how equal customers are grouped."""

import numpy as np
import pandas as pd
import pytest

from crmlab import segment

CUTS = {"orders": [2, 3, 5, 10]}
SEGMENTS = ["r", "s", "t"]


@pytest.fixture(scope="module")
def cells():
    """Forty cells of equal customers, with many ties between them."""
    rng = np.random.default_rng(11)
    return pd.DataFrame(
        {
            "days_since_last": rng.integers(0, 12, 40),
            "orders": 1 + rng.poisson(1.5, 40),
            "spend": np.round(rng.gamma(0.8, 60, 40)),
            "later": np.round(rng.gamma(0.3, 30, 40)),
            "segment": rng.choice(SEGMENTS, 40),
            "weight": rng.integers(1, 9, 40),
        }
    )


@pytest.fixture(scope="module")
def rows(cells):
    """Return the same customers, one row each."""
    return cells.loc[cells.index.repeat(cells["weight"])].drop(columns="weight")


def per_customer(found, cells):
    return found.loc[cells.index.repeat(cells["weight"])].reset_index(drop=True)


@pytest.mark.parametrize(
    "score",
    [
        pytest.param(lambda t: segment.rfm(t), id="rfm"),
        pytest.param(lambda t: segment.rfm(t, nested=True), id="rfm-nested"),
        pytest.param(lambda t: segment.rfm(t, bins=4, cuts={"orders": [2, 3, 4]}), id="rfm-cuts"),
        pytest.param(lambda t: segment.rank_share(t["spend"], t.get("weight")), id="rank_share"),
        pytest.param(lambda t: segment.abc(t["spend"], weight=t.get("weight")), id="abc"),
        pytest.param(lambda t: segment.pyramid(t["spend"], weight=t.get("weight")), id="pyramid"),
        pytest.param(
            lambda t: segment.pyramid(t["later"], weight=t.get("weight"), active_only=True),
            id="pyramid-active",
        ),
    ],
)
def test_a_cell_scores_like_its_customers(score, cells, rows):
    expected, found = score(rows).reset_index(drop=True), per_customer(score(cells), cells)
    assert found.equals(expected)


@pytest.mark.parametrize(
    "summary",
    [
        pytest.param(lambda t, w: segment.lorenz(t["spend"], w), id="lorenz"),
        pytest.param(lambda t, w: segment.pareto(t["spend"], 5, w), id="pareto"),
        pytest.param(lambda t, w: segment.whale(t["spend"] - 20, w), id="whale"),
        pytest.param(lambda t, w: segment.profile(t["segment"], t["spend"], w), id="profile"),
        pytest.param(lambda t, w: segment.response(t["segment"], t["later"], w), id="response"),
        pytest.param(lambda t, w: segment.cross(t["segment"], t["orders"], w), id="cross"),
        pytest.param(
            lambda t, w: segment.migration(t["segment"], t["orders"], w).drop(
                columns=["layer_before", "layer_after"]
            ),
            id="migration",
        ),
        pytest.param(
            lambda t, w: segment.abc_matrix(t["spend"], t["later"], weight=w), id="abc_matrix"
        ),
        pytest.param(
            lambda t, w: segment.pyramid_profile(t["spend"], weight=w, draws=20),
            id="pyramid_profile",
        ),
        pytest.param(
            lambda t, w: segment.abc_profile(t["later"], weight=w, draws=20), id="abc_profile"
        ),
        pytest.param(
            lambda t, w: segment.sensitivity(
                t["orders"], t["spend"], t["later"], (0.4, 0.8), weight=w
            ),
            id="sensitivity",
        ),
        pytest.param(
            lambda t, w: segment.rfm_grid(segment.rfm(t), t["later"], w), id="grid"
        ),
        pytest.param(
            lambda t, w: segment.score_ranges(t, segment.rfm(t)), id="ranges"
        ),
    ],
)  # fmt: skip
def test_cells_summarise_like_their_customers(summary, cells, rows):
    expected = summary(rows.reset_index(drop=True), None)
    found = summary(cells, cells["weight"])
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


@pytest.mark.parametrize("statistic", [segment.gini, segment.top_share, segment.reach])
def test_cells_concentrate_like_their_customers(statistic, cells, rows):
    assert statistic(cells["spend"], weight=cells["weight"]) == pytest.approx(
        statistic(rows["spend"])
    )
    drawn = segment.bootstrap(statistic, cells["spend"], weight=cells["weight"], draws=20)
    assert segment.bootstrap(statistic, rows["spend"], draws=20) == pytest.approx(drawn)


def test_cells_are_ready_like_their_customers(cells, rows):
    assert segment.ready(cells) == segment.ready(rows)


def test_the_order_of_rows_changes_nobodys_score(rows):
    rows = rows.reset_index(drop=True)
    mixed = rows.sample(frac=1, random_state=4)
    for score in (
        segment.rfm,
        lambda t: segment.rfm(t, nested=True),
        lambda t: segment.abc(t["spend"]),
        lambda t: segment.pyramid(t["spend"]),
        lambda t: segment.name_segments(segment.rfm(t, cuts=CUTS), segment.rules()),
    ):
        assert score(mixed).sort_index().equals(score(rows))


def test_equal_customers_have_equal_scores(rows):
    scores = segment.rfm(rows)
    for measure, score in (("days_since_last", "r"), ("orders", "f"), ("spend", "m")):
        among_equals = scores[f"{score}_score"].groupby(rows[measure])
        assert (among_equals.max() == among_equals.min()).all()
    nested = segment.rfm(rows, nested=True)
    among_equals = nested.groupby([rows[c] for c in ("days_since_last", "orders", "spend")])
    assert among_equals.max().equals(among_equals.min())


def test_cents_or_units_give_the_same_segments(rows):
    cents = rows.assign(spend=rows["spend"] * 100)
    assert segment.rfm(cents).equals(segment.rfm(rows))
    assert segment.abc(cents["spend"]).equals(segment.abc(rows["spend"]))
    assert segment.gini(cents["spend"]) == pytest.approx(segment.gini(rows["spend"]))
    in_units = segment.response(rows["segment"], rows["later"])
    in_cents = segment.response(rows["segment"], rows["later"] * 100)
    for name in ("mean", "low", "high", "total"):
        assert in_cents[name].tolist() == pytest.approx((100 * in_units[name]).tolist())


def test_scores_of_distinct_values_are_equally_many_and_symmetric():
    values = pd.Series(np.random.default_rng(6).permutation(100))
    customers = pd.DataFrame({"days_since_last": values, "orders": values, "spend": values})
    found = segment.rfm(customers)
    assert (found["m_score"].value_counts() == 20).all()
    assert (found["r_score"] + found["f_score"] == 6).all()


@pytest.mark.parametrize("bins", range(2, 11))
def test_rules_leave_nobody_out(bins):
    whole = pd.MultiIndex.from_product([range(1, bins + 1)] * 3).to_frame(index=False)
    scores = whole.set_axis(["r_score", "f_score", "m_score"], axis=1)
    named = segment.name_segments(scores, segment.rules(bins))
    assert "other" not in named.cat.categories
    assert named.iloc[-1] == "champions"
    assert named.iloc[0] == "dormant"


def test_own_rules_leave_the_rest_to_other():
    own = segment.rules().loc[["champions"]]
    scores = pd.DataFrame([(5, 5, 5), (1, 1, 1)], columns=["r_score", "f_score", "m_score"])
    assert segment.name_segments(scores, own).tolist() == ["champions", "other"]


def test_lorenz_curve_runs_from_0_to_1_below_equality_and_never_flattens(rows):
    curve = segment.lorenz(rows["spend"])
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == pytest.approx([1, 1])
    assert (curve["value"] <= curve["customers"] + 1e-12).all()
    slope = curve["value"].diff() / curve["customers"].diff()
    assert slope.dropna().is_monotonic_increasing


def test_concentration_measures_agree_with_each_other(rows):
    spend = rows["spend"]
    fifth = segment.top_share(spend, 0.2)
    assert segment.capture(spend, spend, 0.2) == pytest.approx(fifth)
    assert segment.pareto(spend, 5)["cumulative"].iloc[0] == pytest.approx(fifth)
    assert segment.reach(spend, fifth) == pytest.approx(0.2)


def test_a_ranking_without_information_captures_its_share(rows):
    assert segment.capture(pd.Series(1, index=rows.index), rows["later"], 0.2) == pytest.approx(0.2)


def test_class_a_is_the_smallest_group_that_reaches_the_cut(rows):
    spend = rows["spend"]
    best = spend[segment.abc(spend) == "class_a"]
    assert best.sum() >= 0.8 * spend.sum()
    assert best[best > best.min()].sum() < 0.8 * spend.sum()
    assert best.min() > spend[segment.abc(spend) != "class_a"].max()


def test_shares_of_a_profile_add_up_and_empty_segments_stay(rows):
    segments = pd.Series(pd.Categorical(rows["segment"], categories=[*SEGMENTS, "nobody"]))
    table = segment.profile(segments, rows["spend"].reset_index(drop=True))
    assert table[["share_customers", "share_value"]].sum().tolist() == pytest.approx([1, 1])
    assert table.loc["nobody", ["customers", "value"]].tolist() == [0, 0]
    assert table.loc["nobody", ["share_low", "value_index"]].isna().all()


def test_migration_to_the_same_classes_is_all_stay(rows):
    layers = segment.pyramid(rows["spend"], (0.1, 0.2, 0.3, 0.4))
    moved = segment.migration(layers, layers)
    stay = moved["layer_before"].astype(str) == moved["layer_after"].astype(str)
    assert (moved.loc[stay, "share"] == 1).all()
    assert (moved.loc[~stay, "customers"] == 0).all()
    assert moved["low"].le(moved["share"]).all()
    assert moved["share"].le(moved["high"]).all()


def test_bootstrapped_layers_and_classes_are_in_no_unit(rows):
    for table in (segment.pyramid_profile, segment.abc_profile):
        units, cents = table(rows["spend"], draws=20), table(rows["spend"] * 100, draws=20)
        shares = [c for c in units if c.startswith(("share", "customers"))]
        pd.testing.assert_frame_equal(cents[shares], units[shares])


def test_layer_shares_and_class_sizes_are_parts_of_a_whole(rows):
    layers = segment.layer_shares(rows["spend"], (0.01, 0.04, 0.15, 0.8))
    assert layers.sum() == pytest.approx(1)
    assert layers.iloc[:3].sum() == pytest.approx(segment.top_share(rows["spend"], 0.2))
    classes = segment.class_sizes(rows["spend"], (0.8, 0.95))
    assert classes.sum() == pytest.approx(1)
    assert classes["class_a"] == segment.reach(rows["spend"], 0.8)


def test_all_statistics_see_the_same_samples(rows):
    both = segment.bootstrap_each(segment.class_sizes, rows["spend"], cuts=(0.8, 0.95), draws=30)
    alone = segment.bootstrap(segment.reach, rows["spend"], share=0.8, draws=30)
    assert both.loc["class_a"].tolist() == pytest.approx(list(alone))


def test_bootstrap_repeats_itself_and_hears_the_seed(rows):
    first, again, other = (
        segment.bootstrap(segment.gini, rows["spend"], draws=30, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.value == other.value
    assert first[1:] != other[1:]
