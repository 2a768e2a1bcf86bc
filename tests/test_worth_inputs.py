"""What the chain from satisfaction to money refuses, and what it calls enough."""

import numpy as np
import pandas as pd
import pytest

from crmlab import worth
from crmlab.errors import NotEnough


def histories(n, again):
    draw = np.random.default_rng(1)
    x = np.where(np.arange(n) < again, draw.integers(1, 6, n), 0)
    T = draw.uniform(60, 150, n)
    return pd.DataFrame(
        {"frequency": x, "recency": np.where(x > 0, T * draw.uniform(0.2, 1, n), 0), "T": T,
         "monetary_value": 50.0, "spend": 50.0},
        index=pd.Index([f"c{k}" for k in range(n)], name="customer_id"),
    )  # fmt: skip


def scores(n, waves=2):
    draw = np.random.default_rng(2)
    own = draw.standard_normal(n)
    score = 60 + 10 * np.repeat(own, waves) + 8 * draw.standard_normal(n * waves)
    who, wave = np.repeat([f"c{k}" for k in range(n)], waves), np.tile(np.arange(waves) + 1, n)
    return pd.DataFrame({"customer_id": who, "wave": wave, "satisfaction_score": score})


def test_too_few_who_bought_again_are_not_enough():
    with pytest.raises(NotEnough, match=r"^40 customers who answered bought again; 60 are") as told:
        worth.chain(histories(80, 40), worth.replicates(scores(80), ["satisfaction_score"]))
    assert "有 40 位重复购买" in told.value.zh


def test_a_single_wave_needs_a_reliability():
    with pytest.raises(NotEnough, match=r"^0 customers answered twice; 30 are needed"):
        worth.replicates(scores(80, waves=1), ["satisfaction_score"])
    found = worth.replicates(scores(80, waves=1), ["satisfaction_score"], [0.8])
    assert found.reliability.tolist() == pytest.approx([0.8])


def test_answers_of_which_nothing_lasts_are_not_enough():
    noise = scores(200)
    sign = np.where(noise["wave"] == 1, 1, -1)
    noise["satisfaction_score"] = 50 + sign * np.repeat(np.linspace(-20, 20, 200), 2)
    with pytest.raises(NotEnough, match=r"^Nothing in the answers lasts"):
        worth.replicates(noise, ["satisfaction_score"])


def test_too_few_ended_contracts_are_not_enough():
    lived = pd.DataFrame({"years": 1.0, "left": [1.0] * 5 + [0.0] * 50, "orders": 3.0})
    with pytest.raises(NotEnough, match=r"^5 contracts of customers who answered have ended; 30"):
        worth.fit_signed(lived, np.zeros(55))


def test_too_few_answers_after_failures_are_not_enough():
    asked = scores(50)
    with pytest.raises(NotEnough, match=r"^1 answers were given soon after a failure; 20 are"):
        worth.drop(asked, pd.Series([1.0] + [0.0] * 99))


def test_too_few_later_margins_are_not_enough():
    table = pd.DataFrame({"past": 1.0, "s": 2.0, "l": 3.0}, index=range(20))
    with pytest.raises(NotEnough, match=r"^20 customers have answers and a later margin; 100 are"):
        worth.foretelling(table, pd.Series(1.0, range(20)), "s", "l")


@pytest.mark.parametrize(("again", "level"), [(350, "ready"), (100, "caution"), (30, "not_enough")])
def test_readiness_counts_who_answered_and_bought_again(again, level):
    found = worth.ready(histories(400, again), scores(400))
    assert [finding.level for finding in found] == [level, "ready", "ready"]
    assert f"{again} of them bought again" in found[0].en
    assert f"其中 {again} 位重复购买" in found[0].zh


def test_one_wave_and_short_histories_are_cautions():
    young = histories(400, 350).assign(T=20.0, recency=0.0)
    found = worth.ready(young, scores(400, waves=1))
    assert [finding.level for finding in found] == ["ready", "caution", "caution"]


def test_lives_end_with_the_first_contract():
    day = pd.Timestamp
    contracts = pd.DataFrame(
        {"customer_id": ["a", "a", "b"],
         "started_on": [day("2024-01-01"), day("2025-01-01"), day("2025-01-01")],
         "ended_on": [day("2024-07-01"), pd.NaT, pd.NaT]}
    )  # fmt: skip
    sold = pd.DataFrame(
        {"customer_id": ["a", "a", "b", "b"], "amount": [10.0, 20.0, 5.0, 7.0],
         "order_date": [day("2024-01-01"), day("2024-03-01"), day("2025-02-01"), day("2026-02-01")]}
    )  # fmt: skip
    file = pd.DataFrame({"customer_id": ["a", "b"]})
    found = worth.lives(file, contracts, sold, day("2025-12-31"))
    assert found["left"].tolist() == [1, 0]
    assert found["orders"].tolist() == [1, 1]
    assert found["present"].tolist() == [False, True]
    assert found["years"].tolist() == pytest.approx([182 / 365.25, 364 / 365.25])
