"""The customer-base audit: one period, one cohort over time, cohorts compared, the whole base.

Made of a panel: one row per customer and period in which they bought (`crmlab.customers.panel`
by month, then `in_periods`). Two periods compared are in `crmlab.segment.tree`.
"""

from datetime import date

import numpy as np
import pandas as pd

from crmlab.errors import DataError
from crmlab.intervals import wilson

KEYS = ["customer_id", "period"]
BANDS = {"1": 1, "2": 2, "3–4": 3, "5–9": 5, "10+": 10}  # purchases in a period, from


def in_periods(panel: pd.DataFrame, *, until: date | pd.Timestamp, months: int = 3) -> pd.DataFrame:
    """Return a monthly panel as one of periods of `months`, the last of which is complete.

    Parameters
    ----------
    panel : DataFrame
        ``customer_id``, ``period`` (first day of a month), ``purchases``, ``spend``, and
        ``profit`` where it is known.
    until : date
        Last day observed. Periods are counted back from the last month that is over by
        then; later rows are left out. The first period may begin before the data do.
    months : int
        Length of a period.

    Returns
    -------
    DataFrame
        The same columns; ``period`` is the first day of each. Sorted by customer and period.

    Raises
    ------
    DataError
        As every function here: if a column or a value is missing, a customer has a period
        twice, or a row has no purchase.
    """
    checked(panel)
    month, last = _month(panel["period"]), _last_month(until)
    block = (last - month) // months
    start = _first_day(last + 1 - months * (block + 1))
    sums = [c for c in ("purchases", "spend", "profit") if c in panel]
    each = panel.assign(period=start)[month <= last]
    return each.groupby(KEYS, sort=True)[sums].sum().reset_index()


