"""What one more purchase leaves: margin, and what serving it costs."""

import numpy as np
import pandas as pd

from crmlab.intervals import Z95

LEAST = 20  # customers who bought


def order_terms(flow: pd.DataFrame, kinds: pd.Series) -> pd.DataFrame:
    """Return margin and cost of a purchase for each kind of customer.

    The cost of one more purchase is the slope of customers' costs on their purchases, by
    least squares with errors that need not be alike (White). It is less than the mean
    cost per purchase where part of the cost is there whatever a customer buys; that part
    does not grow when a content customer buys more.

    Parameters
    ----------
    flow : DataFrame
        Indexed by ``customer_id``: ``gross``, ``revenue``, ``cost`` (money) and ``orders``,
        from `crmlab.equity.profit_between`.
    kinds : Series
        The kind of each customer.

    Returns
    -------
    DataFrame
        Indexed by ``kind``: ``margin`` (gross ÷ revenue), ``mean_order_cost``,
        ``order_cost`` with ``order_cost_error``, ``order_cost_low`` and ``order_cost_high``,
        and ``customers`` who bought. With fewer than 20 of them, the cost of one more
        purchase is taken to be the mean cost.

    References
    ----------
    White, H. (1980). A heteroskedasticity-consistent covariance matrix estimator.
    Econometrica 48(4), 817-838.
    """
    found = {}
    for kind, rows in flow[flow["orders"] > 0].groupby(kinds.reindex(flow.index)):
        x = rows["orders"].to_numpy("float64")
        mean = float(rows["cost"].sum() / x.sum())
        away = x - x.mean()
        total = (away**2).sum()
        slope, error = mean, 0.0
        if len(rows) >= LEAST and total > 0:
            y = rows["cost"].to_numpy("float64") - rows["cost"].mean()
            slope = float(away @ y / total)
            error = float(np.sqrt((away**2 * (y - slope * away) ** 2).sum()) / total)
        found[kind] = {
            "margin": rows["gross"].sum() / rows["revenue"].sum(), "mean_order_cost": mean,
            "order_cost": slope, "order_cost_error": error,
            "order_cost_low": slope - Z95 * error, "order_cost_high": slope + Z95 * error,
            "customers": len(rows),
        }  # fmt: skip
    return pd.DataFrame(found).T.rename_axis("kind").astype({"customers": "int64"})
