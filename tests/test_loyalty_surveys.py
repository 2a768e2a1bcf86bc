"""Does the survey's analysis work on surveys as they come: other scales, gaps, few people?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import loyalty
from crmlab.errors import DataError
from crmlab.tables import ATTRIBUTES

RATED = [f"item_{name}" for name in ATTRIBUTES]
ASKED = [*loyalty.SATISFACTION, *loyalty.LOYALTY, *loyalty.ATTITUDE, *RATED]


def survey(n, high, missing=0.1, seed=1):
    """Make one wave of `n` people on items of 1 to `high`; price drives satisfaction most."""
    draw = np.random.default_rng(seed)
    q = 0.6 * draw.standard_normal((n, 1)) + 0.8 * draw.standard_normal((n, len(RATED)))
    level = 0.7 * q[:, RATED.index("item_price")] + 0.5 * draw.standard_normal(n)
    told = {name: q[:, k] for k, name in enumerate(RATED)}
    for name in ASKED[: -len(RATED)]:
        told[name] = level + 0.5 * draw.standard_normal(n)
    middle, spread = (1 + high) / 2 + high / 10, high / 5
    table = pd.DataFrame(
        {c: np.clip(np.round(middle + spread * v), 1, high) for c, v in told.items()}
    )
    table = table.mask(draw.random(table.shape) < missing).astype("Int64")
    extra = {
        "customer_id": [f"p{k:04d}" for k in range(n)], "wave": 1, "responded": True,
        "surveyed_on": pd.Timestamp("2025-06-15"),
        "recommend": np.clip(np.round(7 + 2 * level), 0, 10).astype(int),
        "loyalty": np.clip(np.round(3 + level), 1, 5).astype(int),
    }  # fmt: skip
    return table.assign(**extra)


@pytest.mark.parametrize("high", [5, 7, 10])
def test_250_people_on_any_scale_with_gaps_are_enough(high):
    asked = loyalty.stretched(survey(250, high), high=high)
    found = loyalty.ready(asked)
    assert "not_enough" not in [finding.level for finding in found]
    answers = loyalty.answered(asked)
    scores = loyalty.scores(answers)
    assert scores["satisfaction_score"].dropna().between(0, 100).all()
    who, rated = answers["customer_id"], loyalty.filled(answers[RATED])
    drivers = loyalty.drivers(rated, scores["satisfaction_score"], who, draws=50)
    assert drivers.index[0] == "item_price"
    assert loyalty.curve(scores, draws=20).slope["low"] > 0
    x = loyalty.bonds(answers, scores["satisfaction_score"])
    logit = loyalty.ordered_logit(answers["loyalty"], x, customer=who)
    assert logit.effects["odds_low"].iloc[0] > 1
    assert loyalty.item_map(answers, draws=20)["rows"].min() > 150
    kind = loyalty.loyalty_kind(loyalty.latest(asked))
    assert loyalty.grid(kind)["n"].sum() > 200


@pytest.mark.parametrize("high", [5, 7, 10])
def test_30_people_are_not_enough(high):
    found = loyalty.ready(loyalty.stretched(survey(30, high), high=high))
    assert found[0].level == "not_enough"
    assert found[0].en.startswith("30 customers answered; 60 are needed")
    assert found[0].zh.startswith("有 30 位客户作答")


@pytest.mark.parametrize("high", [5, 7])
def test_a_scale_is_stretched_without_bending(high):
    asked = survey(100, high)
    found = loyalty.stretched(asked, high=high)
    assert found["item_price"].min() == 1
    assert found["item_price"].max() == 10
    raw, wide = (t[list(loyalty.SATISFACTION)].astype(float).corr() for t in (asked, found))
    pd.testing.assert_frame_equal(raw, wide)
    pd.testing.assert_series_equal(found["recommend"], asked["recommend"])
    pd.testing.assert_series_equal(found["loyalty"], asked["loyalty"])


def test_ten_stays_ten_and_reversed_items_are_turned():
    asked = survey(60, 10)
    pd.testing.assert_frame_equal(loyalty.stretched(asked), asked)
    turned = asked.assign(loyalty_stay=11 - asked["loyalty_stay"])
    found = loyalty.stretched(turned, reverse=["loyalty_stay"])
    pd.testing.assert_frame_equal(found, asked, check_dtype=False)


def test_answers_above_the_end_and_unknown_items_are_refused():
    with pytest.raises(
        DataError, match=r"^answers are above 5, the end of the scale, in: "
    ) as told:
        loyalty.stretched(survey(60, 7), high=5)
    assert "高于量表上限 5" in told.value.zh
    with pytest.raises(DataError, match=r"^items to reverse are not in the survey: item_smell\.$"):
        loyalty.stretched(survey(60, 7), high=7, reverse=["item_smell"])


def test_gaps_take_the_rows_and_the_items_means():
    items = pd.DataFrame({"a": [2.0, 4, 6], "b": [4.0, 6, 8], "c": [3.0, None, None]})
    items.loc[2, "b"] = None  # a third is too little to go by
    found = loyalty.filled(items)
    means = items.mean()
    assert found.loc[1, "c"] == pytest.approx(min(5 + means["c"] - means.mean(), 3))
    assert found.loc[2].isna().tolist() == [False, True, True]
    pd.testing.assert_series_equal(found["a"], items["a"])
