"""The customer base on a day, in the rows that levers, decomposition and returns take."""

import pandas as pd

from crmlab.equity.base import divided, need, within
from crmlab.equity.levers import customer_equity, yearly_margin
from crmlab.equity.panel import YEAR
from crmlab.equity.retention import elasticity


def buyers(
    alive: pd.Series,
    first_year: pd.Series,
    second_year: pd.Series,
    spend: pd.Series,
    **rates: float,
) -> pd.DataFrame:
    """Return rows of customers without contract, from a purchase model's forecasts.

    Parameters
    ----------
    alive : Series
        Probability of being a customer still: the row counts for so many.
    first_year, second_year : Series
        Purchases expected in the coming year, and in the one after. Their quotient is the
        retention; that it stays the same in later years is assumed, and is too low where
        customers differ.
    spend : Series
        Expected per purchase, money.
    rates : float
        ``margin``, 0 to 1, and ``order_cost`` in money, the same for all.
    """
    within("alive", alive, 0, 1)
    ahead = first_year.to_numpy("float64")
    rows = pd.DataFrame({"role": "present", "customers": alive}, index=alive.index)
    return rows.assign(
        purchases=divided(ahead, alive.to_numpy("float64")),
        spend=spend,
        retention=divided(second_year.to_numpy("float64"), ahead),
        **rates,
    ).fillna({"purchases": 0.0, "retention": 0.0})


def under_contract(customers: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return the contract customers who had come by `as_of`, and whether they were there.

    Indexed by ``customer_id``: ``role``, ``present`` or ``lost``, and ``returned``: whether
    they had left before, and came back.
    """
    need(customers, ["customer_id", "kind", "acquired_on", "churned_on"], "customers")
    file = customers[customers["kind"] == "contract"].set_index("customer_id")
    came, left = (pd.to_datetime(file[c]) for c in ("acquired_on", "churned_on"))
    gone, returned = left <= as_of, pd.Series(False, file.index)
    if "reactivated_on" in file:
        returned = pd.to_datetime(file["reactivated_on"]) <= as_of
    role = (gone & ~returned).map({True: "lost", False: "present"})
    return pd.DataFrame({"role": role, "left": gone, "returned": gone & returned})[came <= as_of]


def contract_rows(
    state: pd.DataFrame,
    sold: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    retention: float,
    return_rate: float,
    **rates: float,
) -> pd.DataFrame:
    """Return rows of contract customers, present and lost, by what they bought in a year.

    Present: orders of the year before `as_of`, by the part of it that they were there, and
    their mean amount. Lost: as the mean of those present, if they came back.

    Parameters
    ----------
    state : DataFrame
        From `under_contract`.
    sold : DataFrame
        From `crmlab.equity.sales`.
    retention, return_rate : float
        0 to 1, the same for all.
    rates : float
        As in `buyers`.
    """
    year = sold[(sold["order_date"] <= as_of)
                & (sold["order_date"] > as_of - pd.Timedelta(days=365))]  # fmt: skip
    first = sold.groupby("customer_id")["order_date"].min().reindex(state.index)
    there = ((as_of - first).dt.days / YEAR).clip(lower=1 / 12, upper=1).fillna(1)
    orders = year.groupby("customer_id")["order_id"].nunique().reindex(state.index).fillna(0)
    paid = year.groupby("customer_id")["revenue"].sum().reindex(state.index).fillna(0.0)
    here = state["role"] == "present"
    rate, total = orders / there, float(orders[here].sum())
    mean = paid[here].sum() / total if total else 0.0
    own = pd.Series(divided(paid.to_numpy(), orders.to_numpy("float64")), state.index).fillna(mean)
    return pd.DataFrame(
        {
            "role": state["role"],
            "customers": 1.0,
            "purchases": rate.where(here, total / max(float(there[here].sum()), 1e-9)),
            "spend": own.where(here, mean),
            "retention": retention,
            "return_rate": (~here).astype("float64") * return_rate,
            **rates,
        }
    )


def valued(rows: pd.DataFrame, discount: float) -> pd.DataFrame:
    """Return `rows` with what their equity is made of.

    ``yearly_margin`` per customer and ``value`` (customer equity), in money, and
    ``duration``, the discounted years that a customer stays: (1 + d)/(1 + d − r).
    """
    return rows.assign(
        yearly_margin=yearly_margin(rows),
        value=customer_equity(rows, discount),
        duration=elasticity(rows["retention"], discount),
    )


def newcomers(
    rows: pd.DataFrame,
    customers: pd.DataFrame,
    after: pd.Timestamp,
    until: pd.Timestamp,
    *,
    by: str = "kind",
) -> pd.DataFrame:
    """Return a row per segment for as many newcomers a year as came between two days.

    They are taken to buy and stay as the present customers of their segment do on
    average, and to cost what the newcomers cost to win.

    Parameters
    ----------
    rows : DataFrame
        Present customers, with the column `by`.
    customers : DataFrame
        ``acquired_on``, ``acquisition_cost`` (money) and `by`.

    Raises
    ------
    ValueError
        If nobody came.
    """
    came = customers[customers["acquired_on"].between(after, until, inclusive="right")]
    if came.empty:
        raise ValueError(f"nobody was acquired after {after.date()} up to {until.date()}")
    here = rows[rows["role"] == "present"]
    columns = ["purchases", "spend", "margin", "order_cost", "retention"]
    weights = here["customers"] * here["purchases"].where(here["purchases"] > 0, 1e-9)
    weighed = {c: here[c] * (here["customers"] if c == "purchases" else weights) for c in columns}
    sums = here.assign(**weighed, n=here["customers"], w=weights).groupby(by)[[*columns, "n", "w"]]
    total = sums.sum()
    means = total[columns].div(total["w"], axis=0).assign(purchases=total["purchases"] / total["n"])
    won = came.groupby(by)["acquisition_cost"].agg(["size", "mean"]).astype("float64")
    won.columns = ["customers", "acquisition_cost"]
    return means.join(won, how="inner").assign(role="won").reset_index()


def rates(flow: pd.DataFrame, kinds: pd.Series) -> pd.DataFrame:
    """Return ``margin`` (gross ÷ revenue) and ``order_cost`` (cost ÷ orders) of each segment.

    Parameters
    ----------
    flow : DataFrame
        From `crmlab.equity.profit_between`.
    kinds : Series
        The segment of each customer.
    """
    sums = flow.groupby(kinds.reindex(flow.index))[["gross", "revenue", "cost", "orders"]].sum()
    told = {"margin": sums["gross"] / sums["revenue"], "order_cost": sums["cost"] / sums["orders"]}
    return pd.DataFrame(told)
