"""Churn by hand, against other implementations, and the planted truth of the company."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from crmlab import accounts, lifecycle
from crmlab.company import relationship
from crmlab.lifecycle.changing import MONTH
from tests.test_company_recovery import HAZARD, at_risk


def day(text):
    return pd.Timestamp(text)


CONTRACTS = pd.DataFrame(
    [
        ("a", "2024-01-15", "2024-03-01"),
        ("b", "2024-02-01", None),
        ("a", "2024-06-01", None),
        ("c", "2024-08-01", None),
    ],
    columns=["customer_id", "started_on", "ended_on"],
).astype({"started_on": "datetime64[us]", "ended_on": "datetime64[us]"})


@pytest.fixture(scope="module")
def lives():
    return lifecycle.contract_lives(CONTRACTS, day("2024-06-30"))


def test_lives_of_contracts_by_hand(lives):
    assert lives["customer_id"].tolist() == ["a", "b", "a"]  # c has not begun
    assert lives["observed"].tolist() == [True, False, False]
    assert lives["nth"].tolist() == [1, 1, 2]
    assert (lives["duration"] * MONTH).tolist() == pytest.approx([47, 151, 30])


def test_a_life_is_cut_at_the_first_of_each_month(lives):
    rows = lifecycle.monthly_rows(lives)
    first = rows.loc[0]
    assert first["day"].dt.strftime("%m-%d").tolist() == ["01-15", "02-01", "03-01"]
    assert (first["stop"] * MONTH).tolist() == pytest.approx([17, 46, 47])
    assert (first["start"] * MONTH).tolist() == pytest.approx([0, 17, 46])
    assert first["observed"].tolist() == [False, False, True]
    assert first["period"].tolist() == [0, 1, 2]
    assert rows.groupby(level=0)["stop"].max().tolist() == pytest.approx(lives["duration"].tolist())


def test_a_row_knows_what_was_on_file_the_day_before_it_and_no_more():
    entries = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b"],
            "day": pd.to_datetime(["2024-01-10", "2024-01-31", "2024-02-01", "2024-01-31"]),
            "value": [2.0, 4.0, 100.0, 7.0],
        }
    )
    rows = pd.DataFrame({"customer_id": ["a", "b", "c"], "day": day("2024-02-01")})
    wanted = {
        "latest": lifecycle.Known(entries),
        "counted": lifecycle.Known(entries, "count", 10),
        "summed": lifecycle.Known(entries, "sum"),
        "average": lifecycle.Known(entries, "mean", 30, otherwise=-1.0),
    }
    found = lifecycle.as_known(rows, wanted)[list(wanted)]
    assert found.to_numpy().tolist() == [[4, 1, 6, 3], [7, 1, 7, 7], [0, 0, 0, -1]]
    a_day_later = lifecycle.as_known(rows, wanted, lag_days=2)[list(wanted)]
    assert a_day_later.to_numpy().tolist() == [[2, 0, 2, 2], [0, 0, 0, -1], [0, 0, 0, -1]]


def test_what_is_known_agrees_with_a_search_through_the_table():
    rng = np.random.default_rng(1)
    entries = pd.DataFrame(
        {
            "customer_id": rng.choice(list("abcd"), 200),
            "day": day("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, 200), unit="D"),
            "value": rng.normal(size=200),
        }
    )
    rows = pd.DataFrame(
        {
            "customer_id": rng.choice(list("abcde"), 40),
            "day": day("2024-01-01") + pd.to_timedelta(rng.integers(0, 120, 40), unit="D"),
        }
    )
    found = lifecycle.as_known(
        rows, {"mean": lifecycle.Known(entries, "mean", 20), "last": lifecycle.Known(entries)}
    )
    for row in found.itertuples():
        seen = entries[(entries["customer_id"] == row.customer_id) & (entries["day"] < row.day)]
        near = seen[seen["day"] >= row.day - pd.Timedelta(days=20)]["value"]
        last = seen[seen["day"] == seen["day"].max()]["value"]
        assert row.mean == pytest.approx(near.mean() if len(near) else 0)
        assert row.last == pytest.approx(last.mean() if len(last) else 0)


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("satisfaction", 0.108), ("complaint", 0.3), ("growth", 0.15), ("maturity", 0.15),
     ("decline", 0.15)],
)  # fmt: skip
def test_the_companys_hazard_comes_back_month_by_month(planted, name, tolerance):
    assert planted.effects.loc[name, "coef"] == pytest.approx(HAZARD[name], abs=tolerance)


def test_the_companys_early_hazard_comes_back_as_the_level_of_each_month(planted):
    """log(−log(1 − h)) of one whose covariates are zero: −3.9 + .5 e^(−t/6) in month t."""
    hazard = planted.baseline["hazard"].loc[1:24]
    level = np.log(-np.log1p(-hazard))
    says = HAZARD["base"] + HAZARD["early"] * np.exp(-level.index.to_numpy() / 6)
    assert np.mean(level - says) == pytest.approx(0, abs=0.105)
    slope = np.polyfit(np.exp(-level.index.to_numpy() / 6), level, 1, w=np.sqrt(hazard))[0]
    assert slope == pytest.approx(HAZARD["early"], abs=0.25)


@pytest.fixture(scope="module")
def planted():
    months = at_risk(12, 12_000)
    months = months[months["at_risk"]]
    stages = {
        name: (months["stage"] == k).astype("float64")
        for k, name in enumerate(relationship.STAGES) if k
    }  # fmt: skip
    rows = months.assign(period=months["tenure"], observed=months["ends"], **stages)
    rows["satisfaction"] = rows["satisfaction"].round(1)  # equal rows are counted once
    return lifecycle.discrete_hazard(
        rows, ["satisfaction", "complaint", *relationship.STAGES[1:]], link="cloglog"
    )


def test_landmarks_by_hand(lives):
    found = lifecycle.landmark_rows(lives, [day("2024-03-01")], until=day("2024-03-31"))
    assert found["customer_id"].tolist() == ["a", "b"]
    assert found["observed"].tolist() == [True, False]
    assert (found["duration"] * MONTH).tolist() == pytest.approx([1, 31])
    assert (found["tenure"] * MONTH).tolist() == pytest.approx([46, 29])
    earlier = lifecycle.landmark_rows(lives, [day("2024-02-15")], until=day("2024-02-20"))
    assert not earlier["observed"].any()  # the end of a is not yet known


def test_who_is_there_on_the_morning_after_the_last_day(lives):
    last = day("2024-06-30")
    found = lifecycle.landmark_rows(lives, [last + pd.Timedelta(days=1)], until=day("2024-07-01"))
    assert found["customer_id"].tolist() == ["b", "a"]


def test_a_horizon_ends_what_a_landmark_sees(lives):
    found = lifecycle.landmark_rows(
        lives, [day("2024-02-15")], until=day("2024-06-30"), horizon=10 / MONTH
    )
    assert not found["observed"].any()
    assert (found["duration"] * MONTH).tolist() == pytest.approx([10, 10])


TESTED = pd.DataFrame(
    {"duration": [1.0, 6, 6, 2, 6, 6, 6, 6], "observed": [True, False, False, True] + [False] * 4}
)
CHANCE = pd.Series([0.9, 0.2, 0.3, 0.8, 0.1, 0.4, 0.5, 0.6])


def test_groups_of_risk_by_hand():
    found = lifecycle.risk_groups(TESTED, CHANCE, 6, groups=2)
    assert found["customers"].tolist() == [4, 4]
    assert found["foretold"].tolist() == pytest.approx([0.25, 0.7])
    assert found["came"].tolist() == pytest.approx([0, 0.5])


def test_lift_by_hand():
    found = lifecycle.lift(TESTED, CHANCE, 6, [0.125, 0.25, 1])
    assert found["customers"].tolist() == [1, 2, 8]
    assert found["caught"].tolist() == [0.5, 1, 1]
    assert found["lift"].tolist() == pytest.approx([4, 4, 1])


def test_a_contact_pays_where_chance_times_part_times_value_is_above_its_cost():
    chance, value = pd.Series([0.5, 0.1, 0.1]), pd.Series([100.0, 1000.0, 100.0])
    found = lifecycle.net_gain(chance, value, cost=10, part=0.5)
    assert found.index.tolist() == [1, 0, 2]
    assert found["net_gain"].tolist() == pytest.approx([40, 15, -5])
    assert found["total_gain"].tolist() == pytest.approx([40, 55, 50])
    assert found["pays"].tolist() == [True, True, False]
    assert found["cut_off"].tolist() == pytest.approx([0.02, 0.2, 0.2])
    assert found["total_gain"].max() == found.loc[found["pays"], "net_gain"].sum()


def test_the_first_contact_after_an_alarm():
    alarms = pd.Series(day("2024-03-01"), pd.Index(["a", "b"], name="customer_id"))
    touches = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b"],
            "at": pd.to_datetime(["2024-02-28", "2024-03-11", "2024-03-20", "2024-07-01"]),
        }
    )
    waits = lifecycle.first_contact(alarms, touches, until=day("2024-05-30"))
    assert waits["duration"].tolist() == [10, 90]
    assert waits["observed"].tolist() == [True, False]
    met = lifecycle.contacted_by(waits, [7, 30])
    assert met["contacted_share"].tolist() == [0, 0.5]


def test_the_chance_to_return_is_that_of_kaplan_meier_given_the_time_away():
    rng = np.random.default_rng(4)
    back, until = rng.exponential(10, 300), rng.uniform(1, 30, 300)
    away = pd.DataFrame({"duration": np.minimum(back, until), "observed": back <= until})
    found = lifecycle.return_chance(away, 6)
    curve = lifecycle.kaplan_meier(away).set_index("time")["survival"]
    for row in found[found["compared"] > 20].iloc[::20].itertuples():
        ahead, now = (curve[curve.index <= row.away_months + h].iloc[-1] for h in (6, 0))
        assert row.chance == pytest.approx(1 - ahead / now)
        assert row.low < row.chance < row.high
    sure = found[found["compared"] > 50]
    truth = 1 - np.exp(-6 / 10)  # without memory
    assert ((sure["low"] < truth) & (truth < sure["high"])).mean() > 0.9


def test_nobody_returned_late_is_a_chance_of_none_with_an_upper_limit():
    away = pd.DataFrame({"duration": [2.0, 10, 11, 12], "observed": [True, False, False, False]})
    found = lifecycle.return_chance(away, 6)
    assert found["chance"].tolist()[:2] == [0, 0]
    assert found["low"].tolist()[:2] == [0, 0]
    assert found["high"].iloc[0] == pytest.approx(1.959964**2 / (2 + 1.959964**2))  # 0 of 2
    assert np.isnan(found["chance"].iloc[2])  # nobody else was seen so long
    assert found["compared"].tolist() == [2, 1, 0]


def test_absences_end_with_the_return_or_the_last_day():
    file = pd.DataFrame(
        {"churned_on": pd.to_datetime(["2024-01-01", "2024-01-01", None, "2024-09-01"]),
         "reactivated_on": pd.to_datetime(["2024-01-31", None, None, None])},
        index=list("abcd"),
    )  # fmt: skip
    found = lifecycle.absences(file, until=day("2024-03-01"))
    assert found.index.tolist() == ["a", "b"]
    assert (found["duration"] * MONTH).tolist() == pytest.approx([31, 61])
    assert found["observed"].tolist() == [True, False]


def test_the_expected_stay_is_that_of_a_chain_without_memory():
    rng = np.random.default_rng(5)
    truth = np.array([[0.5, 0.3, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0, 0.1, 0.8, 0.1],
                      [0.2, 0.0, 0.2, 0.6]])  # fmt: skip
    codes = np.zeros((3000, 20), int)
    for step in range(1, 20):
        codes[:, step] = (rng.random(3000)[:, None] > truth.cumsum(axis=1)[codes[:, step - 1]]).sum(
            axis=1
        )
    names = pd.Index(lifecycle.STAGES)
    found = pd.DataFrame({t: pd.Categorical.from_codes(codes[:, t], names) for t in range(20)})
    stay = lifecycle.expected_stay(lifecycle.transitions(found))
    says = 1 / (1 - np.diag(truth))
    assert stay["expected_stay"].to_numpy() == pytest.approx(says, rel=0.05)
    assert ((stay["stay_low"] < says) & (says < stay["stay_high"])).all()


def test_the_value_of_a_stage_by_hand():
    names = pd.Index(lifecycle.STAGES)
    found = pd.DataFrame(
        {1: pd.Categorical.from_codes([0, 0, -1], names),
         2: pd.Categorical.from_codes([1, 1, 0], names),
         3: pd.Categorical.from_codes([1, 1, 1], names)},
        index=list("abc"),
    )  # fmt: skip
    panel = pd.DataFrame(
        {"customer_id": ["a", "a", "b", "c"], "period": [1, 2, 3, 3],
         "spend": [10.0, 40, 20, 90]}
    )  # fmt: skip
    table = lifecycle.stage_value(found, panel)
    assert table["customers"].tolist() == [3, 3, 0, 0]
    assert table["value_per_period"].tolist()[:2] == pytest.approx([10 / 3, 150 / 5])
    # growth: residuals 40 − 60, 20 − 60, 90 − 30; Σ² = 5,600; × 3 ÷ 2; root ÷ 5 periods
    reach = 1.959964 * np.sqrt(5600 * 1.5) / 5
    assert table["value_high"].iloc[1] == pytest.approx(30 + reach)


def test_building_keeping_and_enhancing_by_hand():
    began = pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-01", "2024-05-01"])
    ended = pd.to_datetime(["2024-04-01", "2024-09-30", "2024-09-30", "2024-09-30"])
    lives = pd.DataFrame(
        {"customer_id": list("abcd"), "began_on": began, "ended_on": ended,
         "observed": [True, False, False, False], "nth": 1}
    )  # fmt: skip
    ends = [day("2024-03-31"), day("2024-06-30"), day("2024-09-30")]
    levels = pd.DataFrame([[0, 0, 0], [1, 2, 2], [1, 0, 0], [0, 0, 1]], list("abcd"), ends)
    found = lifecycle.build_keep_enhance(lives, levels, ends)
    assert found["customers"].tolist() == [3, 3]
    assert found["built"].tolist() == [1, 0]
    assert found["build_rate"].tolist() == pytest.approx([1 / 3, 0])
    assert found["keep_rate"].tolist() == pytest.approx([2 / 3, 1])
    assert found["enhance_rate"].tolist() == pytest.approx([1 / 2, 1 / 3])
    assert found["fall_rate"].tolist() == pytest.approx([1 / 2, 0])


def test_the_five_characteristics_by_hand():
    tables = {
        "sales": pd.DataFrame(
            {"customer_id": ["a", "a", "b"],
             "order_date": pd.to_datetime(["2024-12-20", "2024-06-01", "2024-12-30"]),
             "revenue": [60.0, 60, 300], "gross": [20.0, 20, 10]}
        ),
        "wallet": pd.DataFrame(
            {"customer_id": ["a", "b"], "year": 2024, "category_spend": [240.0, 300],
             "our_share_of_its_supply": [0.5, 0.1]}
        ),
        "touchpoints": pd.DataFrame(
            {"customer_id": ["a", "a", "a", "b"], "at": day("2024-11-01"),
             "minutes_to_respond": [30, None, None, None]}
        ),
        "value_ratings": pd.DataFrame(
            [["a", 1, "us", *[8] * 4, *[2] * 4], ["b", 1, "us", *[5] * 4, *[5] * 4],
             ["a", 1, "rival", *[9] * 4, *[1] * 4]],
            columns=["customer_id", "wave", "brand", "product_value", "personnel_value",
                     "image_value", "service_value", "money_cost", "time_cost", "mental_cost",
                     "physical_cost"],
        ),
    }  # fmt: skip
    who = pd.Series(
        [day("2024-11-15"), day("2023-01-01"), day("2024-11-15")],
        pd.Index(["a", "b", "c"], name="customer_id"),
    )
    found = lifecycle.characteristics(who, tables, as_of=day("2024-12-31"))
    assert found["continuity"].tolist() == pytest.approx([1, 1 / 12, 0])  # a: 2 of 2 months
    assert found["exclusivity"].tolist()[:2] == pytest.approx([0.5, 1])
    assert found["interaction"].tolist()[:2] == pytest.approx([2 / 3, 0])
    assert found["dependence"].tolist()[:2] == pytest.approx([2 / 3, 1 / 2])
    assert found["mutual_value"].tolist()[:2] == pytest.approx([1, 1 / 2])
    assert found.loc["c", list(lifecycle.CHARACTERISTICS[1:])].isna().all()


def test_the_difference_between_those_who_left_and_stayed_is_welchs():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(6)
    found = pd.DataFrame({"continuity": rng.random(400)})
    left = pd.Series(rng.random(400) < 0.3 * found["continuity"])
    row = lifecycle.compared_bonds(found, left).loc["continuity"]
    gone, stayed = (found["continuity"][left == x] for x in (True, False))
    theirs = ttest_ind(gone, stayed, equal_var=False).confidence_interval()
    assert row["difference"] == pytest.approx(gone.mean() - stayed.mean())
    assert [row["low"], row["high"]] == pytest.approx([theirs.low, theirs.high], abs=0.002)


def test_the_hazard_seen_by_hand():
    periods = pd.DataFrame(
        {"period": [0, 1, 2, 3, 4], "observed": [True, False, True, False, True]}
    )
    found = lifecycle.seen_hazard(periods, 3)
    assert found.index.tolist() == [0, 3]
    assert found["hazard"].tolist() == pytest.approx([2 / 3, 1 / 2])


def test_the_five_measures_by_hand():
    tables = {
        "contacts": pd.DataFrame({"contact_id": ["k1", "k2"], "role": ["decides", "pays"]}),
        "touchpoints": pd.DataFrame(
            {"contact_id": ["k1", "k2", "k1"], "customer_id": ["a", "b", "a"],
             "at": pd.to_datetime(["2024-05-01", "2024-05-02", "2023-01-01"]),
             "type": ["call", "return_visit", "event"]}
        ),
        "visits": pd.DataFrame({"customer_id": ["b"], "visited_on": [day("2024-06-30")]}),
        "wallet": pd.DataFrame(
            {"customer_id": ["a", "a"], "year": [2023, 2022], "our_share_of_its_supply": [0.4, 0.1]}
        ),
        "contracts": pd.DataFrame(
            {"customer_id": ["a", "b"], "started_on": day("2024-01-01"),
             "has_liability": [True, False], "has_disputes": True, "has_price": True}
        ),
    }  # fmt: skip
    who = pd.Index(["a", "b", "c"], name="customer_id")
    signs = accounts.account_signs(who, tables, as_of=day("2024-06-30"))
    assert signs.to_numpy().tolist() == [[1, 0.4, 1, 0, 0], [0, 0, 0, 1, 1], [0, 0, 0, 0, 0]]
    flags = accounts.lacking(signs)
    assert flags["measures_lacking"].tolist() == [2, 3, 5]
    told = accounts.tell_lacking(flags, "en")
    assert told["a"].startswith("Lacking: Key-account techniques: visited, Value-added service")
    table = accounts.checklist(flags, pd.Series([100.0, 10, 1], who))
    assert table.index[0] == "value_added_service" or table.index[0] == "key_account_techniques"
    assert table.loc["raise_influence", ["customers", "at_risk_revenue"]].tolist() == [2, 11]
    assert table.loc["key_account_techniques", "at_risk_revenue"] == 101


def test_signals_are_counted_as_they_are_described():
    orders = pd.DataFrame(
        {"customer_id": "a", "order_date": pd.to_datetime(["2024-01-02", "2024-02-01",
                                                          "2024-02-20", "2024-03-01"])}
    )  # fmt: skip
    tables = {
        "orders": orders,
        "survey": pd.DataFrame(
            {"customer_id": ["a", "b"], "surveyed_on": day("2024-02-01"),
             "satisfaction_overall": [9.0, None], "warmth": [5.0, None]}
        ),
        "complaints": pd.DataFrame({"customer_id": ["b"], "complained_on": [day("2024-02-28")]}),
        "touchpoints": pd.DataFrame(
            {"customer_id": ["a", "b"], "at": day("2024-02-10"), "minutes_to_respond": [15, 63]}
        ),
    }  # fmt: skip
    rows = pd.DataFrame({"customer_id": ["a", "b"], "day": day("2024-03-01"), "start": [0.0, 6.0]})
    found = lifecycle.with_signals(rows, tables)
    assert found["orders_doubled"].tolist() == [2, 0]  # three orders before the day: log2 of 4
    assert found["satisfaction_1"].tolist() == [2, 0]
    assert found["warmth_1"].tolist() == [-2, 0]
    assert found["answered_survey"].tolist() == [1, 0]
    assert found["complained_lately"].tolist() == [0, 1]
    assert found["answers_half_as_fast"].tolist() == pytest.approx([-1, 1])  # 16 and 64 about 32
    assert found["first_months"].tolist() == pytest.approx([1, np.exp(-1)])


def test_the_kind_of_customer_whose_end_is_on_file_is_contractual():
    file = pd.DataFrame(
        {"customer_id": list("abcd"), "kind": ["contract", "contract", "noncontract",
                                              "noncontract"],
         "churned_on": pd.to_datetime(["2024-01-01", None, None, None])}
    )  # fmt: skip
    gaps = pd.DataFrame({"customer_id": ["a", "b", "c"], "gap_days": [10, 20, 100]})
    summary = pd.DataFrame({"days_since_last": [30, 5, 100, 200]}, index=list("abcd"))
    found = lifecycle.ends_told(file, summary, gaps)
    assert found["setting"].tolist() == ["contractual", "noncontractual"]
    assert found["end_on_file"].tolist() == [0.5, 0]
    assert found["quiet_days"].tolist() == [20, 100]
    assert found["silent_share"].tolist() == [0.5, 0.5]


def test_the_landmark_model_finds_what_makes_customers_leave():
    """Exponential lives with hazard .05 e^(.8 x): .8 comes back, and chances are calibrated."""
    rng = np.random.default_rng(7)
    n, began = 1500, day("2022-01-01") + pd.to_timedelta(rng.integers(0, 365, 1500), unit="D")
    x = rng.normal(size=n)
    until = day("2024-12-31")
    end = began + pd.to_timedelta(np.ceil(rng.exponential(MONTH / (0.05 * np.exp(0.8 * x)))), "D")
    lives = pd.DataFrame(
        {"customer_id": np.arange(n), "began_on": began, "ended_on": np.minimum(end, until),
         "observed": end <= until, "x": x}
    )  # fmt: skip
    split = day("2024-06-30")
    looks = list(pd.date_range("2022-04-01", "2024-03-01", freq="QS"))
    train = lifecycle.landmark_rows(lives, looks, until=split, horizon=6)
    test = lifecycle.landmark_rows(lives, [day("2024-07-01")], until=until)
    model = lifecycle.cox(train, ["x"], cluster="customer_id")
    assert model.hazard_ratios["coef"]["x"] == pytest.approx(0.8, abs=0.12)
    chance = lifecycle.leaving_chance(test, model, 6)
    groups = lifecycle.risk_groups(test, chance, 6, 3)
    error = (groups["high"] - groups["low"]) / 4
    assert (abs(groups["came"] - groups["foretold"]) < 3 * error).all()
    good = lifecycle.accuracy(test, model, [1, 3, 5], known=train, draws=30)
    assert good.loc["concordance", "low"] > 0.5
    assert good.loc["brier_gain", "value"] > 0
    assert all(a < b for a, b in pairwise(groups["came"]))
