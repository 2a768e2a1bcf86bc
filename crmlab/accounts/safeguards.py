"""The five measures that keep key accounts: which of them each account lacks, by rules."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.accounts.base import problems, refuse
from crmlab.intervals import wilson
from crmlab.lang import Lang, say, term

MEASURES = {
    "raise_influence": "decider_contacts",
    "channel_partnership": "supply_share",
    "win_win_mechanism": "shared_terms",
    "key_account_techniques": "visits",
    "value_added_service": "services",
}  # measure of the course → what of the tables shows it
LEAST = {"decider_contacts": 1, "supply_share": 0.3, "shared_terms": 1, "visits": 1, "services": 1}
SERVICE_TYPES = ("return_visit", "suggestion", "event")
TERMS = ("has_liability", "has_disputes", "has_price")  # who bears what, and how it is settled


def account_signs(
    customers: pd.Index,
    tables: Mapping[str, pd.DataFrame],
    *,
    as_of: pd.Timestamp,
    days: int = 180,
) -> pd.DataFrame:
    """Return what the tables show of the five measures, for each account, in the last `days`.

    Parameters
    ----------
    customers : Index
        Ids of the accounts.
    tables : mapping
        ``contacts`` (``contact_id``, ``role``), ``touchpoints`` (``contact_id``,
        ``customer_id``, ``at``, ``type``), ``visits`` (``customer_id``, ``visited_on``),
        ``wallet`` (``customer_id``, ``year``, ``our_share_of_its_supply``) and ``contracts``
        (``customer_id``, ``started_on``, `TERMS`).
    as_of : Timestamp
        Last day seen.
    days : int
        How far back to look.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``: ``decider_contacts`` (touches with somebody who decides),
        ``supply_share`` (our share of its supply, last year known), ``shared_terms`` (1 if the
        last contract settles price, liability and disputes), ``visits`` and ``services``
        (return visits, suggestions and events). Nothing on file is 0.

    Raises
    ------
    DataError
        If a table lacks a column.
    """
    refuse(
        problems("contacts", tables["contacts"], ids="contact_id", maybe="role"),
        problems("touchpoints", tables["touchpoints"], maybe="contact_id customer_id at type"),
        problems("visits", tables["visits"], maybe="customer_id visited_on"),
        problems("wallet", tables["wallet"], maybe="customer_id year our_share_of_its_supply"),
        problems("contracts", tables["contracts"], maybe=" ".join(("customer_id", *TERMS))),
    )
    since = as_of - pd.Timedelta(days=days)
    touches, visits = (
        _recent(tables[name], column, since, as_of)
        for name, column in (("touchpoints", "at"), ("visits", "visited_on"))
    )
    role = tables["contacts"].set_index("contact_id")["role"]
    decides = touches["contact_id"].map(role) == "decides"
    wallet = _last(tables["wallet"], "year")["our_share_of_its_supply"].astype("float64")
    terms = _last(tables["contracts"], "started_on")[list(TERMS)].astype("boolean").all(axis=1)
    found: dict[str, pd.Series] = {
        "decider_contacts": touches[decides].groupby("customer_id").size(),
        "supply_share": wallet,
        "shared_terms": terms.astype("float64"),
        "visits": visits.groupby("customer_id").size(),
        "services": touches[touches["type"].isin(SERVICE_TYPES)].groupby("customer_id").size(),
    }
    return pd.DataFrame(
        {
            name: part.reindex(customers).fillna(0.0).astype("float64")
            for name, part in found.items()
        },
        index=customers,
    )


def _recent(
    table: pd.DataFrame, column: str, since: pd.Timestamp, until: pd.Timestamp
) -> pd.DataFrame:
    day = pd.to_datetime(table[column]).dt.normalize()
    return table[(day > since) & (day <= until)]


def _last(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return each customer's last row."""
    rows = table.sort_values(column, kind="stable")
    return rows.drop_duplicates("customer_id", keep="last").set_index("customer_id")


def lacking(signs: pd.DataFrame, least: Mapping[str, float] = LEAST) -> pd.DataFrame:
    """Return which of the five measures each account lacks: the checklist.

    Parameters
    ----------
    signs : DataFrame
        From `account_signs`, or of one's own.
    least : mapping
        From which value of each sign the measure counts as taken. The course names the
        measures but no numbers: these are ours.

    Returns
    -------
    DataFrame
        Indexed like `signs`: a flag for each of `MEASURES`, True where it is lacking, and
        ``measures_lacking``, how many.

    Raises
    ------
    ValueError
        If `least` does not name the five signs.
    DataError
        If a sign is lacking, or values of it.
    """
    if set(least) != set(LEAST):
        raise ValueError(f"least must name {', '.join(LEAST)}, got {', '.join(least)}")
    refuse(problems("signs", signs, numbers=" ".join(LEAST)))
    flags = {measure: signs[sign] < least[sign] for measure, sign in MEASURES.items()}
    table = pd.DataFrame(flags, signs.index)
    return table.assign(measures_lacking=table.sum(axis=1).astype("int64"))


def checklist(flags: pd.DataFrame, at_risk: pd.Series) -> pd.DataFrame:
    """Return, per measure, how many accounts lack it and the revenue at risk with them.

    Parameters
    ----------
    flags : DataFrame
        From `lacking`.
    at_risk : Series
        Revenue at risk of each account, money, indexed alike (see `revenue_at_risk`).

    Returns
    -------
    DataFrame
        Indexed by ``countermeasure``: ``customers`` (accounts that lack it), ``share`` of all with
        Wilson's ``low`` and ``high``, and ``at_risk_revenue`` with them.
    """
    each = flags[list(MEASURES)]
    count = each.sum()
    low, high = wilson(count, len(each))
    risk = at_risk.reindex(each.index).to_numpy("float64")
    table = pd.DataFrame({"customers": count, "share": count / max(len(each), 1)})
    table = table.assign(low=low, high=high, at_risk_revenue=each.to_numpy("float64").T @ risk)
    order = np.argsort(-table["at_risk_revenue"].round(6).to_numpy(), kind="stable")
    return table.iloc[order].rename_axis("countermeasure")


def tell_lacking(flags: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return a sentence for each account: which of the five measures it lacks."""
    join = say(lang, en=", ", zh="、")
    start = say(lang, en="Lacking: ", zh="缺少：")
    none = say(lang, en="All five measures are taken", zh="五项对策均已落实")
    told = pd.Series("", flags.index)
    for measure in MEASURES:
        told = told.mask(flags[measure], told + join + term(measure, lang))
    return (start + told.str.removeprefix(join)).where(told != "", none)
