"""How far may what comes lie from what is expected: is chance drawn as the models say?"""

import re

import numpy as np
import pandas as pd
import pytest

from crmlab import clv
from crmlab.customers import summarise

MODELS = [
    clv.BgNbd(0.2426, 4.4136, 0.7929, 2.4259),
    clv.MbgNbd(0.5248, 6.1831, 0.8914, 1.6140),
    clv.ParetoNbd(0.5533, 10.5777, 0.6062, 11.669),
    clv.Nbd(0.3852, 12.072),
]
SPEND = clv.GammaGamma(6.25, 5.0, 20.0)
TRUTH = clv.BgNbd(0.8, 6.0, 0.8, 2.5)  # of which so few customers tell a and b
TERMS = {"margin": 0.3, "horizon": 52.0, "discount_rate_annual": 0.15}


def who(times=1):
    """A newcomer, one silent, one recent, one whose repeats were free."""
    each = pd.DataFrame({
        "frequency": [0, 2, 7, 3], "recency": [0, 3.0, 37, 38], "T": [10.0, 38, 39, 39],
        "monetary_value": [np.nan, 20, 35, 0],
    })  # fmt: skip
    return pd.concat([each] * times, ignore_index=True)


@pytest.mark.parametrize("cost", [0.0, 4.0])
@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.title)
def test_futures_are_on_average_what_is_expected(model, cost):
    told = TERMS | {"retention_cost_annual": cost}
    futures = clv.predictive_equity(who(25), model, SPEND, draws=250, estimated=False, **told)
    expected = clv.residual_value(who(25), model, SPEND, **told).sum()
    assert abs(futures.mean() - expected) < 4 * futures.std() / np.sqrt(250)


@pytest.mark.parametrize(
    "spend", [clv.ElasticGammaGamma(6.25, 5.0, 20.0, 1.3), clv.PooledSpend(27.0)]
)
def test_any_model_of_spend_has_futures_that_are_on_average_what_is_expected(spend):
    futures = clv.predictive_equity(who(25), MODELS[2], spend, draws=400, estimated=False, **TERMS)
    expected = clv.residual_value(who(25), MODELS[2], spend, **TERMS).sum()
    assert abs(futures.mean() - expected) < 4 * futures.std() / np.sqrt(400)
    assert 4 * futures.std() / np.sqrt(400) < 0.05 * expected  # the test is sharp


def test_the_spread_of_nbd_is_the_closed_form():
    r"""With λ and ν known, discounted spend is a compound Poisson sum, whose moments are known.

    Mean :math:`λ D_1 p/ν` and variance :math:`λ D_2 p(p+1)/ν^2`, with
    :math:`D_k = \int_0^h e^{-kδt} dt`; then over λ and ν, which are gamma.
    """
    model, x, T, paid = MODELS[3], 7, 39.0, 35.0
    rate = np.log1p(0.15) * 7 / 365.25
    d1, d2 = (-np.expm1(-k * rate * 52) / (k * rate) for k in (1, 2))
    shape, scale = model.r + x, model.alpha + T
    buys, buys2 = shape / scale, shape * (shape + 1) / scale**2
    p, a, b = SPEND.p, SPEND.p * x + SPEND.q, SPEND.v + x * paid
    one, two = b / (a - 1), b**2 / ((a - 1) * (a - 2))
    mean = 0.3 * buys * d1 * p * one
    variance = 0.09 * (buys * d2 * p * (p + 1) * two + buys2 * d1**2 * p**2 * two) - mean**2
    own = pd.DataFrame({"frequency": [x], "recency": [30.0], "T": [T], "monetary_value": [paid]})
    futures = clv.predictive_equity(own, model, SPEND, draws=2_500, estimated=False, **TERMS)
    assert abs(futures.mean() - mean) < 4 * np.sqrt(variance / 2_500)
    squares = (futures - mean) ** 2
    assert abs(squares.mean() - variance) < 4 * squares.std() / np.sqrt(2_500)
    assert 4 * squares.std() / np.sqrt(2_500) < 0.2 * variance  # the test is sharp


