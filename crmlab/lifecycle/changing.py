"""Lives whose covariates change: rows by month, each with what was known before it begins.

A covariate that looks ahead makes any model good: who is about to leave stops ordering,
and who has left does not answer. So a row sees only entries that were on file `lag_days`
before its first day, and no customer may be at risk twice at the same time.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from crmlab.errors import DataError

MONTH = 30.4375  # days
How = Literal["last", "count", "sum", "mean"]


@dataclass(frozen=True)
class Known:
    """How a covariate follows from dated entries, as of any day.

    `entries` has ``customer_id``, ``day`` (on which the entry is on file) and, but for
    counts, ``value``. Those of the last `within_days` count, or all of them; `otherwise` is
    the covariate where there is none. ``last`` takes the mean of the latest day's entries.
    """

    entries: pd.DataFrame
    how: How = "last"
    within_days: int | None = None
    otherwise: float = 0.0

    def __post_init__(self) -> None:
        if self.how not in get_args(How):
            raise ValueError(f"how must be one of {get_args(How)}, got {self.how!r}")
        if self.within_days is not None and self.within_days < 1:
            raise ValueError(f"within_days must be at least 1, got {self.within_days}")


def contract_lives(contracts: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Return the life of each contract that had begun by `until`, in months.

    Parameters
    ----------
    contracts : DataFrame
        ``customer_id``, ``started_on``, ``ended_on`` (its last day; empty if it runs).
    until : Timestamp
        Last day observed: a contract that runs then, or ends later, is censored.

    Returns
    -------
    DataFrame
        ``customer_id``, ``began_on``, ``ended_on`` (or `until`), ``observed``,
        ``duration`` (months of 30.4375 days, both days included) and ``nth``, the
        customer's first contract being 1.

    Raises
    ------
    DataError
        If a contract ends before it begins, or two of a customer overlap: which rows.
    """
    known = contracts[pd.to_datetime(contracts["started_on"]) <= until]
    began, ended = (pd.to_datetime(known[c]) for c in ("started_on", "ended_on"))
    observed = ended <= until
    lives = pd.DataFrame(
        {
            "customer_id": known["customer_id"], "began_on": began,
            "ended_on": ended.where(observed, until), "observed": observed,
        }
    )  # fmt: skip
    no_overlap(lives)
    lives["duration"] = _months(lives["ended_on"] - began, whole=True)
    order = lives.sort_values(["customer_id", "began_on"]).groupby("customer_id").cumcount()
    return lives.assign(nth=order.reindex(lives.index) + 1)


def no_overlap(
    rows: pd.DataFrame, since: str = "began_on", until: str = "ended_on", who: str = "customer_id"
) -> None:
    """Refuse rows that run backwards, or that have a customer at risk twice at a time.

    `since` and `until` are days or numbers; a row may begin where another one ends.

    Raises
    ------
    DataError
        With the rows' labels and times: the first pair, and how many there are.
    """
    backwards = rows[rows[until] < rows[since]]
    if len(backwards):
        label, begins, ends = next(backwards[[since, until]].itertuples(name=None))
        _refuse(
            len(backwards),
            f"row {label} ends ({_told(ends)}) before it begins ({_told(begins)})",
            f"第 {label} 行的终点（{_told(ends)}）早于起点（{_told(begins)}）",
        )
    order = rows.sort_values([who, since, until], kind="stable")
    before = order.groupby(who)[until].cummax().groupby(order[who]).shift()
    if not (clash := order[since] < before).any():
        return
    late = int(np.flatnonzero(clash)[0])
    same = (order[who].iloc[:late] == order[who].iloc[late]) & (
        order[until].iloc[:late] > order[since].iloc[late]
    )
    first = int(np.flatnonzero(same)[0])
    spans = [_span(order, place, since, until) for place in (first, late)]
    (one, here, there), (two, begins, ends) = spans
    _refuse(
        int(clash.sum()),
        f"rows {one} and {two} are of the same customer and overlap: {here} to {there}, "
        f"and {begins} to {ends}",
        f"第 {one} 行与第 {two} 行属于同一客户且时间重叠：{here} 至 {there}，{begins} 至 {ends}",
    )


def _span(rows: pd.DataFrame, place: int, since: str, until: str) -> tuple[Hashable, str, str]:
    row = rows.iloc[place]
    return rows.index[place], _told(row[since]), _told(row[until])


