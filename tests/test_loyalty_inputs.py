"""What satisfaction and loyalty refuse, and what they call enough."""

import numpy as np
import pandas as pd
import pytest

from crmlab import loyalty
from crmlab.errors import NotEnough

COLUMNS = [*loyalty.SATISFACTION, *loyalty.LOYALTY, "item_price", "item_art"]


def survey(customers, *, noise=1.0, responded=0.9, seed=1):
    """Make one wave of `customers`, whose items share a level and have `noise` of their own."""
    draw = np.random.default_rng(seed)
    level = draw.standard_normal(customers)
    answers = pd.DataFrame(
        {
            name: np.clip(
                np.round(6 + 1.5 * level + noise * draw.standard_normal(customers)), 1, 10
            )
            for name in COLUMNS
        }
    )
    said = np.arange(customers) < round(responded * customers)
    return (
        answers[said]
        .reindex(answers.index)
        .assign(
            customer_id=[f"C{n:05d}" for n in range(customers)],
            wave=1,
            responded=said,
            loyalty=np.clip(np.round(3 + level), 1, 5),
        )
    )


def levels(asked, **options):
    return [finding.level for finding in loyalty.ready(asked, **options)]


def test_a_good_survey_is_ready():
    assert levels(survey(500)) == ["ready"] * 6


@pytest.mark.parametrize(
    ("customers", "level"), [(400, "ready"), (150, "caution"), (40, "not_enough")]
)
def test_how_many_customers_are_enough(customers, level):
    assert levels(survey(customers))[0] == level


def test_too_few_says_how_many_and_what_would_do():
    finding = loyalty.ready(survey(40, responded=1))[0]
    assert finding.en == (
        "40 customers answered; 60 are needed, 300 would be enough to see a flat zone."
    )
    assert finding.zh == "有 40 位客户作答；至少需要 60 位，300 位才足以看出平缓段。"


def test_an_unreliable_scale_is_not_enough_unless_told_otherwise():
    loose = survey(500, noise=5)
    assert levels(loose)[1] == "not_enough"
    assert levels(loose, alpha_at_least=0)[1] == "caution"
    with pytest.raises(NotEnough, match=r"below 0\.60: the items do not measure one thing") as told:
        loyalty.scores(loyalty.answered(loose))
    assert "低于 0.60" in told.value.zh
    scored = loyalty.scores(loyalty.answered(loose), alpha_at_least=0)
    assert scored["satisfaction_score"].notna().all()


def test_a_scale_of_one_item_is_not_enough():
    lone = survey(500).drop(columns=["loyalty_repeat", "loyalty_stay"])
    assert levels(lone)[2] == "not_enough"
    with pytest.raises(NotEnough, match=r"1 are there; a scale needs 2\.$"):
        loyalty.scores(loyalty.answered(lone))


def test_an_outcome_of_two_steps_is_not_enough():
    assert levels(survey(500).assign(loyalty=lambda t: t["loyalty"].clip(2, 3)))[3] == "not_enough"


def test_attributes_that_do_not_vary_do_not_count():
    asked = survey(500).assign(item_art=5.0)
    assert loyalty.attributes(asked) == ["item_price"]
    assert levels(asked)[4] == "not_enough"


@pytest.mark.parametrize(("responded", "level"), [(0.9, "ready"), (0.5, "caution"), (1, "caution")])
def test_response_is_judged_and_its_absence_too(responded, level):
    found = loyalty.ready(survey(900, responded=responded))[-1]
    assert found.level == level
    assert ("unknown" in found.en) == (responded == 1)


