"""Is what customers will bring, for how long they stay, and what chance may do, computed right?"""

from itertools import pairwise

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from crmlab import clv
from crmlab.clv.cells import checked

MODELS = [
    clv.BgNbd(0.2426, 4.4136, 0.7929, 2.4259),
    clv.MbgNbd(0.5248, 6.1831, 0.8914, 1.6140),
    clv.ParetoNbd(0.5533, 10.5777, 0.6062, 11.669),
    clv.Nbd(0.3852, 12.072),
]
COUNTED = [clv.BgBb(1.204, 0.75, 0.657, 2.783), clv.Sbg(0.704, 1.182)]
SPEND = clv.GammaGamma(6.25, 3.74, 15.44)
TERMS = {"horizon": 52.0, "discount_rate_annual": 0.15}
named = pytest.mark.parametrize("model", MODELS, ids=lambda m: m.title)
every = pytest.mark.parametrize("model", MODELS + COUNTED, ids=lambda m: m.title)


def who():
    """A newcomer, one silent, one recent, one heavy buyer; and the same for a contract."""
    return pd.DataFrame({
        "frequency": [0, 2, 7, 300], "recency": [0, 3.0, 37, 38], "T": [0.0, 38, 39, 39],
        "monetary_value": [0.0, 20, 35, 50],
    })  # fmt: skip


def counted():
    return pd.DataFrame({
        "frequency": [0, 2, 5, 0], "recency": [0, 3, 6, 0], "T": [6, 6, 6, 0],
        "renewals": [0, 3, 8, 5], "ended": [0, 0, 0, 1],
    })  # fmt: skip


@pytest.mark.parametrize("annual", [0.01, 0.15, 1.0])
def test_endless_pareto_purchases_are_the_closed_form(annual):
    """DERT is a generalised exponential integral, which mpmath knows to 30 digits."""
    model, table = MODELS[2], who()
    ours = clv.discounted_purchases(
        table, model, horizon=float("inf"), discount_rate_annual=annual
    ) / clv.prob_alive(table, model)
    r, alpha, s, b = model.parameters
    with mp.workdps(30):
        rate = mp.log1p(annual) * 7 / mp.mpf("365.25")
        for mine, x, T in zip(ours, table["frequency"], table["T"], strict=True):
            z = rate * (b + T)
            exact = (r + x) / (alpha + T) * (b + T) * mp.exp(z) * mp.expint(s, z)
            assert mine == pytest.approx(float(exact), rel=1e-8)


@named
@pytest.mark.parametrize("horizon", [13.0, 520.0, float("inf")])
def test_discounted_purchases_are_the_sum_of_discounted_growth(model, horizon):
    rate = np.log1p(0.15) * 7 / 365.25
    for i in range(4):
        one = who().iloc[[i]]

        def at(t, one=one):
            return np.exp(-rate * t) * clv.expected_purchases(one, model, t).item()

        end = min(horizon, 60 / rate)
        parts = np.r_[0, [p for p in (1, 10, 100, 1000) if p < end], end]
        pieces = [quad(at, a, b, epsrel=1e-10)[0] for a, b in pairwise(parts)]
        exact = rate * sum(pieces) + at(end)
        ours = clv.discounted_purchases(one, model, horizon=horizon, discount_rate_annual=0.15)
        assert ours.item() == pytest.approx(exact, rel=1e-7)


def test_who_is_alive_in_bg_nbd_stays_as_integration_says():
    r, alpha, a, b = MODELS[0].parameters
    table = {name: each.to_numpy("float64") for name, each in who().items()}
    ours = clv.BgNbd.staying([r, alpha, a, b], table, 30.0)
    for mine, x, T in zip(ours, table["frequency"], table["T"], strict=True):
        exact, _ = quad(
            lambda p, x=x, T=T: (1 + 30 * p / (alpha + T)) ** -(r + x) * beta.pdf(p, a, b + x),
            0, 1, epsabs=1e-13, limit=400,
        )  # fmt: skip
        assert mine == pytest.approx(exact, rel=1e-7)


