"""What must hold for any customers: terms that sum exactly, whatever the order or grouping."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import segment

DAYS = pd.date_range("2023-01-01", periods=6, freq="QS").astype("datetime64[us]")
factors = st.lists(st.floats(-1e4, 1e6, allow_subnormal=False), min_size=2, max_size=4)


@given(st.data())
def test_contributions_add_up_to_the_change_exactly(data):
    before = np.array(data.draw(factors))
    now = np.array(data.draw(st.lists(st.floats(-1e4, 1e6), min_size=len(before),
                                      max_size=len(before))))  # fmt: skip
    parts = segment.shapley(before, now)
    scale = np.prod(np.maximum(np.abs(before), np.abs(now)))
    assert parts.sum() == pytest.approx(now.prod() - before.prod(), abs=1e-9 * scale + 1e-9)


@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)), min_size=3, max_size=3))
def test_contributions_do_not_depend_on_the_order_of_factors(both):
    before, now = np.array(both).T
    parts = segment.shapley(before, now)
    for order in map(list, permutations(range(3))):
        assert segment.shapley(before[order], now[order]) == pytest.approx(parts[order], abs=1e-6)


def test_a_factor_that_stays_contributes_nothing():
    assert segment.shapley(np.array([3.0, 4.0, 5]), np.array([6.0, 4.0, 2]))[1] == 0


@pytest.fixture(scope="module")
def cells():
    """Sixty kinds of customers over six quarters, and how many there are of each."""
    rng = np.random.default_rng(3)
    rows = [(f"c{kind:02d}", day) for kind in range(60) for day in DAYS if rng.random() < 0.5]
    made = pd.DataFrame(rows, columns=["customer_id", "period"])
    made["purchases"] = 1 + rng.poisson(2, len(made))
    made["spend"] = np.round(made["purchases"] * rng.gamma(2, 20, len(made)))
    sizes = pd.Series(rng.integers(1, 6, 60), index=[f"c{kind:02d}" for kind in range(60)])
    return made.assign(weight=made["customer_id"].map(sizes))


@pytest.fixture(scope="module")
def customers(cells):
    """The same customers, one by one."""
    each = cells.loc[cells.index.repeat(cells["weight"])]
    nth = each.groupby(level=0).cumcount().astype(str)
    names = each["customer_id"] + "-" + nth
    return each.assign(customer_id=names).drop(columns="weight").reset_index(drop=True)


def pairs_of(rows):
    sizes = rows.groupby("customer_id")["weight"].first() if "weight" in rows else None
    pairs = segment.paired(rows.drop(columns="weight", errors="ignore"), DAYS[1], DAYS[5])
    return pairs, None if sizes is None else sizes.reindex(pairs.index)


LENSES = [
    pytest.param(lambda p: segment.one_period(p, DAYS[5], p.get("weight")), id="one_period"),
    pytest.param(lambda p: segment.cohort_lives(p, p.get("weight")), id="cohort_lives"),
    pytest.param(
        lambda p: segment.whole_base(segment.cohort_lives(p, p.get("weight"))), id="whole_base"
    ),
    pytest.param(lambda p: segment.moved(*pairs_of(p)), id="moved"),
    pytest.param(
        lambda p: segment.revenue_tree(*pairs_of(p), draws=1)[["earlier", "later", "effect"]],
        id="revenue_tree",
    ),
]


@pytest.mark.parametrize("lens", LENSES)
def test_a_weight_is_so_many_customers(lens, cells, customers):
    pd.testing.assert_frame_equal(lens(cells), lens(customers), check_dtype=False)


@pytest.mark.parametrize("lens", LENSES)
def test_the_order_of_rows_does_not_matter(lens, customers):
    mixed = customers.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(lens(mixed), lens(customers))


def test_the_interval_does_not_depend_on_how_customers_are_grouped(cells, customers):
    one, other = (segment.revenue_tree(*pairs_of(p), draws=20) for p in (cells, customers))
    pd.testing.assert_frame_equal(one, other)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 9),
                          st.integers(0, 500)), min_size=1, max_size=40,
                unique_by=lambda row: row[:2]))  # fmt: skip
def test_both_views_of_a_change_and_the_whole_base_agree(rows):
    made = pd.DataFrame(rows, columns=["customer_id", "n", "purchases", "spend"])
    made = made.assign(period=DAYS[made["n"]], spend=made["spend"] / 4).drop(columns="n")
    base = segment.whole_base(segment.cohort_lives(made))
    assert base["spend"].sum() == pytest.approx(made["spend"].sum())
    assert base["new"].sum() == made["customer_id"].nunique()
    first, last = made["period"].min(), made["period"].max()
    if first == last:
        return
    pairs = segment.paired(made, first, last)
    moves, tree = segment.moved(pairs), segment.revenue_tree(pairs, draws=1)
    change = base["spend"].iloc[-1] - base["spend"].iloc[0]
    assert moves["change"].sum() == pytest.approx(change)
    assert tree["effect"].drop("all_drivers").sum() == pytest.approx(change)
    assert tree["effect"]["all_drivers"] == pytest.approx(change)


def test_what_a_member_brings_is_the_product_of_its_three_factors(cells):
    lives = segment.cohort_lives(cells, cells["weight"])
    parts = lives[["share_active", "purchases_per_active", "spend_per_purchase"]]
    assert parts.prod(axis=1).tolist() == pytest.approx(lives["spend_per_member"].tolist())
