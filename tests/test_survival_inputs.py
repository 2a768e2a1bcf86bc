"""Is bad input to the survival models refused, all at once, by column, in both languages?"""

import re

import numpy as np
import pandas as pd
import pytest

from crmlab import lifecycle
from crmlab.errors import DataError, NotEnough


def lives(n=60, **columns):
    stop = np.arange(1, n + 1)
    base = {"stop": stop, "observed": stop % 2 == 0, "a": stop % 7, "b": stop % 5}
    return pd.DataFrame(base | columns)


def told(error, en, zh):
    assert (error.value.en, error.value.zh) == (en, zh)


@pytest.mark.parametrize(
    ("columns", "en", "zh"),
    [
        pytest.param(
            {"a": 3},
            'Column "a" has the same value in every row: it explains nothing.',
            "列“a”在所有行中取值相同：不能解释任何差异。",
            id="constant",
        ),
        pytest.param(
            {"a": np.where(np.arange(60) < 6, np.nan, np.arange(60))},
            'Column "a" is missing in 6 of 60 rows: leave these rows out or fill them in.',
            "列“a”在 60 行中缺失 6 行：请剔除或补全这些行。",
            id="missing",
        ),
        pytest.param(
            {"a": "gold"},
            'Column "a" holds no numbers: make a column of 0 and 1 for each of its values but one.',
            "列“a”不是数值：请把每个取值（其中一个除外）变为一列 0 和 1。",
            id="text",
        ),
        pytest.param(
            {"a": np.arange(1, 61) % 2},
            'Column "a" separates: there is no event at one of its values, so its effect has '
            "no bound.",
            "列“a”造成完全分离：在它的某个取值上没有任何事件，其效应没有界限。",
            id="separating",
        ),
        pytest.param(
            {"b": np.arange(1, 61) % 7 * 2 + 5},
            'Column "b" is an exact combination of "a": leave one out.',
            '列“b”可由 "a" 精确算出：请去掉其中一列。',
            id="collinear",
        ),
        pytest.param(
            {"observed": np.arange(60) < 2},
            "2 events for 2 covariates; 20 are wanted (10 for each).",
            "2 个协变量共有 2 个事件；应有 20 个（每个协变量 10 个）。",
            id="few-events",
        ),
        pytest.param(
            {"start": np.arange(60) + 1},
            'Column "stop" must come after the start, and never be missing.',
            "列“stop”必须晚于起点，且不得缺失。",
            id="no-time-at-risk",
        ),
        pytest.param(
            {"start": -1},
            'Column "start" must be zero or more, and never missing.',
            "列“start”必须大于或等于零，且不得缺失。",
            id="before-zero",
        ),
        pytest.param(
            {"weight": 1.5},
            'Column "weight" must hold whole numbers from 1.',
            "列“weight”必须是不小于 1 的整数。",
            id="part-of-a-row",
        ),
        pytest.param(
            {"observed": [None, *[True] * 59]},
            'Column "observed" has missing cells.',
            "列“observed”有缺失值。",
            id="unknown-event",
        ),
    ],
)
def test_cox_names_the_column_at_fault(columns, en, zh):
    with pytest.raises(DataError) as error:
        lifecycle.cox(lives(**columns), ["a", "b"])
    told(error, en, zh)


def test_all_faults_are_told_at_once():
    rows = lives(a=1, b=np.nan).assign(region=[None, *["east"] * 59])
    with pytest.raises(DataError) as error:
        lifecycle.cox(rows, ["a", "b", "c"], strata="region", cluster="who")
    told(
        error,
        'Column "b" is missing in 60 of 60 rows: leave these rows out or fill them in. '
        'Column "c" is not there. Column "a" has the same value in every row: it explains '
        'nothing. Column "who" is not there. Column "region" has missing cells.',
        "列“b”在 60 行中缺失 60 行：请剔除或补全这些行。缺少列“c”。"
        "列“a”在所有行中取值相同：不能解释任何差异。缺少列“who”。列“region”有缺失值。",
    )


def test_columns_of_the_rows_that_are_lacking_are_named():
    with pytest.raises(DataError) as error:
        lifecycle.cox(pd.DataFrame({"a": [1, 2]}), ["a"])
    told(
        error,
        'Column "duration" is not there. Column "observed" is not there.',
        "缺少列“duration”。缺少列“observed”。",
    )


def test_few_events_are_a_caution_and_enough_are_ready():
    few = lives(observed=np.arange(60) < 12)
    found = lifecycle.covariates_ready(few, ["a", "b"])
    assert [(each.level, each.code) for each in found] == [("caution", "events")]
    enough = lifecycle.covariates_ready(lives(), ["a", "b"])
    assert [(each.level, each.code) for each in enough] == [("ready", "events")]


def test_an_effect_without_bound_is_refused_by_name():
    # at each event time, the one who leaves has the most of it among those still there
    rows = lives(a=np.arange(60, 0, -1), b=np.arange(60) % 5, observed=True)
    with pytest.raises(NotEnough) as error:
        lifecycle.cox(rows, ["a", "b"])
    told(
        error,
        'The events set no bound to the effect of "a": leave out what nearly repeats another '
        "column, and join rare values with others.",
        '事件数据不能限定 "a" 的效应：请去掉与其他列几乎重复的列，并把少见取值与其他取值合并。',
    )


