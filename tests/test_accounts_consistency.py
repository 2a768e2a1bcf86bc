"""What must not change an answer about accounts: order of rows, units, how equals are grouped."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import accounts
from crmlab.accounts.base import at_top, better_share, score

PROFITS = st.lists(st.integers(-5, 9), min_size=1, max_size=30)
ROW = st.tuples(*[st.integers(0, 3)] * 5)
COLUMNS = ["orders", "revenue", "profit_rate", "loyalty", "potential"]


@pytest.fixture(scope="module")
def sold():
    return pd.DataFrame(
        {
            "customer_id": [*"aabbc"],
            "order_id": [*"12345"],
            "list_value": [100.0, 50, 80, 70, 30],
            "price_concession": [10.0, 0, 5, 0, 3],
            "discount": [2.0, 1, 0, 7, 0],
            "revenue": [88.0, 49, 75, 63, 27],
            "direct_cost": [50.0, 20, 60, 30, 28],
        }
    )


@pytest.fixture(scope="module")
def costs():
    return pd.DataFrame({"customer_id": [*"abc"], "selling": [9, 8, 7], "service": [3, 30, 1]})


@settings(deadline=None, max_examples=40)
@given(PROFITS, st.randoms(use_true_random=False))
def test_equal_customers_have_equal_answers_in_any_order(values, chance):
    values = pd.Series(values)
    places = list(values.index)
    chance.shuffle(places)
    for verb in (score, better_share, lambda v: at_top(v, 0.3)):
        found = verb(values)
        assert verb(values.loc[places]).sort_index().equals(found.sort_index())
        assert found.groupby(values).nunique().max() == 1


@settings(deadline=None, max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_equal_accounts_are_equally_large(rows):
    customers = pd.DataFrame(rows, columns=COLUMNS)
    found = accounts.large_accounts(customers, least_rate=1)
    assert found.groupby([customers[c] for c in COLUMNS]).nunique().max().max() == 1
    assert accounts.large_accounts(customers[::-1], least_rate=1).sort_index().equals(found)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(-3, 9), st.integers(1, 4)), min_size=1, max_size=15))
def test_a_weighted_customer_is_as_many_customers(cells):
    cell = pd.DataFrame(cells, columns=["profit", "weight"])
    rows = cell.loc[cell.index.repeat(cell["weight"])]
    values, weight = cell["profit"], cell["weight"]
    for verb in (score, better_share):
        assert (
            verb(rows["profit"]).groupby(level=0).first().tolist() == verb(values, weight).tolist()
        )
    best = accounts.platinum(cell, 0.3, weight).index
    assert set(accounts.platinum(rows, 0.3).index) == set(best)


def test_the_waterfall_adds_up(sold, costs):
    margins = accounts.pocket_margin(sold, costs)
    steps = accounts.waterfall(margins)
    inner = steps[~steps["step"].isin(["pocket_price", "pocket_margin"])]
    left = inner.groupby("customer_id")["amount"].sum()
    assert left.tolist() == pytest.approx(margins["pocket_margin"].tolist())
    assert margins["pocket_margin"].tolist() == pytest.approx(
        accounts.profit(sold, costs)["profit"].tolist()
    )


def test_the_currency_does_not_change_who_is_below_the_floor(sold, costs):
    money = [c for c in sold if c not in ("customer_id", "order_id")]
    cents = sold.assign(**{c: 100 * sold[c] for c in money})
    dear = costs.assign(selling=100 * costs["selling"], service=100 * costs["service"])
    found = accounts.below_floor(accounts.pocket_margin(sold, costs), 0.2)
    again = accounts.below_floor(accounts.pocket_margin(cents, dear), 0.2)
    assert found["reason"].equals(again["reason"])
    assert again["shortfall"].tolist() == pytest.approx((100 * found["shortfall"]).tolist())
    assert found["reason"].to_dict() == {"b": "service_cost", "c": "direct_cost"}


CONTACT = st.tuples(
    st.sampled_from("cd"), st.sampled_from(["王小明", "王小敏", "李大刚", None]),
    st.sampled_from(["1", "2", None]), st.sampled_from(["sales", "finance", None]),
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.lists(CONTACT, max_size=12), st.randoms(use_true_random=False))
def test_duplicates_do_not_depend_on_the_order_of_rows(rows, chance):
    contacts = pd.DataFrame(
        rows, columns=["customer_id", "name", "phone", "department"], dtype="str"
    )
    contacts = contacts.assign(contact_id=[f"k{n:02}" for n in range(len(rows))])
    places = list(contacts.index)
    chance.shuffle(places)
    found = accounts.duplicates(contacts)
    assert accounts.duplicates(contacts.loc[places]).equals(found)
    assert set(found["contact_id"]) & set(found["duplicate_of"]) == set()  # all point to a first


TOUCH = st.tuples(st.sampled_from("kl"), st.sampled_from("xyz"), st.integers(0, 40))


@settings(deadline=None, max_examples=40)
@given(st.lists(TOUCH, max_size=15), st.randoms(use_true_random=False))
def test_collisions_do_not_depend_on_the_order_of_rows(rows, chance):
    touches = pd.DataFrame(rows, columns=["contact_id", "department", "day"])
    at = pd.Timestamp("2025-01-01") + pd.to_timedelta(touches["day"].astype("int64"), unit="D")
    touches = touches.assign(at=at)
    places = list(touches.index)
    chance.shuffle(places)
    found = accounts.collisions(touches)
    assert accounts.collisions(touches.loc[places]).equals(found)
    assert (accounts.collisions(touches, departments=2)["collisions"].sum()
            >= found["collisions"].sum())  # fmt: skip


PARTS = ["current", "potential", "influence", "learning"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(*[st.integers(-2, 3)] * 4), min_size=1, max_size=20))
def test_equal_customers_have_equal_commercial_value(rows):
    parts = pd.DataFrame(rows, columns=PARTS)
    found = accounts.commercial_value(parts)
    assert accounts.commercial_value(parts[::-1]).sort_index().equals(found)
    assert found.groupby([parts[c] for c in PARTS]).nunique().max().max() == 1
    cells = parts.value_counts().rename("weight").reset_index()
    merged = accounts.commercial_value(cells, weight=cells["weight"])
    whole = (merged["value_score"] * cells["weight"]).sum() / len(parts)
    assert whole == pytest.approx(found["value_score"].mean()) == pytest.approx(50)
    assert set(merged["value_score"].round(9)) == set(found["value_score"].round(9))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4)), min_size=1, max_size=20))
def test_concentration_is_the_same_for_weighted_customers(cells):
    cell = pd.DataFrame(cells, columns=["value", "weight"])
    rows = cell["value"].repeat(cell["weight"])
    found = accounts.hhi(cell["value"], cell["weight"])
    assert accounts.hhi(rows) == pytest.approx(found)
    assert 1 / len(rows) - 1e-9 <= found <= 1 + 1e-9
