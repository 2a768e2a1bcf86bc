"""Do the intervals of the page hold what they say, and is the future left out of sight?"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmlab import equity

RNG = np.random.default_rng(7)


def mean_of(values):
    return lambda kept: pd.Series({"mean": values[kept].mean()})


def test_leaving_out_one_at_a_time_gives_the_t_interval_of_a_mean():
    values = pd.Series(RNG.lognormal(size=40))
    told = equity.jackknife(mean_of(values), equity.left_out(values.index, groups=40)).loc["mean"]
    known = stats.t.interval(0.95, 39, loc=values.mean(), scale=stats.sem(values))
    assert told.tolist() == pytest.approx([values.mean(), *known])


def test_the_interval_of_a_ratio_holds_the_truth_as_often_as_it_says():
    held = 0
    for run in range(200):
        rng = np.random.default_rng(run)
        size = rng.gamma(2, 1, 300)
        table = pd.DataFrame({"whole": size, "part": 0.4 * size + rng.normal(0, 0.3, 300)})

        def ratio(kept, table=table):
            sums = table.loc[kept].sum()
            return pd.Series({"ratio": sums["part"] / sums["whole"]})

        ends = equity.jackknife(ratio, equity.left_out(table.index, seed=run)).loc["ratio"]
        held += ends["low"] <= 0.4 <= ends["high"]
    assert stats.binomtest(held, 200, 0.95).pvalue > 0.01


def test_another_unit_scales_the_interval_and_the_seed_brings_it_back():
    values = pd.Series(RNG.normal(5, 1, 90))
    one, cents = (
        equity.jackknife(mean_of(x), equity.left_out(x.index)) for x in (values, 100 * values)
    )
    pd.testing.assert_frame_equal(100 * one, cents)
    again = equity.jackknife(mean_of(values), equity.left_out(values.index))
    pd.testing.assert_frame_equal(one, again)


def test_what_is_missing_without_a_group_has_no_limits():
    def only_all(kept):
        return pd.Series({"n": 1.0} if len(kept) == 50 else {"other": 1.0})

    told = equity.jackknife(only_all, equity.left_out(pd.RangeIndex(50), groups=5)).loc["n"]
    assert told["value"] == 1
    assert told[["low", "high"]].isna().all()


def test_what_happened_after_the_day_is_not_seen():
    day = pd.Timestamp
    tables = {
        "customers": pd.DataFrame({
            "customer_id": ["A", "B", "C"],
            "acquired_on": [day("2023-01-01"), day("2024-06-15"), day("2024-06-16")],
            "churned_on": [day("2024-06-15"), day("2024-06-16"), pd.NaT],
        }),
        "contracts": pd.DataFrame({
            "started_on": [day("2023-01-01"), day("2024-07-01")],
            "ended_on": [day("2024-09-01"), pd.NaT],
        }),
        "costs": pd.DataFrame({"month": [day("2024-05-01"), day("2024-06-01")]}),
        "leads": pd.DataFrame({
            "customer_id": ["B", "C", None],
            "created_on": [day("2024-01-01"), day("2024-01-01"), day("2024-07-01")],
        }),
        "wallet": pd.DataFrame({"year": [2023, 2024]}),
        "products": pd.DataFrame({"product_id": ["P"]}),
    }  # fmt: skip
    known = equity.known_by(tables, day("2024-06-15"))
    assert known["customers"]["customer_id"].tolist() == ["A", "B"]
    assert known["customers"]["churned_on"].isna().tolist() == [False, True]
    assert known["contracts"]["ended_on"].isna().tolist() == [True]
    assert known["costs"]["month"].tolist() == [day("2024-05-01")]
    assert known["leads"]["customer_id"].isna().tolist() == [False, True]
    assert known["wallet"]["year"].tolist() == [2023]
    assert known["products"] is tables["products"]
    assert tables["contracts"]["ended_on"].notna().tolist() == [True, False]  # as it was
