"""What the company's customers feel: latent attributes, satisfaction and loyalty.

Survey, and later orders and complaints, are made from these; notebooks never see them.
"""

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from crmlab.tables import ATTRIBUTES

START = pd.Timestamp("2023-01-01")
MONTHS = 36
MONTH_STARTS = pd.date_range(START, periods=MONTHS + 1, freq="MS")  # and the first one after
END = MONTH_STARTS[-1] - pd.Timedelta(days=1)  # last day observed
DAYS = (MONTH_STARTS[-1] - START).days
MONTH_DAYS = (MONTH_STARTS - START).days.to_numpy()  # day, from 0, on which a month begins
WAVES = tuple(range(5, MONTHS, 6))  # months of the half-yearly survey, counted from 0

ATTRIBUTE_CORRELATION = 0.4
KEEPS = 0.7  # share of the distance from μ that is left after a month
# Weight of an attribute in a month; its weight in the long run is 1 / (1 − KEEPS) times that.
BETA = {"price": 0.055, "psychological": 0.035, "material": 0.025, "concept": 0.015, "visual": 0.01}
BASIC = {"physical": 0.07, "conduct": 0.05}  # act only when low
EXCITING = {"art": 0.06, "spiritual": 0.04}  # act only when high
DISCONFIRMATION, FAILURE, RECOVERY = 0.6, -0.8, 1.1
DISCONFIRMATION_SD = 0.5
MEAN = 0.15  # of μ: with it, satisfaction has mean 0 over customers and months
MEAN_SD, MONTH_SD = 0.35, 0.35

THRESHOLDS = (-0.6, 0.9)  # of satisfaction: between them, loyalty hardly rises
SLOPES = (1.4, 0.15, 1.6)
EFFECTS = {"incentive": 0.5, "constraint": 0.7}
INCENTIVE_SHARE = 0.3
CONTRACT_CONSTRAINT = 0.5
CUTS = (-2.4, -0.8, 0.9, 2.6)  # of loyalty, into five ordered answers


def stream(seed: int, table: str) -> np.random.Generator:
    """Return the random numbers of one table; no other table's draws move them."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(table.encode())]))


def month_of(day: np.ndarray) -> np.ndarray:
    """Return the month, from 0, of days counted from `START`."""
    return np.searchsorted(MONTH_DAYS, day, side="right") - 1


def day_of(dates: pd.Series) -> np.ndarray:
    """Return dates as days counted from `START`."""
    return (dates - START).dt.days.to_numpy()


def dates(days: np.ndarray) -> pd.DatetimeIndex:
    """Return days counted from `START`, perhaps missing, as dates."""
    return START + pd.to_timedelta(days, unit="D")


@dataclass(frozen=True)
class Failures:
    """Chances drawn for every customer and month, shape (customers, `MONTHS`).

    A service fails where `chance` is below its probability; the customer says so
    where `voiced`, and a failure that was said is made good where `recoverable`.
    """

    chance: np.ndarray
    voiced: np.ndarray
    recoverable: np.ndarray


@dataclass(frozen=True)
class Latent:
    """What is hidden, one row per customer, one column per month (or attribute).

    `attributes` has a column per name in `crmlab.tables.ATTRIBUTES`;
    `disconfirmation`, `failed`, `recovered` and `satisfaction` one per month.
    """

    attributes: np.ndarray
    disconfirmation: np.ndarray
    failed: np.ndarray
    recovered: np.ndarray
    satisfaction: np.ndarray


def failures(seed: int, customers: int) -> Failures:
    """Return what decides failures and recoveries, shared by all tables that need them.

    A failure is voiced with probability .3, and recovered, if voiced, with .55.
    """
    draws = stream(seed, "failures").random((3, customers, MONTHS))
    return Failures(chance=draws[0], voiced=draws[1] < 0.3, recoverable=draws[2] < 0.55)


def failure_probability(satisfaction: np.ndarray) -> np.ndarray:
    """Return P(failure this month) = expit(−3.2 − .8 S) from last month's satisfaction."""
    return expit(-3.2 - 0.8 * satisfaction)


