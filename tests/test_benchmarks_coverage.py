"""Does the study of coverage run, and would it see intervals that miss?"""

import pandas as pd
import pytest

from benchmarks import clv_coverage as study
from crmlab import clv

TRUTH = next(iter(study.BASES))


def test_shares_lie_in_their_intervals():
    table, fitted = study.coverage(TRUTH, 3)
    assert fitted == 3
    assert {"r", "alpha", "a", "b", "p", "q", "v", "mean spend", "value"} < set(table.index)
    assert not table.index.str.contains("0 repeats").sum() > 1  # P(alive) is 1 there: no interval
    assert (table["low"] <= table["held"]).all()
    assert (table["held"] <= table["high"]).all()


@pytest.mark.parametrize("truth", study.BASES, ids=lambda truth: truth.title)
def test_a_base_of_another_truth_is_not_held(truth, monkeypatch):
    drawn = study.base
    often = type(truth)(*truth.parameters.to_numpy() * [3, 1, 1, 1])
    monkeypatch.setattr(study, "base", lambda _, seed: drawn(often, seed))
    held = study.held(truth, 1)
    assert not held["r"]
    assert not held["P(alive): 1 until week 5"]
    assert held["mean spend"]


def test_a_base_holds_all_customers_and_their_spend():
    customers = study.base(TRUTH, 1)
    assert customers["weight"].sum() == study.CUSTOMERS
    assert (customers["T"] > study.WEEKS - study.ARRIVING).all()
    once = customers["frequency"] == 0
    assert (customers.loc[once, "monetary_value"] == 0).all()
    spend = clv.fit(customers, model=clv.GammaGamma)
    assert spend.customers == customers.loc[~once, "weight"].sum()
    assert spend.mean_spend == pytest.approx(study.SPEND.mean_spend, rel=0.1)
    pd.testing.assert_frame_equal(customers, study.base(TRUTH, 1))
