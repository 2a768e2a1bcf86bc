"""More customers, or longer stays? What a change of customer equity is made of, exactly."""

import pandas as pd

from crmlab.equity.base import divided, need
from crmlab.errors import DataError

PARTS = ("customers", "margin", "duration")
EFFECTS = ("number_effect", "duration_effect", "margin_effect", "interaction_effect")


def parts(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return customers, margin a year and duration of each segment.

    Parameters
    ----------
    rows : DataFrame
        ``customers`` (how many a row stands for; a probability for one that may have
        left), ``duration`` (discounted years of stay), ``value`` of the row (money), and
        the column `by`.

    Returns
    -------
    DataFrame
        Indexed by `by`: ``customers``, ``duration`` (their mean, in discounted years) and
        ``margin`` (value ÷ customers ÷ duration: money per customer-year), so that the
        product of the three is the segment's equity.
    """
    need(rows, ["customers", "duration", "value", by], "rows")
    years = rows.assign(years=rows["customers"] * rows["duration"])
    sums = years.groupby(by)[["customers", "years", "value"]].sum()
    duration = divided(sums["years"].to_numpy(), sums["customers"].to_numpy())
    margin = divided(sums["value"].to_numpy(), sums["years"].to_numpy())
    return sums[["customers"]].assign(margin=margin, duration=duration)


def decompose(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    r"""Return what the change of customer equity is made of, by segment and in all.

    Equity of a segment is N·m·L: customers, margin a year, discounted years of stay.

    .. math:: \Delta(NmL) = \Delta N\,mL + N m\,\Delta L + N\,\Delta m\,L + interaction

    with the first period's values where there is no Δ. The interaction is what two or
    more of the changes do together. Nothing is left over.

    Parameters
    ----------
    before, after : DataFrame, one row per segment
        ``customers``, ``margin`` and ``duration``, as `parts` returns them. A segment
        that is in one only had, or has, no customers in the other.

    Returns
    -------
    DataFrame
        Indexed by segment, and last ``all``: ``before``, the effects (`EFFECTS`) and
        ``after``, in money.

    Raises
    ------
    DataError
        If a column is lacking, a number is missing, or a segment stands twice.
    """
    for table, name in ((before, "before"), (after, "after")):
        need(table, PARTS, name)
        if table.index.has_duplicates:
            twice = ", ".join(map(str, table.index[table.index.duplicated()].unique()))
            raise DataError(
                en=f"{name} has a segment more than once: {twice}.",
                zh=f"{name} 中有重复的分群：{twice}。",
            )
    old, new = _aligned(before, after), _aligned(after, before)
    n, m, years = (old[c] for c in PARTS)
    more_n, more_m, longer = (new[c] - old[c] for c in PARTS)
    table = pd.DataFrame(
        {
            "before": n * m * years,
            "number_effect": more_n * m * years,
            "duration_effect": n * m * longer,
            "margin_effect": n * more_m * years,
        }
    )
    now = new["customers"] * new["margin"] * new["duration"]
    table["interaction_effect"] = now - table.sum(axis=1)
    table["after"] = now
    whole = pd.concat([table, table.sum().rename("all").to_frame().T])
    return whole.rename_axis(str(before.index.name or "segment"))


def effects(before: pd.DataFrame, after: pd.DataFrame, by: str) -> pd.Series:
    """Return the effects of `decompose` over all segments, in money.

    `before` and `after` are rows as `parts` takes them, `by` is the segment. Indexed by
    `EFFECTS`, then ``equity_change``, which is their sum.
    """
    told = decompose(parts(before, by), parts(after, by)).T["all"][list(EFFECTS)]
    whole = pd.Series([told.sum()], ["equity_change"])
    return pd.concat([told, whole]).rename_axis("effect")


def _aligned(table: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return `table` for all segments: one that it lacks has no customers, and the other's rest.

    So the whole of a segment that is new, or gone, is number effect.
    """
    every = table.index.union(other.index, sort=False).sort_values()
    full = table.reindex(every)
    rest = other.reindex(every)
    return full.assign(
        customers=full["customers"].fillna(0.0),
        margin=full["margin"].fillna(rest["margin"]),
        duration=full["duration"].fillna(rest["duration"]),
    )[list(PARTS)]
