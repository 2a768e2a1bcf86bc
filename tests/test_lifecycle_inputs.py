"""Is bad or scarce input refused, in words that help?"""

import re

import numpy as np
import pandas as pd
import pytest

from crmlab import lifecycle, plots
from crmlab.errors import DataError, NotEnough

JANUARY = pd.Timestamp("2024-01-01")


def lives(**columns):
    return pd.DataFrame({"duration": [1.0, 2.0, 3.0], "observed": [True, True, False]} | columns)


def shop(n=20, gap=10, repeats=2):
    """Return a summary and gaps of `n` customers who all bought at the same distance."""
    ids = pd.Index([f"{k:03d}" for k in range(n)], name="customer_id")
    last = JANUARY + pd.Timedelta(days=gap * repeats)
    base = pd.DataFrame({"first_order": JANUARY, "last_order": last, "days_since_last": gap}, ids)
    rows = [
        (c, k, JANUARY + pd.Timedelta(days=gap * k), gap)
        for c in ids
        for k in range(1, repeats + 1)
    ]
    return base, pd.DataFrame(rows, columns=["customer_id", "nth", "day", "gap_days"])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"quiet_periods": 0}, "quiet_periods must be at least 1, got 0"),
        ({"quiet_periods": 3, "window": 0}, "window must be at least 1, got 0"),
        ({"quiet_periods": 3, "min_purchases": 0}, "min_purchases must be at least 1, got 0"),
        (
            {"quiet_periods": 3, "fall": 1.2},
            "fall must be at least 0 and below 1, and rise above 1, got fall 1.2 and rise 1.5",
        ),
        (
            {"quiet_periods": 3, "rise": 1.0},
            "fall must be at least 0 and below 1, and rise above 1, got fall 0.5 and rise 1.0",
        ),
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        lifecycle.StageRules(**wrong)


def test_periods_of_another_unit_are_refused():
    panel = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "period": pd.to_datetime(["2024-01-01", "2024-01-15"]),
            "purchases": [1, 1],
        }
    )
    with pytest.raises(ValueError, match=r"^2024-01-15 is no first day of a period of unit 'M'$"):
        lifecycle.stages(panel, lifecycle.StageRules(3), until=pd.Timestamp("2024-03-31"))
    with pytest.raises(ValueError, match=r"^unit must be one of D, W, M; got 'Q'$"):
        lifecycle.stages(panel, lifecycle.StageRules(3), until=JANUARY, unit="Q")


def test_a_month_that_is_not_over_has_no_stages():
    panel = pd.DataFrame({"customer_id": ["a"], "period": [JANUARY], "purchases": [1]})
    with pytest.raises(NotEnough, match=r"^No calendar period of unit M is complete by 2024-01-30"):
        lifecycle.stages(panel, lifecycle.StageRules(3), until=pd.Timestamp("2024-01-30"))
    told = lifecycle.last_period(panel, until=pd.Timestamp("2024-01-30"), unit="M")
    assert told.level == "not_enough"
    assert told.en == "0 complete periods by 2024-01-30; a move takes 2."


