"""What the functions of accounts say to bad input: all problems at once, in both languages."""

import numpy as np
import pandas as pd
import pytest

from crmlab import accounts
from crmlab.errors import DataError

ORDERS = pd.DataFrame(
    {"order_id": ["1", None], "customer_id": ["a", "b"], "order_date": ["2024-01-01", "soon"],
     "amount": [1.0, np.inf]}
)  # fmt: skip
LINES = pd.DataFrame({"order_id": ["1"], "product_id": ["x"], "quantity": [None], "price": ["y"]})
PRODUCTS = pd.DataFrame({"product_id": ["p", "p"], "price": [1, 2], "unit_cost": [1, 1]})
WALLET = pd.DataFrame({"customer_id": ["a", "a"], "year": [2024, 2024], "category_spend": [1, 2]})
NONE = pd.DataFrame()


@pytest.mark.parametrize(
    ("call", "en", "zh"),
    [
        pytest.param(
            lambda: accounts.sales(ORDERS, LINES, PRODUCTS),
            "orders.order_id cannot be used in 1 of 2 rows; "
            "order_lines.quantity cannot be used in 1 of 1 rows; "
            "order_lines.price cannot be used in 1 of 1 rows; "
            "products.product_id repeats in 1 rows; "
            "order_lines has 1 rows of products that products lacks.",
            "orders.order_id 在 2 行中有 1 行不能使用；"
            "order_lines.quantity 在 1 行中有 1 行不能使用；"
            "order_lines.price 在 1 行中有 1 行不能使用；products.product_id 有 1 行重复；"
            "order_lines 有 1 行的商品不在 products 中。",
            id="sales",
        ),
        pytest.param(
            lambda: accounts.sales(ORDERS[["customer_id"]], LINES[["order_id"]]),
            "orders lacks order_id; order_lines lacks product_id, quantity, price; "
            "order_lines lacks direct_cost, and there are no products.",
            "orders 缺少 order_id；order_lines 缺少 product_id、quantity、price；"
            "order_lines 缺少 direct_cost，又没有 products。",
            id="sales-columns",
        ),
        pytest.param(
            lambda: accounts.profit(NONE, NONE),
            "sales lacks customer_id, order_id, revenue, direct_cost; "
            "costs lacks customer_id, selling, service.",
            "sales 缺少 customer_id、order_id、revenue、direct_cost；"
            "costs 缺少 customer_id、selling、service。",
            id="profit",
        ),
        pytest.param(
            lambda: accounts.large_accounts(pd.DataFrame({"orders": [1], "revenue": [1]})),
            "customers lacks profit_rate, loyalty, potential.",
            "customers 缺少 profit_rate、loyalty、potential。",
            id="large",
        ),
        pytest.param(
            lambda: accounts.wallet_share(WALLET, ORDERS, 2024),
            "orders.amount cannot be used in 1 of 2 rows; "
            "orders.order_date cannot be used in 1 of 2 rows; "
            "wallet.customer_id repeats in 1 rows.",
            "orders.amount 在 2 行中有 1 行不能使用；orders.order_date 在 2 行中有 1 行不能使用；"
            "wallet.customer_id 有 1 行重复。",
            id="wallet",
        ),
        pytest.param(
            lambda: accounts.most_wanted(NONE, NONE),
            "wallets lacks untapped; contacts lacks customer_id, name, role.",
            "wallets 缺少 untapped；contacts 缺少 customer_id、name、role。",
            id="wanted",
        ),
        pytest.param(
            lambda: accounts.complaining(ORDERS, NONE, 2024),
            "orders.amount cannot be used in 1 of 2 rows; "
            "orders.order_date cannot be used in 1 of 2 rows; "
            "complaints lacks customer_id, complained_on.",
            "orders.amount 在 2 行中有 1 行不能使用；orders.order_date 在 2 行中有 1 行不能使用；"
            "complaints 缺少 customer_id、complained_on。",
            id="complaints",
        ),
    ],
)
def test_bad_tables_are_told_whole_in_both_languages(call, en, zh):
    with pytest.raises(DataError) as told:
        call()
    assert (told.value.en, told.value.zh) == (en, zh)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: accounts.platinum(pd.DataFrame({"profit": [1]}), 2),
            "share must be 0 to 1, got 2",
        ),
        (
            lambda: accounts.platinum(pd.DataFrame({"profit": [1]}), 1, pd.Series([-1])),
            "weight must be 1 numbers of 0 or more",
        ),
        (lambda: accounts.below_floor(NONE, 3), "floor must be -1 to 1, got 3"),
    ],
)
def test_bad_options_are_refused(call, message):
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the whole message is compared
        call()
    assert str(told.value) == message


def test_nothing_sold_and_nothing_complained_are_answers():
    empty = pd.DataFrame({"customer_id": [], "complained_on": []})
    orders = ORDERS.iloc[:1]
    assert accounts.complaining(orders, empty, 2024).empty
    assert accounts.still_trading(orders, 2030).empty


