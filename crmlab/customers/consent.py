"""Whom one may contact: consent and suppression, wherever the source has them."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pandas as pd
from ibis.expr.types import Table

from crmlab.customers.many import ids
from crmlab.lang import Lang
from crmlab.load import Lines, find, table

COLUMNS = ("consent", "do_not_contact")


class Contact(NamedTuple):
    """Who may be contacted, and whether the source says anything of it.

    `eligible` holds true or false by ``customer_id``; `known` is false if the source has
    neither column, so that everybody counts as eligible. `ids` has the ids of customers who
    go by number (see `crmlab.customers.many`).
    """

    eligible: pd.Series
    known: bool
    ids: Callable[[pd.Index], pd.Index] = lambda customers: customers

    def of(self, ids: pd.Index) -> pd.Series:
        """Return who of some customer ids may be contacted; who is not known may not."""
        if not self.known:
            return pd.Series(data=True, index=ids)
        return self.eligible.reindex(ids, fill_value=False)


def may_contact(source: str, lines: Lines) -> Contact:
    """Return whom one may contact, from the source's orders and its customer file.

    Nobody who asked not to be contacted in any row may be. Else the customer file's consent
    decides, and where that is empty the latest that the lines hold; where both are empty,
    the answer is no. Two rows of the same time that differ count as no. Rows that are left
    out of the numbers count here: who unsubscribes on an order that is then cancelled means it.

    Parameters
    ----------
    source : str
        The source that `lines` came from.
    lines : Lines
        Its orders, or another table with ``customer_id``.
    """
    tables = [_all_rows(each) for each in _speaking(source, lines)]
    named = partial(ids, lines)
    if not tables:
        return Contact(pd.Series(dtype="bool"), known=False, ids=named)
    both = pd.concat([_said(each) for each in tables])
    refused = both["refused"].groupby(level=0).any()
    if not any("consent" in each.columns for each in tables):
        return Contact(~refused, known=True, ids=named)
    agreed = both["consent"].groupby(level=0).first()  # the first that is not missing
    return Contact(agreed.fillna(False).astype("bool") & ~refused, known=True, ids=named)


def _speaking(source: str, lines: Lines) -> list[Lines]:
    """Return what speaks of consent: the customer file, then orders, then `lines`.

    Nothing else is read, so that a file that is of no use here cannot stop a page.
    """
    files = find(source).files
    found = []
    for name in dict.fromkeys(("customers", "orders", lines.name)):
        if name == lines.name:
            found.append(lines)
        elif name in files and set(COLUMNS) & set(files[name].ours):
            found.append(table(source, name))
    return [each for each in found if set(COLUMNS) & set(each.table.columns)]


def _all_rows(lines: Lines) -> Table:
    """Return a table's rows that name a customer, those left out of the numbers too."""
    rows = lines.everything
    columns = ("customer_id", "order_date", *COLUMNS)
    return rows.select([c for c in columns if c in lines.table.columns]).drop_null("customer_id")


def _said(rows: Table) -> pd.DataFrame:
    """Return per customer the latest ``consent``, and whether contact was ever ``refused``."""
    told = rows.group_by("customer_id").aggregate(
        refused=(rows.do_not_contact.fill_null(False).cast("int32").max())
        if "do_not_contact" in rows.columns
        else rows.count() * 0
    )
    found = told.to_pandas().set_index("customer_id").astype({"refused": "bool"})
    if "consent" not in rows.columns:
        return found.assign(consent=pd.Series(pd.NA, index=found.index, dtype="boolean"))
    asked = rows.drop_null("consent")
    if "order_date" in rows.columns:
        latest = asked.order_date.max().over(group_by="customer_id")
        asked = asked.mutate(latest=latest)
        asked = asked.filter(asked.order_date == asked.latest)
    agreed = asked.group_by("customer_id").aggregate(yes=asked.consent.cast("int32").min())
    yes = agreed.to_pandas().set_index("customer_id")["yes"].astype("boolean")
    return found.join(yes.rename("consent"))


def tell(customers: pd.DataFrame, currency: str, lang: Lang) -> Callable[[pd.Index], pd.Series]:
    """Return what words a sentence on each customer's purchases, for who will contact them.

    `customers` has ``days_since_last``, ``orders`` and ``spend`` (see `summarise`); the
    result takes the ids of those to tell of, so that nothing is worded that nobody reads.
    """
    return lambda ids: _told(customers[customers.index.isin(ids)], currency, lang)


def _told(customers: pd.DataFrame, currency: str, lang: Lang) -> pd.Series:
    days, orders = (customers[c].astype(int).astype(str) for c in ("days_since_last", "orders"))
    spend = currency + " " + customers["spend"].map("{:,.2f}".format)
    if lang == "zh":
        return "购买 " + orders + " 次，共 " + spend + "，距最近一次 " + days + " 天"
    return orders + " purchases for " + spend + ", the last " + days + " days ago"
