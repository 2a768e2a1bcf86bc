"""Does spend depend on how often customers buy, does it matter, and is the right model used?"""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import gamma

from crmlab import clv
from crmlab.clv import gamma_gamma
from crmlab.clv.spend import COLUMNS, usable
from crmlab.clv.spend import cells as spend_cells
from crmlab.customers import split
from crmlab.errors import NotEnough

ELASTIC = clv.ElasticGammaGamma(6.0, 4.0, 15.0, 1.2)
PLAIN = clv.GammaGamma(6.0, 4.0, 15.0)


def drawn(elasticity, n=3_000, seed=1, q=4.0, p=6.0, v=15.0):
    """Return n customers who spend by gamma-gamma with this elasticity, one in five but once."""
    stream = np.random.default_rng(seed)
    x = stream.geometric(0.3, n) * (np.arange(n) % 5 > 0)
    rate = stream.gamma(q, 1 / (v * np.maximum(x, 1.0) ** elasticity))
    mean = stream.gamma(p * np.maximum(x, 1), 1 / rate) / np.maximum(x, 1)
    return pd.DataFrame({"frequency": x, "monetary_value": np.where(x > 0, mean, np.nan)})


def ahead(customers):
    return (0.2 + 0.5 * customers["frequency"]).rename("expected_purchases")


def both(customers):
    kinds = (clv.GammaGamma, clv.ElasticGammaGamma)
    return tuple(clv.fit(customers, model=kind) for kind in kinds)


@pytest.fixture(scope="module")
def known(cdnow):
    return split(cdnow, holdout_weeks=39)


@pytest.fixture(scope="module")
def fitted(known):
    return both(known)


@pytest.mark.parametrize("planted", [-0.1, 0.0, 0.5])
def test_a_planted_elasticity_comes_back(planted):
    customers = drawn(planted)
    plain, elastic = both(customers)
    truth = [6.0, 4.0, 15.0, 2**planted]
    off = np.log(elastic.parameters / truth) / (elastic.standard_errors / elastic.parameters)
    assert off.abs().max() < 3
    test = clv.spend_dependence(plain, elastic)
    assert test["low"] < planted < test["high"]
    assert test["standard_error"] < 0.04
    assert (test["p_value"] < 1e-6) == (planted != 0)


def test_under_independence_the_test_errs_as_often_as_it_says():
    """60 bases of 300 customers: 5 % of them is 3; more than 9 has a chance of 0.1 %."""
    each = [clv.spend_dependence(*both(drawn(0.0, 300, seed)))["p_value"] for seed in range(60)]
    assert sum(p < 0.05 for p in each) <= 9
    assert 0.3 < np.mean(each) < 0.7


def test_the_likelihood_is_the_integral_over_all_rates():
    rows = pd.DataFrame({"frequency": [1, 3, 8], "monetary_value": [12.0, 40.0, 25.5]})
    p, q, v, _ = ELASTIC.parameters
    total = 0.0
    for x, mean in rows.itertuples(index=False):
        scale = v * x**ELASTIC.elasticity

        def joint(rate, x=x, mean=mean, scale=scale):
            own = gamma.pdf(mean, p * x, scale=1 / (rate * x))
            return own * gamma.pdf(rate, q, scale=1 / scale)

        total += np.log(quad(joint, 0, np.inf, epsabs=0, epsrel=1e-11, limit=200)[0])
    assert clv.log_likelihood(ELASTIC, rows) == pytest.approx(total, rel=1e-9)


def test_expected_spend_is_the_integral_over_what_is_left_open():
    p, q, v, _ = ELASTIC.parameters
    for x, mean in ((1, 12.0), (8, 25.5)):
        row = pd.DataFrame({"frequency": [x], "monetary_value": [mean]})
        scale = v * x**ELASTIC.elasticity

        def weighted(rate, power, x=x, mean=mean, scale=scale):
            own = gamma.pdf(mean, p * x, scale=1 / (rate * x))
            return (p / rate) ** power * own * gamma.pdf(rate, q, scale=1 / scale)

        above, below = (quad(weighted, 0, np.inf, (k,), epsabs=0, limit=200)[0] for k in (1, 0))
        assert clv.expected_spend(row, ELASTIC).item() == pytest.approx(above / below, rel=1e-7)


