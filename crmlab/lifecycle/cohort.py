"""What share of a cohort buys in each later period: activity, which is not retention."""

import numpy as np
import pandas as pd

from crmlab.lifecycle.intervals import Unit, complete_periods, wilson


def complete_cells(cohorts: pd.DataFrame, *, until: pd.Timestamp, unit: Unit) -> pd.DataFrame:
    """Return the cohort triangle without the period that `until` cuts short.

    Parameters
    ----------
    cohorts : DataFrame
        Share active, cohorts (``cohort``, its first day, and ``customers``) × age in
        periods; the future is missing.
    until : date
        Last day observed.
    unit : {"D", "W", "M"}
        Calendar unit of cohorts and ages.
    """
    starts = cohorts.index.get_level_values("cohort")
    periods = complete_periods(starts.min(), pd.Timestamp(until), unit)
    lived = len(periods) - periods.get_indexer(starts)
    lived = np.where(starts.isin(periods), lived, 0)
    seen = cohorts.where(np.asarray(cohorts.columns) < lived[:, None])
    return seen.dropna(how="all").dropna(how="all", axis="columns")


def activity(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Return the share of customers who bought at each age, over all cohorts old enough.

    Indexed by ``age`` in periods: ``customers`` observed at that age, ``active``
    ones, ``share`` with a Wilson 95 % interval (``low``, ``high``). A customer who did
    not buy in a period may buy in the next: this is activity, not retention.
    """
    size = cohorts.index.get_level_values("customers").to_numpy()[:, None]
    customers = (cohorts.notna() * size).sum()
    active = (cohorts * size).sum().round().astype("int64")
    table = pd.DataFrame({"customers": customers, "active": active})
    return table.join(wilson(table["active"], table["customers"])).rename_axis("age")
