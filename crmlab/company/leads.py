"""Leads: where prospects came from, how far they came, and which became customers.

What is planted here is no evidence about real prospects.
"""

import numpy as np
import pandas as pd

from crmlab.company.hidden import DAYS, dates, day_of, stream
from crmlab.company.notes import CHANNELS as IDS
from crmlab.company.notes import REPS
from crmlab.company.sales import reps
from crmlab.company.typed import ids, pick
from crmlab.tables.prospects import CHANNEL_GROUP, LEAD_CLASSES, PURCHASE_TYPES, STAGES

CHANNEL_IDS = dict(zip(IDS, CHANNEL_GROUP, strict=True))  # CH01 … CH25 → the channel's code
REFERRED = "customer_referral"
LEADS_PER_CUSTOMER = 5
MEAN_SHARE = 0.07  # of leads that order in the end: the course's "10 → 1" is tested, not planted
REFERRAL_TIMES = 3.0  # π of a referral over the mean π of the other channels
GROUP_TIMES = {"A": 1.3, "B": 1.2, "C": 0.9, "D": 0.6, "E": 1.1, "F": 0.7, "G": 0.4}
RHO = 0.02  # correlation within a drive: one shock for all leads of a channel and quarter
WEIBULL = (1.2, 70.0)  # shape, scale in days, of the time from lead to order
LABEL = (0.65, 0.27, 0.08)  # chance that the label is the true class, next to it, far off
QUALIFIED = {"need": (0.9, 0.45), "ability": (0.85, 0.5), "authority": (0.8, 0.4)}
FIRST_DAY = 90  # customers acquired before it have no lead on file
UNKNOWN = 0.1  # of need, ability, authority
PROSPECTING = 0.4  # of ln(leads found), for 12 points of the skill
PASSED = (0.6, 0.55, 0.5, 0.4)  # of the four steps of attention, by those who never order
BASES = {
    "A": {"consent": 0.65, "contract_performance": 0.15, "not_personal": 0.1, "none_shown": 0.1},
    "B": {"consent": 0.85, "not_personal": 0.1, "none_shown": 0.05},
    "C": {"consent": 0.7, "not_personal": 0.25, "none_shown": 0.05},
    "D": {"lawfully_disclosed": 0.7, "not_personal": 0.3},
    "E": {"consent": 0.8, "contract_performance": 0.2},
    "F": {"not_personal": 0.5, "consent": 0.2, "none_shown": 0.3},
    "G": {"none_shown": 0.85, "not_personal": 0.15},
}


def shares(customers: pd.DataFrame) -> pd.DataFrame:
    """Return, per channel, the share of leads planned and π, the share that orders.

    π_c is `GROUP_TIMES` of the group times .7 to 1.3 within it; a customer's referral
    has `REFERRAL_TIMES` the mean of the others; all are scaled so that the mean over
    leads is .07. Leads are planned so that each channel wins customers in proportion to
    those that came by it: plan_c ∝ w_c ÷ π_c, w_c its share of customers (at least 1 %).
    """
    code = pd.Series(CHANNEL_IDS, name="channel").rename_axis("channel_id")
    group = code.map(CHANNEL_GROUP)
    place = group.groupby(group).cumcount() / (group.groupby(group).transform("size") - 1)
    times = group.map(GROUP_TIMES) * (0.7 + 0.6 * place)
    came = customers["channel_id"].value_counts(normalize=True).reindex(code.index, fill_value=0)
    came = came.clip(lower=0.01) / came.clip(lower=0.01).sum()
    others = code != REFERRED
    mean = came[others].sum() / (came[others] / times[others]).sum()
    times = (times / mean).where(others, REFERRAL_TIMES)
    share = times * MEAN_SHARE * (came / times).sum()
    plan = came / share / (came / share).sum()
    return pd.DataFrame({"channel": code, "plan": plan, "share": share})


