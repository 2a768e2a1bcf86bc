"""The five characteristics of a relationship as indices, and building, keeping, enhancing."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.lifecycle.changing import MONTH
from crmlab.lifecycle.intervals import wilson

CHARACTERISTICS = ("continuity", "exclusivity", "dependence", "interaction", "mutual_value")
_VALUES = ("product_value", "personnel_value", "image_value", "service_value")
_COSTS = ("money_cost", "time_cost", "mental_cost", "physical_cost")


def characteristics(
    customers: pd.Series,
    tables: Mapping[str, pd.DataFrame],
    *,
    as_of: pd.Timestamp,
    days: int = 365,
) -> pd.DataFrame:
    """Return five indices from 0 to 1 of each customer's relationship, over the last `days`.

    Parameters
    ----------
    customers : Series
        Day on which each began, indexed by ``customer_id``.
    tables : mapping
        ``sales`` (``customer_id``, ``order_date``, ``revenue``, ``gross``), ``wallet``
        (``year``, ``category_spend``, ``our_share_of_its_supply``), ``touchpoints`` (``at``,
        ``minutes_to_respond``) and ``value_ratings`` (``wave``, ``brand``, four values and
        four costs), as known by `as_of`.
    as_of : Timestamp
        Last day seen.
    days : int
        How far back to look.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``: ``continuity`` (share of the months with a purchase),
        ``exclusivity`` (our share of what it spends on what we sell, in the last year known),
        ``dependence`` and ``mutual_value``, which ask for both sides: the smaller of
        two ranks, of our share of its supply and its share of our revenue, and of our margin and
        what our offer gives less what it costs as the customer rates it; ``interaction``: how
        even contacts are that we began and that it began (waiting for our answer), 2 × the
        smaller ÷ both. Missing where nothing is known.
    """
    who, begin = customers.index, as_of - pd.Timedelta(days=days)
    sold, touches = tables["sales"], tables["touchpoints"]
    bought = sold[sold["order_date"].between(begin, as_of, inclusive="right")]
    sums = bought.groupby("customer_id")[["revenue", "gross"]].sum()
    sums = sums.reindex(who, fill_value=0.0)
    wallet = tables["wallet"].sort_values("year").drop_duplicates("customer_id", keep="last")
    wallet = wallet.set_index("customer_id").reindex(who)
    year = sold["order_date"].dt.year
    of_year = sold["revenue"].groupby([sold["customer_id"], year]).sum()
    ours = of_year.reindex(pd.MultiIndex.from_arrays([who, wallet["year"]])).to_numpy()
    supply = wallet["our_share_of_its_supply"].astype("float64")
    found = {
        "continuity": _continuity(bought, customers, as_of, days),
        "exclusivity": (ours / wallet["category_spend"].astype("float64")).clip(0, 1),
        "dependence": _both(supply, sums["revenue"]),
        "interaction": _balance(touches, who, begin, as_of),
        "mutual_value": _both(sums["gross"], _delivered(tables["value_ratings"]).reindex(who)),
    }
    return pd.DataFrame(found, who)


def _continuity(
    bought: pd.DataFrame, began: pd.Series, as_of: pd.Timestamp, days: int
) -> pd.Series:
    """Return the share of months with a purchase, of the months that the customer was there."""
    back = ((as_of - bought["order_date"]).dt.days / MONTH).astype("int64")
    active = back.groupby(bought["customer_id"]).nunique().reindex(began.index, fill_value=0)
    there = np.ceil((as_of - began).dt.days.clip(1, days) / MONTH)
    return (active / there).clip(upper=1)


def _both(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return the smaller of two ranks from 0 to 1; missing where either is."""
    ranks = pd.concat([each.rank(pct=True) for each in (one, other)], axis=1)
    return ranks.min(axis=1, skipna=False)


def _balance(
    touches: pd.DataFrame, who: pd.Index, begin: pd.Timestamp, as_of: pd.Timestamp
) -> pd.Series:
    seen = touches[pd.to_datetime(touches["at"]).between(begin, as_of + pd.Timedelta(days=1))]
    theirs = seen["minutes_to_respond"].notna()
    counts = theirs.groupby(seen["customer_id"]).agg(["sum", "size"]).reindex(who, fill_value=0)
    less = np.minimum(counts["sum"], counts["size"] - counts["sum"])
    return 2 * less / counts["size"].where(counts["size"] > 0)


