"""Do covariates act as the formulas say, and are their effects found again?"""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from crmlab import clv
from crmlab.clv.cells import cells
from crmlab.clv.fitting import likelihood
from crmlab.errors import DataError, NotEnough

WEEKS = 78.0
TRUTH = {
    clv.BgNbd: [0.25, 4.4, 0.8, 2.4],
    clv.MbgNbd: [0.5, 6.0, 0.9, 1.6],
    clv.ParetoNbd: [0.55, 10.6, 0.6, 11.7],
    clv.Nbd: [0.3, 5.0],
}
CENTRE = {"online": 0.0, "age": 45.0}
SAME = "All customers have the same value of online (1), so its effect cannot be told."
NO_NUMBER = (
    "customers cannot be scored: age is missing, infinite or no number in 4,000 rows "
    "(row 1, 2, 3, …)."
)


def acting(kind):
    leaving = [] if kind is clv.Nbd else ["online"]
    return clv.with_covariates(kind, buying=["online", "age"], leaving=leaving, centre=CENTRE)


def planted(kind):
    ratios = [1.6, 1.02] if kind is clv.Nbd else [1.6, 1.02, 2.0]
    return acting(kind).of([*TRUTH[kind], *ratios])


@pytest.fixture(scope="module")
def worlds():
    """Return 4,000 customers of each model, simulated with covariates."""
    stream = np.random.default_rng(1)
    n = 4_000
    known = {"online": stream.random(n) < 0.4, "age": stream.normal(45, 12, n).round()}
    new = pd.DataFrame({"frequency": 0.0, "recency": 0.0, "T": 0.0, **known})

    def lived(kind):
        made = clv.simulate(new, planted(kind), WEEKS).groupby("customer")["time"]
        each = made.agg(["size", "max"]).reindex(new.index, fill_value=0.0)
        return new.assign(frequency=each["size"], recency=each["max"], T=WEEKS)

    return {kind: lived(kind) for kind in TRUTH}


@pytest.fixture(scope="module")
def fits(worlds):
    return {kind: clv.fit(table, model=acting(kind)) for kind, table in worlds.items()}


@pytest.mark.parametrize("kind", TRUTH)
def test_planted_effects_are_found_and_are_worth_their_number(worlds, fits, kind):
    found, truth = fits[kind], planted(kind).parameters
    assert (abs(found.parameters - truth) < 3 * found.standard_errors).all()
    table = clv.effects(found)
    assert table["ratio"].between(table["low"], table["high"]).all()
    assert (table["p_value"] < 1e-4).all()
    test = clv.likelihood_ratio(clv.fit(worlds[kind], model=kind), found)
    assert test["df"] == len(table)
    assert test["p_value"] < 1e-10
    assert found.aic < clv.fit(worlds[kind], model=kind).aic


@pytest.mark.parametrize("kind", TRUTH)
def test_each_customer_is_one_of_the_model_without_covariates(worlds, kind):
    """At the parameters that the formulas give, one row at a time, by the plain model."""
    model, few = planted(kind), worlds[kind].sample(40, random_state=2)
    by_row = []
    for place in range(len(few)):
        row = few.iloc[[place]]
        online, age = float(row["online"].item()), row["age"].item() - 45
        own = list(TRUTH[kind])
        own[1] /= 1.6**online * 1.02**age
        if kind in {clv.BgNbd, clv.MbgNbd}:
            own[2] *= 2.0**online
        if kind is clv.ParetoNbd:
            own[3] /= 2.0**online
        plain = kind(*own)
        by_row.append([
            clv.log_likelihood(plain, row),
            clv.prob_alive(row, plain).item(),
            clv.expected_purchases(row, plain, 39).item(),
            clv.prob_purchase(row, plain, 39).item(),
            clv.discounted_purchases(row, plain, horizon=52, discount_rate_annual=0.1).item(),
            clv.discounted_lifetime(row, plain, horizon=52, discount_rate_annual=0.1).item(),
        ])  # fmt: skip
    expected = np.array(by_row).T
    assert clv.log_likelihood(model, few) == pytest.approx(expected[0].sum(), rel=1e-12)
    terms = {"horizon": 52, "discount_rate_annual": 0.1}
    found = [
        clv.prob_alive(few, model),
        clv.expected_purchases(few, model, 39),
        clv.prob_purchase(few, model, 39),
        clv.discounted_purchases(few, model, **terms),
        clv.discounted_lifetime(few, model, **terms),
    ]
    np.testing.assert_allclose(found[:3], expected[1:4], rtol=1e-11)
    np.testing.assert_allclose(found[3:], expected[4:], rtol=1e-8)  # both by quadrature


