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
        c = a + b + x - 1
        if x < 1_000:
            kept = (1 - z) ** (r + x) * mp.hyp2f1(r + x, b + x, c, z)
        else:  # mpmath's own value is wrong for the textbook's huge arguments: Euler's are small
            kept = (1 - z) ** (a - 1) * mp.hyp2f1(a + b - 1 - r, a - 1, c, z)
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


@pytest.mark.parametrize("kind", [clv.BgNbd, clv.MbgNbd, clv.ParetoNbd, clv.Nbd])
def test_discounting_is_the_integral_over_weekly_purchases(calibration, kind):
    who, model = customer(2, 30.43, 38.86), clv.fit(calibration, model=kind)
    ours = clv.discounted_purchases(who, model, horizon=52, discount_rate_annual=0.15).item()
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


@pytest.mark.parametrize(
    ("kind", "reference", "log_likelihood", "total"),
    [
        (clv.BgNbd, [0.24259, 4.4136, 0.79292, 2.42591], -9582.43, 1653.4),
        (clv.MbgNbd, [0.52484, 6.1831, 0.89136, 1.61400], -9582.14, 1576.7),
        (clv.ParetoNbd, [0.5533, 10.5777, 0.6062, 11.669], -9594.98, 1665.5),
    ],
)
def test_each_model_of_purchases_is_the_reference_on_the_sample(
    calibration, kind, reference, log_likelihood, total
):
    fitted = clv.fit(calibration, model=kind)
    assert fitted.parameters.tolist() == pytest.approx(reference, rel=3e-4)
    assert fitted.log_likelihood == pytest.approx(log_likelihood, abs=0.01)
    assert clv.expected_purchases(calibration, fitted, 39).sum() == pytest.approx(total, abs=0.05)


@pytest.mark.parametrize(
    ("kind", "reference", "log_likelihood", "total"),
    [
        (clv.MbgNbd, [0.6371, 7.3103, 0.8075, 1.2284], -95336.96, 15933.6),
        (clv.ParetoNbd, [0.5974, 11.586, 0.5222, 8.828], -95415.12, 17153.2),
    ],
)
def test_each_model_of_purchases_is_the_reference_on_the_master(
    cdnow_master, kind, reference, log_likelihood, total
):
    known = split(cdnow_master, holdout_weeks=39)
    fitted = clv.fit(known, model=kind)
    assert fitted.parameters.tolist() == pytest.approx(reference, rel=3e-4)
    assert fitted.log_likelihood == pytest.approx(log_likelihood, abs=0.01)
    assert clv.expected_purchases(known, fitted, 39).sum() == pytest.approx(total, abs=0.05)


def test_pareto_standard_errors_are_the_published_ones(calibration):
    fitted = clv.fit(calibration, model=clv.ParetoNbd)
    published = [0.0476, 0.843, 0.187, 6.21]
    assert fitted.standard_errors.tolist() == pytest.approx(published, rel=0.01)


def test_nbd_on_the_sample_is_the_reference_fit(calibration):
    fitted = clv.fit(calibration, model=clv.Nbd)
    assert fitted.log_likelihood == pytest.approx(-9763.660, abs=0.01)


def pareto_by_mpmath(r, alpha, s, beta, x, t_x, T):
    """Return P(alive) of Pareto/NBD by 40-digit integration over the time of leaving."""
    with mp.workdps(40):
        r, alpha, s, beta, t_x, T = map(mp.mpf, (r, alpha, s, beta, t_x, T))

        def leaving(y):
            return (alpha + y) ** -(r + x) * s * beta**s * (beta + y) ** -(s + 1)

        cuts = [t_x + (T - t_x) * mp.mpf(2) ** -k for k in range(12, -1, -1)]
        gone = mp.quad(leaving, [t_x, *cuts])
        stay = (alpha + T) ** -(r + x) * (beta / (beta + T)) ** s
        return float(stay / (stay + gone))


def test_pareto_prob_alive_equals_40_digit_integration():
    stream = np.random.default_rng(12)
    for _ in range(60):
        point = np.exp(stream.uniform(-2, 3, 4))
        x = int(np.exp(stream.uniform(0, 8))) - 1
        T = stream.uniform(1, 100)
        t_x = T * stream.uniform(0.5, 1) if x else 0.0
        found = clv.prob_alive(customer(x, t_x, T), clv.ParetoNbd(*point)).item()
        exact = pareto_by_mpmath(*point, x, t_x, T)
        assert found == pytest.approx(exact, rel=1e-8), (point, x, t_x, T)


