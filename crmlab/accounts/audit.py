"""The seven questions of the audit together: whom each names, why, and with what money."""

from collections.abc import Mapping

import pandas as pd

from crmlab.accounts.contacts import people
from crmlab.accounts.known import until
from crmlab.accounts.questions import costly, platinum
from crmlab.accounts.trade import (
    complaining,
    most_wanted,
    mostly_rivals,
    still_trading,
    wallet_share,
)

QUESTIONS = {  # question → the column with the money that it is about
    "who_is_platinum": "profit",
    "who_causes_cost": "loss",
    "whom_we_want_most": "untapped",
    "who_complains_repeatedly": "spend",
    "do_the_largest_still_trade": "spend_before",
    "who_buys_from_rivals": "untapped",
    "who_is_a_b_or_c": "revenue",
}


def seven_lists(
    customers: pd.DataFrame, abc: pd.Series, tables: Mapping[str, pd.DataFrame], year: int
) -> pd.DataFrame:
    """Return the seven lists of the audit, one below the other, each customer with its reason.

    Parameters
    ----------
    customers : DataFrame
        From `measures` of the year.
    abc : Series
        Class of each buyer, indexed by ``customer_id`` (see `crmlab.segment.abc`).
    tables : mapping
        From `completed`; what is after the year is not looked at.
    year : int
        Whose purchases, wallets and complaints are meant.

    Returns
    -------
    DataFrame
        ``question``, ``place`` (1 for the first of each question), ``customer_id``, ``reason``
        and ``amount``: the money in question, which is profit, loss, what is spent elsewhere,
        or revenue. The first of each question come first, then the second, and so on.
    """
    seen = until(tables, year)
    wallet = seen["wallet"].astype({"year": "int64", "category_spend": "float64"})
    wallets = wallet_share(wallet, seen["orders"], year)
    active = customers[(customers["revenue"] != 0) | (customers["profit"] != 0)]
    named = customers.loc[abc.index, ["revenue"]].assign(reason=abc.astype("str"))
    found = {
        "who_is_platinum": platinum(active),
        "who_causes_cost": costly(active),
        "whom_we_want_most": most_wanted(wallets, people(seen["contacts"])),
        "who_complains_repeatedly": complaining(seen["orders"], seen["complaints"], year),
        "do_the_largest_still_trade": still_trading(seen["orders"], year),
        "who_buys_from_rivals": mostly_rivals(wallets),
        "who_is_a_b_or_c": named.sort_values("revenue", ascending=False, kind="stable"),
    }
    parts = [
        pd.DataFrame(
            {"question": question, "place": range(1, len(rows) + 1),
             "customer_id": rows.index.astype("str"),
             "reason": rows["reason"].astype("str").to_numpy(),
             "amount": rows[QUESTIONS[question]].astype("float64").to_numpy()}
        )
        for question, rows in found.items()
    ]  # fmt: skip
    return pd.concat(parts).sort_values("place", kind="stable", ignore_index=True)


def answers(lists: pd.DataFrame) -> pd.DataFrame:
    """Return how many customers each question names, by reason, and with how much money.

    Parameters
    ----------
    lists : DataFrame
        From `seven_lists`.

    Returns
    -------
    DataFrame
        Indexed by ``question`` (all seven, in their order): ``customers``, ``amount`` (money),
        ``main_reason`` (the most frequent; the first in the alphabet if equal) and
        ``main_customers``, how many have it; ``nobody`` and 0 for a question without answer.
    """
    by = lists.groupby("question")
    whole = by["amount"].agg(customers="size", amount="sum").reindex(list(QUESTIONS))
    counts = lists.groupby(["question", "reason"]).size().reset_index(name="n")
    order = counts.sort_values(["n", "reason"], ascending=[False, True])
    main = order.drop_duplicates("question").set_index("question").reindex(whole.index)
    return whole.assign(
        customers=whole["customers"].fillna(0).astype("int64"),
        amount=whole["amount"].fillna(0.0),
        main_reason=main["reason"].fillna("nobody").astype("str"),
        main_customers=main["n"].fillna(0).astype("int64"),
    )
