"""Does satisfaction and loyalty keep its invariants, and find a truth that is known?"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from crmlab import company, load, loyalty, plots

MANY = 5000


@pytest.fixture(scope="module")
def survey():
    return load.table("chenxing", "survey").to_pandas()


@pytest.fixture(scope="module")
def answers(survey):
    return loyalty.answered(survey)


@pytest.fixture(scope="module")
def scores(answers):
    return loyalty.scores(answers)


@pytest.fixture(scope="module")
def items(answers):
    return answers[loyalty.attributes(answers)]


@pytest.fixture(scope="module")
def fitted(scores):
    return loyalty.curve(scores, draws=100)


@pytest.fixture(scope="module")
def drivers(items, scores, answers):
    return loyalty.drivers(items, scores["satisfaction_score"], answers["customer_id"], draws=60)


class World:
    """A large company and the truth behind it."""

    def __init__(self):
        customers = company.customers(11, MANY)
        self.survey = company.survey(11, customers)
        self.answers = loyalty.answered(self.survey)
        self.scores = loyalty.scores(self.answers)
        latent = company.truth(11, customers, self.survey)["latent"]
        self.truth = self.answers[["customer_id", "wave"]].merge(latent, on=["customer_id", "wave"])


@pytest.fixture(scope="module")
def world():
    return World()


# --- recovery of what was planted ---------------------------------------------


def test_the_breaks_are_found_from_latent_satisfaction(world):
    latent = world.scores.assign(satisfaction_score=world.truth["satisfaction"])
    found = loyalty.curve(latent, draws=60)
    assert found.breaks["value"].tolist() == pytest.approx(company.THRESHOLDS, abs=0.25)
    assert found.zone is not None
    low, high = found.breaks["low"].to_numpy(), found.breaks["high"].to_numpy()
    assert (low <= company.THRESHOLDS).all()
    assert (high >= company.THRESHOLDS).all()
    assert found.slopes["value"]["zone"] < 0.25 * found.slopes["value"].drop("zone").min()


def test_survey_scores_distort_the_zone(world):
    """Spec: with survey scores about −.80 and 1.05, the flat slope twice too steep."""
    found = loyalty.curve(world.scores, draws=60)
    score = world.scores["satisfaction_score"]
    standard = (found.breaks["value"] - score.mean()) / score.std()
    assert standard.tolist() == pytest.approx([-0.80, 1.05], abs=0.3)
    assert found.zone is not None

    latent = world.scores.assign(satisfaction_score=world.truth["satisfaction"])
    truly = loyalty.curve(latent, draws=20).slopes["value"]
    ratio = found.slopes["value"]["zone"] / found.slopes["value"].drop("zone").mean()
    assert ratio > 1.4 * truly["zone"] / truly.drop("zone").mean()


def test_noise_levels_the_outer_slopes(world):
    found = loyalty.curve(world.scores, draws=20)
    trust = loyalty.cronbach_alpha(world.answers[list(loyalty.SATISFACTION)])
    told = loyalty.distortion(world.scores, found, trust)
    for outer in ("below_zone", "above_zone"):
        assert told[outer].is_monotonic_decreasing


def test_a_straight_world_has_no_zone():
    """Twenty straight lines: a zone in one would be a false alarm."""
    alarms = 0
    for seed in range(20):
        draw = np.random.default_rng(seed)
        who = draw.integers(0, 400, 1000)
        x = np.clip(64 + 17 * draw.standard_normal(1000), 0, 100).round(1)
        y = (
            56
            + 0.3 * (x - 64)
            + 4 * draw.standard_normal(400)[who]
            + 14 * draw.standard_normal(1000)
        )
        rows = pd.DataFrame({"customer_id": who, "satisfaction_score": x, "loyalty_score": y})
        alarms += loyalty.curve(rows, draws=60, seed=seed).zone is not None
    assert alarms <= 1


def test_planted_drivers_come_before_those_without_effect(world):
    rated = world.answers[loyalty.attributes(world.answers)]
    found = loyalty.drivers(
        rated, world.scores["satisfaction_score"], world.answers["customer_id"], draws=60
    )
    order = found.index.str.removeprefix("item_").tolist()
    assert order[0] == "price"
    assert set(order[-3:]) == {"social", "physiological", "culture"}  # planted without effect
    assert loyalty.first_to_improve(found) == "item_price"
    assert found.loc["item_price", "improve_share"] == 1


def test_planted_one_sided_attributes_are_found(world):
    rated = world.answers[loyalty.attributes(world.answers)]
    found = loyalty.penalty_reward(
        rated, world.scores["satisfaction_score"], world.answers["customer_id"], draws=60
    )
    kind = found["kind"]
    assert kind["item_physical"] == kind["item_conduct"] == "basic_item"
    assert kind["item_art"] == "exciting_item"
    assert kind["item_price"] == kind["item_psychological"] == "both_ways"
    assert found.loc["item_spiritual", ["penalty_effect", "reward_effect"]].sum() > 0


def test_the_ordered_logit_finds_the_planted_effects(world):
    S = world.truth["satisfaction"]
    low, high = company.THRESHOLDS
    x = pd.DataFrame(
        {
            "below": np.minimum(S - low, 0),
            "zone": np.clip(S, low, high),
            "above": np.maximum(S - high, 0),
            "incentive": world.answers["incentive"],
            "constraint": world.truth["constraint"],
        }
    )
    found = loyalty.ordered_logit(world.answers["loyalty"], x, customer=world.truth["customer_id"])
    planted = [1.4, 0.15, 1.6, 0.5, 0.7]
    z = (found.effects["coefficient"] - planted) / found.effects["standard_error"]
    assert z.abs().max() < 3
    assert found.cuts.tolist() == pytest.approx(company.CUTS, abs=0.12)
    test = loyalty.proportional_odds(
        world.answers["loyalty"], x, customer=world.truth["customer_id"]
    )
    assert test.loc["all_terms", "p_value"] > 0.01


def test_effects_that_differ_from_cut_to_cut_are_seen():
    draw = np.random.default_rng(2)
    x = pd.Series(draw.standard_normal(3000))
    upper = draw.random(3000) < 1 / (1 + np.exp(-2 * x))
    y = pd.Series(np.where(draw.random(3000) < 0.4, 1, np.where(upper, 3, 2)))
    found = loyalty.proportional_odds(y, pd.DataFrame({"x": x}))
    assert found.loc["x", "p_value"] < 1e-6


def test_those_who_do_not_answer_are_less_satisfied(survey, scores):
    found = loyalty.nonresponse(survey, scores["satisfaction_score"])
    assert found["high"].iloc[0] < found["low"].iloc[-1]
    assert "Silence" in loyalty.tell_response(found, "en")
    assert "沉默" in loyalty.tell_response(found, "zh")


# --- invariants -----------------------------------------------------------------


def shuffled(table):
    return table.sample(frac=1, random_state=3)


def test_the_order_of_rows_changes_nothing(survey, answers, scores, fitted, items, drivers):
    mixed = shuffled(survey)
    pd.testing.assert_frame_equal(loyalty.answered(mixed), answers)
    pd.testing.assert_frame_equal(loyalty.indices(mixed), loyalty.indices(survey))
    again = loyalty.curve(shuffled(scores), draws=100)
    pd.testing.assert_frame_equal(again.breaks, fitted.breaks)
    pd.testing.assert_frame_equal(again.slopes, fitted.slopes, rtol=1e-6)
    moved = loyalty.drivers(
        shuffled(items), scores["satisfaction_score"], answers["customer_id"], draws=60
    )
    pd.testing.assert_frame_equal(moved, drivers, rtol=1e-6)


def test_the_seed_decides_and_nothing_else(scores, fitted):
    again = loyalty.curve(scores, draws=100)
    pd.testing.assert_frame_equal(again.points, fitted.points)
    assert not loyalty.curve(scores, draws=100, seed=1).breaks.equals(fitted.breaks)


def test_shares_of_variance_add_to_r2_in_any_order_and_unit(items, scores, answers):
    y = scores["satisfaction_score"]
    whole = items.astype(float).assign(y=y).dropna()
    columns = np.column_stack([np.ones(len(whole)), whole.drop(columns="y")])
    fit = columns @ np.linalg.lstsq(columns, whole["y"], rcond=None)[0]
    r2 = fit.var() / whole["y"].to_numpy().var()
    found = loyalty.drivers(items, y, answers["customer_id"], draws=10)
    assert found["importance"].sum() == pytest.approx(r2)
    assert found["relative_weight"].sum() == pytest.approx(r2)
    assert found["share"].sum() == pytest.approx(1)
    other = loyalty.drivers(items.iloc[:, ::-1], 3 * y + 7, answers["customer_id"], draws=10)
    pd.testing.assert_series_equal(other["importance"], found["importance"])


def test_a_twin_shares_its_twins_importance():
    draw = np.random.default_rng(4)
    a, b = draw.standard_normal((2, 300))
    frame = pd.DataFrame({"a": a, "twin": a, "b": b, "y": a + b + draw.standard_normal(300)})
    found = loyalty.lmg(frame.corr())
    assert found[0] == pytest.approx(found[1])
    alone = loyalty.lmg(frame.drop(columns="twin").corr())
    assert found.sum() == pytest.approx(alone.sum())


def test_many_matrices_at_once_are_like_one_by_one(items):
    pair = np.stack([items.astype(float).corr(), items.astype(float).iloc[:900].corr()])
    assert loyalty.lmg(pair) == pytest.approx(np.stack([loyalty.lmg(m) for m in pair]))
    each = np.stack([loyalty.relative_weights(m) for m in pair])
    assert loyalty.relative_weights(pair) == pytest.approx(each)


def test_estimates_lie_in_their_intervals(drivers):
    for name in ("importance", "relative_weight", "performance"):
        assert (drivers[f"{name}_low"] <= drivers[name]).all()
        assert (drivers[name] <= drivers[f"{name}_high"]).all()


def test_clusters_widen_the_interval_when_customers_repeat_themselves():
    """Every row four times is no new information: four copies, one customer."""
    draw = np.random.default_rng(9)
    once = pd.DataFrame({"a": draw.integers(1, 11, 300), "b": draw.integers(1, 11, 300)})
    y = once["a"] * 3.0 + draw.standard_normal(300) * 10
    who = pd.Series(range(300))
    wide = loyalty.drivers(once, y, who, draws=200)
    four = pd.concat([once] * 4, ignore_index=True)
    same = loyalty.drivers(
        four, pd.concat([y] * 4, ignore_index=True), pd.concat([who] * 4, ignore_index=True)
    )
    pd.testing.assert_frame_equal(same, wide)


def test_scores_run_from_0_to_100_and_their_mean_is_the_score_of_the_means(answers, scores):
    chosen = answers[list(loyalty.SATISFACTION)]
    score = scores["satisfaction_score"].dropna()
    assert score.between(0, 100).all()
    weight = loyalty.weights(chosen)
    complete = chosen.dropna().astype(float)
    assert weight.sum() == pytest.approx(1)
    expected = 100 * (complete.mean() @ weight - 1) / 9
    assert loyalty.score(complete, weight).mean() == pytest.approx(expected)


def test_who_answered_half_of_the_items_has_a_score():
    rows = pd.DataFrame(
        {"a": [10, 10, None], "b": [10, None, None], "c": [1, 1, 1], "d": [1, None, None]}
    )
    assert loyalty.score(rows).fillna(-1).tolist() == pytest.approx([50.0, 50.0, -1.0])


def test_alpha_knows_no_origin_and_no_unit(answers):
    chosen = answers[list(loyalty.SATISFACTION)].astype(float)
    assert loyalty.cronbach_alpha(10 * chosen + 3) == pytest.approx(loyalty.cronbach_alpha(chosen))


def test_weights_are_repeated_rows():
    draw = np.random.default_rng(6)
    x = pd.DataFrame({"a": draw.integers(0, 2, 90), "b": draw.standard_normal(90)})
    y = pd.Series(draw.integers(1, 4, 90))
    times = pd.Series(draw.integers(0, 4, 90))
    rows = np.repeat(np.arange(90), times)
    weighted = loyalty.ordered_logit(y, x, weight=times)
    repeated = loyalty.ordered_logit(y.iloc[rows], x.iloc[rows])
    pd.testing.assert_frame_equal(weighted.effects, repeated.effects)
    assert weighted.rows == len(rows)


def test_a_customer_counts_once_with_the_latest_answers(survey):
    last = loyalty.latest(survey)
    assert last["customer_id"].is_unique
    newest = loyalty.answered(survey).groupby("customer_id")["wave"].max()
    assert last.set_index("customer_id")["wave"].equals(newest)


def test_kinds_and_quadrants_are_whole_and_agree(survey):
    kind = loyalty.loyalty_kind(loyalty.latest(survey))
    square, sorts = loyalty.grid(kind), loyalty.kinds(kind)
    assert square["value"].sum() == pytest.approx(1)
    assert sorts["value"].sum() == pytest.approx(1)
    assert square["n"]["no_loyalty"] == sorts["n"]["no_loyalty"]
    assert square["n"]["latent_loyalty"] == sorts["n"]["latent_loyalty"]


def test_a_survey_without_the_optional_questions_still_works(survey):
    asked = [c for c in survey if not c.startswith(("emotion", "expected", "perceived", "item_c"))]
    poor = survey[asked].drop(columns=["named_brand", "stay_reason", "constraint", "responded"])
    answers = loyalty.answered(poor)
    assert len(loyalty.attributes(answers)) == 9
    assert loyalty.indices(poor)["needs"]["named_share"] == "needs_question"
    kind = loyalty.loyalty_kind(loyalty.latest(poor))
    assert kind.isna().all(axis=None)
    assert loyalty.grid(kind)["value"].isna().all()
    satisfaction = loyalty.scores(answers)["satisfaction_score"]
    assert list(loyalty.bonds(answers, satisfaction)) == ["satisfaction_10", "incentive"]


# --- what the page shows ---------------------------------------------------------


@pytest.fixture(params=["en", "zh"])
def lang(request):
    plots.use(request.param)
    yield request.param
    plt.close("all")


def test_charts_have_all_glyphs_and_say_what_they_show(lang, survey, answers, scores, fitted, items,
                                                       drivers):  # fmt: skip
    satisfaction, who = scores["satisfaction_score"], answers["customer_id"]
    kind = loyalty.loyalty_kind(loyalty.latest(survey))
    contrast = loyalty.penalty_reward(items, satisfaction, who, draws=20)
    odds = loyalty.ordered_logit(answers["loyalty"], loyalty.bonds(answers, satisfaction))
    drawn = [
        plots.index_dots(loyalty.indices(survey), lang=lang),
        plots.response_dots(loyalty.nonresponse(survey, satisfaction), lang=lang),
        plots.loyalty_curve(
            fitted.points,
            fitted.observed,
            fitted.breaks,
            fitted.slopes,
            zone=fitted.zone,
            lang=lang,
        ),
        plots.loyalty_grid(loyalty.grid(kind), lang=lang),
        plots.kind_dots(loyalty.kinds(kind), lang=lang),
        plots.driver_bars(drivers, lang=lang),
        plots.priority_map(drivers, lang=lang),
        plots.penalty_reward_bars(contrast, lang=lang),
        plots.odds_forest(odds.effects, lang=lang),
    ]
    for ax in drawn:
        ax.get_figure().canvas.draw()  # a missing glyph is a warning, and that an error
        assert len(ax.get_title(loc="left")) > 8
        assert ax.get_xlabel()
        assert ax.get_ylabel()


def test_charts_of_nothing_do_not_fail(lang):
    nothing = loyalty.loyalty_kind(pd.DataFrame({"loyalty_repeat": pd.array([None], "Int64")}))
    empty = pd.DataFrame(columns=["value", "low", "high", "n"]).rename_axis("score_before")
    for ax in (
        plots.loyalty_grid(loyalty.grid(nothing), lang=lang),
        plots.kind_dots(loyalty.kinds(nothing), lang=lang),
        plots.response_dots(empty, lang=lang),
    ):
        ax.get_figure().canvas.draw()
        assert "nan" not in ax.get_title(loc="left")


def test_the_sentences_hold_their_numbers(lang, answers, scores, fitted, drivers):
    low, high = (f"{place:.0f}" for place in fitted.breaks["value"])
    first = loyalty.first_to_improve(drivers)
    for text in (
        loyalty.headline(fitted, first, lang),
        loyalty.tell_curve(fitted, scores["satisfaction_score"], lang),
    ):
        assert low in text
        assert high in text
    trust = loyalty.reliability(answers[list(loyalty.SATISFACTION)])
    assert "0.88" in loyalty.tell_reliability(trust, lang)
    assert "40" in loyalty.tell_promoters(
        loyalty.net_promoter(pd.Series([10, 9, 8, 7, 0, 10, 9, 9, 9, 1])), lang
    )


def test_a_curve_without_a_zone_is_told_as_such(lang, scores):
    straight = scores.assign(loyalty_score=scores["satisfaction_score"] * 0.5 + 20)
    noisy = np.random.default_rng(1).standard_normal(len(straight)) * 10
    found = loyalty.curve(
        straight.assign(loyalty_score=straight["loyalty_score"] + noisy), draws=40
    )
    assert found.zone is None
    told = loyalty.headline(found, "item_price", lang)
    assert {"en": "no flat stretch is certain", "zh": "未见可以确定的平缓段"}[lang] in told
    ax = plots.loyalty_curve(
        found.points, found.observed, found.breaks, found.slopes, zone=None, lang=lang
    )
    assert {"en": "no flat stretch", "zh": "未见"}[lang] in ax.get_title(loc="left")


def test_actions_count_whom_they_name(survey, answers, scores):
    last = loyalty.latest(survey)
    now = pd.Series(np.linspace(0, 100, len(last)), index=last.index)
    kind = loyalty.loyalty_kind(last)
    customers = pd.DataFrame({"customer_id": last["customer_id"], "potential": 10.0})
    found = loyalty.actions(last, now, kind, customers, item="item_price", below=20)
    assert found["customers"].tolist() == [
        (last["item_price"] <= 5).sum(), (now < 20).sum(),
        (kind["quadrant"] == "spurious_loyalty").sum(),
    ]  # fmt: skip
    assert found["value_at_stake"].tolist() == (10.0 * found["customers"]).tolist()
    unknown = loyalty.actions(
        last, now, kind, customers[["customer_id"]], item="item_price", below=20
    )
    assert unknown["value_at_stake"].isna().all()
