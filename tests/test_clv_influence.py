"""Does one customer drive the fit, and is it said?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import clv, load
from crmlab.customers import split


@pytest.fixture(scope="module")
def known():
    orders = load.orders("cdnow")
    return split(orders, holdout_weeks=39)[["frequency", "recency", "T"]].astype("float64")


@pytest.mark.parametrize("kind", [clv.BgNbd, clv.MbgNbd, clv.ParetoNbd, clv.Nbd])
def test_a_customer_with_5000_purchases_is_found_and_named(known, kind):
    odd = pd.DataFrame({"frequency": [5000.0], "recency": [38.0], "T": [39.0]}, index=["odd"])
    with_odd = pd.concat([known, odd])
    shifts = clv.influence(with_odd, clv.fit(with_odd, model=kind), top=3)
    assert shifts.index[0] == "odd"
    model, without = clv.fit(with_odd, model=kind), clv.fit(known, model=kind)
    exact = (without.parameters - model.parameters) / model.standard_errors
    np.testing.assert_allclose(shifts.loc["odd"], exact, atol=1e-6)
    said = clv.leaning(shifts)
    assert said.level == "caution"
    assert "1 of the customers each drive the fit" in said.en
    assert "有 1 位客户" in said.zh


def test_nobody_drives_the_fit_of_the_sample(known):
    """And the one step that finds who matters agrees with leaving everyone out in turn."""
    few = known.iloc[::12]
    model = clv.fit(few)
    shifts = clv.influence(few, model)
    exact = []
    for place in range(len(few)):
        rest = few.drop(index=few.index[place])
        exact.append((clv.fit(rest).parameters - model.parameters).to_numpy())
    distance = np.einsum("ni,ij,nj->n", exact, np.linalg.inv(model.covariance), exact)
    first = few.index[np.argsort(-distance)[:3]]
    assert set(first) <= set(shifts.index[:5])
    said = clv.leaning(clv.influence(known, clv.fit(known)))
    assert said.level == "ready"
    assert said.en.startswith("No single customer drives the fit")


def test_the_order_of_rows_does_not_matter(known):
    model = clv.fit(known)
    one = clv.influence(known, model, top=3)
    other = clv.influence(known.iloc[::-1], model, top=3)
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_weight_counts_as_many_customers_of_whom_one_is_left_out(known):
    cells = known.groupby(list(known)).size().rename("weight").reset_index()
    model = clv.fit(known)
    rows, weights = clv.influence(known, model, top=3), clv.influence(cells, model, top=3)
    np.testing.assert_allclose(rows, weights, atol=1e-6)


def test_a_fit_that_one_customer_makes_possible_is_named():
    many = pd.DataFrame({"frequency": 0.0, "recency": 0.0, "T": np.arange(20.0, 60)})
    some = pd.DataFrame({"frequency": 1.0 + np.arange(10) % 4, "recency": 9.0, "T": 30.0})
    alone = pd.concat([many, some], ignore_index=True)  # 10 who bought again, as few as suffice
    said = clv.leaning(clv.influence(alone, clv.fit(alone, model=clv.Nbd), top=1))
    assert said.code == "customer_carries_the_fit"
    assert said.en.startswith("One customer carries the fit: without them the others")
    assert said.zh.startswith("拟合全靠一位客户支撑")


def test_a_model_that_was_not_fitted_is_refused(known):
    with pytest.raises(ValueError, match=r"^BgNbd was not fitted: it has no covariance$"):
        clv.influence(known, clv.BgNbd(0.2, 4, 0.8, 2))