def test_without_elasticity_it_is_gamma_gamma(known):
    same = clv.ElasticGammaGamma(*PLAIN.parameters, 1.0)
    assert clv.log_likelihood(same, known) == pytest.approx(
        clv.log_likelihood(PLAIN, known), rel=1e-12
    )
    one, other = clv.expected_spend(known, same), clv.expected_spend(known, PLAIN)
    np.testing.assert_allclose(one, other, rtol=1e-12)
    assert same.mean_spend == PLAIN.mean_spend == pytest.approx(6 * 15 / 3)
    one, other = clv.spend_density(known, same), clv.spend_density(known, PLAIN)
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_a_given_elasticity_is_gamma_gamma_of_spend_over_the_power(known, fitted):
    """Fitted anew to spend ÷ x^η, gamma-gamma tells the same likelihood, spend and profile."""
    elastic = fitted[1]
    power = known["frequency"].clip(lower=1) ** elastic.elasticity
    scaled = known.assign(monetary_value=known["monetary_value"] / power)
    again = clv.fit(scaled, model=clv.GammaGamma)
    assert again.parameters.tolist() == pytest.approx(elastic.parameters[:3].tolist(), rel=1e-5)
    change = np.log(power[usable(known)]).sum()
    assert again.log_likelihood - change == pytest.approx(elastic.log_likelihood, rel=1e-10)
    ours = clv.expected_spend(known, elastic)
    np.testing.assert_allclose(ours, clv.expected_spend(scaled, again) * power, rtol=1e-5)


def test_the_gradient_is_that_of_the_likelihood(known):
    evaluate = partial(gamma_gamma.log_likelihood(spend_cells(known)), curved=False)
    point = np.array([5.0, 4.0, 20.0, 1.3])
    numeric = [
        (evaluate(point + d)[0] - evaluate(point - d)[0]) / (2 * d.sum())
        for d in np.diag(1e-6 * point)
    ]
    np.testing.assert_allclose(evaluate(point)[1], numeric, rtol=1e-4)


def test_on_the_sample_the_interval_of_the_change_is_that_of_the_profile(known, fitted):
    """At each end of η's interval, p, q and v are fitted anew and spend is summed again."""
    plain, elastic = fitted
    test, purchases = clv.spend_dependence(plain, elastic), ahead(known)
    effect = clv.spend_effect(known, purchases, plain, elastic)
    before = (purchases * clv.expected_spend(known, plain)).sum()
    changes = []
    for elasticity in test[["low", "high"]]:
        power = known["frequency"].clip(lower=1) ** elasticity
        scaled = known.assign(monetary_value=known["monetary_value"] / power)
        spend = clv.expected_spend(scaled, clv.fit(scaled, model=clv.GammaGamma)) * power
        changes.append((purchases * spend).sum() / before - 1)
    ours = effect.loc["total", ["low", "high"]].tolist()
    assert ours == pytest.approx(sorted(changes), abs=0.0015)


def test_on_the_sample_dependence_is_clear_small_and_no_better_a_forecast(known, fitted):
    plain, elastic = fitted
    model = clv.fit(known)
    spend, said = clv.choose_spend(known, clv.expected_purchases(known, model, 52))
    assert (spend, said.code, said.level) == (plain, "spend_dependence_small", "ready")
    test = clv.spend_dependence(plain, elastic)
    assert test["elasticity"] == pytest.approx(0.169, abs=0.002)
    assert test["likelihood_ratio"] == pytest.approx(32.5, abs=0.1)
    bought = known["holdout_frequency"]
    came = (bought * known["holdout_monetary_value"]).sum()
    told = [(bought * clv.expected_spend(known, each)).sum() / came for each in fitted]
    assert told == pytest.approx([0.961, 0.943], abs=0.001)


def test_the_unit_of_money_changes_nothing(known, fitted):
    cents = known.assign(monetary_value=known["monetary_value"] * 100)
    plain, elastic = both(cents)
    assert elastic.parameters.tolist() == pytest.approx(
        (fitted[1].parameters * [1, 1, 100, 1]).tolist(), rel=1e-6
    )
    tests = [clv.spend_dependence(*each) for each in (fitted, (plain, elastic))]
    np.testing.assert_allclose(*tests, rtol=1e-5, atol=1e-9)
    pooled, in_cents = (clv.fit(each, model=clv.PooledSpend) for each in (known, cents))
    assert in_cents.pooled == pytest.approx(100 * pooled.pooled)
    assert in_cents.standard_errors.item() == pytest.approx(100 * pooled.standard_errors.item())


@pytest.mark.parametrize("kind", [clv.ElasticGammaGamma, clv.PooledSpend])
def test_rows_weights_and_their_order_are_one_fit(known, kind):
    one = clv.fit(known, model=kind)
    shuffled = clv.fit(known.sample(frac=1, random_state=1), model=kind)
    doubled = clv.fit(pd.concat([known, known]), model=kind)
    weighted = clv.fit(known.assign(weight=2), model=kind)
    assert shuffled.parameters.tolist() == pytest.approx(one.parameters.tolist(), rel=1e-9)
    assert weighted.parameters.tolist() == pytest.approx(doubled.parameters.tolist(), rel=1e-9)
    assert weighted.standard_errors.tolist() == pytest.approx(doubled.standard_errors.tolist())
    assert weighted.customers == doubled.customers == 2 * one.customers


