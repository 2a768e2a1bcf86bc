"""Does satisfaction and loyalty keep its invariants, and find a truth that is known?"""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from crmlab import company, load, loyalty, plots
from tests.drawn import assert_labelled

MANY = 5000
TODAY = pd.Timestamp("2025-12-31")


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
    assert found.breaks["estimate"].tolist() == pytest.approx(company.THRESHOLDS, abs=0.25)
    assert found.zone is not None
    low, high = found.breaks["low"].to_numpy(), found.breaks["high"].to_numpy()
    assert (low <= company.THRESHOLDS).all()
    assert (high >= company.THRESHOLDS).all()
    slopes = found.slopes["estimate"]
    assert slopes["between_breaks"] < 0.25 * slopes.drop("between_breaks").min()


def test_survey_scores_distort_the_zone(world):
    """Spec: with survey scores about −.80 and 1.05, the flat slope twice too steep."""
    found = loyalty.curve(world.scores, draws=60)
    score = world.scores["satisfaction_score"]
    standard = (found.breaks["estimate"] - score.mean()) / score.std()
    assert standard.tolist() == pytest.approx([-0.80, 1.05], abs=0.3)
    assert found.zone is not None

    latent = world.scores.assign(satisfaction_score=world.truth["satisfaction"])
    truly = loyalty.curve(latent, draws=20).slopes["fitted"]
    ratio = (
        found.slopes["fitted"]["between_breaks"]
        / found.slopes["fitted"].drop("between_breaks").mean()
    )
    assert ratio > 1.4 * truly["between_breaks"] / truly.drop("between_breaks").mean()


def test_noise_levels_the_outer_slopes(world):
    found = loyalty.curve(world.scores, draws=20)
    trust = loyalty.cronbach_alpha(world.answers[list(loyalty.SATISFACTION)])
    told = loyalty.distortion(world.scores, found, trust, copies=5, draws=20)
    for outer in ("below_breaks", "above_breaks"):
        assert told[outer].is_monotonic_decreasing


def noisy_rows(f, seed, customers=400, rows=1000):
    """Make scores whose loyalty is f(satisfaction), with customers and rows of their own level."""
    draw = np.random.default_rng(seed)
    who = draw.integers(0, customers, rows)
    x = np.clip(64 + 17 * draw.standard_normal(rows), 0, 100).round(1)
    own = 4 * draw.standard_normal(customers)[who] + 14 * draw.standard_normal(rows)
    return pd.DataFrame({"customer_id": who, "satisfaction_score": x, "loyalty_score": f(x) + own})


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda x: 37 + 0.3 * x, id="line"),
        pytest.param(lambda x: 40 + 0.15 * x + 0.9 * np.maximum(x - 80, 0), id="rises-late"),
        pytest.param(lambda x: 20 + 0.7 * x - 0.55 * np.maximum(x - 50, 0), id="levels-off"),
    ],
)
def test_a_curve_without_a_flat_middle_has_no_zone(shape):
    """Eight samples: more than one zone would be more than a false alarm."""
    found = [loyalty.curve(noisy_rows(shape, seed), draws=50, seed=seed) for seed in range(8)]
    assert sum(curve.zone is not None for curve in found) <= 1


def test_intervals_of_the_slopes_hold_the_truth_though_breaks_are_searched():
    """The mean slope of the true curve over the stretches found; 24 samples."""

    def truth(x):
        return 0.6 * np.minimum(x - 50, 0) + 0.15 * np.clip(x, 50, 84) + np.maximum(x - 84, 0)

    held, bagged, fitted = [], [], []
    for seed in range(24):
        rows = noisy_rows(truth, seed, 1100, 3000)
        found = loyalty.curve(rows, draws=50, seed=seed)
        ends = np.quantile(rows["satisfaction_score"], [0.01, 0.99])
        at = np.array([ends[0], *found.breaks["estimate"], ends[1]])
        true = np.diff(truth(at)) / np.diff(at)
        held.append((found.slopes["low"] <= true) & (true <= found.slopes["high"]))
        bagged.append((found.slopes["estimate"] - true)["between_breaks"])
        fitted.append((found.slopes["fitted"] - true)["between_breaks"])
    assert (np.mean(held, axis=0) >= 0.8).all()  # .95 less three standard errors of 24 samples
    assert np.square(bagged).mean() < 0.6 * np.square(fitted).mean()
    assert np.mean(fitted) < -0.03  # the search flatters the zone


