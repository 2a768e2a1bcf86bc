"""Do the numbers of what satisfaction is worth agree with other models and with hand?"""

import numpy as np
import pandas as pd
import pytest
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from crmlab import clv, company, worth
from crmlab.worth.steps import Parts
from tests import contracts


@pytest.fixture(scope="module")
def bought():
    return company.planted(5, 900, 0).histories


@pytest.fixture(scope="module")
def plain(bought):
    """The model without covariates, which is BG/NBD."""
    return worth.fit(worth.Histories.of(bought, np.zeros((len(bought), 0))))


def test_without_covariates_the_model_of_leaving_is_bg_nbd(bought, plain):
    """Fader, Hardie and Lee's likelihood, by quadrature over the chance to leave."""
    known = clv.fit(bought)
    assert plain.log_likelihood == pytest.approx(known.log_likelihood, abs=0.002)
    assert np.exp(plain.theta) == pytest.approx(known.parameters.to_numpy(), rel=2e-3)


def test_what_is_expected_is_what_bg_nbd_expects(bought, plain):
    known, weeks = clv.fit(bought), np.array([52.0, 156.0])
    ours = worth.purchases(plain.theta, plain.histories, weeks, worth.Shift())[0]
    for k, horizon in enumerate(weeks):
        theirs = clv.expected_purchases(bought, known, horizon)
        assert ours[:, k] == pytest.approx(theirs.to_numpy(), rel=5e-3, abs=5e-3)
    alive = worth.alive(plain.theta, plain.histories)
    assert alive == pytest.approx(clv.prob_alive(bought, known).to_numpy(), abs=2e-3)


def test_the_slopes_of_the_likelihood_are_its_differences(bought):
    z = np.random.default_rng(1).standard_normal((len(bought), 2))
    histories, theta = (
        worth.Histories.of(bought, z),
        np.array([0.1, 2, 0.2, 1.1, 0.1, -0.2, 0.3, 0.1]),
    )
    slopes = worth.terms(theta, histories)[1].sum(axis=0)
    step = 1e-5 * np.eye(8)
    value = [worth.terms(theta + s, histories)[0].sum() - worth.terms(theta - s, histories)[0].sum()
             for s in step]  # fmt: skip
    assert slopes == pytest.approx(np.array(value) / 2e-5, abs=1e-4)


def test_a_shift_for_the_whole_horizon_is_a_shift_for_good(plain):
    weeks = np.array([100.0])
    for_good, as_long = worth.purchases(
        plain.theta, plain.histories, weeks, worth.Shift(odds=-0.5), worth.Shift(0, -0.5, 100.0)
    )
    assert as_long == pytest.approx(for_good)
    short, none = worth.purchases(
        plain.theta, plain.histories, weeks, worth.Shift(0, -0.5, 20.0), worth.Shift()
    )
    assert (none <= short + 1e-12).all()
    assert (short <= for_good + 1e-12).all()


def test_rates_under_contract_are_poisson_regressions():
    lived, z = contracts.lived(400, 3)
    found = worth.fit_signed(lived, z)
    x = np.column_stack([np.ones(400), z])
    for name, places in (("left", [0, 3]), ("orders", [1, 2])):
        fitted = GLM(lived[name], x, family=Poisson(), exposure=lived["years"]).fit(cov_type="HC0")
        assert found.theta[places] == pytest.approx(fitted.params.to_numpy(), rel=1e-6)
        spread = np.sqrt((found.parts.influence[:, places] ** 2).sum(axis=0))
        assert spread == pytest.approx(fitted.bse.to_numpy(), rel=1e-6)


def test_money_under_contract_by_hand():
    """Rate of orders 2, of leaving ln 2 a year: 2 (1 - 1/2) / ln 2 orders in the first year."""
    theta = np.array([np.log(np.log(2)), np.log(2), 0.3, -0.4])
    parts = Parts(theta, np.zeros((1, 4)), np.zeros((1, 4, 4)), lambda *_: np.zeros((1, 4)))
    model = worth.Signed(theta, parts, np.zeros(1))
    week = 365.25 / 7
    now, stays = model.ahead(model.theta, week * np.array([1.0, 2.0]), worth.Shift(),
                             worth.Shift(odds=-40))  # fmt: skip
    assert now[0] == pytest.approx([1 / np.log(2), 1.5 / np.log(2)])
    assert stays[0] == pytest.approx([2, 4])
    terms = worth.Terms(years=2, discount=0.21, margin=0.5, order_cost=10)
    assert terms.weights == pytest.approx([1 / 1.1, 1 / 1.1**3])
    assert terms.present(stays)[0] == pytest.approx(2 / 1.1 + 2 / 1.1**3)
    assert terms.earned(np.array([100.0])) == pytest.approx([40])


