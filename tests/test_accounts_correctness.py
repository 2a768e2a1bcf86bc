"""Are the answers about accounts right: by hand, by pandas alone, and against what is planted?"""

import pandas as pd
import pytest

from crmlab import accounts, load, segment
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


def test_a_b_and_c_are_those_of_segmentation(profits):
    expected = segment.abc(profits["profit"]).astype("str")
    assert (
        accounts.abc_list(profits["profit"])["reason"]
        .reindex(expected.index)
        .equals(expected.rename("reason"))
    )


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
