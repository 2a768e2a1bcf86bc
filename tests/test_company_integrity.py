"""Do the committed tables of the company belong together, and do their dates?"""

import pandas as pd
import pytest

from crmlab import load
from crmlab.company.hidden import END, START
from crmlab.home import home
from crmlab.tables import TABLES

COMMITTED = home() / "data" / "chenxing"
NAMES = sorted(load.find("chenxing").files)
OWNER = {  # whose key an id is
    "customer_id": "customers", "order_id": "orders", "product_id": "products",
    "contact_id": "contacts", "complaint_id": "complaints", "contract_id": "contracts",
    "rep_id": "reps", "invoice_id": "invoices", "lead_id": "leads", "campaign_id": "campaigns",
    "channel_id": "channels", "patient_id": "patients",
}  # fmt: skip
AHEAD = {"due_on"}  # a day that may lie after the last one observed


@pytest.fixture(scope="module")
def tables():
    """Return every committed table, read and checked as a notebook would."""
    return {name: load.table("chenxing", name).to_pandas() for name in NAMES}


@pytest.fixture(scope="module")
def orders(tables):
    return tables["orders"].merge(tables["customers"], on="customer_id", suffixes=("", "_now"))


def dates_of(name):
    return [c for c, column in TABLES[name].columns.items() if column.kind == "date"]


@pytest.mark.parametrize("name", NAMES)
def test_every_table_is_read_whole_and_fits_its_schema(tables, name):
    ledger = load.table("chenxing", name).ledger.set_index("reason")["rows"]
    assert ledger["rows_read"] == ledger["rows_used"] == len(tables[name])


@pytest.mark.parametrize("name", NAMES)
def test_every_id_is_in_the_table_that_it_names(tables, name):
    for column, owner in OWNER.items():
        if column in tables[name] and name != owner:
            known = tables[owner][column]
            assert set(tables[name][column].dropna()) <= set(known), column


@pytest.mark.parametrize("name", [n for n in NAMES if dates_of(n)])
def test_nothing_happened_after_the_last_day(tables, name):
    for column in set(dates_of(name)) & set(tables[name]) - AHEAD:
        latest = tables[name][column].max()
        assert latest < END + pd.Timedelta(days=1), column


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("orders", "order_date"), ("survey", "surveyed_on"), ("complaints", "complained_on"),
        ("touchpoints", "at"), ("touchpoints", "due_on"), ("memberships", "joined_on"),
        ("contracts", "started_on"), ("customers", "updated_on"), ("customers", "churned_on"),
    ],
)  # fmt: skip
def test_nothing_happens_before_acquisition(tables, name, column):
    known = tables["customers"].set_index("customer_id")["acquired_on"]
    first = tables[name]["customer_id"].map(known)
    assert not (tables[name][column] < first).any()
    assert known.min() >= START


def test_the_first_order_is_on_the_day_of_acquisition(tables):
    first = tables["orders"].groupby("customer_id")["order_date"].min()
    known = tables["customers"].set_index("customer_id")["acquired_on"]
    assert first.equals(known.rename("order_date").astype(first.dtype))


@pytest.mark.parametrize(
    ("name", "column"),
    [("orders", "order_date"), ("touchpoints", "at"), ("complaints", "complained_on")],
)
def test_nothing_happens_between_leaving_and_return(tables, name, column):
    each = tables[name].merge(tables["customers"], on="customer_id")
    away = (each[column] >= each["churned_on"]) & ~(each[column] >= each["reactivated_on"])
    if name == "touchpoints":  # who will come back is still called on
        away &= each["reactivated_on"].isna()
    assert away.sum() == 0
    assert each["churned_on"].notna().sum() > 0


def test_contracts_end_once_with_a_reason_and_begin_again_on_return(tables):
    file, contracts = tables["customers"], tables["contracts"]
    left = file[file["churned_on"].notna()]
    assert (left["kind"] == "contract").all()
    assert left["churn_reason"].notna().all()
    assert file["churn_reason"].notna().sum() == len(left)
    assert left["churn_reason"].nunique() == 7
    assert not (left["reactivated_on"] <= left["churned_on"]).any()
    ended = contracts[contracts["ended_on"].notna()].set_index("customer_id")["ended_on"]
    assert ended.sort_index().tolist() == left.set_index("customer_id")["churned_on"].tolist()
    again = contracts[contracts["customer_id"].duplicated()].set_index("customer_id")
    back = left.set_index("customer_id")["reactivated_on"].dropna()
    assert again["started_on"].tolist() == back.tolist()
    assert again["ended_on"].isna().all()


def test_lines_add_up_to_their_order(tables):
    lines = tables["order_lines"]
    net = lines["quantity"] * lines["price"] - lines["discount"]
    paid = net.groupby(lines["order_id"]).sum()
    amount = tables["orders"].set_index("order_id")["amount"]
    assert paid.sort_index().to_list() == amount.sort_index().to_list()
    assert (lines["discount"] >= 0).all()
    assert (lines["quantity"] >= 1).all()
    assert (lines["discount"] < lines["quantity"] * lines["price"]).all()


def test_lines_have_list_prices_and_unit_costs_of_launched_products(tables):
    lines = tables["order_lines"].merge(tables["products"], on="product_id", suffixes=("", "_list"))
    lines = lines.merge(tables["orders"][["order_id", "order_date"]])
    assert (lines["price"] == lines["price_list"]).all()
    cost = lines["quantity"] * lines["unit_cost"]
    assert (lines["direct_cost"] - cost).abs().max() <= 0.51
    assert (lines["order_date"] >= lines["launched_on"]).all()
    assert (tables["products"]["launched_on"] >= START).sum() == 6
    assert not lines.duplicated(["order_id", "product_id"]).any()


