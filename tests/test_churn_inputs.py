"""Is what is wrong with contracts, landmarks and costs refused, and told exactly?"""

import re

import numpy as np
import pandas as pd
import pytest

from crmlab import accounts, lifecycle
from crmlab.errors import DataError, NotEnough

ENTRIES = pd.DataFrame({"customer_id": ["a"], "day": [pd.Timestamp("2024-01-01")]})


def contracts(*rows):
    table = pd.DataFrame(rows, columns=["customer_id", "started_on", "ended_on"])
    return table.assign(
        **{c: pd.to_datetime(table[c]) for c in ("started_on", "ended_on")}
    ).set_index(pd.RangeIndex(2, 2 + len(rows)))


def test_overlapping_contracts_are_refused_with_the_place():
    both = contracts(
        ("a", "2024-01-01", "2024-06-30"), ("b", "2024-01-01", None), ("a", "2024-05-01", None)
    )
    with pytest.raises(DataError) as error:
        lifecycle.contract_lives(both, pd.Timestamp("2024-12-31"))
    assert error.value.en == (
        "Rows 2 and 4 are of the same customer and overlap: 2024-01-01 to 2024-06-30, and "
        "2024-05-01 to 2024-12-31."
    )
    assert error.value.zh == (
        "第 2 行与第 4 行属于同一客户且时间重叠：2024-01-01 至 2024-06-30，"
        "2024-05-01 至 2024-12-31。"
    )


def test_the_first_of_several_overlaps_is_told_and_their_number():
    rows = pd.DataFrame(
        {"customer_id": ["a", "a", "a", "b", "b"], "start": [0, 1, 2.5, 0, 3],
         "stop": [9, 2, 3, 4, 5]}
    )  # fmt: skip
    with pytest.raises(DataError) as error:
        lifecycle.no_overlap(rows, "start", "stop")
    assert error.value.en == (
        "Rows 0 and 1 are of the same customer and overlap: 0 to 9, and 1 to 2 (3 such cases)."
    )


def test_a_contract_may_begin_on_the_day_that_the_last_one_ends():
    after = contracts(("a", "2024-01-01", "2024-06-30"), ("a", "2024-06-30", None))
    assert len(lifecycle.contract_lives(after, pd.Timestamp("2024-12-31"))) == 2


