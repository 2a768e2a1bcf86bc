"""Do units, order, weights leave lifetime values as they are, and does a known truth come back?"""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from crmlab import clv
from crmlab.customers import split, summarise

PURCHASES = [clv.BgNbd, clv.MbgNbd, clv.ParetoNbd, clv.Nbd]


@pytest.fixture(scope="module")
def customers(cdnow):
    return summarise(cdnow)


@pytest.mark.parametrize("model", PURCHASES)
@pytest.mark.parametrize(
    "scale",
    [7 * 86_400, 7 * 24.0, 7.0, 7 / 365.25],
    ids=["seconds", "hours", "days", "years"],
)
def test_the_unit_of_time_changes_nothing(customers, model, scale):
    weeks = clv.fit(customers, model=model)
    other = customers.assign(recency=customers["recency"] * scale, T=customers["T"] * scale)
    fitted = clv.fit(other, model=model)
    factor = [scale if name in model.in_unit else 1 for name in model.names()]
    np.testing.assert_allclose(fitted.parameters, weeks.parameters * factor, rtol=1e-6)
    change = customers["frequency"].sum() * np.log(scale)
    assert fitted.log_likelihood == pytest.approx(weeks.log_likelihood - change, rel=1e-10)
    ours = clv.expected_purchases(other, fitted, 39 * scale)
    np.testing.assert_allclose(ours, clv.expected_purchases(customers, weeks, 39), rtol=1e-6)
    np.testing.assert_allclose(
        clv.prob_alive(other, fitted), clv.prob_alive(customers, weeks), rtol=1e-6
    )


@pytest.mark.parametrize("model", [*PURCHASES, clv.GammaGamma])
def test_rows_weights_and_their_order_are_one_fit(customers, model):
    once = clv.fit(customers, model=model)
    shuffled = clv.fit(customers.sample(frac=1, random_state=1), model=model)
    doubled = clv.fit(pd.concat([customers, customers]), model=model)
    weighted = clv.fit(customers.assign(weight=2), model=model)
    assert shuffled.parameters.tolist() == pytest.approx(once.parameters.tolist(), rel=1e-9)
    assert weighted.parameters.tolist() == pytest.approx(doubled.parameters.tolist(), rel=1e-9)
    assert weighted.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-12)
    assert weighted.standard_errors.tolist() == pytest.approx(doubled.standard_errors.tolist())
    halved = once.standard_errors / np.sqrt(2)
    assert weighted.standard_errors.tolist() == pytest.approx(halved.tolist(), rel=1e-5)


@pytest.mark.parametrize(
    "model",
    [
        clv.BgNbd(0.24, 4.4, 0.79, 2.4), clv.MbgNbd(0.52, 6.2, 0.89, 1.6),
        clv.ParetoNbd(0.55, 10.6, 0.61, 11.7), clv.Nbd(0.39, 12.1), clv.BgBb(1.2, 0.75, 0.66, 2.8),
    ],
    ids=lambda model: model.title,
)  # fmt: skip
def test_when_someone_last_bought_tells_who_is_alive_and_no_more(model):
    rows = [(x, last, 30) for x in (1, 2, 9) for last in (10, 20, 30)]
    table = pd.DataFrame(rows, columns=[*model.columns]).astype("float64")
    terms = {"horizon": 12, "discount_rate_annual": 0.1}
    for each in (
        clv.expected_purchases(table, model, 12),
        clv.discounted_purchases(table, model, **terms),
        clv.discounted_lifetime(table, model, **terms),
    ):
        of_the_living = (each / clv.prob_alive(table, model)).groupby(table["frequency"])
        assert (of_the_living.max() / of_the_living.min() - 1).max() < 1e-12
    together = clv.discounted_purchases(table, model, **terms)
    alone = [clv.discounted_purchases(table.loc[[n]], model, **terms).item() for n in table.index]
    np.testing.assert_allclose(together, alone, rtol=1e-14)


def test_the_unit_of_money_changes_nothing(customers):
    dollars = clv.fit(customers, model=clv.GammaGamma)
    cents = clv.fit(
        customers.assign(monetary_value=customers["monetary_value"] * 100), model=clv.GammaGamma
    )
    assert cents.v == pytest.approx(100 * dollars.v, rel=1e-8)
    assert [cents.p, cents.q] == pytest.approx([dollars.p, dollars.q], rel=1e-8)


def test_the_fitted_parameters_are_a_maximum(customers):
    for model in (clv.BgNbd, clv.GammaGamma):
        best = clv.fit(customers, model=model)
        assert clv.log_likelihood(best, customers) == pytest.approx(best.log_likelihood, rel=1e-12)
        for place in range(len(best.parameters)):
            for factor in (0.99, 1.01):
                moved = best.parameters.to_numpy().copy()
                moved[place] *= factor
                assert clv.log_likelihood(model(*moved), customers) < best.log_likelihood


