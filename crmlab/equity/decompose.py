"""More customers, or longer stays? What a change of customer equity is made of, exactly."""

import numpy as np
import pandas as pd

from crmlab.equity.base import divided, limits, need, resampled
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


def effects(
    before: pd.DataFrame, after: pd.DataFrame, by: str, *, draws: int = 1000, seed: int = 2026
) -> pd.DataFrame:
    """Return the effects of `decompose` over all segments, with 95 % intervals.

    Parameters
    ----------
    before, after : DataFrame, one row per customer
        As `parts` takes them, indexed by customer.
    by : str
        The segment.
    draws, seed : int
        Of the bootstrap: customers are drawn, each with both of its rows. The models and
        rates behind the rows are not estimated anew, so the truth is less certain still.

    Returns
    -------
    DataFrame
        Indexed by ``effect`` (`EFFECTS`, then ``equity_change``): ``value``, ``low`` and
        ``high``, in money.
    """
    told = decompose(parts(before, by), parts(after, by)).loc["all", list(EFFECTS)]
    segments = sorted({*before[by], *after[by]})
    people = before.index.union(after.index)
    sums = [_by_customer(rows, by, segments, people) for rows in (before, after)]
    drawn = resampled(np.hstack(sums), draws=draws, seed=seed).reshape(draws, 2, 3, -1)
    samples = _split(drawn).sum(axis=2)
    low, high = limits(np.column_stack([samples, samples.sum(axis=1)]))
    names = pd.Index([*EFFECTS, "equity_change"], name="effect")
    return pd.DataFrame({"value": [*told, told.sum()], "low": low, "high": high}, index=names)


def _by_customer(rows: pd.DataFrame, by: str, segments: list[str], people: pd.Index) -> np.ndarray:
    """Return customers, customer-years and value by segment (columns), a row per customer."""
    sums = np.column_stack([rows["customers"], rows["customers"] * rows["duration"], rows["value"]])
    inside = (rows[by].to_numpy()[:, None] == np.array(segments)).astype("float64")
    wide = (sums[:, :, None] * inside[:, None, :]).reshape(len(rows), -1)
    return (
        pd.DataFrame(wide, rows.index).groupby(level=0).sum().reindex(people).fillna(0).to_numpy()
    )


def _split(drawn: np.ndarray) -> np.ndarray:
    """Return effects by draw, effect and segment; `drawn` is draw × date × sum × segment."""
    n, stay, value = drawn[:, :, 0], drawn[:, :, 1], drawn[:, :, 2]
    m = np.where(n == 0, divided(value, stay)[:, ::-1], divided(value, stay))
    years = np.where(n == 0, divided(stay, n)[:, ::-1], divided(stay, n))
    (n0, n1), (m0, m1), (y0, y1) = (np.moveaxis(each, 1, 0) for each in (n, m, years))
    number, duration, margin = (n1 - n0) * m0 * y0, n0 * m0 * (y1 - y0), n0 * (m1 - m0) * y0
    rest = n1 * m1 * y1 - n0 * m0 * y0 - number - duration - margin
    return np.nan_to_num(np.stack([number, duration, margin, rest], axis=1))


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
