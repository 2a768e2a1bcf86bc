"""What must not change a customer's year, items or strategies: order of rows, units, weights."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import accounts, load

NAMES = (*accounts.NEEDED, *accounts.HELPFUL)


@pytest.fixture(scope="module")
def tables():
    return accounts.completed({name: load.table("chenxing", name).to_pandas() for name in NAMES})


def test_the_order_of_rows_changes_nothing(tables):
    shuffled = {name: rows.sample(frac=1, random_state=3) for name, rows in tables.items()}
    now, again = (accounts.measures(each, 2025) for each in (tables, shuffled))
    pd.testing.assert_frame_equal(again.sort_index(), now.sort_index())
    margins = [accounts.margins_in(each, 2025) for each in (tables, shuffled)]
    items = [
        accounts.scorecard_items(year, margin, each, 2025)
        for year, margin, each in zip((now, again), margins, (tables, shuffled), strict=True)
    ]
    pd.testing.assert_frame_equal(items[1].sort_index(), items[0].sort_index())
    kinds = [accounts.leaning(accounts.stated_weights(t["survey"])) for t in (tables, shuffled)]
    pd.testing.assert_series_equal(kinds[1].sort_index(), kinds[0])


ROW = st.tuples(
    st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 20), st.integers(0, 3),
    st.integers(0, 9), st.booleans(), st.booleans(), st.integers(0, 5), st.integers(1, 3),
)  # fmt: skip
COLUMNS = [
    "profit_before", "profit", "revenue", "orders", "gap", "newcomer", "alike", "acquisition_cost",
]  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=12))
def test_a_weighted_customer_is_as_many_in_strategies_and_statistics(rows):
    cell = pd.DataFrame(rows, columns=[*COLUMNS, "weight"])
    each = cell.loc[cell.index.repeat(cell["weight"])].reset_index(drop=True)
    weighed = accounts.strategies(*[cell[c] for c in COLUMNS], weight=cell["weight"])
    plain = accounts.strategies(*[each[c] for c in COLUMNS])
    assert weighed.tolist() == pytest.approx(plain.tolist())
    assert weighed["combine"] >= weighed["deepen"] - 1e-9 or weighed["expand"] < 0
    r = [accounts.rank_correlation(t["profit"], t["gap"], *w)
         for t, w in ((cell, [cell["weight"]]), (each, []))]  # fmt: skip
    assert r[0] == pytest.approx(r[1], nan_ok=True)
    part = [accounts.ratio(t["profit"], t["revenue"], *w)
            for t, w in ((cell, [cell["weight"]]), (each, []))]  # fmt: skip
    assert part[0] == pytest.approx(part[1], nan_ok=True)


def test_the_currency_scales_what_is_at_stake(tables):
    then, now = (accounts.measures(tables, year) for year in (2024, 2025))
    chosen = accounts.choices(then, now, 2025)
    money = ["profit_before", "profit", "revenue", "gap", "acquisition_cost"]
    cents = chosen.assign(**{c: 100 * chosen[c] for c in money})
    found, dear = (accounts.strategies(*[t[c] for c in COLUMNS]) for t in (chosen, cents))
    assert dear.tolist() == pytest.approx((100 * found).tolist())


def test_rank_correlation_is_the_same_for_any_rising_scale():
    x, y = pd.Series([1.0, 4, 9, 16, 2]), pd.Series([3.0, 1, 4, 1, 5])
    assert accounts.rank_correlation(x, y) == pytest.approx(accounts.rank_correlation(x**3, y))
    assert accounts.rank_correlation(x, -y) == pytest.approx(-accounts.rank_correlation(x, y))