@every
def test_what_chance_draws_is_on_average_what_is_expected(model):
    """20,000 like each of four customers: number, and at least one, within 4 standard errors."""
    n, table = 20_000, who() if model in MODELS else counted()
    many = table.loc[table.index.repeat(n)].reset_index(drop=True)
    drawn = clv.simulate(many, model, 8, seed=5)
    assert drawn["time"].between(0, 8).all()
    ordered = drawn.sort_values(["customer", "time"], kind="stable")
    pd.testing.assert_frame_equal(drawn, ordered)
    counts = np.bincount(drawn["customer"], minlength=len(many)).reshape(4, n)
    reach = 4 * counts.std(1) / np.sqrt(n) + 1e-12
    assert (abs(counts.mean(1) - clv.expected_purchases(table, model, 8)) <= reach).all()
    some = (counts > 0).mean(1)
    reach = 4 * np.sqrt(some * (1 - some) / n) + 1e-9
    assert (abs(some - clv.prob_purchase(table, model, 8)) <= reach).all()


@named
def test_a_simulated_base_gives_its_parameters_back(model):
    n = 8_000
    ages = np.random.default_rng(1).uniform(20, 80, n)
    new = pd.DataFrame({"frequency": 0, "recency": 0.0, "T": np.zeros(n)})
    drawn = clv.simulate(new, model, ages, seed=9).groupby("customer")["time"].agg(["size", "max"])
    base = new.assign(frequency=drawn["size"], recency=drawn["max"], T=ages).fillna(0)
    found = clv.fit(base, model=type(model))
    assert (abs(found.parameters - model.parameters) < 3.5 * found.standard_errors).all()


@named
def test_the_unit_of_time_changes_no_value(model):
    table = who()
    days = table.assign(recency=table["recency"] * 7, T=table["T"] * 7)
    in_days = type(model)(
        *(v * (7 if name in model.in_unit else 1) for name, v in model.parameters.items())
    )
    told = {"margin": 0.3, "discount_rate_annual": 0.15, "retention_cost_annual": 4.0}
    for horizon in (52.0, float("inf")):
        one = clv.residual_value(table, model, SPEND, horizon=horizon, **told)
        other = clv.residual_value(
            days, in_days, SPEND, horizon=horizon * 7, periods_per_year=365.25, **told
        )
        np.testing.assert_allclose(other, one, rtol=1e-9)


@named
def test_keeping_costs_for_as_long_as_one_is_expected_to_stay(model):
    table = who()
    free = clv.residual_value(table, model, SPEND, margin=0.3, **TERMS)
    dear = clv.residual_value(table, model, SPEND, margin=0.3, retention_cost_annual=10, **TERMS)
    weeks = clv.discounted_lifetime(table, model, **TERMS)
    np.testing.assert_allclose(free - dear, 10 * weeks / (365.25 / 7))
    assert (weeks <= 52 * clv.prob_alive(table, model)).all()


@named
def test_a_new_customer_brings_the_first_purchase_and_all_ahead(model):
    ahead = clv.residual_value(who().head(1), model, SPEND, margin=0.3, **TERMS).item()
    ours = clv.new_customer_value(model, SPEND, margin=0.3, acquisition_cost=12.0, **TERMS)
    assert ours == pytest.approx(0.3 * SPEND.mean_spend + ahead - 12)


@pytest.mark.parametrize("annual", [0.01, 0.15, 1.0])
def test_the_endless_lifetime_is_the_closed_form(annual):
    """Pareto/NBD: an exponential integral; NBD: a perpetuity, as nobody leaves."""
    told = {"horizon": float("inf"), "discount_rate_annual": annual}
    rate = np.log1p(annual) * 7 / 365.25
    ours = clv.discounted_lifetime(who(), MODELS[2], **told) / clv.prob_alive(who(), MODELS[2])
    _, _, s, b = MODELS[2].parameters
    z = rate * (b + who()["T"])
    exact = [
        (b + T) * float(mp.exp(v) * mp.expint(s, v)) for T, v in zip(who()["T"], z, strict=True)
    ]
    np.testing.assert_allclose(ours, exact, rtol=1e-8)
    np.testing.assert_allclose(
        clv.discounted_lifetime(who(), MODELS[3], **told), 1 / rate, rtol=1e-8
    )