def _delivered(ratings: pd.DataFrame) -> pd.Series:
    """Return values less costs of our offer, by the customer's last rating."""
    ours = ratings[ratings["brand"] == "us"].sort_values("wave")
    last = ours.drop_duplicates("customer_id", keep="last").set_index("customer_id")
    return (last[list(_VALUES)].sum(axis=1) - last[list(_COSTS)].sum(axis=1)).astype("float64")


def compared_bonds(found: pd.DataFrame, left: pd.Series) -> pd.DataFrame:
    """Return each index's mean among those who then left and those who stayed.

    Parameters
    ----------
    found : DataFrame
        From `characteristics`, as of a day.
    left : Series
        Whether the customer left after that day, indexed alike.

    Returns
    -------
    DataFrame
        Indexed by ``characteristic``: ``customers`` of whom it is known, ``stayed_mean``
        and ``left_mean``, each with ``…_low`` and ``…_high``, and ``difference`` (left less
        stayed) with ``low`` and ``high`` (unequal variances).

    References
    ----------
    Welch, B. L. (1947). The generalization of Student's problem when several different
    population variances are involved. Biometrika 34, 28-35.
    """
    rows = {}
    for name in found:
        known = found[name].dropna().astype("float64")
        groups = [known[left.reindex(known.index) == gone] for gone in (False, True)]
        means = [(np.mean(g), Z95 * g.std() / np.sqrt(len(g))) for g in groups]
        (stayed, reach), (gone_mean, other) = means
        both = float(np.hypot(reach, other))
        gap = gone_mean - stayed
        rows[name] = [len(known), *(x for m, r in means for x in (m, m - r, m + r)),
                      gap, gap - both, gap + both]  # fmt: skip
    parts = [f"{who}_{end}" for who in ("stayed", "left") for end in ("mean", "low", "high")]
    columns = ["customers", *parts, "difference", "low", "high"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.rename_axis("characteristic")


def build_keep_enhance(
    lives: pd.DataFrame, levels: pd.DataFrame, ends: Sequence[pd.Timestamp]
) -> pd.DataFrame:
    """Return how many relationships were built, kept and enhanced between days.

    Parameters
    ----------
    lives : DataFrame
        From `contract_lives`: ``customer_id``, ``began_on``, ``ended_on``, ``observed``,
        ``nth``.
    levels : DataFrame
        Each customer's layer at each of `ends` (columns), as numbers, more being higher.
    ends : sequence of Timestamp
        The days, rising: a period lasts from one to the next.

    Returns
    -------
    DataFrame
        Indexed by ``period_end``: ``customers`` there at its beginning, ``built`` (new ones)
        and ``build_rate`` (built ÷ there), ``keep_rate`` (of those there, still there at its
        end) and ``enhance_rate`` (of those kept, in a higher layer at its end) with
        Wilson's limits (``keep_low`` …), and ``fall_rate`` (in a lower one).
    """
    rows = {until: _flow(lives, levels, since, until) for since, until in pairwise(ends)}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("period_end")
    keep = wilson(table["kept"], table["customers"]).set_axis(
        ["keep_rate", "keep_low", "keep_high"], axis=1
    )
    up = wilson(table["up"], table["kept"]).set_axis(
        ["enhance_rate", "enhance_low", "enhance_high"], axis=1
    )
    rates = {"build_rate": table["built"] / table["customers"]}
    fallen = (table["down"] / table["kept"]).rename("fall_rate")
    counts = table[["customers", "built"]].assign(**rates)
    return pd.concat([counts, keep, up, fallen], axis=1)


def _flow(
    lives: pd.DataFrame, levels: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp
) -> dict[str, int]:
    over = lives["ended_on"].where(lives["observed"])
    here = (lives["began_on"] <= since) & ~(over <= since)
    kept = here & ~(over <= until)
    who = pd.Index(lives["customer_id"][kept])
    before, after = (levels[day].reindex(who) for day in (since, until))
    new = (lives["nth"] == 1) & (lives["began_on"] > since) & (lives["began_on"] <= until)
    return {
        "customers": int(here.sum()), "built": int(new.sum()), "kept": int(kept.sum()),
        "up": int((after > before).sum()), "down": int((after < before).sum()),
    }  # fmt: skip
