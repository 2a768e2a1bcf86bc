"""Is the chance to buy right, and does it come true?"""

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from crmlab import clv
from crmlab.customers import split
from crmlab.errors import NotEnough

PURCHASES = [clv.BgNbd, clv.MbgNbd, clv.ParetoNbd, clv.Nbd]


@pytest.fixture(scope="module")
def known(cdnow):
    return split(cdnow, holdout_weeks=39)


def pareto_by_mpmath(r, alpha, s, beta, x, t_x, T, h):
    """Return the chance to buy from the model's definition, integrating its two rates.

    Over the time of leaving y (mixed over its rate: a Pareto density) and the rate of
    buying (a Gamma: powers of alpha plus time), before T, in the holdout, and after it.
    """
    with mp.workdps(30):

        def without_purchase(y):
            return (alpha + y) ** -(r + x) * s * mp.mpf(beta) ** s * (beta + y) ** -(s + 1)

        gone = mp.quad(without_purchase, [t_x, T])
        leaves_silent = mp.quad(without_purchase, [T, T + h])
        stays_silent = (alpha + T + h) ** -(r + x) * (mp.mpf(beta) / (beta + T + h)) ** s
        alive = (alpha + T) ** -(r + x) * (mp.mpf(beta) / (beta + T)) ** s
        return float((alive - leaves_silent - stays_silent) / (gone + alive))


@pytest.mark.parametrize(
    "who", [(0, 0.0, 30.0, 39.0), (2, 20.0, 39.0, 39.0), (30, 38.0, 39.0, 2.0), (1, 5, 100.0, 52)]
)
def test_the_pareto_chance_equals_integration(who):
    point = (0.55, 10.6, 0.61, 11.7)
    x, t_x, T, h = who
    table = pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [T]})
    found = clv.prob_purchase(table, clv.ParetoNbd(*point), h).item()
    assert found == pytest.approx(pareto_by_mpmath(*point, *who), rel=1e-8)


@pytest.mark.parametrize(("kind", "at_first"), [(clv.BgNbd, 0), (clv.MbgNbd, 1), (clv.Nbd, None)])
def test_the_chance_equals_integration_over_the_rate(kind, at_first):
    r, alpha, a, b = point = (0.5, 6.0, 0.8, 2.5)
    x, t_x, T, h = 2, 20.0, 39.0, 13.0
    with mp.workdps(30):

        def mean(f):
            return mp.quad(
                lambda v: f(v) * v ** (r + x - 1) * mp.exp(-alpha * v), [0, 0.2, 1, mp.inf]
            )

        alive, buys, gone = (
            mean(lambda v: mp.exp(-v * T)),
            mean(lambda v: mp.exp(-v * T) * (1 - mp.exp(-v * h))),
            mean(lambda v: mp.exp(-v * t_x)),
        )
        left = 0 if at_first is None else a / (b + x + at_first - 1)
        exact = float(buys / (alive + left * gone))
    table = pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [T]})
    found = clv.prob_purchase(table, kind(*point[: len(kind.names())]), h).item()
    assert found == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("kind", PURCHASES)
def test_the_chance_is_bounded_by_alive_and_by_what_is_expected(known, kind):
    model = clv.fit(known, model=kind)
    chance = clv.prob_purchase(known, model, 39)
    assert (chance <= clv.prob_alive(known, model)).all()
    assert (chance <= clv.expected_purchases(known, model, 39)).all()
    np.testing.assert_allclose(clv.prob_purchase(known, model, 0), 0, atol=1e-12)
    days = known.assign(recency=known["recency"] * 7, T=known["T"] * 7)
    other = clv.prob_purchase(days, clv.fit(days, model=kind), 273)
    np.testing.assert_allclose(other, chance, rtol=1e-6)


def test_simulated_customers_buy_as_often_as_said():
    """A Pareto/NBD world: chances that are the truth have intercept 0 and slope 1."""
    truth, n, T, h = clv.ParetoNbd(0.8, 6.0, 0.8, 15.0), 20_000, 40.0, 26.0
    stream = np.random.default_rng(8)
    rate = stream.gamma(truth.r, 1 / truth.alpha, (n, 1))
    life = stream.exponential(1 / stream.gamma(truth.s, 1 / truth.beta, (n, 1)))
    times = np.cumsum(stream.exponential(1 / rate, (n, 120)), axis=1)
    bought = times < life
    seen = bought & (times <= T)
    later = bought & (times > T) & (times <= T + h)
    table = pd.DataFrame({"frequency": seen.sum(axis=1), "T": T})
    table["recency"] = np.where(seen, times, 0).max(axis=1)
    table["holdout_frequency"] = later.sum(axis=1)
    line = clv.calibration_measures(table, truth, h)
    assert line.loc["intercept", "low"] < 0 < line.loc["intercept", "high"]
    assert line.loc["slope", "low"] < 1 < line.loc["slope", "high"]
    groups = clv.calibration(table, truth, h)
    assert (groups["predicted"] - groups["observed"]).abs().max() < 0.03
    assert line.loc["brier", "value"] < line.loc["brier_base_rate", "value"]


def test_groups_hold_all_and_no_order_matters(known):
    model = clv.fit(known)
    table = clv.calibration(known, model, 39)
    assert table["customers"].sum() == len(known)
    assert table["predicted"].is_monotonic_increasing
    assert table.index.tolist() == list(range(1, len(table) + 1))
    assert table["observed"].between(table["low"], table["high"]).all()
    again = clv.calibration(known.sample(frac=1, random_state=1), model, 39)
    pd.testing.assert_frame_equal(again, table)


def test_the_line_is_a_maximum_of_its_likelihood(known):
    model = clv.fit(known)
    line = clv.calibration_measures(known, model, 39)["value"]
    chance = clv.prob_purchase(known, model, 39)
    odds, bought = np.log(chance / (1 - chance)), known["holdout_frequency"] > 0
    left = bought - expit(line["intercept"] + line["slope"] * odds)
    assert left.sum() == pytest.approx(0, abs=1e-6)
    assert (left * odds).sum() == pytest.approx(0, abs=1e-6)
    assert line["brier"] == pytest.approx(((chance - bought) ** 2).mean())


def test_a_holdout_in_which_nobody_bought_tells_nothing(known):
    with pytest.raises(NotEnough) as told:
        clv.calibration_measures(known.assign(holdout_frequency=0), clv.fit(known), 39)
    assert told.value.en == (
        "All customers or none bought in the holdout: there is nothing to hold the chances against."
    )
    assert told.value.zh == "检验期内所有客户都购买了，或都没有购买：无从检验概率。"
