"""Are lifetime values right? Against published numbers and independent computations."""

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import gammaln

from crmlab import clv
from crmlab.customers import split

PAPER = clv.BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)  # Fader, Hardie and Lee (2005), table 2


@pytest.fixture(scope="module")
def calibration(cdnow):
    return split(cdnow, holdout_weeks=39)


@pytest.fixture(scope="module")
def model(calibration):
    return clv.fit(calibration)


@pytest.fixture(scope="module")
def spend(calibration):
    return clv.fit(calibration, model=clv.GammaGamma)


def customer(frequency, recency, T):
    return pd.DataFrame({"frequency": [frequency], "recency": [recency], "T": [T]})


def test_bg_nbd_on_the_sample_is_the_published_fit(model):
    published = {"r": 0.242595, "alpha": 4.413602, "a": 0.792922, "b": 2.425907}
    assert model.parameters.to_dict() == pytest.approx(published, rel=3e-4)
    assert model.log_likelihood == pytest.approx(-9582.4292, abs=0.001)
    assert model.customers == 2_357


def test_bg_nbd_standard_errors_are_the_published_ones(model):
    published = {"r": 0.0126, "alpha": 0.378, "a": 0.186, "b": 0.705}
    assert model.standard_errors.to_dict() == pytest.approx(published, rel=0.01)


def test_bg_nbd_on_the_master_is_the_reference_fit(cdnow_master):
    fitted = clv.fit(split(cdnow_master, holdout_weeks=39))
    reference = {"r": 0.25162, "alpha": 4.78894, "a": 0.72343, "b": 2.16109}
    assert fitted.parameters.to_dict() == pytest.approx(reference, rel=3e-4)
    assert fitted.log_likelihood == pytest.approx(-95368.44, abs=0.01)


def test_gamma_gamma_on_the_sample_is_the_published_fit(spend):
    published = {"p": 6.2496, "q": 3.7442, "v": 15.4435}
    assert spend.parameters.to_dict() == pytest.approx(published, rel=3e-4)
    assert spend.log_likelihood == pytest.approx(-4055.92, abs=0.01)
    assert spend.customers == 946
    assert spend.mean_spend == pytest.approx(35.170, abs=0.001)


def test_gamma_gamma_on_the_master_leaves_out_the_one_zero_spender(cdnow_master):
    fitted = clv.fit(split(cdnow_master, holdout_weeks=39), model=clv.GammaGamma)
    reference = {"p": 6.2754, "q": 3.6245, "v": 14.9837}
    assert fitted.parameters.to_dict() == pytest.approx(reference, rel=3e-4)
    assert fitted.log_likelihood == pytest.approx(-40763.48, abs=0.01)
    assert fitted.customers == 9_450


@pytest.mark.parametrize(
    ("weeks", "published"),
    [pytest.param(39, 1.226, id="authors-spreadsheet"), pytest.param(0, 0.0, id="no-horizon")],
)
def test_expected_purchases_match_the_authors(weeks, published):
    who = customer(frequency=2, recency=30.43, T=38.86)
    assert clv.expected_purchases(who, PAPER, weeks).item() == pytest.approx(published, abs=5e-4)


def test_prob_alive_matches_an_independent_run(model):
    assert clv.prob_alive(customer(2, 30.43, 38.86), model).item() == pytest.approx(
        0.7266, abs=5e-5
    )


@pytest.mark.parametrize(
    ("parameters", "who", "weeks", "exact"),
    [
        pytest.param((0.2426, 4.4136, 0.7929, 2.426), (1000, 38.9, 39), 520, 3359.50, id="x-1000"),
        pytest.param((0.2426, 4.4136, 0.7929, 2.426), (3000, 38.9, 39), 39, 1623.26, id="x-3000"),
        pytest.param((0.11, 2.24, 0.31, 0.5), (0, 0, 1), 30, 0.564589, id="a-plus-b-below-1"),
        pytest.param((0.24, 4.4, 1.0, 2.4), (2, 30, 39), 39, 1.08223, id="a-is-1"),
    ],
)
def test_expected_purchases_hold_where_peers_fail(parameters, who, weeks, exact):
    """60-digit values (clv-peers.md); lifetimes or pymc-marketing return NaN or inf on each."""
    found = clv.expected_purchases(customer(*who), clv.BgNbd(*parameters), weeks).item()
    assert found == pytest.approx(exact, rel=5e-6)


def by_mpmath(r, alpha, a, b, x, t_x, T, t):
    """Return equation 10 of Fader et al. (2005) with 60 digits, in its textbook form."""
    with mp.workdps(60):
        r, alpha, b, t_x, T, t = map(mp.mpf, (r, alpha, b, t_x, T, t))
        a = mp.mpf(a) if a != 1 else 1 + mp.mpf(10) ** -25
        z = t / (alpha + T + t)
        kept = (1 - z) ** (r + x) * mp.hyp2f1(r + x, b + x, a + b + x - 1, z)
        odds = (a / (b + x - 1)) * ((alpha + T) / (alpha + t_x)) ** (r + x)
        return float((a + b + x - 1) / (a - 1) * (1 - kept) / (1 + (odds if x else 0)))


