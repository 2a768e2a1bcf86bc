"""Best and worst customers by nine items, and how close a relationship should be."""

import numpy as np
import pandas as pd

from crmlab.accounts.base import at_top, largest, problems, refuse

GOOD = ("asks_our_strengths", "pays_for_worth", "raises_our_skill", "shares_direction")
BAD = (
    "asks_our_weakness", "leads_astray", "costs_more_than_brings", "demands_attention",
    "never_satisfied",
)  # fmt: skip


def scorecard(customers: pd.DataFrame, *, least: float = 0.25) -> pd.DataFrame:
    """Return how far a customer is one of the best or of the worst, by nine items.

    The balance is the share of good items that are met less the share of bad ones, of those
    that are known on each side. That the items weigh the same, and where best and worst
    begin, are conventions of ours.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        Whether each item is so, true, false or missing (not known). Good:
        ``asks_our_strengths`` (wants what we do well), ``pays_for_worth`` (sees its worth and
        pays), ``raises_our_skill`` (asks for more, and so improves us), ``shares_direction``
        (goes where our strategy goes). Bad: ``asks_our_weakness``, ``leads_astray`` (off our
        strategy), ``costs_more_than_brings``, ``demands_attention``, ``never_satisfied``.
    least : float
        Balance from which one is best, and from whose negative down worst, above 0 to 1.

    Returns
    -------
    DataFrame
        Indexed like `customers`, the best first: ``good`` (0 to 4), ``bad`` (0 to 5),
        ``known`` (0 to 9), ``balance`` (−1 to 1; missing if either side is unknown) and
        ``reason``: ``best_customer``, ``worst_customer``, ``mixed_customer`` or ``not_known``.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If an item is lacking; all of them at once.
    """
    if not 0 < least <= 1:
        raise ValueError(f"least must be above 0 and at most 1, got {least}")
    refuse(problems("customers", customers, maybe=" ".join([*GOOD, *BAD])))
    marks = customers[[*GOOD, *BAD]].astype("boolean").astype("Float64")
    balance = _mean(marks[[*GOOD]]) - _mean(marks[[*BAD]])
    kind = np.select(
        [balance.isna(), balance >= least, balance <= -least],
        ["not_known", "best_customer", "worst_customer"],
        "mixed_customer",
    )
    found = pd.DataFrame(
        {
            "good": marks[[*GOOD]].sum(axis=1).astype("int64"),
            "bad": marks[[*BAD]].sum(axis=1).astype("int64"),
            "known": marks.notna().sum(axis=1),
            "balance": balance,
            "reason": pd.Series(kind, customers.index, dtype="str"),
        }
    )
    return largest(found, "balance")


def _mean(marks: pd.DataFrame) -> pd.Series:
    """Return the share of items met, of those that are known."""
    return marks.astype("float64").mean(axis=1)


def relationships(
    customers: pd.DataFrame, share: float = 0.2, weight: pd.Series | None = None
) -> pd.DataFrame:
    """Return the kind of relationship that each customer warrants, by loyalty and sales.

    High in both: partnership. High in neither: basic. The course leaves the rest open; here
    large customers of little loyalty are accountable (ask how it went, and mend it), small
    loyal ones reactive (be there when they call).

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``revenue`` (money) and ``loyalty`` (any unit; missing counts as not high).
    share : float
        Part of customers that is high, 0 to 1; equal ones are in or out together.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    DataFrame
        Indexed like `customers`: ``buys_much``, ``is_loyal`` and ``reason``, the kind.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a column is lacking, or a revenue is missing.

    References
    ----------
    Kotler, P. and Armstrong, G. Principles of marketing: customer relationship levels.
    """
    refuse(problems("customers", customers, numbers="revenue", maybe="loyalty"))
    much, loyal = (at_top(customers[c], share, weight) for c in ("revenue", "loyalty"))
    kind = np.select(
        [much & loyal, much, loyal], ["partnership", "accountable", "reactive"], "basic"
    )
    reason = pd.Series(kind, customers.index, dtype="str")
    return pd.DataFrame({"buys_much": much, "is_loyal": loyal, "reason": reason})
