"""Do the claims on loyalty come out as published, and does the company's truth come back?"""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from crmlab import equity, load

D10 = 0.1


@pytest.fixture(scope="module")
def chenxing():
    names = ["customers", "orders", "order_lines", "products", "costs", "contracts", "leads"]
    return {name: load.table("chenxing", name).to_pandas() for name in names}


@pytest.mark.parametrize(
    ("how", "discount", "published"),
    [
        pytest.param({}, D10, [0.275, 0.324, 0.407], id="points"),
        pytest.param({}, 0.0, [0.417, 0.588, 1.111], id="points-undiscounted"),
        pytest.param({"relative": True}, D10, [0.212, 0.265, 0.355], id="relative"),
        pytest.param({"relative": True}, 0.0, [0.313, 0.465, 0.909], id="relative-undiscounted"),
        pytest.param({"first_margin": True}, D10, [0.2, 0.25, 0.333], id="first-margin-counted"),
    ],
)
def test_five_per_cent_more_retention_brings_the_published_gain(how, discount, published):
    assert equity.gain([0.8, 0.85, 0.9], discount, **how) == pytest.approx(published, abs=6e-4)


def test_the_table_of_readings_holds_all_of_them():
    table = equity.retention_sensitivity([0.8, 0.85, 0.9], D10, acquisition_share=0.389)
    expected = {
        "points_discounted": 0.275, "points_undiscounted": 0.417, "relative_discounted": 0.212,
        "relative_undiscounted": 0.313, "points_first_margin": 0.2, "points_net": 0.45,
        "elasticity": 3.667,
    }  # fmt: skip
    assert table.loc[0.8].to_dict() == pytest.approx(expected, abs=6e-4)


def test_the_claim_holds_undiscounted_for_the_published_bases():
    high = equity.claim_range(0).loc["high"]
    assert [high["from"], high["to"]] == pytest.approx([0.813, 0.887], abs=5e-4)
    assert high["gain_at_end"] == pytest.approx(0.9)


def test_at_ten_per_cent_the_claim_begins_at_917_and_ninety_is_out_of_reach():
    high = equity.claim_range(D10).loc["high"]
    assert high["from"] == pytest.approx(0.917, abs=5e-4)
    assert high["to"] == pytest.approx(0.95)  # nobody is kept more often than always
    assert high["gain_at_end"] < 0.9


@pytest.mark.parametrize(
    ("retention", "at_45", "at_90"),
    [(0.8, 0.389, 0.694), (0.85, 0.281, 0.641), (0.9, 0.095, 0.547)],
)
def test_net_of_acquisition_cost_the_claim_holds_at_the_published_shares(retention, at_45, at_90):
    shares = [equity.acquisition_share_for(target, retention, D10) for target in (0.45, 0.9)]
    assert shares == pytest.approx([at_45, at_90], abs=5e-4)
    for share, target in zip(shares, (0.45, 0.9), strict=True):
        assert equity.gain(retention, D10, acquisition_share=share) == pytest.approx(target)


def test_elasticity_of_value_to_retention_is_as_published():
    assert equity.elasticity(0.8, D10).item() == pytest.approx(3.667, abs=5e-4)


def test_survival_of_mixed_customers_is_the_published_one():
    # Fader and Hardie (2007), High End: a .668, b 3.806; seen in years 1 to 7, model in 8 to 12
    a, b = 0.668, 3.806
    survival = equity.retention_curve(b / (a + b), 1 / (a + b + 1), 12)["survival"].tolist()
    seen = [0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491]
    assert survival[:7] == pytest.approx(seen, abs=0.021)
    assert survival[7:] == pytest.approx([0.460, 0.436, 0.414, 0.395, 0.378], abs=6e-4)


