"""A customer's year, the nine items, orientations, strategies: by hand, by pandas, as planted."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from crmlab import accounts, load, segment
from crmlab.accounts.scorecard import BAD, GOOD
from crmlab.home import home

NAMES = (*accounts.NEEDED, *accounts.HELPFUL)


@pytest.fixture(scope="module")
def tables():
    return accounts.completed({name: load.table("chenxing", name).to_pandas() for name in NAMES})


@pytest.fixture(scope="module")
def now(tables):
    return accounts.measures(tables, 2025)


@pytest.fixture(scope="module")
def then(tables):
    return accounts.measures(tables, 2024)


@pytest.fixture(scope="module")
def margins(tables):
    return accounts.margins_in(tables, 2025)


def raw(name):
    return pd.read_csv(home() / "data" / "chenxing" / f"{name}.csv", low_memory=False)


def in_2025(rows, column):
    return rows[rows[column].str.startswith("2025")]


def test_a_customers_year_is_that_of_the_files(now):
    orders, lines, costs = raw("orders"), raw("order_lines"), raw("costs")
    bought, spent = in_2025(orders, "order_date"), in_2025(costs, "month")
    direct = lines[lines["order_id"].isin(bought["order_id"])]["direct_cost"].sum()
    whole = bought["amount"].sum() - direct - spent["selling"].sum() - spent["service"].sum()
    assert now["profit"].sum() == pytest.approx(whole) == pytest.approx(2_834_687)
    assert (now["orders"] > 0).sum() == bought["customer_id"].nunique() == 589
    paid = bought.groupby("customer_id")["amount"].sum()
    assert now["revenue"][paid.index].tolist() == pytest.approx(paid.tolist())
    dealers = raw("customers").query("is_dealer")["customer_id"]
    assert set(now.index[now["channel_place"] == "intermediate_customer"]) == set(dealers)
    wallet = raw("wallet").query("year == 2025").set_index("customer_id")["category_spend"]
    assert now["wallet_share"][paid.index].tolist() == pytest.approx(
        (paid / wallet[paid.index]).tolist()
    )


def test_nothing_after_the_year_is_looked_at(tables, then):
    pd.testing.assert_frame_equal(accounts.measures(accounts.until(tables, 2024), 2024), then)
    assert then["acquired_on"].max() <= pd.Timestamp("2024-12-31")
    assert len(then) == (pd.to_datetime(raw("customers")["acquired_on"]).dt.year <= 2024).sum()


def test_the_whale_curve_of_all_years_peaks_where_it_was_planted(tables):
    lines = accounts.sales(tables["orders"], tables["order_lines"], tables["products"])
    earned = accounts.profit(lines, tables["costs"])["profit"]
    assert 1.2 <= segment.whale(earned)["profit"].max() <= 1.6


def test_the_pocket_margin_of_a_year_takes_rebates_and_cash_discounts(margins, now):
    paid, taken = in_2025(raw("rebates"), "period"), in_2025(raw("invoices"), "invoiced_on")
    assert margins["rebate"].sum() == pytest.approx(paid["paid"].sum())
    assert margins["cash_discount"].sum() == pytest.approx(taken["discount"].sum())
    given = margins["rebate"] + margins["cash_discount"]
    left = now["profit"].reindex(margins.index) - given
    assert margins["pocket_margin"].tolist() == pytest.approx(left.tolist())


def test_files_and_buyers_by_hand():
    orders = pd.DataFrame(
        {"customer_id": [*"aabx"], "amount": [1.0, 2, 4, 8],
         "order_date": pd.to_datetime(["2024-05-01", "2025-01-01", "2024-01-01", "2025-02-01"])}
    )  # fmt: skip
    files = pd.DataFrame({"customer_id": [*"abc"]})
    found = accounts.on_file(orders, files, 2025)
    assert found["customers"].to_dict() == {
        "bought_this_year": 1, "bought_before": 1, "file_without_purchase": 1,
        "buyer_without_file": 1,
    }  # fmt: skip
    assert found["spend"].tolist() == [3, 4, 0, 8]


def test_the_seven_lists_are_those_of_the_seven_questions(tables, now):
    abc = segment.abc(now.loc[now["orders"] > 0, "revenue"])
    lists = accounts.seven_lists(now, abc, tables, 2025)
    told = accounts.answers(lists)
    assert told.index.tolist() == list(accounts.QUESTIONS)
    active = now[(now["revenue"] != 0) | (now["profit"] != 0)]
    lost = accounts.costly(active)
    mine = lists[lists["question"] == "who_causes_cost"]
    assert mine["customer_id"].tolist() == lost.index.tolist()
    assert told.loc["who_causes_cost", "amount"] == pytest.approx(lost["loss"].sum())
    assert told.loc["who_is_a_b_or_c", "customers"] == 589
    trade = accounts.still_trading(tables["orders"], 2025)["reason"].value_counts()
    row = told.loc["do_the_largest_still_trade", ["main_reason", "main_customers"]]
    assert row.tolist() == [trade.index[0], trade.iloc[0]]
    assert (lists["reason"] != "").all()
    assert told.loc["who_complains_repeatedly", ["customers", "main_reason"]].tolist() == [
        0, "nobody",
    ]  # fmt: skip
    assert lists["place"].is_monotonic_increasing


def test_where_we_are_ahead_of_the_rival_is_where_it_was_planted(tables):
    planted = raw("truth/need_parameters").set_index("name")["value"]
    found = accounts.ahead(tables["value_ratings"])
    answers = raw("survey").dropna(subset=["satisfaction_overall"])
    lift = planted["value_of_satisfaction"] * (answers["satisfaction_overall"].mean() - 6.8)
    gaps = {f"{k}_need": f"ahead_{v}" for k, v in [
        ("product", "product_value"), ("service", "service_value"), ("relation", "personnel_value"),
    ]}  # fmt: skip
    for need, name in gaps.items():
        assert found["ahead"][need] == pytest.approx(planted[name] + lift, abs=0.15)
    assert found["ahead"]["price_need"] == pytest.approx(-planted["ahead_money_cost"], abs=0.15)
    assert (found["low"] > 0).tolist() == [True, True, True, False]
    assert (found["high"] < 0).tolist() == [False, False, False, True]


def test_the_first_need_is_the_one_that_matters_more_to_it_than_to_others():
    needs = pd.DataFrame(
        {"customer_id": [*"aabb"], "need_id": ["low_price", "training"] * 2,
         "need_class": ["price_need", "relation_need"] * 2, "need_importance": [5, 4, 5, 1]}
    )  # fmt: skip
    assert accounts.first_need(needs).to_dict() == {"a": "relation_need", "b": "price_need"}


def test_the_nine_items_are_what_the_files_tell(tables, now, margins):
    items = accounts.scorecard_items(now, margins, tables, 2025)
    told = accounts.items_told(items)
    assert told.index.tolist() == [*GOOD, *BAD]
    assert told.loc[["shares_direction", "leads_astray"], "customers"].tolist() == [0, 0]
    assert items["costs_more_than_brings"].sum() == (now["profit"] < 0).sum() == 302
    rated = raw("survey").dropna(subset=["satisfaction_overall"]).groupby("customer_id")
    said = rated["satisfaction_overall"].agg(["max", "size"])
    unhappy = said[(said["size"] >= 2) & (said["max"] <= 5)].index
    assert set(items.index[items["never_satisfied"].fillna(value=False)]) == set(unhappy)
    touched = raw("touchpoints")
    taken = set(touched.loc[touched["adopted"].eq(True), "customer_id"])
    assert set(items.index[items["raises_our_skill"].fillna(value=False)]) == taken
    demanding = items.index[items["demands_attention"].fillna(value=False)]
    assert now["revenue"][demanding].max() < now["revenue"].nlargest(143).min() + 1
    asked = items["asks_our_strengths"].notna()
    assert asked.sum() == raw("needs")["customer_id"].nunique()
    assert (items["asks_our_strengths"] ^ items["asks_our_weakness"])[asked].all()
    cards = accounts.scorecard(items)
    assert set(cards["reason"]) == {
        "best_customer", "worst_customer", "mixed_customer", "not_known",
    }  # fmt: skip


def test_who_demands_attention_by_hand():
    customers = pd.DataFrame(
        {"revenue": [1000.0, 10, 20, 30, 0], "service_cost": [900.0, 1, 12, 1, 0], "profit": 1.0},
        index=[*"abcde"],
    )  # fmt: skip
    margins = pd.DataFrame({"concession_rate": [0.1, 0.3]}, index=[*"ab"])
    items = accounts.scorecard_items(customers, margins, accounts.completed({}), 2025, 0.5)
    assert items["demands_attention"].tolist()[:4] == [False, False, True, False]
    assert items["demands_attention"].isna()["e"]  # neither bought nor cost
    assert items["pays_for_worth"].tolist()[:2] == [True, False]


def test_what_weighs_most_by_hand():
    survey = pd.DataFrame(
        {"customer_id": [*"aaabbcdd"],
         "stay_reason": ["price", "reward", "value", "price", "value", "habit", "convenience",
                         None]}
    )  # fmt: skip
    weights = accounts.stated_weights(survey)
    assert weights.loc["a"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert accounts.leaning(weights).to_dict() == {
        "a": "price_oriented", "b": "mixed_oriented", "c": "not_said", "d": "service_oriented",
    }  # fmt: skip
    assert accounts.leaning(weights, 0.4)["a"] == "mixed_oriented"


def test_orientations_agree_with_what_is_planted_behind_the_reasons(tables):
    weights = accounts.stated_weights(tables["survey"])
    kind = accounts.leaning(weights)
    pleased = raw("truth/latent").groupby("customer_id")["satisfaction"].mean()
    by_kind = pleased.reindex(kind.index).groupby(kind).agg(["mean", "sem"])
    value, price = by_kind.loc["value_oriented"], by_kind.loc["price_oriented"]
    assert value["mean"] - price["mean"] > 3 * np.hypot(value["sem"], price["sem"])
    scores = accounts.shopping_scores(tables["survey"]).reindex(kind.index)
    means = scores.groupby(kind).mean()
    assert means["economising"].idxmax() == "price_oriented"
    assert means["convenience_seeking"].idxmax() == "service_oriented"
    assert scores.mean().abs().max() < 0.1  # each against what all customers answer


CHOSEN = pd.DataFrame(
    {
        "profit_before": [100.0, 50, 50, -30],
        "profit": [80.0, 0, 120, -10],
        "revenue": [200.0, 0, 300, 50],
        "orders": [3, 0, 2, 1],
        "gap": [40.0, 99, 0, 10],
        "newcomer": [False, False, True, True],
        "alike": [True, True, True, False],
        "acquisition_cost": [5.0, 5, 20, 15],
    }
)


def test_strategies_by_hand():
    lost, rate = 50 / 200, 190 / 550
    found = accounts.strategies(*[CHOSEN[c] for c in CHOSEN])
    deepen, expand, acquire = lost * 200, rate * 50, 100
    expected = [deepen, expand, acquire, -25, deepen + (1 - lost) * expand + acquire]
    assert found.tolist() == pytest.approx(expected)
    assert accounts.concerned(CHOSEN).to_dict() == {
        "deepen": 2, "expand": 2, "acquire_alike": 1, "diversify": 1, "combine": 3,
    }  # fmt: skip


def test_the_gap_of_a_wallet_by_hand():
    customers = pd.DataFrame(
        {"orders": [1, 1, 1, 0, 1], "wallet_share": [0.1, 0.5, 0.7, 0.0, None],
         "category_spend": [1000.0, 100, 100, 500, None], "nature": "retail"}
    )  # fmt: skip
    assert accounts.wallet_gap(customers).tolist() == pytest.approx([400, 0, 0, 0, 0])


def test_strategies_of_the_company_are_those_of_its_files(now, then):
    chosen = accounts.choices(then, now, 2025)
    found = accounts.strategies(*[chosen[c] for c in chosen])
    before, buys = then["profit"].clip(lower=0), now["orders"] > 0
    gone = before[~buys.reindex(before.index)].sum() / before.sum()
    assert found["deepen"] == pytest.approx(gone * now["profit"].clip(lower=0).sum())
    joined = raw("customers").set_index("customer_id")
    joined = joined[joined["acquired_on"].str.startswith("2024")]
    won = now["profit"][joined.index] - joined["acquisition_cost"]
    assert found[["acquire_alike", "diversify"]].sum() == pytest.approx(won.sum())
    assert set(joined.loc[~chosen["alike"][joined.index], "industry"]) == {"household"}


def test_what_is_at_stake_with_each_segment_by_hand():
    margins = pd.DataFrame({"list_value": [300.0] * 4, "pocket_margin": [80.0, 0, 20, -10]})
    chosen = CHOSEN.set_axis([*"abcd"])
    quadrant = pd.Series(["high_high", "high_low", "low_low"], [*"acd"])
    found = accounts.stakes(chosen, margins.set_axis([*"abcd"]), quadrant, 0.1)
    assert found["stake"].to_dict() == {"a": 0.25 * 80, "c": 0.1 * 300 - 20, "d": 10}
    assert found["action"].tolist() == [
        "protect_them", "mend_their_terms", "serve_them_cheaper",
    ]  # fmt: skip
    rich = accounts.stakes(
        chosen, margins.set_axis([*"abcd"]), quadrant.replace("low_low", "low_high")
    )
    assert rich["stake"]["d"] == pytest.approx(190 / 550 * 10)
    costs = accounts.stakes(chosen, margins.set_axis([*"abcd"]), quadrant.drop("d"))
    assert costs.loc["d", ["segment", "stake"]].tolist() == ["no_purchase", 10]


def test_rank_correlation_is_scipys(margins):
    traded = margins[margins["list_value"] > 0]
    found = accounts.rank_correlation(traded["list_value"], traded["concession_rate"])
    expected = spearmanr(traded["list_value"], traded["concession_rate"]).statistic
    assert found == pytest.approx(expected)
    assert np.isnan(accounts.rank_correlation(pd.Series([1, 1]), pd.Series([1, 2])))


def test_no_concession_to_size_was_planted_in_the_discounts_and_none_is_found(tables):
    sold = accounts.sold_in(tables, 2025).groupby("customer_id")[["list_value", "discount"]].sum()
    rate = sold["discount"] / sold["list_value"]
    found = segment.bootstrap(accounts.rank_correlation, sold["list_value"], rate, draws=200)
    assert found.low < 0 < found.high


def test_medians_of_parts_by_size_by_hand(margins):
    given = pd.DataFrame(
        {"list_value": [1.0, 2, 3, 4], "concession_rate": [0.1, 0.3, 0.2, 0.4]}
    )  # fmt: skip
    found = accounts.by_size(given, 2)
    assert found["list_value"].tolist() == [1.5, 3.5]
    assert found["concession_rate"].tolist() == pytest.approx([0.2, 0.3])
    with pytest.raises(ValueError, match=r"^groups must be 1 or more, got 0$"):
        accounts.by_size(given, 0)
    traded = margins[margins["list_value"] > 0]
    fifths = accounts.by_size(traded)
    assert fifths["customers"].between(117, 118).all()
    assert fifths["list_value"].is_monotonic_increasing


def test_ratios_of_groups_by_hand():
    part, whole = pd.Series([1.0, 2, 3]), pd.Series([10.0, 10, 20])
    group, inside = pd.Series([*"aab"]), pd.Series([True, True, False])
    assert accounts.ratio(part, whole) == pytest.approx(6 / 40)
    assert accounts.ratio_gap(part, whole, inside) == pytest.approx(3 / 20 - 3 / 20)
    assert np.isnan(accounts.ratio_gap(part, whole, inside | True))
    totals = accounts.totals(part, group, names=["b", "a", "c"])
    assert totals.to_dict() == {"b": 3, "a": 3, "c": 0}


def test_how_many_equal_customers_would_be_as_concentrated(now):
    assert accounts.effective_number(pd.Series([5.0, 5, 5, 5])) == pytest.approx(4)
    revenue = now.loc[now["orders"] > 0, "revenue"].clip(lower=0)
    assert accounts.effective_number(revenue) == pytest.approx(1 / accounts.hhi(revenue))


def test_the_value_of_a_year_is_the_commercial_value_of_its_parts(tables, now):
    buyers = now[now["orders"] > 0]
    found = accounts.valued(buyers, tables)
    asks = raw("referral_asks").groupby("customer_id")["named"].sum()
    rank = asks.reindex(buyers.index).fillna(0).rank().sub(0.5) * 100 / len(buyers)
    assert found["influence_score"].tolist() == pytest.approx(rank.tolist())
    assert found["value_score"].mean() == pytest.approx(50)
    kinds = accounts.customer_types(found)
    key = kinds == "key_customer"
    assert (found["value_score"][key] >= 75).all()
    assert (found["orders_a_year"][key] >= 4).all()