def test_the_effect_counts_weights_and_forgets_the_order(known, fitted):
    purchases = ahead(known)
    one = clv.spend_effect(known, purchases, *fitted)
    order = np.random.default_rng(1).permutation(len(known))
    other = clv.spend_effect(known.iloc[order], purchases.iloc[order], *fitted)
    np.testing.assert_allclose(other, one, rtol=1e-9)
    thrice = known.loc[known.index.repeat(3)].reset_index(drop=True)
    rows = clv.spend_effect(thrice, ahead(thrice), *fitted)
    weights = clv.spend_effect(known.assign(weight=3), purchases, *fitted)
    np.testing.assert_allclose(weights, rows, rtol=1e-9)
    np.testing.assert_allclose(one["independent"] * 3, rows["independent"], rtol=1e-9)


def test_the_best_tenth_is_the_tenth_with_most_to_come():
    customers = drawn(0.5, 1_000)
    plain, elastic = both(customers)
    purchases = ahead(customers)
    effect = clv.spend_effect(customers, purchases, plain, elastic)
    value, then = (purchases * clv.expected_spend(customers, m) for m in (plain, elastic))
    best = value.nlargest(100).index
    assert effect.loc["total", "independent"] == pytest.approx(value.sum())
    assert effect.loc["best_tenth", "independent"] == pytest.approx(value[best].sum())
    assert effect.loc["best_tenth", "change"] == pytest.approx(
        then[best].sum() / value[best].sum() - 1
    )


@pytest.mark.parametrize("model", [clv.ElasticGammaGamma, clv.PooledSpend])
def test_a_model_survives_json(known, model):
    fitted = clv.fit(known, model=model)
    again = clv.from_json(fitted.to_json())
    assert again == fitted
    assert again.standard_errors.equals(fitted.standard_errors)
    assert "NaN" not in fitted.to_json()


def test_the_pooled_mean_is_that_of_all_purchases_and_its_error_that_of_the_bootstrap(known):
    pooled = clv.fit(known, model=clv.PooledSpend)
    x, mean = (known[c][usable(known)].to_numpy() for c in COLUMNS)
    assert pooled.pooled == pytest.approx((x * mean).sum() / x.sum())
    stream = np.random.default_rng(4)
    picks = stream.integers(len(x), size=(2_000, len(x)))
    again = (x * mean)[picks].sum(1) / x[picks].sum(1)
    assert pooled.standard_errors.item() == pytest.approx(again.std(), rel=0.06)
    assert (clv.expected_spend(known, pooled) == pooled.pooled).all()
    assert pooled.mean_spend == pooled.pooled
    assert clv.spend_density(known, pooled)["expected"].isna().all()


def chosen(customers):
    return clv.choose_spend(customers, ahead(customers))


def test_dependence_that_matters_changes_the_model():
    spend, said = chosen(drawn(1.0))
    assert isinstance(spend, clv.ElasticGammaGamma)
    assert (said.code, said.level) == ("spend_dependent", "caution")
    assert said.en.startswith(
        "Spend per purchase depends on how often customers buy, and it matters: with twice the "
        f"repeat purchases it changes by {spend.doubling - 1:+.1%} ("
    )
    assert said.en.endswith("5% or more, so a model of spend that allows for it is used.")
    assert said.zh.startswith("单次金额与购买次数有关，而且影响不小：重复购买次数加倍时，")
    assert said.zh.endswith("达到 5%，故改用计入这一关系的消费模型。")


def test_independence_is_said_and_how_far_it_is_sure():
    spend, said = chosen(drawn(0.0))
    assert type(spend) is clv.GammaGamma
    assert (said.code, said.level) == ("spend_independent", "ready")
    assert "as far as they show" in said.en
    assert "p = " in said.en
    assert "看不出单次金额与购买次数有关" in said.zh
    few, said = chosen(drawn(0.0, 40, seed=1))
    assert type(few) is clv.GammaGamma
    assert (said.code, said.level) == ("spend_independent", "caution")
    assert "cannot be ruled out" in said.en
    assert "不能排除达" in said.zh


def test_a_small_change_that_few_customers_show_is_no_safe_one():
    few = drawn(0.0, 20, seed=1)
    said = chosen(few)[1]
    assert (said.code, said.level) == ("spend_dependence_small", "caution")
    assert "less than 5% (" in said.en
    assert said.en.endswith("cannot be ruled out). Gamma-gamma is kept.")
    effect = clv.spend_effect(few, ahead(few), *both(few))  # which turns within the interval
    assert effect["change"].between(effect["low"], effect["high"]).all()


