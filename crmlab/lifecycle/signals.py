"""What a company's log tells of a customer before it leaves: covariates, each known in time."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.lifecycle.changing import Known, as_known

ORDER_DAYS, SURVEY_DAYS, COMPLAINT_DAYS, SERVICE_DAYS = 90, 270, 120, 180
MIDDLE = 7.0  # of the answers from 1 to 10, about which satisfaction is counted
SIGNALS = (
    "orders_doubled", "satisfaction_1", "answered_survey", "complained_lately",
    "answers_half_as_fast", "first_months",
)  # fmt: skip
WAYS = ("convenience_1", "warmth_1", "answers_half_as_fast", "personal_fit_1")


def with_signals(
    rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], *, lag_days: int = 1
) -> pd.DataFrame:
    """Return `rows` with the covariates `SIGNALS` and `WAYS`, as known before each row's day.

    Parameters
    ----------
    rows : DataFrame
        ``customer_id``, ``day`` and ``start`` or ``tenure`` (months since the life began).
    tables : mapping
        ``orders`` (``order_date``), ``survey`` (``surveyed_on``, ``satisfaction_overall`` and,
        if asked, ``convenience``, ``warmth``, ``personal_fit``), ``complaints``
        (``complained_on``) and ``touchpoints`` (``at``, ``minutes_to_respond``), each
        with ``customer_id``.
    lag_days : int
        As in `as_known`.

    Returns
    -------
    DataFrame
        With ``orders_doubled`` (log2 of 1 + orders of `ORDER_DAYS`), ``satisfaction_1`` (points
        above `MIDDLE` in the last answer of `SURVEY_DAYS`, 0 without one),
        ``answered_survey`` (whether there is one), ``complained_lately`` (within
        `COMPLAINT_DAYS`), ``answers_half_as_fast`` (log2 of the mean minutes to respond
        in `SERVICE_DAYS` over the mean of all, 0 without any), ``first_months`` (e^(−months ÷
        6)), and the other ways of keeping customers, in points like satisfaction.

    Notes
    -----
    Who does not answer is not of middling satisfaction: ``answered_survey`` takes up the
    difference.
    """
    found = as_known(rows, _known(tables), lag_days=lag_days)
    tenure = found["start"] if "start" in found else found["tenure"]
    return found.assign(
        orders_doubled=np.log2(1 + found["orders_doubled"]),
        answered_survey=(found["answered_survey"] > 0).astype("float64"),
        complained_lately=(found["complained_lately"] > 0).astype("float64"),
        first_months=np.exp(-tenure / 6),
    )


def _known(tables: Mapping[str, pd.DataFrame]) -> dict[str, Known]:
    """Return what each covariate follows from."""
    survey = tables["survey"].dropna(subset="satisfaction_overall")
    answers = _dated(survey, "surveyed_on")
    complaints, touches = tables["complaints"], tables["touchpoints"]
    calls = touches.dropna(subset="minutes_to_respond")
    minutes = np.log2(1 + calls["minutes_to_respond"].astype("float64"))
    points = {
        f"{name}_1": Known(
            answers.assign(value=survey[column].astype("float64") - MIDDLE), "last", SURVEY_DAYS
        )
        for name, column in _ASKED.items()
        if column in survey
    }
    return points | {
        "orders_doubled": Known(_dated(tables["orders"], "order_date"), "count", ORDER_DAYS),
        "answered_survey": Known(answers, "count", SURVEY_DAYS),
        "complained_lately": Known(_dated(complaints, "complained_on"), "count", COMPLAINT_DAYS),
        "answers_half_as_fast": Known(
            _dated(calls, "at").assign(value=minutes - minutes.mean()), "mean", SERVICE_DAYS
        ),
    }


_ASKED = {
    "satisfaction": "satisfaction_overall", "convenience": "convenience", "warmth": "warmth",
    "personal_fit": "personal_fit",
}  # fmt: skip


def _dated(table: pd.DataFrame, day: str) -> pd.DataFrame:
    return table[["customer_id", day]].rename(columns={day: "day"})
