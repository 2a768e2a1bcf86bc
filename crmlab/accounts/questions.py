"""The audit's questions about value: who is platinum, who causes cost.

Who is A, B or C is told by `crmlab.segment.abc`.
"""

import numpy as np
import pandas as pd

from crmlab.accounts.base import at_top, better_share, counted, largest, problems, refuse


def platinum(
    profits: pd.DataFrame, share: float = 0.05, weight: pd.Series | None = None
) -> pd.DataFrame:
    """Return who our platinum customers are: the best by profit, best first.

    Parameters
    ----------
    profits : DataFrame, one row per customer
        ``profit`` (money), such as from `crmlab.accounts.profit`.
    share : float
        Part of customers, 0 to 1. Customers of equal profit are in or out together, and
        nobody without a positive profit is in.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    DataFrame
        Indexed like `profits`: ``profit`` (money), ``better_share`` (which share of customers
        brings more), ``profit_share`` (of the sum of all profits above zero) and ``reason``
        (``best_by_profit``).

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a profit is missing.
    """
    refuse(problems("profits", profits, numbers="profit"))
    earned, sizes = profits["profit"], counted(profits, weight)
    total = float((earned.clip(lower=0) * sizes).sum()) or np.nan
    found = pd.DataFrame(
        {"profit": earned, "better_share": better_share(earned, weight),
         "profit_share": earned / total, "reason": "best_by_profit"}
    )  # fmt: skip
    return largest(found[at_top(earned, share, weight) & (earned > 0)], "profit")


def costly(profits: pd.DataFrame) -> pd.DataFrame:
    """Return which customers cause cost: those who bring a loss, the largest loss first.

    Parameters
    ----------
    profits : DataFrame, one row per customer
        From `crmlab.accounts.profit`.

    Returns
    -------
    DataFrame
        Indexed like `profits`: ``revenue``, ``gross`` (revenue less direct cost),
        ``selling_cost``, ``service_cost`` and ``loss`` in money, and ``reason``:
        ``sold_below_cost`` if gross is negative or zero, else which of ``selling_cost`` and
        ``service_cost`` is larger (selling, if they are equal).

    Raises
    ------
    DataError
        If a column is lacking, or a value in it.
    """
    needed = "revenue direct_cost selling_cost service_cost profit"
    refuse(problems("profits", profits, numbers=needed))
    gross = profits["revenue"] - profits["direct_cost"]
    larger = profits[["selling_cost", "service_cost"]].idxmax(axis=1).astype("str")
    found = profits[["revenue", "selling_cost", "service_cost"]].assign(
        loss=-profits["profit"], reason=larger.mask(gross <= 0, "sold_below_cost")
    )
    found.insert(1, "gross", gross)
    return largest(found[found["loss"] > 0], "loss")
