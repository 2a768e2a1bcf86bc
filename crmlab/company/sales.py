"""Sales: representatives, whose customers are whose, visits and monthly targets.

What is planted here is no evidence about real sales forces.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company.customer_file import INDUSTRIES, REGIONS
from crmlab.company.hidden import MONTH_STARTS, dates, day_of, stream
from crmlab.company.notes import REPS, REPS_A_REGION
from crmlab.company.typed import ids, number, planted, typed
from crmlab.tables.sales import REP_ASSIGNMENTS, SKILLS, TARGETS, VISITS
from crmlab.tables.sales import REPS as REPS_TABLE

ELASTICITY = 0.34  # of deals to visits
RESPONSE = {"retail": 3.0, "commercial": 5.0, "organisation": 2.0}  # k
MARGIN = {"retail": 0.3, "commercial": 0.2, "organisation": 0.5}  # m
DEAL_SCALE = 0.12  # of k: the chance of a deal at a quarter's only visit
VISITED = {"retail": 0.1, "commercial": 0.6, "organisation": 0.6}  # of customers
IN_QUARTER = 0.6  # of quarters, for a customer who is visited at all
MOST_VISITS = 12
LEAVERS = 5  # representatives who left
PREDECESSOR = 0.25  # share of customers whom a leaver served first
STRETCH = 1.05  # a target over the usual month


def tables(seed: int, company: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return ``reps``, ``visits``, ``targets`` and ``rep_assignments``.

    Parameters
    ----------
    seed : int
        Of the company.
    company : mapping
        With ``customers`` (and their present ``rep_id``) and ``orders``.
    """
    staff = reps(seed)
    served = assignments(seed, company["customers"], staff)
    return {
        "reps": staff,
        "visits": _visits(seed, company["customers"], served),
        "targets": _targets(seed, company["orders"]),
        "rep_assignments": served,
    }


def truth(
    seed: int,  # noqa: ARG001 as of every subject
    company: Mapping[str, pd.DataFrame],  # noqa: ARG001
) -> dict[str, pd.DataFrame]:
    """Return the planted numbers, and the best shares of visits that follow from them."""
    best = best_shares(list(MARGIN.values()), list(RESPONSE.values()), ELASTICITY)
    told = {"deal_elasticity": ELASTICITY} | {f"deal_k_{n}": k for n, k in RESPONSE.items()}
    told |= {f"deal_margin_{nature}": m for nature, m in MARGIN.items()}
    told |= {f"best_share_{n}": round(x, 4) for n, x in zip(MARGIN, best, strict=True)}
    return {"sales_parameters": planted(told)}


def best_shares(margins: list[float], responses: list[float], elasticity: float) -> np.ndarray:
    """Return how to share visits out for most margin: x_j ∝ (m_j k_j ε)^(1 ÷ (1 − ε)).

    The margin Σ m_j k_j x_j^ε is largest where m_j k_j ε x_j^(ε−1) is equal for all j.

    >>> best_shares([0.3, 0.2, 0.5], [3, 5, 2], 0.34).round(4).tolist()
    [0.2988, 0.3506, 0.3506]
    """
    pull = (np.array(margins) * np.array(responses) * elasticity) ** (1 / (1 - elasticity))
    return pull / pull.sum()


def reps(seed: int) -> pd.DataFrame:
    """Return the representatives: those of today, and one a region who left.

    Skills are clip(round(60 + 12 e), 0, 100); capacity is 110 to 160 hours a month, years
    in the trade 1 + Gamma(2, 4). Prospecting acts on how many leads one finds (`leads`), the
    other two skills on nothing. The leavers' last day is between months 6 and 30.
    """
    draw = stream(seed, "reps")
    left = [f"R{len(REPS) + k:02d}" for k in range(1, LEAVERS + 1)]
    names = [*REPS, *left]
    n = len(names)
    skills = np.clip(np.rint(60 + 12 * draw.standard_normal((n, len(SKILLS)))), 0, 100)
    staff = pd.DataFrame(skills, columns=[f"skill_{name}" for name in SKILLS])
    staff["rep_id"] = names
    staff["region"] = np.concatenate([np.repeat(list(REGIONS), REPS_A_REGION), list(REGIONS)])
    staff["capacity_hours"] = 5.0 * draw.integers(22, 33, n)
    trades = sorted({trade for some in INDUSTRIES.values() for trade in some})
    staff["industry"] = draw.choice(trades, n)
    staff["years"] = (1 + draw.gamma(2, 4, n)).round(1)
    day = np.floor(30.4375 * draw.uniform(6, 30, n))
    staff["left_on"] = dates(np.where(np.arange(n) < len(REPS), np.nan, day))
    return typed(staff, REPS_TABLE)


