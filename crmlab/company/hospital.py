"""The hospital: discharged patients, return visits, departments by month; and standards.

A pilot of the customer-relationship system runs in half of the departments from the 19th
month. What is planted here is no evidence about real hospitals.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company.hidden import DAYS, END, MONTH_STARTS, MONTHS, START, dates, stream
from crmlab.company.typed import ids, pick, planted, typed
from crmlab.tables.hospital import (
    AREAS,
    DEPARTMENT_MONTHS,
    DISEASES,
    FOLLOWUPS,
    PATIENTS,
    RESULTS,
    STANDARDS,
)

PATIENTS_SEEN = 2000
PILOT_MONTH = 18  # counted from 0, in which the pilot begins
PILOTS = tuple(DISEASES)[::2]  # the departments that take part
EFFECT = {"satisfaction": 4.0, "recognition": 6.0, "admissions": 0.08}  # points; of ln(number)
NOISE = {"satisfaction": 1.5, "recognition": 2.0}
TREND = {"satisfaction": 0.08, "recognition": 0.15}  # points a month, in all departments
CONSENT, STOPS, GROUPED = 0.85, 0.04, 0.3
BREACH = 0.03  # of visits that consent or a stop should have prevented, ordered all the same
VISIT_DAYS = (7, 30, 90)  # after discharge
VISITS = (1.0, 0.6, 0.3)  # chance that such a visit is ordered
DONE, PILOT_DONE = 0.72, 0.14
CHECKED, PILOT_CHECKED = 0.5, 0.25
RESULT_SHARES = dict(zip(RESULTS, (0.35, 0.38, 0.14, 0.05, 0.08), strict=True))
HOURS = (2, 8, 12, 72, 96, 120, 168, 240)  # of the steps of a complaint, counted from its record


def tables(
    seed: int,
    company: Mapping[str, pd.DataFrame],  # noqa: ARG001 as of every subject
) -> dict[str, pd.DataFrame]:
    """Return ``patients``, ``followups``, ``department_months`` and ``standards``.

    The hospital stands apart from the trading company: its size depends on no other table.
    """
    seen = _patients(seed)
    return {
        "patients": seen,
        "followups": _followups(seed, seen),
        "department_months": _department_months(seed),
        "standards": _standards(),
    }


def truth(
    seed: int,  # noqa: ARG001
    company: Mapping[str, pd.DataFrame],  # noqa: ARG001
) -> dict[str, pd.DataFrame]:
    """Return the planted effects of the pilot."""
    told = {f"pilot_{name}": effect for name, effect in EFFECT.items()}
    told |= {"pilot_done": PILOT_DONE, "pilot_checked": PILOT_CHECKED, "pilot_month": PILOT_MONTH}
    return {"hospital_parameters": planted(told)}


def _patients(seed: int) -> pd.DataFrame:
    """Return discharges, evenly over the 36 months; one row per patient, by date.

    Department, disease and area are even. Of patients .3 belong to a group (an employer),
    .85 consented apart to being called; .04 ended contact later, after Exp(120 days).
    """
    draw = stream(seed, "patients")
    n = PATIENTS_SEEN
    day = np.sort(np.floor(DAYS * draw.random(n)))
    which = draw.integers(0, len(DISEASES), n)
    disease = np.array(list(DISEASES.values()))[which, draw.integers(0, 2, n)]
    area = draw.integers(0, len(AREAS), n)
    group = "G" + pd.Series(draw.integers(1, 41, n)).astype("str").str.zfill(2)
    stop = day + np.ceil(120 * draw.standard_exponential(n))
    stops = (draw.random(n) < STOPS) & (stop < DAYS)
    return typed(
        pd.DataFrame(
            {
                "patient_id": ids("H", n, width=5),
                "discharged_on": dates(day),
                "department": np.array(list(DISEASES))[which],
                "disease": disease,
                "area": np.array(AREAS)[area],
                "group_id": group.where(draw.random(n) < GROUPED),
                "station": "S" + pd.Series(2 * area + draw.integers(1, 3, n)).astype("str"),
                "consent": draw.random(n) < CONSENT,
                "contact_stopped_on": dates(np.where(stops, stop, np.nan)),
            }
        ),
        PATIENTS,
    )


def _followups(seed: int, seen: pd.DataFrame) -> pd.DataFrame:
    """Return the return visits ordered, by day of order; result and check where done.

    Visits 7, 30 and 90 days after discharge are ordered with 1, .6 and .3, a week before
    (at discharge at the earliest), if the patient consented and has not ended contact by
    the due day; .03 of the others too. Planted: done with .72, + .14 in a pilot department
    once the pilot runs; checked by the chief with .5, + .25. Done 2 days early to
    Exp(5 days) late; what would be done or checked after the last day is open.
    """
    draw = stream(seed, "followups")
    each = _orders_of_visits(draw, seen)
    n = len(each)
    pilot = each["department"].isin(PILOTS) & (each["due_on"] >= MONTH_STARTS[PILOT_MONTH])
    late = np.floor(-2 + 5 * draw.standard_exponential(n))
    done_on = each["due_on"] + pd.to_timedelta(late, unit="D")
    done = (draw.random(n) < DONE + PILOT_DONE * pilot) & (done_on <= END)
    done_on = done_on.where(done).astype("datetime64[us]")
    checked_on = done_on + pd.to_timedelta(draw.integers(1, 8, n), unit="D")
    checked = (draw.random(n) < CHECKED + PILOT_CHECKED * pilot) & (checked_on <= END)
    place = each["department"].map({name: k for k, name in enumerate(DISEASES)})
    physician = 4 * place + draw.integers(1, 5, n)
    result = pd.Series(pick(draw, RESULT_SHARES, n), each.index)
    each = each.assign(
        done_on=done_on,
        checked_on=checked_on.where(checked),
        physician="Y" + physician.astype("str").str.zfill(2),
        result=result.where(done),
    ).sort_values(["ordered_on", "patient_id", "due_on"], ignore_index=True)
    return typed(each.assign(followup_id=ids("F", n, width=5)), FOLLOWUPS)


def _orders_of_visits(draw: np.random.Generator, seen: pd.DataFrame) -> pd.DataFrame:
    plan = pd.DataFrame({"after": VISIT_DAYS, "chance": VISITS})
    each = seen.merge(plan, how="cross")
    n = len(each)
    each["due_on"] = each["discharged_on"] + pd.to_timedelta(each["after"], unit="D")
    each["ordered_on"] = (each["due_on"] - pd.Timedelta(days=7)).clip(lower=each["discharged_on"])
    wanted = draw.random(n) < each["chance"]
    stopped = each["contact_stopped_on"] <= each["due_on"]
    allowed = (each["consent"].astype(bool) & ~stopped) | (draw.random(n) < BREACH)
    return each[wanted & allowed & (each["ordered_on"] <= END)].reset_index(drop=True)


def _department_months(seed: int) -> pd.DataFrame:
    """Return departments by month. Planted: a difference in differences.

    Satisfaction and recognition are a level of the department (N(70, 4²), N(45, 6²)), a
    trend that all share, a shock of the month (s.d. 1) that all share, noise (s.d. 1.5 and
    2), and, in pilot departments once the pilot runs, + 4 and + 6 points. Admissions are
    Poisson with a mean of the department (60 to 200), times 1.005 a month, times e^.08.
    """
    draw = stream(seed, "department_months")
    names = list(DISEASES)
    month = np.arange(MONTHS)
    runs = np.isin(names, PILOTS)[:, None] & (month >= PILOT_MONTH)
    told = {}
    for name, mean, sd in (("satisfaction", 70, 4), ("recognition", 45, 6)):
        level = mean + sd * draw.standard_normal((len(names), 1))
        shared = TREND[name] * month + draw.standard_normal(MONTHS)
        noise = NOISE[name] * draw.standard_normal((len(names), MONTHS))
        told[name] = (level + shared + noise + EFFECT[name] * runs).clip(0, 100).round(1).ravel()
    usual = draw.uniform(60, 200, (len(names), 1)) * 1.005**month
    admissions = draw.poisson(usual * np.exp(EFFECT["admissions"] * runs)).ravel()
    return typed(
        pd.DataFrame(
            {
                "department": np.repeat(names, MONTHS),
                "month": np.tile(MONTH_STARTS[:-1], len(names)),
                "pilot": runs.ravel(),
                **told,
                "admissions": admissions,
            }
        ),
        DEPARTMENT_MONTHS,
    )


def _standards() -> pd.DataFrame:
    """Return the standards: hours by step of a complaint, response, return visits.

    From the start an average of what was (50 % of cases, a target that the course calls
    an error), unpublished; from the 19th month 90 % within three quarters of it, published
    for the steps that the customer sees (record, judge, carry out, evaluate).
    """
    steps = pd.DataFrame(
        {"process": "complaint", "step": range(1, 9), "metric": "hours_to_step", "threshold": HOURS}
    )
    others = pd.DataFrame(
        {
            "process": ["touchpoint", "return_visit"],
            "step": 1,
            "metric": ["minutes_to_respond", "days_overdue"],
            "threshold": [60, 4],
        }
    )
    first = pd.concat([steps, others], ignore_index=True).assign(
        percentile=50, published=False, valid_from=START
    )
    seen = first["step"].isin([1, 2, 7, 8])
    second = first.assign(
        percentile=90,
        published=seen,
        threshold=0.75 * first["threshold"],
        valid_from=MONTH_STARTS[PILOT_MONTH],
    )
    return typed(pd.concat([first, second], ignore_index=True), STANDARDS)