def test_planted_drivers_come_before_those_without_effect(world):
    rated = world.answers[loyalty.attributes(world.answers)]
    found = loyalty.drivers(
        rated, world.scores["satisfaction_score"], world.answers["customer_id"], draws=60
    )
    order = found.index.str.removeprefix("item_").tolist()
    assert order[0] == "price"
    assert set(order[-3:]) == {"social", "physiological", "culture"}  # planted without effect
    assert loyalty.first_to_improve(found) == "item_price"
    assert found.loc["item_price", "same_share"] == 1
    assert found["leads_share"].idxmax() == "item_price"
    assert found["leads_share"].sum() == pytest.approx(1)
    assert "First candidate to improve: **Price**" in loyalty.advise(found, "en")


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


def test_ordinary_surveys_seldom_give_a_wrong_kind():
    """Six surveys of 1,200 with eight two-sided or idle attributes each; at .05 a survey."""
    wrong = 0
    for seed in range(6):
        answers = loyalty.answered(company.survey(seed, company.customers(seed, 1200)))
        idle = [
            f"item_{n}" for n in company.ATTRIBUTES if n not in company.BASIC | company.EXCITING
        ]
        y = loyalty.scores(answers)["satisfaction_score"]
        found = loyalty.penalty_reward(answers[idle], y, answers["customer_id"], draws=60)
        wrong += found["kind"].isin(["basic_item", "exciting_item"]).sum()
    assert wrong <= 1


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
    bias = loyalty.response_bias(survey, scores["satisfaction_score"])
    assert bias["low"] > 0
    assert "Silence" in loyalty.tell_response(bias, "en")
    assert "沉默" in loyalty.tell_response(bias, "zh")


def test_the_response_bias_is_about_that_of_the_truth(world):
    """Those who answer are more satisfied in truth too, though of silence no survey knows."""
    bias = loyalty.response_bias(world.survey, world.scores["satisfaction_score"])
    everyone = company.truth(11, company.customers(11, MANY), world.survey)["latent"]
    scale = world.scores["satisfaction_score"].std() / world.truth["satisfaction"].std()
    true = scale * (world.truth["satisfaction"].mean() - everyone["satisfaction"].mean())
    assert 0.4 * true < bias["mean"] < true


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
    assert square["share"].sum() == pytest.approx(1)
    assert sorts["share"].sum() == pytest.approx(1)
    assert square["n"].sum() == sorts["n"].sum()
    own = loyalty.cut_sensitivity(loyalty.latest(survey), [55])
    assert own.loc[55].tolist() == square["share"].tolist()
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
    assert loyalty.grid(kind)["share"].isna().all()
    cuts = loyalty.cut_sensitivity(loyalty.latest(poor), [55])
    assert "reason" not in loyalty.tell_kinds(cuts, loyalty.stay_for_value(kind), "en")
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
        plots.wave_lines(loyalty.waves(survey, scores), lang=lang),
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
    assert_labelled(drawn)


def test_charts_of_nothing_do_not_fail(lang):
    nothing = loyalty.loyalty_kind(pd.DataFrame({"loyalty_repeat": pd.array([None], "Int64")}))
    empty = pd.DataFrame(columns=["response_rate", "low", "high", "n"]).rename_axis("score_before")
    for ax in (
        plots.loyalty_grid(loyalty.grid(nothing), lang=lang),
        plots.kind_dots(loyalty.kinds(nothing), lang=lang),
        plots.response_dots(empty, lang=lang),
    ):
        ax.get_figure().canvas.draw()
        assert "nan" not in ax.get_title(loc="left")


def test_labels_of_the_map_do_not_cover_each_other(lang, drivers):
    ax = plots.priority_map(drivers, lang=lang)
    ax.get_figure().canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == len(drivers)
    for one, other in combinations(boxes, 2):
        wide = min(one.x1, other.x1) - max(one.x0, other.x0)
        high = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert max(wide, 0) * max(high, 0) < 0.25 * min(one.width * one.height,
                                                       other.width * other.height)  # fmt: skip


def test_ticks_of_whole_percentages_have_no_decimals(lang, drivers):
    ax = plots.driver_bars(drivers, lang=lang)
    ax.get_figure().canvas.draw()
    assert all("." not in label.get_text() for label in ax.get_xticklabels())


