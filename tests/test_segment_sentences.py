"""What segmentation says of its findings, in both languages and both ways they can turn out."""

import pandas as pd
import pytest

from crmlab import segment
from crmlab.segment import Estimate

SIZES = pd.DataFrame(
    {"customers": [77.0, 97.0], "share_value": [0.207, 0.126]}, index=["champions", "at_risk"]
)


def later(at_risk_high):
    """Return a test in which those at risk spent 31 each, known up to `at_risk_high`."""
    return pd.DataFrame(
        {
            "customers": [52.0, 194, 28, 1719],
            "mean": [201.98, 58.5, 31.0, 5.87],
            "low": [160.8, 45.2, 62 - at_risk_high, 4.5],
            "high": [243.2, 71.8, at_risk_high, 7.2],
        },
        index=["champions", "loyal", "at_risk", "dormant"],
    )


@pytest.mark.parametrize(
    ("high", "lang", "told"),
    [
        (60.0, "en", ("The **97 at risk** brought 12.6%; the test (n=28) cannot yet tell them from "
                     "loyal customers, so try win-back on a random half first.")),
        (60.0, "zh", ("**97 位流失风险客户**曾贡献 12.6%；检验样本仅 28 位，尚不能证明赢回有收益，"
                     "请先随机抽取一半试行。")),
        (40.0, "en", "Then try to win back the **97 at risk** (12.6%), a random half first."),
        (40.0, "zh", "再尝试赢回 **97 位流失风险客户**（曾贡献 12.6%），先从随机抽取的一半做起。"),
        (float("nan"), "en", ("The **97 at risk** brought 12.6%; the test (n=28) cannot yet tell "
                             "them from loyal customers, so try win-back on a random half first.")),
    ],
)  # fmt: skip
def test_win_back_is_advised_only_if_the_interval_of_the_gap_is_above_zero(high, lang, told):
    assert segment.tell_win_back(SIZES, later(high), lang) == told


def test_nobody_at_risk_is_nobody_to_win_back():
    assert segment.tell_win_back(SIZES.assign(customers=0.0), later(60.0), "en") == ""


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", ("Protect the **77 customers** in “Champions”: they brought **20.7%** of spend; "
               "customers like them spent $202 each ($161 to $243) in the 26 weeks of the test.")),
        ("zh", ("先保护 **77 位核心客户**：他们贡献 **20.7%** 的消费；检验的 26 周里，"
               "同类客户人均消费 US$202（US$161 至 US$243）。")),
    ],
)  # fmt: skip
def test_the_best_segment_is_told_with_what_its_like_spent_and_the_interval(lang, told):
    assert segment.tell_protect("champions", SIZES, later(60.0), 26, "USD", lang) == told


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "Serve cheaply: they bring about $5.87 of revenue each in 26 weeks"),
        ("zh", "低成本服务：每位 26 周约带来 US$5.87 收入"),
    ],
)
def test_actions_tell_what_the_dormant_bring(lang, told):
    actions = segment.tell_actions(later(60.0), 26, "USD", lang)
    assert len(actions) == 3
    assert actions[2] == told


@pytest.mark.parametrize(
    ("top", "lang", "told"),
    [
        (Estimate(0.674, 0.651, 0.697), "en", ("The best 20% of customers bring **67.4%** (95% "
         "interval 65.1% to 69.7%): 80/20 does not hold here. It takes the best 32.9% (30.8% to "
         "34.9%) to reach 80%. The Gini coefficient is 0.631 (0.608 to 0.656).")),
        (Estimate(0.674, 0.651, 0.697), "zh", ("前 20% 的客户贡献 **67.4%**（95% 区间 65.1% 至 "
         "69.7%）：本例数据与“20% 客户带来 80%”不符。要凑足 80%，需要前 32.9%（30.8% 至 34.9%）"
         "的客户。基尼系数为 0.631（0.608 至 0.656）。")),
        (Estimate(0.79, 0.75, 0.82), "en", ("The best 20% of customers bring **79.0%** (95% "
         "interval 75.0% to 82.0%): 80/20 agrees with these data. It takes the best 32.9% (30.8% "
         "to 34.9%) to reach 80%. The Gini coefficient is 0.631 (0.608 to 0.656).")),
    ],
)  # fmt: skip
def test_80_20_is_tested_not_assumed(top, lang, told):
    needed, spread = Estimate(0.3291, 0.308, 0.349), Estimate(0.6309, 0.6077, 0.6557)
    assert segment.tell_concentration(top, needed, spread, lang) == told


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", ("**39** customers were B or C before the last 26 weeks and A in them: look at "
                "them, though part of it is chance. **556** fell from A to C or nothing; 507 of "
                "them bought nothing.")),
        ("zh", ("**39** 位客户此前属 B 或 C 类，最近 26 周属 A 类：值得留意，其中也有偶然。"
               "**556** 位由 A 类落到 C 类或未购买，其中 507 位未购买。")),
    ],
)  # fmt: skip
def test_moves_count_who_came_up_and_who_fell(lang, told):
    matrix = pd.DataFrame(
        {
            "class_a": [184, 29, 10],
            "class_b": [101, 47, 14],
            "class_c": [49, 51, 30],
            "no_purchase": [507, 675, 660],
        },
        index=["class_a", "class_b", "class_c"],
    )
    assert segment.tell_moves(matrix, 26, lang) == told


