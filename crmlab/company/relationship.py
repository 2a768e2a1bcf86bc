"""Customers under contract: stages of the relationship, its end with a reason, its return."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from crmlab.company.hidden import MONTH_DAYS, MONTHS, Latent, day_of, month_of, stream
from crmlab.tables import CHURN_REASONS

STAGES = ("nurturing", "growth", "maturity", "decline")
BASE = -3.9  # of the hazard's complementary log-log
HAZARD = {"early": 0.5, "satisfaction": -0.7, "complaint": 0.9}
STAGE_HAZARD = (0.0, -0.3, -0.6, 1.0)
ORDERS_A_MONTH = (1.0, 3.0, 6.0, 1.5)
# From stage to stage: the intercept and the weight of last month's satisfaction.
MOVES = {
    (0, 1): (-1.2, 0.6),
    (1, 2): (-2.0, 0.6),
    (3, 2): (-3.0, 0.6),
    (0, 3): (-4.0, -0.8),
    (1, 3): (-3.8, -0.8),
    (2, 3): (-3.5, -0.8),
}
# Log weights of the reasons, in the order of CHURN_REASONS; what an open complaint and a
# point of satisfaction add.
REASON_BASE = np.log([0.16, 0.1, 0.16, 0.1, 0.14, 0.22, 0.12])
REASON_COMPLAINT = np.array([0.9, 0, 1.2, 0, 0, 0, 0])
REASON_SATISFACTION = np.array([-0.3, 0, -0.4, 0, 0.3, 0.2, 0])
RETURNS, RETURN_MONTHS = 0.2, (2, 9)
AWAY = -1  # in place of a stage


@dataclass(frozen=True)
class Relationship:
    """What became of contracts, one row per customer of the contract kind.

    `customer` is the row in the customer file, `stage` has a column per month (`AWAY`
    before, after and between contracts), `open_complaint` and `at_risk` likewise;
    `started`, `left` and `returned` are days from the start, missing as NaN, and
    `reason` an index into ``CHURN_REASONS`` (-1: none).
    """

    customer: np.ndarray
    stage: np.ndarray
    open_complaint: np.ndarray
    at_risk: np.ndarray
    started: np.ndarray
    left: np.ndarray
    returned: np.ndarray
    reason: np.ndarray


def relationships(seed: int, customers: pd.DataFrame, hidden: Latent) -> Relationship:
    """Return the contracts' lives, month by month from the month of acquisition.

    Stages are Markov: from last month's stage and satisfaction S, P(move) = expit(a + b S)
    with `MOVES`. The contract of a customer in its t-th month after acquisition ends with
    h = 1 − exp(−exp(−3.9 + .5 e^(−t/6) − .7 S₋₁ + .9 C + stage)), where C tells that a
    failure of the month before was not made good (voiced or not) and `STAGE_HAZARD`
    belongs to this month's stage. It ends on some day of that month for one of seven
    reasons, multinomial. One in five returns two to nine months later, to stay.
    """
    who = np.flatnonzero(customers["kind"] == "contract")
    S, grievance = hidden.satisfaction[who], (hidden.failed & ~hidden.recovered)[who]
    began = day_of(customers["acquired_on"])[who]
    draw = stream(seed, "relationships")
    chance = draw.random((3, len(who), MONTHS))
    back = draw.integers(*RETURN_MONTHS, len(who), endpoint=True)
    comes = draw.random(len(who)) < RETURNS
    stage, at_risk, left = _lives(month_of(began), S, grievance, chance, np.where(comes, back, 99))
    gone = left >= 0
    reason = _reasons(draw, left, S, grievance)
    day = _day_in(draw, left)
    home = np.where(gone & comes & (left + back < MONTHS), left + back, -1)
    returned = _day_in(draw, home)
    opened = np.roll(grievance, 1, axis=1) & at_risk
    return Relationship(who, stage, opened, at_risk, began, day, returned, reason)


def _lives(
    began: np.ndarray,
    S: np.ndarray,
    grievance: np.ndarray,
    chance: np.ndarray,
    back: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the stage and being at risk by month, and the month of leaving (-1: none)."""
    stage = np.full(S.shape, AWAY)
    at_risk = np.zeros(S.shape, dtype=bool)
    left = np.full(len(S), -1)
    now = np.full(len(S), AWAY)
    for month in range(MONTHS):
        before = S[:, month - 1]
        now = _move(now, before, chance[0, :, month])
        now[(began == month) | ((left >= 0) & (left + back == month))] = 0
        stage[:, month] = now
        at_risk[:, month] = (now != AWAY) & (left < 0) & (month > began)
        risk = hazard(month - began, before, grievance[:, month - 1], now)
        ends = at_risk[:, month] & (chance[1, :, month] < risk)
        left[ends] = month
        now = np.where(ends, AWAY, now)
    return stage, at_risk, left


def hazard(
    tenure: np.ndarray, satisfaction: np.ndarray, complaint: np.ndarray, stage: np.ndarray
) -> np.ndarray:
    """Return the probability that a contract ends in its month of `tenure`, by stage."""
    score = (
        BASE
        + HAZARD["early"] * np.exp(-np.maximum(tenure, 0) / 6)
        + HAZARD["satisfaction"] * satisfaction
        + HAZARD["complaint"] * complaint
        + np.array(STAGE_HAZARD)[stage]
    )
    return -np.expm1(-np.exp(score))


def _move(now: np.ndarray, satisfaction: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Return the next stage: at most two ways lead out of each, tried on one draw."""
    after, below = now.copy(), np.zeros(len(now))
    for (old, new), (base, weight) in MOVES.items():
        here = now == old
        upto = below + here * expit(base + weight * satisfaction)
        after = np.where(here & (chance >= below) & (chance < upto), new, after)
        below = upto
    return after


def _reasons(
    draw: np.random.Generator, left: np.ndarray, S: np.ndarray, grievance: np.ndarray
) -> np.ndarray:
    """Return the reason of each end: the largest of its log weights plus Gumbel noise."""
    rows = np.arange(len(left))
    satisfied, complaint = S[rows, left - 1], grievance[rows, left - 1]
    weight = REASON_BASE + np.outer(complaint, REASON_COMPLAINT)
    weight = weight + np.outer(satisfied, REASON_SATISFACTION)
    noise = draw.gumbel(size=(len(left), len(CHURN_REASONS)))
    return np.where(left >= 0, (weight + noise).argmax(axis=1), -1)


def _day_in(draw: np.random.Generator, month: np.ndarray) -> np.ndarray:
    """Return a day of the month, NaN where the month is -1."""
    first, after = MONTH_DAYS[month], MONTH_DAYS[month + 1]
    day = first + np.floor(draw.random(len(month)) * (after - first))
    return np.where(month >= 0, day, np.nan)


def months_of(relations: Relationship, customer_id: pd.Series) -> pd.DataFrame:
    """Return what is hidden, a row per contract and month: ``stage``, ``at_risk``, complaint."""
    row, month = np.nonzero(relations.stage != AWAY)
    return pd.DataFrame(
        {
            "customer_id": customer_id.to_numpy()[relations.customer[row]],
            "month": month,
            "stage": np.array(STAGES)[relations.stage[row, month]],
            "at_risk": relations.at_risk[row, month],
            "open_complaint": relations.open_complaint[row, month],
        }
    )
