"""What comparing segmentations says to bad input."""

import pandas as pd
import pytest

from crmlab import plots, segment
from crmlab.errors import DataError

WAYS = pd.DataFrame({"a": [*"xxy"], "b": [*"xyy"]})


def test_a_missing_outcome_is_told_in_both_languages():
    with pytest.raises(DataError) as told:
        segment.compare_responses(WAYS, pd.Series([1.0, None, 2]))
    assert told.value.en == "1 of 3 customers have no value; fill it in or leave them out."
    assert told.value.zh == "3 位客户中有 1 位缺少数值；请补全或剔除。"


def test_an_unknown_measure_is_refused_with_those_there_are():
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the whole message is compared
        segment.response_lead(WAYS, pd.Series([1.0, 0, 2]), "a", "b", measure="luck")
    assert str(told.value) == "measure must be one of spend_explained, buying_explained, got luck"


def test_nobody_who_brings_anything_leaves_the_amount_unexplained():
    found = segment.compare_responses(WAYS, pd.Series([0.0, 0, 0]), draws=5)
    assert found["spend_explained"].isna().all()
    assert found["buying_explained"].isna().all()
    assert segment.best_two(found) == ["a", "b"]
    known = found.set_axis(["by_rfm", "by_abc"])
    ahead = segment.response_lead(WAYS, pd.Series([0.0, 0, 0]), "a", "b", draws=5)
    assert segment.tell_foretold(known, ahead, "en") == (
        "All customers did alike, so there is nothing to foretell."
    )
    assert segment.tell_foretold(known, ahead, "zh") == "所有客户的表现都一样，无从比较预示能力。"
    plots.use("en")
    title = plots.foretold_dots(known).get_title(loc="left")
    assert title == "Who brings anything is foretold best by none: –"
