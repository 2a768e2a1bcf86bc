"""What is refused, with which words; what may be empty."""

import re

import numpy as np
import pandas as pd
import pytest

from crmlab import equity
from crmlab.errors import DataError

CELLS = pd.DataFrame(
    {"role": ["present"], "customers": [1.0], "purchases": [2.0], "spend": [10.0], "margin": [0.3],
     "retention": [0.8]}
)  # fmt: skip
PANEL = pd.DataFrame(
    {"segment": ["a", "a", "b", "b"], "period": [1, 2, 1, 2], "loyal": 2.0, "profit": 3.0}
)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: equity.lifetime_value(1, 1.2), "retention must be from 0 to 1, got 1.2"),
        (lambda: equity.lifetime_value(1, [0.5, -0.1]), "retention must be from 0 to 1, got -0.1"),
        (lambda: equity.lifetime_value(1, np.nan), "retention must be from 0 to 1, got nan"),
        (lambda: equity.lifetime_value(1, 0.5, -0.1), "discount must be from 0 to inf, got -0.1"),
        (
            lambda: equity.lifetime_value(1, 1, 0),
            "at a discount of 0, a customer who never leaves is worth infinitely much",
        ),
        (
            lambda: equity.claim_range(0.1, (0.9, 0.45)),
            "claim must be 0 < low < high, got (0.9, 0.45)",
        ),
        (lambda: equity.acquisition_share_for(0, 0.8), "target must be above 0, got 0"),
        (lambda: equity.retention_curve(0.8, 0, 3), "polarisation must be between 0 and 1, got 0"),
        (
            lambda: equity.retention_curve(1, 0.1, 3),
            "mean_retention must be between 0 and 1, got 1",
        ),
        (lambda: equity.retention_curve(0.8, 0.1, 0), "years must be 1 or more, got 0"),
        (lambda: equity.mixed_value(0.8, 0.1, 0), "discount must be above 0, got 0"),
        (lambda: equity.annual_retention(0, 1), "years must be above 0, got 0"),
        (lambda: equity.annual_retention(1, -1), "left must be 0 or more, got -1"),
        (lambda: equity.Response(1, 0, 1), "k must be positive and finite, got 0"),
        (
            lambda: equity.response_from(spend=1, customers=5, ceiling=5, value=1),
            "customers must be between 0 and ceiling 5, got 5",
        ),
        (lambda: equity.optimal_split(1, {}), "no curves to split a budget between"),
        (
            lambda: equity.optimal_split(0, {"a": equity.Response(1, 1, 1)}),
            "budget must be positive and finite, got 0",
        ),
        (
            lambda: equity.at_split({"b": 1}, {"a": equity.Response(1, 1, 1)}),
            "spend names ['b'], the curves are ['a']",
        ),
        (lambda: equity.lever_effects(CELLS, 0), "change must be above 0, got 0"),
        (
            lambda: equity.customer_equity(CELLS.assign(margin=1.5)),
            "margin must be from 0 to 1, got 1.5",
        ),
        (
            lambda: equity.network_value(pd.Series([1.0, 2], list("aa")), pd.Series(dtype="str")),
            "own has a customer more than once",
        ),
        (
            lambda: equity.profit_elasticity(PANEL, by="segment"),
            "needs 3 segments and 2 periods with profit, got 2 and 2",
        ),
        (
            lambda: equity.returns(
                pd.DataFrame({"profit": [1.0], "opening_equity": [0.0], "invested": [1.0]})
            ),
            "opening_equity must add up to more than 0, got 0",
        ),
        (
            lambda: equity.trend(PANEL.assign(period=1), "period", {"x": ("profit", "loyal")},
                                 customer="segment"),
            "period has only one group, 1: nothing to compare",
        ),
        (
            lambda: equity.left_out(pd.RangeIndex(9), groups=10),
            "groups must be from 2 to 9, got 10",
        ),
        (
            lambda: equity.keeping_against_winning(
                pd.DataFrame({"acquisition_cost": [0.0], "keeping_cost": [1.0], "years": [1.0]})
            ),
            "the sums of years and of acquisition_cost must be above 0",
        ),
    ],
)  # fmt: skip
def test_wrong_numbers_are_refused_with_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


@pytest.mark.parametrize(
    ("call", "en", "zh"),
    [
        (
            lambda: equity.customer_equity(CELLS.drop(columns="spend")),
            "cells lacks spend; it needs role, customers, purchases, spend, margin, retention.",
            "cells 缺少 spend；需要 role、customers、purchases、spend、margin、retention。",
        ),
        (
            lambda: equity.customer_equity(CELLS.assign(role="gone")),
            "cells has the role gone; allowed: present, won, lost.",
            "cells 中有未知的 role：gone；允许：present、won、lost。",
        ),
        (
            lambda: equity.customer_equity(CELLS.assign(spend=np.nan)),
            "cells has missing or infinite numbers: spend (1).",
            "cells 有缺失或无穷大的数值：spend (1)。",
        ),
        (
            lambda: equity.customer_equity(CELLS.iloc[:0]),
            "cells has no rows.",
            "cells 没有任何行。",
        ),
        (
            lambda: equity.decompose(*[pd.DataFrame(
                {"customers": [1.0, 1], "margin": 1.0, "duration": 1.0}, index=["a", "a"])] * 2),
            "before has a segment more than once: a.",
            "before 中有重复的分群：a。",
        ),
        (
            lambda: equity.generations(pd.Series({"a": "b", "b": "a"}), pd.Index(["a", "b"])),
            "referrals go round in a circle; take them from equity.referrals.",
            "介绍关系成环；请使用 equity.referrals 的结果。",
        ),
    ],
)  # fmt: skip
def test_wrong_tables_are_refused_in_both_languages(call, en, zh):
    with pytest.raises(DataError) as told:
        call()
    assert (told.value.en, told.value.zh) == (en, zh)


