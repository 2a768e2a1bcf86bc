"""The audit's questions about trade: who is wanted, complains, stopped, buys elsewhere."""

import numpy as np
import pandas as pd

from crmlab.accounts.base import at_top, check_between, largest, problems, refuse, repeated

OUTCOMES = ("stopped", "buys_less", "still_trading")


def wallet_share(wallet: pd.DataFrame, orders: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return our share of what each customer spends on our categories in a year.

    Parameters
    ----------
    wallet : DataFrame
        ``customer_id``, ``year``, ``category_spend`` (money a year); optionally
        ``main_rival`` and ``rival_share`` (of category spend).
    orders : DataFrame
        ``customer_id``, ``order_date``, ``amount`` (money).
    year : int
        The calendar year.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, who is in the year's wallets: ``category_spend``,
        ``ours`` and ``untapped`` (what is not ours, zero or more) in money, ``wallet_share``
        (missing without spend; above 1 where the wallet was estimated too low), and of
        ``main_rival`` and ``rival_share`` what there is.

    Raises
    ------
    DataError
        If a table lacks a column, or values in it, or a customer has two wallets in the
        year; all problems at once.

    References
    ----------
    Keiningham, T. L., Aksoy, L., Buoye, A. and Cooil, B. (2011). Customer loyalty isn't
    enough. Grow your share of wallet.
    """
    refuse(
        problems("wallet", wallet, ids="customer_id", numbers="year category_spend"),
        problems("orders", orders, ids="customer_id", numbers="amount", days="order_date"),
        repeated("wallet", wallet[wallet["year"] == year], "customer_id")
        if "year" in wallet
        else [],
    )
    shown = ["category_spend", *(c for c in ("main_rival", "rival_share") if c in wallet)]
    found = wallet[wallet["year"] == year].set_index("customer_id")[shown]
    ours = spent_in(orders, year).reindex(found.index).fillna(0.0)
    spend = found["category_spend"].astype("float64")
    found.insert(1, "ours", ours)
    found.insert(2, "untapped", (spend - ours).clip(lower=0))
    found.insert(3, "wallet_share", ours / spend.where(spend > 0))
    return found.assign(category_spend=spend)


def most_wanted(
    wallets: pd.DataFrame, contacts: pd.DataFrame, share: float = 0.1, least: int = 3
) -> pd.DataFrame:
    """Return whom we want most this year, and whether we know enough people there.

    Parameters
    ----------
    wallets : DataFrame
        From `wallet_share` of the last year: indexed by customer, ``untapped`` in money.
    contacts : DataFrame
        ``customer_id``, ``name``, ``role``: one row per person (see `duplicates`).
    share : float
        Part of customers wanted, by what they spend elsewhere, 0 to 1.
    least : int
        So many named contacts are to be known at each.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, the most untapped first: ``untapped`` (money),
        ``named_contacts``, ``knows_decider`` (whether one of them decides), and ``reason``:
        ``enough_contacts`` or ``contacts_to_find``.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a table lacks a column, or values in it; all problems at once.
    """
    refuse(
        problems("wallets", wallets, numbers="untapped"),
        problems("contacts", contacts, ids="customer_id", maybe="name role"),
    )
    known = contacts[contacts["name"].fillna("").str.strip() != ""]
    people = known.groupby("customer_id")["name"].count()
    deciders = known.loc[known["role"] == "decides", "customer_id"]
    found = wallets.loc[
        at_top(wallets["untapped"], share) & (wallets["untapped"] > 0), ["untapped"]
    ]
    named = people.reindex(found.index).fillna(0).astype("int64")
    reason = np.where(named >= least, "enough_contacts", "contacts_to_find")
    found = found.assign(named_contacts=named, knows_decider=found.index.isin(deciders))
    return largest(found.assign(reason=pd.Series(reason, found.index, dtype="str")), "untapped")


def complaining(
    orders: pd.DataFrame, complaints: pd.DataFrame, year: int, share: float = 0.2, times: int = 2
) -> pd.DataFrame:
    """Return the big customers who complained repeatedly in a year, the biggest first.

    Parameters
    ----------
    orders : DataFrame
        ``customer_id``, ``order_date``, ``amount`` (money).
    complaints : DataFrame
        ``customer_id``, ``complained_on``; optionally ``recovered`` (true or false).
    year : int
        The calendar year, of purchases and of complaints.
    share : float
        Big is the part of the year's buyers who spend most, 0 to 1.
    times : int
        Complaints from which on they are repeated.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``: ``spend`` (money), ``complaints``, ``unrecovered`` (of
        them, not known to be made good), and ``reason``: ``complaints_open`` if there are
        any of these, else ``repeated_complaints``.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a table lacks a column, or values in it; all problems at once.
    """
    refuse(
        problems("orders", orders, ids="customer_id", numbers="amount", days="order_date"),
        problems("complaints", complaints, ids="customer_id", days="complained_on"),
    )
    then = complaints[pd.to_datetime(complaints["complained_on"]).dt.year == year]
    good = then["recovered"].fillna(value=False).astype("bool") if "recovered" in then else False
    counts = then.assign(unrecovered=1 - 1 * good).groupby("customer_id")["unrecovered"]
    spent = spent_in(orders, year)
    found = pd.DataFrame({"spend": spent[at_top(spent, share)]})
    found = found.join(counts.agg(complaints="count", unrecovered="sum"), how="inner")
    found = found[found["complaints"] >= times]
    reason = np.where(found["unrecovered"] > 0, "complaints_open", "repeated_complaints")
    return largest(found.assign(reason=pd.Series(reason, found.index, dtype="str")), "spend")


def still_trading(
    orders: pd.DataFrame, year: int, top: int = 10, less: float = 0.5
) -> pd.DataFrame:
    """Return whether the largest customers of the year before still trade in a year.

    Parameters
    ----------
    orders : DataFrame
        ``customer_id``, ``order_date``, ``amount`` (money).
    year : int
        This calendar year; if it is not over, spend is not yet comparable.
    top : int
        How many of last year's customers; those of equal spend are in or out together.
    less : float
        Part of last year's spend below which a customer buys less, 0 to 1.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, the largest first: ``spend_before`` and ``spend``
        (money), ``change`` (share of the spend before), ``last_order`` (day), and
        ``reason``: ``stopped`` (no order this year), ``buys_less`` or ``still_trading``.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a column is lacking, or a value in it.
    """
    refuse(problems("orders", orders, ids="customer_id", numbers="amount", days="order_date"))
    check_between("less", less, 0, 1)
    days = pd.to_datetime(orders["order_date"])
    before, spent = spent_in(orders, year - 1), spent_in(orders, year)
    found = pd.DataFrame(
        {"spend_before": before[before.rank(ascending=False, method="min") <= top]}
    )
    now = spent.reindex(found.index)
    last = days[days.dt.year <= year].groupby(orders["customer_id"]).max()
    kind = np.select([now.isna(), now < less * found["spend_before"]], OUTCOMES[:2], OUTCOMES[2])
    found = found.assign(spend=now.fillna(0.0), change=now.fillna(0.0) / found["spend_before"] - 1)
    found = found.assign(last_order=last.reindex(found.index))
    return largest(found.assign(reason=pd.Series(kind, found.index, dtype="str")), "spend_before")


def mostly_rivals(wallets: pd.DataFrame, below: float = 0.5) -> pd.DataFrame:
    """Return who buys mostly from rivals: our share of the wallet is below a half.

    Parameters
    ----------
    wallets : DataFrame
        From `wallet_share`.
    below : float
        Share of wallet under which others have most, 0 to 1.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, the most untapped first: ``category_spend``, ``ours`` and
        ``untapped`` in money, ``wallet_share``, and ``reason``: the main rival's code, or
        ``rival_unknown``.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a column is lacking, or a value in it.
    """
    refuse(
        problems("wallets", wallets, numbers="category_spend ours untapped", maybe="wallet_share")
    )
    check_between("below", below, 0, 1)
    found = wallets[wallets["wallet_share"] < below]
    rival = found.get("main_rival", pd.Series(None, found.index, dtype="str"))
    found = found[["category_spend", "ours", "untapped", "wallet_share"]]
    return largest(found.assign(reason=rival.fillna("rival_unknown").astype("str")), "untapped")


def spent_in(orders: pd.DataFrame, year: int) -> pd.Series:
    """Return what each customer spent in a calendar year, in money: ``spend``."""
    then = orders[pd.to_datetime(orders["order_date"]).dt.year == year]
    return then.groupby("customer_id")["amount"].sum().astype("float64").rename("spend")
