"""Who is a customer, of which type, and of what commercial value."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.accounts.base import largest, problems, refuse, repeated, score

PARTS = ("current", "potential", "influence", "learning")  # of commercial value
WEIGHTS = {"current": 0.4, "potential": 0.3, "influence": 0.15, "learning": 0.15}
ANYTHING = (-np.inf, np.inf)
RULES: dict[
    str, dict[str, tuple[float, float]]
] = {  # type → measure → from, to; the first that fits is taken
    "key_customer": {"value_score": (75, np.inf), "orders_a_year": (4, np.inf)},
    "temporary_customer": {"orders_a_year": (-np.inf, 1.5), "potential_score": (-np.inf, 60)},
    "potential_customer": {"potential_score": (60, np.inf), "wallet_share": (-np.inf, 0.3)},
    "regular_customer": {},
}
MEASURES = ("value_score", "orders_a_year", "potential_score", "wallet_share")


def reconcile(orders: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Return where buyers and files disagree: who bought without a file, or has a file only.

    Parameters
    ----------
    orders : DataFrame
        ``customer_id``, ``order_date``, ``amount`` (money).
    customers : DataFrame
        The files: ``customer_id``, once each.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, the most spend first: ``orders`` (rows), ``spend`` (money),
        ``last_order`` (day; missing without any) and ``reason``: ``buyer_without_file`` or
        ``file_without_purchase``. Empty if all agree.

    Raises
    ------
    DataError
        If a table lacks a column, or values in it, or a file is there twice; all at once.
    """
    refuse(
        problems("orders", orders, ids="customer_id", numbers="amount", days="order_date"),
        problems("customers", customers, ids="customer_id"),
        repeated("customers", customers, "customer_id"),
    )
    days = orders.assign(order_date=pd.to_datetime(orders["order_date"]))
    bought = days.groupby("customer_id").agg(
        orders=("amount", "size"), spend=("amount", "sum"), last_order=("order_date", "max")
    )
    files = pd.Index(customers["customer_id"])
    found = bought.reindex(bought.index.symmetric_difference(files).rename("customer_id"))
    reason = np.where(found["orders"].isna(), "file_without_purchase", "buyer_without_file")
    found = found.fillna({"orders": 0, "spend": 0.0}).astype({"orders": "int64"})
    found = found.assign(reason=pd.Series(reason, found.index, dtype="str"))
    return largest(found, "spend")


