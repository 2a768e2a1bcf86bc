"""Returns on customers, and the elasticity of profit to the number of loyal ones."""

import numpy as np
import pandas as pd

from crmlab.equity.base import limits, need

RETURNS = ("return_on_customer_equity", "return_on_customer_investment")


def returns(customers: pd.DataFrame) -> pd.Series:
    r"""Return profit on the customers' opening equity, and on the money spent on them.

    .. math:: \frac{\sum profit}{\sum opening\ equity} \quad and \quad
              \frac{\sum profit}{\sum invested}

    Two quotients of the same profit: the first says how fast the value of the customers
    turns into profit, the second what a yuan spent on them earned. They must not share a
    name.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``profit`` of the period (margin less selling and service cost), ``opening_equity``
        at its beginning, ``invested`` (selling, service and acquisition cost of the
        period), all in money.

    Returns
    -------
    Series
        Indexed by `RETURNS`, a share.

    Raises
    ------
    ValueError
        If opening equity or investment do not add up to more than 0.

    References
    ----------
    Rust, Lemon and Zeithaml (2004). Return on marketing. Journal of Marketing 68(1).
    """
    columns = ["profit", "opening_equity", "invested"]
    need(customers, columns, "customers")
    for name in columns[1:]:
        if not (total := customers[name].sum()) > 0:
            raise ValueError(f"{name} must add up to more than 0, got {total:g}")
    sums = customers[columns].sum()
    return pd.Series(sums["profit"] / sums[columns[1:]].to_numpy("float64"), list(RETURNS))


def profit_elasticity(
    panel: pd.DataFrame, *, by: str, within: bool = True, draws: int = 1000, seed: int = 2026
) -> dict[str, float]:
    r"""Return by how many % profit differs where there are 1 % more loyal customers.

    Slope of ln profit on ln loyal customers, weighted equally; with `within`, after taking
    off the means of each `by` and each period, so that neither large segments nor a
    company that grows anyhow can make it. Association, not effect: whatever moves both
    is in it.

    Parameters
    ----------
    panel : DataFrame, one row per segment and period
        ``loyal`` (customers), ``profit`` (money), ``period`` and the column `by`.
    by : str
        The segment: whole segments are drawn in the bootstrap, as their periods are alike.
    within : bool
        Take off means of segments and periods; else only the overall mean.

    Returns
    -------
    dict
        ``value``, ``low``, ``high``, ``rows`` used, ``left_out`` (no loyal customer, or no
        profit, has no logarithm) and ``segments``.

    Raises
    ------
    ValueError
        If fewer than 3 segments, or fewer than 2 periods, have profit and loyal customers.

    References
    ----------
    Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, ch. 10.
    """
    need(panel, ["loyal", "profit", "period", by], "panel")
    used = panel[(panel["loyal"] > 0) & (panel["profit"] > 0)]
    segments, periods = used[by].nunique(), used["period"].nunique()
    if segments < 3 or periods < 2:
        raise ValueError(
            f"needs 3 segments and 2 periods with profit, got {segments} and {periods}"
        )
    codes, x, y = used[by].factorize()[0], np.log(used["loyal"]), np.log(used["profit"])
    designs = [pd.get_dummies(used[c], dtype="float64") for c in (by, "period")]
    effects = pd.concat(designs, axis=1).to_numpy() if within else np.ones((len(used), 1))
    x, y = x.to_numpy("float64"), y.to_numpy("float64")
    drawn = np.random.default_rng(seed).multinomial(
        segments, np.full(segments, 1 / segments), size=draws
    )
    slopes = np.array([_slope(x, y, effects, weight[codes]) for weight in drawn])
    low, high = limits(slopes)
    whole = _slope(x, y, effects, np.ones(len(used)))
    return {
        "value": whole, "low": float(low), "high": float(high), "rows": float(len(used)),
        "left_out": float(len(panel) - len(used)), "segments": float(segments),
    }  # fmt: skip


def _slope(x: np.ndarray, y: np.ndarray, effects: np.ndarray, weight: np.ndarray) -> float:
    """Return the weighted slope of y on x with `effects` held fixed; missing if x is fixed."""
    root = np.sqrt(weight)
    held = effects * root[:, None]
    free = [v * root - held @ np.linalg.lstsq(held, v * root, rcond=None)[0] for v in (x, y)]
    size = float(free[0] @ free[0])
    return float(free[0] @ free[1]) / size if size > 1e-12 else float("nan")


def elasticities(
    panel: pd.DataFrame, *, by: str, draws: int = 1000, seed: int = 2026
) -> pd.DataFrame:
    """Return `profit_elasticity` as observed, and within segments, one below the other.

    Indexed by ``comparison``: ``profit_elasticity`` with ``low`` and ``high``,
    ``rows_used`` and ``rows_without_profit``.
    """
    told = {
        name: profit_elasticity(panel, by=by, within=held, draws=draws, seed=seed)
        for name, held in (("as_observed", False), ("within_segments", True))
    }
    names = {"value": "profit_elasticity", "rows": "rows_used", "left_out": "rows_without_profit"}
    table = pd.DataFrame.from_dict(told, orient="index").rename_axis("comparison")
    return table.drop(columns="segments").rename(columns=names)