def test_limits_are_the_ordered_values_that_davison_and_hinkley_name():
    """Of R = 199 resamples the 5th and the 195th: .025 and .975 times R + 1 (section 5.3.1)."""
    shuffled = np.random.default_rng(1).permutation(np.arange(1.0, 200.0))
    found = worth.intervals(pd.DataFrame({"worth": [80.0, *shuffled]}))
    assert found.loc["worth"].tolist() == pytest.approx([80, 5, 195])


def test_intervals_of_200_resamples_hold_what_they_say():
    """The sample's own 2.5 and 97.5 % points hold 94.1 % of the next draw, these 95 %."""
    draws = np.random.default_rng(5).standard_normal((201, 20_000))
    found = worth.intervals(pd.DataFrame(draws))
    inside = (found["low"] < found["value"]) & (found["value"] < found["high"])
    assert inside.mean() == pytest.approx(0.95, abs=0.004)


def test_what_lasts_is_the_covariance_of_successive_answers():
    scores = pd.DataFrame({"customer_id": [*range(40), *range(40)], "wave": [1] * 40 + [2] * 40})
    draw = np.random.default_rng(2)
    scores["s"] = np.tile(draw.standard_normal(40), 2) * 3 + draw.standard_normal(80)
    found = worth.replicates(scores, ["s"])
    wide = scores.pivot_table(index="customer_id", columns="wave", values="s")
    away = wide - wide.mean()
    assert found.covariances()[0].item() == pytest.approx((away[1] * away[2]).mean())
    assert found.covariances()[1].item() == pytest.approx((away**2).to_numpy().mean())
    share = float(found.reliability.iloc[0])
    pull = share / (share + (1 - share) / 2)
    expected = scores["s"].mean() + pull * away.mean(axis=1)
    assert found.levels()["s"].to_numpy() == pytest.approx(expected.to_numpy())
    assert found.pull() == pytest.approx(pull)
    assert found.uncorrected().levels()["s"].to_numpy() == pytest.approx(
        (scores["s"].mean() + away.mean(axis=1)).to_numpy()
    )


def test_the_drop_is_that_of_the_same_customers():
    rows = pd.DataFrame(
        {"customer_id": np.repeat(np.arange(50), 2), "wave": [1, 2] * 50,
         "satisfaction_score": np.repeat(np.linspace(20, 90, 50), 2)}
    )  # fmt: skip
    felt = pd.Series([0.0, 1.0] * 25 + [0.0, 0.0] * 25)
    rows["satisfaction_score"] -= 8 * felt
    found = worth.drop(rows, felt, draws=20)
    assert found.loc["drop", "value"] == pytest.approx(-8)


def test_answers_soon_after_a_failure_are_found():
    scores = pd.DataFrame(
        {"customer_id": ["a", "a", "b"],
         "surveyed_on": pd.to_datetime(["2025-03-01", "2025-09-01", "2025-03-01"])}
    )  # fmt: skip
    complaints = pd.DataFrame(
        {"customer_id": ["a", "b", "b", "a"], "valid": [True, True, False, True],
         "recovered": [False, True, None, None],
         "complained_on": pd.to_datetime(["2025-02-01", "2025-02-20", "2025-02-20", "2026-01-01"])}
    )  # fmt: skip
    failed = worth.unrecovered(complaints, pd.Timestamp("2025-12-31"))
    assert failed["customer_id"].tolist() == ["a"]
    assert worth.felt(scores, failed, days=60).tolist() == [1, 0, 0]


def test_the_cost_of_one_more_purchase_is_a_slope():
    """Every customer costs 300 whatever it buys, and 20 for each purchase."""
    orders = np.arange(1, 41)
    flow = pd.DataFrame({"orders": orders, "cost": 300 + 20 * orders, "revenue": 100.0 * orders,
                         "gross": 40.0 * orders}, index=[f"c{n}" for n in orders])  # fmt: skip
    found = worth.order_terms(flow, pd.Series("noncontract", flow.index)).loc["noncontract"]
    assert found["order_cost"] == pytest.approx(20)
    assert found["mean_order_cost"] == pytest.approx(flow["cost"].sum() / flow["orders"].sum())
    assert found["margin"] == pytest.approx(0.4)
    few = worth.order_terms(flow.head(5), pd.Series("noncontract", flow.index))
    assert few["order_cost"].tolist() == few["mean_order_cost"].tolist()


def test_an_attribute_pays_back_what_its_points_are_worth():
    draw = np.random.default_rng(1)
    items = pd.DataFrame(draw.integers(1, 11, (200, 2)), columns=["item_price", "item_art"])
    y = 3.0 * items["item_price"] + 1.0 * items["item_art"]
    found = worth.payback(items, y, pd.Series(range(200)), np.full(31, 5.0), customers=10)
    assert found.index.tolist() == ["item_price", "item_art"]
    assert found["points"].tolist() == pytest.approx([3, 1])
    assert found["break_even"].tolist() == pytest.approx([15, 5])
    assert found["in_total"].tolist() == pytest.approx([150, 50])
