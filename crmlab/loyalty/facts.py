"""The indices of satisfaction that are facts: buying again, complaining, selling on."""

import numpy as np
import pandas as pd

from crmlab.intervals import wilson
from crmlab.loyalty.indices import indices
from crmlab.loyalty.resample import interval, stream

Tables = dict[str, pd.DataFrame]


def index_facts(tables: Tables, *, draws: int = 400, seed: int = 2026) -> pd.DataFrame:
    """Return the three indices that orders, complaints and dealers' stock tell.

    The repurchase rate (回头率) is the share of customers who bought on two days or more;
    the complaint rate (抱怨率) complaints per order, lower is better; selling power (销售力)
    what dealers sold on, as a share of what they had to sell: first stock and shipments.

    Parameters
    ----------
    tables : dict
        Those that there are of ``orders`` (``customer_id``, ``order_id``, ``order_date``),
        ``complaints`` (``customer_id``; it needs the orders) and ``dealer_stock``
        (``dealer_id``, ``product_id``, ``month``, ``opening``, ``shipped``, ``closing``).

    Returns
    -------
    DataFrame
        Indexed by ``index``: ``share``, ``low``, ``high`` (95 %: Wilson for the first,
        resampling customers and dealers for the others), ``n`` customers or dealers.
    """
    found = {}
    orders = tables.get("orders")
    if orders is not None and len(orders):
        day = pd.to_datetime(orders["order_date"]).dt.normalize()
        days = day.groupby(orders["customer_id"]).nunique()
        again = int((days > 1).sum())
        low, high = wilson(again, len(days))
        found["repurchase_rate"] = [again / len(days), float(low), float(high), len(days)]
    if orders is not None and len(orders) and "complaints" in tables:
        count = orders.groupby("customer_id")["order_id"].nunique()
        told = tables["complaints"]["customer_id"].value_counts().reindex(count.index).fillna(0)
        found["complaint_rate"] = _ratio(told, count, draws, seed)
    if len(stock := tables.get("dealer_stock", pd.DataFrame())):
        found["selling_power"] = _ratio(*_sold_on(stock), draws, seed)
    names = ["share", "low", "high", "n"]
    table = pd.DataFrame(found, index=names).T.rename_axis("index")
    return table.astype({"n": "int64"})


def indices_by(
    survey: pd.DataFrame, tables: Tables, customers: pd.Series, *, praise_from: int = 8
) -> pd.DataFrame:
    """Return the indices of each segment of customers.

    `customers` holds the segment of each ``customer_id``. Indexed by ``segment`` and
    ``index``; dealers count by their own segment as customers.
    """
    found = {}
    for segment in sorted(customers.dropna().unique()):
        own = customers.index[customers == segment]
        part = {name: table[table[_who(name)].isin(own)] for name, table in tables.items()}
        mine = survey[survey["customer_id"].isin(own)]
        found[segment] = indices(mine, praise_from=praise_from, facts=index_facts(part))
    return pd.concat(found, names=["segment"]).drop(columns="needs")


def index_history(survey: pd.DataFrame, tables: Tables, *, praise_from: int = 8) -> pd.DataFrame:
    """Return the indices wave by wave: answers of the wave, facts since the wave before.

    Indexed by ``surveyed_on`` (the wave's first day) and ``index``. The first wave's facts
    are those of the half-year before it.
    """
    days = survey.groupby("wave")["surveyed_on"].min().sort_index()
    found, since = {}, days.iloc[0] - pd.DateOffset(months=6)
    when = {"orders": "order_date", "complaints": "complained_on", "dealer_stock": "month"}
    for wave, day in days.items():
        part = {}
        for name, table in tables.items():
            at = pd.to_datetime(table[when[name]])
            part[name] = table[(at > since) & (at <= day)]
        facts = index_facts(part, draws=200)
        found[day] = indices(survey[survey["wave"] == wave], praise_from=praise_from, facts=facts)
        since = day
    return pd.concat(found, names=["surveyed_on"]).drop(columns="needs")


def _who(table: str) -> str:
    return "dealer_id" if table == "dealer_stock" else "customer_id"


def _sold_on(stock: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return what each dealer sold on, and what it had to sell."""
    first = stock.sort_values("month").drop_duplicates(["dealer_id", "product_id"])
    held = first.groupby("dealer_id")["opening"].sum()
    by = stock.groupby("dealer_id")[["opening", "shipped", "closing"]].sum().astype("float64")
    return by["opening"] + by["shipped"] - by["closing"], held + by["shipped"]


def _ratio(part: pd.Series, whole: pd.Series, draws: int, seed: int) -> list[float]:
    """Return a ratio of sums over members, with its interval, and how many they are."""
    n = len(whole)
    w = stream(seed, "facts").multinomial(n, np.full(n, 1 / n), size=draws).astype("float64")
    ratio = (w @ part.to_numpy("float64")) / np.maximum(w @ whole.to_numpy("float64"), 1e-9)
    low, high = interval(ratio)
    return [float(part.sum() / whole.sum()), float(low), float(high), n]
