"""Are the answers about accounts right: by hand, by pandas alone, and against what is planted?"""

import pandas as pd
import pytest

from crmlab import accounts, load
from crmlab.accounts.scorecard import BAD, GOOD
from crmlab.home import home

NAMES = (
    "order_lines", "products", "costs", "contacts", "customers", "complaints", "wallet",
    "touchpoints",
)  # fmt: skip
ORDERS = pd.DataFrame(
    {
        "order_id": ["1", "2", "3"],
        "customer_id": ["a", "a", "b"],
        "order_date": pd.to_datetime(["2024-03-01", "2025-02-01", "2024-05-01"]),
        "amount": [90.0, 36.0, 50.0],
    }
)
LINES = pd.DataFrame(
    {
        "order_id": ["1", "2", "3", "9"],
        "product_id": ["p", "p", "q", "q"],
        "quantity": [10, 4, 5, 1],
        "price": [9.5, 9.0, 10.0, 10.0],
        "discount": [5.0, 0.0, 0.0, 0.0],
    }
)
PRODUCTS = pd.DataFrame({"product_id": ["p", "q"], "price": [10.0, 12.0], "unit_cost": [4.0, 9.0]})
COSTS = pd.DataFrame({"customer_id": ["a", "b", "c"], "selling": [7, 3, 2], "service": [3, 8, 0]})


@pytest.fixture(scope="module")
def tables():
    found = {name: load.table("chenxing", name).to_pandas() for name in NAMES}
    return {**found, "orders": load.orders("chenxing").to_pandas()}


@pytest.fixture(scope="module")
def sold(tables):
    return accounts.sales(tables["orders"], tables["order_lines"], tables["products"])


@pytest.fixture(scope="module")
def profits(tables, sold):
    return accounts.profit(sold, tables["costs"])


@pytest.fixture(scope="module")
def wallets(tables):
    return accounts.wallet_share(tables["wallet"], tables["orders"], 2025)


def raw(name):
    return pd.read_csv(home() / "data" / "chenxing" / f"{name}.csv")


def test_profit_by_hand():
    found = accounts.profit(accounts.sales(ORDERS, LINES, PRODUCTS), COSTS)
    assert found["revenue"].to_dict() == {"a": 126.0, "b": 50.0, "c": 0.0}
    assert found["direct_cost"].to_dict() == {"a": 56.0, "b": 45.0, "c": 0.0}
    assert found["profit"].to_dict() == {"a": 60.0, "b": -6.0, "c": -2.0}
    assert found["profit_rate"]["b"] == pytest.approx(-0.12)
    assert found["profit_rate"].isna().tolist() == [False, False, True]


def test_pocket_margin_by_hand():
    conceded = pd.DataFrame({"rebate": [6.0]}, index=["a"])
    found = accounts.pocket_margin(accounts.sales(ORDERS, LINES, PRODUCTS), COSTS, conceded).loc[
        "a"
    ]
    expected = {"list_value": 140, "price_concession": 9, "discount": 5, "rebate": 6,
                "pocket_price": 120, "direct_cost": 56, "selling_cost": 7, "service_cost": 3,
                "pocket_margin": 54, "concession_rate": 1 / 7, "pocket_rate": 54 / 140}  # fmt: skip
    assert found.to_dict() == pytest.approx(expected)


def test_profit_of_the_company_is_that_of_its_files(profits):
    orders, lines, costs = raw("orders"), raw("order_lines"), raw("costs")
    whole = orders["amount"].sum() - lines["direct_cost"].sum()
    whole -= costs["selling"].sum() + costs["service"].sum()
    assert profits["profit"].sum() == pytest.approx(whole) == pytest.approx(4_690_937)
    assert (profits["profit"] < 0).sum() == 562
    paid = orders.groupby("customer_id")["amount"].sum()
    assert (profits["revenue"] - paid).abs().max() == 0


def test_the_list_below_the_floor_names_what_takes_more_than_of_the_others(tables, sold):
    margins = accounts.pocket_margin(sold, tables["costs"]).nlargest(120, "list_value")
    found = accounts.below_floor(margins, 0.2)
    assert 0 < len(found) < 120
    assert (found["pocket_rate"] < 0.2).all()
    first = found.iloc[0]
    taken, all_taken = margins.loc[first.name], margins.sum()
    more = taken[first["reason"]] / taken["list_value"]
    more -= all_taken[first["reason"]] / all_taken["list_value"]
    assert first["excess"] == pytest.approx(more)
    assert first["shortfall"] == pytest.approx(0.2 * taken["list_value"] - taken["pocket_margin"])


