"""The hidden Markov model against all paths enumerated, and a chain that is known."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from crmlab import lifecycle
from crmlab.errors import DataError, NotEnough
from crmlab.lifecycle.hidden_states import _expected

RATES = np.array([0.5, 3.0])
MOVES = np.array([[0.8, 0.2], [0.3, 0.7]])
FIRST = np.array([0.6, 0.4])
MODEL = lifecycle.HiddenStates(RATES, MOVES, FIRST, 0.0, 1)
TINY = pd.DataFrame([[0.0, 1, 4, 2], [3, 0, np.nan, np.nan], [2, np.nan, 0, 5]])


def enumerated(counts):
    """Return the chances of the states by month, the expected moves, and the likelihood."""
    last = np.flatnonzero(~np.isnan(counts))[-1]
    chance, pairs, whole = np.zeros((last + 1, 2)), np.zeros((2, 2)), 0.0
    for path in product(range(2), repeat=last + 1):
        weight = FIRST[path[0]]
        for t, state in enumerate(path):
            weight *= MOVES[path[t - 1], state] if t else 1
            weight *= poisson.pmf(counts[t], RATES[state]) if not np.isnan(counts[t]) else 1
        whole += weight
        for t, state in enumerate(path):
            chance[t, state] += weight
            if t:
                pairs[path[t - 1], state] += weight
    return chance / whole, pairs / whole, np.log(whole)


def test_chances_moves_and_likelihood_are_those_of_all_paths():
    y, seen = TINY.fillna(0).to_numpy(), TINY.notna().to_numpy()
    chance, pairs, told = _expected(y, seen, np.ones(3), MODEL)
    each = [enumerated(row) for row in TINY.to_numpy()]
    assert told == pytest.approx(sum(part[2] for part in each))
    assert pairs == pytest.approx(sum(part[1] for part in each))
    for row, (truth, _, _) in enumerate(each):
        assert chance[row, : len(truth)] == pytest.approx(truth)
    last = lifecycle.state_chances(TINY, MODEL)
    assert last.to_numpy() == pytest.approx(np.array([part[0][-1] for part in each]))
    assert last.columns.tolist() == ["state_1", "state_2"]


@pytest.fixture(scope="module")
def simulated():
    rng = np.random.default_rng(2)
    n, months = 600, 24
    rates = np.array([0.8, 3.0, 7.0])
    moves = np.array([[0.8, 0.15, 0.05], [0.1, 0.8, 0.1], [0.05, 0.05, 0.9]])
    state = np.zeros((n, months), int)
    for t in range(1, months):
        chance = rng.random(n)[:, None] > moves.cumsum(axis=1)[state[:, t - 1]]
        state[:, t] = chance.sum(axis=1)
    counts = rng.poisson(rates[state]).astype("float64")
    counts[np.arange(months) >= rng.integers(6, months + 1, n)[:, None]] = np.nan
    return pd.DataFrame(counts), rates, moves, state


@pytest.fixture(scope="module")
def fitted(simulated):
    return lifecycle.hidden_states(simulated[0], 3)


def test_a_known_chain_comes_back(simulated, fitted):
    counts, rates, moves, state = simulated
    assert fitted.rates == pytest.approx(rates, rel=0.06)
    assert fitted.moves == pytest.approx(moves, abs=0.04)
    assert fitted.first == pytest.approx([1, 0, 0], abs=0.08)
    last = counts.notna().sum(axis=1).to_numpy() - 1
    chance = lifecycle.state_chances(counts, fitted).to_numpy()
    right = (chance.argmax(axis=1) == state[np.arange(len(state)), last]).mean()
    assert right == pytest.approx(chance.max(axis=1).mean(), abs=0.05)  # as often as it says
    assert right > 0.75


def test_the_number_of_states_is_told_by_schwarzs_criterion(simulated, fitted):
    assert fitted.bic < lifecycle.hidden_states(simulated[0], 2).bic


def test_beginning_from_a_model_ends_where_it_was(simulated, fitted):
    again = lifecycle.hidden_states(simulated[0], 3, begin=fitted)
    assert again.log_likelihood == pytest.approx(fitted.log_likelihood, abs=0.01)
    assert again.rates == pytest.approx(fitted.rates, rel=1e-3)


def test_a_weight_of_two_is_two_customers_in_any_order(simulated):
    counts = simulated[0].head(60)
    weight = pd.Series(np.arange(60) % 2 + 1, counts.index)
    twice = counts.loc[counts.index.repeat(weight)].sample(frac=1, random_state=1)
    one, other = lifecycle.hidden_states(counts, 2, weight), lifecycle.hidden_states(twice, 2)
    assert one.observations == other.observations
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-5)
    assert one.rates == pytest.approx(other.rates, rel=1e-2)


def test_whole_months_of_first_contracts_are_counted():
    lives = pd.DataFrame(
        {"customer_id": ["a", "b", "c", "a"], "nth": [1, 1, 1, 2],
         "began_on": pd.to_datetime(["2024-01-15", "2024-02-01", "2024-03-05", "2024-06-01"]),
         "ended_on": pd.to_datetime(["2024-04-10", "2024-04-30", "2024-03-20", "2024-06-30"]),
         "observed": [True, False, True, False]}
    )  # fmt: skip
    panel = pd.DataFrame(
        {"customer_id": ["a", "a", "a", "b"], "purchases": [9, 2, 5, 3],
         "period": pd.to_datetime(["2024-01-01", "2024-03-01", "2024-04-01", "2024-04-01"])}
    )  # fmt: skip
    found = lifecycle.monthly_counts(lives, panel)
    assert found.index.tolist() == ["a", "b"]  # c has no whole month
    assert found.to_numpy().tolist() == [[0, 2], [0, 3]]  # a: February, March; b: March, April


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ([[np.nan, 1]], DataError, "The first month is missing for 1 of 1 customers."),
        ([[0.5, 1]], DataError, "Counts must be whole numbers from 0; 1 are not."),
        ([[-1, 1]], DataError, "Counts must be whole numbers from 0; 1 are not."),
        ([[1, 1]], NotEnough, "1 different counts cannot tell 2 states apart."),
    ],
)
def test_counts_that_cannot_be_used_are_refused(counts, error, message):
    with pytest.raises(error) as told:
        lifecycle.hidden_states(pd.DataFrame(counts, dtype="float64"), 2)
    assert told.value.en == message
    assert told.value.zh


def test_one_state_is_none():
    with pytest.raises(ValueError, match=r"^states must be 2 or more, got 1$"):
        lifecycle.hidden_states(TINY, 1)


def test_the_sentence_names_where_rules_and_states_contradict_each_other():
    both = pd.DataFrame(
        [[1, 0, 12], [9, 30, 48]], ["decline", "maturity"],
        ["state_low", "state_middle", "state_high"],
    )  # fmt: skip
    told = lifecycle.tell_states(both, "en")
    assert "21.0%" in told  # 12 + 9 of 100
    assert "rules say decline and the model many purchases" in told
    few = both * 0 + np.array([1, 5, 1])
    assert lifecycle.tell_states(few, "zh") == "规则与模型互相矛盾的客户不足 5 位。"
