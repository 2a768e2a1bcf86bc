"""An interval for shares, and the calendar periods that are complete."""

from typing import Literal

import pandas as pd

from crmlab import intervals

Unit = Literal["D", "W", "M"]
STARTS: dict[Unit, str] = {"D": "D", "W": "W-MON", "M": "MS"}


def wilson(part: pd.Series, whole: pd.Series | float) -> pd.DataFrame:
    """Return shares with their Wilson 95 % intervals: ``share``, ``low``, ``high``.

    A share of nothing is missing. `whole` is a number for all or one for each. It may
    be an effective number, no integer; `part` divided by it is the share all the same.

    >>> wilson(pd.Series([0, 5]), 10).round(3).values.tolist()
    [[0.0, 0.0, 0.278], [0.5, 0.237, 0.763]]
    """
    n = (whole + 0.0 * part).where(lambda n: n > 0)
    low, high = intervals.wilson(part, n)
    return pd.DataFrame({"share": part / n, "low": low, "high": high}, index=part.index)


def complete_periods(first: pd.Timestamp, until: pd.Timestamp, unit: Unit) -> pd.DatetimeIndex:
    """Return the first days of the calendar periods from `first` that end by `until`.

    >>> complete_periods(pd.Timestamp("1998-04-01"), pd.Timestamp("1998-06-29"), "M").size
    2
    """
    if unit not in STARTS:
        raise ValueError(f"unit must be one of {', '.join(STARTS)}; got {unit!r}")
    return pd.date_range(first, until + pd.Timedelta(days=1), freq=STARTS[unit])[:-1]
