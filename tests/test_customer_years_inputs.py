"""What accounts say when tables do not suffice, and that helpful ones may be lacking."""

import numpy as np
import pandas as pd
import pytest

from crmlab import accounts, load, segment
from crmlab.errors import DataError


@pytest.fixture(scope="module")
def needed():
    return {name: load.table("chenxing", name).to_pandas() for name in accounts.NEEDED}


def told(found):
    return [(finding.level, finding.code) for finding in found]


def test_lacking_columns_are_told_all_at_once(needed):
    (found,) = accounts.ready({"orders": needed["orders"].drop(columns="amount")}, 2025)
    assert found.level == "not_enough"
    assert found.en.startswith("These columns are needed: orders.amount, order_lines.order_id, ")
    assert found.zh.endswith("customers.acquisition_cost、customers.potential。")


def test_helpful_tables_that_are_not_there_are_named(needed):
    *good, last = accounts.ready(needed, 2025)
    assert told(good) == [
        ("ready", "buyers_of_the_year"), ("ready", "buyers_of_the_year_before"),
        ("ready", "costs_known"),
    ]  # fmt: skip
    assert (last.level, last.code) == ("caution", "helpful_lacking")
    assert last.en.startswith("Not in this source: wallet.customer_id, wallet.year, ")
    assert last.zh.startswith("此数据源没有：wallet.customer_id、wallet.year、")


@pytest.mark.parametrize(
    ("change", "level", "en", "zh"),
    [
        (lambda t: {"orders": t["orders"].head(20)}, "not_enough",
         "0 customers bought in 2025; 30 are needed, 150 are enough for fifths.",
         "2025 年有 0 位客户购买；至少需要 30 位，150 位以上才能分成五份。"),
        (lambda t: {"costs": t["costs"].head(0)}, "not_enough",
         ("Selling cost and cost to serve are known of 0% of them; below 50% profit would be "
         "revenue by another name."),
         "其中 0% 有销售费用与服务成本记录；低于 50% 时，所谓利润与收入无异。"),
    ],
)  # fmt: skip
def test_what_does_not_suffice_is_said_with_what_would(needed, change, level, en, zh):
    found = accounts.ready({**needed, **change(needed)}, 2025)
    assert (level, en, zh) in [(each.level, each.en, each.zh) for each in found]


def test_without_the_helpful_tables_answers_stay_empty_or_unknown(needed):
    tables = accounts.completed(needed)
    now, margins = accounts.measures(tables, 2025), accounts.margins_in(tables, 2025)
    buyers = now[now["orders"] > 0]
    assert now[["loyalty", "wallet_share", "untapped"]].isna().all().all()
    items = accounts.items_told(accounts.scorecard_items(now, margins, tables, 2025))
    assert items.index[items["customers"] > 0].tolist() == [
        "pays_for_worth", "costs_more_than_brings", "demands_attention",
    ]  # fmt: skip
    lists = accounts.seven_lists(now, segment.abc(buyers["revenue"]), tables, 2025)
    empty = accounts.answers(lists).query("customers == 0").index.tolist()
    assert empty == ["whom_we_want_most", "who_complains_repeatedly", "who_buys_from_rivals"]
    assert accounts.leaning(accounts.stated_weights(tables["survey"])).empty
    assert accounts.duplicates(tables["contacts"]).empty
    assert accounts.valued(buyers, tables)["influence_score"].unique().tolist() == [50]
    chosen = accounts.choices(accounts.measures(tables, 2024), now, 2025)
    assert accounts.strategies(*[chosen[c] for c in chosen])["expand"] == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accounts.leaning(pd.DataFrame({"a": [1], "b": [2]}), -1),
         "near must be 0 or more, got -1"),
        (lambda: accounts.leaning(pd.DataFrame({"a": [1]})),
         "weights must have 2 columns or more, got 1"),
        (lambda: accounts.stakes(pd.DataFrame(), pd.DataFrame(), pd.Series(), 2),
         "floor must be -1 to 1, got 2"),
        (lambda: accounts.ratio(pd.Series([1.0]), pd.Series([1.0]), pd.Series([-1])),
         "weight must be 1 numbers of 0 or more"),
    ],
)  # fmt: skip
def test_bad_options_are_refused(call, message):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared
        call()
    assert str(refused.value) == message


def test_bad_values_are_told_in_both_languages():
    with pytest.raises(DataError) as refused:
        accounts.rank_correlation(pd.Series([1.0, np.nan, 3]), pd.Series([1.0, 2, 3]))
    assert refused.value.en == "1 of 3 accounts lack one of the two values."
    assert refused.value.zh == "3 位客户中有 1 位缺少其中一项数值。"
    with pytest.raises(DataError, match=r"^survey lacks stay_reason\.$"):
        accounts.stated_weights(pd.DataFrame({"customer_id": ["a"]}))
    with pytest.raises(DataError, match=r"^customers lacks wallet_share, category_spend, nature"):
        accounts.wallet_gap(pd.DataFrame({"orders": [1]}))