@pytest.mark.parametrize("name", ["ModifiedBetaGeoFitter", "ParetoNBDFitter"])
def test_scores_agree_with_lifetimes(calibration, name):
    import warnings

    kind = {"ModifiedBetaGeoFitter": clv.MbgNbd, "ParetoNBDFitter": clv.ParetoNbd}[name]
    ours = clv.fit(calibration, model=kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifetimes

        theirs = getattr(lifetimes, name)()
        theirs.params_ = ours.parameters
        x, t_x, T = (calibration[c] for c in ("frequency", "recency", "T"))
        alive = theirs.conditional_probability_alive(x, t_x, T)
        ahead = theirs.conditional_expected_number_of_purchases_up_to_time(39, x, t_x, T)
    np.testing.assert_allclose(clv.prob_alive(calibration, ours), alive, rtol=1e-6)
    np.testing.assert_allclose(clv.expected_purchases(calibration, ours, 39), ahead, rtol=1e-6)


def test_three_thousand_random_points_equal_50_digit_arithmetic():
    """BG/NBD with x up to 50,000; where the value exceeds 1e-300."""
    stream = np.random.default_rng(11)
    n = 3_000
    points = np.exp(stream.uniform(-2, 2, (n, 4)))
    x = np.exp(stream.uniform(0, np.log(50_001), n)).astype(int) - 1
    T = stream.uniform(1, 100, n)
    t_x = np.where(x > 0, T * (1 - stream.uniform(0, 1, n) * np.minimum(1, 30 / (x + 1))), 0)
    t = stream.uniform(0.1, 200, n)
    for at, who in zip(points, zip(x.tolist(), t_x, T, t, strict=True), strict=True):
        *known, horizon = who
        found = clv.expected_purchases(customer(*known), clv.BgNbd(*at), horizon).item()
        exact = by_mpmath(*at, *who)
        if exact > 1e-300:
            assert found == pytest.approx(exact, rel=1e-8), (at, who)


def test_models_compared_are_the_reference_holdouts(calibration, cdnow_master):
    """Tables of the reference values; on the master, MBG fits best and is furthest off."""
    found = clv.compare(calibration, holdout_weeks=39)
    names = ["bg_nbd", "mbg_nbd", "pareto_nbd"]
    assert found.loc[names, "total"].tolist() == pytest.approx([1653.4, 1576.7, 1665.5], abs=0.05)
    assert found.loc[names, "mae"].tolist() == pytest.approx([0.785, 0.765, 0.755], abs=5e-4)
    assert found.loc[names, "rmse"].tolist() == pytest.approx([1.608, 1.607, 1.603], abs=5e-4)
    assert (1 + found.loc[names, "bias"]).tolist() == pytest.approx([0.879, 0.838, 0.885], abs=1e-3)
    found = clv.compare(split(cdnow_master, holdout_weeks=39), holdout_weeks=39)
    assert found.loc[names, "mae"].tolist() == pytest.approx([0.819, 0.795, 0.794], abs=5e-4)
    assert found["log_likelihood"].idxmax() == "mbg_nbd"
    assert found.loc[names, "bias"].abs().idxmax() == "mbg_nbd"


def test_cumulative_purchases_are_the_reference(cdnow, calibration):
    """39 and 78 weeks; actual 2,457 and 4,339."""
    start = calibration["first_order"].min() - pd.Timedelta(days=1)
    reference = {
        clv.BgNbd: [2494, 4161], clv.MbgNbd: [2476, 4050], clv.ParetoNbd: [2525, 4270],
    }  # fmt: skip
    for kind, totals in reference.items():
        fitted = clv.fit(calibration, model=kind)
        line = clv.tracking(calibration["first_order"], fitted, start, 78)
        assert line[[39, 78]].tolist() == pytest.approx(totals, rel=3e-3)


@pytest.mark.parametrize(("s", "beta"), [(0.6, 11.7), (1e5, 20.0), (1.5e5, 1e-4)])
@pytest.mark.parametrize(("x", "t_x"), [(0, 0.0), (2, 30.0)])
def test_pareto_nbd_is_its_integral_even_where_all_leave_at_once(s, beta, x, t_x):
    """A search for the best parameters comes there, and must not be led by what is no number."""
    r, alpha, T = 0.5533, 10.5777, 39.0
    ours = clv.log_likelihood(clv.ParetoNbd(r, alpha, s, beta), customer(x, t_x, T))
    with mp.workdps(30):
        stay = (alpha + T) ** -mp.mpf(r + x) * (beta / (mp.mpf(beta) + T)) ** s
        scale = (mp.mpf(beta) + t_x) / (s + 1)
        ends = [t_x + scale * k for k in (0, 0.1, 1, 5, 20, 60, 200)]
        leave = mp.quad(
            lambda y: (
                (alpha + y) ** -mp.mpf(r + x)
                * s
                * mp.exp(s * mp.log(beta) - (s + 1) * mp.log(beta + y))
            ),
            [*(end for end in ends if end < T), T],
        )
        head = mp.gamma(r + x) / mp.gamma(r) * mp.mpf(alpha) ** r
        exact = mp.log(head * (stay + leave))
    assert ours == pytest.approx(float(exact), rel=1e-9, abs=1e-9)
