"""Does the model beat the naive rules, or can these customers not tell?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import clv
from crmlab.customers import split


@pytest.fixture(scope="module")
def forecast(cdnow):
    known = split(cdnow, holdout_weeks=39)
    return clv.forecasts(known, clv.fit(known), holdout_weeks=39, hiatus_weeks=26)


def test_differences_are_those_of_the_errors(forecast):
    table, each = clv.differences(forecast), clv.errors(forecast)
    for rule in ("same_as_before", "hiatus"):
        assert table.loc[rule, "mae"] == pytest.approx(
            each.loc[rule, "mae"] - each.loc["bg_nbd", "mae"]
        )
        bias = each["bias"].abs()
        assert table.loc[rule, "bias"] == pytest.approx(bias[rule] - bias["bg_nbd"])


def test_the_paired_interval_is_that_of_the_normal_for_the_mean(forecast):
    off = forecast.drop(columns="actual").sub(forecast["actual"], axis=0).abs()
    each = off["hiatus"] - off["bg_nbd"]
    table = clv.differences(forecast, draws=2_000).loc["hiatus"]
    half = 1.96 * each.std() / np.sqrt(len(each))
    assert (table["mae_high"] - table["mae_low"]) / 2 == pytest.approx(half, rel=0.06)


def test_the_rmse_lies_in_its_interval(forecast):
    table = clv.errors(forecast)
    assert table["rmse"].between(table["rmse_low"], table["rmse_high"]).all()


def world(**rules):
    actual = np.arange(400) % 4
    return pd.DataFrame({"actual": actual} | {n: actual + off for n, off in rules.items()})


def test_winners_and_ties_are_named():
    wave = np.resize([1.0, -1.0], 400)
    table = world(bg_nbd=0.5, same_as_before=1.0, hiatus=0.1)
    better, worse = clv.verdict(table)
    assert (better.level, better.code) == ("ready", "model_against_same_as_before")
    assert better.en.startswith(
        "The model against the rule 'same as before': error per customer, the model is better "
        "(the rule errs by 0.500 purchases more, 0.500 to 0.500); error of the total, the model is "
        "better (33.3 percentage points more, "
    )
    assert better.zh.startswith("模型与“与上期相同”规则相比：人均误差，模型更好（")
    assert worse.level == "caution"
    assert worse.en.count("the silence rule is better") == 2
    assert worse.zh.count("沉默规则更好") == 2
    (tie,) = clv.verdict(world(bg_nbd=wave, hiatus=wave[::-1]))
    assert tie.level == "caution"
    assert tie.en.count("no difference that these customers can show") == 2
    assert tie.zh.count("这些客户的数据看不出差别") == 2
