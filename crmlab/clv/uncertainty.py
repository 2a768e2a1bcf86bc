"""What is read from values: tenths of customers, intervals of totals, scores over a grid."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.fitting import M
from crmlab.clv.gamma_gamma import GammaGamma
from crmlab.intervals import Z95


def value_deciles(value: pd.Series) -> pd.DataFrame:
    """Return customers by tenth of their value, the best first.

    Indexed by ``decile`` from 1: ``customers``, ``value`` (their sum) and ``share``
    of the total. Equal values may fall on both sides of a boundary.
    """
    order = value.sort_values(ascending=False, kind="stable")
    decile = np.arange(len(order)) * 10 // len(order) + 1
    each = order.groupby(decile).agg(["size", "sum"]).rename_axis("decile")
    each.columns = ["customers", "value"]
    return each.assign(share=each["value"] / (value.sum() or np.nan))


def interval(
    totals: Callable[[Any, GammaGamma], pd.Series], model: Model, spend: GammaGamma
) -> pd.DataFrame:
    """Return numbers computed from the two models, with their 95 % intervals.

    They show how uncertain the parameters leave the numbers (delta method on the
    logarithms of the parameters; `totals` has to be smooth in them). What single
    customers will do by chance is not in them.

    Parameters
    ----------
    totals : callable
        Takes the two models and returns a Series of numbers.
    model, spend : Model, GammaGamma
        Fitted models.

    Returns
    -------
    DataFrame
        ``value``, ``low`` and ``high``, indexed like what `totals` returns.

    Raises
    ------
    ValueError
        If a model was not fitted.
    """
    value = totals(model, spend)
    of_model = _variance(lambda each: totals(each, spend), model)
    of_spend = _variance(lambda each: totals(model, each), spend)
    reach = Z95 * np.sqrt(of_model + of_spend)
    return pd.DataFrame({"value": value, "low": value - reach, "high": value + reach})


def _variance(totals: Callable[[M], pd.Series], fitted: M, width: float = 1e-3) -> np.ndarray:
    """Return each total's variance, from the covariance of one model's log parameters."""
    if fitted.covariance is None:
        raise ValueError(f"{type(fitted).__name__} was not fitted: it has no covariance")
    point = fitted.parameters.to_numpy()

    def moved(step: np.ndarray) -> np.ndarray:
        return totals(type(fitted)(*map(float, point * np.exp(step)))).to_numpy()

    steps = width * np.eye(len(point))
    slopes = np.array([(moved(step) - moved(-step)) / (2 * width) for step in steps])
    log_covariance = fitted.covariance / np.outer(point, point)
    return np.einsum("ik,ij,jk->k", slopes, log_covariance, slopes)


def grid(
    model: Model,
    score: Callable[[pd.DataFrame, Any], pd.Series],
    *,
    T: float,
    max_frequency: int = 12,
    steps: int = 12,
) -> pd.DataFrame:
    """Return a score for every frequency (columns) and time since the last purchase (rows).

    For a customer of age `T`; the time since the last purchase runs in `steps`
    from 0 to less than `T`, in the model's unit. Who has no repeat purchase is not in it.
    """
    since = T * np.arange(steps) / steps
    frequency = np.arange(1, max_frequency + 1)
    rows = pd.MultiIndex.from_product([since, frequency], names=["since_last", "frequency"])
    who = rows.to_frame(index=False).assign(T=T)
    who["recency"] = T - who["since_last"]
    return score(who[list(model.columns)], model).set_axis(rows).unstack("frequency")  # noqa: PD010 - not a pivot
