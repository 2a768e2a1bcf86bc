"""Do the planted parameters come back? Tolerances: three s.d. of spec/company.md's prototype."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import CLogLog
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.miscmodels.ordinal_model import OrderedModel

from crmlab import clv, company
from crmlab.company import purchases, relationship
from crmlab.company.hidden import DAYS

CUSTOMERS = 8600  # of whom about 6,000 have no contract
TRUTH = {"r": 0.8, "alpha": 6, "a": 0.8, "b": 2.5}
SPEND = {"p": 6, "q": 4, "v": 300}
HAZARD = {"base": -3.9, "early": 0.5, "satisfaction": -0.7, "complaint": 0.9, "growth": -0.3,
          "maturity": -0.6, "decline": 1.0}  # fmt: skip


def bought(seed, customers, satisfaction_effect):
    """Return purchases without a contract, beside satisfaction and the customer file."""
    file = company.customers(seed, customers)
    hidden = company.latent(seed, customers)
    who = purchases.buyers(seed, file)
    return purchases.noncontract(seed, who, file, hidden, satisfaction_effect), hidden


def summary(orders, until=DAYS - 1):
    """Return what `crmlab.customers.summarise` does, in weeks, of days that are distinct."""
    seen = orders[orders["day"] <= until].sort_values(["customer", "day"])
    day = seen.groupby("customer")["day"].agg(["size", "min", "max"])
    repeats = seen[seen["customer"].duplicated()]
    return pd.DataFrame(
        {
            "frequency": day["size"] - 1,
            "recency": (day["max"] - day["min"]) / 7,
            "T": (until - day["min"]) / 7,
            "monetary_value": repeats.groupby("customer")["amount"].mean(),
        }
    )


@pytest.fixture(scope="module")
def exact():
    return summary(bought(11, CUSTOMERS, satisfaction_effect=0)[0])


@pytest.fixture(scope="module")
def model(exact):
    return clv.fit(exact)


@pytest.fixture(scope="module")
def spend(exact):
    return clv.fit(exact, model=clv.GammaGamma)


def at_risk(seed, customers):
    """Return months under contract but the first, with what their hazard hangs on."""
    file = company.customers(seed, customers).assign(kind="contract")
    hidden = company.latent(seed, len(file))
    lives = relationship.relationships(seed, file, hidden)
    row, month = np.nonzero(lives.stage != relationship.AWAY)
    later = month > relationship.month_of(lives.started)[row]
    row, month = row[later], month[later]
    left = np.where(lives.left >= 0, relationship.month_of(np.nan_to_num(lives.left)), -1)
    return pd.DataFrame(
        {
            "tenure": month - relationship.month_of(lives.started)[row],
            "satisfaction": hidden.satisfaction[row, month - 1],
            "complaint": lives.open_complaint[row, month].astype(float),
            "before": lives.stage[row, month - 1],
            "stage": lives.stage[row, month],
            "at_risk": lives.at_risk[row, month],
            "ends": left[row] == month,
        }
    )


def fit_hazard(contracts):
    """Return the discrete-time regression, complementary log-log, of ends on their causes."""
    risk = contracts[contracts["at_risk"]]
    stages = {
        name: (risk["stage"] == k).astype(float) for k, name in enumerate(relationship.STAGES) if k
    }
    columns = pd.DataFrame(
        {
            "base": 1.0,
            "early": np.exp(-risk["tenure"] / 6),
            "satisfaction": risk["satisfaction"],
            "complaint": risk["complaint"],
            **stages,
        }
    )
    return GLM(risk["ends"].astype(float), columns, family=Binomial(link=CLogLog())).fit()


@pytest.fixture(scope="module")
def contracts():
    return at_risk(12, 12_000)


@pytest.fixture(scope="module")
def hazard(contracts):
    return fit_hazard(contracts)


@pytest.mark.parametrize(
    ("name", "tolerance"), [("r", 0.066), ("alpha", 0.111), ("a", 0.234), ("b", 0.258)]
)
def test_bg_nbd_comes_back(model, name, tolerance):
    assert model.parameters[name] == pytest.approx(TRUTH[name], rel=tolerance)


@pytest.mark.parametrize(("name", "tolerance"), [("p", 0.129), ("q", 0.078), ("v", 0.189)])
def test_gamma_gamma_comes_back(spend, name, tolerance):
    assert spend.parameters[name] == pytest.approx(SPEND[name], rel=tolerance)


def test_means_come_back_closer_than_parameters(model, spend):
    assert model.r / model.alpha == pytest.approx(0.8 / 6, rel=0.072)
    assert model.a / (model.a + model.b) == pytest.approx(0.8 / 3.3, rel=0.072)
    assert spend.p * spend.v / (spend.q - 1) == pytest.approx(600, rel=0.024)


def test_the_likelihood_does_not_refuse_the_truth(exact, model, spend):
    """Twice the loss of log-likelihood at the truth is chi-squared: .999 quantiles."""
    for fitted, planted, far in ((model, TRUTH, 18.5), (spend, SPEND, 16.3)):
        lost = fitted.log_likelihood - clv.log_likelihood(type(fitted)(**planted), exact)
        assert 0 <= 2 * lost < far


def test_the_repeat_rate_is_what_the_model_says(exact):
    """P(repeat by T) = 1 − (alpha / (alpha + T))^r: nobody leaves before a repeat purchase."""
    says = 1 - (6 / (6 + exact["T"])) ** 0.8
    found = (exact["frequency"] > 0).mean()
    assert found == pytest.approx(says.mean(), abs=3 * np.sqrt(0.25 / len(exact)))


def test_95_percent_intervals_cover_the_truth():
    """Over 12 companies: 84 intervals, some of them correlated; the long study is a benchmark."""
    inside = []
    for seed in range(100, 112):
        found = summary(bought(seed, 2100, satisfaction_effect=0)[0])
        for kind, planted in ((clv.BgNbd, TRUTH), (clv.GammaGamma, SPEND)):
            fitted = clv.fit(found, model=kind)
            error = np.log(fitted.parameters / pd.Series(planted))
            inside += list(error.abs() < 1.96 * fitted.standard_errors / fitted.parameters)
    assert len(inside) == 84
    assert 0.88 <= np.mean(inside) <= 1


def test_satisfaction_moves_purchases_with_the_knob_only():
    """The satisfied third buys again more often than the other, if the knob is on."""
    ratio = {}
    for effect in (0, 1):
        orders, hidden = bought(13, 6000, effect)
        frequency = summary(orders)["frequency"]
        level = hidden.satisfaction.mean(axis=1)[frequency.index]
        third = pd.qcut(level, 3, labels=["low", "middle", "high"])
        mean = frequency.groupby(third, observed=True).mean()
        ratio[effect] = mean["high"] / mean["low"]
    assert ratio[0] == pytest.approx(1, abs=0.15)
    assert ratio[1] > 1.3


def test_forecasts_stay_calibrated_when_satisfaction_acts():
    """Fitted to two years, BG/NBD foretells the repeat purchases of the third."""
    orders, _ = bought(14, 6000, satisfaction_effect=1)
    until = DAYS - 365
    before = summary(orders, until)
    foretold = clv.expected_purchases(before, clv.fit(before), 365 / 7).sum()
    later = orders[(orders["day"] > until) & orders["customer"].isin(before.index)]
    assert foretold == pytest.approx(len(later), rel=0.1)


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("base", 0.105), ("early", 0.171), ("satisfaction", 0.108), ("complaint", 0.3),
     ("growth", 0.15), ("maturity", 0.15), ("decline", 0.15)],
)  # fmt: skip
def test_the_hazard_comes_back(hazard, name, tolerance):
    assert hazard.params[name] == pytest.approx(HAZARD[name], abs=tolerance)


def test_hazard_intervals_hold_the_truth(hazard):
    error = (hazard.params - pd.Series(HAZARD)) / hazard.bse
    assert (error.abs() < 2.7).all()  # .95 for the largest of seven


@pytest.mark.parametrize("move", list(relationship.MOVES))
def test_stages_move_as_planted(contracts, move):
    """P(move) = expit(a + b S), logistic regression among those who stayed under contract."""
    old, new = move
    here = contracts[(contracts["before"] == old) & (contracts["tenure"] > 1)]
    columns = pd.DataFrame({"base": 1.0, "weight": here["satisfaction"]})
    fitted = GLM((here["stage"] == new).astype(float), columns, family=Binomial()).fit()
    error = (fitted.params - np.array(relationship.MOVES[move])) / fitted.bse
    assert (error.abs() < 3.5).all()


def test_loyalty_comes_back_from_an_ordered_logit():
    """Slopes, bonds and cut points, with the latent score and the planted thresholds."""
    file, hidden = company.customers(15, 1000), company.latent(15, 1000)
    S = hidden.satisfaction[:, company.WAVES]
    bonds = company.loyalty(15, S, (file["kind"] == "contract").to_numpy())
    low, high = company.THRESHOLDS
    columns = pd.DataFrame(
        {
            "steep": np.minimum(S - low, 0).ravel(),
            "flat": np.clip(S, low, high).ravel(),
            "top": np.maximum(S - high, 0).ravel(),
            "incentive": bonds["incentive"].ravel(),
            "constraint": bonds["constraint"].ravel(),
        }
    )
    answer = np.searchsorted(company.CUTS, bonds["loyalty"].ravel())
    model = OrderedModel(answer, columns, distr="logit")
    fitted = model.fit(method="bfgs", disp=False)
    planted = [1.4, 0.15, 1.6, 0.5, 0.7]
    error = (fitted.params.iloc[:5] - planted) / fitted.bse.iloc[:5]
    assert (error.abs() < 3).all()
    cuts = model.transform_threshold_params(fitted.params)[1:-1]
    assert cuts == pytest.approx(company.CUTS, abs=0.25)


def test_the_flat_stretch_is_found_where_it_was_planted():
    """Least squares over a grid of both ends: −.65 and .90 with the prototype."""
    hidden = company.latent(16, 3000)
    S = hidden.satisfaction[:, company.WAVES]
    bonds = company.loyalty(16, S, np.zeros(3000, dtype=bool))
    S, rest = S.ravel(), bonds["loyalty"].ravel()
    rest = rest - 0.5 * bonds["incentive"].ravel() - 0.7 * bonds["constraint"].ravel()

    def loss(low, high):
        parts = [np.ones_like(S), np.minimum(S - low, 0), np.clip(S, low, high),
                 np.maximum(S - high, 0)]  # fmt: skip
        return np.linalg.lstsq(np.column_stack(parts), rest, rcond=None)[1][0]

    ends = [(low, high) for low in np.arange(-1, -0.2, 0.1) for high in np.arange(0.5, 1.3, 0.1)]
    found = min(ends, key=lambda both: loss(*both))
    assert found == pytest.approx((-0.6, 0.9), abs=0.25)


def test_the_rate_of_ends_is_what_the_hazard_says(contracts):
    risk = contracts[contracts["at_risk"]]
    says = relationship.hazard(
        risk["tenure"].to_numpy(), risk["satisfaction"].to_numpy(),
        risk["complaint"].to_numpy(), risk["stage"].to_numpy(),
    )  # fmt: skip
    assert risk["ends"].mean() == pytest.approx(says.mean(), rel=0.05)
    by_hand = 1 - np.exp(-np.exp(-3.9 + 0.5 * np.exp(-0.5) - 0.7 + 0.9 + 1.0))
    one = relationship.hazard(*(np.array([x]) for x in (3, 1.0, 1.0, 3)))
    assert one.item() == pytest.approx(by_hand)