def test_everyone_answering_the_same_is_not_enough():
    same = survey(500)
    same[COLUMNS] = 10.0
    assert "not_enough" in levels(same)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (pd.DataFrame({"a": [1, 2, 3]}), "a scale needs 2 items and 3 complete rows, got 1 and 3"),
        (pd.DataFrame({"a": [1, None], "b": [2, 2]}),
         "a scale needs 2 items and 3 complete rows, got 2 and 1"),
        (pd.DataFrame({"a": [1, 1, 1], "b": [2, 2, 2]}), "the items' sum does not vary"),
    ],
    ids=["one-item", "one-complete-row", "constant"],
)  # fmt: skip
def test_alpha_refuses(items, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        loyalty.cronbach_alpha(items)


def test_answers_off_the_scale_are_refused():
    with pytest.raises(ValueError, match=r"^items must be 1 to 10$"):
        loyalty.score(pd.DataFrame({"a": [11], "b": [5]}))


@pytest.mark.parametrize(
    ("ratings", "message"),
    [([], "no ratings to score"), ([None], "no ratings to score"),
     ([5, 11], "ratings must be 0 to 10, got 5 to 11")],
    ids=["none", "missing", "eleven"],
)  # fmt: skip
def test_net_promoter_score_refuses(ratings, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        loyalty.net_promoter_score(pd.Series(ratings, dtype="float64"))


def test_a_curve_needs_rows_and_different_scores():
    rows = pd.DataFrame({"customer_id": range(30), "satisfaction_score": [1.0, 2.0, 3.0] * 10,
                         "loyalty_score": 1.0})  # fmt: skip
    with pytest.raises(ValueError, match=r"^a curve needs 20 rows and 6 values of satisfaction, "
                       r"got 30 and 3$"):  # fmt: skip
        loyalty.curve(rows)


def test_a_lumpy_score_is_no_obstacle():
    """Nine of ten customers give one answer: no two places have rows enough between them."""
    draw = np.random.default_rng(1)
    x = np.where(draw.random(300) < 0.9, 50.0, draw.integers(30, 70, 300))
    rows = pd.DataFrame({"customer_id": range(300), "satisfaction_score": x,
                         "loyalty_score": x + draw.standard_normal(300)})  # fmt: skip
    found = loyalty.curve(rows, draws=20)
    assert np.isfinite(found.models.drop(index="line").to_numpy()).all()
    assert np.isfinite(found.slopes.to_numpy()).all()


@pytest.mark.parametrize("alpha", [0, 1.2])
def test_distortion_wants_a_reliability(alpha):
    with pytest.raises(ValueError, match=rf"^alpha must be above 0 and at most 1, got {alpha}$"):
        loyalty.distortion(pd.DataFrame(), None, alpha)


@pytest.mark.parametrize("k", [0, 16])
def test_lmg_refuses_too_many_predictors(k):
    with pytest.raises(
        ValueError, match=rf"^LMG compares 2\^k models: k must be 1 to 15, got {k}$"
    ):
        loyalty.lmg(np.eye(k + 1))


def test_drivers_refuse_what_does_not_vary_or_suffice():
    items = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": 7.0})
    y, who = pd.Series([1.0, 3, 2, 5, 4]), pd.Series(range(5))
    with pytest.raises(ValueError, match=r"got 5 rows; b does not vary$"):
        loyalty.drivers(items, y, who)
    with pytest.raises(
        ValueError, match=r"^drivers need more complete rows than columns, got 3 rows$"
    ):
        loyalty.drivers(items.head(3), y.head(3), who.head(3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [1, 2] * 5}, "an ordered outcome needs 3 values, got 2"),
        ({"x": [4.0] * 10}, "x does not vary"),
        ({"w": [0.5] * 10}, "weights must be whole numbers from 0"),
        ({"w": [-1] * 10}, "weights must be whole numbers from 0"),
    ],
    ids=["two-values", "constant", "half", "negative"],
)
def test_the_ordered_logit_refuses(change, message):
    data = pd.DataFrame({"y": [1, 2, 3, 1, 2] * 2, "x": range(10), "w": [1] * 10}).assign(**change)
    with pytest.raises(ValueError, match=f"^{message}$"):
        loyalty.ordered_logit(data["y"], data[["x"]], weight=data["w"])


def test_rows_that_lack_an_answer_are_left_out_of_the_logit():
    draw = np.random.default_rng(3)
    x = pd.DataFrame({"x": draw.standard_normal(60)})
    y = pd.Series(draw.integers(1, 4, 60)).astype("Int64")
    whole = loyalty.ordered_logit(y.iloc[10:], x.iloc[10:])
    x.iloc[:5], y.iloc[5:10] = np.nan, pd.NA
    found = loyalty.ordered_logit(y, x)
    assert found.rows == 50
    pd.testing.assert_frame_equal(found.effects, whole.effects)
