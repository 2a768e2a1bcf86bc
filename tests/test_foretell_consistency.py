"""What must not change what segmentations foretell: order, names, units, grouped equals."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import segment

CELL = st.tuples(st.sampled_from("xyz"), st.integers(-2, 9), st.integers(1, 4))


@settings(deadline=None, max_examples=40)
@given(st.lists(CELL, min_size=2, max_size=15))
def test_a_weighted_customer_is_foretold_as_so_many_customers(cells):
    cell = pd.DataFrame(cells, columns=["segment", "outcome", "weight"])
    rows = cell.loc[cell.index.repeat(cell["weight"])].reset_index(drop=True)
    own = segment.errors(cell["segment"], cell["outcome"], cell["weight"])
    each = segment.errors(rows["segment"], rows["outcome"])
    for name in own:
        whole = (own[name] * cell["weight"]).sum()
        assert whole == pytest.approx(each[name].sum(), abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.lists(CELL, min_size=2, max_size=15), st.randoms(use_true_random=False))
def test_neither_order_nor_names_of_segments_change_an_error(cells, chance):
    table = pd.DataFrame(cells, columns=["segment", "outcome", "weight"])
    found = segment.errors(table["segment"], table["outcome"])
    places = list(table.index)
    chance.shuffle(places)
    moved = table.loc[places].replace({"segment": {"x": "q"}})
    again = segment.errors(moved["segment"], moved["outcome"]).sort_index()
    pd.testing.assert_frame_equal(again, found)


def test_the_currency_changes_nothing_that_is_explained():
    ways = pd.DataFrame({"a": [*"xxyyzz"], "b": [*"xyxyxy"]})
    outcome = pd.Series([1.0, 2, 8, 9, 0, 0])
    found = segment.compare_responses(ways, outcome, draws=50)
    pd.testing.assert_frame_equal(segment.compare_responses(ways, 100 * outcome, draws=50), found)
    assert (found["spend_low"] <= found["spend_explained"]).all()


def test_one_segment_for_all_explains_exactly_nothing():
    ways = pd.DataFrame({"alike": ["x"] * 5})
    found = segment.compare_responses(ways, pd.Series([1.0, 0, 3, 4, 9]), draws=20)
    columns = ["spend_explained", "spend_low", "spend_high", "buying_explained"]
    assert found.loc["alike", columns].tolist() == [0, 0, 0, 0]
