"""From the company's tables to what the claims are tested on: sales, years, quarters."""

from itertools import product

import numpy as np
import pandas as pd

from crmlab.equity.base import need
from crmlab.equity.retention import annual_retention

YEAR = 365.25  # days
NEW_DAYS = 365  # a product is new for so long after its launch


def sales(orders: pd.DataFrame, lines: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return one row per order line: what was paid for it, and its margin.

    Parameters
    ----------
    orders : DataFrame
        ``order_id``, ``customer_id``, ``order_date``.
    lines : DataFrame
        ``order_id``, ``product_id``, ``quantity``, ``price``, ``direct_cost`` and, if there
        is, ``discount``, in money.
    products : DataFrame
        ``product_id`` and, if there is, ``launched_on``.

    Returns
    -------
    DataFrame
        ``order_id``, ``customer_id``, ``order_date``, ``revenue``, ``gross`` (revenue less
        direct cost), in money, and ``new_revenue``: that of products launched within the
        `NEW_DAYS` before.
    """
    need(lines, ["order_id", "product_id", "quantity", "price", "direct_cost"], "order_lines")
    who = orders.drop_duplicates("order_id")[["order_id", "customer_id", "order_date"]]
    each = lines.merge(who, on="order_id", validate="many_to_one")
    paid = each["quantity"] * each["price"] - each.get("discount", 0.0)
    launched = products.set_index("product_id").get(
        "launched_on", pd.Series(dtype="datetime64[us]")
    )
    day = pd.to_datetime(each["order_date"]).dt.normalize()
    age = (day - pd.to_datetime(each["product_id"].map(launched))).dt.days
    return pd.DataFrame(
        {
            "order_id": each["order_id"], "customer_id": each["customer_id"], "order_date": day,
            "revenue": paid.astype("float64"),
            "gross": (paid - each["direct_cost"]).astype("float64"),
            "new_revenue": paid.astype("float64").where(age.between(0, NEW_DAYS), 0.0),
        }
    )  # fmt: skip


def active_years(customers: pd.DataFrame, sold: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Return what winning and keeping cost per customer, and the years it was active.

    A customer is active from its acquisition to its last order, and for a month at least.
    Indexed by ``customer_id``: ``acquisition_cost``, ``keeping_cost`` (selling and service)
    and ``gross`` (margin before them), in money; ``years``.
    """
    need(customers, ["customer_id", "acquired_on", "acquisition_cost"], "customers")
    file = customers.set_index("customer_id")
    spent = (costs["selling"] + costs["service"]).groupby(costs["customer_id"]).sum()
    last = sold.groupby("customer_id")["order_date"].max().reindex(file.index)
    stayed = (last - pd.to_datetime(file["acquired_on"])).dt.days / YEAR
    return pd.DataFrame(
        {
            "acquisition_cost": file["acquisition_cost"].astype("float64"),
            "keeping_cost": spent.reindex(file.index).fillna(0.0).astype("float64"),
            "years": stayed.fillna(0).clip(lower=1 / 12),
            "gross": sold.groupby("customer_id")["gross"].sum().reindex(file.index).fillna(0.0),
        }
    )


def customer_years(
    customers: pd.DataFrame, sold: pd.DataFrame, costs: pd.DataFrame, wallet: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per customer and calendar year in which it ordered.

    Columns: ``customer_id``, ``year``, ``tenure`` (calendar years since the year of
    acquisition, from 0), ``orders``, ``repeat_orders`` (not on the first day), ``exposure``
    (years known within the year), ``revenue``, ``new_revenue``, ``cost`` (selling and
    service), ``tried`` (1 if it bought a new product), ``active`` (1), and
    ``category_spend`` (missing where nobody knows). Money in the source's currency.
    """
    year = sold["order_date"].dt.year.rename("year")
    sums = sold.groupby(["customer_id", year])[["revenue", "new_revenue"]].sum()
    since = pd.to_datetime(customers.set_index("customer_id")["acquired_on"])
    each = sold.drop_duplicates("order_id")
    later = each["order_date"] > each["customer_id"].map(since)
    counted = [each, each[later]]
    table = sums.assign(
        orders=counted[0].groupby(["customer_id", year]).size(),
        repeat_orders=counted[1].groupby(["customer_id", year]).size(),
        cost=_cost(costs, "Y"),
        category_spend=wallet.set_index(["customer_id", "year"])["category_spend"],
    ).reset_index()
    first = table["customer_id"].map(since)
    end = pd.to_datetime(table["year"].astype("str") + "-12-31").clip(
        upper=sold["order_date"].max()
    )
    start = first.where(first.dt.year == table["year"], end - pd.Timedelta(days=365))
    return table.assign(
        tenure=table["year"] - first.dt.year,
        exposure=((end - start).dt.days + 1) / YEAR,
        tried=(table["new_revenue"] > 0).astype("float64"),
        active=1.0,
    ).fillna({"repeat_orders": 0, "cost": 0.0})


def quarters(
    customers: pd.DataFrame,
    sold: pd.DataFrame,
    costs: pd.DataFrame,
    by: list[str],
    *,
    loyal_after_years: float = 1,
) -> pd.DataFrame:
    """Return loyal customers and profit, by segment and quarter.

    A customer is loyal in a quarter if it ordered in it, and was acquired at least
    `loyal_after_years` before its first day. Columns: ``segment`` (of the columns `by`),
    ``period`` (text, as 2024Q1), ``loyal`` (customers), ``profit`` (gross less selling
    and service cost, money). Segments without a customer in a quarter have 0.
    """
    need(customers, ["customer_id", "acquired_on", *by], "customers")
    file = customers.set_index("customer_id")
    segment = file[by].astype("str").agg(" · ".join, axis=1)
    quarter = sold["order_date"].dt.to_period("Q")
    known = quarter.dt.start_time - pd.to_datetime(sold["customer_id"].map(file["acquired_on"]))
    loyal = sold[known.dt.days >= loyal_after_years * YEAR]
    cell = [sold["customer_id"].map(segment), quarter]
    names = ["segment", "period"]
    gross = sold["gross"].groupby(cell).sum().rename_axis(names)
    paid = _cost(costs, "Q").reset_index()
    spent = paid.groupby([paid["customer_id"].map(segment), "period"])["cost"].sum()
    each = loyal.groupby([c.loc[loyal.index] for c in cell])["customer_id"].nunique()
    every = pd.MultiIndex.from_tuples(
        product(sorted(segment.unique()), pd.period_range(quarter.min(), quarter.max())),
        names=names,
    )
    told = {
        "loyal": each.rename_axis(names).reindex(every, fill_value=0),
        "profit": gross.reindex(every, fill_value=0.0)
        - spent.rename_axis(names).reindex(every, fill_value=0.0),
    }
    return pd.DataFrame(told).reset_index().assign(period=lambda t: t["period"].astype("str"))


def profit_between(
    customers: pd.DataFrame,
    sold: pd.DataFrame,
    costs: pd.DataFrame,
    after: pd.Timestamp,
    until: pd.Timestamp,
) -> pd.DataFrame:
    """Return what each customer brought and cost after one day and up to another.

    Indexed by ``customer_id``: ``orders``, ``revenue``, ``gross`` (less direct cost),
    ``cost`` (selling and service), ``profit`` (gross less cost) and ``invested`` (cost, and
    the acquisition of those who came in between), in money.
    Costs are known by month and count with its first day.
    """
    file = customers.set_index("customer_id")
    then = sold[(sold["order_date"] > after) & (sold["order_date"] <= until)]
    month = pd.to_datetime(costs["month"])
    paid = costs[(month > after) & (month <= until)]
    spent = (paid["selling"] + paid["service"]).groupby(paid["customer_id"]).sum()
    spent = spent.reindex(file.index).fillna(0.0).astype("float64")
    came = pd.to_datetime(file["acquired_on"])
    won = file["acquisition_cost"].where((came > after) & (came <= until), 0).astype("float64")
    sums = then.groupby("customer_id")[["revenue", "gross"]].sum().reindex(file.index).fillna(0.0)
    orders = then.groupby("customer_id")["order_id"].nunique().reindex(file.index).fillna(0)
    table = sums.assign(orders=orders, cost=spent, invested=spent + won)
    return table.assign(profit=table["gross"] - table["cost"])


def _cost(costs: pd.DataFrame, unit: str) -> pd.Series:
    """Return selling and service cost by customer and year, or quarter."""
    need(costs, ["customer_id", "month", "selling", "service"], "costs")
    month = pd.to_datetime(costs["month"])
    when = (
        month.dt.year.rename("year") if unit == "Y" else month.dt.to_period(unit).rename("period")
    )
    spent = (costs["selling"] + costs["service"]).astype("float64")
    return spent.groupby([costs["customer_id"], when]).sum().rename("cost")


def contract_years(contracts: pd.DataFrame, as_of: pd.Timestamp) -> tuple[float, int]:
    """Return the years that contracts ran up to `as_of`, and how many had ended by then."""
    need(contracts, ["started_on", "ended_on"], "contracts")
    start, end = (pd.to_datetime(contracts[c]) for c in ("started_on", "ended_on"))
    begun = start <= as_of
    over = end.where(end < as_of, as_of)
    years = float((over - start)[begun].dt.days.sum() / YEAR)
    return years, int((begun & (end <= as_of)).sum())


def retention_by_year(contracts: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return retention by year since the start of the contract.

    Indexed by ``contract_year`` from 1: ``years_at_risk``, ``departures``, and their
    ``retention`` with ``retention_low`` and ``retention_high``, as `annual_retention` has it.
    """
    start, end = (pd.to_datetime(contracts[c]) for c in ("started_on", "ended_on"))
    begun = (start <= as_of).to_numpy()
    ran = ((end.where(end < as_of, as_of) - start).dt.days / YEAR).to_numpy()[begun]
    over = (end <= as_of).to_numpy()[begun]
    year = np.arange(1, max(int(np.ceil(ran.max())), 1) + 1)
    part = np.clip(ran[:, None] - (year - 1), 0, 1)
    ends = over[:, None] & (np.floor(ran)[:, None] == year - 1)
    years, left = part.sum(axis=0), ends.sum(axis=0)
    rates = [annual_retention(*each) for each in zip(years, left, strict=True)]
    names = ["retention", "retention_low", "retention_high"]
    table = pd.DataFrame(rates, pd.Index(year, name="contract_year"), names)
    table.insert(0, "years_at_risk", years)
    table.insert(1, "departures", left)
    return table
