"""What customers leave: profit, the pocket margin of key accounts, and who is a large account."""

import numpy as np
import pandas as pd

from crmlab.accounts.base import at_top, check_between, problems, refuse, repeated

CRITERIA = {  # of a large account: the measure → the criterion's code
    "orders": "buys_often",
    "revenue": "buys_much",
    "profit_rate": "earns_well",
    "loyalty": "is_loyal",
}
TAKEN = ("direct_cost", "selling_cost", "service_cost")
MAYBE = "profit_rate loyalty potential"  # of large accounts: may be missing
GIVEN = ("price_concession", "discount")


def sales(
    orders: pd.DataFrame, order_lines: pd.DataFrame, products: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return one row per order line: whose it is, what was paid for it, what it cost.

    Lines of orders that `orders` does not hold are left out, so a selection of orders (such
    as of a year) selects its lines.

    Parameters
    ----------
    orders : DataFrame
        ``order_id``, ``customer_id``.
    order_lines : DataFrame
        ``order_id``, ``product_id``, ``quantity`` (units), ``price`` (money a unit);
        optionally ``discount`` and ``direct_cost`` (money, of the line).
    products : DataFrame, optional
        ``product_id``, ``price`` (the list price) and ``unit_cost``, in money a unit. Needed
        if lines have no direct cost, which is then quantity × unit cost.

    Returns
    -------
    DataFrame
        ``customer_id``, ``order_id``, ``product_id``, and in money ``list_value``
        (missing without products), ``price_concession`` (list value less quantity × price),
        ``discount``, ``revenue`` and ``direct_cost``.

    Raises
    ------
    DataError
        If a table lacks a column, or values in it; all problems at once.
    """
    own = "direct_cost" in order_lines
    refuse(*_of_lines(orders, order_lines, products, own=own))
    who = orders.drop_duplicates("order_id")[["order_id", "customer_id"]]
    each = order_lines.drop(columns="customer_id", errors="ignore").merge(who, on="order_id")
    listed, unit_cost = _by_product(each, products)
    asked = each["quantity"] * each["price"]
    discount = each["discount"].fillna(0) if "discount" in each else 0 * asked
    parts = {
        "list_value": each["quantity"] * listed,
        "price_concession": each["quantity"] * listed - asked,
        "discount": discount,
        "revenue": asked - discount,
        "direct_cost": each["direct_cost"] if own else each["quantity"] * unit_cost,
    }
    ids = each[["customer_id", "order_id", "product_id"]]
    return ids.assign(**{name: part.astype("float64") for name, part in parts.items()})


def profit(sold: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Return the profit of each customer: what is left after all that it costs.

    Profit = revenue − direct cost − selling cost − cost to serve.

    Parameters
    ----------
    sold : DataFrame
        From `sales`.
    costs : DataFrame
        ``customer_id``, ``selling`` and ``service`` (money) of the same period, any number
        of rows a customer.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, a row for everyone who bought or cost: ``orders``, and in
        money ``revenue``, ``direct_cost``, ``selling_cost``, ``service_cost``, ``profit``;
        ``profit_rate`` is profit ÷ revenue, missing without revenue.

    Raises
    ------
    DataError
        If a table lacks a column, or values in it; all problems at once.

    References
    ----------
    Kaplan, R. S. and Narayanan, V. G. (2001). Measuring and managing customer profitability.
    """
    refuse(
        problems("sales", sold, ids="customer_id order_id", numbers="revenue direct_cost"),
        problems("costs", costs, ids="customer_id", numbers="selling service"),
    )
    bought = sold.groupby("customer_id")
    found = bought[["revenue", "direct_cost"]].sum()
    spent = costs.groupby("customer_id")[["selling", "service"]].sum().add_suffix("_cost")
    all_ids = found.index.union(spent.index).rename("customer_id")
    found = found.join(spent, how="outer").reindex(all_ids).fillna(0.0).astype("float64")
    found.insert(0, "orders", bought["order_id"].nunique().reindex(all_ids).fillna(0).astype(int))
    left = found["revenue"] - found[[*TAKEN]].sum(axis=1)
    return found.assign(profit=left, profit_rate=left / found["revenue"].replace(0, np.nan))


def pocket_margin(
    sold: pd.DataFrame, costs: pd.DataFrame, conceded: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return what the list price becomes, step by step, for each account.

    Parameters
    ----------
    sold : DataFrame
        From `sales` with products.
    costs : DataFrame
        As in `profit`.
    conceded : DataFrame, optional
        Indexed by ``customer_id``: further concessions in money, a column each, such as
        ``rebate`` or the cost of late payment.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``: ``list_value``, ``price_concession``, ``discount``, the
        columns of `conceded`, ``pocket_price`` (what is left of the list value),
        ``direct_cost``, ``selling_cost``, ``service_cost``, ``pocket_margin``, in money;
        ``concession_rate`` and ``pocket_rate`` are shares of the list value.

    Raises
    ------
    DataError
        As `profit`, and if there is no list value.

    References
    ----------
    Marn, M. V. and Rosiello, R. L. (1992). Managing price, gaining profit.
    """
    refuse(problems("sales", sold, ids="customer_id", numbers=f"list_value {' '.join(GIVEN)}"))
    bought = sold.groupby("customer_id")[["list_value", *GIVEN]].sum()
    earned = profit(sold, costs)
    more = pd.DataFrame(index=earned.index) if conceded is None else conceded
    found = bought.join(more).reindex(earned.index).fillna(0.0)
    given = found[[*GIVEN, *more.columns]].sum(axis=1)
    found["pocket_price"] = found["list_value"] - given
    found = found.join(earned[[*TAKEN]])
    base = found["list_value"].where(found["list_value"] > 0)
    left = found["pocket_price"] - found[[*TAKEN]].sum(axis=1)
    return found.assign(pocket_margin=left, concession_rate=given / base, pocket_rate=left / base)


def waterfall(margins: pd.DataFrame) -> pd.DataFrame:
    """Return the steps of `pocket_margin` as rows, an account's after another's.

    Columns: ``customer_id``, ``step``, ``amount`` (money; negative where it is taken) and
    ``share`` of the account's list value. An account's amounts before its ``pocket_margin``,
    without the subtotal ``pocket_price``, add up to it.
    """
    steps = margins.drop(columns=["concession_rate", "pocket_rate"])
    kept = steps.columns.isin(["list_value", "pocket_price", "pocket_margin"])
    signed = steps.mul(np.where(kept, 1.0, -1.0), axis=1) + 0.0
    rows = signed.melt(var_name="step", value_name="amount", ignore_index=False).reset_index()
    rows = rows.sort_values("customer_id", kind="stable", ignore_index=True)
    base = rows["customer_id"].map(margins["list_value"].where(margins["list_value"] > 0))
    return rows.assign(share=rows["amount"] / base)


def below_floor(margins: pd.DataFrame, floor: float = 0.1) -> pd.DataFrame:
    """Return the accounts whose pocket margin is below the floor, the largest first.

    Parameters
    ----------
    margins : DataFrame
        From `pocket_margin`, such as of the key accounts.
    floor : float
        Share of the list value that must be left, −1 to 1.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``: ``list_value`` and ``shortfall`` (to the floor) in money,
        ``pocket_rate``, ``concession_rate``, and ``reason``: the step that takes most more of
        its list value than of the accounts' together, with ``excess``, by what share of it.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """
    check_between("floor", floor, -1, 1)
    inner = margins.columns[1 : margins.columns.get_loc("pocket_margin")].drop("pocket_price")
    rates = margins[inner].div(margins["list_value"].where(margins["list_value"] > 0), axis=0)
    excess = rates - margins[inner].sum() / margins["list_value"].sum()
    low = margins.index[margins["pocket_rate"] < floor]
    found = margins.loc[low, ["list_value", "pocket_rate", "concession_rate"]]
    found = found.assign(
        shortfall=(floor - found["pocket_rate"]) * found["list_value"],
        reason=excess.loc[low].idxmax(axis=1).astype("str"),
        excess=excess.loc[low].max(axis=1),
    )
    return found.sort_values(["list_value", "customer_id"], ascending=[False, True])


def large_accounts(
    customers: pd.DataFrame,
    share: float = 0.2,
    least_rate: float = 0.0,
    weight: pd.Series | None = None,
) -> pd.DataFrame:
    """Return each customer's test on the four criteria of a large account.

    Large is who is among the best `share` of customers by number of orders, by revenue, by
    profit rate and by loyalty. Small is who earns us a rate of `least_rate` or less, and is
    first looked at for potential: one among the best `share` by potential is worth growing.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``orders``, ``revenue`` (money), ``profit_rate``, ``loyalty`` (any unit; may be
        missing) of one period, and ``potential`` (money; may be missing).
    share : float
        Part of customers that meets each criterion, 0 to 1.
    least_rate : float
        Profit ÷ revenue up to which an account is small.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    DataFrame
        Indexed like `customers`: ``buys_often``, ``buys_much``, ``earns_well``, ``is_loyal``
        (a missing measure is not met), ``criteria_met`` (0 to 4) and ``reason``:
        ``large_account``, ``worth_growing``, ``small_account`` or ``middle_account``.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a column is lacking, or orders or revenue are missing.
    """
    refuse(problems("customers", customers, numbers="orders revenue", maybe=MAYBE))
    met = {code: at_top(customers[c], share, weight) for c, code in CRITERIA.items()}
    found = pd.DataFrame(met, index=customers.index)
    n = found.sum(axis=1)
    small = customers["profit_rate"] <= least_rate
    grow = small & at_top(customers["potential"], share, weight)
    kind = np.select(
        [n == len(CRITERIA), grow, small],
        ["large_account", "worth_growing", "small_account"],
        "middle_account",
    )
    return found.assign(criteria_met=n, reason=pd.Series(kind, customers.index, dtype="str"))


def _of_lines(
    orders: pd.DataFrame, order_lines: pd.DataFrame, products: pd.DataFrame | None, *, own: bool
) -> list[list[tuple[str, str]]]:
    """Return what the tables of `sales` lack."""
    numbers = "quantity price direct_cost" if own else "quantity price"
    found = [
        problems("orders", orders, ids="order_id customer_id"),
        problems("order_lines", order_lines, ids="order_id product_id", numbers=numbers),
    ]
    if products is None:
        no_cost = ("order_lines lacks direct_cost, and there are no products",
                   "order_lines 缺少 direct_cost，又没有 products")  # fmt: skip
        return found if own else [*found, [no_cost]]
    return [
        *found,
        problems("products", products, ids="product_id", numbers="price unit_cost"),
        repeated("products", products, "product_id"),
        _strange(order_lines, products),
    ]


def _strange(order_lines: pd.DataFrame, products: pd.DataFrame) -> list[tuple[str, str]]:
    """Return that lines hold products that the list of products does not have."""
    if "product_id" not in order_lines or "product_id" not in products:
        return []
    n = int((~order_lines["product_id"].isin(products["product_id"])).sum())
    told = (f"order_lines has {n:,} rows of products that products lacks",
            f"order_lines 有 {n:,} 行的商品不在 products 中")  # fmt: skip
    return [told] if n else []


def _by_product(each: pd.DataFrame, products: pd.DataFrame | None) -> tuple[pd.Series, pd.Series]:
    """Return list price and unit cost of each line, missing without products."""
    if products is None:
        nothing = pd.Series(np.nan, index=each.index)
        return nothing, nothing
    listed = products.set_index("product_id")
    return each["product_id"].map(listed["price"]), each["product_id"].map(listed["unit_cost"])
