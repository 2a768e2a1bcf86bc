"""Prospects: channels, leads, sub-markets and referrals asked for.

What is planted here is no evidence about real prospects.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company import campaigns
from crmlab.company.customer_file import INDUSTRIES, REGIONS
from crmlab.company.hidden import DAYS, MONTH_STARTS, dates, day_of, stream
from crmlab.company.leads import CHANNEL_IDS, LEADS_PER_CUSTOMER, PROSPECTING, RHO, leads, shares
from crmlab.company.notes import REPS
from crmlab.company.typed import ids, number, planted, typed
from crmlab.tables.prospects import (
    CHANNEL_GROUP,
    CHANNEL_MONTHS,
    LEADS,
    REFERRAL_ASKS,
    SUBMARKETS,
)

COST_PER_LEAD = {"A": 15, "B": 120, "C": 200, "D": 20, "E": 60, "F": 90, "G": 8}  # CNY
NAMES_GIVEN = 0.35  # of customers asked for a referral: "dare to ask and you have 50 %" fails
REWARD = 50  # CNY to the introducer for a name
BUYS_A_YEAR = {"household": 6, "retailing": 20, "catering": 24}  # others 12
SPEND_LOG = {"household": 6.2}  # mean of ln(CNY a purchase); others 7.2


def tables(seed: int, company: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return ``channels``, ``leads``, ``submarkets``, ``referral_asks`` and the campaigns.

    Parameters
    ----------
    seed : int
        Of the company.
    company : mapping
        With ``customers`` (and their ``channel_id``).
    """
    found = typed(leads(seed, company["customers"]), LEADS)
    return {
        "channels": _channels(seed, found),
        "leads": found,
        "submarkets": _submarkets(seed, company["customers"]),
        "referral_asks": _asks(seed, company["customers"], found),
        **campaigns.tables(seed, company),
    }


def truth(seed: int, company: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return each channel's true conversion, and the planted numbers."""
    customers = company["customers"]
    hidden = leads(seed, customers)
    share = shares(customers)
    told = {
        "lead_mean_conversion": float(np.dot(share["share"], share["plan"])),
        "lead_drive_correlation": RHO,
        "leads_of_prospecting": PROSPECTING,
        "referral_names_given": NAMES_GIVEN,
        "leads_per_customer": LEADS_PER_CUSTOMER,
    }
    return {
        "channel_truth": share.reset_index().round(5),
        "lead_truth": hidden[["lead_id", "conversion"]].round(4),
        "prospect_parameters": planted(told | campaigns.parameters()),
    }


def _channels(seed: int, found: pd.DataFrame) -> pd.DataFrame:
    """Return what a channel cost in a month: its cost per lead × (leads + 1) × lognormal.

    `COST_PER_LEAD` is by group; the lognormal has s.d. .2.
    """
    draw = stream(seed, "channels")
    months = MONTH_STARTS[:-1]
    each = pd.MultiIndex.from_product([CHANNEL_IDS, months], names=["channel_id", "month"])
    month = found["created_on"].dt.to_period("M").dt.to_timestamp()
    count = found.groupby(["channel_id", month]).size().reindex(each, fill_value=0)
    table = each.to_frame(index=False)
    table["channel"] = table["channel_id"].map(CHANNEL_IDS)
    table["channel_group"] = table["channel"].map(CHANNEL_GROUP)
    noise = np.exp(0.2 * draw.standard_normal(len(table)))
    cost = number(table["channel_group"], COST_PER_LEAD)
    table["channel_spend"] = (cost * (count.to_numpy() + 1) * noise).round()
    return typed(table, CHANNEL_MONTHS)


def _submarkets(seed: int, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the market by industry and region: buyers, purchases a year, CNY a purchase.

    Buyers are 8 to 40 times our customers there (and five more); purchases a year and
    spend are lognormal (s.d. .2) around the industry's.
    """
    draw = stream(seed, "submarkets")
    trades = sorted({trade for some in INDUSTRIES.values() for trade in some})
    each = pd.MultiIndex.from_product([trades, REGIONS], names=["industry", "region"])
    ours = customers.groupby(["industry", "region"]).size().reindex(each, fill_value=0)
    table = each.to_frame(index=False)
    n = len(table)
    usual = table["industry"].map(BUYS_A_YEAR).fillna(12)
    level = table["industry"].map(SPEND_LOG).fillna(7.2)
    return typed(
        table.assign(
            buyers=np.rint((ours.to_numpy() + 5) * draw.uniform(8, 40, n)),
            purchases_per_year=(usual * np.exp(0.2 * draw.standard_normal(n))).round(1),
            spend=np.exp(level + 0.2 * draw.standard_normal(n)).round(),
        ),
        SUBMARKETS,
    )


def _asks(seed: int, customers: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return referrals asked for. Planted: a name is given with probability .35.

    Behind every lead that a customer referred stands an ask, up to a week before, and
    behind these a negative binomial number of asks in vain; besides, each customer is
    asked once more on average, and a name then given was known already (no lead). In
    vain or for a known name, any customer is asked on any day since they came. A name
    costs a reward of ¥50.
    """
    draw = stream(seed, "referral_asks")
    led = _asks_that_led(draw, customers, found[found["referred_by"].notna()])
    in_vain = draw.negative_binomial(len(led), NAMES_GIVEN) if len(led) else 0
    n = in_vain + len(customers)
    asked = customers.iloc[draw.integers(0, len(customers), n)]
    day = day_of(asked["acquired_on"])
    other = pd.DataFrame(
        {
            "rep_id": draw.choice(list(REPS), n),
            "customer_id": asked["customer_id"].to_numpy(),
            "asked_on": dates(day + np.floor(draw.random(n) * (DAYS - day))),
            "named": (np.arange(n) >= in_vain) & (draw.random(n) < NAMES_GIVEN),
        }
    )
    each = pd.concat([led, other], ignore_index=True).sort_values(
        ["asked_on", "customer_id"], ignore_index=True, kind="stable"
    )
    each = each.assign(ask_id=ids("K", len(each)), reward_cost=each["named"] * float(REWARD))
    return typed(each, REFERRAL_ASKS)


def _asks_that_led(
    draw: np.random.Generator, customers: pd.DataFrame, led: pd.DataFrame
) -> pd.DataFrame:
    before = pd.to_timedelta(draw.integers(0, 8, len(led)), unit="D")
    known = customers.set_index("customer_id")["acquired_on"]
    since = known.reindex(led["referred_by"]).to_numpy()
    return pd.DataFrame(
        {
            "rep_id": led["rep_id"].to_numpy(),
            "customer_id": led["referred_by"].to_numpy(),
            "asked_on": np.maximum((led["created_on"] - before).to_numpy(), since),
            "lead_id": led["lead_id"].to_numpy(),
            "named": True,
        }
    )