def test_the_sentences_hold_their_numbers(lang, survey, answers, scores, fitted, drivers):
    score = scores["satisfaction_score"]
    low, high = (f"{place:.0f}" for place in fitted.breaks["estimate"])
    slope = f"{10 * fitted.slopes.loc['between_breaks', 'estimate']:.1f}"
    for text in (
        loyalty.headline(fitted, score, drivers, lang),
        loyalty.tell_curve(fitted, score, lang),
    ):
        for number in (low, high, slope):
            assert number in text
    nps = loyalty.net_promoter(pd.Series([10, 9, 8, 7, 0, 10, 9, 9, 9, 1]))
    assert "40.0" in loyalty.tell_promoters(nps, lang)
    models = loyalty.tell_models(fitted.models, lang)
    assert f"{100 * fitted.models.loc['two_breaks', 'gain']:.1f}" in models
    kind = loyalty.loyalty_kind(loyalty.latest(survey))
    value = loyalty.stay_for_value(kind)
    cuts = loyalty.cut_sensitivity(loyalty.latest(survey), [45, 55])
    assert f"{100 * value['share']:.1f}%" in loyalty.tell_kinds(cuts, value, lang)
    whole = pd.Series({"r2": 0.288, "low": 0.25, "high": 0.33})
    assert "28.8%" in loyalty.tell_drivers(drivers, whole, lang)


@pytest.mark.parametrize(
    ("low", "high", "en", "zh"),
    [(0.2, 1.4, "a rise", "上升"), (-1.4, -0.2, "a fall", "下降"), (-0.6, 1, "no clear", "看不出"),
     (np.nan, np.nan, "Too few", "太少")],
    ids=["rise", "fall", "unclear", "one-wave"],
)  # fmt: skip
def test_a_change_is_called_one_only_if_it_is_sure(low, high, en, zh):
    change = pd.Series({"mean": (low + high) / 2, "low": low, "high": high, "n": 80})
    assert en in loyalty.tell_change(change, "en")
    assert zh in loyalty.tell_change(change, "zh")


@pytest.mark.parametrize(
    ("low", "high", "en", "zh"),
    [(0.2, 1.4, "too high", "偏高"), (-1.4, -0.2, "too low", "偏低"),
     (-1, 1, "do not show", "没有显示"), (np.nan, np.nan, "cannot tell", "无从判断")],
    ids=["content", "discontented", "neither", "unknown"],
)  # fmt: skip
def test_silence_is_told_as_it_is(low, high, en, zh):
    bias = pd.Series({"mean": (low + high) / 2, "low": low, "high": high, "n": 80})
    assert en in loyalty.tell_response(bias, "en")
    assert zh in loyalty.tell_response(bias, "zh")


@pytest.mark.parametrize(
    ("priority", "share", "en", "zh"),
    [("improve_first", 1.0, "First candidate", "首选"),
     ("improve_first", 0.6, "not certain", "不能确定"),
     ("keep_up", 1.0, "No attribute is both", "没有重要而评分又低")],
    ids=["sure", "unsure", "none"],
)  # fmt: skip
def test_advice_is_as_certain_as_the_resamples(priority, share, en, zh):
    table = pd.DataFrame({"priority": [priority], "same_share": [share]}, index=["item_price"])
    assert en in loyalty.advise(table, "en")
    assert zh in loyalty.advise(table, "zh")


def test_effects_are_sorted_by_what_their_intervals_allow():
    effects = pd.DataFrame(
        {"odds_low": [1.2, 0.5, 0.9], "odds_high": [1.6, 0.8, 1.3]},
        index=["incentive", "constraint", "contract"],
    )
    told = loyalty.tell_effects(effects, "en")
    above, below, unclear = (
        told.index(word) for word in ("surely above", "surely below", "no sure")
    )
    assert above < told.index("Had a reward") < below < told.index("Harder to leave") < unclear
    assert unclear < told.index("Under contract")
    assert "below" not in loyalty.tell_effects(effects.drop(index="constraint"), "en")


