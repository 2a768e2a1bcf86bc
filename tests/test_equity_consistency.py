"""Do the parts add up, and do numbers move the way they must?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import equity

SIZE = st.floats(0.1, 1e4)
SEGMENTS = st.lists(st.tuples(*[SIZE] * 6), min_size=1, max_size=6)


def segments(rows, columns):
    return pd.DataFrame([[row[k] for k in columns] for row in rows],
                        columns=["customers", "margin", "duration"])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(SEGMENTS)
def test_effects_sum_to_the_change_exactly(rows):
    before, after = segments(rows, (0, 1, 2)), segments(rows, (3, 4, 5))
    table = equity.decompose(before, after)
    effects = table.filter(like="effect").sum(axis=1)
    size = table[["before", "after"]].abs().max(axis=1)
    assert ((effects - (table["after"] - table["before"])).abs() <= 1e-9 * size).all()
    assert table.loc["all"].tolist() == pytest.approx(table.iloc[:-1].sum().tolist())
    assert table["after"].iloc[:-1].tolist() == pytest.approx(after.prod(axis=1).tolist())


def test_a_change_of_number_alone_is_number_effect_and_of_stay_alone_duration_effect():
    one = pd.DataFrame({"customers": [10.0], "margin": [5.0], "duration": [2.0]})
    more = equity.decompose(one, one.assign(customers=12.0)).loc["all"]
    longer = equity.decompose(one, one.assign(duration=3.0)).loc["all"]
    assert more[["number_effect", "duration_effect", "interaction_effect"]].tolist() == [20, 0, 0]
    assert longer[["number_effect", "duration_effect", "interaction_effect"]].tolist() == [0, 50, 0]


def test_a_segment_that_is_new_is_all_number_effect():
    old = pd.DataFrame({"customers": [1.0], "margin": [1.0], "duration": [1.0]}, index=["a"])
    new = pd.DataFrame(
        {"customers": [1.0, 3], "margin": [1.0, 2], "duration": [1.0, 4]}, list("ab")
    )
    table = equity.decompose(old, new)
    assert table.loc["b", ["number_effect", "interaction_effect"]].tolist() == [24, 0]


def customers(n=60, seed=3):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "role": "present", "customers": 1.0, "purchases": rng.gamma(2, 2, n),
            "spend": rng.gamma(6, 100, n), "margin": 0.4, "retention": rng.beta(6, 2, n),
            "kind": rng.choice(["a", "b"], n),
        }
    )  # fmt: skip
    return equity.valued(rows, 0.1)


def test_parts_multiply_to_the_equity_of_each_segment():
    rows = customers()
    table = equity.parts(rows, "kind")
    assert table.prod(axis=1).to_dict() == pytest.approx(
        rows.groupby("kind")["value"].sum().to_dict()
    )


def test_effects_sum_to_the_change_of_equity():
    old, new = customers(), customers().assign(customers=1.5)
    new = equity.valued(new, 0.1)
    told = equity.effects(old, new, "kind")
    assert told["equity_change"] == pytest.approx(new["value"].sum() - old["value"].sum())
    assert told.iloc[:-1].sum() == pytest.approx(told["equity_change"])


CURVES = st.tuples(st.floats(1, 1e4), st.floats(1e-7, 1e-3), st.floats(1, 1e4))


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 1e7), st.lists(CURVES, min_size=1, max_size=4))
def test_the_best_split_spends_the_budget_at_equal_marginal_values(budget, curves):
    named = {str(k): equity.Response(*curve) for k, curve in enumerate(curves)}
    best = equity.optimal_split(budget, named)
    assert best["spend"].sum() == pytest.approx(budget, rel=1e-6)
    used = best.loc[best["spend"] > 1e-6 * budget, "marginal"]
    assert used.max() == pytest.approx(used.min(), rel=1e-4, abs=1e-300)
    assert (best.loc[best["spend"] == 0, "marginal"] <= used.min() * (1 + 1e-4)).all()


def test_customers_who_differ_are_worth_more_and_tend_to_those_alike():
    table = equity.alike_or_not(0.8, [0, 1e-6, 0.1, 0.3], 0.1)
    assert table["value"].is_monotonic_increasing
    assert table["value"].iloc[1] == pytest.approx(table["value"].iloc[0], rel=1e-4)
    assert table["gain"].iloc[1] == pytest.approx(table["gain"].iloc[0], rel=1e-3)


def test_aggregate_retention_rises_although_nobody_changes():
    curve = equity.retention_curve(0.75, 0.2, 10)
    rng = np.random.default_rng(5)
    own = 1 - rng.beta(*equity.retention.beta_of_churn(0.75, 0.2), 200_000)
    survival = (own[:, None] ** np.arange(1, 11)).mean(axis=0)
    assert curve["retention"].is_monotonic_increasing
    assert curve["survival"].tolist() == pytest.approx(survival.tolist(), abs=4e-3)


def test_the_value_of_mixed_customers_is_that_of_simulated_ones():
    rng = np.random.default_rng(6)
    own = 1 - rng.beta(*equity.retention.beta_of_churn(0.75, 0.2), 400_000)
    raised = np.minimum(own + 0.05, 1)
    for step, r in ((0, own), (0.05, raised)):
        told = equity.mixed_value(0.75, 0.2, 0.1, step=step)
        assert told == pytest.approx((r / (1.1 - r)).mean(), rel=6e-3)


def test_elasticity_is_the_slope_of_log_value():
    r, tiny = 0.7, 1e-6
    slope = np.log(equity.lifetime_value(1, r * (1 + tiny)) / equity.lifetime_value(1, r)) / tiny
    assert slope == pytest.approx(equity.elasticity(r).item(), rel=1e-4)


def test_small_lever_changes_scale():
    cells = customers()
    one, two = (equity.lever_effects(cells, change) for change in (1e-4, 2e-4))
    held = one["equity_change"] != 0
    assert (two / one)["equity_change"][held].tolist() == pytest.approx(
        [2.0] * held.sum(), rel=2e-3
    )


def test_rows_may_be_customers_or_cells():
    cells = customers(5)
    many = cells.loc[cells.index.repeat(3)].reset_index(drop=True)
    few = cells.assign(customers=3.0)
    pd.testing.assert_frame_equal(equity.lever_effects(many), equity.lever_effects(few))


def test_credit_of_a_chain_is_whole_at_a_share_of_one():
    names = [f"C{n}" for n in range(50)]
    edges = pd.Series(names[:-1], index=names[1:])
    own = pd.Series(1.0, index=names)
    table = equity.network_value(own, edges, share=1)
    assert table["network_value"].tolist() == [49.0 - n for n in range(50)]
    assert equity.generations(edges, own.index).tolist() == list(range(50))


def test_whole_customers_are_drawn_so_repeated_rows_add_no_certainty():
    rng = np.random.default_rng(2)
    rows = pd.DataFrame({"customer_id": range(80), "group": 0, "a": rng.gamma(2, 1, 80), "b": 1.0})
    pair = {"x": ("a", "b")}
    once = equity.ratios(rows, "group", pair)
    often = equity.ratios(pd.concat([rows] * 5), "group", pair)
    pd.testing.assert_frame_equal(once, often)


def test_retention_narrows_with_years_and_is_one_if_nobody_left():
    assert equity.annual_retention(10, 0)[0] == 1
    wide, narrow = equity.annual_retention(10, 2), equity.annual_retention(1000, 200)
    assert narrow[2] - narrow[1] < wide[2] - wide[1]
