"""Do stages and survival keep what must not change, and recover a known truth?"""

import tracemalloc
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

from crmlab import customers, lifecycle, plots
from crmlab.lang import LANGS, glossary

RULES = lifecycle.StageRules(quiet_periods=6)
CHAIN = np.array([[0.6, 0.2, 0.1, 0.1], [0, 0.5, 0.4, 0.1], [0, 0.1, 0.7, 0.2], [0.1, 0, 0.1, 0.8]])


@pytest.fixture(scope="module")
def base(cdnow):
    return customers.summarise(cdnow, time_unit="D")


@pytest.fixture(scope="module")
def gaps(cdnow):
    return customers.gaps(cdnow)


@pytest.fixture(scope="module")
def panel(cdnow):
    return customers.panel(cdnow)


@pytest.fixture(scope="module")
def lives(base, gaps):
    by = {"by": base["first_order"].dt.month}
    return lifecycle.second_purchase(base, gaps).assign(**by)


def simulate(n, periods, rng, chain=CHAIN):
    """Return stages of customers who move by a Markov chain from nurturing on."""
    codes = np.zeros((n, periods), dtype="int8")
    steps = chain.cumsum(axis=1)
    for k in range(1, periods):
        codes[:, k] = (rng.random(n)[:, None] > steps[codes[:, k - 1]]).sum(axis=1).clip(max=3)
    return as_stages(codes)


def as_stages(codes):
    names = pd.Index(lifecycle.STAGES)
    return pd.DataFrame({k: pd.Categorical.from_codes(c, names) for k, c in enumerate(codes.T)})


def test_the_order_of_rows_changes_nothing(panel, lives, cdnow):
    shuffled = panel.sample(frac=1, random_state=1)
    told = [lifecycle.stages(p, RULES, until=cdnow.as_of) for p in (panel, shuffled)]
    pd.testing.assert_frame_equal(*told)
    curves = [lifecycle.kaplan_meier(each, "by") for each in (lives, lives.iloc[::-1])]
    pd.testing.assert_frame_equal(*curves)
    tests = [lifecycle.log_rank(each, "by").statistic for each in (lives, lives.iloc[::-1])]
    assert tests[0] == pytest.approx(tests[1], rel=1e-12)


def test_a_weight_is_as_many_rows(lives):
    some = lives.iloc[:300].assign(weight=1 + np.arange(300) % 3)
    rows = some.loc[some.index.repeat(some["weight"])].drop(columns="weight")
    pd.testing.assert_frame_equal(
        lifecycle.kaplan_meier(some, "by"), lifecycle.kaplan_meier(rows, "by"), check_dtype=False
    )
    weighted, repeated = lifecycle.log_rank(some, "by"), lifecycle.log_rank(rows, "by")
    assert weighted.statistic == pytest.approx(repeated.statistic, rel=1e-12)


def test_another_unit_of_time_changes_only_the_times(lives):
    weeks = lives.assign(duration=lives["duration"] / 7)
    days, other = (lifecycle.kaplan_meier(each) for each in (lives, weeks))
    assert other["time"].to_list() == pytest.approx((days["time"] / 7).to_list())
    pd.testing.assert_frame_equal(days.drop(columns="time"), other.drop(columns="time"))
    assert lifecycle.log_rank(weeks, "by") == lifecycle.log_rank(lives, "by")


def test_with_nobody_censored_survival_is_the_share_still_waiting():
    duration = np.random.default_rng(7).integers(1, 50, 400)
    curve = lifecycle.kaplan_meier(pd.DataFrame({"duration": duration, "observed": True}))
    share = [(duration > t).mean() for t in curve["time"]]
    assert curve["survival"].to_list() == pytest.approx(share)


def test_the_interval_covers_a_known_survival_as_often_as_it_says():
    rng = np.random.default_rng(11)
    life, watched = rng.exponential(10, (50, 120)), rng.uniform(5, 25, (50, 120))
    hits = 0
    for t, c in zip(life, watched, strict=True):
        lives = pd.DataFrame({"duration": np.minimum(t, c), "observed": t <= c})
        at = lifecycle.survival_at(lifecycle.kaplan_meier(lives), [8.0]).iloc[0]
        hits += at["low"] <= np.exp(-0.8) <= at["high"]
    assert 0.90 <= hits / 50 <= 0.99


