"""Complaints: failures that customers speak of, and the eight steps of handling them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company.hidden import (
    DAYS,
    MONTH_DAYS,
    START,
    Latent,
    dates,
    day_of,
    failures,
    stream,
)
from crmlab.company.people import STAFF, STAFF_A_UNIT, UNITS, staff_ids
from crmlab.tables import SCOPES

WITHIN_DAYS = 365  # a complaint is about an order of the last year
INVALID = 0.0025  # chance a month of a complaint without a failure
SCOPE_SHARE = (0.4, 0.1, 0.2, 0.3)
SEVERITY_SHARE = (0.5, 0.35, 0.15)
STEP_HOURS = (3.0, 8.0, 5.0, 30.0, 24.0, 14.0, 60.0, 48.0)  # medians
SKIPPED = 0.03
PACE = 0.8  # how much slower, in log s.d., a complaint is handled that is not made good
CASE_SD, STEP_SD = 0.5, 0.4


def complaints(
    seed: int, company: Mapping[str, pd.DataFrame], hidden: Latent
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ``complaints`` and ``complaint_events``.

    A failure that is voiced becomes a complaint on some day of its month, if the customer
    ordered in the year before and has not left; besides, .0025 a month complain of what
    is no failure. Invalid ones stop after step 2 with a reply. A step takes a lognormal
    time around `STEP_HOURS`: e^(.5 z + .4 e), with z ~ N(−.36, 1) where the failure is
    made good and N(.44, 1) where not, so that faster is better: the log odds of recovery
    fall by .8 per unit of z. Each step but the first is left out of the log with .03.
    What lies after the last day is not seen; recovery is known once the case is closed.
    """
    draw = stream(seed, "complaints")
    cases = _cases(seed, company, hidden, draw)
    at = _times(draw, cases)
    closing = np.where(cases["valid"], at[:, 7], at[:, 1])
    closed = START + pd.to_timedelta(np.where(closing < 24 * DAYS, closing, np.nan), unit="h")
    known = cases["valid"] & pd.Series(closed.notna())
    number = pd.Series(np.arange(1, len(cases) + 1)).astype("str").str.zfill(5)
    table = pd.DataFrame(
        {
            "complaint_id": "X" + number,
            "customer_id": cases["customer_id"],
            "order_id": cases["order_id"],
            "complained_on": cases["day"],
            "scope": draw.choice(SCOPES, len(cases), p=SCOPE_SHARE),
            "severity": draw.choice((1, 2, 3), len(cases), p=SEVERITY_SHARE),
            "valid": cases["valid"],
            "recovered": cases["recovered"].astype("boolean").where(known),
            "closed_on": closed.normalize(),
        }
    )
    return table, _events(draw, table, at)


def _cases(
    seed: int, company: Mapping[str, pd.DataFrame], hidden: Latent, draw: np.random.Generator
) -> pd.DataFrame:
    """Return complaints in order of the day: customer, order, ``valid``, ``recovered``."""
    file = company["customers"]
    real = hidden.failed & failures(seed, len(file)).voiced
    odd = ~hidden.failed & (draw.random(real.shape) < INVALID)
    row, month = np.nonzero(real | odd)
    length = MONTH_DAYS[month + 1] - MONTH_DAYS[month]
    day = dates(MONTH_DAYS[month] + np.floor(draw.random(len(row)) * length))
    found = pd.DataFrame(
        {
            "customer_id": file["customer_id"].iloc[row].reset_index(drop=True),
            "day": day,
            "valid": real[row, month],
            "recovered": hidden.recovered[row, month],
            "gone": file["churned_on"].to_numpy()[row],
            "back": file["reactivated_on"].to_numpy()[row],
        }
    ).sort_values(["day", "customer_id"], ignore_index=True)
    orders = company["orders"][["order_date", "customer_id", "order_id"]]
    found = pd.merge_asof(
        found, orders, left_on="day", right_on="order_date", by="customer_id",
        tolerance=pd.Timedelta(days=WITHIN_DAYS),
    )  # fmt: skip
    away = (found["day"] >= found["gone"]) & ~(found["day"] >= found["back"])
    return found[found["order_id"].notna() & ~away].reset_index(drop=True)


def _times(draw: np.random.Generator, cases: pd.DataFrame) -> np.ndarray:
    """Return the hour, counted from the start, at which each step ends."""
    centre = np.where(cases["recovered"], -PACE * 0.45, PACE * 0.55)
    pace = np.where(cases["valid"], centre, 0) + draw.standard_normal(len(cases))
    spread = CASE_SD * pace[:, None] + STEP_SD * draw.standard_normal((len(cases), 8))
    begins = 24 * day_of(cases["day"]) + 8 + 4 * draw.random(len(cases))
    return begins[:, None] + np.cumsum(np.array(STEP_HOURS) * np.exp(spread), axis=1)


def _events(draw: np.random.Generator, table: pd.DataFrame, at: np.ndarray) -> pd.DataFrame:
    """Return the log: a row per case and step that was done, noted, and is past."""
    done = np.where(table["valid"], 8, 2)[:, None] > np.arange(8)
    noted = draw.random(at.shape) >= SKIPPED
    noted[:, 0] = True
    case, step = np.nonzero(done & noted & (at < 24 * DAYS))
    agents = staff_ids()[STAFF // 2 :]
    agent = draw.integers(len(UNITS) // 2 * STAFF_A_UNIT, size=(len(table), 2))
    late = (step >= 3).astype("int64")  # another takes over after the third step
    when = START + pd.to_timedelta(np.floor(60 * at[case, step]), unit="min")
    return pd.DataFrame(
        {
            "complaint_id": table["complaint_id"].to_numpy()[case],
            "step": step + 1,
            "at": when,
            "actor": agents[agent[case, late]],
        }
    )


def truth_of_failures(seed: int, customers: pd.DataFrame, hidden: Latent) -> pd.DataFrame:
    """Return every failure since acquisition, a row per customer and month: voiced, recovered."""
    known = MONTH_DAYS[:-1] >= day_of(customers["acquired_on"])[:, None]
    row, month = np.nonzero(hidden.failed & known)
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"].to_numpy()[row],
            "month": month,
            "voiced": failures(seed, len(customers)).voiced[row, month],
            "recovered": hidden.recovered[row, month],
        }
    )