def test_large_accounts_meet_all_four_criteria(tables, profits):
    potential = tables["customers"].set_index("customer_id")["potential"]
    customers = profits.assign(loyalty=profits["orders"] % 5, potential=potential)
    found = accounts.large_accounts(customers)
    cut = customers["revenue"].sort_values(ascending=False).iloc[240]
    much = customers["revenue"][found["buys_much"]]
    assert len(much) >= 240
    assert much.min() >= cut
    large = found[found["reason"] == "large_account"]
    assert (large["criteria_met"] == 4).all()
    small = profits.loc[found["reason"].isin(["small_account", "worth_growing"]), "profit_rate"]
    assert (small <= 0).all()
    assert len(small) == 562


def test_platinum_customers_are_the_sixty_best(profits):
    found = accounts.platinum(profits)
    assert found.index.tolist() == profits["profit"].nlargest(60).index.tolist()
    assert found["profit_share"].sum() == pytest.approx(
        profits["profit"].nlargest(60).sum() / profits["profit"].clip(lower=0).sum()
    )


def test_who_causes_cost(profits):
    found = accounts.costly(profits)
    assert len(found) == 562
    assert found["loss"].iloc[0] == 86_301
    assert found["reason"].value_counts().to_dict() == {"selling_cost": 544, "service_cost": 18}
    below = accounts.costly(accounts.profit(accounts.sales(ORDERS, LINES, PRODUCTS), COSTS))
    assert below["reason"].to_dict() == {"b": "service_cost", "c": "sold_below_cost"}


def test_whom_we_want_most_and_who_is_known_there(tables, wallets):
    found = accounts.most_wanted(wallets, tables["contacts"])
    named = raw("contacts").groupby("customer_id").size()
    assert len(found) == 120
    assert (found["named_contacts"] == named.reindex(found.index)).all()
    enough = found["reason"] == "enough_contacts"
    assert (enough == (found["named_contacts"] >= 3)).all()
    assert enough.sum() == 57


def test_big_customers_who_complained_repeatedly(tables):
    orders, complaints = raw("orders"), raw("complaints")
    told = complaints[complaints["complained_on"].str.startswith("2024")]
    often = told["customer_id"].value_counts().loc[lambda n: n >= 2].index
    spent = (
        orders[orders["order_date"].str.startswith("2024")].groupby("customer_id")["amount"].sum()
    )
    big = spent[spent.rank(ascending=False, method="min") <= 0.2 * len(spent) + 1].index
    found = accounts.complaining(tables["orders"], tables["complaints"], 2024)
    assert set(found.index) == set(often) & set(big) == {"C00105"}


def test_whether_last_years_largest_still_trade(tables):
    orders = raw("orders")
    year = orders["order_date"].str[:4].astype(int)
    spent = orders.pivot_table("amount", "customer_id", year, "sum", fill_value=0)
    found = accounts.still_trading(tables["orders"], 2025)
    assert found.index.tolist() == spent[2024].nlargest(10).index.tolist()
    assert found["spend"].tolist() == spent.loc[found.index, 2025].tolist()
    assert found["reason"].value_counts().to_dict() == {
        "still_trading": 7, "buys_less": 2, "stopped": 1,
    }  # fmt: skip
    stopped = found.index[found["reason"] == "stopped"]
    assert set(stopped) == set(found.index[spent.loc[found.index, 2025] == 0])


def test_who_buys_mostly_from_rivals(wallets):
    file, orders = raw("wallet"), raw("orders")
    spend = file[file["year"] == 2025].set_index("customer_id")["category_spend"]
    ours = (
        orders[orders["order_date"].str.startswith("2025")].groupby("customer_id")["amount"].sum()
    )
    ours = ours.reindex(spend.index).fillna(0)
    found = accounts.mostly_rivals(wallets)
    assert set(found.index) == set(spend.index[ours < 0.5 * spend])
    assert set(found["reason"]) == {"rival_a", "rival_b", "rival_c", "rival_other"}
    assert wallets["wallet_share"].max() < 1