def test_expected_purchases_equal_60_digit_arithmetic():
    """Random customers and parameters, a third of them with a near 1, or just 1."""
    stream = np.random.default_rng(10)
    near = [1.0, 1 + 1e-9, 1 - 1e-7, 1 + 9e-4, 1 - 1.1e-3, 1 + 5e-3]
    for n in range(150):
        r, alpha, a, b = np.exp(stream.uniform(-2, 2, 4))
        a = near[n // 3 % len(near)] if n % 3 == 0 else a
        x = int(np.exp(stream.uniform(0, 6))) - 1
        T = stream.uniform(1, 100)
        t_x = T * stream.uniform(0.5, 1) if x else 0.0
        t = stream.uniform(0.1, 200)
        found = clv.expected_purchases(customer(x, t_x, T), clv.BgNbd(r, alpha, a, b), t).item()
        exact = by_mpmath(r, alpha, a, b, x, t_x, T, t)
        assert found == pytest.approx(exact, rel=1e-8), (r, alpha, a, b, x, t_x, T, t)


def test_a_new_customer_expects_what_integration_over_the_rate_gives():
    """E[X(t)] = ∫∫ (1 - exp(-λpt)) / p over Gamma(r, alpha) and Beta(a, b)."""
    r, alpha, a, b = 0.243, 4.414, 0.793, 2.426
    log_beta = gammaln(a) + gammaln(b) - gammaln(a + b)

    def over_dropout(p, t=39.0):
        kept = 1 - (alpha / (alpha + p * t)) ** r
        return kept / p * np.exp((a - 1) * np.log(p) + (b - 1) * np.log1p(-p) - log_beta)

    by_hand = quad(over_dropout, 0, 1, limit=200)[0]
    assert clv.expected_purchases(customer(0, 0, 0), PAPER, 39).item() == pytest.approx(
        by_hand, rel=1e-6
    )


def test_the_holdout_is_under_forecast_as_known(calibration, model):
    forecast = clv.forecasts(calibration, model, holdout_weeks=39, hiatus_weeks=26)
    assert forecast["actual"].sum() == 1_882
    assert forecast["bg_nbd"].sum() == pytest.approx(1653.4, abs=0.5)
    errors = clv.errors(forecast)
    assert errors.loc["bg_nbd", "bias"] == pytest.approx(-0.1215, abs=5e-4)
    assert errors.loc["bg_nbd", "mae"] == pytest.approx(0.785, abs=1e-3)
    assert errors.loc["bg_nbd", "rmse"] == pytest.approx(1.608, abs=1e-3)


def test_the_tracking_curve_is_the_reference_one(calibration, model):
    start = pd.Timestamp("1996-12-31")
    expected = clv.tracking(calibration["first_order"], model, start, 78)
    assert expected[39] == pytest.approx(2494, abs=0.5)
    assert expected[78] == pytest.approx(4161, abs=0.7)


def test_frequency_and_spend_correlate_as_computed_elsewhere(calibration):
    r, low, high = clv.frequency_correlation(calibration)
    assert r == pytest.approx(0.1139, abs=5e-5)
    assert low < r < high


def test_expected_spend_is_the_mean_of_all_without_purchases(calibration, spend):
    expected = clv.expected_spend(calibration, spend)
    once = calibration["frequency"] == 0
    assert expected[once].unique() == pytest.approx([35.170], abs=0.001)
    own, x = calibration.loc[~once, "monetary_value"], calibration.loc[~once, "frequency"]
    weight = spend.p * x / (spend.p * x + spend.q - 1)
    np.testing.assert_allclose(expected[~once], (1 - weight) * spend.mean_spend + weight * own)


def test_discounting_is_the_integral_over_weekly_purchases(model):
    who = customer(2, 30.43, 38.86)
    ours = clv.discounted_purchases(who, model, horizon_weeks=52, discount_rate_annual=0.15).item()
    steps = np.linspace(0, 52, 521)
    by_time = [clv.expected_purchases(who, model, t).item() for t in steps]
    middle = (steps[1:] + steps[:-1]) / 2
    summed = np.dot(np.diff(by_time), 1.15 ** (-middle * 7 / 365.25))
    assert ours == pytest.approx(summed, rel=1e-6)


def test_lifetimes_gives_the_same_second_opinion(calibration, model):
    opinion = clv.second_opinion(calibration, model, 39)
    assert opinion["relative_difference"].max() < 1e-4
    assert list(opinion.index) == [
        "r", "alpha", "a", "b", "mean_prob_alive", "mean_expected_purchases",
    ]  # fmt: skip