def test_transitions_recover_the_chain_that_made_them():
    moves = lifecycle.transitions(simulate(3_000, 12, np.random.default_rng(3)))
    truth = CHAIN.ravel()
    assert moves["share"].to_list() == pytest.approx(truth, abs=0.02)
    inside = (moves["low"] - 1e-12 <= truth) & (truth <= moves["high"] + 1e-12)
    assert inside.sum() >= 14  # of 16 intervals at 95 %


def test_the_interval_of_a_move_holds_for_customers_who_differ():
    rng = np.random.default_rng(5)
    hits = naive = 0
    for _ in range(50):
        leave = rng.beta(1, 3, 80)[:, None]  # each has a rate of their own; 1 in 4 on average
        moved = rng.random((80, 24)) < leave
        after = np.where(np.repeat(moved, 2, axis=1), 3, 1)  # decline or growth, then back
        codes = np.where(np.arange(48) % 2, after, 0)
        row = lifecycle.transitions(as_stages(codes.astype("int8"))).loc[("nurturing", "decline")]
        hits += row["low"] <= 0.25 <= row["high"]
        plain = lifecycle.wilson(row[["moves"]], row["moves"] / row["share"]).iloc[0]
        naive += plain["low"] <= 0.25 <= plain["high"]
    assert 0.90 <= hits / 50 <= 0.99
    assert naive / 50 < 0.75  # what counting moves as independent would give


def test_row_shares_add_up_to_one(panel, cdnow):
    moves = lifecycle.transitions(lifecycle.stages(panel, RULES, until=cdnow.as_of))
    assert moves["share"].groupby("from_stage").sum().to_list() == pytest.approx([1] * 4)
    assert (moves["low"] <= moves["share"]).all()
    assert (moves["share"] <= moves["high"]).all()


def test_everyone_has_a_stage_from_the_first_purchase_on(panel, base, cdnow):
    found = lifecycle.stages(panel, RULES, until=cdnow.as_of)
    first = base["first_order"].dt.to_period("M").dt.to_timestamp()
    known = found.notna().idxmax(axis=1)
    assert (known == first.loc[known.index]).all()
    assert found.notna().sum(axis=1).gt(0).all()
    assert lifecycle.stage_counts(found).iloc[-1].sum() == 2_357


def test_spells_cover_all_customer_periods_once(panel, cdnow):
    found = lifecycle.stages(panel, RULES, until=cdnow.as_of)
    stays = lifecycle.spells(found)
    in_stage = stays.groupby("stage", observed=False)["duration"].sum()
    assert in_stage.to_dict() == lifecycle.stage_counts(found).sum().to_dict()
    assert (~stays["observed"]).sum() == len(found)


def test_no_stage_changes_when_later_purchases_become_known(panel, cdnow):
    then, now = (
        lifecycle.stages(p, RULES, until=until)
        for p, until in (
            (panel[panel["period"] <= "1997-12-01"], pd.Timestamp("1997-12-31")),
            (panel, cdnow.as_of),
        )
    )
    pd.testing.assert_frame_equal(then, now.loc[then.index, then.columns])


def test_an_unfinished_month_is_not_read_as_decline(cdnow):
    short = customers.panel(cdnow, as_of="1998-06-10")
    found = lifecycle.stages(short, RULES, until=pd.Timestamp("1998-06-10"))
    assert found.columns[-1] == pd.Timestamp("1998-05-01")
    told = lifecycle.last_period(short, until=pd.Timestamp("1998-06-10"), unit="M")
    assert told.level == "caution"


def test_weeks_and_days_make_stages_too(cdnow):
    rules = lifecycle.StageRules(quiet_periods=28, window=12)
    weekly = lifecycle.stages(customers.panel(cdnow, unit="W"), rules, until=cdnow.as_of, unit="W")
    assert weekly.columns[-1] == pd.Timestamp("1998-06-22")  # the week to 28 June
    assert weekly.shape[0] == 2_357


def test_relationships_are_those_dated_by_the_last_purchase_moved_by_the_threshold(base, gaps):
    lives = lifecycle.relationship(base, gaps, 100)
    shifted = lives.assign(duration=lives["duration"] - 100).query("duration >= 0")
    called, dated = (lifecycle.kaplan_meier(each) for each in (lives, shifted))
    later = called[called["time"] >= 100]["survival"].to_numpy()
    assert dated["survival"].to_numpy() == pytest.approx(later)


