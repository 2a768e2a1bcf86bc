"""Does ``where`` take just the part that is asked for, of every table, and say what it took?"""

import pandas as pd
import pytest

from crmlab import check, customers, load
from crmlab.errors import RequestError
from tests.shops import clean, section, source

REGIONS = ("east", "south", "north", "central", "west")


@pytest.fixture(scope="module")
def file():
    return load.table("chenxing", "customers").to_pandas().set_index("customer_id")


@pytest.mark.parametrize("name", ["orders", "customers", "costs", "survey", "wallet"])
def test_what_is_asked_of_customers_holds_for_every_table_that_names_them(name, file):
    whole = load.table("chenxing", name).to_pandas()
    part = load.table("chenxing", name, "region:north").to_pandas()
    wanted = whole[whole["customer_id"].map(file["region"]) == "north"]
    pd.testing.assert_frame_equal(part, wanted.reset_index(drop=True))


def test_lines_of_an_order_follow_their_order():
    orders = load.orders("chenxing", "region:north").to_pandas()
    whole = load.table("chenxing", "order_lines").to_pandas()
    part = load.table("chenxing", "order_lines", "region:north").to_pandas()
    wanted = whole[whole["order_id"].isin(orders["order_id"])]
    pd.testing.assert_frame_equal(part, wanted.reset_index(drop=True))


def test_the_parts_make_the_whole_and_the_ledger_says_what_is_left_out():
    whole = load.orders("chenxing")
    parts = [load.orders("chenxing", f"region:{each}") for each in REGIONS]
    assert sum(each.rows for each in parts) == whole.rows
    told = parts[0].ledger.set_index("reason")
    assert (
        told.loc["rows_read"].tolist() == whole.ledger.set_index("reason").loc["rows_read"].tolist()
    )
    assert told.loc["not_selected", "rows"] == whole.rows - parts[0].rows
    assert parts[0].where == "region:east"
    assert load.orders("chenxing", "region:west|north|west").rows == parts[4].rows + parts[2].rows


def test_time_goes_on_for_a_part_that_stopped_buying(tmp_path):
    rows = clean(20, 60).assign(shop="old")
    rows.loc[rows["day"] > "2024-02-01", "shop"] = "new"
    lines = load.orders(source(tmp_path, rows), "shop:old")  # a column that nothing maps
    assert str(lines.first_day) == "2024-01-01"
    assert str(lines.as_of) == rows["day"].max()
    assert customers.summarise(lines)["T"].max() > 8  # weeks, to the last day of all


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("地区:华东", "华东"),
        ("地区: 华东 ", "华东"),
        (" 地区 :华东|华北", "华东|华北"),
        ("地区:", ""),
        ("地区:10:30", "10:30"),
    ],
)
def test_a_column_of_theirs_may_hold_anything(where, wanted, tmp_path):
    rows = clean(20, 30)
    cells = [" 华东", "华北", "", "10:30"]
    rows["地区"] = [cells[n % 4] for n in range(len(rows))]
    kept = rows["地区"].str.strip().isin(wanted.split("|"))
    assert load.orders(source(tmp_path, rows), where).rows == kept.sum()


def test_what_is_asked_of_orders_alone_picks_the_customers_of_other_tables(tmp_path):
    rows = clean(20, 30).assign(
        channel=lambda t: ["web" if w < "K0005" else "shop" for w in t["who"]]
    )
    who = pd.DataFrame({"who": sorted(set(rows["who"]))}).assign(name="x")
    more = section("customers", who, tmp_path, {"customer_id": "who", "name": "name"})
    found = load.table(source(tmp_path, rows, more=more), "customers", "channel:web")
    assert set(found.to_pandas()["customer_id"]) == {w for w in who["who"] if w < "K0005"}


def test_a_table_without_customers_is_whole_and_says_so():
    products = load.table("chenxing", "products", "region:north")
    assert products.rows == load.table("chenxing", "products").rows
    assert [each.en for each in check.brief(products)] == [
        (
            "Table products names no customer: all of its rows are used, "
            "not those of region:north alone."
        )
    ]


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("north", "where is 'north'; it must be column:value or column:value|value."),
        (
            "regoin:north",
            ("where: source chenxing has no column 'regoin' of customers or lines (did you mean "
            "region?); it has: kind, nature, industry, region, acquired_on, is_dealer, "
            "acquisition_cost, potential, channel_id, rep_id, hours_needed, updated_on."),
        ),
        (
            "region:nroth",
            ("where: no row that is used has region:nroth (did you mean north?); column region "
            "has: 'east', 'south', 'north', 'central', 'west'."),
        ),
        (
            "customer_id:C00001",
            "where: customer_id names persons; ask for a group, such as a region.",
        ),
        ("name:苏明嘉", "where: name names persons; ask for a group, such as a region."),
        (
            "acquisition_cost:x",
            ("where: no row that is used has acquisition_cost:x; column acquisition_cost has more "
            "than 50 different values."),
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_is_allowed(where, sentence):
    with pytest.raises(RequestError) as told:
        load.orders("chenxing", where)
    assert told.value.en == sentence
    assert "where" in told.value.zh


def test_their_column_of_persons_is_refused_by_their_name_too(tmp_path):
    with pytest.raises(RequestError, match="who names persons"):
        load.orders(source(tmp_path, clean(20, 30)), "who:K0001")


def test_case_and_width_of_a_columns_name_do_not_matter():
    assert load.orders("chenxing", "Region:north").where == "region:north"
    assert (
        load.orders("chenxing", "ｒｅｇｉｏｎ:north").rows
        == load.orders("chenxing", "region:north").rows
    )


def test_quotes_in_what_is_asked_are_text(tmp_path):
    rows = clean(20, 30).assign(**{'a "b"': "it's"})
    assert load.orders(source(tmp_path, rows), 'a "b":it\'s').rows == len(rows)
