"""What the customer-base audit says: to bad input, of data that do not suffice, and as it finds."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from crmlab import plots, segment
from crmlab.errors import DataError

PANEL = pd.DataFrame(
    {
        "customer_id": ["a", "a", "b", "c"],
        "period": pd.to_datetime(["2024-01-01", "2024-04-01", "2024-01-01", "2024-04-01"]),
        "purchases": [1, 2, 1, 3],
        "spend": [10.0, 30, 20, 0],
    }
)
THEN, NOW, NEVER = (pd.Timestamp(f"2024-{month}-01") for month in ("01", "04", "10"))


def wrong(row, **values):
    changed = PANEL.copy()
    for name, value in values.items():
        changed.loc[row, name] = value
    return changed


@pytest.mark.parametrize(
    ("call", "en", "zh"),
    [
        (
            lambda: segment.cohort_lives(wrong(2, spend=np.nan)),
            (
                "row 2 of the panel has a missing value; each row is a customer and a period in "
                "which they bought."
            ),
            "面板第 2 行有缺失值；每行应为一位客户有购买的一期。",
        ),
        (
            lambda: segment.paired(wrong(1, period=THEN), THEN, NOW),
            (
                "row 1 of the panel is the second of its customer and period; each row is a "
                "customer and a period in which they bought."
            ),
            "面板第 1 行与另一行的客户和期间相同；每行应为一位客户有购买的一期。",
        ),
        (
            lambda: segment.in_periods(wrong(3, purchases=0), until=NOW),
            (
                "row 3 of the panel has no purchase; each row is a customer and a period in which "
                "they bought."
            ),
            "面板第 3 行没有购买；每行应为一位客户有购买的一期。",
        ),
        (
            lambda: segment.one_period(PANEL, NEVER),
            (
                "nobody bought in the period that begins on 2024-10-01; periods begin from "
                "2024-01-01 to 2024-04-01."
            ),
            "2024-10-01 开始的一期无人购买；各期自 2024-01-01 至 2024-04-01。",
        ),
        (
            lambda: segment.one_cohort(segment.cohort_lives(PANEL), NEVER),
            (
                "nobody first bought in the period that begins on 2024-10-01; cohorts begin from "
                "2024-01-01 to 2024-04-01."
            ),
            "2024-10-01 开始的一期没有首次购买的客户；同期群自 2024-01-01 至 2024-04-01。",
        ),
        (
            lambda: segment.revenue_tree(
                segment.paired(PANEL.assign(spend=0.0, profit=1.0), THEN, NOW)
            ),
            (
                "one of the two periods has no purchases or no spend: what changed cannot be "
                "parted into factors."
            ),
            "两期之一没有购买或消费：无法把变化分解为各项因素。",
        ),
    ],
)
def test_bad_data_are_refused_in_both_languages(call, en, zh):
    with pytest.raises(DataError) as refused:
        call()
    assert (refused.value.en, refused.value.zh) == (en, zh)


def test_a_lacking_column_is_named():
    with pytest.raises(KeyError, match=re.escape("panel lacks purchases, spend")):
        segment.cohort_lives(PANEL[["customer_id", "period"]])


def many(days, each=120):
    """Return `each` customers who buy in all periods that begin on `days`."""
    rows = [(f"c{n}", day) for day in pd.to_datetime(days) for n in range(each)]
    made = pd.DataFrame(rows, columns=["customer_id", "period"])
    return made.assign(purchases=1, spend=5.0)


QUARTERS = ["2023-01-01", "2023-04-01", "2023-07-01", "2023-10-01", "2024-01-01"]


@pytest.mark.parametrize(
    ("panel", "since", "until", "levels", "told"),
    [
        (many(QUARTERS[1:]), "2023-04-01", "2024-03-31", ["not_enough"],
         ("4 complete periods of 3 months; a comparison with 4 periods before takes 5. Choose "
         "fewer months, or a smaller back.")),
        (many([]), "2024-01-05", "2024-01-20", ["not_enough"],
         ("0 complete periods of 3 months; a comparison with 4 periods before takes 5. Choose "
         "fewer months, or a smaller back.")),
        (many(QUARTERS, 20), "2023-01-01", "2024-03-31", ["not_enough", "caution"],
         ("20 customers bought in one of the two periods compared; 100 would be enough. Longer "
         "periods (months) hold more.")),
        (many(QUARTERS), "2023-02-03", "2024-04-09", ["caution"] * 3,
         "The month of 2024-04-09 is not over: the audit ends on 2024-03-31."),
        (pd.concat([many(QUARTERS), many(QUARTERS[4:]).assign(customer_id="new")[:1]]),
         "2023-01-01", "2024-03-31", ["ready"],
         "At least 120 customers bought in each of the two periods compared."),
    ],
)  # fmt: skip
def test_whether_data_suffice(panel, since, until, levels, told):
    since, until = pd.Timestamp(since), pd.Timestamp(until)
    found = segment.ready_lenses(panel, since=since, until=until)
    assert [finding.level for finding in found] == levels
    assert found[0].en == told
    assert all(re.search(r"[\u4e00-\u9fff]", finding.zh) for finding in found)


@pytest.fixture(scope="module")
def audit():
    rng = np.random.default_rng(9)
    days = pd.to_datetime(QUARTERS)
    rows = [(f"c{n}", day) for n in range(300) for day in days[n % 4 :] if rng.random() < 0.6]
    made = pd.DataFrame(rows, columns=["customer_id", "period"])
    made["purchases"] = 1 + rng.poisson(1.5, len(made))
    made["spend"] = np.round(made["purchases"] * rng.gamma(3, 10, len(made)), 2)
    pairs = segment.paired(made, days[0], days[4])
    lives = segment.cohort_lives(made)
    return made, segment.revenue_tree(pairs, draws=100), segment.moved(pairs), lives


def sentences(audit, lang):
    made, tree, moves, lives = audit
    first, last = made["period"].min(), made["period"].max()
    life = segment.one_cohort(lives, first)
    return [
        segment.tell_one_period(segment.one_period(made, last), lang),
        segment.tell_change(tree, moves, first, last, "CNY", lang),
        segment.tell_tree(tree, "CNY", lang),
        segment.tell_turnover(moves, "CNY", lang),
        segment.tell_cohort(life, first, "CNY", lang),
        segment.tell_cohorts(segment.same_age(lives, 2), 2, "CNY", lang),
        segment.tell_cohorts(segment.same_age(lives, 4), 4, "CNY", lang),
        segment.tell_base(segment.whole_base(lives), lang),
        *segment.tell_lens_actions(lang).values(),
    ]


def test_the_sentences_say_the_same_numbers_in_both_languages(audit):
    for en, zh in zip(sentences(audit, "en"), sentences(audit, "zh"), strict=True):
        assert sorted(re.findall(r"\d+\.\d%", en)) == sorted(re.findall(r"\d+\.\d%", zh))
        assert re.findall(r"[\u4e00-\u9fff]", en) == []
        assert "nan" not in en + zh


def test_a_cohort_of_a_handful_of_customers_is_not_told(audit):
    table = segment.same_age(audit[3], 1)
    small = pd.concat([table, table.tail(1).assign(members=4, spend_to_date=77.0)])
    told = segment.tell_cohorts(small, 1, "CNY", "en")
    assert told == segment.tell_cohorts(table, 1, "CNY", "en")


def test_the_headline_names_each_driver_with_its_sign():
    tree = pd.DataFrame(
        {"earlier": [10.0, 2, 5, 100], "later": [8.0, 2.5, 6, 120], "effect": [-23.0, 25, 18, 20]},
        index=["customers", "purchases_per_customer", "spend_per_purchase", "all_drivers"],
    )
    moves = pd.DataFrame({"customers": [7.0], "spend_before": [40.0]}, index=["stopped"])
    days = pd.Timestamp("2024-01-01"), pd.Timestamp("2025-01-01")
    assert segment.tell_change(tree, moves, *days, "CNY", "zh") == (
        "2025年1月1日开始的一期与2024年1月1日开始的一期相比，收入增加 **¥20.00**（+20.0%）："
        "人均购买次数增加（+¥25.00），购买客户减少（−¥23.00），单次消费提高（+¥18.00）。"
        "先问一问停止购买的 **7 位客户**（当时消费 ¥40.00）：为什么不再来？"
    )
    assert segment.tell_change(tree, moves, *days, "USD", "en") == (
        "Revenue rose by **$20.00** (+20.0%) between the periods that began on Jan 1, 2024 and "
        "Jan 1, 2025: more purchases per customer (+$25.00), fewer customers (−$23.00), more "
        "spend per purchase (+$18.00). First ask the **7 customers** who stopped buying (they "
        "had spent $40.00) why they did."
    )


@pytest.mark.parametrize(
    ("draw", "en", "zh"),
    [
        (lambda a, **o: plots.revenue_bridge(a[1], currency="CNY", **o),
         "The largest effect: ", "影响最大的是"),
        (lambda a, **o: plots.moved_bars(a[2], currency="CNY", **o),
         " of the earlier customers are still buying", "仍在购买"),
        (lambda a, **o: plots.cohort_factors(a[3].loc[a[0]["period"].min()], **o),
         "Members who buy: ", "仍在购买的成员："),
        (lambda a, **o: plots.cohort_values(a[3], 2, currency="CNY", **o),
         "At age 2, members have brought ", "到第 2 期，各同期群人均带来 "),
        (lambda a, **o: plots.base_bars(a[3], currency="CNY", **o),
         "The cohorts of 2023-01 bring ", "2023-01 加入的客户贡献最近一期收入的 "),
    ],
)  # fmt: skip
def test_the_titles_of_the_charts_state_the_finding(draw, en, zh, audit):
    for lang, told in (("en", en), ("zh", zh)):
        plots.use(lang)
        ax = draw(audit, lang=lang)
        assert told in ax.get_title(loc="left") + ax.get_title()
        assert ax.get_xlabel()
        assert ax.get_ylabel()
        plt.close(ax.figure)
