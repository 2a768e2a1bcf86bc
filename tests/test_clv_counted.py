"""Are BG/BB and sBG right, where time is counted in opportunities and renewals?"""

import importlib.util
import warnings
from functools import partial
from pathlib import Path

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy.special import roots_jacobi

from crmlab import clv
from crmlab.clv.cells import cells, checked
from crmlab.clv.contract import lasting_discounted
from crmlab.clv.fitting import likelihood
from crmlab.errors import DataError, NotEnough

GIVING = clv.BgBb(1.204, 0.750, 0.657, 2.783)  # Fader, Hardie and Shang (2010)
REGULAR = [631, 468, 382, 326, 289, 262, 241]  # of 1,000, after each renewal:
HIGH_END = [869, 743, 653, 593, 551, 517, 491]  # Fader and Hardie (2007)


@pytest.fixture(scope="module")
def donors():
    """11,104 donors of 1995 in 22 cells, over the six years after (lifetimes' file)."""
    folder = Path(importlib.util.find_spec("lifetimes").origin).parent
    table = pd.read_csv(folder / "datasets" / "donations.csv")
    return table.rename(columns={"periods": "T", "weights": "weight"})


def cohort(still_there):
    """Return a cohort of 1,000 by how often they renewed."""
    there = np.array([1000, *still_there])
    leavers = pd.DataFrame({"renewals": range(len(still_there)), "weight": -np.diff(there)})
    stayers = pd.DataFrame({"renewals": [len(still_there)], "weight": there[-1]})
    return pd.concat([leavers.assign(ended=1), stayers.assign(ended=0)], ignore_index=True)


@pytest.fixture(scope="module")
def tables(donors):
    return {clv.BgBb: donors, clv.Sbg: cohort(REGULAR)}


def history(frequency, recency, T):
    return pd.DataFrame({"frequency": [frequency], "recency": [recency], "T": [T]})


def test_bg_bb_on_the_donations_is_the_published_fit(donors):
    fitted = clv.fit(donors, model=clv.BgBb)
    assert fitted.parameters.to_numpy() == pytest.approx(GIVING.parameters.to_numpy(), abs=6e-4)
    assert fitted.log_likelihood == pytest.approx(-33225.6, abs=0.05)
    assert fitted.customers == 11_104


@pytest.mark.parametrize(
    ("still_there", "alpha", "beta", "log_likelihood"),
    [
        pytest.param(REGULAR, 0.704, 1.182, -1680.3, id="regular"),
        pytest.param(HIGH_END, 0.668, 3.806, -1611.2, id="high-end"),
    ],
)
def test_sbg_on_seven_renewals_is_the_published_fit(still_there, alpha, beta, log_likelihood):
    fitted = clv.fit(cohort(still_there), model=clv.Sbg)
    assert fitted.parameters.tolist() == pytest.approx([alpha, beta], abs=5e-4)
    assert fitted.log_likelihood == pytest.approx(log_likelihood, abs=0.05)


def test_lifetimes_scores_the_donors_alike(donors):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import BetaGeoBetaBinomFitter

        theirs = BetaGeoBetaBinomFitter()
        theirs.params_ = GIVING.parameters
        told = [donors[c].to_numpy() for c in clv.BgBb.columns]
        alive = theirs.conditional_probability_alive(0, *told)
        ahead = theirs.conditional_expected_number_of_purchases_up_to_time(5, *told)
    np.testing.assert_allclose(clv.prob_alive(donors, GIVING), alive, rtol=1e-9)
    np.testing.assert_allclose(clv.expected_purchases(donors, GIVING, 5), ahead, rtol=1e-9)


def chances(a, b):
    """Return 60 points and weights that integrate over Beta(a, b): Gauss and Jacobi's."""
    points, weights = roots_jacobi(60, b - 1, a - 1)
    return (points + 1) / 2, weights / weights.sum()