def test_nbd_with_covariates_is_negative_binomial_regression(worlds, fits):
    """That of statsmodels, with exposure: estimates, their errors, likelihood, and the test."""
    from scipy.special import gammaln
    from scipy.stats import chi2, norm
    from statsmodels.discrete.discrete_model import NegativeBinomial

    table, found = worlds[clv.Nbd], fits[clv.Nbd]
    x, T = table["frequency"].to_numpy(), table["T"].to_numpy()
    known = np.column_stack([np.ones(len(x)), table["online"], table["age"] - CENTRE["age"]])
    theirs = NegativeBinomial(x, known, exposure=T).fit(disp=0, maxiter=200)
    ours = clv.effects(found)
    np.testing.assert_allclose(np.log(ours["ratio"]), theirs.params[1:3], rtol=1e-4)
    np.testing.assert_allclose(1 / found.r, theirs.params[3], rtol=1e-4)
    z = np.log(ours["ratio"]) / (found.standard_errors[2:] / found.parameters[2:]).to_numpy()
    np.testing.assert_allclose(z, theirs.tvalues[1:3], rtol=1e-3)
    np.testing.assert_allclose(ours["p_value"], 2 * norm.sf(abs(z)), rtol=1e-6)
    of_counts = found.log_likelihood + (x * np.log(T) - gammaln(x + 1)).sum()
    assert of_counts == pytest.approx(theirs.llf, rel=1e-8)
    alone = clv.fit(table, model=clv.Nbd)
    test = clv.likelihood_ratio(alone, found)
    assert test["p_value"] == pytest.approx(chi2.sf(test["statistic"], 2), rel=1e-9)


def test_intervals_of_effects_hold_the_truth_about_as_often_as_they_say():
    """Of 150 bases, 95 % is 142.5; fewer than 134 or none missed has a chance of 0.1 %."""
    stream, kind = np.random.default_rng(5), clv.with_covariates(clv.Nbd, buying=["online"])
    held = 0
    for _ in range(150):
        online = stream.random(400) < 0.4
        rate = stream.gamma(0.8, 1 / 6, 400) * np.where(online, 1.5, 1.0)
        x = stream.poisson(rate * 52)
        table = pd.DataFrame({"frequency": x, "recency": 52.0 * (x > 0), "T": 52.0})
        row = clv.effects(clv.fit(table.assign(online=online), model=kind)).iloc[0]
        held += row["low"] <= 1.5 <= row["high"]
    assert 134 <= held < 150


@pytest.mark.parametrize("a", [1.0, 0.5, 1.0004])
def test_a_chance_to_leave_around_the_removable_gap_is_right_for_each_row(a):
    """With a = 1 the formula for what is expected divides 0 by 0; a covariate moves a through."""
    who = pd.DataFrame({"frequency": 2.0, "recency": 30.0, "T": 39.0, "z": [-1.0, 0.0, 5e-4, 1.0]})
    kind = clv.with_covariates(clv.BgNbd, leaving=["z"], centre={"z": 0.0})
    found = clv.expected_purchases(who, kind.of([0.24, 4.4, a, 2.4, 2.0]), 39)
    alone = [
        clv.expected_purchases(who.iloc[[i]], clv.BgNbd(0.24, 4.4, a * 2.0**z, 2.4), 39).item()
        for i, z in enumerate(who["z"])
    ]
    np.testing.assert_allclose(found, alone, rtol=1e-13)


@pytest.mark.parametrize("kind", TRUTH)
def test_ratios_of_one_leave_the_model_as_it_is(worlds, kind):
    none = acting(kind).of([*TRUTH[kind], *[1.0] * (2 if kind is clv.Nbd else 3)])
    plain, table = kind(*TRUTH[kind]), worlds[kind]
    assert clv.log_likelihood(none, table) == pytest.approx(clv.log_likelihood(plain, table))
    pd.testing.assert_series_equal(
        clv.expected_purchases(table, none, 39), clv.expected_purchases(table, plain, 39)
    )


@pytest.mark.parametrize("kind", TRUTH)
def test_the_gradient_is_that_of_the_likelihood(worlds, kind):
    model = acting(kind)
    table = cells(worlds[kind].head(300), model.columns, signed=model.covariates)
    evaluate = partial(likelihood(model, table), curved=False)
    point = planted(kind).parameters.to_numpy() * 1.1
    numeric = [
        (evaluate(point + d)[0] - evaluate(point - d)[0]) / (2 * d.sum())
        for d in np.diag(1e-6 * point)
    ]
    np.testing.assert_allclose(evaluate(point)[1], numeric, rtol=1e-5)


@pytest.mark.parametrize("kind", TRUTH)
def test_units_order_and_weights_change_nothing(worlds, fits, kind):
    table, found = worlds[kind], fits[kind]
    decades = table.sample(frac=1, random_state=3).assign(
        age=table["age"] / 10, recency=table["recency"] * 7, T=table["T"] * 7
    )
    other = clv.with_covariates(
        kind, **found.acting, centre={"online": 0.0, "age": CENTRE["age"] / 10}
    )
    again = clv.fit(decades, model=other)
    expected = found.parameters.copy()
    expected[list(kind.in_unit)] *= 7
    expected["buying_age"] **= 10
    np.testing.assert_allclose(again.parameters, expected, rtol=1e-7)
    np.testing.assert_allclose(
        clv.effects(again)["p_value"], clv.effects(found)["p_value"], rtol=1e-4
    )
    weight = 1 + np.arange(len(table)) % 3
    repeated = table.loc[table.index.repeat(weight)]
    one = clv.fit(table.assign(weight=weight), model=acting(kind))
    np.testing.assert_allclose(
        one.parameters, clv.fit(repeated, model=acting(kind)).parameters, rtol=1e-8
    )


