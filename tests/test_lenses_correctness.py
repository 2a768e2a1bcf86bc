"""The customer-base audit by hand, by textbook, and computed another way from the raw file."""

import numpy as np
import pandas as pd
import pytest

from crmlab import segment
from crmlab.customers import panel


def day(text):
    return pd.Timestamp(text)


BY_HAND = pd.DataFrame(
    [
        ("a", "2024-01-01", 1, 10.0),
        ("a", "2024-04-01", 2, 30.0),
        ("b", "2024-01-01", 2, 40.0),
        ("b", "2024-07-01", 1, 20.0),
        ("c", "2024-04-01", 3, 60.0),
        ("c", "2024-07-01", 1, 15.0),
        ("d", "2024-07-01", 4, 80.0),
    ],
    columns=["customer_id", "period", "purchases", "spend"],
).astype({"period": "datetime64[us]"})


def test_months_become_periods_counted_back_from_the_last_that_is_over():
    days = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-04-01", "2024-05-01"])
    months = pd.DataFrame(
        {"customer_id": ["a", "a", "a", "a"], "period": days, "purchases": 1, "spend": 5.0}
    )
    found = segment.in_periods(months, until=day("2024-05-30"), months=2)  # May is not over
    assert found["period"].dt.strftime("%Y-%m").tolist() == ["2024-01", "2024-03"]
    assert found["purchases"].tolist() == [2, 1]
    whole = segment.in_periods(months, until=day("2024-05-31"), months=2)
    assert whole["period"].dt.strftime("%Y-%m").tolist() == ["2023-12", "2024-02", "2024-04"]
    assert segment.compared(day("2024-05-31"), months=2, back=2) == (
        day("2023-12-01"),
        day("2024-04-01"),
    )


def test_one_period_by_hand():
    found = segment.one_period(BY_HAND, day("2024-07-01"))
    assert found["customers"].tolist() == [2, 0, 1, 0, 0]
    assert found["spend"].tolist() == [35, 0, 80, 0, 0]
    assert found["spend_per_purchase"].iloc[[0, 2]].tolist() == [17.5, 20]
    assert found["share_spend"].sum() == pytest.approx(1)


def test_moves_by_hand():
    pairs = segment.paired(BY_HAND, day("2024-04-01"), day("2024-07-01"))
    assert pairs["move"].to_dict() == {
        "a": "stopped", "b": "returned", "c": "kept_down", "d": "joined",
    }  # fmt: skip
    moves = segment.moved(pairs)
    assert moves["change"].to_dict() == {
        "kept_up": 0, "kept_down": -45, "joined": 80, "returned": 20, "stopped": -30,
    }  # fmt: skip
    assert segment.stayed(moves).value == 0.5


def test_two_factors_are_split_as_price_and_volume_are_at_mean_prices():
    before, now = np.array([100.0, 5.0]), np.array([120.0, 4.0])
    expected = [20 * (5 + 4) / 2, -1 * (100 + 120) / 2]
    assert segment.shapley(before, now) == pytest.approx(expected)


def test_three_factors_are_split_as_the_mean_of_six_orders():
    before, now = np.array([10.0, 2.0, 7.0]), np.array([14.0, 3.0, 6.0])
    orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    total = np.zeros(3)
    for order in orders:
        state = before.copy()
        for factor in order:
            start = state.prod()
            state[factor] = now[factor]
            total[factor] += state.prod() - start
    assert segment.shapley(before, now) == pytest.approx(total / 6)


def test_small_changes_are_split_as_by_the_log_mean():
    """LMDI (Ang 2004) is the other exact split; for small changes the two agree."""
    before = np.array([1000.0, 2.5, 40.0])
    now = before * [1.02, 0.99, 1.01]
    whole = now.prod() - before.prod()
    lmdi = whole / np.log(now.prod() / before.prod()) * np.log(now / before)
    assert segment.shapley(before, now) == pytest.approx(lmdi, rel=1e-4)


def test_a_tree_with_profit_has_four_factors():
    profit = BY_HAND.assign(profit=BY_HAND["spend"] * [0.2, 0.3, 0.1, 0.4, 0.2, 0.5, 0.3])
    pairs = segment.paired(profit, day("2024-04-01"), day("2024-07-01"))
    tree = segment.revenue_tree(pairs, draws=1)
    assert tree.index.tolist() == [
        "customers", "purchases_per_customer", "spend_per_purchase", "profit_per_spend",
        "all_drivers",
    ]  # fmt: skip
    assert tree["earlier"]["all_drivers"] == pytest.approx(30 * 0.3 + 60 * 0.2)
    assert tree["effect"].iloc[:-1].sum() == pytest.approx(tree["effect"].iloc[-1])


