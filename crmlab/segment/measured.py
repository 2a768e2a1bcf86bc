"""What segments are like in measures that need not be known of every customer."""

import numpy as np
import pandas as pd

from crmlab.segment.audit import response, uplift
from crmlab.segment.base import Estimate


def means(segments: pd.Series, measured: pd.DataFrame) -> pd.DataFrame:
    """Return each segment's mean of several measures, each of the customers who have it.

    Parameters
    ----------
    segments : Series
        Segment of each customer.
    measured : DataFrame, one row per customer
        A column per measure, in any unit, indexed like `segments`; values may be missing.

    Returns
    -------
    DataFrame
        Indexed by segment: ``customers``, and for each measure its mean with the 95 %
        interval of `response`, ``…_low`` to ``…_high``.
    """
    found = segments.value_counts(sort=False).sort_index().rename("customers").to_frame()
    for name in measured:
        ends = {"mean": name, "low": f"{name}_low", "high": f"{name}_high"}
        found = found.join(_of_known(segments, measured[name])[[*ends]].rename(columns=ends))
    return found.rename_axis("segment")


def mean_gaps(segments: pd.Series, measured: pd.DataFrame, segment: str) -> dict[str, Estimate]:
    """Return by how much more of each measure one segment has than all other customers.

    Parameters
    ----------
    segments, measured : Series, DataFrame
        As in `means`.
    segment : str
        One of the segments.

    Returns
    -------
    dict
        Measure → the difference of the two means with its 95 % interval (see `uplift`);
        missing where one of the two has nobody with the measure.
    """
    sides = pd.Series(np.where(segments == segment, "one", "rest"), segments.index, dtype="str")
    found = {}
    for name in measured:
        table = _of_known(sides, measured[name])
        both = {"one", "rest"} <= set(table.index)
        found[str(name)] = uplift(table, "rest", "one") if both else Estimate(*[np.nan] * 3)
    return found


def _of_known(segments: pd.Series, values: pd.Series) -> pd.DataFrame:
    """Return the `response` of those whose value is known; no row if it is of nobody."""
    known = values.dropna().astype("float64")
    if known.empty:
        return pd.DataFrame(columns=["mean", "low", "high"], dtype="float64")
    return response(segments.loc[known.index].astype("str"), known)