def test_the_centre_is_the_mean_unless_given_and_moves_no_effect(worlds, fits):
    table, found = worlds[clv.BgNbd], fits[clv.BgNbd]
    free = clv.fit(table, model=clv.with_covariates(clv.BgNbd, **found.acting))
    assert free.centre == pytest.approx(
        {"online": table["online"].mean(), "age": table["age"].mean()}
    )
    np.testing.assert_allclose(free.ratios, found.ratios, rtol=1e-7)
    assert free.log_likelihood == pytest.approx(found.log_likelihood, rel=1e-12)
    ahead = [clv.expected_purchases(table, each, 39) for each in (free, found)]
    np.testing.assert_allclose(*ahead, rtol=1e-6)


@pytest.mark.parametrize("kind", TRUTH)
def test_a_model_with_covariates_survives_json(worlds, fits, kind):
    back = clv.from_json(fits[kind].to_json())
    assert back == fits[kind]
    np.testing.assert_array_equal(back.covariance, fits[kind].covariance)
    pd.testing.assert_series_equal(
        clv.prob_alive(worlds[kind], back), clv.prob_alive(worlds[kind], fits[kind])
    )


def test_totals_have_intervals_and_influence_finds_who_drives_an_effect(worlds, fits):
    table, found = worlds[clv.BgNbd], fits[clv.BgNbd]
    spend = clv.GammaGamma(6.0, 4.0, 16.0, covariance=np.diag([0.1, 0.05, 0.5]))

    def total(model, _):
        return pd.Series({"ahead": clv.expected_purchases(table, model, 39).sum()})

    ahead = clv.interval(total, found, spend).loc["ahead"]
    assert ahead["low"] < ahead["value"] < ahead["high"]
    odd = pd.DataFrame(
        {"frequency": [900.0], "recency": [77.0], "T": [WEEKS], "online": True, "age": 45.0}
    )
    mixed = pd.concat([table, odd], ignore_index=True)
    shifts = clv.influence(mixed, clv.fit(mixed, model=acting(clv.BgNbd)), top=1)
    assert shifts.index[0] == len(table)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"online": 1.0}, NotEnough, SAME),
        ({"age": np.nan}, DataError, NO_NUMBER),
        ({"age": "old"}, DataError, NO_NUMBER),
    ],
)  # fmt: skip
def test_covariates_that_tell_nothing_are_refused(worlds, changed, error, message):
    with pytest.raises(error) as told:
        clv.fit(worlds[clv.BgNbd].assign(**changed), model=acting(clv.BgNbd))
    assert told.value.en == message


def test_covariates_that_say_the_same_cannot_be_told_apart(worlds):
    table = worlds[clv.BgNbd].assign(offline=lambda t: 1 - t["online"])
    kind = clv.with_covariates(clv.BgNbd, buying=["online", "offline"])
    with pytest.raises(NotEnough, match="buying_online, buying_offline cannot be told apart"):
        clv.fit(table, model=kind)


def test_an_absent_covariate_is_named(worlds, fits):
    with pytest.raises(KeyError, match="customers lack age; they have frequency"):
        clv.prob_alive(worlds[clv.BgNbd].drop(columns="age"), fits[clv.BgNbd])


@pytest.mark.parametrize(
    ("model", "asked", "message"),
    [
        (clv.BgNbd, {}, "no covariates are given, for buying or for leaving"),
        (clv.Nbd, {"leaving": ["z"]}, "NBD takes covariates for buying, not for leaving"),
        (clv.Sbg, {"buying": ["z"]}, "sBG takes covariates for nothing, not for buying"),
        (clv.BgNbd, {"buying": ["z", "z"]}, "covariates for buying are given twice: z, z"),
        (clv.BgNbd, {"buying": ["T"]}, "T: the model's own columns, no covariates"),
        (
            clv.BgNbd,
            {"buying": ["z"], "centre": {}},
            "centre has [], the covariates are ['z']",
        ),
    ],
)
def test_covariates_that_make_no_model_are_refused(model, asked, message):
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the message is compared
        clv.with_covariates(model, **asked)
    assert str(told.value) == message


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: acting(clv.Nbd).of([0.3, 5.0, 1.6, -1.0]),
            "buying_age must be positive and finite, got -1.0",
        ),
        (
            lambda: clv.effects(planted(clv.BgNbd)),
            "BgNbdWithCovariates was not fitted: it has no covariance",
        ),
        (
            lambda: clv.likelihood_ratio(planted(clv.Nbd), planted(clv.Nbd)),
            "the models were fitted to nan and nan customers: they must be the same",
        ),
    ],
)
def test_what_makes_no_model_is_refused(ask, message):
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the message is compared
        ask()
    assert str(told.value) == message


def test_a_model_without_covariates_has_no_effects():
    with pytest.raises(TypeError, match=r"^BgNbd has no covariates: see with_covariates$"):
        clv.effects(clv.BgNbd(0.2, 4.0, 0.8, 2.4))