def test_contacts_and_touches_are_checked_whole():
    contacts = pd.DataFrame({"contact_id": ["k", "k"], "customer_id": ["c", None], "name": "a"})
    with pytest.raises(DataError) as told:
        accounts.duplicates(contacts)
    assert told.value.en == (
        "contacts.customer_id cannot be used in 1 of 2 rows; contacts.contact_id repeats in 1 rows."
    )
    assert told.value.zh == (
        "contacts.customer_id 在 2 行中有 1 行不能使用；contacts.contact_id 有 1 行重复。"
    )
    touches = pd.DataFrame({"contact_id": ["k", None], "at": ["2025-01-01", "soon"]})
    with pytest.raises(DataError) as told:
        accounts.collisions(touches.assign(department="sales"))
    assert told.value.en == (
        "touches.contact_id cannot be used in 1 of 2 rows; "
        "touches.at cannot be used in 1 of 2 rows."
    )
    good = pd.DataFrame({"contact_id": ["k"], "at": ["2025-01-01"], "department": ["sales"]})
    with pytest.raises(ValueError, match=r"^days must be 1 or more, got 0$"):
        accounts.collisions(good, days=0)
    with pytest.raises(ValueError, match=r"^departments must be 2 or more, got 1$"):
        accounts.collisions(good, departments=1)
    with pytest.raises(ValueError, match=r"^kind must be one of phone, name, email, got fax$"):
        accounts.normalise(good["contact_id"], "fax")


@pytest.mark.parametrize(
    ("call", "en", "zh"),
    [
        pytest.param(
            lambda: accounts.reconcile(NONE, WALLET),
            "orders lacks customer_id, amount, order_date; "
            "customers.customer_id repeats in 1 rows.",
            "orders 缺少 customer_id、amount、order_date；customers.customer_id 有 1 行重复。",
            id="reconcile",
        ),
        pytest.param(
            lambda: accounts.customer_types(pd.DataFrame({"value_score": [1]})),
            "customers lacks orders_a_year, potential_score, wallet_share.",
            "customers 缺少 orders_a_year、potential_score、wallet_share。",
            id="types",
        ),
        pytest.param(
            lambda: accounts.commercial_value(pd.DataFrame({"current": [1.0]})),
            "customers lacks potential, influence, learning.",
            "customers 缺少 potential、influence、learning。",
            id="value",
        ),
        pytest.param(
            lambda: accounts.composition(pd.DataFrame({"revenue": [-1, 2], "expected": [0, 0]})),
            "parts.revenue is below zero in 1 rows; parts.expected adds up to zero.",
            "parts.revenue 有 1 行为负；parts.expected 合计为零。",
            id="composition",
        ),
        pytest.param(
            lambda: accounts.revenue_at_risk(pd.DataFrame({"revenue": [0], "leaves": [2]})),
            "customers.revenue adds up to zero; customers.leaves is not 0 to 1 in 1 rows.",
            "customers.revenue 合计为零；customers.leaves 有 1 行不在 0 至 1 之间。",
            id="risk",
        ),
        pytest.param(
            lambda: accounts.hhi(pd.Series([np.nan, 1])),
            "values.value cannot be used in 1 of 2 rows.",
            "values.value 在 2 行中有 1 行不能使用。",
            id="hhi",
        ),
        pytest.param(
            lambda: accounts.scorecard(pd.DataFrame({"pays_for_worth": [True]})),
            "customers lacks asks_our_strengths, raises_our_skill, shares_direction, "
            "asks_our_weakness, leads_astray, costs_more_than_brings, demands_attention, "
            "never_satisfied.",
            "customers 缺少 asks_our_strengths、raises_our_skill、shares_direction、"
            "asks_our_weakness、leads_astray、costs_more_than_brings、demands_attention、"
            "never_satisfied。",
            id="scorecard",
        ),
    ],
)
def test_bad_tables_about_value_are_told_whole(call, en, zh):
    with pytest.raises(DataError) as told:
        call()
    assert (told.value.en, told.value.zh) == (en, zh)


def test_bad_weights_are_refused():
    parts = pd.DataFrame({"current": [1], "potential": [1], "influence": [1], "learning": [1]})
    for weights in ({"current": -1}, {"current": 0}, {"luck": 1}):
        with pytest.raises(ValueError, match=r"^weights must be 0 or more for current, potential"):
            accounts.commercial_value(parts, weights)


def test_relationships_need_revenue():
    customers = pd.DataFrame({"revenue": [1.0, None]})
    with pytest.raises(DataError) as told:
        accounts.relationships(customers)
    assert (told.value.en, told.value.zh) == (
        "customers lacks loyalty.", "customers 缺少 loyalty。",
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"^share must be 0 to 1, got 3$"):
        accounts.relationships(customers.fillna(1).assign(loyalty=1), 3)