def test_a_curve_without_a_zone_is_told_as_such(lang, scores):
    straight = scores.assign(loyalty_score=scores["satisfaction_score"] * 0.5 + 20)
    noisy = np.random.default_rng(1).standard_normal(len(straight)) * 10
    found = loyalty.curve(
        straight.assign(loyalty_score=straight["loyalty_score"] + noisy), draws=40
    )
    assert found.zone is None
    priority = {"priority": ["improve_first"], "same_share": [1.0]}
    table = pd.DataFrame(priority, index=["item_price"])
    told = loyalty.headline(found, straight["satisfaction_score"], table, lang)
    assert f"{10 * found.slope['estimate']:.1f}" in told
    assert {"en": "no flat stretch is certain", "zh": "未见可以确定的平缓段"}[lang] in told
    ax = plots.loyalty_curve(
        found.points, found.observed, found.breaks, found.slopes, zone=None, lang=lang
    )
    assert {"en": "no flat stretch", "zh": "未见"}[lang] in ax.get_title(loc="left")
    told = loyalty.tell_curve(found, straight["satisfaction_score"], lang)
    assert {"en": "do not show a zone", "zh": "未能显示无差异区"}[lang] in told


def test_actions_count_whom_they_name(survey):
    last = loyalty.latest(survey)
    now = pd.Series(np.linspace(0, 100, len(last)), index=last.index)
    kind = loyalty.loyalty_kind(last)
    customers = pd.DataFrame({"customer_id": last["customer_id"], "potential": 10.0})
    zone = (20.0, 60.0)
    found = loyalty.actions(last, now, kind, customers, item="item_price", zone=zone, today=TODAY)
    cheap, spurious = last["item_price"] <= 5, kind["quadrant"] == "spurious_loyalty"
    groups = [now < 20, cheap, spurious, cheap | spurious | (now < 20)]
    assert found["customers"].tolist() == [rows.sum() for rows in groups]
    assert found["yearly_potential"].tolist() == (10.0 * found["customers"]).tolist()
    inside = now.between(*zone)
    assert found["in_zone"].tolist() == pytest.approx([inside[rows].mean() for rows in groups])
    told = loyalty.tell_actions(found, last, "en")
    assert f"{100 * inside[cheap].mean():.1f}%" in told

    unknown = customers[["customer_id"]]
    found = loyalty.actions(
        last, now, kind, unknown, item="item_price", zone=None, today=TODAY, lang="zh"
    )
    assert found["yearly_potential"].isna().all()
    assert found["customers"].iloc[0] == pytest.approx(len(last) / 10, abs=1)
    assert "in_zone" not in found
    assert "平缓段" not in loyalty.tell_actions(found, last, "zh")


def test_actions_leave_out_who_has_left(survey):
    last = loyalty.latest(survey)
    now, kind = pd.Series(0.0, index=last.index), loyalty.loyalty_kind(last)
    days = pd.DataFrame(
        {
            "churned_on": ["2025-01-01", "2025-01-01", "2026-02-01", None],
            "reactivated_on": [None, "2025-06-01", None, None],
        }
    ).astype("datetime64[us]")  # gone, gone and back, going later, here
    file = pd.concat(
        [last[["customer_id"]], days.reindex(last.index % 4).set_axis(last.index)], axis=1
    )
    found = loyalty.actions(last, now, kind, file, item="item_price", zone=(50, 80), today=TODAY)
    assert found["customers"].iloc[0] == (last.index % 4 != 0).sum()


def test_repeated_answers_of_a_customer_are_no_new_information():
    """Four copies of each row, one customer: intervals as wide as of the rows once."""
    draw = np.random.default_rng(9)
    once = pd.DataFrame({"a": draw.integers(1, 11, 300)})
    once["b"] = (once["a"] + draw.integers(-3, 4, 300)).clip(1, 10)
    steps = pd.Series(pd.cut(once["a"] + 4 * draw.standard_normal(300), 3, labels=False))
    who = pd.Series(range(300))
    many, again = pd.concat([once] * 4, ignore_index=True), pd.concat([who] * 4, ignore_index=True)
    pd.testing.assert_series_equal(
        loyalty.reliability(many, again).drop("rows"), loyalty.reliability(once, who).drop("rows")
    )
    assert loyalty.reliability(many)["alpha_low"] > loyalty.reliability(many, again)["alpha_low"]

    x = once[["b"]].astype(float)
    wide = loyalty.ordered_logit(steps, x, customer=who).effects["standard_error"]
    four = pd.concat([steps] * 4, ignore_index=True), pd.concat([x] * 4, ignore_index=True)
    same = loyalty.ordered_logit(*four, customer=again).effects["standard_error"]
    assert same.tolist() == pytest.approx(wide.tolist(), rel=0.01)
    naive = loyalty.ordered_logit(*four).effects["standard_error"]
    assert naive.iloc[0] < 0.6 * wide.iloc[0]