def latent(seed: int, customers: int) -> Latent:
    """Return attributes, events and satisfaction of every customer and month.

    Attributes q_ik are standard normal with correlation .4. Satisfaction is
    S_it = μ_i + .7 (S_i,t−1 − μ_i) + Σ β_k q_ik + a_i + .6 D_it − .8 F_it + 1.1 R_it + ε_it,
    with a_i = Σ_basic β_k min(q_ik, 0) + Σ_exciting β_k max(q_ik, 0), μ_i ~ N(m, .35²),
    ε ~ N(0, .35²), D ~ N(0, .5²) the disconfirmation (perceived less expected), F a
    failure and R its recovery. It begins near the level that it tends to.
    """
    draw = stream(seed, "satisfaction")
    q = _attributes(seed, customers)
    push = _push(q)
    mu = MEAN + MEAN_SD * draw.standard_normal(customers)
    noise = draw.standard_normal((2, customers, MONTHS))
    gap = DISCONFIRMATION_SD * noise[0]
    chance = failures(seed, customers)
    failed, recovered = np.zeros((2, customers, MONTHS), dtype=bool)
    level = np.empty((customers, MONTHS))
    before = mu + push / (1 - KEEPS) - MEAN + 0.6 * draw.standard_normal(customers)
    for month in range(MONTHS):
        failed[:, month] = chance.chance[:, month] < failure_probability(before)
        voiced = failed[:, month] & chance.voiced[:, month]
        recovered[:, month] = voiced & chance.recoverable[:, month]
        events = FAILURE * failed[:, month] + RECOVERY * recovered[:, month]
        shock = DISCONFIRMATION * gap[:, month] + events + MONTH_SD * noise[1, :, month]
        before = level[:, month] = mu + KEEPS * (before - mu) + push + shock
    return Latent(q, gap, failed, recovered, level)


def _attributes(seed: int, customers: int) -> np.ndarray:
    draw = stream(seed, "attributes")
    common = np.sqrt(ATTRIBUTE_CORRELATION) * draw.standard_normal((customers, 1))
    own = np.sqrt(1 - ATTRIBUTE_CORRELATION) * draw.standard_normal((customers, len(ATTRIBUTES)))
    return common + own


def _push(attributes: np.ndarray) -> np.ndarray:
    """Return what the attributes add to satisfaction in a month: linear and one-sided."""
    q = pd.DataFrame(attributes, columns=list(ATTRIBUTES))
    linear = q[list(BETA)] @ pd.Series(BETA)
    low = q[list(BASIC)].clip(upper=0) @ pd.Series(BASIC)
    high = q[list(EXCITING)].clip(lower=0) @ pd.Series(EXCITING)
    return (linear + low + high).to_numpy()


def loyalty_curve(satisfaction: np.ndarray) -> np.ndarray:
    """Return what satisfaction does for loyalty: 1.4 min(S+.6, 0) + .15 clip(S) + 1.6 max(S−.9, 0).

    Flat, but for a slope of .15, from −.6 to .9.
    """
    low, high = THRESHOLDS
    steep, flat, top = SLOPES
    return (
        steep * np.minimum(satisfaction - low, 0)
        + flat * np.clip(satisfaction, low, high)
        + top * np.maximum(satisfaction - high, 0)
    )


def loyalty(seed: int, satisfaction: np.ndarray, contract: np.ndarray) -> dict[str, np.ndarray]:
    """Return loyalty and what it is made of besides satisfaction, per customer and wave.

    L = f(S) + .5 incentive + .7 constraint + logistic noise, f as in `loyalty_curve`.
    An incentive was had by .3 of customers in a half-year; constraint is standard
    normal for a customer, .5 higher under a contract.

    Parameters
    ----------
    seed : int
        Of the company.
    satisfaction : array, shape (customers, waves)
    contract : array of bool, shape (customers,)

    Returns
    -------
    dict
        ``loyalty``, ``incentive`` (0 or 1) and ``constraint``, each of that shape.
    """
    draw = stream(seed, "loyalty")
    customers = (len(satisfaction), 1)
    constraint = draw.standard_normal(customers) + CONTRACT_CONSTRAINT * contract.reshape(-1, 1)
    incentive = (draw.random(satisfaction.shape) < INCENTIVE_SHARE).astype(float)
    constraint = np.broadcast_to(constraint, satisfaction.shape)
    bonds = EFFECTS["incentive"] * incentive + EFFECTS["constraint"] * constraint
    level = loyalty_curve(satisfaction) + bonds + draw.logistic(size=satisfaction.shape)
    return {"loyalty": level, "incentive": incentive, "constraint": constraint}