@pytest.mark.parametrize("who", [(0, 0, 3), (1, 2, 4), (3, 3, 3), (2, 3, 7)])
def test_bg_bb_is_the_integral_over_all_chances(who):
    """The likelihood of one p and θ, and what they lead to, summed over both."""
    x, last, T = who
    (p, of_p), (theta, of_theta) = chances(1.204, 0.750), chances(0.657, 2.783)
    p, of_p, stays, rate = p[:, None], of_p[:, None], 1 - theta, 0.1
    there = p**x * (1 - p) ** (T - x) * stays**T
    gone = sum(p**x * (1 - p) ** (y - x) * theta * stays**y for y in range(last, T))

    def over(function):
        return (of_p * of_theta * function).sum()

    row, whole = history(*who), over(there + gone)
    alive = clv.prob_alive(row, GIVING).item()
    assert np.exp(clv.log_likelihood(GIVING, row)) == pytest.approx(whole, rel=1e-10)
    assert alive == pytest.approx(over(there) / whole, rel=1e-10)
    ahead = clv.expected_purchases(row, GIVING, 3).item()
    by_hand = over(there * p * (stays + stays**2 + stays**3)) / whole
    assert ahead == pytest.approx(by_hand, rel=1e-10)
    table = checked(row, GIVING.columns, GIVING.whole)
    point = list(GIVING.parameters)
    ever = (GIVING.each(point, table) * GIVING.discounted(point, table, rate, np.inf)).item()
    by_hand = over(there * p * stays / (rate + theta)) / whole
    assert alive * ever == pytest.approx(by_hand, rel=1e-8)


def test_discounted_periods_equal_40_digit_sums():
    stream = np.random.default_rng(1)
    for _ in range(100):
        a, b, rate = np.exp(stream.uniform([-2, -2, -4], [2, 5, 0]))
        with mp.workdps(40):
            A, B, kept = mp.mpf(a), mp.mpf(b), 1 / (1 + mp.mpf(rate))
            exact = B / (A + B) * kept * mp.hyp2f1(1, B + 1, A + B + 1, kept)
        found = lasting_discounted(a, np.array([b]), rate).item()
        assert found == pytest.approx(float(exact), rel=1e-8), (a, b, rate)


def test_the_residual_lifetime_is_the_discounted_sum_of_survival():
    """The renewal is due now: the first term is not discounted."""
    model = clv.Sbg(0.704, 1.182)
    who = pd.DataFrame({"renewals": [0, 4, 4], "ended": [0, 0, 1]})
    share, later = clv.survival(model, 1_000).to_numpy(), 1.1 ** -np.arange(900)
    by_hand = [share[n + 1 : n + 901] @ later / share[n] for n in (0, 4)]
    found = clv.residual_lifetime(who, model, 0.1)
    assert found.tolist() == pytest.approx([*by_hand, 0], rel=1e-9)


def test_retention_is_what_survival_keeps_and_rises():
    model = clv.Sbg(0.668, 3.806)
    share, kept = clv.survival(model, 12).to_numpy(), clv.retention_rates(model, 12)
    np.testing.assert_allclose(share[1:] / share[:-1], kept)
    assert kept.is_monotonic_increasing
    by_beta = [mp.beta(0.668, 3.806 + t) / mp.beta(0.668, 3.806) for t in range(13)]
    np.testing.assert_allclose(share, np.array(by_beta, dtype="float64"))


@pytest.mark.parametrize("model", [clv.BgBb, clv.Sbg])
def test_the_derivatives_are_those_of_the_likelihood(tables, model):
    evaluate = partial(likelihood(model, cells(tables[model], model.columns)), curved=True)
    point = np.array([0.9, 1.4, 0.7, 2.0])[: len(model.names())]
    _, gradient, hessian = evaluate(point)
    around = [
        (evaluate(point + d), evaluate(point - d), 2 * d.sum()) for d in 1e-5 * np.diag(point)
    ]
    slopes = [(up[0] - down[0]) / width for up, down, width in around]
    bent = [(up[1] - down[1]) / width for up, down, width in around]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-5)
    np.testing.assert_allclose(hessian, bent, rtol=1e-5)


@pytest.mark.parametrize("model", [clv.BgBb, clv.Sbg])
def test_weights_are_repeated_rows_in_any_order(tables, model):
    weighted = tables[model]
    repeated = weighted.loc[weighted.index.repeat(weighted["weight"])].drop(columns="weight")
    shuffled = repeated.sample(frac=1, random_state=1)
    one, other = clv.fit(weighted, model=model), clv.fit(shuffled, model=model)
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=1e-10)
    np.testing.assert_allclose(one.standard_errors, other.standard_errors, rtol=1e-8)
    assert one.log_likelihood == pytest.approx(clv.log_likelihood(one, repeated), rel=1e-12)
    assert clv.from_json(one.to_json()) == one