@pytest.mark.parametrize("model", PURCHASES)
def test_the_derivatives_are_those_of_the_likelihood(customers, model):
    from crmlab.clv.cells import cells
    from crmlab.clv.fitting import likelihood

    evaluate = partial(likelihood(model, cells(customers, model.columns)), curved=True)
    point = np.array([0.3, 5.0, 0.7, 2.0])[: len(model.names())]
    _, gradient, hessian = evaluate(point)
    around = [
        (evaluate(point + d), evaluate(point - d), 2 * d.sum()) for d in np.diag(1e-5 * point)
    ]
    slopes = [(up[0] - down[0]) / width for up, down, width in around]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-4)
    if hessian is not None:
        bent = [(up[1] - down[1]) / width for up, down, width in around]
        np.testing.assert_allclose(hessian, bent, rtol=1e-4, atol=1e-3)


def test_the_gradient_of_spend_is_that_of_its_likelihood(customers):
    from crmlab.clv import gamma_gamma
    from crmlab.clv.spend import cells as spend_cells

    evaluate = partial(gamma_gamma.log_likelihood(spend_cells(customers)), curved=False)
    point = np.array([5.0, 4.0, 20.0])
    numeric = [
        (evaluate(point + d)[0] - evaluate(point - d)[0]) / (2 * d.sum())
        for d in np.diag(1e-6 * point)
    ]
    np.testing.assert_allclose(evaluate(point)[1], numeric, rtol=1e-4)


@pytest.mark.parametrize("model", [*PURCHASES, clv.GammaGamma])
def test_a_model_survives_json(customers, model):
    fitted = clv.fit(customers, model=model)
    again = clv.from_json(fitted.to_json())
    assert again == fitted
    assert again.standard_errors.equals(fitted.standard_errors)
    assert again.log_likelihood == fitted.log_likelihood


@pytest.mark.parametrize("model", PURCHASES)
def test_a_first_search_over_some_cells_ends_at_the_same_fit(customers, model, monkeypatch):
    from crmlab.clv import fitting

    whole = clv.fit(customers, model=model)
    monkeypatch.setattr(fitting, "SAMPLES", [100, 300])
    np.testing.assert_allclose(clv.fit(customers, model=model).parameters, whole.parameters, 1e-9)


def test_cells_are_the_same_however_they_are_counted(customers, monkeypatch):
    from crmlab.clv import cells as counting

    weighted = customers.assign(weight=np.arange(len(customers)) % 3 + 0.5)
    columns = clv.BgNbd.columns
    usual = counting.cells(weighted, columns)
    for limit in ("DENSE", "MANY"):  # counted by hash, then by pandas
        monkeypatch.setattr(counting, limit, 0)
        pd.testing.assert_frame_equal(counting.cells(weighted, columns), usual)


@pytest.mark.parametrize("model", PURCHASES)
def test_many_customers_and_their_cells_are_one_fit(customers, model):
    """So many distinct times that cells are counted by hash, not in one array."""
    from crmlab.clv.cells import cells

    spread = customers.assign(T=customers["T"] + np.arange(len(customers)) * 1e-6)
    rows, weighted = (
        clv.fit(spread, model=model),
        clv.fit(cells(spread, model.columns), model=model),
    )
    np.testing.assert_allclose(rows.parameters, weighted.parameters, rtol=1e-9)
    by_pandas = spread.groupby(["frequency", "recency", "T"]).size().reset_index(name="weight")
    pd.testing.assert_frame_equal(
        cells(spread, model.columns), by_pandas.astype("float64"), check_exact=True
    )


def test_silence_lowers_the_chance_of_being_alive():
    model = clv.BgNbd(0.243, 4.414, 0.793, 2.426)
    waiting = pd.DataFrame({"frequency": 2, "recency": 30.43, "T": [31.0, 39.0, 52.0, 104.0]})
    assert clv.prob_alive(waiting, model).is_monotonic_decreasing


def test_who_bought_once_is_alive_in_this_model(customers):
    alive = clv.prob_alive(customers, clv.fit(customers))
    assert (alive[customers["frequency"] == 0] == 1).all()
    assert alive[customers["frequency"] > 0].between(0, 1, inclusive="left").all()


def simulated(truth, n, seed):
    """Return n customers of a BG/NBD world with known parameters, watched for 78 weeks or less."""
    stream = np.random.default_rng(seed)
    rate = stream.gamma(truth.r, 1 / truth.alpha, n)
    leave = stream.beta(truth.a, truth.b, n)
    T = stream.uniform(66, 78, n)
    times = np.cumsum(stream.exponential(1 / rate[:, None], (n, 400)), axis=1)
    stays = np.cumprod(stream.random((n, 400)) > leave[:, None], axis=1)
    alive_before = np.hstack([np.ones((n, 1)), stays[:, :-1]])
    bought = (times <= T[:, None]) & (alive_before > 0)
    x = bought.sum(axis=1)
    recency = np.where(x > 0, times[np.arange(n), np.maximum(x, 1) - 1], 0)
    return pd.DataFrame({"frequency": x, "recency": recency, "T": T})


def test_known_parameters_come_back():
    truth = clv.BgNbd(0.8, 6.0, 0.8, 2.5)  # the company's truth (company.md)
    fitted = clv.fit(simulated(truth, 6_000, seed=1))
    off = (fitted.parameters - truth.parameters) / fitted.standard_errors
    assert off.abs().max() < 3
    spread = fitted.standard_errors / truth.parameters
    assert spread.to_numpy() == pytest.approx([0.022, 0.037, 0.078, 0.086], rel=0.5)


