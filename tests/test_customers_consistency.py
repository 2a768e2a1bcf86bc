"""Do units, the order of rows and the future leave the summary as it is?"""

import numpy as np
import pandas as pd
import pytest

from crmlab.customers import split, summarise
from crmlab.errors import DataError, NotEnough
from tests.test_customers_correctness import shop

ROWS = [
    ("a", "2024-01-01", 5),
    ("b", "2024-01-03", 7),
    ("a", "2024-02-10", 1),
    ("b", "2024-03-01", 2),
]


@pytest.mark.parametrize(("unit", "days"), [("D", 1), ("W", 7), ("M", 30.4375)])
def test_units_are_only_units(cdnow, unit, days):
    in_days = summarise(cdnow, time_unit="D")
    ours = summarise(cdnow, time_unit=unit)
    for column in ("recency", "T"):
        np.testing.assert_allclose(ours[column] * days, in_days[column], rtol=1e-12)
    pd.testing.assert_series_equal(ours["frequency"], in_days["frequency"])


def test_the_order_of_rows_does_not_matter(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
    forwards, backwards = shop(tmp_path / "x", ROWS), shop(tmp_path / "y", ROWS[::-1])
    pd.testing.assert_frame_equal(summarise(forwards), summarise(backwards))


def test_the_future_is_not_seen(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
    later = [*ROWS, ("c", "2024-04-01", 9), ("a", "2024-04-02", -5)]
    then = summarise(shop(tmp_path / "x", later), as_of="2024-03-01")
    pd.testing.assert_frame_equal(then, summarise(shop(tmp_path / "y", ROWS)))


@pytest.mark.parametrize("as_of", ["1990-01-01", "1998-07-01"])
def test_a_day_outside_the_data_is_refused(cdnow, as_of):
    with pytest.raises(DataError) as told:
        summarise(cdnow, as_of=as_of)
    assert told.value.en == (
        f"as_of {as_of} is outside the data of cdnow, which run from 1997-01-01 to 1998-06-30."
    )


def test_a_test_longer_than_the_data_is_not_enough_data(tmp_path):
    with pytest.raises(NotEnough) as told:
        split(shop(tmp_path, ROWS), holdout_weeks=39)
    assert told.value.en == (
        "A test of 39 weeks leaves nothing before it: the data of shop run from 2024-01-01 to "
        "2024-03-01. Choose fewer holdout_weeks."
    )


def test_what_is_no_day_is_refused(cdnow):
    with pytest.raises(DataError) as told:
        summarise(cdnow, as_of="soon")
    assert told.value.en == "as_of is 'soon'; it must be a date such as 1998-06-30."
