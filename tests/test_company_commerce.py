"""Do credit, prospects, sales, dealers, hospital and needs hold together, and hold their truth?

The customers and orders are of this file's own making, so that nothing here hangs on how
the company makes them. Constants are those of spec/company.md and of the docstrings.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from crmlab import company as chenxing
from crmlab.company import campaigns, credit, dealers, hospital, needs, prospects, sales
from crmlab.company import leads as leads_module
from crmlab.company.notes import CHANNELS, REPS, REPS_A_REGION
from crmlab.tables import credit as credit_tables
from crmlab.tables import dealers as dealers_tables
from crmlab.tables import hospital as hospital_tables
from crmlab.tables import needs as needs_tables
from crmlab.tables import prospects as prospects_tables
from crmlab.tables import sales as sales_tables
from crmlab.tables import schema

SEED, MANY = 7, 3000
END = pd.Timestamp("2025-12-31")
MODULES = (credit, prospects, sales, dealers, hospital, needs)
TABLES = {
    table.name: table
    for group in (
        credit_tables.CREDIT, prospects_tables.PROSPECTS, sales_tables.SALES,
        dealers_tables.DEALERS, hospital_tables.HOSPITAL, needs_tables.NEEDS,
    )
    for table in group
}  # fmt: skip


def base(seed: int, many: int) -> dict[str, pd.DataFrame]:
    """Return customers, products, orders and survey as the other tables need them."""
    draw = np.random.default_rng(seed)
    file = chenxing.customers(seed, many)
    region = pd.Categorical(file["region"], list(file["region"].unique())).codes
    file = file.assign(
        channel_id=draw.choice(CHANNELS, many),
        rep_id=np.array(REPS)[REPS_A_REGION * region + draw.integers(REPS_A_REGION, size=many)],
    )
    bought = file.loc[file.index.repeat(draw.poisson(14, many))].reset_index(drop=True)
    room = (END - bought["acquired_on"]).dt.days
    day = bought["acquired_on"] + pd.to_timedelta(np.floor(draw.random(len(room)) * room), unit="D")
    net = bought["nature"].map({"retail": 0, "commercial": 30, "organisation": 60})
    orders = bought[["customer_id", "rep_id"]].assign(
        order_id=[f"O{n:07d}" for n in range(len(bought))],
        order_date=day,
        due_on=day + pd.to_timedelta(net, unit="D"),
        amount=np.rint(draw.gamma(2, 500, len(bought))).astype("int64"),
    )
    products = pd.DataFrame(
        {"product_id": [f"P{n:03d}" for n in range(40)], "price": draw.uniform(5, 60, 40).round(1)}
    )
    survey = chenxing.survey(seed, file)
    return {"customers": file, "products": products, "orders": orders, "survey": survey}


def make(seed: int, given: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: t for module in MODULES for name, t in module.tables(seed, given).items()}


@pytest.fixture(scope="module")
def given():
    return base(SEED, MANY)


@pytest.fixture(scope="module")
def made(given):
    return given | make(SEED, given)


@pytest.fixture(scope="module")
def told(given):
    """Return the planted parameters of all modules, and the other tables of truth."""
    truth = {name: t for module in MODULES for name, t in module.truth(SEED, given).items()}
    named = [t for name, t in truth.items() if name.endswith("_parameters")]
    return truth | {"parameters": pd.concat(named).set_index("name")["value"]}


def maximum_likelihood(x, y, mean, weight):
    """Return coefficients and standard errors of a generalised linear model, canonical link."""
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        fitted = mean(x @ beta)
        information = x.T @ (x * weight(fitted)[:, None])
        step = np.linalg.solve(information, x.T @ (y - fitted))
        beta = beta + step
    assert np.abs(step).max() < 1e-8
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))


# ---------------------------------------------------------------- tables


def test_every_declared_table_is_made_and_no_other(given, made):
    assert set(made) - set(given) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_tables_hold_their_schema_and_key(made, name):
    assert len(made[name]) > 0
    assert list(made[name]) == list(TABLES[name].columns)
    schema(TABLES[name]).validate(made[name])


@pytest.mark.parametrize(
    ("table", "column", "parent", "key"),
    [
        ("credit_files", "customer_id", "customers", "customer_id"),
        ("invoices", "order_id", "orders", "order_id"),
        ("invoices", "customer_id", "credit_files", "customer_id"),
        ("payments", "invoice_id", "invoices", "invoice_id"),
        ("collections", "invoice_id", "invoices", "invoice_id"),
        ("leads", "channel_id", "channels", "channel_id"),
        ("leads", "rep_id", "reps", "rep_id"),
        ("leads", "customer_id", "customers", "customer_id"),
        ("leads", "referred_by", "customers", "customer_id"),
        ("referral_asks", "lead_id", "leads", "lead_id"),
        ("referral_asks", "customer_id", "customers", "customer_id"),
        ("referral_asks", "rep_id", "reps", "rep_id"),
        ("campaign_members", "campaign_id", "campaigns", "campaign_id"),
        ("campaign_members", "customer_id", "customers", "customer_id"),
        ("customers", "channel_id", "channels", "channel_id"),
        ("customers", "rep_id", "reps", "rep_id"),
        ("visits", "customer_id", "customers", "customer_id"),
        ("visits", "rep_id", "reps", "rep_id"),
        ("targets", "rep_id", "reps", "rep_id"),
        ("rep_assignments", "rep_id", "reps", "rep_id"),
        ("rep_assignments", "customer_id", "customers", "customer_id"),
        ("dealer_stock", "product_id", "products", "product_id"),
        ("dealer_stock", "dealer_id", "customers", "customer_id"),
        ("dealer_scores", "dealer_id", "customers", "customer_id"),
        ("rebates", "dealer_id", "customers", "customer_id"),
        ("followups", "patient_id", "patients", "patient_id"),
        ("patients", "department", "department_months", "department"),
        ("needs", "customer_id", "customers", "customer_id"),
        ("value_ratings", "customer_id", "customers", "customer_id"),
    ],
)
def test_references_resolve(made, table, column, parent, key):
    named = made[table][column].dropna()
    assert len(named) > 0
    assert named.isin(made[parent][key]).all()


@pytest.mark.parametrize("name", TABLES)
def test_nothing_is_recorded_after_the_last_day(made, name):
    """What is due, or is to end, may lie ahead; what happened may not."""
    dates = made[name].select_dtypes("datetime").drop(columns="due_on", errors="ignore")
    assert (dates.isna() | (dates <= END)).all(axis=None)


@pytest.mark.parametrize(
    ("table", "earlier", "later"),
    [
        ("invoices", "invoiced_on", "due_on"),
        ("leads", "created_on", "confirmed_on"),
        ("leads", "confirmed_on", "attracted_on"),
        ("leads", "attracted_on", "interacted_on"),
        ("leads", "interacted_on", "tailored_on"),
        ("leads", "tailored_on", "ordered_on"),
        ("campaigns", "starts_on", "ends_on"),
        ("campaign_members", "assigned_on", "sent_on"),
        ("rep_assignments", "assigned_from", "assigned_to"),
        ("patients", "discharged_on", "contact_stopped_on"),
        ("followups", "ordered_on", "due_on"),
        ("followups", "ordered_on", "done_on"),
        ("followups", "done_on", "checked_on"),
    ],
)
def test_dates_stand_in_order(made, table, earlier, later):
    """An open date is no date out of order; but a later step has the earlier one."""
    first, then = made[table][earlier], made[table][later]
    assert then.notna().any()
    assert first[then.notna()].notna().all()
    assert (first <= then)[then.notna()].all()


def test_no_customer_is_dealt_with_before_being_one(made):
    known = made["customers"].set_index("customer_id")["acquired_on"]
    for table, who, day in [
        ("credit_files", "customer_id", "reviewed_on"),
        ("invoices", "customer_id", "invoiced_on"),
        ("visits", "customer_id", "visited_on"),
        ("rep_assignments", "customer_id", "assigned_from"),
        ("referral_asks", "customer_id", "asked_on"),
        ("leads", "referred_by", "created_on"),
        ("campaign_members", "customer_id", "assigned_on"),
        ("dealer_scores", "dealer_id", "scored_on"),
        ("dealer_stock", "dealer_id", "month"),
        ("needs", "customer_id", "validated_on"),
    ]:
        dealt = made[table][[who, day]].dropna()
        assert (dealt[who].map(known) <= dealt[day]).all(), table


@pytest.fixture(scope="module")
def small():
    return base(3, 60)


@pytest.fixture(scope="module")
def first(small):
    return make(3, small)


def test_another_seed_gives_other_tables(small, first):
    other = make(4, small)
    same = [name for name in TABLES if other[name].equals(first[name])]
    assert same == ["standards"]  # rules, without chance


def test_the_same_seed_gives_the_same_tables_each_from_streams_of_its_own(
    small, first, monkeypatch
):
    drawn: dict[str, set[str]] = {}
    for module in (*MODULES, campaigns, leads_module):
        names = drawn.setdefault(module.__name__, set())
        if hasattr(module, "stream"):
            monkeypatch.setattr(
                module, "stream", lambda s, name, to=names: to.add(name) or chenxing.stream(s, name)
            )
    again = make(3, small)
    for name in TABLES:
        pd.testing.assert_frame_equal(again[name], first[name])
    each = [name for names in drawn.values() for name in names]
    assert len(each) == len(set(each)) >= 20
    assert not {"customers", "survey", "orders", "buyers", "spend"} & set(each)


def test_other_orders_move_no_table_that_does_not_stand_on_them(small, first):
    fewer = make(3, small | {"orders": small["orders"].iloc[::2]})
    free = set(TABLES) - {"invoices", "payments", "collections", "targets", "rebates"}
    assert all(fewer[name].equals(first[name]) for name in free)


@pytest.mark.parametrize(("customers", "bought"), [(1, False), (9, True)])
def test_a_tiny_company_has_all_tables_too(small, customers, bought):
    who = small["customers"]["customer_id"].iloc[:customers]
    tiny = {
        name: t[t["customer_id"].isin(who if bought or name != "orders" else [])]
        for name, t in small.items()
        if name != "products"
    }
    for name, table in make(SEED, tiny | {"products": small["products"]}).items():
        schema(TABLES[name]).validate(table)


# ---------------------------------------------------------------- credit


@pytest.fixture(scope="module")
def debts(made):
    """Return invoices whose 90 days are over, with what was paid and the file in force."""
    paid = (
        made["payments"]
        .groupby("invoice_id")
        .agg(first=("paid_on", "min"), last=("paid_on", "max"), got=("amount", "sum"))
    )
    owed = made["invoices"].join(paid, on="invoice_id")
    owed = owed[owed["due_on"] + pd.Timedelta(days=91) <= END].sort_values("invoiced_on")
    files = made["credit_files"].sort_values("reviewed_on")
    owed = pd.merge_asof(
        owed, files, left_on="invoiced_on", right_on="reviewed_on", by="customer_id"
    )
    late = (owed["last"] - owed["due_on"]).dt.days
    return owed.assign(late=late, defaults=late.isna() | (late > 90))


def test_nobody_pays_before_the_invoice_or_more_than_it(debts):
    assert (debts["first"] >= debts["invoiced_on"])[debts["first"].notna()].all()
    assert (debts["got"].fillna(0) <= debts["amount"] + 0.001).all()


def test_all_but_the_discount_is_paid_by_who_does_not_default(debts):
    good = debts[~debts["defaults"]]
    short = (good["amount"] - good["got"]).round(2)
    taken = short > 0
    assert taken.mean() > 0.1
    assert short[taken].equals(good.loc[taken, "discount"])
    assert ((good["last"] - good["invoiced_on"]).dt.days[taken] <= 10).all()
    assert good.loc[taken, "terms"].str.startswith("2/10 n/").all()


def test_the_planted_logit_of_default_comes_back(debts):
    """Logit = −3 − Σ γ_c z_c, γ = .6 .5 .4 .3 .3 .2."""
    z = (debts.filter(regex="^score_").astype(float) - 60) / 15
    x = np.column_stack([np.ones(len(z)), z])
    beta, error = maximum_likelihood(
        x, debts["defaults"].to_numpy(float), expit, lambda p: p * (1 - p)
    )
    planted = np.array([-3, -0.6, -0.5, -0.4, -0.3, -0.3, -0.2])
    assert len(debts) > 10_000
    assert (np.abs(beta - planted) / error < 3.3).all()
    assert error.max() < 0.05


@pytest.mark.parametrize(("grade", "mean"), [("A", 3), ("B", 8), ("C", 16), ("D", 28)])
def test_days_late_are_gamma_by_grade(debts, grade, mean):
    """Whole days of a Gamma(2): half a day under its mean; the few beyond 90 are cut."""
    took = debts["amount"] - debts["got"] > 0.005
    late = debts.loc[~debts["defaults"] & ~took & (debts["grade"] == grade), "late"]
    assert late.mean() == pytest.approx(mean - 0.5, rel=0.08)


def test_grades_and_limits_follow_the_scores(made):
    files = made["credit_files"]
    index = files.filter(regex="^score_").astype(int) @ [25, 20, 20, 15, 10, 10]
    ranges = index.groupby(files["grade"]).agg(["min", "max"]).loc[list("DCBA")]
    assert (ranges["max"].to_numpy()[:-1] < ranges["min"].to_numpy()[1:]).all()
    assert (files.loc[files["grade"] == "D", "credit_limit"] == 0).all()


def test_debts_are_pursued_after_ninety_days_and_recovered_as_planted(made):
    pursued = made["collections"].merge(made["invoices"], on="invoice_id")
    assert ((pursued["started_on"] - pursued["due_on"]).dt.days > 90).all()
    old = pursued[pursued["started_on"] < pd.Timestamp("2024-01-01")]  # two years to pay in
    paid = made["payments"].loc[made["payments"]["paid_on"].notna()].set_index("invoice_id")
    got = old["invoice_id"].isin(paid.index)
    share = got.groupby(old["method"]).mean()
    size = old.groupby("method").size()
    for method, planted in {"own": 0.35, "agency": 0.5, "arbitration": 0.6, "court": 0.7}.items():
        noise = np.sqrt(planted * (1 - planted) / size[method])
        assert abs(share[method] - planted) < 3.3 * noise + 0.02, method
    assert set(made["payments"]["method"]) == {"own", "agency", "arbitration", "court"}


# ---------------------------------------------------------------- prospects


@pytest.fixture(scope="module")
def leads(made):
    channel = made["channels"].drop_duplicates("channel_id").set_index("channel_id")
    found = made["leads"].join(channel[["channel", "channel_group"]], on="channel_id")
    return found.assign(won=found["ordered_on"].notna())


def test_there_are_25_channels_in_seven_groups_over_36_months(made):
    channels = made["channels"]
    assert channels["channel"].nunique() == channels["channel_id"].nunique() == 25
    assert channels["channel_group"].nunique() == 7
    assert len(channels) == 25 * 36


def test_about_seven_per_cent_order_and_referrals_three_times_that(given):
    """Over six seeds: in one, the shocks of drives move the mean by .4 points."""
    found = pd.concat([leads_module.leads(seed, given["customers"]) for seed in range(6)])
    won, referred = found["ordered_on"].notna(), found["referred_by"].notna()
    assert won.mean() == pytest.approx(0.07, abs=0.005)
    assert won[referred].mean() / won[~referred].mean() == pytest.approx(3, abs=0.4)


def test_one_company_converts_near_seven_per_cent_and_referrals_more(leads, told):
    referred = leads["referred_by"].notna()
    assert leads["won"].mean() == pytest.approx(0.07, abs=0.015)
    assert leads.loc[referred, "won"].mean() > 1.8 * leads.loc[~referred, "won"].mean()
    planted = told["channel_truth"].set_index("channel")
    others = planted.drop(index="customer_referral")
    mean = np.average(others["share"], weights=others["plan"])
    assert planted.loc["customer_referral", "share"] == pytest.approx(3 * mean, rel=1e-3)
    assert planted["share"] @ planted["plan"] == pytest.approx(0.07, abs=1e-4)


def test_channels_convert_as_planted(leads, told):
    """Over channels, (found − planted) in standard errors of a beta-binomial with ρ = .02."""
    found = leads.groupby("channel_id")["won"].agg(["mean", "size"])
    share = told["channel_truth"].set_index("channel_id")["share"]
    drives = leads.groupby("channel_id")["drive_id"].nunique()
    variance = share * (1 - share) * (0.98 / found["size"] + 0.02 * 1.5 / drives)
    z = (found["mean"] - share) / np.sqrt(variance)
    assert np.abs(z).max() < 3.5
    assert (z**2).mean() < 2


def test_drives_share_a_shock(told, made):
    """The correlation within a drive, from the variance of its hidden conversion."""
    hidden = made["leads"].merge(told["lead_truth"], on="lead_id").drop_duplicates("drive_id")
    hidden = hidden.merge(told["channel_truth"], on="channel_id")
    gap = (hidden["conversion"] - hidden["share"]) ** 2
    rho = gap.sum() / (hidden["share"] * (1 - hidden["share"])).sum()
    assert rho == pytest.approx(0.02, abs=0.006)


def test_time_to_order_is_weibull(leads):
    """Shape 1.2, scale 70 days: mean 65.8 (whole days: + ½), half within 51.6."""
    days = (leads["ordered_on"] - leads["created_on"]).dt.days.dropna()
    error = 55 / np.sqrt(len(days))
    assert days.mean() == pytest.approx(66.3, abs=3 * error + 1.5)
    assert (days <= 51).mean() == pytest.approx(0.5, abs=0.05)


def test_labels_are_noisy_but_tell_something(leads):
    days = (leads["ordered_on"] - leads["created_on"]).dt.days
    true = np.select([days <= 30, days <= 90], ["hot", "warm"], "cold")
    right = (leads["lead_class"] == true).groupby(true).mean()
    assert right.to_dict() == pytest.approx(dict.fromkeys(["cold", "hot", "warm"], 0.65), abs=0.06)
    rate = leads.groupby("lead_class")["won"].mean()
    assert rate["hot"] > rate["warm"] > rate["cold"] > 0


def test_who_orders_becomes_a_customer_of_the_same_channel_and_day(leads, made):
    both = leads[leads["won"]].merge(made["customers"], on="customer_id", suffixes=("", "_file"))
    assert len(both) == leads["won"].sum()
    assert both["customer_id"].is_unique
    assert (both["ordered_on"] == both["acquired_on"]).all()
    assert (both["channel_id"] == both["channel_id_file"]).all()


def test_who_prospects_well_finds_more(leads, made):
    """ln(leads found) rises by .4 for 12 points of the skill, beside noise of s.d. .3."""
    found = leads.groupby("rep_id").size()
    skill = made["reps"].set_index("rep_id")["skill_prospecting"].loc[found.index].astype(float)
    slope, _ = np.polyfit(skill / 12, np.log(found), 1)
    error = 0.3 / np.sqrt(len(found)) / (skill / 12).std()
    assert abs(slope - 0.4) < 2.5 * error
    assert slope > 2 * error


def test_lists_of_doubtful_origin_show_no_lawful_basis(leads):
    doubtful = leads["channel"].isin(
        ["print_shop", "bought_directory", "former_employee", "scraping_software"]
    )
    bases = leads.loc[doubtful, "lawful_basis"]
    assert set(bases) == {"none_shown", "not_personal"}
    assert (leads.loc[~doubtful, "lawful_basis"] == "none_shown").mean() < 0.1


def test_a_third_and_not_half_of_the_asked_give_a_name(made):
    asks = made["referral_asks"]
    assert asks["named"].mean() == pytest.approx(0.35, abs=0.03)
    assert (asks["reward_cost"] > 0).eq(asks["named"]).all()
    led = asks.merge(made["leads"], on="lead_id")
    assert len(led) == made["leads"]["referred_by"].notna().sum()
    assert (led["asked_on"] <= led["created_on"]).all()
    assert (led["customer_id_x"] == led["referred_by"]).all()
    assert led["named"].all()


def test_campaign_arms_are_random_and_lifts_come_back(made):
    members = made["campaign_members"].merge(made["customers"], on="customer_id")
    members["responds"] = members["responded_on"].notna()
    arms = members.groupby(["campaign_id", "arm"]).size().groupby("campaign_id")
    assert (arms.max() - arms.min()).max() <= 1
    retail = members["nature"] == "retail"
    balance = retail.groupby(members["arm"]).mean()
    assert balance.max() - balance.min() < 0.05
    rate = members["responds"].groupby([members["offer"], retail]).agg(["mean", "size"])
    for (offer, is_retail), (mean, size) in rate.iterrows():
        lift = {"no_offer": 0, "price_cut": 0.02, "gift": 0.03, "free_delivery": 0.02}[offer]
        planted = 0.05 + lift + 0.06 * (offer == "price_cut" and is_retail)
        assert abs(mean - planted) < 3.3 * np.sqrt(planted * (1 - planted) / size), offer


def test_no_response_before_sending_and_nothing_sent_to_control(made):
    members = made["campaign_members"]
    days = (members["responded_on"] - members["assigned_on"]).dt.days.dropna()
    assert days.between(1, 30).all()
    control = members["arm"] == "control"
    assert members.loc[control, "sent_on"].isna().all()
    assert members.loc[~control, "sent_on"].notna().all()
    assert (members.loc[control, "cost"] == 0).all()
    ends = members["campaign_id"].map(made["campaigns"].set_index("campaign_id")["ends_on"])
    assert (members["responded_on"].isna() | (members["responded_on"] <= ends)).all()


# ---------------------------------------------------------------- sales


def test_the_elasticity_of_deals_comes_back(made):
    """Deals of a customer in a quarter are .12 k V^.34 on average, k = 3, 5, 2 by nature."""
    visits = made["visits"].merge(made["customers"][["customer_id", "nature"]], on="customer_id")
    quarter = visits["visited_on"].dt.to_period("Q")
    each = visits.groupby(["customer_id", quarter, "nature"])["deal"].agg(["sum", "size"])
    each = each.reset_index("nature")
    x = np.column_stack(
        [np.log(each["size"].astype(float)),
         *(each["nature"] == n for n in ("retail", "commercial", "organisation"))]
    ).astype(float)  # fmt: skip
    beta, error = maximum_likelihood(x, each["sum"].to_numpy(float), np.exp, lambda mean: mean)
    planted = np.array([0.34, *np.log(0.12 * np.array([3, 5, 2]))])
    assert (np.abs(beta - planted) / error < 3.3).all()
    assert error[0] < 0.025


def test_the_best_shares_are_those_of_the_specification():
    shares = sales.best_shares([0.3, 0.2, 0.5], [3, 5, 2], 0.34)
    assert shares.round(4).tolist() == [0.2988, 0.3506, 0.3506]


def test_no_other_shares_of_visits_earn_more():
    m, k = np.array([0.3, 0.2, 0.5]), np.array([3, 5, 2])
    best = sales.best_shares(m, k, 0.34)
    others = np.random.default_rng(1).dirichlet(np.ones(3), 2000)
    earned = (m * k * others**0.34).sum(axis=1)
    assert earned.max() <= (m * k * best**0.34).sum()


def test_one_representative_serves_a_customer_at_a_time(made):
    served = made["rep_assignments"].sort_values(["customer_id", "assigned_from"])
    last = ~served.duplicated("customer_id", keep="last")
    assert served.loc[last, "assigned_to"].isna().all()
    following = served["assigned_from"].shift(-1)[~last]
    assert (following - served.loc[~last, "assigned_to"]).dt.days.eq(1).all()
    present = served[last].set_index("customer_id")["rep_id"]
    file = made["customers"].set_index("customer_id")["rep_id"]
    assert present.equals(file.loc[present.index])


def test_nobody_visits_after_leaving_and_every_visit_is_by_who_serves(made):
    visits = made["visits"].merge(made["reps"][["rep_id", "left_on"]], on="rep_id")
    assert (visits["left_on"].isna() | (visits["visited_on"] <= visits["left_on"])).all()
    both = visits.merge(made["rep_assignments"], on=["customer_id", "rep_id"])
    on = both["visited_on"].between(both["assigned_from"], both["assigned_to"].fillna(END))
    assert on.sum() == len(visits)
    assert visits["left_on"].notna().any()


def test_targets_are_a_little_above_sales(made):
    sold = made["orders"].groupby("rep_id")["amount"].sum()
    target = made["targets"].groupby("rep_id")["target"].sum()
    assert (target / sold).to_numpy() == pytest.approx(np.full(len(sold), 1.055), abs=0.08)


# ---------------------------------------------------------------- dealers


def test_stock_carries_over_and_nobody_sells_what_is_not_there(made):
    stock = made["dealer_stock"].sort_values(["dealer_id", "product_id", "month"])
    shelf = stock.groupby(["dealer_id", "product_id"])
    before = shelf["closing"].shift()
    assert (stock["opening"] == before)[before.notna()].all()
    assert (stock["opening"] + stock["shipped"] >= stock["closing"]).all()
    steps = shelf["month"].diff().dropna().dt.days
    assert steps.between(28, 31).all()


def test_a_new_dealer_begins_with_a_shipment_and_an_old_one_with_stock(made):
    known = made["customers"].set_index("customer_id")["acquired_on"]
    stock = made["dealer_stock"]
    begun = stock.sort_values("month").drop_duplicates(["dealer_id", "product_id"])
    new = begun["dealer_id"].map(known) > stock["month"].min()
    assert (begun.loc[new, "opening"] == 0).all()
    assert (begun.loc[new, "shipped"] > 0).all()
    assert (begun.loc[~new, "opening"] > 0).mean() > 0.5


def test_better_dealers_sell_more_and_score_better(made, told):
    """ln(selling power) rises by .25 per point of quality; scores load .75 on it."""
    truth = told["dealer_truth"].set_index("dealer_id")
    slope, _ = np.polyfit(truth["quality"], np.log(truth["selling_power"]), 1)
    assert slope == pytest.approx(0.25, abs=0.05)
    stock = made["dealer_stock"]
    sold = (
        (stock["opening"] + stock["shipped"] - stock["closing"]).groupby(stock["dealer_id"]).sum()
    )
    offered = (stock["opening"] + stock["shipped"]).groupby(stock["dealer_id"]).sum()
    out = (sold / offered).astype(float)
    assert np.corrcoef(out, truth.loc[out.index, "selling_power"])[0, 1] > 0.2
    scores = made["dealer_scores"].set_index("dealer_id").drop(columns="scored_on").mean(axis=1)
    quality = truth.loc[scores.index, "quality"]
    assert np.corrcoef(scores.astype(float), quality)[0, 1] > 0.9


def test_rebates_are_paid_where_the_threshold_is_reached(made):
    rebates = made["rebates"]
    orders = made["orders"].assign(
        period=made["orders"]["order_date"].dt.to_period("Q").dt.to_timestamp()
    )
    bought = orders.groupby(["customer_id", "period"])["amount"].sum().rename("bought")
    both = rebates.join(bought, on=["dealer_id", "period"]).fillna({"bought": 0})
    earned = both["bought"] >= both["threshold"]
    due = (both["rate"] * both["bought"]).where(earned, 0)
    assert both["paid"].to_numpy() == pytest.approx(due.to_numpy(), abs=0.006)
    assert 0.1 < earned.mean() < 0.7


# ---------------------------------------------------------------- hospital


@pytest.mark.parametrize(
    ("outcome", "planted"), [("satisfaction", 4.0), ("recognition", 6.0), ("admissions", 0.08)]
)
def test_the_pilots_difference_in_differences_comes_back(made, outcome, planted):
    months = made["department_months"]
    value = months[outcome].astype(float)
    value = np.log(value) if outcome == "admissions" else value
    table = pd.DataFrame({"y": value, "d": months["pilot"].astype(float)})
    for key in (months["department"], months["month"]):
        table = table - table.groupby(key).transform("mean")  # balanced: twice is enough
    found = (table["y"] @ table["d"]) / (table["d"] @ table["d"])
    left = table["y"] - found * table["d"]
    error = np.sqrt((left @ left) / (len(left) - 49) / (table["d"] @ table["d"]))
    assert abs(found - planted) < 3.3 * error
    assert error < planted / 3


def test_without_the_comparison_the_trend_would_be_taken_for_the_pilot(made):
    months = made["department_months"]
    began = months.loc[months["pilot"], "month"].min()
    ever = months["department"].isin(months.loc[months["pilot"], "department"])
    mine = months[ever]
    naive = mine.groupby(mine["month"] >= began)["recognition"].mean().diff().iloc[-1]
    assert naive > 6 + 1


def test_the_pilot_raises_what_is_done_and_checked(made):
    visits = made["followups"].merge(made["patients"], on="patient_id")
    over = visits[visits["due_on"] < END - pd.Timedelta(days=45)]
    months = made["department_months"]
    began = months.loc[months["pilot"], "month"].min()
    takes_part = over["department"].isin(months.loc[months["pilot"], "department"])
    runs = takes_part & (over["due_on"] >= began)
    done = over["done_on"].notna()
    assert done[runs].mean() - done[~runs].mean() == pytest.approx(0.14, abs=0.05)
    checked = over["checked_on"].notna()
    assert checked[runs & done].mean() - checked[~runs & done].mean() == pytest.approx(
        0.25, abs=0.07
    )


def test_contact_after_a_stop_or_without_consent_is_rare_but_there(made):
    visits = made["followups"].merge(made["patients"], on="patient_id")
    barred = ~visits["consent"] | (visits["contact_stopped_on"] <= visits["due_on"])
    assert 0 < barred.mean() < 0.02
    assert visits["result"].notna().eq(visits["done_on"].notna()).all()


def test_standards_name_all_steps_twice(made):
    steps = made["standards"].query("process == 'complaint'")
    assert sorted(steps["step"]) == sorted([*range(1, 9)] * 2)
    assert steps.groupby("valid_from")["percentile"].first().tolist() == [50, 90]
    assert steps.groupby("valid_from")["published"].sum().tolist() == [0, 4]


# ---------------------------------------------------------------- needs


def kano(functional: int, dysfunctional: int) -> str:
    """Return the category of a pair of answers by Kano's evaluation table (1 like … 5 dislike)."""
    if functional == dysfunctional and functional in (1, 5):
        return "questionable"
    if functional == 1:
        return "one_dimensional" if dysfunctional == 5 else "attractive"
    if dysfunctional == 5:
        return "must_be"
    return "reverse" if dysfunctional == 1 or functional == 5 else "indifferent"


