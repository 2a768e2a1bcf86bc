"""The early warning at work: those there on a day, their chances, and when they were contacted."""

from collections.abc import Mapping, Sequence

import pandas as pd

from crmlab.errors import NotEnough
from crmlab.lifecycle.cox import Cox, predicted_survival
from crmlab.lifecycle.signals import with_signals
from crmlab.lifecycle.survival import kaplan_meier, survival_at
from crmlab.lifecycle.warning import landmark_rows

WARM_UP = 3  # months after the first life before one begins to look


def past_looks(
    lives: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    day: pd.Timestamp,
    horizon: float,
) -> pd.DataFrame:
    """Return those there on the first of each month before `day`, and what came by then.

    What an early warning that is made at the end of `day` can be fitted to: rows as of
    `landmark_rows` with the covariates of `with_signals`, a customer in many of them.

    Raises
    ------
    NotEnough
        If no first of a month lies `WARM_UP` months after the first life began.
    """
    first = lives["began_on"].min() + pd.DateOffset(months=WARM_UP)
    looks = list(pd.date_range(first, day, freq="MS"))
    if not looks:
        raise NotEnough(
            en=f"By {day:%Y-%m-%d} there is no first of a month {WARM_UP} months after the first "
            "contract began: nothing to learn from.",
            zh=f"截至 {day:%Y-%m-%d}，首份合同开始 {WARM_UP} 个月之后尚无任何月初："
            "没有可供学习的数据。",
        )
    return with_signals(landmark_rows(lives, looks, until=day, horizon=horizon), tables)


def there_on(
    lives: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    day: pd.Timestamp,
    *,
    until: pd.Timestamp,
) -> pd.DataFrame:
    """Return those still there at the end of `day`, as known then, and what came by `until`.

    Indexed by ``customer_id``; the columns are those of `past_looks`.
    """
    morning = day + pd.Timedelta(days=1)
    rows = landmark_rows(lives, [morning], until=max(until, morning))
    return with_signals(rows, tables).set_index("customer_id")


def leaving_chance(rows: pd.DataFrame, model: Cox, horizon: float) -> pd.Series:
    """Return each row's chance to leave within `horizon`.

    If the last event that the model knows came before, it is the chance to leave by then.
    """
    last = min(horizon, float(model.baseline["time"].max()))
    return (1 - predicted_survival(rows, model, [last]).iloc[:, 0]).rename("chance")


def first_contact(alarms: pd.Series, touches: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """Return the days from an alarm to the first contact after it: lives for `kaplan_meier`.

    Parameters
    ----------
    alarms : Series
        Day of the alarm, indexed by ``customer_id``.
    touches : DataFrame
        ``customer_id`` and ``at``, when somebody of ours was in touch.
    until : Timestamp
        Last day observed: who has not been contacted by then is censored.
    """
    when = touches["customer_id"].map(alarms)
    day = pd.to_datetime(touches["at"]).dt.normalize()
    later = touches[(day >= when) & (day <= until)]
    first = day.loc[later.index].groupby(later["customer_id"]).min().reindex(alarms.index)
    return pd.DataFrame(
        {"duration": (first.fillna(until) - alarms).dt.days, "observed": first.notna()}
    )


def contacted_by(lives: pd.DataFrame, days: Sequence[float]) -> pd.DataFrame:
    """Return ``contacted_share`` by ``within_days``, with its limits ``low`` and ``high``."""
    table = survival_at(kaplan_meier(lives), list(days)).droplevel("group")
    left = table[["survival", "high", "low"]]
    share = 1 - left.set_axis(["contacted_share", "low", "high"], axis=1)
    return share.rename_axis("within_days").reset_index()