@pytest.mark.parametrize("model", [GIVING, clv.Sbg(0.704, 1.182)])
def test_what_is_simulated_is_what_is_expected(model):
    """20,000 like each of four customers: within four standard errors of the mean."""
    n = 20_000
    who = pd.DataFrame({
        "frequency": [0, 2, 5, 0], "recency": [0, 3, 6, 0], "T": [6, 6, 6, 0],
        "renewals": [0, 3, 8, 5], "ended": [0, 0, 0, 1],
    })  # fmt: skip
    many = who.loc[who.index.repeat(n)]
    table = checked(many, model.columns)
    stream = np.random.default_rng(4)
    places, times = model.purchases(list(model.parameters), table, 8, stream)
    assert times.min() == 1
    assert times.max() == 8
    for horizon in (1, 8):
        counts = np.bincount(places[times <= horizon], minlength=len(many)).reshape(4, n)
        expected = clv.expected_purchases(who, model, horizon)
        assert (abs(counts.mean(1) - expected) <= 4 * counts.std(1) / np.sqrt(n) + 1e-12).all()


def lived(model, n, horizon, seed):
    """Return the histories of n new customers over `horizon` opportunities."""
    new = {c: np.zeros(n) for c in model.columns}
    stream = np.random.default_rng(seed)
    places, times = model.purchases(list(model.parameters), new, horizon, stream)
    last = np.zeros(n, dtype=int)
    np.maximum.at(last, places, times)
    x = np.bincount(places, minlength=n)
    return pd.DataFrame({"frequency": x, "recency": last, "T": horizon}).assign(
        renewals=x, ended=(x < horizon) * 1
    )


@pytest.mark.parametrize("truth", [clv.BgBb(1.2, 0.8, 0.7, 2.8), clv.Sbg(0.8, 2.5)])
def test_known_parameters_come_back(truth):
    seen = pd.concat([lived(truth, 4_000, horizon, seed=horizon) for horizon in (6, 9, 12)])
    fitted = clv.fit(seen, model=type(truth))
    off = (fitted.parameters - truth.parameters) / fitted.standard_errors
    assert off.abs().max() < 3
    assert (fitted.standard_errors / truth.parameters).max() < 0.15


def test_all_that_is_wrong_with_counts_is_told():
    table = pd.DataFrame({"frequency": [3, 1.5, 1], "recency": [2, 2, 7], "T": [6, 6, 6]})
    with pytest.raises(DataError) as told:
        clv.fit(table, model=clv.BgBb)
    assert told.value.en == (
        "customers cannot be scored: recency exceeds T in 1 rows (row 3); frequency is no whole "
        "number in 1 rows (row 2); frequency exceeds recency in 1 rows (row 1)."
    )


def test_a_contract_has_ended_or_not():
    table = pd.DataFrame({"renewals": [1.5, 2, 3], "ended": [0, 2, 0.5]})
    with pytest.raises(DataError) as told:
        clv.prob_alive(table, clv.Sbg(1, 1))
    assert told.value.en == (
        "customers cannot be scored: ended is neither 0 nor 1 in 2 rows (row 2, 3); "
        "renewals is no whole number in 1 rows (row 1)."
    )


@pytest.mark.parametrize(("ended", "who"), [(0, "Nobody has left"), (1, "Everybody has left")])
def test_a_contract_that_nobody_or_everybody_left_is_not_fitted(ended, who):
    with pytest.raises(NotEnough, match=f"^{who}"):
        clv.fit(cohort(REGULAR).assign(ended=ended), model=clv.Sbg)


def test_no_repeat_purchase_at_any_opportunity_is_a_reason():
    with pytest.raises(NotEnough, match=r"no repeat purchases, .* the BG/BB model"):
        clv.fit(history(0, 0, 6), model=clv.BgBb)


def test_part_of_an_opportunity_is_no_horizon():
    with pytest.raises(ValueError, match=r"^horizon must be a whole number for BG/BB, got 2\.5$"):
        clv.expected_purchases(history(1, 1, 6), GIVING, 2.5)


@pytest.mark.parametrize("rate", [0.0, -0.1, float("inf"), float("nan")])
def test_a_rate_that_discounts_nothing_is_refused(rate):
    who = pd.DataFrame({"renewals": [1], "ended": [0]})
    with pytest.raises(ValueError, match=f"^rate must be positive and finite, got {rate}$"):
        clv.residual_lifetime(who, clv.Sbg(1, 1), rate)


@pytest.mark.parametrize("model", [GIVING, clv.Sbg(1, 1)])
def test_no_customers_have_no_scores(model):
    none = pd.DataFrame({c: [] for c in model.columns})
    assert clv.prob_alive(none, model).empty
    assert clv.expected_purchases(none, model, 3).empty