def test_contacts_entered_twice_are_those_that_were_planted(tables):
    planted = set(raw("truth/duplicates").itertuples(index=False, name=None))
    found = accounts.duplicates(tables["contacts"])
    told = set(found[["contact_id", "duplicate_of"]].itertuples(index=False, name=None))
    assert len(planted & told) / len(told) >= 0.9  # precision
    assert len(planted & told) / len(planted) >= 0.9  # recall
    assert found["reason"].value_counts().to_dict() == {"same_phone": 43, "similar_name": 30}
    assert len(accounts.people(tables["contacts"])) == len(raw("contacts")) - len(told)


@pytest.mark.parametrize(
    ("name", "customer_id", "phone", "email", "reason"),
    [
        pytest.param("王小敏", "c", "+86 138 0013 8000", "x@y.cn", "same_phone", id="phone"),
        pytest.param("王小敏", "d", "13800138000", None, "same_phone", id="elsewhere"),
        pytest.param("王小明", "d", None, "A@B.CN ", "same_email", id="email"),
        pytest.param("王 小·敏", "c", None, None, "similar_name", id="name"),
        pytest.param("王小敏", "d", None, None, None, id="namesake"),
        pytest.param("李大刚", "c", "13800138000", None, None, id="switchboard"),
        pytest.param(None, "c", "13800138000", None, None, id="no-name"),
    ],
)
def test_what_makes_two_contacts_one_person(name, customer_id, phone, email, reason):
    contacts = pd.DataFrame(
        {
            "contact_id": ["k1", "k2"],
            "customer_id": ["c", customer_id],
            "name": ["王小明", name],
            "phone": ["138-0013-8000", phone],
            "email": ["a@b.cn", email],
        }
    )
    found = accounts.duplicates(contacts)
    assert found["reason"].tolist() == [reason] * (reason is not None)


def test_two_of_a_name_in_two_departments_are_two_people():
    contacts = pd.DataFrame(
        {"contact_id": ["k1", "k2", "k3"], "customer_id": "c", "name": "王小明",
         "department": ["finance", "management", None]}
    )  # fmt: skip
    assert accounts.duplicates(contacts[:2]).empty
    assert accounts.duplicates(contacts[1:])["duplicate_of"].tolist() == ["k2"]


def test_collisions_are_those_that_counting_touch_by_touch_finds(tables):
    touches = tables["touchpoints"].iloc[:3000]
    expected = dict.fromkeys(touches["contact_id"], 0)
    for who, own in touches.groupby("contact_id"):
        for at in own["at"]:
            lately = own[(own["at"] <= at) & (own["at"] > at - pd.Timedelta(days=14))]
            expected[who] += lately["department"].nunique() >= 3
    found = accounts.collisions(touches)
    assert found["collisions"].to_dict() == expected
    assert sum(expected.values()) > 50


def test_collisions_of_the_company_are_about_as_many_as_were_planted(tables):
    found = accounts.collisions(tables["touchpoints"], accounts.duplicates(tables["contacts"]))
    planted = 0.06 / 1.12 * len(tables["touchpoints"])  # of .06, two more touches follow
    assert 0.8 * planted < found["collisions"].sum() < 1.5 * planted
    at = pd.to_datetime(raw("touchpoints")["at"])
    windows = (at.max() - at.min()).total_seconds() / (14 * 86_400)
    assert found["per_window"].sum() == pytest.approx(found["collisions"].sum() / windows)


def test_buyers_and_files_are_reconciled(tables):
    orders, files = tables["orders"], tables["customers"]
    assert accounts.reconcile(orders, files).empty  # the company has a file for everyone
    found = accounts.reconcile(orders[orders["customer_id"] != "C00001"], files.drop(index=1))
    assert found["reason"].to_dict() == {
        "C00002": "buyer_without_file", "C00001": "file_without_purchase",
    }  # fmt: skip
    assert found["spend"].tolist() == [1525, 0]
    assert found["orders"].tolist() == [6, 0]
    assert found["last_order"].isna().tolist() == [False, True]


def test_types_follow_the_first_rule_that_fits():
    customers = pd.DataFrame(
        {
            "value_score": [95, 95, 20, 20, 50],
            "orders_a_year": [6, 1, 1, 5, 5],
            "potential_score": [90, 90, 10, 90, 20],
            "wallet_share": [0.9, 0.1, 0.5, None, 0.1],
        }
    )
    assert accounts.customer_types(customers).tolist() == [
        "key_customer", "potential_customer", "temporary_customer", "regular_customer",
        "regular_customer",
    ]  # fmt: skip
    own = accounts.type_rules().loc[["key_customer"]].assign(value_score_low=99)
    assert set(accounts.customer_types(customers, own)) == {"other"}


