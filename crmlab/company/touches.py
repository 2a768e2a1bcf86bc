"""Touches: who of the staff spoke to whom, when, about what."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company.accounts import rows_of
from crmlab.company.hidden import DAYS, START, Latent, day_of, stream
from crmlab.company.people import STAFF_A_UNIT, UNITS, staff_ids, unit_effects
from crmlab.tables import CARE_VARIABLES, DEPARTMENTS, PHASES

PACE = {"contract": 0.45, "noncontract": 0.25}  # touches a month
WITHIN_DAYS = 365  # of an order, else nobody calls
DEPARTMENT_SHARE = (0.35, 0.3, 0.2, 0.1, 0.05)
TYPES = {  # by department: type → share
    "sales": {"visit": 0.5, "call": 0.5},
    "service": {"return_visit": 0.5, "call": 0.3, "suggestion": 0.2},
    "marketing": {"message": 0.7, "event": 0.3},
    "logistics": {"call": 0.5, "message": 0.5},
    "finance": {"call": 1.0},
}
PHASE_SHARE, CARE_SHARE = (0.25, 0.35, 0.4), (0.4, 0.3, 0.2, 0.1)
COLLIDES = 0.06  # of touches: two other departments come within a week
ANSWERED = ("call", "message", "suggestion")  # types that a customer waits for
MISSED = 0.08  # of return visits
HAPPY_STAFF = 0.6  # how closely satisfied units have satisfied customers


def touchpoints(seed: int, company: Mapping[str, pd.DataFrame], hidden: Latent) -> pd.DataFrame:
    """Return touches, by time: a Poisson number a month in the year after an order.

    Every customer belongs to a unit with P(unit k) ∝ exp(.6 u_k S̄), u the unit's effect
    on its staff and S̄ the customer's mean satisfaction, standardised. Of touches .06 are
    followed within a week by two other departments' to the same contact. Minutes to
    respond are lognormal around 45, s.d. 1; a return visit is done Poisson(2) days
    after it was due, or, with .08, not at all; .35 of suggestions are adopted.
    """
    draw = stream(seed, "touchpoints")
    each = _followed(draw, _planned(draw, company))
    each = each[each["minute"] < each["until"] * 1440].sort_values(
        ["minute", "row", "department"], ignore_index=True
    )
    told = each.assign(type=_types(draw, each["department"]))
    at = START + pd.to_timedelta(told["minute"], unit="min")
    known = company["customers"]["acquired_on"].iloc[told["row"]].reset_index(drop=True)
    number = pd.Series(np.arange(1, len(told) + 1)).astype("str").str.zfill(5)
    parts = {
        "touch_id": "T" + number,
        "contact_id": _contacts(company, told),
        "customer_id": company["customers"]["customer_id"].to_numpy()[told["row"]],
        "staff_id": _staff(seed, draw, hidden, told["row"].to_numpy()),
        "department": np.array(DEPARTMENTS)[told["department"]],
        "at": at,
        "type": told["type"],
        "phase": draw.choice(PHASES, len(told), p=PHASE_SHARE),
        "care_variable": draw.choice(CARE_VARIABLES, len(told), p=CARE_SHARE),
        **_outcomes(draw, told["type"], at, known),
    }
    return pd.DataFrame(parts)


def _planned(draw: np.random.Generator, company: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return touches: customer (``row``), ``minute``, ``department``, ``until`` which day."""
    file, orders = company["customers"], company["orders"]
    first = day_of(file["acquired_on"])
    last = day_of(orders.groupby("customer_id")["order_date"].max().reindex(file["customer_id"]))
    gone = ((file["churned_on"] - START).dt.days).where(file["reactivated_on"].isna())
    until = np.fmin(np.minimum(last + WITHIN_DAYS, DAYS), gone.to_numpy())
    months = np.maximum(until - first, 0) / 30.4375
    row = np.arange(len(file)).repeat(draw.poisson(months * file["kind"].map(PACE)))
    day = first[row] + np.floor(draw.random(len(row)) * (until - first)[row])
    minute = 1440 * day + draw.integers(8 * 60, 18 * 60, len(row))
    department = draw.choice(len(DEPARTMENTS), len(row), p=DEPARTMENT_SHARE)
    pick = draw.random(len(row))
    return pd.DataFrame(
        {"row": row, "minute": minute, "department": department, "until": until[row], "pick": pick}
    )


def _followed(draw: np.random.Generator, planned: pd.DataFrame) -> pd.DataFrame:
    """Return touches, those of other departments to the same contact added."""
    hit = planned[draw.random(len(planned)) < COLLIDES]
    also = [
        hit.assign(
            department=(hit["department"] + step) % len(DEPARTMENTS),
            minute=hit["minute"] + 1440 * draw.integers(1, 7, len(hit)),
        )
        for step in (1, 2)
    ]
    return pd.concat([planned, *also], ignore_index=True)


def _types(draw: np.random.Generator, department: pd.Series) -> pd.Series:
    chance = draw.random(len(department))
    found = np.empty(len(department), dtype=object)
    for place, name in enumerate(DEPARTMENTS):
        here = (department == place).to_numpy()
        upto = np.cumsum(list(TYPES[name].values()))
        found[here] = np.array(list(TYPES[name]))[np.searchsorted(upto[:-1], chance[here])]
    return pd.Series(found, dtype="str")


def _contacts(company: Mapping[str, pd.DataFrame], told: pd.DataFrame) -> np.ndarray:
    """Return one of the customer's contacts; touches that collide share it."""
    owner = rows_of(company, company["contacts"]["customer_id"])
    ids = company["contacts"]["contact_id"].to_numpy()[np.argsort(owner, kind="stable")]
    count = np.bincount(owner, minlength=len(company["customers"]))
    begins = np.cumsum(count) - count
    row = told["row"].to_numpy()
    place = begins[row] + np.floor(told["pick"].to_numpy() * count[row]).astype("int64")
    return ids[place]


def _staff(seed: int, draw: np.random.Generator, hidden: Latent, row: np.ndarray) -> np.ndarray:
    """Return who touched: someone of the unit that the customer belongs to."""
    level = hidden.satisfaction.mean(axis=1)
    level = (level - level.mean()) / (level.std() or 1)
    lean = HAPPY_STAFF * np.outer(level, unit_effects(seed))
    unit = (lean + draw.gumbel(size=(len(level), len(UNITS)))).argmax(axis=1)
    return staff_ids()[STAFF_A_UNIT * unit[row] + draw.integers(STAFF_A_UNIT, size=len(row))]


def _outcomes(
    draw: np.random.Generator, kind: pd.Series, at: pd.Series, known: pd.Series
) -> dict[str, pd.Series]:
    """Return how long a customer waited, whether a visit was made when due, what was adopted."""
    n = len(kind)
    minutes = pd.Series(np.ceil(45 * np.exp(draw.standard_normal(n))), dtype="Int64")
    visit = kind == "return_visit"
    late = pd.to_timedelta(draw.poisson(2, n), unit="D")
    due = (at.dt.normalize() - late).clip(lower=known)
    done = visit & (draw.random(n) >= MISSED)
    return {
        "minutes_to_respond": minutes.where(kind.isin(ANSWERED)),
        "due_on": due.where(visit),
        "done_on": at.dt.normalize().where(done),
        "adopted": pd.Series(draw.random(n) < 0.35, dtype="boolean").where(kind == "suggestion"),
    }
