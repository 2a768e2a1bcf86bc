"""Which segmentation foretells: by brute force, by statsmodels, and where the truth is known."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.outliers_influence import OLSInfluence

from crmlab import segment
from crmlab.segment import Estimate

OUTCOME = pd.Series([0.0, 4, 8, 0, 10, 3], index=[*"abcdef"])
SEGMENTS = pd.Series(["x", "x", "x", "y", "y", "z"], index=[*"abcdef"])


def test_errors_are_those_of_foretelling_each_customer_from_the_others():
    found = segment.errors(SEGMENTS, OUTCOME)
    mean, share = OUTCOME.mean(), (OUTCOME > 0).mean()
    for who, amount in OUTCOME.items():
        others = OUTCOME[(SEGMENTS[who] == SEGMENTS) & (OUTCOME.index != who)]
        foretold = (others.sum() + mean) / (len(others) + 1)
        chance = ((others > 0).sum() + share) / (len(others) + 1)
        likely = chance if amount > 0 else 1 - chance
        assert found["spend_explained"][who] == pytest.approx((amount - foretold) ** 2)
        assert found["buying_explained"][who] == pytest.approx(-2 * np.log(likely))


def drawn(n=3000):
    """Return four segments whose means part 1/5 of the variance, and one by chance alone."""
    draw = np.random.default_rng(7)
    kind = draw.integers(0, 4, n)
    mean = np.array([40.0, 60, 80, 100])[kind]
    outcome = pd.Series(mean + 2 * np.sqrt(500) * draw.standard_normal(n))
    return pd.DataFrame({"true": kind, "chance": draw.permutation(kind)}), outcome


def test_a_known_share_of_the_variance_comes_back_and_chance_explains_nothing():
    ways, outcome = drawn()
    found = segment.compare_responses(ways, outcome, draws=200)
    true = found.loc["true"]  # variance of the means 500, of the noise 2,000
    assert true["spend_low"] < 0.2 < true["spend_high"]
    assert true["spend_explained"] == pytest.approx(0.2, abs=0.03)
    assert found.loc["chance", "spend_high"] < 0.01
    assert found["segments"].tolist() == [4, 4]


def test_what_is_explained_is_statsmodels_prediction_sum_of_squares_but_for_the_one_put_in():
    ways, outcome = drawn()
    dummies = pd.get_dummies(ways["true"], dtype="float64")
    press = OLSInfluence(OLS(outcome, dummies).fit()).resid_press
    alike = OLSInfluence(OLS(outcome, np.ones(len(outcome))).fit()).resid_press
    found = segment.compare_responses(ways[["true"]], outcome, draws=2)
    expected = 1 - (press**2).sum() / (alike**2).sum()
    assert found.loc["true", "spend_explained"] == pytest.approx(expected, abs=2e-5)


def test_the_lead_of_a_true_segmentation_over_chance_is_beyond_chance():
    ways, outcome = drawn()
    ahead = segment.response_lead(
        ways, outcome, "true", "chance", measure="spend_explained", draws=200
    )
    table = segment.compare_responses(ways, outcome, draws=2)["spend_explained"]
    assert ahead.value == pytest.approx(table["true"] - table["chance"])
    assert ahead.low > 0.1


def test_rfm_foretells_cdnow_better_than_the_page_s_other_ways(cdnow):
    from crmlab.customers import split, summarise

    past = split(cdnow, holdout_weeks=26)
    later = summarise(cdnow)["spend"].loc[past.index] - past["spend"]
    named = segment.name_segments(segment.rfm(past), segment.rules())
    ways = pd.DataFrame({"by_rfm": named, "by_abc": segment.abc(past["spend"])})
    found = segment.compare_responses(ways, later, draws=100)
    assert found["buying_explained"].idxmax() == "by_rfm"
    assert segment.response_lead(ways, later, "by_rfm", "by_abc", draws=100).low > 0


def test_means_and_gaps_are_of_those_of_whom_the_measure_is_known():
    kinds = pd.Series([*"aaabbb"], index=range(6))
    measured = pd.DataFrame({"m": [1.0, 3, None, 5, 7, None], "dark": [np.nan] * 6})
    found = segment.means(kinds, measured)
    assert found["customers"].tolist() == [3, 3]
    assert found["m"].tolist() == [2, 6]
    assert found["dark"].isna().all()
    gap = segment.mean_gaps(kinds, measured, "b")
    assert gap["m"].value == 4
    assert gap["m"].low < 4 < gap["m"].high
    assert np.isnan(gap["dark"].value)


TABLE = pd.DataFrame(
    {"segments": [7, 3], "spend_explained": [0.303, 0.31], "spend_low": [0.2, 0.2],
     "spend_high": [0.4, 0.4], "buying_explained": [0.195, 0.119], "buying_low": [0.163, 0.1],
     "buying_high": [0.227, 0.14]},
    index=["by_rfm", "by_abc"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("low", "lang", "told"),
    [
        (0.053, "en", ("Who brings anything is explained best by RFM segments: **19.5%** (16.3% "
                      "to 22.7%), 7.6 points more than by ABC (5.3 to 10: beyond chance). How "
                      "much they bring is explained best by ABC: **31.0%**.")),
        (-0.01, "zh", ("对谁会带来贡献，RFM 细分解释得最多：**19.5%**（16.3% 至 22.7%），"
                      "比“ABC 分类”高 7.6 个百分点（−1 至 10，未超出偶然范围）。"
                      "对贡献多少，ABC 分类解释得最多：**31.0%**。")),
    ],
)  # fmt: skip
def test_the_sentence_says_which_is_best_and_whether_beyond_chance(low, lang, told):
    assert segment.tell_foretold(TABLE, Estimate(0.076, low, 0.1), lang) == told