def test_the_planted_kano_categories_are_the_most_frequent(made, told):
    asked = made["needs"]
    pairs = zip(asked["kano_functional"], asked["kano_dysfunctional"], strict=True)
    category = pd.Series([kano(f, d) for f, d in pairs], index=asked.index)
    most = category.groupby(asked["need_id"]).agg(lambda each: each.mode()[0])
    planted = told["kano_truth"].set_index("need_id")["kano"]
    assert most.to_dict() == planted.to_dict()
    assert asked["need_id"].nunique() == len(planted)


def test_value_is_delivered_against_the_rival_as_planted(made, told):
    ratings = made["value_ratings"]
    sides = ratings.pivot_table(index=["customer_id", "wave"], columns="brand").astype(float)
    wide = sides.swaplevel(axis=1)
    gap = (wide["us"] - wide["rival"]).mean()
    for name in ("money_cost", "time_cost", "mental_cost", "physical_cost"):
        planted = told["parameters"][f"ahead_{name}"]
        assert gap[name] == pytest.approx(planted, abs=0.12), name
    own = ratings.merge(made["survey"], on=["customer_id", "wave"])
    own = own[own["brand"] == "us"]
    slope = np.polyfit(own["satisfaction_overall"].astype(float), own["service_value"], 1)[0]
    assert slope == pytest.approx(0.35, abs=0.05)