def leads(seed: int, customers: pd.DataFrame) -> pd.DataFrame:
    """Return the leads, one row each, by date; beside the table's columns ``conversion``.

    A lead orders in the end with the π of its drive, a Beta with the channel's mean π_c and
    intraclass correlation .02 (a cure model), after a Weibull(1.2, 70 days) time. The first
    order opens the customer file; so that both kinds of leads come alike over time, a lead
    comes its time before the acquisition of a customer: its own (of its channel), or, if
    it never orders, any one's. Leads from before the company's first day are left out.
    """
    draw = stream(seed, "leads")
    table = _customers(draw, _arrivals(draw, customers), customers)
    table = table[table["day"] >= 0].reset_index(drop=True)
    n = len(table)
    table = _stages(draw, table)
    table["lead_class"] = _label(draw, table["orders"].to_numpy(), table["time"].to_numpy())
    table = table.join(_qualifiers(draw, table["orders"]))
    table["purchase_type"] = pick(draw, dict(zip(PURCHASE_TYPES, (0.5, 0.3, 0.2), strict=True)), n)
    table["lead_importance"] = draw.choice([1, 2, 3], n, p=[0.5, 0.35, 0.15])
    table["lawful_basis"] = _basis(draw, table["channel_id"])
    table["rep_id"] = _reps(seed, draw, n)
    table["referred_by"] = _referrers(draw, table, customers)
    table = table.sort_values(["day", "drive_id"], ignore_index=True, kind="stable")
    return table.assign(lead_id=ids("L", n))