def test_a_ceiling_below_what_is_kept_today_is_told_in_a_sentence():
    rows = pd.concat([equity.valued(CELLS, 0.1), equity.valued(CELLS.assign(role="won"), 0.1)])
    flow = pd.DataFrame({"cost": [5.0], "invested": [8.0]})
    with pytest.raises(DataError) as told:
        equity.budget(rows, flow, keep=0.7, win=2)
    assert told.value.en == (
        "The split needs customers worth more than 0 (here 22 each) and a ceiling of keeping "
        "above today's 0.800, got 0.7."
    )
    spent, curves = equity.budget(rows, flow, keep=0.9, win=2)
    assert spent == {"keeping": 5.0, "winning": 3.0}
    assert curves["keeping"].customers(5.0) == pytest.approx(0.8)
    table = equity.compared_split(spent, curves)
    assert table["best_spend"].sum() == pytest.approx(8)


def test_circles_unknown_and_second_referrers_are_left_out_and_named():
    leads = pd.DataFrame(
        {
            "customer_id": ["A", "B", "C", "C", "D", "E", None],
            "referred_by": ["B", "A", "A", "B", "X", "E", "A"],
        }
    )
    edges, found = equity.referrals(leads, pd.Index(list("ABCDE")))
    assert edges.to_dict() == {"C": "A"}
    assert {each.code: each.en for each in found} == {
        "referrer_unknown": "1 customers have a referrer who is no customer: D.",
        "referrer_twice": "1 customers have a second referrer; the first counts: C.",
        "referral_circle": "3 customers were referred in a circle: A, B, E.",
    }
    assert {each.level for each in found} == {"caution"}


def test_a_base_that_nobody_can_raise_is_missing_not_wrong():
    assert np.isnan(equity.gain([0.97, 0.0], 0.1)).tolist() == [True, True]
    assert np.isnan(equity.gain(0.95, 0.0)).all()


def test_nobody_referred_is_no_error():
    leads = pd.DataFrame({"customer_id": ["A", None], "referred_by": [None, None]})
    edges, found = equity.referrals(leads, pd.Index(["A"]))
    assert (len(edges), found) == (0, [])
    table = equity.network_value(pd.Series({"A": 1.0}), edges)
    assert table.loc["A", ["network_value", "total_value"]].tolist() == [0, 1]


@pytest.mark.parametrize(("left", "level"), [(3, "not_enough"), (10, "caution"), (40, "ready")])
def test_contracts_that_ended_decide_whether_the_page_is_made(left, level):
    ends = pd.Series([pd.Timestamp("2024-06-01")] * left + [pd.NaT] * 50)
    contracts = pd.DataFrame({"started_on": pd.Timestamp("2023-01-01"), "ended_on": ends})
    leads = pd.DataFrame({"customer_id": ["A"] * 40, "referred_by": "B"})
    tables = {name: pd.DataFrame(columns=columns) for name, columns in equity.NEEDS.items()}
    tables |= {"contracts": contracts, "leads": leads}
    tables["customers"] = tables["customers"].reindex(range(40))
    found = equity.ready(tables, pd.Timestamp("2024-12-31"))
    assert [each.level for each in found] == [level, "ready"]


@pytest.mark.parametrize(
    ("first", "level"), [("2023-07-02", "ready"), ("2023-07-03", "not_enough")]
)
def test_a_year_ago_can_be_seen_only_with_orders_before_it(first, level):
    found = equity.history(pd.Timestamp(first), pd.Timestamp("2024-12-31"))
    assert found.level == level
    if level == "not_enough":
        assert found.en == "Orders cover 547 days; the comparison with a year ago needs 548."
        assert found.zh == "订单覆盖 547 天；与一年前比较至少需要 548 天。"


def test_columns_that_are_lacking_are_named_before_anything_is_calculated():
    tables = {name: pd.DataFrame(columns=columns) for name, columns in equity.NEEDS.items()}
    tables["customers"] = tables["customers"].drop(columns="kind")
    tables.pop("wallet")
    (found,) = equity.ready(tables, pd.Timestamp("2024-12-31"))
    lacking = ["customers.kind", "wallet.customer_id", "wallet.year", "wallet.category_spend"]
    assert found.level == "not_enough"
    assert found.en == f"These columns are needed: {', '.join(lacking)}."
    assert found.zh == f"需要以下各列：{'、'.join(lacking)}。"
