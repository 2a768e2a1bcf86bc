"""The nine items of best and worst customers, as far as tables can tell them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.accounts.base import at_top
from crmlab.accounts.known import until
from crmlab.accounts.scorecard import BAD, GOOD

MEETS = {  # class of need → the rating that says how well it is met; True: less is better
    "product_need": ("product_value", False),
    "service_need": ("service_value", False),
    "relation_need": ("personnel_value", False),
    "price_need": ("money_cost", True),
}
TOLD_BY = {  # item → the table that tells it; no table holds a strategy
    "asks_our_strengths": "needs_table",
    "pays_for_worth": "order_lines_table",
    "raises_our_skill": "touchpoints_table",
    "shares_direction": "no_table",
    "asks_our_weakness": "needs_table",
    "leads_astray": "no_table",
    "costs_more_than_brings": "costs_table",
    "demands_attention": "costs_table",
    "never_satisfied": "survey_table",
}
UNHAPPY, TIMES = 5, 2  # never satisfied: rated us up to this, as often as this at least


def ahead(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return by how many points customers rate us above their rival, for each class of need.

    Parameters
    ----------
    ratings : DataFrame
        ``customer_id``, ``brand`` (us or rival), and of the ratings in `MEETS` those there are.

    Returns
    -------
    DataFrame
        Indexed by ``need_class``: ``ahead``, the mean of customers' own differences (so one
        who answered twice counts once), with its 95 % interval ``low`` to ``high``
        (normal), and ``customers``.
    """
    rows = {}
    for need, (rating, less) in MEETS.items():
        if rating not in ratings:
            continue
        wide = ratings.pivot_table(rating, "customer_id", "brand", "mean")
        gap = (wide["us"] - wide["rival"]).dropna() * (-1 if less else 1)
        half = 1.96 * gap.std() / np.sqrt(len(gap)) if len(gap) > 1 else np.nan
        rows[need] = [gap.mean(), gap.mean() - half, gap.mean() + half, len(gap)]
    columns = ["ahead", "low", "high", "customers"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return found.rename_axis("need_class").astype({"customers": "int64"})


def first_need(needs: pd.DataFrame) -> pd.Series:
    """Return the class of need that matters most to each customer, against other customers.

    The importance of a need is taken less its mean over all customers, since everybody wants
    low prices; the largest mean of a class decides, and the first in the alphabet if equal.
    """
    usual = needs.groupby("need_id")["need_importance"].transform("mean")
    more = needs["need_importance"].astype("float64") - usual.astype("float64")
    rated = needs.assign(more=more)
    wide = rated.pivot_table("more", "customer_id", "need_class", "mean")
    return wide.round(9).idxmax(axis=1).rename("need_class").astype("str")


def scorecard_items(
    customers: pd.DataFrame,
    margins: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    year: int,
    share: float = 0.2,
) -> pd.DataFrame:
    """Return the nine items of `scorecard` for each customer, missing where no table tells.

    Parameters
    ----------
    customers : DataFrame
        From `measures` of the year.
    margins : DataFrame
        From `margins_in` of the year.
    tables : mapping
        From `completed`.
    year : int
        The calendar year; what is after it is not looked at.
    share : float
        Who is in the upper part of cost to serve by revenue demands attention, unless also
        in the upper part by revenue; 0 to 1.

    Returns
    -------
    DataFrame
        Indexed like `customers`, true, false or missing. asks_our_strengths and
        asks_our_weakness: the class of need that matters most to it is one where customers
        rate us above (below) their rival beyond chance. pays_for_worth: its concessions are
        at most the median buyer's. raises_our_skill: a suggestion of its was adopted.
        costs_more_than_brings: its profit is negative. never_satisfied: at least two answers,
        none above 5 of 10. shares_direction, leads_astray: always missing, as no table holds
        our strategy.
    """
    seen, index = until(tables, year), customers.index
    unknown = pd.Series(index=index, dtype="boolean")
    found = pd.DataFrame(dict.fromkeys((*GOOD, *BAD), unknown))
    gap, need = ahead(seen["value_ratings"]), first_need(seen["needs"])
    for item, classes in (
        ("asks_our_strengths", gap.index[gap["low"] > 0]),
        ("asks_our_weakness", gap.index[gap["high"] < 0]),
    ):
        found[item] = _known(need.isin(classes), index) if len(gap) else found[item]
    rate = margins["concession_rate"].dropna()
    found["pays_for_worth"] = _known(rate <= rate.median(), index)
    taken = seen["touchpoints"]["adopted"].astype("boolean").fillna(value=False)
    by_customer = taken.groupby(seen["touchpoints"]["customer_id"]).max()
    found["raises_our_skill"] = _known(by_customer, index)
    found["costs_more_than_brings"] = (customers["profit"] < 0).astype("boolean")
    found["demands_attention"] = _demanding(customers, share)
    rated = seen["survey"].dropna(subset=["satisfaction_overall"]).groupby("customer_id")
    said = rated["satisfaction_overall"].agg(["max", "size"])
    often = said[said["size"] >= TIMES]
    found["never_satisfied"] = _known(often["max"].astype("float64") <= UNHAPPY, index)
    return found


def items_told(items: pd.DataFrame) -> pd.DataFrame:
    """Return, for each item, the table that tells it, of how many it is known, and who meets it.

    Indexed by ``item``: ``side`` (good_item or bad_item), ``told_by``, ``customers`` (of whom
    it is known), ``met`` (how many of them) and ``share_met`` (missing if of none).
    """
    known, met = items.notna().sum(), items.fillna(value=False).sum()
    found = pd.DataFrame(
        {
            "side": ["good_item" if item in GOOD else "bad_item" for item in items],
            "told_by": [TOLD_BY[str(item)] for item in items],
            "customers": known,
            "met": met.astype("int64"),
            "share_met": met.astype("float64") / known.where(known > 0),
        },
        index=items.columns,
    )
    return found.rename_axis("item")


def _known(told: pd.Series, index: pd.Index) -> pd.Series:
    """Return what is known of some customers for all, missing for the others."""
    return told.astype("boolean").reindex(index)


def _demanding(customers: pd.DataFrame, share: float) -> pd.Series:
    """Return who costs much to serve for what is bought; missing without cost or revenue."""
    revenue, cost = customers["revenue"].clip(lower=0), customers["service_cost"]
    active = (revenue > 0) | (cost > 0)
    rate = (cost / revenue.where(revenue > 0)).fillna(np.inf)[active]
    much = at_top(rate.replace(np.inf, np.finfo("float64").max), share)
    large = at_top(customers["revenue"][active], share)
    return (much & ~large).astype("boolean").reindex(customers.index)