def _arrivals(draw: np.random.Generator, customers: pd.DataFrame) -> pd.DataFrame:
    """Return channel, drive (channel and quarter), π, ``orders``, ``time`` and ``day``."""
    plan = shares(customers)
    n = LEADS_PER_CUSTOMER * len(customers)
    shape, scale = WEIBULL
    time = np.ceil(scale * draw.weibull(shape, n)).clip(min=1)
    goal = draw.choice(_candidates(customers)["at"].to_numpy(), n)
    channel = draw.choice(len(plan), n, p=plan["plan"].to_numpy())
    quarter = np.clip((goal - time) // 91, 0, DAYS // 91).astype("int64")
    quarters = DAYS // 91 + 1
    mean = plan["share"].to_numpy()[:, None] * np.ones(quarters)
    strength = (1 - RHO) / RHO
    chance = draw.beta(mean * strength, (1 - mean) * strength)[channel, quarter]
    drive = pd.Series(quarters * channel + quarter + 1).astype("str").str.zfill(4)
    return pd.DataFrame(
        {
            "channel_id": plan.index.to_numpy()[channel],
            "drive_id": "D" + drive,
            "conversion": chance,
            "orders": draw.random(n) < chance,
            "time": time,
            "day": goal - time,
        }
    )


def _candidates(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the customers acquired after the first three months (of a new firm: all)."""
    file = customers[["customer_id", "channel_id"]].assign(at=day_of(customers["acquired_on"]))
    late = file[file["at"] >= FIRST_DAY]
    return late if len(late) else file


def _customers(
    draw: np.random.Generator, table: pd.DataFrame, customers: pd.DataFrame
) -> pd.DataFrame:
    """Return the leads with ``customer_id``, and ``day`` moved so that time stays.

    Within a channel, leads that order are matched in order of date to as many of its
    customers, drawn at random. Should there be too few, no file was opened.
    """
    won = table.loc[table["orders"], ["channel_id", "day", "time"]]
    won = won.assign(goal=won["day"] + won["time"], lead=won.index)
    won = won.sort_values(["channel_id", "goal", "lead"])
    file = _candidates(customers)
    wanted = won.groupby("channel_id").size().reindex(list(CHANNEL_IDS), fill_value=0)
    lot = pd.Series(draw.random(len(file)), file.index).groupby(file["channel_id"]).rank()
    file = file[lot <= file["channel_id"].map(wanted)]
    file = file.sort_values(["channel_id", "at", "customer_id"])
    pairs = won.assign(rank=won.groupby("channel_id").cumcount()).merge(
        file.assign(rank=file.groupby("channel_id").cumcount()),
        on=["channel_id", "rank"],
        validate="one_to_one",
    )
    pairs = pairs.set_index("lead")
    day = (pairs["at"] - pairs["time"]).reindex(table.index).fillna(table["day"])
    return table.assign(day=day, customer_id=pairs["customer_id"].reindex(table.index))


def _qualifiers(draw: np.random.Generator, orders: pd.Series) -> pd.DataFrame:
    """Return need, ability and authority: likelier of who orders (`QUALIFIED`), .1 unknown."""
    told = pd.DataFrame(index=orders.index)
    for name, (yes, no) in QUALIFIED.items():
        flag = pd.array(draw.random(len(orders)) < np.where(orders, yes, no), dtype="boolean")
        flag[draw.random(len(orders)) < UNKNOWN] = pd.NA
        told[name] = flag
    return told


def _stages(draw: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Return the leads with the dates of their steps, as far as they are seen.

    Who orders passes all four steps of attention (confirmed, attracted, interacted,
    tailored) on the way, in order, at even chances; who does not passes them with
    `PASSED` one after the other, within a Weibull time as above.
    """
    n = len(table)
    share = np.sort(draw.random((n, len(PASSED))), axis=1)
    passed = np.logical_and.accumulate(draw.random((n, len(PASSED))) < PASSED, axis=1)
    passed |= table["orders"].to_numpy()[:, None]
    day = table["day"].to_numpy()[:, None] + np.floor(share * table["time"].to_numpy()[:, None])
    ordered = np.where(table["orders"], table["day"] + table["time"], np.nan)
    steps = np.column_stack([table["day"], np.where(passed, day, np.nan), ordered])
    steps[steps > DAYS - 1] = np.nan
    return table.assign(**{name: dates(steps[:, k]) for k, name in enumerate(STAGES)})


def _label(draw: np.random.Generator, orders: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return hot, warm or cold as the salesperson saw it: the true class, with noise.

    True is hot for an order within 30 days, warm within 90, else cold. The label is the
    true class with .65, the next with .27 (a warm one: half each way), else the other.
    """
    true = np.where(orders, np.searchsorted([30, 90], time), 2)
    chance = np.array(
        [
            [LABEL[0], LABEL[1], LABEL[2]],
            [(1 - LABEL[0]) / 2, LABEL[0], (1 - LABEL[0]) / 2],
            [LABEL[2], LABEL[1], LABEL[0]],
        ]
    )
    place = (draw.random(len(time))[:, None] > chance[true].cumsum(axis=1)[:, :2]).sum(axis=1)
    return np.array(LEAD_CLASSES)[place]


def _basis(draw: np.random.Generator, channel_id: pd.Series) -> np.ndarray:
    """Return the ground on which a lead's data are held, by the channel's group (`BASES`)."""
    chance = pd.DataFrame(BASES).T.fillna(0.0)
    group = channel_id.map(CHANNEL_IDS).map(CHANNEL_GROUP)
    level = chance.cumsum(axis=1).reindex(group).to_numpy()
    place = (draw.random(len(group))[:, None] > level[:, :-1]).sum(axis=1)
    return chance.columns.to_numpy(dtype="str")[place]


def _reps(seed: int, draw: np.random.Generator, n: int) -> np.ndarray:
    """Return who found each lead. Planted: e^.4 times as many per 12 points of the skill.

    A present representative's weight is exp(.4 (prospecting − 60) ÷ 12 + .3 e).
    """
    staff = reps(seed).set_index("rep_id").loc[list(REPS)]
    skill = (staff["skill_prospecting"].to_numpy(dtype="float64") - 60) / 12
    weight = np.exp(PROSPECTING * skill + 0.3 * draw.standard_normal(len(REPS)))
    return draw.choice(list(REPS), n, p=weight / weight.sum())


def _referrers(
    draw: np.random.Generator, table: pd.DataFrame, customers: pd.DataFrame
) -> pd.Series:
    """Return who referred a lead of that channel: any customer acquired before it, if any."""
    file = customers.sort_values(["acquired_on", "customer_id"])
    earlier = np.searchsorted(day_of(file["acquired_on"]), table["day"].to_numpy(), side="left")
    place = np.floor(draw.random(len(table)) * earlier).astype("int64")
    referred = (table["channel_id"].map(CHANNEL_IDS) == REFERRED) & (earlier > 0)
    who = pd.Series(file["customer_id"].to_numpy()[place], table.index)
    return who.where(referred)
