"""Campaigns: randomised offers to customers, and who responded.

What is planted here is no evidence about real campaigns.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company.hidden import START, stream
from crmlab.company.typed import number, typed
from crmlab.tables.prospects import ARMS, CAMPAIGN_MEMBERS, CAMPAIGNS, MEDIA

CAMPAIGN_MONTHS = (6, 10, 14, 18, 22, 26, 30, 33)  # in which they begin, counted from 0
WINDOW = 30  # days in which a response counts
INVITED = 1 / 3  # of the customers that we had
OFFER_B = ("gift", "free_delivery")  # in turn; offer A is always the price cut
RESPONDS = 0.05  # without an offer
LIFT = {"no_offer": 0.0, "price_cut": 0.02, "gift": 0.03, "free_delivery": 0.02}
RETAIL_LIFT = 0.06  # of a price cut, beside the above, for retail customers
MESSAGE = {"sms": 0.1, "wechat": 0.2, "letter": 3.0, "phone_call": 6.0}  # CNY each
OFFER_COST = {"no_offer": 0, "price_cut": 40, "gift": 30, "free_delivery": 20}  # CNY, if taken up


def tables(seed: int, company: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return ``campaigns`` and ``campaign_members`` for ``company["customers"]``."""
    made = _campaigns(seed)
    return {
        "campaigns": typed(made, CAMPAIGNS),
        "campaign_members": typed(_members(seed, made, company["customers"]), CAMPAIGN_MEMBERS),
    }


def parameters() -> dict[str, float]:
    """Return the planted chances of a response."""
    told = {"response_base": RESPONDS, "response_lift_price_cut_retail": RETAIL_LIFT}
    return told | {f"response_lift_{offer}": lift for offer, lift in LIFT.items()}


def _campaigns(seed: int) -> pd.DataFrame:
    """Return eight campaigns: medium, first and last day, the fixed cost."""
    draw = stream(seed, "campaigns")
    n = len(CAMPAIGN_MONTHS)
    begins = pd.Series([START + pd.DateOffset(months=m, days=4) for m in CAMPAIGN_MONTHS])
    return pd.DataFrame(
        {
            "campaign_id": [f"M{k:02d}" for k in range(1, n + 1)],
            "sent_by": np.resize(MEDIA, n),
            "starts_on": begins,
            "ends_on": begins + pd.Timedelta(days=WINDOW + 7),
            "cost": np.round(draw.uniform(2000, 8000, n), -2),
        }
    )


def _members(seed: int, made: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return who was in a campaign, in which arm, and whether they responded.

    A third of the customers by then, drawn at random, are put at random and in equal
    numbers in three arms: control, offer A (a price cut), offer B. Planted: a response
    (asking for or taking up what the campaign is about, not an order of the order table)
    comes with .05 + the offer's `LIFT`, + .06 for a price cut to a retail customer, within
    30 days of the day of sending. Nothing is sent to the control arm.
    """
    draw = stream(seed, "campaign_members")
    each = made.merge(customers[["customer_id", "nature", "acquired_on"]], how="cross")
    lot = draw.random(len(each))
    each = each.assign(lot=lot)[(each["acquired_on"] < each["starts_on"])]
    place = each.groupby("campaign_id")["lot"].rank(method="first")
    invited = np.floor(INVITED * each.groupby("campaign_id")["lot"].transform("size"))
    each, place = each[place <= invited].reset_index(drop=True), place[place <= invited]
    arm = (place.to_numpy() % len(ARMS)).astype("int64")
    b = np.array(OFFER_B)[(each["campaign_id"].str[1:].astype("int64") % len(OFFER_B)).to_numpy()]
    offer = pd.Series(np.select([arm == 0, arm == 1], ["no_offer", "price_cut"], b))
    return _responses(draw, each.assign(arm=np.array(ARMS)[arm], offer=offer)).sort_values(
        ["campaign_id", "customer_id"]
    )


def _responses(draw: np.random.Generator, each: pd.DataFrame) -> pd.DataFrame:
    n = len(each)
    sent = each["arm"] != "control"
    retail = (each["offer"] == "price_cut") & (each["nature"] == "retail")
    chance = RESPONDS + number(each["offer"], LIFT) + RETAIL_LIFT * retail
    responds = draw.random(n) < chance
    on = each["starts_on"] + pd.to_timedelta(draw.integers(0, 3, n), unit="D")
    after = pd.to_timedelta(np.ceil(WINDOW * draw.random(n) ** 2), unit="D")
    cost = sent * number(each["sent_by"], MESSAGE) + responds * number(each["offer"], OFFER_COST)
    return each.assign(
        assigned_on=on,
        sent_on=on.where(sent),
        responded_on=(on + after).where(responds),
        cost=cost.astype("float64").round(2),
    )
