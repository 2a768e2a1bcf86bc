"""The four stages of a relationship, read from the rhythm of purchases."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.lang import Lang, say, term
from crmlab.lifecycle.intervals import Unit, complete_periods

STAGES = ("nurturing", "growth", "maturity", "decline")
BLOCK = 20_000  # customers
NURTURING, GROWTH, MATURITY, DECLINE = range(4)
_PERIODS: dict[Unit, str] = {"D": "days", "W": "weeks", "M": "months"}


@dataclass(frozen=True)
class StageRules:
    """What puts a customer into a stage at the end of a period; `describe` says it in words.

    Silence for `quiet_periods` is decline, whatever the stage before. Customers with fewer
    than `min_purchases` since they joined, or since they came back from such a silence, are
    being nurtured. For the others, the last `window` periods
    are held against the `window` before: growth from `rise` times as many purchases, decline
    at `fall` times as many or fewer. A rise must reach, and a fall start from, at least
    `min_purchases` in the window, because smaller counts move by chance. The rest is maturity.
    """

    quiet_periods: int
    window: int = 3
    rise: float = 1.5
    fall: float = 0.5
    min_purchases: int = 3

    def __post_init__(self) -> None:
        for name in ("quiet_periods", "window", "min_purchases"):
            if (value := getattr(self, name)) < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        if not 0 <= self.fall < 1 < self.rise:
            raise ValueError(
                f"fall must be at least 0 and below 1, and rise above 1, "
                f"got fall {self.fall} and rise {self.rise}"
            )


def stages(
    panel: pd.DataFrame, rules: StageRules, *, until: date | pd.Timestamp, unit: Unit = "M"
) -> pd.DataFrame:
    """Return the stage of each customer at the end of each complete period.

    Parameters
    ----------
    panel : DataFrame
        ``customer_id``, ``period`` (its first day), ``purchases``: a row for each
        customer and period with a purchase, in any order.
    rules : StageRules
        Lengths are in periods of `unit`.
    until : date
        Last day observed. A last period that it cuts short is left out, and with
        it those who first bought in it.
    unit : {"D", "W", "M"}
        Calendar unit of the panel.

    Returns
    -------
    DataFrame
        Customers × periods, categories `STAGES`; missing before the first
        purchase. It takes a byte a cell; making it, some five.

    Raises
    ------
    KeyError
        If `panel` lacks a column.
    ValueError
        If a period does not begin on a first day of `unit`.
    NotEnough
        If no period is complete.
    """
    periods = _periods(panel, pd.Timestamp(until), unit)
    counts, customers = _dense(panel, periods, unit)
    codes = _codes(counts, rules)
    return pd.DataFrame(
        {
            p: pd.Categorical.from_codes(codes[:, k], pd.Index(STAGES))
            for k, p in enumerate(periods)
        },
        index=customers,
    ).rename_axis(columns="period")


def _periods(panel: pd.DataFrame, until: pd.Timestamp, unit: Unit) -> pd.DatetimeIndex:
    """Return the complete periods of the panel, of which there must be one."""
    periods = complete_periods(panel["period"].min(), until, unit)
    if periods.empty:
        raise NotEnough(
            en=f"No calendar period of unit {unit} is complete by {until:%Y-%m-%d}.",
            zh=f"截至 {until:%Y-%m-%d}，没有一个完整的日历期间（单位 {unit}）。",
        )
    return periods


def _dense(
    panel: pd.DataFrame, periods: pd.DatetimeIndex, unit: Unit
) -> tuple[np.ndarray, pd.Index]:
    """Return purchases as customers × periods, and who the rows are."""
    column = periods.get_indexer(pd.DatetimeIndex(panel["period"]))
    seen = column >= 0
    late = (panel["period"] > periods[-1]).to_numpy()
    if not (seen | late).all():
        odd = panel["period"][~(seen | late)].iloc[0]
        raise ValueError(f"{odd:%Y-%m-%d} is no first day of a period of unit {unit!r}")
    row, customers = pd.factorize(panel["customer_id"][seen], sort=True)
    bought = panel["purchases"][seen].to_numpy()
    small = bought.sum() < 2**16 or bought.max(initial=0) < 2**8  # at most 31 days a month
    counts = np.zeros((len(customers), len(periods)), "uint16" if small else "int32")
    np.add.at(counts, (row, column[seen]), bought.astype(counts.dtype))
    return counts, pd.Index(customers, name="customer_id")


def _codes(counts: np.ndarray, rules: StageRules) -> np.ndarray:
    """Return the number of the stage in each cell, -1 before the first purchase."""
    return np.concatenate([_block(part, rules) for part in blocks(counts)])


def blocks(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield some customers' rows after others, so that what is made of them stays small."""
    for first in range(0, len(rows), BLOCK):
        yield rows[first : first + BLOCK]