def test_a_longer_silence_calls_fewer_customers_lost(base, gaps):
    checked = lifecycle.sensitivity(base, gaps, holdout_days=182)
    assert checked["quiet_days"].is_monotonic_increasing
    assert checked["called_lost"].is_monotonic_decreasing
    assert checked["share"].is_monotonic_decreasing
    assert (checked["share"] < checked["others_share"]).all()


def test_todays_threshold_is_tested_as_that_of_then(base, gaps):
    then = lifecycle.sensitivity(base, gaps, [0.9], holdout_days=182).loc[0.9]
    found = lifecycle.lost_and_back(base, gaps, int(then["quiet_days"]), holdout_days=182)
    whole = ["called_lost", "came_back", "share", "low", "high"]
    assert found.loc["all_called_lost", whole].to_list() == then[whole].to_list()
    counts = found[["called_lost", "came_back"]]
    assert (counts.iloc[0] + counts.iloc[1] == counts.iloc[2]).all()
    # 100 of 1,318 who bought once and 121 of 489 others, as a reader counted
    assert counts.iloc[:2].to_numpy().tolist() == [[1318, 100], [489, 121]]


def test_declines_are_the_moves_into_decline(panel, cdnow):
    found = lifecycle.stages(panel, RULES, until=cdnow.as_of)
    quiet = lifecycle.silent(panel, RULES, until=cdnow.as_of)
    for part in (found, lifecycle.settled(found, RULES)):
        made = lifecycle.declines(part, quiet).sum(axis=1)
        moves = lifecycle.transitions(part)["moves"].xs("decline", level="to_stage")
        assert made.to_dict() == moves.drop("decline").to_dict()
    last = panel.groupby("customer_id")["period"].max()
    assert quiet.iloc[:, -1].sum() == (last < "1998-01-01").sum()


def test_the_threshold_before_a_holdout_knows_nothing_of_it(cdnow, base, gaps):
    then = customers.gaps(cdnow, as_of="1997-12-31")
    checked = lifecycle.sensitivity(base, gaps, [0.8], holdout_days=181)
    assert checked.loc[0.8, "quiet_days"] == lifecycle.silence_days(then, 0.8)


def test_equal_values_share_a_third():
    values = pd.Series(np.random.default_rng(2).integers(0, 9, 500))
    found = lifecycle.thirds(values)
    assert len(set(zip(values, found, strict=True))) == values.nunique()
    assert list(found.sort_index()) == list(lifecycle.thirds(values[::-1]).sort_index())


def test_stages_of_the_whole_cohort_are_quick_and_small(cdnow_master):
    panel = customers.panel(cdnow_master)
    started = perf_counter()
    lifecycle.transitions(lifecycle.stages(panel, RULES, until=cdnow_master.as_of))
    assert perf_counter() - started < 1
    tracemalloc.start()
    found = lifecycle.stages(panel, RULES, until=cdnow_master.as_of)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.memory_usage(index=False).sum() < 1.3 * found.size
    assert peak < 60 * found.size


@pytest.mark.parametrize("lang", LANGS)
def test_charts_say_their_finding_and_have_all_glyphs(cdnow, gaps, panel, lives, lang, monkeypatch):
    found = lifecycle.stages(panel, RULES, until=cdnow.as_of)
    curve = lifecycle.kaplan_meier(lives)
    risk = lifecycle.survival_at(curve, [0, 200, 545])
    many = lifecycle.kaplan_meier(lives.assign(by="100"), "by")
    triangle = customers.cohorts(cdnow)
    plots.use(lang)
    monkeypatch.setitem(plots.base.plt.rcParams, "figure.constrained_layout.use", False)  # slow
    drawn = [
        plots.gap_curve(gaps["gap_days"], 196, lang=lang),
        plots.stage_area(lifecycle.stage_counts(found), lang=lang),
        plots.transition_heatmap(lifecycle.transitions(found), lang=lang),
        plots.return_curves(curve, risk, by_day=365, lang=lang),
        plots.lasting_curves(many, lifecycle.survival_at(many, [0, 545]), by_day=365, lang=lang),
        plots.cohort_triangle(triangle, lang=lang),
        plots.activity_curve(lifecycle.activity(triangle), lang=lang),
    ]
    for ax in drawn:
        ax.figure.canvas.draw()  # a missing glyph warns, and a warning is an error
        assert ax.get_title(loc="left")
        plots.base.plt.close(ax.figure)
    assert "45.6%" in drawn[3].get_title(loc="left")


