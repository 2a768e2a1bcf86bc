"""Does the churn page's arithmetic agree with itself: order, weights, units, lags, languages?"""

import re

import numpy as np
import pandas as pd
import pytest

from crmlab import accounts, equity, lifecycle, plots
from crmlab.lang import LANGS
from crmlab.lifecycle.changing import MONTH

UNTIL = pd.Timestamp("2024-12-31")


@pytest.fixture(scope="module")
def lives():
    rng = np.random.default_rng(3)
    n = 300
    began = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 500, n), unit="D")
    end = began + pd.to_timedelta(rng.integers(1, 600, n), unit="D")
    return pd.DataFrame(
        {"customer_id": [f"c{k:03d}" for k in range(n)], "began_on": began,
         "ended_on": np.minimum(end, UNTIL), "observed": end <= UNTIL}
    )  # fmt: skip


@pytest.fixture(scope="module")
def tables(lives):
    rng, n = np.random.default_rng(4), 3000

    def dated(day, **columns):
        when = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 730, n), unit="D")
        return pd.DataFrame(
            {"customer_id": rng.choice(lives["customer_id"], n), day: when} | columns
        )

    return {
        "orders": dated("order_date"),
        "survey": dated("surveyed_on", satisfaction_overall=rng.integers(1, 11, n)),
        "complaints": dated("complained_on").head(200),
        "touchpoints": dated("at", minutes_to_respond=rng.integers(1, 300, n)),
    }


def test_months_add_up_to_the_lives(lives):
    rows = lifecycle.monthly_rows(lives)
    assert rows["observed"].sum() == lives["observed"].sum()
    spans = (rows["stop"] - rows["start"]).groupby(level=0).sum()
    days = (lives["ended_on"] - lives["began_on"]).dt.days + 1
    assert (spans * MONTH).to_numpy() == pytest.approx(days.to_numpy())
    following = rows.groupby(level=0)["start"].shift(-1).dropna()
    last = rows.groupby(level=0)["period"].transform("max")
    assert following.to_numpy() == pytest.approx(rows["stop"][rows["period"] < last].to_numpy())
    lifecycle.no_overlap(rows, "start", "stop")


def test_cutting_lives_by_month_leaves_coxs_model_as_it_is(lives):
    rng = np.random.default_rng(5)
    told = lives.assign(a=rng.normal(size=len(lives)))
    whole = told.assign(stop=((told["ended_on"] - told["began_on"]).dt.days + 1) / MONTH)
    rows = lifecycle.monthly_rows(told)
    one, other = (lifecycle.cox(each, ["a"]).hazard_ratios for each in (whole, rows))
    assert one.to_numpy() == pytest.approx(other.to_numpy(), rel=1e-6)


def test_the_order_of_rows_moves_no_signal(lives, tables):
    rows = lifecycle.monthly_rows(lives)
    mixed = {name: table.sample(frac=1, random_state=1) for name, table in tables.items()}
    names = list(lifecycle.SIGNALS)
    one, other = (lifecycle.with_signals(rows, each)[names] for each in (tables, mixed))
    assert one.to_numpy() == pytest.approx(other.to_numpy(), abs=1e-9)
    shuffled = lifecycle.with_signals(rows.sample(frac=1, random_state=2), tables)
    back = shuffled.sort_values(["customer_id", "day"])[names].to_numpy()
    straight = lifecycle.with_signals(rows, tables).sort_values(["customer_id", "day"])
    assert back == pytest.approx(straight[names].to_numpy(), abs=1e-9)


def test_what_comes_on_or_after_the_day_changes_nothing(lives, tables):
    """The guard against looking ahead: later entries, whatever they say, are not seen."""
    looks = [pd.Timestamp("2024-03-01")]
    rows = lifecycle.landmark_rows(lives, looks, until=UNTIL)
    days = {"orders": "order_date", "survey": "surveyed_on", "complaints": "complained_on",
            "touchpoints": "at"}  # fmt: skip
    before = {name: table[table[days[name]] < looks[0]] for name, table in tables.items()}
    names = [each for each in lifecycle.SIGNALS if each != "answers_half_as_fast"]
    seen, known = (lifecycle.with_signals(rows, each)[names] for each in (tables, before))
    assert seen.to_numpy() == pytest.approx(known.to_numpy())
    speed = "answers_half_as_fast"  # about the mean of all, which only moves the zero
    pace = [lifecycle.with_signals(rows, each)[speed] for each in (tables, before)]
    heard = pace[0] != 0
    assert (pace[0] - pace[1])[heard].std() == pytest.approx(0, abs=1e-9)


def test_past_looks_know_nothing_after_their_day(lives, tables):
    day = pd.Timestamp("2024-06-30")
    later = lives["observed"] & (lives["ended_on"] > day)
    hidden = lives.assign(
        observed=lives["observed"] & ~later, ended_on=lives["ended_on"].where(~later, UNTIL)
    )
    one, other = (lifecycle.past_looks(each, tables, day, 6) for each in (lives, hidden))
    assert one["observed"].sum() > 0
    pd.testing.assert_frame_equal(one, other)


def test_groups_do_not_depend_on_the_order_of_customers():
    rng = np.random.default_rng(6)
    lives = pd.DataFrame({"duration": 6.0, "observed": rng.random(200) < 0.2})
    chance = pd.Series(rng.integers(1, 5, 200) / 10)  # many equal chances
    order = rng.permutation(200)
    one = lifecycle.risk_groups(lives, chance, 6)
    other = lifecycle.risk_groups(lives.iloc[order], chance.iloc[order], 6)
    pd.testing.assert_frame_equal(one, other)
    assert one["customers"].sum() == 200