def _block(counts: np.ndarray, rules: StageRules) -> np.ndarray:
    total, recent = counts.cumsum(axis=1, dtype="int32"), _between(counts, rules.window, 0)
    before = _between(counts, 2 * rules.window, rules.window)
    quiet = _between(counts, rules.quiet_periods, 0) == 0
    lapsed = np.maximum.accumulate(np.where(quiet, total, 0), axis=1)
    conditions = [
        total == 0,
        quiet,
        total - lapsed < rules.min_purchases,
        (before >= rules.min_purchases) & (recent <= rules.fall * before),
        (recent >= rules.min_purchases) & (recent >= rules.rise * before),
    ]
    chosen = np.array([-1, DECLINE, NURTURING, DECLINE, GROWTH, MATURITY], "int8")
    return np.select(conditions, list(chosen[:-1]), chosen[-1])


def _between(counts: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Return purchases from `start` periods ago, inclusive, to `stop` periods ago."""
    upto = np.pad(counts.cumsum(axis=1, dtype="int32"), ((0, 0), (1, 0)))
    end = np.arange(1, upto.shape[1])
    return upto[:, (end - stop).clip(0)] - upto[:, (end - start).clip(0)]


def silent(
    panel: pd.DataFrame, rules: StageRules, *, until: date | pd.Timestamp, unit: Unit = "M"
) -> pd.DataFrame:
    """Return who had bought nothing for `quiet_periods` at the end of each period.

    Customers × periods, True or False, in the order of `stages` and with its arguments
    and errors: where True after the first purchase, silence made the stage decline.
    """
    periods = _periods(panel, pd.Timestamp(until), unit)
    counts, customers = _dense(panel, periods, unit)
    quiet = [_between(part, rules.quiet_periods, 0) == 0 for part in blocks(counts)]
    return pd.DataFrame(np.concatenate(quiet), customers, periods.rename("period"))


_WORDS = (  # in the order in which `_codes` tries them
    (
        "decline",
        "no purchase in the last {quiet_periods} {periods}",
        "最近 {quiet_periods} {periods}没有购买",
    ),
    (
        "nurturing",
        "otherwise, fewer than {min_purchases} purchases since joining or coming back",
        "否则，首次购买或回归以来购买不足 {min_purchases} 次",
    ),
    (
        "decline",
        (
            "otherwise, purchases in the last {window} {periods} at most {fall:g} times those of "
            "the {window} before, which were at least {min_purchases}"
        ),
        (
            "否则，最近 {window} {periods}的购买次数不超过此前 {window} {periods}的 {fall:g} 倍，"
            "而此前不少于 {min_purchases} 次"
        ),
    ),
    (
        "growth",
        (
            "otherwise, purchases in the last {window} {periods} at least {rise:g} times those of "
            "the {window} before, and at least {min_purchases}"
        ),
        (
            "否则，最近 {window} {periods}的购买次数达到此前 {window} {periods}的 {rise:g} 倍，"
            "且不少于 {min_purchases} 次"
        ),
    ),
    (
        "maturity",
        "all others: established, neither rising nor falling",
        "其余：关系已经建立，购买既不上升也不下降",
    ),
)


def describe(rules: StageRules, *, unit: Unit, lang: Lang) -> pd.DataFrame:
    """Return the rules in words, in the order in which they are tried.

    Indexed by ``stage``; the column ``stage_rule`` is a sentence in `lang`.

    >>> describe(StageRules(4), unit="M", lang="en")["stage_rule"].iloc[0]
    'no purchase in the last 4 months'
    """
    filled = asdict(rules) | {"periods": term(_PERIODS[unit], lang)}
    told = [(stage, say(lang, en=en, zh=zh).format(**filled)) for stage, en, zh in _WORDS]
    return pd.DataFrame(told, columns=["stage", "stage_rule"]).set_index("stage")


def stage_counts(found: pd.DataFrame) -> pd.DataFrame:
    """Return how many customers are in each stage: periods × `STAGES`."""
    codes = as_codes(found)
    counts = {stage: (codes == k).sum(axis=0) for k, stage in enumerate(STAGES)}
    return pd.DataFrame(counts, index=found.columns)


def as_codes(found: pd.DataFrame) -> np.ndarray:
    """Return the number of the stage in each cell, -1 where there is none."""
    return np.column_stack([found[period].cat.codes for period in found.columns])
