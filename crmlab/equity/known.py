"""The company's tables as they stood on an earlier day."""

from collections.abc import Mapping

import pandas as pd
from pandas.tseries.offsets import MonthEnd

BEGINS = {
    "customers": "acquired_on", "contracts": "started_on", "leads": "created_on",
    "referral_asks": "asked_on", "survey": "surveyed_on", "complaints": "complained_on",
    "touchpoints": "at", "visits": "visited_on",
}  # fmt: skip
HAPPENS = {
    "customers": ["churned_on", "reactivated_on"], "contracts": ["ended_on"],
    "complaints": ["closed_on"],
}  # fmt: skip


def known_by(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Return the tables as they were known at the end of the day `as_of`.

    Rows that begin later are left out, and what happened later to the others is emptied:
    a departure, the end of a contract, a lead's becoming a customer. Costs count once
    their month is over, what customers spend elsewhere once the year is, and ratings of
    value if the survey of their wave was out.

    Parameters
    ----------
    tables : mapping
        By name, as in `crmlab.equity.NEEDS`; others are returned as they are.
    as_of : Timestamp
        Last day seen.
    """
    known = dict(tables)
    for name, column in BEGINS.items():
        if name in known and column in known[name]:
            known[name] = known[name][pd.to_datetime(known[name][column]).dt.normalize() <= as_of]
    for name, columns in HAPPENS.items():
        for column in {*columns} & {*known.get(name, ())}:
            day = pd.to_datetime(known[name][column])
            known[name] = known[name].assign(**{column: day.where(day.dt.normalize() <= as_of)})
    if {"leads", "customers"} <= known.keys():
        who = known["leads"]["customer_id"]
        here = who.where(who.isin(known["customers"]["customer_id"]))
        known["leads"] = known["leads"].assign(customer_id=here)
    if "costs" in known:
        over = pd.to_datetime(known["costs"]["month"]) + MonthEnd(0) <= as_of
        known["costs"] = known["costs"][over]
    known |= _rated(known)
    if "wallet" in known:
        ended = pd.to_datetime(known["wallet"]["year"].astype("str") + "-12-31") <= as_of
        known["wallet"] = known["wallet"][ended]
    return known


def _rated(known: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the ratings of the waves that are out; they have no date of their own."""
    if not {"value_ratings", "survey"} <= known.keys():
        return {}
    ratings = known["value_ratings"]
    return {"value_ratings": ratings[ratings["wave"] <= known["survey"]["wave"].max()]}