def test_gains_scale_with_the_currency_and_rank_the_same():
    rng = np.random.default_rng(7)
    chance, value = pd.Series(rng.random(50)), pd.Series(rng.normal(500, 400, 50))
    one = lifecycle.net_gain(chance, value, cost=30, part=0.3)
    cents = lifecycle.net_gain(chance, 100 * value, cost=3000, part=0.3)
    assert one.index.equals(cents.index)
    assert (100 * one["net_gain"]).to_numpy() == pytest.approx(cents["net_gain"].to_numpy())
    assert one["cut_off"].to_numpy() == pytest.approx(cents["cut_off"].to_numpy(), nan_ok=True)
    assert not one.loc[one["cut_off"].isna(), "pays"].any()
    assert (one["pays"] == (chance.loc[one.index] > one["cut_off"])).all()


def test_a_longer_horizon_never_makes_a_return_less_likely():
    rng = np.random.default_rng(8)
    away = pd.DataFrame({"duration": rng.exponential(8, 200), "observed": rng.random(200) < 0.3})
    chances = [lifecycle.return_chance(away, h)["chance"] for h in (3, 6, 12, 24)]
    assert (np.diff(pd.concat(chances, axis=1).dropna().to_numpy(), axis=1) >= -1e-12).all()


def test_tables_known_by_a_day_hold_nothing_later():
    days = pd.to_datetime(["2024-01-01", "2024-06-30 15:00", "2024-07-01"], format="ISO8601")
    tables = {
        "complaints": pd.DataFrame({"complained_on": days, "closed_on": days[::-1]}),
        "touchpoints": pd.DataFrame({"at": days}),
        "visits": pd.DataFrame({"visited_on": days}),
        "survey": pd.DataFrame({"surveyed_on": days, "wave": [1, 2, 3]}),
        "value_ratings": pd.DataFrame({"wave": [1, 2, 3, 3]}),
    }
    known = equity.known_by(tables, pd.Timestamp("2024-06-30"))
    assert {name: len(table) for name, table in known.items()} == dict.fromkeys(tables, 2)
    assert known["complaints"]["closed_on"].notna().tolist() == [False, True]


def test_the_checklist_counts_each_account_once_per_measure():
    rng = np.random.default_rng(9)
    signs = pd.DataFrame(rng.random((40, 5)) < 0.5, columns=list(accounts.LEAST)).astype("float64")
    flags = accounts.lacking(signs)
    risk = pd.Series(rng.random(40))
    table = accounts.checklist(flags, risk)
    assert table["customers"].sum() == flags["measures_lacking"].sum()
    assert table["at_risk_revenue"].sum() == pytest.approx((flags["measures_lacking"] * risk).sum())
    told = [accounts.tell_lacking(flags, lang) for lang in LANGS]
    assert all((each != "").all() for each in told)


@pytest.mark.parametrize("lang", LANGS)
def test_sentences_have_no_hole_in_either_language(lang, lives):
    ratios = pd.DataFrame(
        {"hazard_ratio": [0.9], "low": [0.7], "high": [1.1]}, ["answers_half_as_fast"]
    )
    told = [lifecycle.tell_response(ratios.assign(high=high), lang) for high in (1.1, 0.95)]
    curve = lifecycle.kaplan_meier(lives.assign(duration=10.0, nature="retail"), "nature")
    test = lifecycle.LogRank(np.nan, 0, np.nan)
    told.append(lifecycle.tell_survival(lifecycle.survival_at(curve, [5]), test, 5, lang))
    ranked = lifecycle.net_gain(pd.Series([0.1]), pd.Series([100.0]), cost=50)
    expected = pd.Series({"value": 3.2, "low": 1.0, "high": 6.0})
    told += [
        lifecycle.tell_winback(ranked, "CNY", lang),
        lifecycle.churn_headline(10, expected, ranked, "bad_service", 6, "CNY", lang),
    ]
    assert len(set(told)) == 5
    assert not any("nan" in text or "{" in text for text in told)
    assert all(bool(re.search("[\u4e00-\u9fff]", text)) == (lang == "zh") for text in told)


@pytest.mark.parametrize("lang", LANGS)
def test_charts_say_what_they_draw(lang):
    plots.use(lang)
    ratios = pd.DataFrame(
        {
            "hazard_ratio": [0.8, 1.2],
            "low": [0.7, 0.9],
            "high": [0.9, 1.6],
            "p_value": [0.001, 0.2],
        },
        ["satisfaction_1", "complained_lately"],
    )
    assert "0.80" in plots.hazard_forest(ratios, lang=lang).get_title(loc="left")
    ranked = lifecycle.net_gain(pd.Series([0.5, 0.1]), pd.Series([100.0, 100]), cost=20)
    ax = plots.gain_curve(ranked, currency="CNY", xlabel="n", lang=lang)
    assert "30" in ax.get_title(loc="left")  # one pays, and brings 30
    assert [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1] == [1]
    groups = lifecycle.risk_groups(
        pd.DataFrame({"duration": 6.0, "observed": [True, False] * 20}), pd.Series([0.5] * 40), 6, 2
    )
    assert "50.0%" in plots.risk_calibration(groups, 6, lang=lang).get_title(loc="left")