@pytest.mark.parametrize(
    ("cut", "en", "zh"),
    [
        (["days_since_last", "orders"],
         "This page uses cut points for recency and purchases, ranks for spend.",
         "本页 R、F 用分界值，M 用排名。"),
        (["orders"],
         "This page uses cut points for purchases, ranks for recency and spend.",
         "本页 F 用分界值，R、M 用排名。"),
        ([], "This page uses ranks for recency, purchases and spend.", "本页 R、F、M 用排名。"),
    ],
)  # fmt: skip
def test_scores_say_whether_they_are_cut_or_ranked(cut, en, zh):
    assert segment.tell_scoring(cut, "en") == en
    assert segment.tell_scoring(cut, "zh") == zh


def test_ranges_are_read_to_the_cent_and_single_values_once():
    customers = pd.DataFrame(
        {"days_since_last": [1, 2, 3, 4], "orders": [1, 1, 1, 9], "spend": [1, 59.254, 59.26, 6552]}
    )
    scores = segment.rfm(customers, bins=2)
    ranges = segment.score_ranges(customers, scores, bins=2)
    told = segment.tell_ranges(ranges, "USD", "en")
    assert told.columns.tolist() == ["days_since_last", "orders", "spend"]
    assert told.loc[1].tolist() == ["3 – 4 (n=2)", "1 (n=3)", "$1.00 – $59.25 (n=2)"]
    assert told.loc[2].tolist() == ["1 – 2 (n=2)", "9 (n=1)", "$59.26 – $6,552.00 (n=2)"]
    three = segment.score_ranges(customers, segment.rfm(customers), bins=5)
    assert segment.tell_ranges(three, "CNY", "zh").loc[1, "orders"] == "无人"


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", ("High volume means more than **4** purchases, high margin a basket above "
               "**$43.70**: at least 80% of customers are at or below each cut.")),
        ("zh", ("购买超过 **4** 次为高量，客单价高于 **US$43.70** 为高利："
                "各有至少 80% 的客户不超过分界值。")),
    ],
)  # fmt: skip
def test_quadrants_say_where_they_are_cut(lang, told):
    assert segment.tell_cuts((4.0, 43.7), 0.8, "USD", lang) == told


@pytest.mark.parametrize(
    ("more", "en", "zh"),
    [
        (Estimate(0.005, -0.03, 0.04), "level", "不分高下"),
        (Estimate(0.05, 0.01, 0.09), "ahead", "RFM 领先"),
        (Estimate(-0.05, -0.09, -0.01), "behind", "RFM 落后"),
    ],
)
def test_a_lead_is_one_only_if_its_interval_excludes_zero(more, en, zh):
    assert f"plain sort by spend: {en} (" in segment.tell_lead(more, "en")
    assert f"相比：{zh}（" in segment.tell_lead(more, "zh")


def test_company_k_is_told_per_head():
    k = segment.k_consulting()
    assert segment.tell_k_consulting(k, "en").startswith(
        "Per head, high–high customers bought **5.23** times as much as the rest and brought "
        "**29.2** times the profit. Two years later 92 customers were left (−18.4% a year), "
    )
    assert (
        "人均购买量是其余客户的 **5.23** 倍，人均利润是 **29.2** 倍"
        in segment.tell_k_consulting(k, "zh")
    )
    assert "The case does not describe the other 31 customers" in segment.tell_k_consulting(k, "en")