def test_stock_runs_on_and_was_bought_in(tables):
    stock = tables["inventory"].sort_values(["product_id", "month"])
    before = stock.groupby("product_id")["closing"].shift()
    assert (stock["opening"] == before)[before.notna()].all()
    lines = tables["order_lines"].merge(tables["orders"][["order_id", "order_date"]])
    lines = lines.assign(
        month=lines["order_date"].dt.to_period("M").dt.to_timestamp(),
        sold=lines["quantity"] * lines["price"],
    )
    sold = lines.groupby(["product_id", "month"])["sold"].sum()
    both = stock.set_index(["product_id", "month"]).join(sold).fillna({"sold": 0})
    assert len(sold.index.difference(both.index)) == 0
    assert (both["closing"] - both["opening"] + both["sold"] >= 0).all()


def test_selling_cost_is_the_sum_of_its_activities(tables):
    costs = tables["costs"]
    parts = costs[["purchase", "logistics", "production", "marketing"]].sum(axis=1)
    assert (parts == costs["selling"]).all()


def test_payment_is_due_after_the_term_of_the_customers_nature(orders):
    days = (orders["due_on"] - orders["order_date"]).dt.days
    assert days.groupby(orders["nature"]).unique().map(list).to_dict() == {
        "retail": [0], "commercial": [30], "organisation": [60]
    }  # fmt: skip


def test_orders_name_the_customers_representative_and_region(orders):
    assert (orders["rep_id"] == orders["rep_id_now"]).all()
    assert (orders["origin_region"] == orders["region"]).all()
    away = orders["sold_region"] != orders["origin_region"]
    assert orders.loc[away, "is_dealer"].all()


def test_complaints_follow_the_order_and_their_steps_each_other(tables):
    cases = tables["complaints"].merge(tables["orders"], on="order_id", suffixes=("", "_order"))
    assert (cases["customer_id"] == cases["customer_id_order"]).all()
    assert (cases["complained_on"] >= cases["order_date"]).all()
    events = tables["complaint_events"].sort_values(["complaint_id", "step"])
    later = events.groupby("complaint_id")["at"].diff().dropna()
    assert (later >= pd.Timedelta(0)).all()
    first = events.groupby("complaint_id")["at"].min().reset_index()
    both = first.merge(tables["complaints"])
    assert len(both) == len(tables["complaints"])
    assert (both["at"].dt.normalize() >= both["complained_on"]).all()


def test_invalid_complaints_stop_after_the_second_step(tables):
    each = tables["complaint_events"].merge(tables["complaints"])
    steps = each.groupby(["valid", "complaint_id"])["step"].max()
    assert steps[False].max() == 2
    assert steps[True].max() == 8
    invalid = tables["complaints"].query("not valid")
    assert invalid["recovered"].isna().all()


def test_recovery_is_known_once_a_valid_case_is_closed(tables):
    valid = tables["complaints"].query("valid")
    assert valid["recovered"].isna().equals(valid["closed_on"].isna())
    assert 0 < valid["closed_on"].isna().sum() < 20  # some are open on the last day


def test_return_visits_alone_have_due_dates_and_suggestions_alone_are_adopted(tables):
    touches = tables["touchpoints"]
    visit = touches["type"] == "return_visit"
    assert (touches["due_on"].notna() == visit).all()
    assert not touches.loc[~visit, "done_on"].notna().any()
    assert not (touches["done_on"] < touches["due_on"]).any()
    assert (touches["adopted"].notna() == (touches["type"] == "suggestion")).all()


def test_touches_reach_a_contact_of_the_customer_by_the_surveyed_staff(tables):
    each = tables["touchpoints"].merge(tables["contacts"], on="contact_id", suffixes=("", "_his"))
    assert len(each) == len(tables["touchpoints"])
    assert (each["customer_id"] == each["customer_id_his"]).all()
    assert set(each["staff_id"]) <= set(tables["staff_survey"]["staff_id"])
    assert set(tables["complaint_events"]["actor"]) <= set(tables["staff_survey"]["staff_id"])


def test_every_customer_has_a_contact(tables):
    assert set(tables["customers"]["customer_id"]) == set(tables["contacts"]["customer_id"])


def test_members_leave_after_joining_and_not_after_their_contract(tables):
    each = tables["memberships"].merge(tables["customers"], on="customer_id")
    assert not (each["left_on"] < each["joined_on"]).any()
    gone = each[each["churned_on"].notna()]
    assert (gone["left_on"] <= gone["churned_on"]).all()


def test_wallets_hold_what_was_spent_with_us(tables):
    orders = tables["orders"]
    ours = orders.groupby(["customer_id", orders["order_date"].dt.year.rename("year")])["amount"]
    wallet = tables["wallet"].set_index(["customer_id", "year"])
    wallet.index = wallet.index.set_levels(wallet.index.levels[1].astype("int32"), level=1)
    spent = ours.sum()
    assert len(spent.index.difference(wallet.index)) == 0
    both = wallet.join(spent).fillna({"amount": 0})
    assert (both["category_spend"] >= both["amount"]).all()
    share = both["amount"] / both["category_spend"]
    assert (both["rival_share"] + share <= 1.01).all()
    assert (both["our_share_of_its_supply"] <= share + 0.01).all()
