"""The page that introduces the company: its groups of tables, keys and charts."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from crmlab import plots
from crmlab.plots.company import GROUPS
from crmlab.tables import TABLES

COLUMNS = {
    "customers": ["customer_id", "region"],
    "orders": ["order_id", "customer_id"],
    "order_lines": ["order_id", "product_id"],
    "products": ["product_id", "price"],
    "dealer_stock": ["dealer_id", "product_id", "month"],
    "rebates": ["dealer_id"],
    "visits": ["visit_id", "rep_id", "customer_id"],
    "targets": ["rep_id", "month"],
}
ROWS = {name: 10**n for n, name in enumerate(COLUMNS)}
KINDS = pd.DataFrame(
    {"contract": [1, 4], "noncontract": [2, 3]}, index=pd.Index(["north", "east"], name="region")
)
MONTHS = pd.DataFrame(
    {"new": [2, 1, 0], "repeat": [0, 3, 4], "purchases": [2, 4, 4]},
    index=pd.date_range("2024-01-01", periods=3, freq="MS"),
)
WHALE = pd.DataFrame({"customers": [0, 0.5, 0.75, 1], "profit": [0, 1.2, 1.5, 1]})
STEPS = pd.DataFrame(
    {
        "cases": [20, 16, 8],
        "share": [None, 0.8, 0.5],
        "low": [None, 0.58, 0.28],
        "high": [None, 0.92, 0.72],
    },
    index=["complaints_voiced", "complaints_valid", "complaints_recovered"],
)


def test_every_table_is_in_one_group():
    grouped = [table.name for tables in GROUPS.values() for table in tables]
    assert sorted(grouped) == sorted(TABLES)


def test_groups_count_tables_rows_and_those_that_name_the_customer():
    found = plots.table_groups(ROWS, COLUMNS)
    assert found.loc["group_purchases"].tolist() == [3, 1110, 1]
    assert found.loc["group_dealers"].tolist() == [2, 110_000, 2]  # a dealer is a customer
    assert "group_hospital" not in found.index
    assert found["tables"].sum() == len(ROWS)
    assert found["rows"].sum() == sum(ROWS.values())


def test_keys_are_those_that_two_tables_share():
    found = plots.table_keys(COLUMNS)
    assert found["tables"].to_dict() == {
        "customer_id": 3, "product_id": 3, "dealer_id": 2, "order_id": 2, "rep_id": 2,
    }  # fmt: skip
    assert found["described_in"].to_dict() == {
        "customer_id": "customers_table",
        "product_id": "products_table",
        "dealer_id": "customers_table",
        "order_id": "orders_table",
        "rep_id": "targets_table",  # there is no table of representatives here
    }


CHARTS = {
    "hub": (
        lambda **o: plots.table_hub(plots.table_groups(ROWS, COLUMNS), **o),
        "5 of 8 tables name the customer",
        "8 张表中有 5 张注明客户",
    ),
    "customers": (
        lambda **o: plots.customer_bars(KINDS, **o),
        "East has the most customers: 70.0% of 10",
        "华东客户最多，占 10 位客户的 70.0%",
    ),
    "months": (
        lambda **o: plots.purchase_months(MONTHS, **o),
        "70.0% of all purchases are repeat purchases",
        "全部购买中 70.0% 是重复购买",
    ),
    "whale": (
        lambda **o: plots.whale_curve(WHALE, **o),
        "The most profitable 75.0% of customers earn 150.0% of profit",
        "利润最高的 75.0% 客户创造了 150.0% 的利润",
    ),
    "funnel": (
        lambda **o: plots.complaint_funnel(STEPS, **o),
        "8 of 20 complaints (40.0%) are made good",
        "20 件投诉中有 8 件（40.0%）补救成功",
    ),
}


@pytest.mark.parametrize(("draw", "en", "zh"), CHARTS.values(), ids=CHARTS)
def test_charts_draw_in_both_languages_and_their_titles_tell_the_finding(draw, en, zh):
    for lang, title in (("en", en), ("zh", zh)):
        plots.use(lang)
        _, given = plt.subplots()
        ax = draw(lang=lang, ax=given)
        assert ax is given
        assert ax.get_title(loc="left") == title
        ax.figure.canvas.draw()  # a missing glyph would warn, and a warning is an error
        plt.close(ax.figure)


def test_a_step_tells_its_share_of_the_step_before_and_the_interval():
    plots.use("en")
    ax = plots.complaint_funnel(STEPS)
    told = [text.get_text() for text in ax.texts]
    plt.close(ax.figure)
    assert told == [
        "20",
        "16: 80.0% of the step before (58.0% to 92.0%)",
        "8: 50.0% of the step before (28.0% to 72.0%)",
    ]


def test_the_largest_group_of_customers_is_on_top():
    plots.use("en")
    ax = plots.customer_bars(KINDS)
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    plt.close(ax.figure)
    assert names == ["North", "East"]
