"""Does the committed company look like one? Its numbers, held to those planted."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from crmlab import clv, customers, load
from crmlab.company import baskets, complaints, offers, people, purchases, relationship
from crmlab.home import home
from crmlab.segment import whale

COMMITTED = home() / "data" / "chenxing"


def read(name, **options):
    return pd.read_csv(COMMITTED / f"{name}.csv", **options)


@pytest.fixture(scope="module")
def file():
    return read("customers", parse_dates=["acquired_on", "churned_on"])


@pytest.fixture(scope="module")
def orders():
    return read("orders", parse_dates=["order_date"])


@pytest.fixture(scope="module")
def lines():
    return read("order_lines")


@pytest.fixture(scope="module")
def profit(orders, lines):
    """Return profit per customer: net sales less direct, selling and service cost."""
    each = lines.merge(orders[["order_id", "customer_id"]])
    margin = each["quantity"] * each["price"] - each["discount"] - each["direct_cost"]
    costs = read("costs").groupby("customer_id")[["selling", "service"]].sum().sum(axis=1)
    earned = margin.groupby(each["customer_id"]).sum()
    return earned - costs.reindex(earned.index, fill_value=0)


def within(share, n, sds=3.5):
    """Return a share with a tolerance of as many binomial s.d. as asked."""
    return pytest.approx(share, abs=sds * np.sqrt(share * (1 - share) / n))


def test_the_whale_curve_peaks_between_120_and_160_percent(profit):
    assert 1.2 <= whale(profit)["profit"].max() <= 1.6
    assert 0.2 <= (profit < 0).mean() <= 0.5


def test_cost_is_weakly_tied_to_revenue(orders):
    revenue = orders.groupby("customer_id")["amount"].sum()
    costs = read("costs").groupby("customer_id")[["selling", "service"]].sum().sum(axis=1)
    r = np.corrcoef(np.log(revenue), np.log(costs.reindex(revenue.index, fill_value=0) + 1))[0, 1]
    assert 0.2 < r < 0.6


def test_three_in_ten_failures_are_voiced():
    failures = read("truth/failures")
    assert failures["voiced"].mean() == within(0.3, len(failures))
    assert failures.loc[~failures["voiced"], "recovered"].sum() == 0
    assert failures.loc[failures["voiced"], "recovered"].mean() == within(0.55, 400)


def test_valid_complaints_are_voiced_failures():
    failures = read("truth/failures").query("voiced")
    cases = read("complaints", parse_dates=["complained_on"]).query("valid")
    months = (cases["complained_on"].dt.year - 2023) * 12 + cases["complained_on"].dt.month - 1
    each = cases.assign(month=months).merge(
        failures, on=["customer_id", "month"], how="left", suffixes=("", "_truly")
    )
    closed = each[each["recovered"].notna()]
    # a complaint in the month of acquisition may precede the first whole month
    assert each["recovered_truly"].notna().mean() > 0.95
    known = closed[closed["recovered_truly"].notna()]
    assert (known["recovered"].astype(bool) == known["recovered_truly"].astype(bool)).all()


def test_fast_handling_recovers_more():
    cases = read("complaints").query("valid")
    known = cases[cases["recovered"].notna()]
    days = pd.to_datetime(known["closed_on"]) - pd.to_datetime(known["complained_on"])
    slow = days.dt.days > days.dt.days.median()
    recovered = known["recovered"].astype(bool)
    assert recovered[~slow].mean() - recovered[slow].mean() > 0.1


def test_steps_are_left_out_with_3_percent():
    cases = read("complaints").query("valid and closed_on.notna()")
    events = read("complaint_events").merge(cases[["complaint_id"]])
    possible = 7 * len(cases)  # the first step is always noted
    missing = 8 * len(cases) - len(events)
    assert missing / possible == within(complaints.SKIPPED, possible)


@pytest.mark.parametrize("pair", [*offers.PAIRS, offers.NULL_PAIR])
def test_pairs_have_their_lift(orders, lines, pair):
    """Lift = P(both) / (P(one) P(other)): 3 for planted pairs, 1 for the null pair."""
    n = len(orders)
    first, second = ({*lines.loc[lines["product_id"] == f"P{p + 1:03d}", "order_id"]} for p in pair)
    lift = n * len(first & second) / (len(first) * len(second))
    planted = baskets.LIFT if pair in offers.PAIRS else 1.0
    both = planted * baskets.SUPPORT**2
    assert lift == pytest.approx(planted, rel=3.5 / np.sqrt(both * n))
    assert len(first) / n == within(baskets.SUPPORT, n)


def test_no_other_pair_stands_out_as_much(orders, lines):
    has = np.zeros((len(orders), offers.PRODUCTS))
    product = lines["product_id"].str[1:].astype(int) - 1
    has[orders["order_id"].searchsorted(lines["order_id"]), product] = 1
    together = has.T @ has
    expected = np.outer(has.sum(axis=0), has.sum(axis=0)) / len(orders)
    lift = np.where(together >= 50, together / expected, 0)
    np.fill_diagonal(lift, 0)
    upper = np.argwhere(np.triu(lift > 2.2)).tolist()
    assert upper == [list(pair) for pair in offers.PAIRS]


def test_5_percent_of_dealers_lines_are_diverted(file, orders, lines):
    each = lines.merge(orders).merge(file[["customer_id", "is_dealer"]])
    dealt = each[each["is_dealer"]]
    diverted = (dealt["origin_region"] != dealt["sold_region"]).mean()
    assert diverted == within(purchases.DIVERTED, dealt["order_id"].nunique())


def test_discounts_follow_dealers_size_and_newness(file, orders, lines):
    """Σ of planted discounts, over a floor that rounding to whole units makes."""
    gross = lines["quantity"] * lines["price"]
    sums = pd.DataFrame({"order_id": lines["order_id"], "gross": gross, "off": lines["discount"]})
    each = sums.groupby("order_id").sum().reset_index().merge(orders).merge(file, on="customer_id")
    columns = pd.DataFrame(
        {
            "one": 1.0,
            "dealer": each["is_dealer"].astype(float),
            "key": (each["potential"] >= file["potential"].quantile(0.9)).astype(float),
            "new": ((each["order_date"] - each["acquired_on"]).dt.days < 180).astype(float),
            "diverted": (each["origin_region"] != each["sold_region"]).astype(float),
        }
    )
    found = np.linalg.lstsq(columns, each["off"] / each["amount"], rcond=None)[0]
    planted = [baskets.DISCOUNT[name] for name in ("dealer", "key_account", "new", "diverted")]
    assert found[1:] == pytest.approx(planted, abs=0.012)
    assert 0.05 < each["off"].sum() / each["gross"].sum() < 0.09


def test_4_percent_of_contacts_are_entered_twice():
    contacts, twice = read("contacts"), read("truth/duplicates")
    once = len(contacts) - len(twice)
    assert len(twice) / once == within(people.DUPLICATED, once)
    names = contacts.set_index("contact_id")
    first = names.loc[twice["duplicate_of"]].reset_index()
    again = names.loc[twice["contact_id"]].reset_index()
    assert (first["customer_id"] == again["customer_id"]).all()
    assert 0.4 < (first["phone_hash"] == again["phone_hash"]).mean() < 0.8
    assert (first["name"].str[:-1] == again["name"].str[:-1]).all()


def test_orders_under_contract_come_by_stage(file, orders):
    """Poisson 1, 3, 6, 1.5 a month, in whole months under contract."""
    stages = read("truth/stages")
    count = orders.assign(
        month=(orders["order_date"].dt.year - 2023) * 12 + orders["order_date"].dt.month - 1
    )
    count = count.groupby(["customer_id", "month"]).size().rename("orders").reset_index()
    each = stages.merge(count, how="left").fillna({"orders": 0})
    ends = each.groupby("customer_id")["month"].transform("max")
    whole = each[each["at_risk"] & (each["month"] < ends)]
    mean = whole.groupby("stage")["orders"].agg(["mean", "count"])
    for name, planted in zip(relationship.STAGES, relationship.ORDERS_A_MONTH, strict=True):
        found = mean.loc[name]
        assert found["mean"] == pytest.approx(planted, abs=3.5 * np.sqrt(planted / found["count"]))


def test_customers_choose_the_club_by_potential(file):
    joined = file["customer_id"].isin(read("memberships")["customer_id"]).astype(float)
    z = np.log(file["potential"])
    z = (z - z.mean()) / z.std(ddof=0)
    fitted = GLM(joined, pd.DataFrame({"one": 1.0, "z": z}), family=Binomial()).fit()
    assert fitted.params["z"] == pytest.approx(0.6, abs=0.25)
    assert 0.15 < joined.mean() < 0.45


def test_units_explain_a_quarter_of_the_staffs_satisfaction():
    """One-way components of variance; with ten units, anything from .05 to .5 is likely."""
    answers = read("staff_survey").groupby(["unit", "staff_id"])["satisfaction"].agg(["mean"])
    each = answers.reset_index()
    between = each.groupby("unit")["mean"].mean().var()
    inside = each.groupby("unit")["mean"].var().mean()
    assert between > inside / 6  # units differ more than six colleagues' means would


def test_satisfied_units_have_satisfied_customers():
    touches = read("touchpoints")[["customer_id", "staff_id"]]
    staff = read("staff_survey")
    of_unit = staff.groupby("unit")["satisfaction"].mean()
    unit = staff.drop_duplicates("staff_id").set_index("staff_id")["unit"].map(of_unit)
    asked = read("survey").groupby("customer_id")["satisfaction_overall"].mean()
    each = touches.assign(staff=touches["staff_id"].map(unit)).drop_duplicates()
    each = each.assign(said=each["customer_id"].map(asked)).dropna()
    means = each.groupby("customer_id")[["staff", "said"]].mean()
    assert np.corrcoef(means["staff"], means["said"])[0, 1] > 0.1


def test_departments_collide_at_the_same_contact():
    touches = read("touchpoints", parse_dates=["at"]).sort_values(["contact_id", "at"])
    before = touches.groupby("contact_id")[["at", "department"]].shift()
    near = touches["at"] - before["at"] <= pd.Timedelta(days=14)
    other = before["department"].notna() & (touches["department"] != before["department"])
    assert (near & other).mean() > 0.08


def test_lifetime_models_are_ready_on_the_company():
    lines = load.orders("chenxing")
    summary = customers.summarise(lines)
    assert len(summary) == 1200
    assert {finding.level for finding in clv.ready(summary)} == {"ready"}
    without = read("customers").query("kind == 'noncontract'")["customer_id"]
    model = clv.fit(summary.loc[without])
    assert model.alpha == pytest.approx(6, rel=0.3)  # satisfaction acts: near, not exact
    spend = clv.fit(summary.loc[without], model=clv.GammaGamma)
    assert spend.p * spend.v / (spend.q - 1) == pytest.approx(600, rel=0.06)
