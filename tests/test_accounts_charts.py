"""Charts and sentences of accounts: both languages, and both ways in which a finding can turn."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from crmlab import accounts, plots
from crmlab.lang import LANGS

CASCADE = pd.Series(
    {"list_value": 200.0, "discount": -20, "pocket_price": 180, "direct_cost": -100,
     "pocket_margin": 80}
)  # fmt: skip
QUADRANTS = pd.DataFrame(
    {"customers": [2, 1], "share_customers": [2 / 3, 1 / 3], "share_profit": [1.1, -0.1]},
    index=["high_high", "low_low"],
)
CUSTOMERS = pd.DataFrame(
    {"revenue": [500.0, 300, 10], "profit_rate": [0.4, 0.3, -2],
     "quadrant": ["high_high", "high_high", "low_low"]}
)  # fmt: skip
DOTS = pd.DataFrame(
    {"list_value": [10.0, 100, 300, 800, 900, 1000], "is_key": [False] * 5 + [True],
     "concession_rate": [0.05, 0.06, 0.1, 0.04, 0.06, 0.2]}
)  # fmt: skip
FIFTHS = accounts.by_size(DOTS)
MADE_OF = pd.DataFrame(
    {"share": [0.7, 0.3], "expected_share": [0.5, 0.5], "gap": [0.2, -0.2],
     "low": [0.6, 0.2], "high": [0.8, 0.55]},
    index=["health", "education"],
)  # fmt: skip
SCORES = pd.DataFrame(
    {"customers": [9, 3], **{f"{part}_score": [80.0, 30] for part in accounts.WEIGHTS}},
    index=["key_customer", "regular_customer"],
)
PLAN = pd.DataFrame(
    {"value_at_stake": [5.0, 30, -2, 33], "low": [1.0, 20, -5, 20], "high": [9.0, 40, 1, 50]},
    index=["deepen", "expand", "diversify", "combine"],
)
FORETOLD = pd.DataFrame(
    {"segments": [7, 3], "spend_explained": [0.3, 0.31], "spend_low": [0.2, 0.2],
     "spend_high": [0.4, 0.4], "buying_explained": [0.195, -0.02], "buying_low": [0.163, -0.1],
     "buying_high": [0.227, 0.14]},
    index=["by_rfm", "by_abc"],
)  # fmt: skip
CNY = {"currency": "CNY"}
CHARTS = {
    "cascade": (
        lambda **o: plots.cascade(CASCADE, **CNY, **o),
        "At list price: 40 of every 100 are left as pocket margin",
        "按标价计每 100 元，最后剩下 40 元实得毛利",
    ),
    "margin_bubbles": (
        lambda **o: plots.margin_bubbles(CUSTOMERS, QUADRANTS, cuts=(100, 0.2), **CNY, **o),
        "2 customers high on both earn 110.0% of profit",
        "双高客户 2 位，创造 110.0% 的利润",
    ),
    "concession_rises": (
        lambda **o: plots.concession_dots(
            DOTS, accounts.by_size(DOTS), (0.5, 0.2, 0.7), **CNY, **o
        ),
        "Concessions rise with size (rank correlation 0.5; 0.2 to 0.7)",
        "让步随规模上升（秩相关 0.5，区间 0.2 至 0.7）",
    ),
    "concession_not_known": (
        lambda **o: plots.concession_dots(
            DOTS, accounts.by_size(DOTS), (0.1, -0.2, 0.4), **CNY, **o
        ),
        "Concessions neither rise nor fall with size (rank correlation 0.1; −0.2 to 0.4)",
        "让步与规模看不出关系（秩相关 0.1，区间 −0.2 至 0.4）",
    ),
    "expected_dots": (
        lambda **o: plots.expected_dots(MADE_OF, **o),
        "Furthest from its potential: Health, 20 points above",
        "与潜力差距最大的是医疗卫生（高 20 个百分点）",
    ),
    "value_bars": (
        lambda **o: plots.value_bars(SCORES, pd.Series(accounts.WEIGHTS), **o),
        "Key customer: 80 of 100, the average customer has 50",
        "关键客户得 80 分（满分 100，平均为 50）",
    ),
    "strategy_bars": (
        lambda **o: plots.strategy_bars(PLAN, **CNY, **o),
        "Most is at stake with “expand purchases”: CN¥30.00 a year",
        "“扩大购买”涉及的利润最多：每年 ¥30.00",
    ),
    "foretold_dots": (
        lambda **o: plots.foretold_dots(FORETOLD, **o),
        "Who brings anything is foretold best by RFM segments: 19.5%",
        "对谁会带来贡献，RFM 细分预示得最多：19.5%",
    ),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("lang", LANGS)
def test_titles_tell_the_finding(name, lang):
    draw, en, zh = CHARTS[name]
    plots.use(lang)
    ax = draw(lang=lang)
    assert ax.get_title(loc="left") == {"en": en, "zh": zh}[lang]
    assert ax.get_xlabel()
    assert ax.get_ylabel()


def test_the_cascade_ends_where_its_steps_lead():
    ax = plots.cascade(CASCADE, **CNY)
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert bars == [(0, 200), (200, 180), (0, 180), (180, 80), (0, 80)]


def test_rates_below_the_edge_are_drawn_at_it_and_counted():
    ax = plots.margin_bubbles(CUSTOMERS, QUADRANTS, cuts=(100, 0.2), **CNY)
    assert ax.get_ylabel() == "Profit rate (1 below −60% drawn at the edge)"
    assert min(point[1] for dots in ax.collections for point in dots.get_offsets()) == -0.6


def test_a_type_of_a_handful_of_customers_does_not_say_of_how_many():
    ax = plots.value_bars(SCORES, pd.Series(accounts.WEIGHTS))
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "Key customer (n=9)", "Regular customer (n=<5)",
    ]  # fmt: skip
    plt.close("all")


PROFITS = pd.DataFrame({"profit": [100.0, 20, -15, -5]})
WHALE = pd.DataFrame({"customers": [0, 0.25, 0.5, 0.75, 1], "profit": [0, 1, 1.2, 1.15, 1]})
TODO = pd.DataFrame(
    {"customers": [1, 2], "value_at_stake": [10.0, 20]}, index=["high_high", "low_low"]
)
LARGE = pd.DataFrame({"reason": ["large_account", "worth_growing", "middle_account"]})
MATRIX = pd.DataFrame({"class_a": [5, 7], "class_b": [2, 9]}, index=["class_a", "no_purchase"])
GAPS = {"economising": (0.54, 0.35, 0.74), "concession_rate": (0.02, 0.01, 0.03)}
KINDS = pd.DataFrame({"customers": [345]}, index=["price_oriented"])
LOW = pd.DataFrame({"shortfall": [30.0, 20]})
FILES = pd.DataFrame({"customers": [3, 4]}, index=["buyer_without_file", "file_without_purchase"])
TELLS = {
    "headline": (
        lambda lang: accounts.headline(PROFITS, WHALE, TODO, "CNY", lang),
        (
            "**2 of 4 customers cost more than they bring** (CN¥20.00 a year); the others earn "
            "120.0% "
            "of our profit. First, low–low: serve them at less cost; 2 customers, CN¥20.00 at "
            "stake."
        ),
        (
            "**4 位客户中有 2 位得不偿失**（一年共亏 ¥20.00），其余客户创造了利润总额的 120.0%。"
            "首先对“双低”客户降低服务成本：共 2 位，涉及 ¥20.00。"
        ),
    ),
    "files": (
        lambda lang: accounts.tell_files(FILES, lang),
        (
            "**3** buyers have no file, **4** files no purchase. Give the first a file, or find "
            "whose "
            "they are; ask of the second whether they are customers, prospects or mistakes."
        ),
        (
            "有购买而无档案的客户 **3** 位，有档案而无购买的 **4** 位。前者应补建档案或查明归属；"
            "后者应弄清是客户、潜在客户，还是误建的档案。"
        ),
    ),
    "whale": (
        lambda lang: accounts.tell_whale(WHALE, WHALE, lang),
        (
            "Beyond the peak, 50.0% of customers take back **20.0%** of the year's profit; over "
            "all "
            "years in the data it is 20.0%."
        ),
        "越过顶点之后，50.0% 的客户吃掉了全年利润的 **20.0%**；以数据中的全部年份计为 20.0%。",
    ),
    "top": (
        lambda lang: accounts.tell_top((0.9, 0.85, 0.95), (242.2, 225, 261), LARGE, lang),
        (
            "The best 20% earn **90.0%** of profit (85.0% to 95.0%): 80/20 does not hold here. "
            "Revenue "
            "is as concentrated as if **242** equal customers bought (225 to 261). **1** accounts "
            "are "
            "large by all four criteria; 1 bring nothing today but have the potential to grow."
        ),
        (
            "最好的 20% 客户创造 **90.0%** 的利润（85.0% 至 95.0%）：“二八定律”在此不成立。"
            "收入的集中程度相当于 **242** 位同等客户（225 至 261）。四项标准都符合的大客户有 "
            "**1** 位；"
            "另有 1 位眼下不赚钱、但潜力大，值得培育。"
        ),
    ),
    "abc": (
        lambda lang: accounts.tell_abc(MATRIX, lang),
        (
            "**7** customers are A by potential but not by what they buy: look there before a "
            "small "
            "customer is dropped. **2** are A by deals alone: keep them, there is little to add."
        ),
        (
            "**7** 位客户按潜力属 A 类，按成交额却不是：放弃小客户之前先看他们。**2** 位只按成交额"
            "属 A 类：以保持为主，增长余地有限。"
        ),
    ),
    "composition": (
        lambda lang: accounts.tell_composition(MADE_OF, lang),
        (
            "Beyond chance above their share of potential: **Health**; below it: **nobody**. The "
            "other "
            "gaps may be chance."
        ),
        "超出偶然、高于潜力占比的：**医疗卫生**；低于潜力占比的：**无**。其余差距可能出于偶然。",
    ),
    "orientation": (
        lambda lang: accounts.tell_orientation(KINDS, GAPS, lang),
        (
            "**345** customers stay for the price. Asked in other words, they are 0.54 points more "
            "economising than the rest (0.35 to 0.74). We concede them 2 percentage points more "
            "(1 to "
            "3): a difference, so discounts follow who asks for a price."
        ),
        (
            "**345** 位客户因价格而留下。换一组题目来问，他们的经济取向比其余客户高 0.54 分（0.35 "
            "至 "
            "0.74）。给他们的让步比其余客户高 2 个百分点（1 至 3），差别明显："
            "折扣确实给了看重价格的客户。"
        ),
    ),
    "nobody_for_the_price": (
        lambda lang: accounts.tell_orientation(KINDS.drop("price_oriented"), GAPS, lang),
        "Nobody here is known to stay for the price.",
        "没有已知因价格而留下的客户。",
    ),
    "concession": (
        lambda lang: accounts.tell_concession(
            (0.331, 0.32, 0.341), (0.0058, 0.00001, 0.012), LOW, 0.25, "CNY", lang
        ),
        (
            "Key accounts leave **33.1%** of the list value (32.0% to 34.1%). Of every 100 of list "
            "value, 0.58 more are conceded to them than to the others (0 to 1.2). **2** of them "
            "are "
            "below the floor of 25%, by CN¥50.00 together."
        ),
        (
            "大客户的实得毛利占标价的 **33.1%**（32.0% 至 34.1%）。标价每 100 元，给他们的让步比其"
            "余"
            "客户多 0.58 元（0 至 1.2）。其中 **2** 位低于 25% 的底线，合计差 ¥50.00。"
        ),
    ),
    "rules": (
        lambda lang: accounts.tell_rules(accounts.type_rules().iloc[[0, 3]], lang),
        (
            "- **Key customer**: commercial value (score) of 75 or more and orders a year of 4 or "
            "more\n- **Regular customer**: everybody else"
        ),
        "- **关键客户**：商业价值（得分）不低于 75，且年订单数不低于 4\n- **常规客户**：其余客户",
    ),
}


@pytest.mark.parametrize("name", TELLS)
def test_sentences_tell_the_finding_in_both_languages(name):
    tell, en, zh = TELLS[name]
    assert (tell("en"), tell("zh")) == (en, zh)


def test_each_segment_has_its_action_and_each_customer_a_reason():
    for lang in LANGS:
        assert set(accounts.tell_actions(lang)) == set(accounts.ACTIONS)
    customers = pd.DataFrame({"revenue": [1200.0], "profit": [-3.0], "untapped": [None]})
    assert accounts.tell_reasons(customers, "en").tolist() == [
        "revenue 1,200, profit -3, bought elsewhere 0"
    ]
    assert accounts.tell_reasons(customers, "zh").tolist() == ["收入 1,200，利润 -3，在别处购买 0"]