def test_commercial_value_shows_the_parts_that_make_it(tables, profits, wallets):
    asks = load.table("chenxing", "referral_asks").to_pandas()
    parts = accounts.value_parts(profits, wallets, asks, tables["touchpoints"])
    assert parts["influence"].sum() == raw("referral_asks")["named"].sum() == 624
    assert parts["learning"].sum() == (raw("touchpoints")["adopted"] == True).sum() == 187  # noqa: E712
    found = accounts.commercial_value(parts)
    ranks = parts.rank(method="average").sub(0.5) * 100 / len(parts)
    assert found["current_score"].tolist() == pytest.approx(ranks["current"].tolist())
    whole = ranks @ pd.Series(
        {"current": 0.4, "potential": 0.3, "influence": 0.15, "learning": 0.15}
    )
    assert found["value_score"].tolist() == pytest.approx(whole.tolist())
    assert found["value_score"].mean() == pytest.approx(50)


def test_the_composition_of_sales_by_hand(tables, profits):
    file = tables["customers"].set_index("customer_id")
    parts = pd.DataFrame(
        {"revenue": profits["revenue"].groupby(file["nature"]).sum(),
         "expected": file["potential"].groupby(file["nature"]).sum()}
    )  # fmt: skip
    found = accounts.composition(parts)
    assert found["reason"].to_dict() == {
        "retail": "above_expected", "organisation": "below_expected", "commercial": "as_expected",
    }  # fmt: skip
    assert found["share"]["retail"] == pytest.approx(
        parts["revenue"]["retail"] / parts["revenue"].sum()
    )
    assert found["gap"].sum() == pytest.approx(0)


def test_the_mix_of_products_adds_up_for_each_class(tables, sold):
    nature = tables["customers"].set_index("customer_id")["nature"]
    category = tables["products"].set_index("product_id")["category"]
    found = accounts.product_mix(sold, nature, category)
    assert found.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    own = sold[sold["customer_id"].map(nature) == "retail"]
    tools = own.loc[own["product_id"].map(category) == "tools", "revenue"].sum()
    assert found.loc["retail", "tools"] == pytest.approx(tools / own["revenue"].sum())


def test_concentration_and_what_is_at_risk(profits):
    paid = raw("orders").groupby("customer_id")["amount"].sum()
    assert accounts.hhi(profits["revenue"]) == pytest.approx(((paid / paid.sum()) ** 2).sum())
    assert 1 / accounts.hhi(profits["revenue"]) == pytest.approx(294.79, abs=0.01)
    customers = pd.DataFrame({"revenue": [60.0, 30, 10], "leaves": [0.1, 0.5, 0.2]}, [*"abc"])
    found = accounts.revenue_at_risk(customers, 0.3)
    assert found["at_risk_revenue"].to_dict() == {"b": 15, "a": 6, "c": 2}
    assert found["reason"].tolist() == ["much_hangs_on_it", "much_hangs_on_it", "one_of_many"]
    assert found["hhi_share"]["a"] == pytest.approx(0.36 / 0.46)


def test_the_scorecard_by_hand():
    items = [*GOOD, *BAD]
    part = [True, None, None, False, True, False, True, False, None]
    rows = [[True] * 4 + [False] * 5, [False] * 4 + [True] * 5, part, [None] * 9]
    found = accounts.scorecard(pd.DataFrame(rows, [*"abcd"], items))
    assert found["balance"].tolist()[:3] == [1, 0, -1]
    assert found.loc["c", ["good", "bad", "known"]].tolist() == [1, 2, 6]
    assert found["reason"].to_dict() == {
        "a": "best_customer", "b": "worst_customer", "c": "mixed_customer", "d": "not_known",
    }  # fmt: skip


def test_relationships_are_by_loyalty_and_sales():
    customers = pd.DataFrame({"revenue": [9, 9, 1, 1, 1], "loyalty": [5, None, 5, 1, 2]})
    found = accounts.relationships(customers, 0.4)
    assert found["reason"].tolist() == ["partnership", "accountable", "reactive", "basic", "basic"]