def assignments(seed: int, customers: pd.DataFrame, staff: pd.DataFrame) -> pd.DataFrame:
    """Return who served each customer from when to when, in order of customer and day.

    A customer acquired before the region's leaver left was the leaver's with probability
    .25, until the leaver's last day; from the next day on, as all others from the
    beginning, the present representative's. Orders stand in the present one's name.
    """
    draw = stream(seed, "rep_assignments")
    left = staff[staff["left_on"].notna()].set_index("region")
    first = customers["region"].map(left["rep_id"])
    until = customers["region"].map(left["left_on"])
    had = (draw.random(len(customers)) < PREDECESSOR) & (customers["acquired_on"] < until)
    now = customers[["customer_id", "rep_id"]].assign(
        assigned_from=customers["acquired_on"].where(~had, until + pd.Timedelta(days=1)),
        assigned_to=pd.Series(pd.NaT, customers.index, dtype="datetime64[us]"),
    )
    before = customers[["customer_id"]].assign(
        rep_id=first, assigned_from=customers["acquired_on"], assigned_to=until
    )[had]
    each = pd.concat([now, before])
    return typed(each.sort_values(["customer_id", "assigned_from"]), REP_ASSIGNMENTS)


def _visits(seed: int, customers: pd.DataFrame, served: pd.DataFrame) -> pd.DataFrame:
    """Return the visits. Planted: a customer's deals in a quarter are .12 k V^.34 on average.

    A visited customer (`VISITED` by nature) is called on in .6 of the quarters since
    acquisition, V times with P(V) ∝ V^−1.2, V ≤ 12; each visit closes a deal with
    probability .12 k V^(.34 − 1). A visit costs a lognormal sum around ¥100 and takes a
    half to three hours.
    """
    draw = stream(seed, "visits")
    each = _quarters(draw, customers)
    several = np.arange(1, MOST_VISITS + 1)
    weight = several**-1.2
    count = draw.choice(several, len(each), p=weight / weight.sum())
    chance = DEAL_SCALE * number(each["nature"], RESPONSE) * count ** (ELASTICITY - 1)
    each = each.assign(chance=chance).loc[each.index.repeat(count)].reset_index(drop=True)
    n = len(each)
    length = each["length"].to_numpy()
    each["visited_on"] = dates(each["from"].to_numpy() + np.floor(draw.random(n) * length))
    each["cost"] = np.exp(np.log(95) + 0.35 * draw.standard_normal(n)).round()
    each["hours"] = draw.integers(1, 7, n) / 2
    each["deal"] = draw.random(n) < each["chance"]
    each = each.sort_values(["visited_on", "customer_id"], ignore_index=True)
    by = served.sort_values(["assigned_from", "customer_id"])
    each = pd.merge_asof(each, by, left_on="visited_on", right_on="assigned_from", by="customer_id")
    return typed(each.assign(visit_id=ids("V", n)), VISITS)


def _quarters(draw: np.random.Generator, customers: pd.DataFrame) -> pd.DataFrame:
    """Return customers and quarters in which they are visited, all of it after acquisition."""
    who = draw.random(len(customers)) < number(customers["nature"], VISITED)
    calls = customers.loc[who, ["customer_id", "nature", "acquired_on"]]
    begins = day_of(pd.Series(MONTH_STARTS[::3]))
    quarters = pd.DataFrame({"from": begins[:-1], "length": np.diff(begins)})
    each = calls.merge(quarters, how="cross")
    called = draw.random(len(each)) < IN_QUARTER
    return each[called & (each["from"] > day_of(each["acquired_on"]))].reset_index(drop=True)


def _targets(seed: int, orders: pd.DataFrame) -> pd.DataFrame:
    """Return monthly targets: 1.05 × the month's mean sales, lognormal noise of s.d. .1.

    The mean is the representative's over the months; it grows over the 36 months as the
    company's sales did, by a straight line through them.
    """
    draw = stream(seed, "targets")
    months = MONTH_STARTS[:-1]
    month = orders["order_date"].dt.to_period("M").dt.to_timestamp()
    total = orders["amount"].groupby(month).sum().reindex(months, fill_value=0.0)
    rise = np.polyval(np.polyfit(np.arange(len(months)), total, 1), np.arange(len(months)))
    season = np.maximum(rise / max(rise.mean(), 1), 0.1)
    usual = orders.groupby("rep_id")["amount"].sum().reindex(list(REPS), fill_value=0) / len(months)
    noise = np.exp(0.1 * draw.standard_normal((len(REPS), len(months))))
    target = STRETCH * usual.to_numpy()[:, None] * season * noise
    return typed(
        pd.DataFrame(
            {
                "rep_id": np.repeat(list(REPS), len(months)),
                "month": np.tile(months, len(REPS)),
                "target": np.maximum(target, 100).round(-2).ravel(),
            }
        ),
        TARGETS,
    )
