"""From rows to customers: how much of an export is left at each step, in rows and money."""

from datetime import date

import pandas as pd

from crmlab.customers import days
from crmlab.load import Lines


def levels(orders: Lines, as_of: str | date | None = None) -> pd.DataFrame:
    """Return rows → orders → occasions → customers, each with its money.

    Parameters
    ----------
    orders : Lines
        From `crmlab.load.orders`.
    as_of : date or ISO text, optional
        Last day seen; by default that of the source.

    Returns
    -------
    DataFrame
        Indexed by ``level``: ``rows_used``, ``orders_seen`` (different order ids, where
        there are any), ``occasions`` (customer-days with a sale), ``customers`` (who ever
        bought); columns ``count`` and ``amount`` in the source's currency.
    """
    lines = orders.table
    seen = lines.aggregate(rows=lines.count(), amount=lines.amount.sum().cast("float64"))
    rows, amount = seen.to_pandas().iloc[0]
    by_day = days(orders, as_of=as_of)
    bought = by_day.filter(by_day.occasion)
    told = bought.aggregate(
        occasions=bought.count(),
        amount=bought.amount.sum().cast("float64"),
        customers=bought.customer_id.nunique(),
    )
    occasions, spent, customers = told.to_pandas().iloc[0]
    steps = {"rows_used": (rows, amount), "occasions": (occasions, spent)}
    if "order_id" in lines.columns:
        kept = lines.drop_null("order_id")
        count = kept.order_id.nunique().execute()
        steps["orders_seen"] = (count, float(kept.amount.sum().execute() or 0))
    steps["customers"] = (customers, spent)
    order = [s for s in ("rows_used", "orders_seen", "occasions", "customers") if s in steps]
    found = pd.DataFrame([steps[s] for s in order], columns=["count", "amount"], index=order)
    return found.astype({"count": "int64"}).rename_axis("level")
