"""What a customer costs and signs, whether it is a member, and what it spends elsewhere."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import expit

from crmlab.company.hidden import (
    DAYS,
    END,
    MONTH_STARTS,
    START,
    Latent,
    dates,
    day_of,
    stream,
)
from crmlab.tables import ELEMENTS

COST = (4.3, 0.3, 1.1)  # of log yearly cost: base, weight of log yearly revenue, s.d.
SERVICE_SHARE = 0.35
ACTIVITIES = {"purchase": 2.0, "logistics": 4.0, "production": 1.5, "marketing": 3.0}
QUIET_COST = 0.1  # chance that a month without order costs something, in the year after one
ELEMENT_SHARE = {"liability": 0.85, "disputes": 0.8, "manner": 0.88}  # others .96
CLUB = (-1.2, 0.6, 0.5)  # of joining: base, weight of potential (standardised), of satisfaction
RIVALS = {"rival_a": 0.4, "rival_b": 0.3, "rival_c": 0.2, "rival_other": 0.1}


def costs(seed: int, company: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return selling and service costs, a row per customer and month that had any.

    A customer costs c_i a year, ln c_i = 4.3 + .3 ln(yearly revenue) + 1.1 e, so that cost
    is only weakly tied to revenue. All of it since acquisition falls on the months with
    orders, in proportion to √orders e^(.3 e), and, at half an order's weight, on .1 of
    the other months of the year after an order. Service is a lognormal part around .35;
    the rest, selling, falls into four activities by Gamma weights. Whole CNY.
    """
    draw = stream(seed, "costs")
    each = _busy(company, draw)
    n = len(company["customers"])
    base, slope, sd = COST
    years = _years_known(company)
    yearly = _spent(company) / years
    own = years * np.exp(base + slope * np.log(yearly) + sd * draw.standard_normal(n))
    load = np.where(each["orders"] > 0, np.sqrt(each["orders"]), 0.5)
    load = load * np.exp(0.3 * draw.standard_normal(len(each)))
    total = (own / np.bincount(each["row"], load, n))[each["row"]] * load
    part = np.clip(SERVICE_SHARE * np.exp(0.3 * draw.standard_normal(len(each))), 0, 0.9)
    weight = draw.gamma(np.array(list(ACTIVITIES.values())), size=(len(each), len(ACTIVITIES)))
    selling = ((1 - part) * total / weight.sum(axis=1))[:, None] * weight
    parts = pd.DataFrame(np.rint(selling), columns=list(ACTIVITIES)).astype("int64")
    return pd.DataFrame(
        {
            "customer_id": company["customers"]["customer_id"].to_numpy()[each["row"]],
            "month": MONTH_STARTS[each["month"]],
            "selling": parts.sum(axis=1),
            "service": np.rint(part * total).astype("int64"),
            **parts,
        }
    )


def _busy(company: Mapping[str, pd.DataFrame], draw: np.random.Generator) -> pd.DataFrame:
    """Return customers (row) and months that cost something, with their ``orders``."""
    count = _monthly(company)
    seen = np.maximum.accumulate(np.where(count > 0, np.arange(count.shape[1]), -99), axis=1)
    lately = np.arange(count.shape[1]) - seen <= 12
    gone = company["customers"]["churned_on"]
    ended = MONTH_STARTS[:-1].to_numpy() > gone.to_numpy()[:, None]
    quiet = (count == 0) & lately & ~ended & (draw.random(count.shape) < QUIET_COST)
    row, month = np.nonzero((count > 0) | quiet)
    return pd.DataFrame({"row": row, "month": month, "orders": count[row, month]})


def rows_of(company: Mapping[str, pd.DataFrame], customer_id: pd.Series) -> np.ndarray:
    """Return the row of each customer in the customer file."""
    return pd.Index(company["customers"]["customer_id"]).get_indexer(customer_id)