def _told(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{value:g}"


def _refuse(count: int, en: str, zh: str) -> None:
    more = "" if count == 1 else f" ({count:,} such cases)"
    also = "" if count == 1 else f"（共 {count:,} 处）"
    raise DataError(en=f"{en[0].upper()}{en[1:]}{more}.", zh=f"{zh}{also}。")


def monthly_rows(lives: pd.DataFrame) -> pd.DataFrame:
    """Return a row per life and calendar month at risk, for `cox` and `discrete_hazard`.

    Parameters
    ----------
    lives : DataFrame
        ``customer_id``, ``began_on``, ``ended_on``, ``observed``, as from `contract_lives`;
        other columns are kept.

    Returns
    -------
    DataFrame
        In place of those: ``day`` (the first of the row), ``start`` and ``stop`` (months
        since the life began), ``period`` (calendar months since the one in which it began)
        and ``observed``, whether the life ended in the row. Rows keep the index of their life.

    Raises
    ------
    DataError
        As from `no_overlap`.
    """
    no_overlap(lives)
    began, ended = (lives[c].dt.to_period("M").astype("int64") for c in ("began_on", "ended_on"))
    count = (ended - began + 1).to_numpy()
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    rows = lives.iloc[np.repeat(np.arange(len(lives)), count)]
    month = np.repeat(began.to_numpy(), count) + nth  # counted from January 1970, as numpy does
    first, after = (
        pd.Series(each.astype("datetime64[M]").astype("datetime64[us]"), rows.index)
        for each in (month, month + 1)
    )
    last = after - pd.Timedelta(days=1)
    day = first.where(first > rows["began_on"], rows["began_on"])
    last = last.where(last < rows["ended_on"], rows["ended_on"])
    table = rows.drop(columns=["began_on", "ended_on", "duration"], errors="ignore")
    return table.assign(
        day=day, start=_months(day - rows["began_on"]),
        stop=_months(last - rows["began_on"], whole=True), period=nth,
        observed=rows["observed"] & (nth == np.repeat(count - 1, count)),
    )  # fmt: skip


def _months(span: pd.Series, *, whole: bool = False) -> pd.Series:
    """Return a span of days in months; `whole` counts its last day."""
    return (span.dt.days + int(whole)) / MONTH


def as_known(
    rows: pd.DataFrame, covariates: Mapping[str, Known], *, lag_days: int = 1
) -> pd.DataFrame:
    """Return `rows` with each covariate as it was known `lag_days` before the row's ``day``.

    Parameters
    ----------
    rows : DataFrame
        ``customer_id`` and ``day``, such as from `monthly_rows`.
    covariates : mapping
        Name of the column → what it follows from.
    lag_days : int
        At least 1: what happens on the day itself may follow from the leaving.

    Raises
    ------
    ValueError
        If the lag is below 1.
    """
    if lag_days < 1:
        raise ValueError(f"lag_days must be at least 1, got {lag_days}: a row may not look ahead")
    seen = rows["day"] - pd.Timedelta(days=lag_days)
    return rows.assign(
        **{name: _value(rows["customer_id"], seen, known) for name, known in covariates.items()}
    )


def _value(who: pd.Series, seen: pd.Series, known: Known) -> np.ndarray:
    """Return one covariate: cumulated entries up to the day, less those that are too old."""
    entries = known.entries.assign(value=known.entries.get("value", 1.0)).dropna(
        subset=["customer_id", "day", "value"]
    )
    names = pd.Index(pd.concat([who, entries["customer_id"]]).unique())
    day = pd.to_datetime(entries["day"]).dt.normalize()
    keys = pd.Series(_key(names, entries["customer_id"], day), entries.index)
    sums = entries["value"].astype("float64").groupby(keys).agg(["sum", "size"])  # by key, sorted
    total = np.vstack([np.zeros(2), np.cumsum(sums.to_numpy("float64"), axis=0)])
    until = np.searchsorted(sums.index, _key(names, who, seen), side="right")
    oldest = pd.Series(pd.Timestamp(0), seen.index)
    since = oldest if known.within_days is None else seen - pd.Timedelta(days=known.within_days)
    begin = np.searchsorted(sums.index, _key(names, who, since), side="right")
    if known.how == "last":
        begin = np.maximum(begin, until - 1)
    value, count = (total[until] - total[begin]).T
    if known.how in ("last", "mean"):
        value = np.divide(value, count, out=np.full(len(count), np.nan), where=count > 0)
    elif known.how == "count":
        value = count
    return np.where(until > begin, value, known.otherwise)


def _key(names: pd.Index, who: pd.Series, day: pd.Series) -> np.ndarray:
    """Return numbers that rise with the customer, then with the day."""
    number = (day - pd.Timestamp(0)).dt.days.to_numpy()
    return names.get_indexer(pd.Index(who)).astype("int64") * 1_000_000 + number