@pytest.mark.parametrize(
    ("unit", "lang", "told"),
    [
        ("W", "en", ["Each week ", "Stage one week later", "In the next week ", "week 1 "]),
        ("M", "zh", ["每月有", "次月所处阶段", "各同期群在次月", "第 1 个月"]),
    ],
)
def test_charts_speak_of_the_unit_that_they_are_in(cdnow, panel, unit, lang, told):
    moves = lifecycle.transitions(lifecycle.stages(panel, RULES, until=cdnow.as_of))
    triangle = customers.cohorts(cdnow)
    heat = plots.transition_heatmap(moves, unit=unit, lang=lang)
    cohort = plots.cohort_triangle(triangle, unit=unit, lang=lang)
    active = plots.activity_curve(lifecycle.activity(triangle), unit=unit, lang=lang)
    words = [
        heat.get_title(loc="left"), heat.get_xlabel(),
        cohort.get_title(loc="left"), active.get_title(loc="left"),
    ]  # fmt: skip
    assert [part in text for part, text in zip(told, words, strict=True)] == [True] * 4
    first = cohort.get_yticklabels()[0].get_text()
    assert first == ("1997-01 (n=781)" if unit == "M" else "1997-01-01 (n=781)")
    for ax in (heat, cohort, active):
        plots.base.plt.close(ax.figure)


def test_the_scale_of_the_triangle_shows_true_percentages(cdnow):
    ax = plots.cohort_triangle(customers.cohorts(cdnow))
    scale = ax.figure.axes[1].yaxis
    scale.set_ticks([0.0, 0.025, 0.05])
    assert scale.get_major_formatter().format_ticks([0.0, 0.025, 0.05]) == ["0%", "2.5%", "5%"]
    plots.base.plt.close(ax.figure)


def test_the_title_of_groups_names_the_extremes(lives):
    curve = lifecycle.kaplan_meier(lives, "by")
    ax = plots.return_curves(curve, lifecycle.survival_at(curve, [0]), by_day=365)
    back = 1 - lifecycle.survival_at(curve, [365])["survival"].sort_values().droplevel("time")
    least, most = back.index[-1], back.index[0]
    assert ax.get_title(loc="left") == (
        f"Back by day 365: from {back[least]:.1%} ({least}) to {back[most]:.1%} ({most})"
    )
    plots.base.plt.close(ax.figure)


def test_the_risk_table_under_the_axis_is_that_of_the_data(lives):
    curve = lifecycle.kaplan_meier(lives, "by")
    risk = lifecycle.survival_at(curve, [0, 365])
    ax = plots.return_curves(curve, risk, by_day=365)
    written = {text.get_text() for text in ax.texts}
    assert {str(n) for n in risk["n_at_risk"]} <= written
    assert ax.get_xlim()[1] == lives["duration"].max()
    plots.base.plt.close(ax.figure)


def test_every_code_has_a_word(base, gaps, panel, cdnow):
    daily = customers.panel(cdnow, unit="D")
    then = lifecycle.near_and_back(base, gaps, daily, 196, within_days=30, holdout_days=182)
    acts = lifecycle.actions(base, daily, then, 196, within_days=30)
    codes = {*lifecycle.STAGES, *acts, *acts["whom"], *acts["action"], *lifecycle.THIRDS}
    for table in (
        lifecycle.kaplan_meier(lifecycle.second_purchase(base, gaps)),
        lifecycle.sensitivity(base, gaps, holdout_days=182).reset_index(),
        lifecycle.transitions(lifecycle.stages(panel, RULES, until=cdnow.as_of)).reset_index(),
        lifecycle.describe(RULES, unit="M", lang="en").reset_index(),
        lifecycle.lost_and_back(base, gaps, 196, holdout_days=182).reset_index(),
        lifecycle.clocks(base, gaps, 196).filter(regex=r"^(?!.*(low|high))").reset_index(),
        then.drop(columns=["spend_low", "spend_high"]),
    ):
        codes |= set(table.columns)
    codes |= {*then.index, *lifecycle.lost_and_back(base, gaps, 196, holdout_days=182).index}
    assert codes - glossary().keys() == set()