def _monthly(company: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return the number of orders, shape (customers, months)."""
    row = rows_of(company, company["orders"]["customer_id"])
    month = MONTH_STARTS.searchsorted(company["orders"]["order_date"], side="right") - 1
    count = np.zeros((len(company["customers"]), len(MONTH_STARTS) - 1))
    np.add.at(count, (row, month), 1)
    return count


def _spent(company: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return all revenue of each customer."""
    row = rows_of(company, company["orders"]["customer_id"])
    return np.bincount(row, company["orders"]["amount"], len(company["customers"]))


def _years_known(company: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return the years since acquisition, at least a quarter."""
    return np.maximum((DAYS - day_of(company["customers"]["acquired_on"])) / 365.25, 0.25)


def contracts(seed: int, company: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return contracts, two for who left and came back; ``ended_on`` is empty if running.

    Each of the ten elements is there with .96, but for those of `ELEMENT_SHARE`.
    """
    draw = stream(seed, "contracts")
    signed = company["customers"].query("kind == 'contract'")
    first = signed[["customer_id"]].assign(
        started_on=signed["acquired_on"], ended_on=signed["churned_on"]
    )
    again = signed[signed["reactivated_on"].notna()]
    second = again[["customer_id"]].assign(
        started_on=again["reactivated_on"], ended_on=again["churned_on"].mask(again["kind"].notna())
    )
    both = pd.concat([first, second]).sort_values(["customer_id", "started_on"], ignore_index=True)
    share = [ELEMENT_SHARE.get(name, 0.96) for name in ELEMENTS]
    has = draw.random((len(both), len(ELEMENTS))) < share
    both.insert(0, "contract_id", [f"A{number:04d}" for number in range(1, len(both) + 1)])
    return both.assign(**{f"has_{name}": has[:, k] for k, name in enumerate(ELEMENTS)})


def memberships(seed: int, company: Mapping[str, pd.DataFrame], hidden: Latent) -> pd.DataFrame:
    """Return who is in the club; it does nothing to purchases, but is joined by choice.

    P(join) = expit(−1.2 + .6 z + .5 S̄), z the standardised log potential, S̄ the mean
    satisfaction; on any day from 30 days after acquisition to the end. A quarter leaves
    on any later day; who ends the contract leaves then at the latest.
    """
    draw = stream(seed, "memberships")
    file = company["customers"]
    z = np.log(file["potential"])
    z = (z - z.mean()) / (z.std(ddof=0) or 1)
    base, potential, satisfaction = CLUB
    score = base + potential * z + satisfaction * hidden.satisfaction.mean(axis=1)
    first = day_of(file["acquired_on"]) + 30
    last = file["churned_on"].fillna(END + pd.Timedelta(days=1)).sub(START).dt.days.to_numpy()
    chance = draw.random((4, len(file)))
    joined = first + np.floor(chance[1] * (last - first))
    leaves = np.where(chance[2] < 0.25, np.ceil(joined + chance[3] * (last - joined)), DAYS)
    left = np.minimum(leaves, last)
    joins = (chance[0] < expit(score)) & (last > first)
    found = file[["customer_id"]].assign(
        joined_on=dates(joined), left_on=dates(np.where(left < DAYS, left, np.nan))
    )
    return found[joins].reset_index(drop=True)


def wallet(seed: int, company: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what a customer spends on our categories, in each year that it knew us.

    Category spend is the larger of potential × e^(.25 e) (by the part of the year) and
    our sales × 1.02; the main rival has a Beta(3, 2) part of what is not ours; our share
    of all that the customer buys is our share of the category × Beta(3, 3). Shares have
    two decimals, category spend is in whole 100 CNY.
    """
    draw = stream(seed, "wallet")
    each = _years(company)
    noise = np.exp(0.25 * draw.standard_normal(len(each)))
    spend = np.maximum(each["potential"] * each["part"] * noise, 1.02 * each["ours"])
    spend = (np.ceil(spend / 100) * 100).astype("int64")
    ours = each["ours"] / spend
    return pd.DataFrame(
        {
            "customer_id": each["customer_id"],
            "year": each["year"],
            "category_spend": spend,
            "main_rival": draw.choice(list(RIVALS), len(each), p=list(RIVALS.values())),
            "rival_share": ((1 - ours) * draw.beta(3, 2, len(each))).round(2),
            "our_share_of_its_supply": (ours * draw.beta(3, 3, len(each))).round(2),
        }
    )


def _years(company: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return customers and years since acquisition: ``part`` of the year, sales (``ours``)."""
    orders = company["orders"]
    sold = orders.groupby(["customer_id", orders["order_date"].dt.year.rename("year")])["amount"]
    file = company["customers"][["customer_id", "acquired_on", "potential"]]
    years = pd.DataFrame({"year": range(START.year, END.year + 1)})
    each = file.merge(years, how="cross").merge(
        sold.sum().rename("ours").reset_index(), how="left", on=["customer_id", "year"]
    )
    ends = pd.to_datetime((each["year"] + 1).astype("str") + "-01-01")
    part = ((ends - each["acquired_on"]).dt.days / 365).clip(upper=1)
    return each.assign(part=part, ours=each["ours"].fillna(0))[part > 0].reset_index(drop=True)