def test_a_contract_that_ends_before_it_begins_is_refused_with_the_place():
    with pytest.raises(DataError) as error:
        lifecycle.contract_lives(
            contracts(("a", "2024-06-30", "2024-01-01")), pd.Timestamp("2024-12-31")
        )
    assert error.value.en == "Row 2 ends (2024-01-01) before it begins (2024-06-30)."
    assert error.value.zh == "第 2 行的终点（2024-01-01）早于起点（2024-06-30）。"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: lifecycle.as_known(
                ENTRIES, {"orders": lifecycle.Known(ENTRIES, "count")}, lag_days=0
            ),
            "lag_days must be at least 1, got 0: a row may not look ahead",
        ),
        (
            lambda: lifecycle.Known(ENTRIES, "median"),
            "how must be one of ('last', 'count', 'sum', 'mean'), got 'median'",
        ),
        (
            lambda: lifecycle.Known(ENTRIES, "count", 0),
            "within_days must be at least 1, got 0",
        ),
        (
            lambda: lifecycle.lift(lived(), pd.Series([0.1, 0.2]), 5, [0, 0.5]),
            "shares must be above 0 and up to 1, got [0, 0.5]",
        ),
        (
            lambda: lifecycle.net_gain(pd.Series([0.1]), pd.Series([1.0]), cost=-1),
            "part must be above 0 and up to 1, cost 0 or more, got 1.0, -1",
        ),
        (
            lambda: lifecycle.net_gain(pd.Series([np.nan]), pd.Series([1.0]), cost=1),
            "chance must be 0 to 1, and never missing",
        ),
        (
            lambda: accounts.lacking(pd.DataFrame(), {"visits": 1}),
            f"least must name {', '.join(accounts.LEAST)}, got visits",
        ),
    ],
)
def test_options_say_what_they_allow(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


def lived(seen=6.0):
    return pd.DataFrame({"duration": [seen, 6.0], "observed": [False, False]})


def test_customers_lost_to_sight_before_the_horizon_are_refused():
    with pytest.raises(DataError) as error:
        lifecycle.lift(lived(2.0), pd.Series([0.1, 0.2]), 6)
    assert error.value.en == (
        "1 of 2 customers are not seen up to 6: take an earlier landmark or a shorter horizon."
    )
    assert error.value.zh == "2 位客户中有 1 位未观察到 6：请提前观察点或缩短期限。"


def test_a_landmark_after_the_last_day_is_refused():
    lives = lifecycle.contract_lives(
        contracts(("a", "2024-01-01", None)), pd.Timestamp("2024-06-30")
    )
    with pytest.raises(DataError) as error:
        lifecycle.landmark_rows(
            lives, [pd.Timestamp("2024-08-01")], until=pd.Timestamp("2024-06-30")
        )
    assert error.value.en == "The landmark 2024-08-01 is after the last day known, 2024-06-30."
    assert error.value.zh == "观察点 2024-08-01 晚于最后已知日期 2024-06-30。"


def test_too_short_a_history_has_nothing_to_learn_from():
    lives = lifecycle.contract_lives(
        contracts(("a", "2024-01-01", None)), pd.Timestamp("2024-03-15")
    )
    with pytest.raises(NotEnough, match=r"^By 2024-03-15 there is no first of a month 3 months"):
        lifecycle.past_looks(lives, {}, pd.Timestamp("2024-03-15"), 6)


def test_a_return_before_leaving_is_refused():
    file = pd.DataFrame(
        {"churned_on": [pd.Timestamp("2024-05-01")], "reactivated_on": [pd.Timestamp("2024-04-01")]}
    )
    with pytest.raises(DataError) as error:
        lifecycle.absences(file, until=pd.Timestamp("2024-12-31"))
    assert error.value.en == 'Column "reactivated_on" is not after "churned_on" in 1 rows.'


def test_where_nobody_ever_came_back_there_is_no_chance_of_return():
    away = pd.DataFrame({"duration": [1.0, 2.0], "observed": False})
    with pytest.raises(NotEnough) as error:
        lifecycle.return_chance(away, 6)
    assert error.value.en.startswith("Nobody who left ever came back")
    assert error.value.zh.startswith("没有流失客户回来过")


def test_an_account_table_that_lacks_a_column_is_named():
    tables = {
        name: pd.DataFrame()
        for name in ("contacts", "touchpoints", "visits", "wallet", "contracts")
    }
    with pytest.raises(DataError) as error:
        accounts.account_signs(pd.Index(["a"]), tables, as_of=pd.Timestamp("2024-01-01"))
    assert error.value.en.startswith("contacts lacks contact_id, role; touchpoints lacks")


def ready(ends, tested, back, reasons):
    n = ends + tested + 10
    file = pd.DataFrame(
        {"customer_id": range(n), "kind": "contract", "nature": "retail",
         "acquired_on": pd.Timestamp("2023-01-01"), "churned_on": None, "churn_reason": None,
         "reactivated_on": None}
    ).astype({"churned_on": "datetime64[us]", "reactivated_on": "datetime64[us]"})  # fmt: skip
    late = np.where(np.arange(n) < ends, "2023-06-01", "2024-09-01")
    left = pd.Series(pd.to_datetime(late)).where(np.arange(n) < ends + tested)
    file["churned_on"] = left
    file["churn_reason"] = pd.Series("bad_service", range(n)).where(np.arange(n) < reasons)
    file["reactivated_on"] = pd.Series(pd.Timestamp("2024-12-01"), range(n)).where(
        np.arange(n) < back
    )
    signed = file.rename(columns={"acquired_on": "started_on", "churned_on": "ended_on"})
    tables = {name: pd.DataFrame(columns=columns) for name, columns in lifecycle.NEEDS.items()}
    tables |= {"customers": file, "contracts": signed}
    lives = lifecycle.contract_lives(signed, pd.Timestamp("2024-12-31"))
    return lifecycle.churn_ready(tables, lives, pd.Timestamp("2024-06-30"))


@pytest.mark.parametrize(
    ("counts", "levels"),
    [
        ((100, 30, 20, 130), ["ready"] * 4),
        ((40, 12, 6, 30), ["caution"] * 4),
        ((20, 5, 2, 0), ["not_enough"] * 4),
    ],
)
def test_ends_tests_returns_and_reasons_are_graded(counts, levels):
    found = ready(*counts)
    assert [each.level for each in found] == levels
    assert [each.code for each in found] == [
        "contracts_ended", "ends_tested", "returned", "reasons_on_file",
    ]  # fmt: skip


def test_columns_that_the_page_needs_are_named():
    (found,) = lifecycle.churn_ready({}, pd.DataFrame(), pd.Timestamp("2024-06-30"))
    assert found.level == "not_enough"
    assert found.en.startswith("These columns are needed: customers.customer_id, customers.kind")
    assert found.zh.startswith("需要以下各列：customers.customer_id、")