def test_customers_who_all_bought_equally_often_cannot_tell():
    customers = drawn(0.0, 500).assign(frequency=3)
    customers = customers[customers["monetary_value"] > 0]
    spend, said = chosen(customers)
    assert type(spend) is clv.GammaGamma
    assert said.code == "spend_dependence_unknown"
    assert "All repeat customers bought equally often" in said.en
    assert "所有重复购买客户的购买次数相同" in said.zh


def test_spend_that_falls_and_leaves_gamma_gamma_without_a_best_is_told_by_the_larger_model():
    customers = drawn(-0.3)
    with pytest.raises(NotEnough, match="means of many purchases vary as much as those of few"):
        clv.fit(customers, model=clv.GammaGamma)
    spend, said = chosen(customers)
    assert isinstance(spend, clv.ElasticGammaGamma)
    assert spend.elasticity == pytest.approx(-0.3, abs=3 * 0.02)
    assert said.code == "spend_dependent_only"
    assert said.en.endswith("cannot be fitted; a model of spend that allows for it is used.")
    assert said.zh.endswith("无法拟合，故改用计入这一关系的消费模型。")


def test_two_customers_have_a_mean_but_no_distribution():
    customers = pd.DataFrame({"frequency": [1, 3, 0], "monetary_value": [10.0, 30.0, np.nan]})
    spend, said = chosen(customers)
    assert spend == clv.PooledSpend(25.0)
    assert said.code == "spend_pooled"
    assert said.en.endswith("value does not tell who spends more.")
    assert said.zh.endswith("所得价值不区分谁花得更多。")


def test_an_infinite_mean_gives_way_to_the_pooled_one():
    customers = drawn(0.0, q=0.7)
    plain = clv.fit(customers, model=clv.GammaGamma)
    assert plain.q < 1
    assert plain.mean_spend == np.inf
    spend, said = chosen(customers)
    assert isinstance(spend, clv.PooledSpend)
    assert said.en.startswith(
        f"The gamma-gamma model of spend has no finite mean (q = {plain.q:.2f}, not above 1). So"
    )


def test_no_history_has_a_negative_expectation():
    one = pd.DataFrame({"frequency": [1], "monetary_value": [5.0]})
    assert clv.expected_spend(one, clv.GammaGamma(0.2, 0.5, 3.0)).item() == np.inf


def test_value_and_its_interval_take_every_model_of_spend(known):
    model = clv.fit(known)
    terms = {"margin": 0.3, "horizon": 52, "discount_rate_annual": 0.1}
    value = [
        clv.interval(
            lambda *of: pd.Series([clv.residual_value(known, *of, **terms).sum()]), model, spend
        )
        for spend in (*both(known), clv.fit(known, model=clv.PooledSpend))
    ]
    plain, elastic, pooled = (each.iloc[0] for each in value)
    assert plain["low"] < elastic["value"] < plain["high"]
    assert pooled["low"] < pooled["value"] < pooled["high"]


def test_spend_that_cannot_be_chosen_is_a_reason():
    none = pd.DataFrame({"frequency": [0, 1], "monetary_value": [np.nan, 0.0]})
    with pytest.raises(NotEnough, match=r"^No customer has repeat purchases of positive value"):
        chosen(none)
    one = pd.DataFrame({"frequency": [2], "monetary_value": [9.0]})
    with pytest.raises(NotEnough) as told:
        chosen(one)
    assert told.value.en == (
        "Only one customer has repeat purchases of positive value: "
        "that does not tell what customers spend."
    )


@pytest.mark.parametrize(
    ("purchases", "said"),
    [
        (pd.Series([1.0, 1.0], [5, 6]), "purchases must be indexed like customers"),
        (pd.Series([1.0, -1.0]), "purchases must be 0 or more and finite"),
        (pd.Series([1.0, np.nan]), "purchases must be 0 or more and finite"),
    ],
)
def test_purchases_that_are_none_are_refused(purchases, said):
    customers = pd.DataFrame({"frequency": [1, 2], "monetary_value": [5.0, 6.0]})
    with pytest.raises(ValueError, match=f"^{said}$"):
        clv.spend_effect(customers, purchases, PLAIN, ELASTIC)


def test_a_model_that_was_not_fitted_tests_nothing(fitted):
    for plain, elastic in ((PLAIN, fitted[1]), (fitted[0], ELASTIC)):
        with pytest.raises(ValueError, match=r"was not fitted: it has no covariance$"):
            clv.spend_dependence(plain, elastic)


def test_a_mean_has_no_likelihood(known):
    with pytest.raises(TypeError, match=r"^PooledSpend is no distribution: it has no likelihood$"):
        clv.log_likelihood(clv.PooledSpend(20.0), known)