def test_parameters_add_the_variance_of_the_delta_method(cdnow):
    customers = summarise(cdnow)
    fits = clv.fit(customers), clv.fit(customers, model=clv.GammaGamma)
    known, both = (
        clv.predictive_equity(customers, *fits, estimated=estimated, draws=300, **TERMS).std()
        for estimated in (False, True)
    )
    table = clv.interval(
        lambda *of: pd.Series([clv.residual_value(customers, *of, **TERMS).sum()]), *fits
    )
    of_parameters = (table["high"] - table["value"]).item() / 1.96
    assert both == pytest.approx(np.hypot(known, of_parameters), rel=0.12)
    assert both > known


def world(seed, *, customers=300, seen=52.0, ahead=26.0):
    """Draw a base whose rates, chances and spend are known; return its summary and its future."""
    new = pd.DataFrame({"frequency": 0, "recency": 0.0, "T": np.zeros(customers)})
    bought = clv.simulate(new, TRUTH, seen + ahead, seed=seed)
    stream = np.random.default_rng([seed, 1])
    nu = stream.gamma(SPEND.q, size=customers) / SPEND.v
    bought["amount"] = stream.gamma(SPEND.p, size=len(bought)) / nu[bought["customer"]]
    past, future = bought[bought["time"] <= seen], bought[bought["time"] > seen]
    by = past.groupby("customer").agg(
        frequency=("time", "size"), recency=("time", "max"), monetary_value=("amount", "mean")
    )
    base = by.reindex(new.index).assign(T=seen)
    base[["frequency", "recency"]] = base[["frequency", "recency"]].fillna(0)
    rate = np.log1p(0.15) * 7 / 365.25
    came = 0.3 * (future["amount"] * np.exp(-rate * (future["time"] - seen))).sum()
    return base, came


def test_what_comes_lies_within_the_interval():
    """20 worlds: inside 95 % of the time."""
    told, inside = TERMS | {"horizon": 26.0}, 0
    for seed in range(20):
        base, came = world(seed)
        fits = clv.fit(base), clv.fit(base, model=clv.GammaGamma)
        futures = clv.predictive_equity(base, *fits, draws=100, seed=seed, **told)
        low, high = np.quantile(futures, [0.025, 0.975])
        inside += low <= came <= high
    assert inside >= 16  # fewer has a chance of 0.3 % at 95 %


def test_the_same_seed_draws_the_same_futures():
    one, other = (
        clv.predictive_equity(who(), MODELS[0], SPEND, draws=5, estimated=False, **TERMS)
        for _ in range(2)
    )
    assert one.tolist() == other.tolist()
    again = clv.predictive_equity(
        who(), MODELS[0], SPEND, draws=5, estimated=False, seed=1, **TERMS
    )
    assert one.tolist() != again.tolist()


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"horizon": float("inf")}, "futures can be drawn up to a finite horizon only"),
        ({"horizon": -1.0}, "horizon must be 0 or more, got -1.0"),
        ({"margin": 1.5}, "margin must be from 0 to 1, got 1.5"),
        (
            {"retention_cost_annual": -1.0},
            "retention_cost_annual must be 0 or more and finite, got -1.0",
        ),
        ({"draws": 0}, "draws must be 1 or more, got 0"),
        ({"estimated": True}, "BgNbd was not fitted: it has no covariance"),
    ],
)
def test_what_cannot_be_drawn_is_refused(terms, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        clv.predictive_equity(who(), MODELS[0], SPEND, **({"estimated": False} | TERMS | terms))


@pytest.mark.parametrize(("lang", "words"), [("en", "between **$"), ("zh", "在 **US$")])
def test_both_intervals_are_told(lang, words):
    equity = pd.Series({"value": 20_000.0, "low": 19_000.0, "high": 21_000.0})
    told = clv.tell_equity(equity, np.linspace(17_000, 23_000, 241), "USD", lang)
    assert words in told
    for amount in ("20,000", "19,000", "21,000", "17,150", "22,850"):
        assert f"${amount}" in told
