"""What customers buy, and when: BG/NBD and gamma-gamma without a contract, stages under one."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from crmlab.company.customer_file import REGIONS
from crmlab.company.hidden import (
    DAYS,
    MONTH_DAYS,
    Latent,
    dates,
    day_of,
    month_of,
    stream,
)
from crmlab.company.relationship import AWAY, ORDERS_A_MONTH, Relationship

RATE = (0.8, 6.0)  # Gamma shape and rate (weeks) of purchases a week
DROPOUT = (0.8, 2.5)  # Beta of the chance to leave after a repeat purchase
SPEND = (6.0, 4.0, 300.0)  # gamma-gamma: shape, shape of its rate, scale; mean 600 CNY
SATISFACTION, UNRECOVERED = -0.6, 0.9  # on the log odds of leaving, times the knob
USUAL = (600, 40_000, 0.35, 0.3)  # mean order under contract: at this potential, power, s.d.
LEAST = 20  # CNY, of an order
TERMS = {"retail": 0, "commercial": 30, "organisation": 60}  # days to pay
DIVERTED = 0.05  # of dealers' orders


@dataclass(frozen=True)
class Buyers:
    """The hidden traits of customers without a contract, one entry per customer.

    `customer` is the row in the customer file; `rate` purchases a week, `dropout` the
    chance to leave after a repeat purchase, `spend_rate` the ν of the spend's Gamma.
    """

    customer: np.ndarray
    rate: np.ndarray
    dropout: np.ndarray
    spend_rate: np.ndarray


def buyers(seed: int, customers: pd.DataFrame) -> Buyers:
    """Return traits: λ ~ Gamma(.8, rate 6), p ~ Beta(.8, 2.5), ν ~ Gamma(4, rate 300)."""
    who = np.flatnonzero(customers["kind"] == "noncontract")
    draw = stream(seed, "buyers")
    rate = draw.gamma(RATE[0], 1 / RATE[1], len(who))
    dropout = draw.beta(*DROPOUT, len(who))
    return Buyers(who, rate, dropout, draw.gamma(SPEND[1], 1 / SPEND[2], len(who)))


def orders(
    seed: int,
    customers: pd.DataFrame,
    hidden: Latent,
    relations: Relationship,
    satisfaction_effect: float = 1,
) -> pd.DataFrame:
    """Return one row per order, by date; ``amount`` is net, in whole CNY.

    `noncontract` and `contract` say who buys when and for how much. Payment is due
    after `TERMS`; the representative is the customer's. Of dealers' orders .05 are
    diverted: sold in another region than the one they were delivered for.
    """
    bought = pd.concat(
        [
            noncontract(seed, buyers(seed, customers), customers, hidden, satisfaction_effect),
            contract(seed, customers, relations),
        ],
        ignore_index=True,
    ).sort_values(["day", "customer"], ignore_index=True)
    named = customers[["customer_id", "nature", "region", "is_dealer", "rep_id"]]
    each = named.iloc[bought["customer"]].reset_index(drop=True)
    terms = each["nature"].map(TERMS).to_numpy()
    number = pd.Series(np.arange(1, len(bought) + 1)).astype("str").str.zfill(6)
    return pd.DataFrame(
        {
            "order_id": "O" + number,
            "customer_id": each["customer_id"],
            "order_date": dates(bought["day"].to_numpy()),
            "amount": np.maximum(np.rint(bought["amount"]), LEAST).astype("int64"),
            "due_on": dates(bought["day"].to_numpy() + terms),
            "origin_region": each["region"],
            "sold_region": _sold_region(seed, each),
            "rep_id": each["rep_id"],
        }
    )


def noncontract(
    seed: int,
    who: Buyers,
    customers: pd.DataFrame,
    hidden: Latent,
    satisfaction_effect: float = 1,
) -> pd.DataFrame:
    """Return ``customer``, ``day`` and ``amount`` of purchases without a contract.

    The first purchase is at some time of the day of acquisition. Gaps are exponential with rate λ a
    week; after each repeat purchase the customer is gone for good with
    logit p_it = logit p_i − satisfaction_effect (.6 S_it − .9 U_it), S the satisfaction
    and U a failure not made good in the month of purchase. Spend z ~ Gamma(6, rate ν_i).
    With `satisfaction_effect` 0 this is BG/NBD and gamma-gamma. Two purchases of one day
    are booked on successive days.
    """
    draw = stream(seed, "purchases")
    first = day_of(customers["acquired_on"])[who.customer]
    alive, day, time = np.arange(len(first)), first.copy(), first + draw.random(len(first))
    rows, days = [alive], [first]
    while len(alive):
        time = time + 7 * draw.standard_exponential(len(alive)) / who.rate[alive]
        day = np.maximum(np.floor(np.minimum(time, DAYS)).astype("int64"), day + 1)
        buys = day < DAYS
        alive, day, time = alive[buys], day[buys], time[buys]
        rows, days = [*rows, alive], [*days, day]
        gone = _chance_to_leave(who, alive, day, hidden, satisfaction_effect)
        stays = draw.random(len(alive)) >= gone
        alive, day, time = alive[stays], day[stays], time[stays]
    buyer = np.concatenate(rows)
    amount = stream(seed, "spend").gamma(SPEND[0], 1 / who.spend_rate[buyer])
    return pd.DataFrame(
        {"customer": who.customer[buyer], "day": np.concatenate(days), "amount": amount}
    )


def _chance_to_leave(
    who: Buyers, alive: np.ndarray, day: np.ndarray, hidden: Latent, effect: float
) -> np.ndarray:
    """Return p_it of those who have just bought; without an effect, p_i to the last bit."""
    own = who.dropout[alive]
    if not effect:
        return own
    cell = who.customer[alive], month_of(day)
    grievance = hidden.failed[cell] & ~hidden.recovered[cell]
    push = SATISFACTION * hidden.satisfaction[cell] + UNRECOVERED * grievance
    return expit(logit(np.clip(own, 1e-12, 1 - 1e-12)) + effect * push)


def contract(seed: int, customers: pd.DataFrame, relations: Relationship) -> pd.DataFrame:
    """Return ``customer``, ``day`` and ``amount`` of orders under contract.

    The first order is on the day of acquisition; then a Poisson number a month by stage
    (1, 3, 6, 1.5), on any days of the month on which the contract runs.
    Amounts are Gamma(6) with mean 600 (potential ÷ 40,000)^.35 times a lognormal (s.d.
    .3) of the customer's own.
    """
    draw = stream(seed, "contract_orders")
    stage, who = relations.stage, relations.customer
    mean = np.where(stage == AWAY, 0, np.array(ORDERS_A_MONTH)[stage])
    row, month = np.nonzero(stage != AWAY)
    count = draw.poisson(mean[row, month])
    row, month = row.repeat(count), month.repeat(count)
    length = MONTH_DAYS[month + 1] - MONTH_DAYS[month]
    day = MONTH_DAYS[month] + np.floor(draw.random(len(row)) * length).astype("int64")
    kept = _runs(relations, row, day)
    row = np.concatenate([np.arange(len(who)), row[kept]])
    day = np.concatenate([relations.started, day[kept]])
    mean_order, typical, power, sd = USUAL
    usual = mean_order * (customers["potential"].to_numpy()[who] / typical) ** power
    usual = usual * np.exp(sd * draw.standard_normal(len(who)))
    amount = draw.gamma(SPEND[0], usual[row] / SPEND[0])
    return pd.DataFrame({"customer": who[row], "day": day, "amount": amount})


def _runs(relations: Relationship, row: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Tell whether a contract runs on a day: after its start, not after its end."""
    left, back = relations.left[row], relations.returned[row]
    return (day > relations.started[row]) & (~(day >= left) | (day >= back))


def _sold_region(seed: int, each: pd.DataFrame) -> np.ndarray:
    """Return the region of sale: the dealer's own, or, if diverted, another by chance."""
    draw = stream(seed, "diversion")
    diverted = (draw.random(len(each)) < DIVERTED) & each["is_dealer"].to_numpy()
    names = np.array(list(REGIONS))
    own = each["region"].map({name: n for n, name in enumerate(names)}).to_numpy()
    other = (own + draw.integers(1, len(names), len(each))) % len(names)
    return names[np.where(diverted, other, own)]


def truth_of_buyers(seed: int, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the traits of customers without a contract: what BG/NBD estimates."""
    who = buyers(seed, customers)
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"].to_numpy()[who.customer],
            "rate_weekly": who.rate.round(5),
            "dropout": who.dropout.round(5),
            "mean_spend": (SPEND[0] / who.spend_rate).round(2),
        }
    )