def test_known_spend_comes_back():
    stream = np.random.default_rng(2)
    n, p, q, v = 6_000, 6.0, 4.0, 300.0
    x = stream.integers(1, 9, n)
    rate = stream.gamma(q, 1 / v, n)
    mean = stream.gamma(p * x, 1 / rate) / x
    fitted = clv.fit(pd.DataFrame({"frequency": x, "monetary_value": mean}), model=clv.GammaGamma)
    truth = pd.Series({"p": p, "q": q, "v": v})
    assert ((fitted.parameters - truth) / fitted.standard_errors).abs().max() < 3
    assert fitted.mean_spend == pytest.approx(600, rel=0.03)


def of_a_new_customer(model, spend):
    zero = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
    ahead = clv.expected_purchases(zero, model, 52).item()
    return pd.Series({"spend": spend.mean_spend, "ahead": ahead, "worth": ahead * spend.mean_spend})


def test_the_interval_is_that_of_drawn_parameters(customers):
    """The delta method against 4,000 draws of the logarithms of the parameters."""
    model, spend = clv.fit(customers), clv.fit(customers, model=clv.GammaGamma)
    found = clv.interval(of_a_new_customer, model, spend)
    stream = np.random.default_rng(3)

    def drawn(fitted):
        point = fitted.parameters.to_numpy()
        spread = fitted.covariance / np.outer(point, point)
        logs = stream.multivariate_normal(np.log(point), spread, 4_000, method="cholesky")
        return [type(fitted)(*np.exp(each)) for each in logs]

    pairs = zip(drawn(model), drawn(spend), strict=True)
    sampled = pd.DataFrame([of_a_new_customer(*pair) for pair in pairs]).quantile([0.025, 0.975])
    width = found["high"] - found["low"]
    np.testing.assert_allclose(width, sampled.iloc[1] - sampled.iloc[0], rtol=0.06)
    np.testing.assert_allclose(found["value"], of_a_new_customer(model, spend), rtol=1e-12)


def test_the_interval_narrows_with_customers(cdnow, cdnow_master):
    def relative_width(lines):
        known = split(lines)
        model, spend = clv.fit(known), clv.fit(known, model=clv.GammaGamma)
        found = clv.interval(of_a_new_customer, model, spend)
        return ((found["high"] - found["low"]) / found["value"]).to_numpy()

    ratio = relative_width(cdnow) / relative_width(cdnow_master)
    assert ratio == pytest.approx([10**0.5] * 3, rel=0.35)


def test_value_is_linear_in_margin_and_grows_with_the_horizon(customers):
    model, spend = clv.fit(customers), clv.fit(customers, model=clv.GammaGamma)

    def value(**terms):
        told = {"margin": 0.3, "horizon": 52, "discount_rate_annual": 0.1} | terms
        return clv.residual_value(customers, model, spend, **told)

    np.testing.assert_allclose(value(margin=0.6), 2 * value(), rtol=1e-12)
    assert (value(horizon=104) > value()).all()
    assert (value(discount_rate_annual=0.2) < value()).all()
    undiscounted = (
        0.3 * clv.expected_purchases(customers, model, 52) * clv.expected_spend(customers, spend)
    )
    np.testing.assert_allclose(value(discount_rate_annual=0), undiscounted, rtol=1e-12)


def test_deciles_hold_all_the_value_once(customers):
    model, spend = clv.fit(customers), clv.fit(customers, model=clv.GammaGamma)
    value = clv.residual_value(
        customers, model, spend, margin=0.3, horizon=52, discount_rate_annual=0.1
    )
    deciles = clv.value_deciles(value)
    assert deciles["customers"].sum() == len(customers)
    assert deciles["share"].sum() == pytest.approx(1)
    assert deciles["value"].is_monotonic_decreasing


def test_the_density_of_spend_sums_to_about_one(customers):
    spend = clv.fit(customers, model=clv.GammaGamma)
    density = clv.spend_density(customers, spend)
    assert density["observed"].sum() == pytest.approx(0.98, abs=0.005)
    assert density["expected"].sum() == pytest.approx(0.98, abs=0.02)


def test_forecast_groups_hold_every_customer(cdnow):
    known = split(cdnow)
    forecast = clv.forecasts(known, clv.fit(known), holdout_weeks=39, hiatus_weeks=26)
    groups = clv.by_frequency(known, forecast)
    assert groups["customers"].sum() == len(known)
    assert np.dot(groups["customers"], groups["actual"]) == pytest.approx(1_882)


def test_parts_of_a_total_with_losses_in_it_are_no_shares():
    assert clv.value_deciles(pd.Series(np.arange(1.0, 21)))["share"].sum() == pytest.approx(1)
    table = clv.value_deciles(pd.Series(np.arange(-1.0, 19)))
    assert table["share"].isna().all()
    assert table["value"].sum() == np.arange(-1.0, 19).sum()
