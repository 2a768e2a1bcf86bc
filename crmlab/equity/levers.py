"""Six ways to raise customer equity, and what one per cent of each would do.

Customer equity is the sum over rows of customers × margin a year × (1 + d)/(1 + d − r),
margin a year = purchases × (spend × margin rate − cost of serving a purchase). A row is
a customer or a cell of like customers, in one of three roles: ``present`` (here today),
``won`` (coming within the next year, net of the cost of winning) and ``lost`` (gone;
comes back with a probability).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from crmlab.equity.base import need, within
from crmlab.equity.retention import lifetime_value
from crmlab.errors import DataError

ROLES = ("present", "won", "lost")
COLUMNS = ("role", "customers", "purchases", "spend", "margin", "retention")
OPTIONAL = {"order_cost": 0.0, "acquisition_cost": 0.0, "return_rate": 0.0}


def checked(cells: pd.DataFrame) -> pd.DataFrame:
    """Return `cells` with every column, or refuse them.

    Raises
    ------
    DataError
        If a column is lacking, a number is missing, or a role is none of `ROLES`.
    ValueError
        If a share is outside 0 to 1, or a number of customers or purchases is negative.
    """
    need(cells, COLUMNS, "cells")
    if unknown := sorted(set(cells["role"]) - set(ROLES)):
        raise DataError(
            en=f"cells has the role {', '.join(unknown)}; allowed: {', '.join(ROLES)}.",
            zh=f"cells 中有未知的 role：{'、'.join(unknown)}；允许：{'、'.join(ROLES)}。",
        )
    full = cells.assign(**{c: cells[c].fillna(x) if c in cells else x for c, x in OPTIONAL.items()})
    for name in ("margin", "retention", "return_rate"):
        within(name, full[name], 0, 1)
    for name in ("customers", "purchases", "spend", "order_cost", "acquisition_cost"):
        within(name, full[name], 0, np.inf)
    return full


def yearly_margin(cells: pd.DataFrame) -> pd.Series:
    """Return each row's margin per customer-year, in money.

    purchases · (spend · margin − order cost): what a purchase costs to serve goes with the
    number of purchases, not with their size.
    """
    earned = cells["spend"] * cells["margin"] - cells.get("order_cost", 0.0)
    return (cells["purchases"] * earned).rename("yearly_margin")


def customer_equity(cells: pd.DataFrame, discount: float = 0.1) -> pd.Series:
    r"""Return each row's part of customer equity, in money.

    :math:`n \cdot p \cdot (m (1+d)/(1+d-r) - A)`, with p = 1 for the present and the won,
    the probability of return for the lost, and A the cost of acquisition of the won.

    Parameters
    ----------
    cells : DataFrame
        ``role``, ``customers`` (how many a row stands for), ``purchases`` a year,
        ``spend`` per purchase (money), ``margin`` (rate, 0 to 1), ``retention`` from year
        to year; if there are: ``order_cost`` (of serving a purchase) and ``acquisition_cost``,
        in money, ``return_rate`` (of the lost, 0 to 1); empty is 0.
    discount : float
        What a year's delay costs.

    References
    ----------
    Rust, R. T., Lemon, K. N. and Zeithaml, V. A. (2004). Return on marketing: using
    customer equity to focus marketing strategy. Journal of Marketing 68(1), 109-127.
    """
    full = checked(cells)
    worth = lifetime_value(yearly_margin(full), full["retention"], discount, first_margin=True)
    there = np.where(full["role"] == "lost", full["return_rate"], 1.0)
    cost = np.where(full["role"] == "won", full["acquisition_cost"], 0.0)
    return (full["customers"] * there * (worth - cost)).rename("customer_equity")


def _raised(column: str) -> Callable[[pd.DataFrame, float], pd.DataFrame]:
    return lambda cells, change: cells.assign(**{column: cells[column] * (1 + change)})


def _kept(cells: pd.DataFrame, change: float) -> pd.DataFrame:
    return cells.assign(retention=(cells["retention"] * (1 + change)).clip(upper=1))


def _won(cells: pd.DataFrame, change: float) -> pd.DataFrame:
    more = np.where(cells["role"] == "won", 1 + change, 1)
    return cells.assign(customers=cells["customers"] * more)


def _returned(cells: pd.DataFrame, change: float) -> pd.DataFrame:
    return cells.assign(return_rate=(cells["return_rate"] * (1 + change)).clip(upper=1))


def _experienced(cells: pd.DataFrame, change: float) -> pd.DataFrame:
    return _kept(_raised("purchases")(cells, change), change)


LEVERS: dict[str, Callable[[pd.DataFrame, float], pd.DataFrame]] = {
    "cross_selling": _raised("purchases"),
    "up_selling": _raised("spend"),
    "customer_retention": _kept,
    "customer_acquisition": _won,
    "customer_win_back": _returned,
    "customer_experience": _experienced,
}


def lever_effects(cells: pd.DataFrame, change: float = 0.01, discount: float = 0.1) -> pd.DataFrame:
    """Return what a relative change of each lever does to customer equity.

    Cross-selling raises purchases a year (another category, another occasion), selling up
    the spend per purchase, keeping the retention (not above 1), acquisition the number
    won, win-back the probability of return; experience raises purchases and retention
    together, which is our reading: the course does not say what it acts on.

    Parameters
    ----------
    cells : DataFrame
        As in `customer_equity`.
    change : float
        Relative: 0.01 is one per cent more.
    discount : float
        As in `customer_equity`.

    Returns
    -------
    DataFrame
        Indexed by ``lever``: ``equity_change`` (money), ``equity_change_share`` (of
        today's equity) and ``per_percent`` (money per 1 % of change).

    Raises
    ------
    DataError, ValueError
        As in `checked`; also if `change` is not above 0.
    """
    if not 0 < change < float("inf"):
        raise ValueError(f"change must be above 0, got {change}")
    full = checked(cells)
    today = customer_equity(full, discount).sum()
    told = {
        name: customer_equity(pull(full, change), discount).sum() - today
        for name, pull in LEVERS.items()
    }
    moved = pd.Series(told)
    table = {"equity_change": moved, "equity_change_share": moved / today}
    return pd.DataFrame(table | {"per_percent": moved / (100 * change)}).rename_axis("lever")


def less_churn(cells: pd.DataFrame, change: float = 0.01, discount: float = 0.1) -> float:
    r"""Return what cutting churn by the share `change` does to customer equity, in money.

    :math:`r' = 1 - (1 - r)(1 - change)`: another reading of "more retention". Ten per
    cent more of a retention of .75 is thirty per cent less churn, so that the two rank
    the levers differently.

    Raises
    ------
    ValueError
        If `change` is outside 0 to 1.
    """
    within("change", change, 0, 1)
    kept = cells.assign(retention=1 - (1 - cells["retention"]) * (1 - change))
    return float((customer_equity(kept, discount) - customer_equity(cells, discount)).sum())