@pytest.mark.parametrize("model", COUNTED, ids=lambda m: m.title)
def test_counted_periods_are_discounted_one_by_one(model):
    """Finite: growth of the expectation, period by period. Endless: a very long horizon."""
    table, told = counted(), {"discount_rate_annual": 0.1, "periods_per_year": 1}
    upto = [clv.expected_purchases(table, model, t) for t in range(6)]
    growth = sum((upto[t] - upto[t - 1]) / 1.1**t for t in range(1, 6))
    five = clv.discounted_purchases(table, model, horizon=5, **told)
    np.testing.assert_allclose(five, growth, rtol=1e-10)
    long, endless = (
        clv.discounted_purchases(table, model, horizon=h, **told) for h in (400, float("inf"))
    )
    np.testing.assert_allclose(endless, long, rtol=1e-10)
    lifetime = clv.discounted_lifetime(table, model, horizon=5, **told)
    alone = sum(
        model.staying(list(model.parameters), checked(table, model.columns), t) / 1.1**t
        for t in range(1, 6)
    )
    np.testing.assert_allclose(lifetime, alone * clv.prob_alive(table, model), rtol=1e-12)
    undiscounted = clv.discounted_purchases(
        table, model, horizon=5, discount_rate_annual=0, periods_per_year=1
    )
    np.testing.assert_allclose(undiscounted, upto[5], rtol=1e-10)


def test_part_of_a_period_is_no_horizon():
    with pytest.raises(ValueError, match=r"^horizon must be a whole number for sBG, got 2\.5$"):
        clv.discounted_purchases(counted(), COUNTED[1], horizon=2.5, discount_rate_annual=0.1)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"margin": 1.2}, "margin must be from 0 to 1, got 1.2"),
        ({"margin": float("nan")}, "margin must be from 0 to 1, got nan"),
        (
            {"retention_cost_annual": -1.0},
            "retention_cost_annual must be 0 or more and finite, got -1.0",
        ),
        ({"acquisition_cost": -1.0}, "acquisition_cost must be 0 or more and finite, got -1.0"),
    ],
)
def test_impossible_money_is_refused(terms, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        clv.new_customer_value(MODELS[0], SPEND, **({"margin": 0.3} | TERMS | terms))


@pytest.mark.parametrize("horizon", [0.01, 1.0, 520.0])
@pytest.mark.parametrize("alpha", [0.01, 1.0, 300.0])
def test_no_scale_of_time_is_too_far_from_the_horizon(alpha, horizon):
    """Whatever the model's own time, the sum of what comes is that of adaptive integration."""
    model, one = clv.BgNbd(0.3, alpha, 0.8, 2.5), who().iloc[[0]]
    rate = np.log1p(0.15) * 7 / 365.25

    def at(w):
        t = alpha * np.expm1(w)
        ahead = clv.expected_purchases(one, model, t).item()
        return (alpha + t) * np.exp(-rate * t) * ahead

    whole, _ = quad(at, 0, np.log1p(horizon / alpha), epsrel=1e-11, limit=200)
    end = np.exp(-rate * horizon) * clv.expected_purchases(one, model, horizon).item()
    ours = clv.discounted_purchases(one, model, horizon=horizon, discount_rate_annual=0.15)
    assert ours.item() == pytest.approx(rate * whole + end, rel=1e-8)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"discount_rate_annual": -1.0}, "discount_rate_annual must be above -1, got -1.0"),
        ({"horizon": -1.0}, "horizon must be 0 or more, got -1.0"),
        ({"horizon": float("nan")}, "horizon must be 0 or more, got nan"),
        ({"periods_per_year": 0.0}, "periods_per_year must be positive and finite, got 0.0"),
        (
            {"horizon": float("inf"), "discount_rate_annual": 0.0},
            "an infinite horizon needs a discount_rate_annual above 0",
        ),
    ],
)
def test_terms_without_a_present_value_are_refused(terms, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        clv.discounted_purchases(who(), MODELS[0], **(TERMS | terms))


def test_the_same_seed_draws_the_same():
    one, other = (clv.simulate(who(), MODELS[0], 52, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)
    assert not one.equals(clv.simulate(who(), MODELS[0], 52, seed=4))


@every
def test_nobody_has_no_value_and_draws_nothing(model):
    nobody = (who() if model in MODELS else counted()).head(0)
    assert clv.simulate(nobody, model, 52).empty
    assert clv.discounted_purchases(nobody, model, **TERMS).empty