def test_optimal_split_is_what_a_general_optimiser_finds():
    curves = {
        "winning": equity.Response(300, 1e-5, 900), "keeping": equity.Response(500, 4e-6, 1500),
    }  # fmt: skip
    best = equity.optimal_split(200_000, curves)

    def lost(x):
        each = zip(curves.values(), (x[0], 200_000 - x[0]), strict=True)
        return -sum(c.value * c.customers(s).item() for c, s in each)

    found = minimize(lost, [100_000.0], bounds=[(0, 200_000)], method="Nelder-Mead")
    assert best.loc["winning", "spend"] == pytest.approx(found.x[0], rel=1e-3)
    assert best["marginal"].iloc[0] == pytest.approx(best["marginal"].iloc[1], rel=1e-9)


def test_keeping_against_winning_by_hand():
    who = pd.DataFrame(
        {"acquisition_cost": [100.0, 300], "keeping_cost": [50.0, 30], "years": [1.0, 1]}
    )
    table = equity.keeping_against_winning(who, draws=50)
    assert table["value"].tolist() == pytest.approx([200, 40, 0.2])
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()


def test_customer_equity_and_levers_by_hand():
    cells = pd.DataFrame(
        {
            "role": ["present", "won", "lost"], "customers": [10, 2, 5], "purchases": 4.0,
            "spend": 100.0, "margin": 0.3, "order_cost": 5.0, "retention": 0.8,
            "acquisition_cost": 50.0, "return_rate": [0, 0, 0.2],
        }
    )  # fmt: skip
    head = 100 * 1.1 / 0.3  # margin a year 4 × (30 − 5), times the discounted years
    assert equity.customer_equity(cells).tolist() == pytest.approx(
        [10 * head, 2 * (head - 50), head]
    )
    moved = equity.lever_effects(cells, 0.1)["equity_change"]
    assert moved["customer_acquisition"] == pytest.approx(0.2 * (head - 50))
    assert moved["customer_win_back"] == pytest.approx(0.1 * head)
    assert moved["cross_selling"] == pytest.approx(1.3 * head)
    assert moved["up_selling"] == pytest.approx(13 * 4 * 3 * 1.1 / 0.3)  # serving costs no more
    assert moved["customer_retention"] == pytest.approx(13 * 110 * (1 / 0.22 - 1 / 0.3))
    assert equity.less_churn(cells, 0.1) == pytest.approx(13 * 110 * (1 / 0.28 - 1 / 0.3))


def test_a_referral_tree_by_hand():
    leads = pd.DataFrame({"customer_id": list("BCDE"), "referred_by": ["A", "B", "B", None]})
    own = pd.Series({"A": 1.0, "B": 2.0, "C": 4.0, "D": 8.0, "E": 16.0})
    edges, found = equity.referrals(leads, own.index)
    assert found == []
    assert equity.generations(edges, own.index).to_dict() == {
        "A": 0,
        "B": 1,
        "C": 2,
        "D": 2,
        "E": 0,
    }
    table = equity.network_value(own, edges, share=0.5, rewards=pd.Series({"A": 1.5}))
    assert table["network_value"].to_dict() == {"A": 1 + 3 - 1.5, "B": 6, "C": 0, "D": 0, "E": 0}
    assert table["brought"].tolist() == [3, 2, 0, 0, 0]


def test_elasticity_planted_within_segments_comes_back():
    rng = np.random.default_rng(1)
    grid = pd.MultiIndex.from_product([range(12), range(16)], names=["segment", "period"])
    loyal = np.exp(rng.normal(3, 0.6, len(grid)))
    level = 2.0 * grid.get_level_values("segment") + 0.3 * grid.get_level_values("period")
    profit = np.exp(1.4 * np.log(loyal) + level + rng.normal(0, 0.1, len(grid)))
    panel = grid.to_frame(index=False).assign(loyal=loyal, profit=profit)
    found = equity.profit_elasticity(panel, by="segment", draws=200)
    assert found["low"] <= 1.4 <= found["high"]
    assert found["value"] == pytest.approx(1.4, abs=0.05)


def test_returns_by_hand_bear_two_names():
    who = pd.DataFrame({"profit": [30.0, 10], "opening_equity": [50.0, 150], "invested": [8.0, 8]})
    assert equity.returns(who).to_dict() == {
        "return_on_customer_equity": 0.2, "return_on_customer_investment": 2.5,
    }  # fmt: skip