def test_one_period_has_stages_but_no_moves():
    panel = pd.DataFrame({"customer_id": ["a"], "period": [JANUARY], "purchases": [1]})
    found = lifecycle.stages(panel, lifecycle.StageRules(3), until=pd.Timestamp("2024-01-31"))
    moves = lifecycle.transitions(found)
    assert moves["moves"].sum() == 0
    assert moves[["share", "low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lives().iloc[:0], "there are no lives"),
        (lives(duration=[1, np.nan, 2]), "durations must be zero or more, and none may be missing"),
        (lives(duration=[1, -1, 2]), "durations must be zero or more, and none may be missing"),
        (lives(weight=[1, 0, 1]), "weights must be positive"),
    ],
)
def test_lives_that_make_no_sense_are_refused(wrong, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        lifecycle.kaplan_meier(wrong)


def test_lives_need_their_columns():
    with pytest.raises(KeyError, match="observed"):
        lifecycle.kaplan_meier(pd.DataFrame({"duration": [1]}))


def test_survival_without_events_stays_at_one_and_after_all_is_zero():
    nobody = lifecycle.kaplan_meier(lives(observed=False))
    assert (nobody["survival"] == 1).all()
    everybody = lifecycle.kaplan_meier(lives(observed=True))
    assert everybody["survival"].iloc[-1] == 0
    assert everybody[["low", "high"]].iloc[-1].isna().all()


@pytest.mark.parametrize("observed", [False, True])
def test_a_test_that_cannot_tell_says_nothing(observed):
    one_group = lives(observed=observed, by="a")
    assert np.isnan(lifecycle.log_rank(one_group, "by").p_value)
    no_event = lives(observed=False, by=["a", "b", "b"])
    assert np.isnan(lifecycle.log_rank(no_event, "by").statistic)


def test_a_share_must_lie_between_nothing_and_all():
    curve = lifecycle.kaplan_meier(lives())
    with pytest.raises(ValueError, match=r"^share must be between 0 and 1, got 1$"):
        lifecycle.quantile(curve, 1)
    with pytest.raises(ValueError, match=r"^quantile must be between 0 and 1, got 90$"):
        lifecycle.silence_days(shop()[1], 90)
    with pytest.raises(ValueError, match=r"^quiet_days must be at least 1, got 0$"):
        lifecycle.relationship(*shop(), 0)


def test_thirds_of_missing_values_are_refused():
    with pytest.raises(ValueError, match=r"^thirds need values, and none may be missing$"):
        lifecycle.thirds(pd.Series([1.0, np.nan]))


def test_nobody_who_came_back_is_not_enough():
    base, gaps = shop(repeats=0)
    with pytest.raises(NotEnough, match=r"^Nobody bought twice: there is no rhythm"):
        lifecycle.silence_days(gaps)
    assert [f.level for f in lifecycle.ready(base, gaps)] == ["not_enough", "not_enough"]


def test_a_holdout_longer_than_the_data_is_refused_in_both_languages():
    base, gaps = shop()
    with pytest.raises(DataError) as told:
        lifecycle.sensitivity(base, gaps, holdout_days=31)
    assert told.value.en == (
        "A holdout of 31 days leaves nothing before it: "
        "purchases run from 2024-01-01 to 2024-01-31."
    )
    assert told.value.zh == "留出 31 天后，之前没有数据：购买记录为 2024-01-01 至 2024-01-31。"


@pytest.mark.parametrize(
    ("n", "holdout_days", "levels"),
    [
        pytest.param(29, 0, ["not_enough", "caution", "caution", "ready"], id="few-customers"),
        pytest.param(60, 5, ["caution", "ready", "ready", "ready"], id="some"),
        pytest.param(60, 21, ["caution", "ready", "not_enough", "not_enough"], id="long-check"),
        pytest.param(400, 0, ["ready"] * 4, id="enough"),
    ],
)
def test_readiness_depends_on_customers_returns_gaps_and_days(n, holdout_days, levels):
    base, gaps = shop(n)
    found = lifecycle.ready(base, gaps, holdout_days=holdout_days)
    assert [f.level for f in found] == levels


def test_readiness_tells_what_would_be_enough():
    few, some, many = (lifecycle.ready(*shop(n))[0] for n in (20, 60, 400))
    assert few.en == (
        "20 customers: percentages are good to about ±22 points "
        "(30 are needed, 385 customers would give ±5)."
    )
    assert some.en == (
        "60 customers: percentages are good to about ±13 points (385 customers would give ±5)."
    )
    assert many.zh == "400 位客户：比例的误差约 ±4.9 个百分点（385 位时约 ±5 个）。"


def test_readiness_tells_how_many_gaps_hold_the_threshold():
    told = lifecycle.ready(*shop(60))[2]
    assert told.en == (
        "120 gaps between purchases had ended before the check, the longest 12 of them "
        "at or beyond the threshold (at least 10 are needed)."
    )


def test_nobody_near_the_threshold_leaves_the_money_unknown():
    base, gaps = shop()
    daily = pd.DataFrame({"customer_id": base.index, "period": JANUARY, "spend": 5.0})
    near = {"within_days": 5}
    then = lifecycle.near_and_back(base, gaps, daily, 90, holdout_days=10, **near)
    assert then["customers"].to_list() == [0, 0, 0]
    assert then[["share", "spend_after", "spend_low"]].isna().all(axis=None)
    acts = lifecycle.actions(
        base.assign(frequency=2, spend=9.0), daily, then, 90, **near
    ).set_index("whom")
    assert acts.loc[["quiet_soon", "quiet_just"], "value_at_stake"].isna().all()
    assert acts.loc["next_intake", "value_at_stake"] == pytest.approx(4.0 * 20 / 100)


def test_a_single_customer_near_the_threshold_gives_no_interval():
    base, gaps = shop(n=1)
    daily = pd.DataFrame({"customer_id": base.index, "period": [JANUARY], "spend": [5.0]})
    then = lifecycle.near_and_back(base, gaps, daily, 3, within_days=5, holdout_days=10)
    assert then.loc["near_threshold", ["customers", "spend_after"]].to_list() == [1, 0.0]
    assert then.loc["near_threshold", ["spend_low", "spend_high"]].isna().all()


def test_moves_that_nobody_made_have_no_share_in_the_title():
    panel = pd.DataFrame({"customer_id": ["a"], "period": [JANUARY], "purchases": [1]})
    found = lifecycle.stages(panel, lifecycle.StageRules(3), until=pd.Timestamp("2024-02-29"))
    for lang, told in (
        ("en", "No mature customers to watch yet"),
        ("zh", "尚无成熟期客户可供观察"),
    ):
        plots.use(lang)
        ax = plots.transition_heatmap(lifecycle.transitions(found), lang=lang)
        assert ax.get_title(loc="left") == told
        plots.base.plt.close(ax.figure)


def test_thirds_that_ties_leave_empty_have_no_name():
    spent = pd.Series([5.0, 5.0, 5.0, 9.0])
    named = lifecycle.ranges(spent, lifecycle.thirds(spent), "CNY", "zh")
    assert list(named.cat.categories) == ["¥5.00 及以下", "¥9.00 及以上"]
