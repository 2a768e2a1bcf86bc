"""From rows to customers: how much of an export is left at each step, in rows and money."""

from datetime import date

import pandas as pd

from crmlab.check.base import Seen
from crmlab.customers import days, money
from crmlab.errors import Finding
from crmlab.lang import number
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
        Indexed by ``level``: ``rows_used``; ``orders_seen`` (different order ids, where the
        source has them); ``occasions`` (customer-days with a sale that refunds did not take
        below zero); ``customers`` (who ever bought, with all that they paid and took back).
        Columns ``count`` and ``amount`` in the source's currency.
    """
    made: pd.DataFrame = orders.once(f"levels {as_of or ''}", lambda: _levels(orders, as_of))
    return made.copy()


def _levels(orders: Lines, as_of: str | date | None) -> pd.DataFrame:
    seen = Seen(orders, as_of)
    steps: dict[str, tuple[float, float]] = {"rows_used": (seen.rows, seen.totals["amount"])}
    if "order_id" in seen.table.columns:
        kept = seen.table.drop_null("order_id")
        told = kept.aggregate(n=kept.order_id.nunique(), a=kept.amount.sum().cast("float64"))
        steps["orders_seen"] = tuple(told.to_pandas().fillna(0).iloc[0])
    steps |= _bought(orders, as_of)
    found = pd.DataFrame(steps.values(), columns=["count", "amount"], index=list(steps))
    return found.astype({"count": "int64", "amount": "float64"}).rename_axis("level")


def _bought(orders: Lines, as_of: str | date | None) -> dict[str, tuple[float, float]]:
    """Return the count and the money of occasions, and of the customers who had any."""
    by_day = days(orders, as_of=as_of)
    each = by_day.group_by("customer_id").aggregate(
        times=by_day.occasion.sum(),
        paid=by_day.amount.sum(where=by_day.occasion),
        spend=by_day.amount.sum(),
    )
    buyers = each.filter(each.times > 0)
    told = buyers.aggregate(
        times=buyers.times.sum(), paid=money(buyers.paid.sum()),
        customers=buyers.count(), spend=money(buyers.spend.sum()),
    ).to_pandas().fillna(0).iloc[0]  # fmt: skip
    return {
        "occasions": (told["times"], told["paid"]),
        "customers": (told["customers"], told["spend"]),
    }


def sentence(orders: Lines, as_of: str | date | None = None) -> Finding:
    """Return the levels as one finding: from rows to customers, and the money."""
    seen, steps = Seen(orders, as_of), levels(orders, as_of)
    count, amount = steps["count"], seen.both(steps["amount"]["rows_used"])
    words = {
        "rows_used": ("rows", "行"), "orders_seen": ("orders", "个订单"),
        "occasions": ("purchase days", "个购买日"), "customers": ("customers", "位客户"),
    }  # fmt: skip
    english, chinese = (
        " → ".join(f"{number(count[step], 'en')} {words[step][nth]}" for step in steps.index)
        for nth in (0, 1)
    )
    return Finding("ready", f"{english}; {amount[0]}.", f"{chinese}；共 {amount[1]}。", "levels")