def test_benefits_of_tenure_by_hand():
    day = pd.to_datetime
    customers = pd.DataFrame({"customer_id": ["A", "B"], "acquired_on": day("2023-07-01")})
    orders = pd.DataFrame(
        {
            "order_id": list("123456"),
            "customer_id": ["A", "A", "A", "B", "B", "B"],
            "order_date": day(["2023-07-01", "2023-08-01", "2024-12-31", "2023-07-01",
                               "2024-05-01", "2024-06-01"]),
        }
    )  # fmt: skip
    lines = pd.DataFrame(
        {"order_id": list("123456"), "product_id": ["P", "N", "P", "P", "P", "N"],
         "quantity": 1.0, "price": [10.0, 20, 40, 10, 30, 30], "direct_cost": 5.0}
    )  # fmt: skip
    goods = pd.DataFrame(
        {"product_id": ["P", "N"], "launched_on": day(["2020-01-01", "2023-07-15"])}
    )
    costs = pd.DataFrame(
        {"customer_id": ["A"], "month": day(["2024-03-01"]), "selling": 6.0, "service": 4.0}
    )
    wallet = pd.DataFrame({"customer_id": ["A", "B"], "year": 2024, "category_spend": 200.0})
    sold = equity.sales(orders, lines, goods)
    table = equity.customer_years(customers, sold, costs, wallet).set_index(["customer_id", "year"])
    assert table["tenure"].tolist() == [0, 1, 0, 1]
    assert table["repeat_orders"].tolist() == [1, 1, 0, 2]
    assert table["tried"].tolist() == [1, 0, 0, 1]
    rows = table.reset_index()
    found = equity.trend(rows, "tenure", {"basket": ("revenue", "orders")}, draws=50)
    assert found.loc["basket", ["first", "last"]].tolist() == pytest.approx([40 / 3, 100 / 3])
    late = equity.ratios(rows, "tenure", equity.BENEFITS, draws=50).loc[1]
    assert late["wallet_share"] == pytest.approx(100 / 400)
    assert late["service_cost_rate"] == pytest.approx(10 / 100)


def test_referral_tree_of_chenxing_is_that_of_its_table(chenxing):
    leads, known = chenxing["leads"], pd.Index(chenxing["customers"]["customer_id"])
    edges, found = equity.referrals(leads, known)
    both = leads.dropna(subset=["customer_id", "referred_by"])
    assert found == []
    assert edges.to_dict() == dict(zip(both["customer_id"], both["referred_by"], strict=True))
    assert equity.generations(edges, known).sum() == len(edges)  # nobody's child has a child


def test_planted_conversion_of_referrals_comes_back(chenxing):
    truth = pd.read_csv("data/chenxing/truth/channel_truth.csv").set_index("channel")
    table = equity.referral_conversion(chenxing["leads"])
    planted = truth["share"]["customer_referral"]
    assert table.loc["referred", "low"] <= planted <= table.loc["referred", "high"]
    assert table.loc["referred", "low"] > table.loc["not_referred", "high"]


def test_profit_of_chenxing_adds_up_to_its_tables(chenxing):
    sold = equity.sales(*(chenxing[name] for name in ("orders", "order_lines", "products")))
    assert sold["revenue"].sum() == chenxing["orders"]["amount"].sum()
    ever = pd.Timestamp("2000-01-01"), pd.Timestamp("2100-01-01")
    flow = equity.profit_between(chenxing["customers"], sold, chenxing["costs"], *ever)
    assert flow["cost"].sum() == chenxing["costs"][["selling", "service"]].to_numpy().sum()
    assert flow["orders"].sum() == chenxing["orders"]["order_id"].nunique()


def test_contract_years_split_by_year_without_a_rest(chenxing):
    today = pd.Timestamp("2025-12-31")
    years, left = equity.contract_years(chenxing["contracts"], today)
    table = equity.retention_by_year(chenxing["contracts"], today)
    assert table["years_at_risk"].sum() == pytest.approx(years)
    assert table["departures"].sum() == left == 178