def on_file(orders: pd.DataFrame, customers: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return how buyers and files meet: who has a file and bought, only one, or neither lately.

    Parameters
    ----------
    orders, customers : DataFrame
        As in `reconcile`.
    year : int
        The calendar year that is called this year.

    Returns
    -------
    DataFrame
        Indexed by ``reason``: ``bought_this_year``, ``bought_before`` (a file, and its last
        order is older), ``file_without_purchase``, ``buyer_without_file``: ``customers`` and
        ``spend``, in money, of all years.
    """
    apart = reconcile(orders, customers)
    known = orders[~orders["customer_id"].isin(apart.index)]
    by = known.assign(order_date=pd.to_datetime(known["order_date"])).groupby("customer_id")
    each = by.agg(spend=("amount", "sum"), last_order=("order_date", "max"))
    now = each["last_order"].dt.year >= year
    each["reason"] = np.where(now, "bought_this_year", "bought_before")
    both = pd.concat([each[["spend", "reason"]], apart[["spend", "reason"]]])
    found = both.groupby("reason")["spend"].agg(["size", "sum"])
    kinds = ["bought_this_year", "bought_before", "file_without_purchase", "buyer_without_file"]
    found = found.reindex(kinds).fillna(0.0).rename(columns={"size": "customers", "sum": "spend"})
    return found.astype({"customers": "int64"})


def type_rules(rules: Mapping[str, Mapping[str, tuple[float, float]]] = RULES) -> pd.DataFrame:
    """Return the rules of `customer_types` as a table to read and to change.

    Indexed by ``reason`` (the type), tried from the top: of each measure ``…_low`` and
    ``…_high``, which include their ends. Measures are scores of 0 to 100, orders a year, and
    our share of the wallet. The course names the types but no numbers: these are ours.
    """
    ends = [(m, n, end) for m in MEASURES for n, end in enumerate(("low", "high"))]
    rows = {
        name: {f"{m}_{end}": rule.get(m, ANYTHING)[n] for m, n, end in ends}
        for name, rule in rules.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", dtype="float64").rename_axis("reason")


def customer_types(customers: pd.DataFrame, rules: pd.DataFrame | None = None) -> pd.Series:
    """Return whether a customer is regular, potential, key or temporary, by rules.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        What the rules' columns name, such as ``value_score``, ``potential_score`` (0 to 100,
        see `commercial_value`), ``orders_a_year`` and ``wallet_share``. A missing value fits
        only a rule that asks nothing of it.
    rules : DataFrame, optional
        From `type_rules`, or a table of one's own with columns ``…_low`` and ``…_high``.

    Returns
    -------
    Series
        Named ``reason``, indexed like `customers`: the first type that fits, else
        ``other``.

    Raises
    ------
    DataError
        If `customers` lacks a measure that the rules ask for.
    """
    asked = type_rules() if rules is None else rules
    measures = [c.removesuffix("_low") for c in map(str, asked) if c.endswith("_low")]
    refuse(problems("customers", customers, maybe=" ".join(measures)))
    has = customers[measures].to_numpy("float64", na_value=np.nan)[:, None, :]
    low, high = (asked[[f"{m}_{end}" for m in measures]].to_numpy() for end in ("low", "high"))
    free = np.isneginf(low) & np.isposinf(high)
    fits = np.all(free | ((has >= low) & (has <= high)), axis=2)
    names = np.array([*asked.index, "other"], dtype=object)
    code = np.where(fits.any(axis=1), fits.argmax(axis=1), len(asked))
    return pd.Series(names[code], index=customers.index, name="reason", dtype="str")


def commercial_value(
    customers: pd.DataFrame,
    weights: Mapping[str, float] = WEIGHTS,
    weight: pd.Series | None = None,
) -> pd.DataFrame:
    """Return each customer's commercial value with the four parts that make it.

    Each part is scored 0 to 100 by the share of customers below (half of those equal), so that
    parts of different units can be added: value = Σ weightᵢ scoreᵢ ÷ Σ weightᵢ.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``current`` (such as profit), ``potential`` (such as what is untapped), ``influence``
        (such as names given when asked) and ``learning`` (such as suggestions that were
        adopted), in any units, more being better.
    weights : mapping of str to float
        Of the four parts, 0 or more, not all 0. The course names none: these are ours.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    DataFrame
        Indexed like `customers`: ``current_score``, ``potential_score``, ``influence_score``,
        ``learning_score`` and ``value_score``, all 0 to 100, and ``reason``: the part that
        adds most above the average customer's 50 (the first of these, if equal).

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a part is lacking, or values of it.
    """
    refuse(problems("customers", customers, numbers=" ".join(PARTS)))
    share = pd.Series({f"{part}_score": float(weights.get(part, 0)) for part in PARTS})
    if (share < 0).any() or share.sum() == 0 or set(weights) - set(PARTS):
        raise ValueError(f"weights must be 0 or more for {', '.join(PARTS)}, got {dict(weights)}")
    scores = pd.DataFrame({f"{p}_score": score(customers[p], weight) for p in PARTS})
    reason = ((scores - 50) * share).round(9).idxmax(axis=1).astype("str")
    value = (scores * share).sum(axis=1) / share.sum()
    return scores.assign(value_score=value, reason=reason)


def value_parts(
    profits: pd.DataFrame, wallets: pd.DataFrame, asks: pd.DataFrame, touches: pd.DataFrame
) -> pd.DataFrame:
    """Return the four parts of commercial value that the tables can show.

    Parameters
    ----------
    profits : DataFrame
        From `crmlab.accounts.profit`: indexed by customer, ``profit`` (money).
    wallets : DataFrame
        From `wallet_share`: indexed by customer, ``untapped`` (money).
    asks : DataFrame
        Requests for referrals: ``customer_id``, ``named`` (whether a name was given).
    touches : DataFrame
        ``customer_id``, ``adopted`` (whether a suggestion was taken up; may be missing).

    Returns
    -------
    DataFrame
        Indexed like `profits`: ``current`` and ``potential`` in money, ``influence`` (names
        given) and ``learning`` (suggestions adopted) in numbers; 0 where nothing is known.

    Raises
    ------
    DataError
        If a table lacks a column, or values in it; all problems at once.
    """
    refuse(
        problems("profits", profits, numbers="profit"),
        problems("wallets", wallets, numbers="untapped"),
        problems("asks", asks, ids="customer_id", maybe="named"),
        problems("touches", touches, maybe="customer_id adopted"),
    )
    found = {
        "current": profits["profit"],
        "potential": wallets["untapped"],
        "influence": _times(asks, "named"),
        "learning": _times(touches, "adopted"),
    }
    return pd.DataFrame({n: part.reindex(profits.index).fillna(0.0) for n, part in found.items()})


def valued(customers: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the commercial value of customers, and what `customer_types` asks besides.

    Parameters
    ----------
    customers : DataFrame
        From `crmlab.accounts.measures`.
    tables : mapping
        With ``referral_asks`` and ``touchpoints``, of the time that counts.

    Returns
    -------
    DataFrame
        As `commercial_value`, with ``orders_a_year`` and ``wallet_share``. Potential is what
        is spent elsewhere, 0 where no wallet is known.
    """
    wallets = customers[["untapped"]].fillna(0.0)
    asks, touches = tables["referral_asks"], tables["touchpoints"]
    value = commercial_value(value_parts(customers, wallets, asks, touches))
    return value.assign(
        orders_a_year=customers["orders"], wallet_share=customers["wallet_share"].astype("float64")
    )


def _times(table: pd.DataFrame, flag: str) -> pd.Series:
    """Return how often a flag is set for each customer."""
    is_set = table[flag].astype("boolean").fillna(value=False)
    return is_set.astype("float64").groupby(table["customer_id"]).sum()