def compared(
    until: date | pd.Timestamp, *, months: int = 3, back: int = 4
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first days of the last complete period and of the one `back` before it.

    The earlier one comes first; with four periods of three months it is the same season.

    >>> [str(day.date()) for day in compared(date(1998, 7, 15))]
    ['1997-04-01', '1998-04-01']
    """
    last = _last_month(until) + 1 - months
    then, now = _first_day(np.array([last - back * months, last]))
    return then, now


def one_period(
    panel: pd.DataFrame, period: pd.Timestamp, weight: pd.Series | None = None
) -> pd.DataFrame:
    """Return how different the customers of one period are, by their purchases in it: lens 1.

    Parameters
    ----------
    panel : DataFrame
        As in `in_periods`.
    period : Timestamp
        First day of one of its periods.
    weight : Series, optional
        How many customers the customer of a row of `panel` stands for.

    Returns
    -------
    DataFrame
        Indexed by ``band`` of purchases: ``customers``, ``share_customers``, ``spend``,
        ``share_spend``, ``spend_per_customer``, ``spend_per_purchase``.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Ross, M. (2022). The customer-base audit.
    """
    rows, sizes = of_period(panel, period), _sizes(panel, weight)
    bounds = [*BANDS.values(), np.inf]
    band = pd.cut(rows["purchases"], bounds, right=False, labels=list(BANDS)).rename("band")
    sums = _sums(rows, sizes.loc[rows.index]).groupby(band, observed=False).sum()
    return pd.DataFrame(
        {
            "customers": sums["customers"],
            "share_customers": sums["customers"] / sums["customers"].sum(),
            "spend": sums["spend"],
            "share_spend": sums["spend"] / (sums["spend"].sum() or np.nan),
            "spend_per_customer": _per(sums, "spend", "customers"),
            "spend_per_purchase": _per(sums, "spend", "purchases"),
        }
    )


def cohort_lives(panel: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return what each cohort did in each period of its life: lenses 3 to 5 rest on it.

    A cohort are those who first bought in the same period. Those of the first period of
    the data may have been customers before.

    Parameters
    ----------
    panel : DataFrame
        As in `in_periods`; each period begins with a month.
    weight : Series, optional
        How many customers the customer of a row of `panel` stands for.

    Returns
    -------
    DataFrame
        Indexed by ``cohort`` (first day) and ``age`` in periods, without gaps to the last
        period: ``period``, ``members``, ``customers`` (who bought), ``purchases``, ``spend``;
        ``share_active`` with its 95 % interval ``low`` to ``high``; ``purchases_per_active``,
        ``spend_per_purchase``, ``spend_per_member`` (the product of these three) and
        ``spend_to_date``, its running total.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Ross, M. (2022). The customer-base audit.
    """
    checked(panel)
    days = grid(panel["period"])
    first = panel.groupby("customer_id")["period"].transform("min")
    joined, bought = (days.get_indexer(pd.Index(each)) for each in (first, panel["period"]))
    age = bought - joined
    sums = _sums(panel, _sizes(panel, weight)).groupby([joined, age]).sum()
    begun = sorted(set(joined))
    ages = [(cohort, n) for cohort in begun for n in range(len(days) - cohort)]
    lives = sums.reindex(pd.MultiIndex.from_tuples(ages, names=["cohort", "age"]), fill_value=0)
    cohort, n = (lives.index.get_level_values(level) for level in ("cohort", "age"))
    lives.insert(0, "period", days[cohort + n])
    lives.insert(1, "members", lives["customers"].groupby("cohort").transform("first"))
    return _rates(
        lives.set_axis(pd.MultiIndex.from_arrays([days[cohort], n], names=lives.index.names))
    )


def one_cohort(lives: pd.DataFrame, cohort: pd.Timestamp) -> pd.DataFrame:
    """Return one cohort over time, from `cohort_lives`, indexed by ``age``: lens 3.

    Raises
    ------
    DataError
        If nobody first bought in that period.
    """
    begun = lives.index.unique("cohort")
    if cohort not in begun:
        raise DataError(
            en=f"nobody first bought in the period that begins on {cohort:%Y-%m-%d}; "
            f"cohorts begin from {begun.min():%Y-%m-%d} to {begun.max():%Y-%m-%d}.",
            zh=f"{cohort:%Y-%m-%d} 开始的一期没有首次购买的客户；"
            f"同期群自 {begun.min():%Y-%m-%d} 至 {begun.max():%Y-%m-%d}。",
        )
    return lives[lives.index.get_level_values("cohort") == cohort].droplevel("cohort")


def same_age(lives: pd.DataFrame, age: int) -> pd.DataFrame:
    """Return the cohorts compared at the same `age`, from `cohort_lives`: lens 4.

    Indexed by ``cohort``, those that have come to that age: what `cohort_lives` says.
    """
    return lives[lives.index.get_level_values("age") == age].droplevel("age")


def whole_base(lives: pd.DataFrame) -> pd.DataFrame:
    """Return the whole customer base over time, from `cohort_lives`: lens 5.

    Indexed by ``period``: ``customers`` who bought, ``new`` of them, ``share_base`` (who
    bought, of all who ever had), ``purchases_per_customer``, ``spend_per_purchase``,
    ``spend``, and ``share_new_spend`` (of those who were new).
    """
    first = lives[lives.index.get_level_values("age") == 0].set_index("period")
    sums = lives.groupby("period")[["customers", "purchases", "spend"]].sum()
    new = first.reindex(sums.index, fill_value=0)
    return pd.DataFrame(
        {
            "customers": sums["customers"],
            "new": new["customers"],
            "share_base": sums["customers"] / new["customers"].cumsum(),
            "purchases_per_customer": _per(sums, "purchases", "customers"),
            "spend_per_purchase": _per(sums, "spend", "purchases"),
            "spend": sums["spend"],
            "share_new_spend": new["spend"] / sums["spend"].where(sums["spend"] > 0),
        }
    )


def checked(panel: pd.DataFrame) -> None:
    """Refuse a panel that has not one row, with a purchase, per customer and period."""
    if lacking := [c for c in (*KEYS, "purchases", "spend") if c not in panel]:
        raise KeyError(f"panel lacks {', '.join(lacking)}")
    faults = {
        "has a missing value": ("有缺失值", panel.isna().any(axis=1)),
        "is the second of its customer and period": (
            "与另一行的客户和期间相同",
            panel.duplicated(KEYS),
        ),
        "has no purchase": ("没有购买", panel["purchases"] < 1),
    }
    for en, (zh, wrong) in faults.items():
        if wrong.any():
            row = wrong.idxmax()
            raise DataError(
                en=f"row {row} of the panel {en}; each row is a customer and a period in which "
                "they bought.",
                zh=f"面板第 {row} 行{zh}；每行应为一位客户有购买的一期。",
            )


def of_period(panel: pd.DataFrame, period: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of one period; there must be some."""
    checked(panel)
    rows = panel[panel["period"] == period]
    if rows.empty:
        first, last = panel["period"].min(), panel["period"].max()
        raise DataError(
            en=f"nobody bought in the period that begins on {period:%Y-%m-%d}; "
            f"periods begin from {first:%Y-%m-%d} to {last:%Y-%m-%d}.",
            zh=f"{period:%Y-%m-%d} 开始的一期无人购买；"
            f"各期自 {first:%Y-%m-%d} 至 {last:%Y-%m-%d}。",
        )
    return rows


def _rates(lives: pd.DataFrame) -> pd.DataFrame:
    """Add what a member, an active one and a purchase brought."""
    low, high = wilson(lives["customers"], lives["members"])
    each = lives["spend"] / lives["members"]
    return lives.assign(
        share_active=lives["customers"] / lives["members"],
        low=low,
        high=high,
        purchases_per_active=_per(lives, "purchases", "customers"),
        spend_per_purchase=_per(lives, "spend", "purchases"),
        spend_per_member=each,
        spend_to_date=each.groupby("cohort").cumsum(),
    )


def _sums(rows: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    both = {c: sizes * rows[c] for c in ("purchases", "spend")}
    return pd.DataFrame({"customers": sizes} | both)


def _per(sums: pd.DataFrame, what: str, by: str) -> pd.Series:
    return sums[what] / sums[by].where(sums[by] > 0)


def _sizes(panel: pd.DataFrame, weight: pd.Series | None) -> pd.Series:
    return pd.Series(1, index=panel.index) if weight is None else weight


def grid(periods: pd.Series) -> pd.DatetimeIndex:
    """Return every period from the first to the last, those without purchases too."""
    months = np.unique(_month(periods))
    step = np.gcd.reduce(np.diff(months)) if len(months) > 1 else 1
    return _first_day(np.arange(months[0], months[-1] + 1, step))


def _last_month(until: date | pd.Timestamp) -> int:
    """Return the number of the last month that is over at the end of that day."""
    over = pd.Timestamp(until) + pd.Timedelta(days=1)
    return over.year * 12 + over.month - 2


def _month(days: pd.Series) -> np.ndarray:
    return (days.dt.year * 12 + days.dt.month - 1).to_numpy("int64")


def _first_day(months: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex((months - 1970 * 12).astype("datetime64[M]").astype("datetime64[us]"))
