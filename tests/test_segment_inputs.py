"""What segmentation says to bad input, and when data do not suffice."""

import re

import numpy as np
import pandas as pd
import pytest

from crmlab import segment
from crmlab.errors import DataError

CUSTOMERS = pd.DataFrame({"days_since_last": [1, 2], "orders": [1, 2], "spend": [5.0, 6.0]})


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: segment.rfm(CUSTOMERS, bins=1), ValueError, "bins must be 2 or more, got 1"),
        (lambda: segment.rules(1), ValueError, "bins must be 2 or more, got 1"),
        (
            lambda: segment.rfm(CUSTOMERS, cuts={"orders": [2, 3]}),
            ValueError,
            "cuts for orders must be 4 increasing numbers (bins - 1), got [2, 3]",
        ),
        (
            lambda: segment.rfm(CUSTOMERS, bins=3, cuts={"spend": [3, 3]}),
            ValueError,
            "cuts for spend must be 2 increasing numbers (bins - 1), got [3, 3]",
        ),
        (
            lambda: segment.rfm(CUSTOMERS, cuts={"money": [1]}),
            KeyError,
            "cuts for money; allowed: days_since_last, orders, spend",
        ),
        (
            lambda: segment.rfm(CUSTOMERS[["orders"]]),
            KeyError,
            "customers lacks days_since_last, spend",
        ),
        (
            lambda: segment.abc(CUSTOMERS["spend"], cuts=(0.95, 0.8)),
            ValueError,
            "cuts must be two increasing shares between 0 and 1, got (0.95, 0.8)",
        ),
        (
            lambda: segment.pyramid(CUSTOMERS["spend"], (0.5, 0.5)),
            ValueError,
            "shares must be four positive numbers that add up to 1, got (0.5, 0.5)",
        ),
        (
            lambda: segment.pyramid(CUSTOMERS["spend"], (0.1, 0.2, 0.3, 0.3)),
            ValueError,
            "shares must be four positive numbers that add up to 1, got (0.1, 0.2, 0.3, 0.3)",
        ),
        (
            lambda: segment.pyramid_profile(CUSTOMERS["spend"], (0.1, 0.2, 0.3, 0.3)),
            ValueError,
            "shares must be four positive numbers that add up to 1, got (0.1, 0.2, 0.3, 0.3)",
        ),
        (
            lambda: segment.abc_profile(CUSTOMERS["spend"], (0.8, 1.2)),
            ValueError,
            "cuts must be two increasing shares between 0 and 1, got (0.8, 1.2)",
        ),
        (
            lambda: segment.top_share(CUSTOMERS["spend"], 0),
            ValueError,
            "share must be above 0 and at most 1, got 0",
        ),
        (
            lambda: segment.cut_point(CUSTOMERS["spend"], 1.5),
            ValueError,
            "share must be above 0 and at most 1, got 1.5",
        ),
        (
            lambda: segment.pareto(CUSTOMERS["spend"], 1),
            ValueError,
            "groups must be 2 or more, got 1",
        ),
        (
            lambda: segment.gini(CUSTOMERS["spend"], pd.Series([1])),
            ValueError,
            "weight has 1 rows for 2 values",
        ),
        (
            lambda: segment.gini(CUSTOMERS["spend"], pd.Series([1, -1])),
            ValueError,
            "weight must be 0 or more, and not 0 everywhere",
        ),
        (
            lambda: segment.migration(pd.Series(["a"]), pd.Series(["a"], index=[7])),
            ValueError,
            "before and after must hold the same customers in the same order",
        ),
        (
            lambda: segment.k_consulting(middle=129),
            ValueError,
            "10 high-high and 129 middle of 138 customers",
        ),
        (
            lambda: segment.k_consulting(sales_share=29),
            ValueError,
            "shares must be between 0 and 1, got 29 and 0.695",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


@pytest.mark.parametrize(
    "measure", [segment.gini, segment.lorenz, segment.top_share, segment.pyramid_profile]
)
def test_negative_values_are_refused_with_the_reason(measure):
    with pytest.raises(DataError) as caught:
        measure(pd.Series([10.0, -2.5, 3.0]))
    assert caught.value.en == (
        "1 of 3 customers have a negative value (lowest -2.50): shares would pass 100% and a Gini "
        "coefficient means nothing. Use the whale curve, or set them to zero."
    )
    assert caught.value.zh == (
        "3 位客户中有 1 位的数值为负（最低 -2.50）：占比会超过 100%，基尼系数失去意义。"
        "请改用鲸鱼曲线，或将其置零。"
    )


@pytest.mark.parametrize(
    "call",
    [segment.gini, segment.abc, segment.pyramid, segment.rank_share, segment.whale],
)
def test_missing_values_are_refused(call):
    with pytest.raises(DataError) as caught:
        call(pd.Series([1.0, np.nan, 3.0]))
    assert caught.value.en == (
        "1 of 3 customers have no value; fill it in or leave them out."
    )  # fmt: skip
    assert caught.value.zh == "3 位客户中有 1 位缺少数值；请补全或剔除。"


def test_nobody_is_refused():
    with pytest.raises(DataError) as caught:
        segment.gini(pd.Series([], dtype="float64"))
    assert (caught.value.en, caught.value.zh) == ("there are no customers.", "没有客户。")


def test_profits_without_a_positive_sum_have_no_whale_curve():
    with pytest.raises(DataError) as caught:
        segment.whale(pd.Series([5.0, -7.5]))
    assert caught.value.en == (
        "profits add up to -2.50; shares of a total that is not positive mean nothing."
    )
    assert caught.value.zh == "利润合计为 -2.50；总额不为正时，占比没有意义。"


def test_where_nobody_spent_shares_are_missing_not_zero():
    nothing = pd.Series([0.0, 0.0, 0.0])
    assert np.isnan(segment.gini(nothing))
    assert np.isnan(segment.reach(nothing))
    assert np.isnan(segment.bootstrap(segment.top_share, nothing, draws=3)).all()
    assert (
        segment.abc_profile(nothing, draws=3)[["customers_low", "share_value"]]
        .isna()
        .all(axis=None)
    )
    assert segment.pyramid_profile(nothing, draws=3)["share_high"].isna().all()
    table = segment.profile(pd.Series(["a", "a", "b"]), nothing)
    assert table[["share_value", "share_low", "value_index"]].isna().all(axis=None)


def test_refunds_below_zero_are_class_c_and_take_nothing_from_the_others():
    found = segment.abc_profile(pd.Series([90.0, 5, 5, 0, -40]), draws=20)
    assert found["customers"].tolist() == [1, 2, 2]
    assert found.loc["class_a", "customers_low"] <= 0.2 <= found.loc["class_a", "customers_high"]


def test_one_customer_has_a_mean_but_no_interval():
    row = segment.response(pd.Series(["a"]), pd.Series([4.0])).loc["a"]
    assert row["mean"] == 4
    assert row[["low", "high"]].isna().all()


def test_a_mean_of_what_cannot_be_negative_has_no_negative_bound():
    segments, outcome = pd.Series(["a"] * 5), pd.Series([0.0, 0, 0, 0, 90])
    assert segment.response(segments, outcome)["low"].item() == 0
    assert segment.response(segments, outcome - 1)["low"].item() < 0


def ready(n, **columns):
    frame = pd.DataFrame({"orders": np.full(n, 2), "spend": np.full(n, 10.0)})
    return segment.ready(frame.assign(**columns))


@pytest.mark.parametrize(
    ("found", "level", "en", "zh"),
    [
        (ready(150), "ready", "150 customers: enough for fifths of 30 each.",
         "150 位客户：分成五份，每份 30 位，足够分析。"),
        (ready(149), "caution", "149 customers: only 29 in each fifth; 150 would be enough.",
         "149 位客户：分成五份，每份仅 29 位；共 150 位才足够。"),
        (ready(29), "not_enough", "29 customers: only 5 in each fifth; 150 would be enough.",
         "29 位客户：分成五份，每份仅 5 位；共 150 位才足够。"),
        (ready(150, spend=0.0), "not_enough",
         "0 customers have spent anything; at least 2 are needed to compare.",
         "有消费的客户仅 0 位；至少需要 2 位才能比较。"),
        (ready(150, orders=1), "caution",
         ("100% of customers bought only once: the frequency score tells few of them apart; 80% or "
          "less would be enough."),
         "100% 的客户只买过一次：购买频率得分难以区分他们；不超过 80% 才足够。"),
        (ready(150, spend=[-5.0, *[10.0] * 149]), "caution",
         ("refunds take 1 customers below zero (-5.00 in all): their spend counts as zero in "
          "shares, Lorenz curve and Gini."),
         "退款使 1 位客户的净消费为负（合计 -5.00）：在占比、洛伦兹曲线和基尼系数中按零计。"),
    ],
)  # fmt: skip
def test_ready_says_how_far_and_what_would_be_enough(found, level, en, zh):
    assert [(f.level, f.en, f.zh) for f in found] == [(level, en, zh)]
