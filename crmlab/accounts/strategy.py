"""Strategies of choosing customers, and what is at stake with each."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.accounts.base import counted, problems, refuse

STRATEGIES = ("deepen", "expand", "acquire_alike", "diversify", "combine")
COLUMNS = (
    "profit_before", "profit", "revenue", "orders", "gap", "newcomer", "alike", "acquisition_cost",
)  # fmt: skip


def wallet_gap(customers: pd.DataFrame, by: str = "nature") -> pd.Series:
    """Return what each buyer would buy more if our share of its wallet were its class's median.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        From `crmlab.accounts.measures`: ``orders``, ``wallet_share``, ``category_spend``
        (money) and the class.
    by : str
        The column of the class whose buyers are compared.

    Returns
    -------
    Series
        Named ``gap``, in money a year: 0 for those at or above the median, who do not buy,
        or whose wallet is not known.
    """
    refuse(problems("customers", customers, maybe=f"orders wallet_share category_spend {by}"))
    share = customers["wallet_share"].astype("float64").where(customers["orders"] > 0)
    usual = share.groupby(customers[by]).transform("median")
    more = (usual - share).clip(lower=0) * customers["category_spend"].astype("float64")
    return more.fillna(0.0).rename("gap")


def choices(
    then: pd.DataFrame, now: pd.DataFrame, year: int, *, by: str = "industry", alike: float = 1.0
) -> pd.DataFrame:
    """Return what `strategies` needs of each customer.

    Parameters
    ----------
    then, now : DataFrame, one row per customer
        From `crmlab.accounts.measures` of the year before and of `year`.
    year : int
        The calendar year of `now`.
    by : str
        The class by which customers are of our kind: those classes whose buyers bring at
        least `alike` times the profit of an average buyer.
    alike : float
        See `by`.

    Returns
    -------
    DataFrame
        Indexed like `now`: ``profit_before``, ``profit``, ``revenue``, ``orders``, ``gap``
        (see `wallet_gap`), ``newcomer`` (acquired in the year before, so that a whole year is
        seen), ``alike``, ``acquisition_cost``.
    """
    refuse(problems("customers", now, numbers="profit revenue orders", maybe=by))
    buys = now[now["orders"] > 0]
    usual = buys["profit"].mean()
    each = buys.groupby(by)["profit"].mean()
    joined = pd.to_datetime(now["acquired_on"]).dt.year == year - 1
    cost = now["acquisition_cost"].astype("float64").fillna(0.0)
    found = now[["profit", "revenue", "orders"]].assign(
        profit_before=then["profit"].reindex(now.index).fillna(0.0),
        gap=wallet_gap(now),
        newcomer=joined,
        alike=now[by].isin(each.index[each >= alike * usual]),
        acquisition_cost=cost,
    )
    return found[list(COLUMNS)]


def strategies(*columns: pd.Series, weight: pd.Series | None = None) -> pd.Series:
    """Return the profit of a year that is at stake with each strategy.

    With pᵢ the profit of a customer in the year, p⁰ᵢ in the year before, and buyers those
    with an order in the year:

    - deepen: λ Σ max(pᵢ, 0), what a year's loss of customers takes, where λ is the share of
      Σ max(p⁰ᵢ, 0) that belonged to customers who bought no more;
    - expand: (Σ profit ÷ Σ revenue of buyers) × Σ gap, what the `wallet_gap` would bring;
    - acquire alike: Σ (pᵢ − cost of acquiring) of newcomers of our kinds of customers;
    - diversify: the same of newcomers of other kinds;
    - combine: deepen, (1 − λ) × expand, as who leaves does not expand, and of the last two
      those that are above zero.

    Parameters
    ----------
    *columns : Series
        The columns of `choices`, in its order.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    Series
        In money a year, indexed by strategy: what there is to win or lose, no forecast.
    """
    each = dict(zip(COLUMNS, (column.to_numpy("float64") for column in columns), strict=True))
    size = counted(columns[0], weight)
    lost, rate = _lost(each, size), _rate(each, size)
    won = size * (each["profit"] - each["acquisition_cost"]) * each["newcomer"]
    deepen = lost * (size * each["profit"].clip(min=0)).sum()
    expand = rate * (size * each["gap"])[each["orders"] > 0].sum()
    acquire, other = (won * each["alike"]).sum(), (won * (1 - each["alike"])).sum()
    both = deepen + (1 - lost) * expand + max(acquire, 0) + max(other, 0)
    return pd.Series([deepen, expand, acquire, other, both], index=list(STRATEGIES))


def lost_share(chosen: pd.DataFrame) -> float:
    """Return the share of last year's profit that was of customers who bought no more.

    From `choices`; 0 if there was no profit.
    """
    return _lost({c: chosen[c].to_numpy("float64") for c in COLUMNS}, np.ones(len(chosen)))


def profit_of_revenue(chosen: pd.DataFrame) -> float:
    """Return the profit ÷ revenue of the year's buyers, from `choices`; 0 without revenue."""
    return _rate({c: chosen[c].to_numpy("float64") for c in COLUMNS}, np.ones(len(chosen)))


def _lost(each: Mapping[str, np.ndarray], size: np.ndarray) -> float:
    before = size * each["profit_before"].clip(min=0)
    return float(before[each["orders"] <= 0].sum() / (before.sum() or 1.0))


def _rate(each: Mapping[str, np.ndarray], size: np.ndarray) -> float:
    buys = each["orders"] > 0
    revenue = (size * each["revenue"])[buys].sum()
    return float((size * each["profit"])[buys].sum() / revenue) if revenue > 0 else 0.0


def concerned(customers: pd.DataFrame) -> pd.Series:
    """Return how many customers each strategy concerns, from `choices`."""
    buys, new, ours = customers["orders"] > 0, customers["newcomer"], customers["alike"]
    who = {
        "deepen": buys & (customers["profit"] > 0),
        "expand": buys & (customers["gap"] > 0),
        "acquire_alike": new & ours,
        "diversify": new & ~ours,
    }
    found = pd.DataFrame(who)
    return found.assign(combine=found.any(axis=1)).sum().astype("int64")
