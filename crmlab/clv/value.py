"""From expected purchases and spend to discounted value, with intervals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.fitting import M
from crmlab.clv.gamma_gamma import GammaGamma, expected_spend
from crmlab.clv.scores import expected_purchases
from crmlab.intervals import Z95

WEEKS_PER_YEAR = 365.25 / 7
NODES = 6  # Gauss-Legendre points; 6 agree with 60 to 1e-5 even over ten years


def discounted_purchases(
    customers: pd.DataFrame, model: Model, *, horizon_weeks: float, discount_rate_annual: float
) -> pd.Series:
    r"""Return the expected purchases ahead, each discounted to today.

    With E(t) purchases expected by week t and the rate :math:`\delta` a week, it
    is :math:`\int_0^h e^{-\delta t} dE(t) = e^{-\delta h} E(h) + \delta \int_0^h
    e^{-\delta t} E(t) dt`: discounting is continuous, so no choice of period enters.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``frequency``, ``recency`` and ``T``, in weeks.
    model : BgNbd, MbgNbd, ParetoNbd or Nbd
        Fitted in weeks.
    horizon_weeks : float
        How far ahead; 0 or more.
    discount_rate_annual : float
        What a year's delay costs: 0.1 means that 1.10 in a year is worth 1 today.

    Returns
    -------
    Series
        Named ``discounted_purchases``, indexed like `customers`.

    Raises
    ------
    ValueError
        If the rate is not above -1, or the horizon is negative.
    """
    if not discount_rate_annual > -1:
        raise ValueError(f"discount_rate_annual must be above -1, got {discount_rate_annual}")
    rate = np.log1p(discount_rate_annual) / WEEKS_PER_YEAR
    points, weights = np.polynomial.legendre.leggauss(NODES)
    weeks = horizon_weeks * (points + 1) / 2
    shares = rate * horizon_weeks / 2 * weights * np.exp(-rate * weeks)
    cell = customers.groupby(list(model.columns), sort=False).ngroup()
    cells = customers.loc[~cell.duplicated(), list(model.columns)]
    total = np.exp(-rate * horizon_weeks) * expected_purchases(cells, model, horizon_weeks)
    for week, share in zip(weeks, shares, strict=True):
        total = total + share * expected_purchases(cells, model, week)
    ahead = total.to_numpy()[cell.to_numpy()]
    return pd.Series(ahead, customers.index, name="discounted_purchases")


def lifetime_value(
    customers: pd.DataFrame,
    model: Model,
    spend: GammaGamma,
    *,
    margin: float,
    horizon_weeks: float,
    discount_rate_annual: float,
) -> pd.Series:
    """Return each customer's residual lifetime value: the margin expected ahead.

    What was earned so far is not in it, and costs of keeping or acquiring are not
    taken off.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``frequency``, ``recency``, ``T`` (weeks) and ``monetary_value``.
    model, spend : Model, GammaGamma
        Fitted to these customers.
    margin : float
        Contribution per unit of revenue, from 0 to 1.
    horizon_weeks, discount_rate_annual : float
        As in `discounted_purchases`.

    Returns
    -------
    Series
        Named ``lifetime_value``, in the currency of the spend.
    """
    ahead = discounted_purchases(
        customers, model, horizon_weeks=horizon_weeks, discount_rate_annual=discount_rate_annual
    )
    return (margin * ahead * expected_spend(customers, spend)).rename("lifetime_value")


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
