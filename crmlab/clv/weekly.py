"""Week by week: how many purchases came, how many were expected, how far chance reaches."""

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.holdout import tracking
from crmlab.intervals import Z95


def weekly(
    first_order: pd.Series,
    repeat_by_day: pd.Series,
    model: Model,
    weeks_from: pd.Timestamp,
    weeks: int,
    *,
    every: int = 1,
) -> pd.DataFrame:
    r"""Return actual and expected repeat purchases, in each period and up to its end.

    The interval tells how far the number of one period may lie from the expected by chance,
    if the model and its parameters hold. A customer's number is a mixed Poisson one, whose
    rate is Gamma(r, α) while it lasts. In w weeks with m purchases expected, its second
    factorial moment is at most :math:`m w (r+1)/α`, as leaving shortens the time and spares
    slow buyers. So the variance is at most :math:`m (1 + w (r+1)/α)`, summed over customers.

    Parameters
    ----------
    first_order : Series of dates
        Each customer's first purchase.
    repeat_by_day : Series indexed by day
        Repeat purchases of these customers (``repeat`` of `customers.purchase_periods`);
        a day that is absent had none.
    model : BgNbd, MbgNbd, ParetoNbd or Nbd
        Fitted in weeks.
    weeks_from : Timestamp
        The day before week 1.
    weeks, every : int
        How many weeks to follow, and how many make a period; weeks that are left over at
        the end are not told.

    Returns
    -------
    DataFrame
        Indexed by ``week``, the last of each period: ``actual``, ``expected``, ``low`` and
        ``high`` (95 %) in the period; ``actual_so_far`` and ``expected_so_far``.

    Raises
    ------
    ValueError
        If `every` is not from 1 to `weeks`.
    """
    if not 1 <= every <= weeks:
        raise ValueError(f"every must be from 1 to {weeks}, got {every}")
    ends = pd.RangeIndex(every, weeks + 1, every, name="week")
    expected_so_far = tracking(first_order, model, weeks_from, weeks)[ends]
    week = (pd.DatetimeIndex(repeat_by_day.index) - weeks_from).days.to_numpy()
    inside = week > 0
    each = np.bincount((week[inside] - 1) // 7, repeat_by_day[inside], minlength=weeks)
    actual_so_far = pd.Series(each.cumsum()[ends - 1], ends)
    actual, expected = (s.diff().fillna(s.iloc[0]) for s in (actual_so_far, expected_so_far))
    r, alpha = model.parameters[["r", "alpha"]]
    reach = Z95 * np.sqrt(expected * (1 + every * (r + 1) / alpha))
    return pd.DataFrame(
        {
            "actual": actual,
            "expected": expected,
            "low": (expected - reach).clip(lower=0),
            "high": expected + reach,
            "actual_so_far": actual_so_far,
            "expected_so_far": expected_so_far,
        }
    )