def test_cohorts_by_hand():
    lives = segment.cohort_lives(BY_HAND)
    first = segment.one_cohort(lives, day("2024-01-01"))
    assert first["members"].tolist() == [2, 2, 2]
    assert first["customers"].tolist() == [2, 1, 1]
    assert first["spend_per_member"].tolist() == [25, 15, 10]
    assert first["spend_to_date"].tolist() == [25, 40, 50]
    assert segment.same_age(lives, 1)["customers"].tolist() == [1, 1]
    base = segment.whole_base(lives)
    assert base["new"].tolist() == [2, 1, 1]
    assert base["share_base"].tolist() == pytest.approx([1, 2 / 3, 3 / 4])
    assert base["share_new_spend"].tolist() == pytest.approx([1, 60 / 90, 80 / 115])


def test_a_period_in_which_nobody_bought_is_there_with_zeros():
    gap = BY_HAND[BY_HAND["period"] != day("2024-04-01")]
    gap = pd.concat([gap, gap.tail(1).assign(period=day("2024-08-01"))])
    lives = segment.cohort_lives(gap)
    first = segment.one_cohort(lives, day("2024-01-01"))
    assert first.index.tolist() == list(range(8))
    assert first["customers"].tolist() == [2, 0, 0, 0, 0, 0, 1, 0]


@pytest.fixture(scope="module")
def quarters(cdnow_master):
    months = panel(cdnow_master, unit="M")
    return segment.in_periods(months, until=day("1998-06-30"), months=3)


def test_the_quarters_of_cdnow_are_those_of_its_lines(cdnow_master, quarters):
    """Counted again from the lines themselves, with pandas alone."""
    lines = cdnow_master.to_pandas()
    lines["quarter"] = pd.to_datetime(lines["order_date"]).dt.to_period("Q").dt.start_time
    visits = lines.drop_duplicates(["customer_id", "order_date"]).groupby("quarter").size()
    each = lines.groupby("quarter")["customer_id"].nunique()
    base = segment.whole_base(segment.cohort_lives(quarters))
    assert base["customers"].tolist() == each.tolist()
    assert (base["customers"] * base["purchases_per_customer"]).tolist() == pytest.approx(visits)
    assert base["spend"].tolist() == pytest.approx(lines.groupby("quarter")["amount"].sum())
    assert base["customers"].iloc[0] == 23_570  # the size of the published cohort
    assert base["new"].iloc[1:].sum() == 0


def test_what_changed_at_cdnow_in_a_year(quarters):
    """By hand: 5,376 buyers × 9,473 / 5,376 × 359,153.66 / 9,473 against 3,317, 5,664, 213,330.48.

    The three effects are means over the six orders.
    """
    pairs = segment.paired(quarters, *segment.compared(day("1998-06-30")))
    tree = segment.revenue_tree(pairs, draws=1)
    assert tree["earlier"].tolist() == pytest.approx([5376, 1.762091, 37.913402, 359153.66])
    assert tree["later"].tolist() == pytest.approx([3317, 1.707567, 37.664280, 213330.48])
    expected = [-134984.55, -8957.80, -1880.82, -145823.18]
    assert tree["effect"].tolist() == pytest.approx(expected, abs=0.01)


def test_the_interval_of_a_tree_covers_the_truth_as_often_as_it_says():
    """Customers of known habits: the interval holds the expected effect 95 times in 100."""
    rng = np.random.default_rng(5)
    size, inside = 300, 0
    mean = [size * 0.6, 2.0, 30.0], [size * 0.5, 2.5, 30.0]
    known = segment.shapley(*map(np.array, mean))[0]
    for run in range(40):
        bought = rng.random((size, 2)) < [0.6, 0.5]
        buys = bought * (1 + rng.poisson([1.0, 1.5], (size, 2)))
        spend = buys * rng.gamma(3, 10, (size, 2))
        names = ["purchases_before", "purchases_now", "spend_before", "spend_now"]
        pairs = pd.DataFrame(np.hstack([buys, spend]).astype("float64"), columns=names)
        effect = segment.revenue_tree(pairs, seed=run, draws=60).loc["customers"]
        inside += effect["low"] <= known <= effect["high"]
    assert 33 <= inside <= 40  # 38 expected; fewer than 33 about once in 200 times