@pytest.mark.parametrize(
    ("columns", "en"),
    [
        (
            {"duration": [0, 1]},
            'Column "duration" must come after the start, and never be missing.',
        ),
        ({"start": [-1, 0]}, 'Column "start" must be zero or more, and never missing.'),
        ({"weight": [0, 1]}, 'Column "weight" must be positive.'),
        ({"cause": [None, None]}, 'Column "cause" names no event.'),
    ],
)
def test_lives_of_competing_risks_are_checked(columns, en):
    with pytest.raises(DataError) as error:
        lifecycle.cumulative_incidence(
            pd.DataFrame({"duration": [1, 2], "cause": ["a", None]} | columns)
        )
    assert error.value.en == en
    assert error.value.zh


def test_periods_must_be_whole():
    with pytest.raises(DataError) as error:
        lifecycle.person_periods(pd.DataFrame({"duration": [1.5], "observed": [True]}))
    told(
        error,
        "Durations and starts must be whole numbers of periods.",
        "时长与起点必须是整数个期间。",
    )


def test_a_column_that_tells_the_events_is_refused():
    periods = pd.DataFrame(
        {"period": [1, 1, 1, 1, 1], "observed": [True, True, True, False, False], "a": range(5)}
    )
    with pytest.raises(DataError) as error:
        lifecycle.discrete_hazard(periods, ["a"])
    told(
        error,
        'Column "a" separates: its values alone tell who has the event, so its effect has no '
        "bound.",
        "列“a”造成完全分离：仅凭其取值即可判定是否发生事件，其效应没有界限。",
    )


def test_columns_that_together_tell_the_events_are_refused():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 200))
    periods = pd.DataFrame({"period": 1, "observed": a + b > 0, "a": a, "b": b})
    with pytest.raises(NotEnough) as error:
        lifecycle.discrete_hazard(periods, ["a", "b"])
    told(
        error,
        "The covariates together tell exactly who has the event: leave one out.",
        "这些协变量合起来可以精确判定谁发生事件：请去掉其中一个。",
    )


def test_a_column_that_nearly_repeats_another_is_refused_with_it():
    rows = lives(b=lives()["a"] + 1e-4 * (lives()["stop"] % 3))
    with pytest.raises(NotEnough, match=r'^The events set no bound to the effect of "a", "b"'):
        lifecycle.cox(rows, ["a", "b"])


def test_cox_needs_a_covariate():
    with pytest.raises(ValueError, match=r"^covariates must name at least one column$"):
        lifecycle.cox(lives(), [])


def test_a_hazard_needs_periods_that_differ():
    periods = pd.DataFrame({"period": [1, 1, 2], "observed": False, "a": [1, 2, 3]})
    with pytest.raises(NotEnough) as error:
        lifecycle.discrete_hazard(periods, ["a"])
    told(
        error,
        "In no period did some have the event and others not: there is nothing to fit.",
        "没有任何期间同时有发生与未发生事件的客户：无法拟合。",
    )
    with pytest.raises(DataError) as lacking:
        lifecycle.discrete_hazard(periods[["a"]], ["a"])
    told(
        lacking,
        'Column "period" is not there. Column "observed" is not there.',
        "缺少列“period”。缺少列“observed”。",
    )


def test_scores_of_other_rows_are_refused():
    with pytest.raises(ValueError, match=r"^risk must have the index of lives$"):
        lifecycle.concordance(lives(), lives()["a"][::-1])


def test_concordance_needs_pairs():
    with pytest.raises(NotEnough) as error:
        lifecycle.concordance(lives(observed=False), lives()["a"])
    told(
        error,
        "No two customers can be compared: nobody was still there when another left.",
        "没有可比较的客户对：任何客户流失时都没有其他客户仍在。",
    )


@pytest.mark.parametrize(
    ("times", "columns", "message"),
    [
        ([5], {}, "times must be two or more, rising"),
        ([5, 5], {}, "times must be two or more, rising"),
        ([5, 9], {"start": 0.5}, "lives must be seen from zero on: no start above zero"),
    ],
)
def test_brier_refuses_what_it_cannot_score(times, columns, message):
    model = lifecycle.cox(lives(), ["a", "b"])
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        lifecycle.brier(lives(**columns), model, times, known=lives())


def test_brier_scores_no_time_of_which_nothing_is_known():
    model = lifecycle.cox(lives(), ["a", "b"])
    with pytest.raises(
        NotEnough,
        match=r"^Nothing is known of the last of these times: ask for times before the last",
    ):
        lifecycle.brier(lives(), model, [5, 500], known=lives())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: lifecycle.proportional(lives(), None, "square"),
            "transform must be one of ('km', 'identity', 'log', 'rank'), got 'square'",
        ),
        (
            lambda: lifecycle.discrete_hazard(lives(), link="probit"),
            "link must be one of ('logit', 'cloglog'), got 'probit'",
        ),
    ],
)
def test_options_name_what_they_allow(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()
