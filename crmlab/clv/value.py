"""From expected purchases and spend to discounted value, with intervals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from crmlab.clv.base import Model, PurchaseModel
from crmlab.clv.contract import Counted
from crmlab.clv.scores import distinct, in_blocks, of_purchases, of_the_living
from crmlab.clv.spend import SpendModel, expected_spend

WEEKS_PER_YEAR = 365.25 / 7
NODES = 40  # Gauss-Legendre points
FADED = 45.0  # e^-45 is nothing


@in_blocks
def discounted_purchases(
    customers: pd.DataFrame,
    model: Model,
    *,
    horizon: float,
    discount_rate_annual: float,
    periods_per_year: float = WEEKS_PER_YEAR,
) -> pd.Series:
    r"""Return the expected purchases ahead, each discounted to today.

    With E(t) purchases expected by time t and the rate :math:`\delta` per unit of time, it
    is :math:`\int_0^h e^{-\delta t} dE(t) = e^{-\delta h} E(h) + \delta \int_0^h
    e^{-\delta t} E(t) dt`: discounting is continuous, so no choice of period enters. Without
    end, these are the discounted expected residual transactions (DERT). Models that count
    opportunities (`BgBb`, `Sbg`) discount by whole periods, the next one a period away.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        The columns of the model.
    model : BgNbd, MbgNbd, ParetoNbd, Nbd, BgBb or Sbg
        Fitted to these columns.
    horizon : float
        How far ahead, in the model's unit of time (weeks by default); infinite for all time.
    discount_rate_annual : float
        What a year's delay costs: 0.1 means that 1.10 in a year is worth 1 today.
    periods_per_year : float
        How many units of the model's time make a year: 365.25 where it is days.

    Returns
    -------
    Series
        Named ``discounted_purchases``, indexed like `customers`.

    Raises
    ------
    ValueError
        If the rate is not above -1, the horizon negative, or infinite without a positive rate.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves
    for customer base analysis. Journal of Marketing Research 42(4), 415-430.
    """
    kind = of_purchases(model)
    rate = rate_per_period(kind, discount_rate_annual, horizon, periods_per_year)
    cell, p, table = distinct(customers, kind)

    def work(each: dict[str, np.ndarray]) -> np.ndarray:
        if isinstance(kind, Counted):
            return kind.each(p, each) * kind.discounted(p, each, np.expm1(rate), horizon)
        found = rate * _present(lambda t: kind.ahead(p, each, t), rate, horizon, _scale(kind))
        last = np.exp(-rate * horizon) * kind.ahead(p, each, horizon) if horizon < np.inf else 0
        return found + last

    ahead = of_the_living(work, table) * kind.alive(p, table)
    return pd.Series(ahead[cell], customers.index, name="discounted_purchases")


@in_blocks
def discounted_lifetime(
    customers: pd.DataFrame,
    model: Model,
    *,
    horizon: float,
    discount_rate_annual: float,
    periods_per_year: float = WEEKS_PER_YEAR,
) -> pd.Series:
    r"""Return the time ahead that each customer is expected to be one, discounted to today.

    It is :math:`P(alive) \int_0^h e^{-\delta t} S(t) dt`, where S is the chance that who is
    alive still is after t. What it costs to keep a customer for a unit of time, times this, is
    the present cost of keeping. Arguments and errors are those of `discounted_purchases`.

    Returns
    -------
    Series
        Named ``discounted_lifetime``, in the model's unit of time, indexed like `customers`.
    """
    kind = of_purchases(model)
    rate = rate_per_period(kind, discount_rate_annual, horizon, periods_per_year)
    cell, p, table = distinct(customers, kind)

    def work(each: dict[str, np.ndarray]) -> np.ndarray:
        if isinstance(kind, Counted):
            return kind.discounted(p, each, np.expm1(rate), horizon)
        return _present(lambda t: kind.staying(p, each, t), rate, horizon, _scale(kind))

    ahead = of_the_living(work, table) * kind.alive(p, table)
    return pd.Series(ahead[cell], customers.index, name="discounted_lifetime")


def residual_value(
    customers: pd.DataFrame,
    model: Model,
    spend: SpendModel,
    *,
    margin: float,
    horizon: float,
    discount_rate_annual: float,
    periods_per_year: float = WEEKS_PER_YEAR,
    retention_cost_annual: float = 0.0,
) -> pd.Series:
    """Return each customer's residual lifetime value: the margin expected ahead, less keeping.

    What was earned and spent so far, such as the cost to acquire, is not in it.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        The columns of the model, and ``monetary_value``.
    model, spend : Model, SpendModel
        Fitted to these customers.
    margin : float
        Contribution per unit of revenue, from 0 to 1.
    horizon, discount_rate_annual, periods_per_year : float
        As in `discounted_purchases`.
    retention_cost_annual : float
        What a year costs of each customer who is still one, in the currency of the spend.

    Returns
    -------
    Series
        Named ``residual_value``, in the currency of the spend, indexed like `customers`.

    Raises
    ------
    ValueError
        As in `discounted_purchases`; if the margin is not from 0 to 1, or the cost negative.
    """
    require_money(margin, retention_cost_annual)
    when = {
        "horizon": horizon,
        "discount_rate_annual": discount_rate_annual,
        "periods_per_year": periods_per_year,
    }
    ahead = discounted_purchases(customers, model, **when)
    value = margin * ahead * expected_spend(customers, spend)
    if retention_cost_annual:
        years = discounted_lifetime(customers, model, **when) / periods_per_year
        value = value - retention_cost_annual * years
    return value.rename("residual_value")


def new_customer_value(
    model: Model, spend: SpendModel, *, margin: float, acquisition_cost: float = 0.0, **terms: float
) -> float:
    """Return what a new customer is worth: the first purchase and all ahead, less the cost.

    Parameters
    ----------
    model, spend, margin
        As in `residual_value`.
    acquisition_cost : float
        What it costs to win one customer, in the currency of the spend. Without it, the
        result is the most that winning one may cost.
    **terms
        The other arguments of `residual_value`.

    Returns
    -------
    float
        In the currency of the spend. The first purchase is taken to be of mean spend.

    Raises
    ------
    ValueError
        As in `residual_value`, or if the cost is negative.
    """
    _require_cost("acquisition_cost", acquisition_cost)
    columns = [*model.columns, "monetary_value"]
    new = pd.DataFrame(np.zeros((1, len(columns))), columns=columns)
    ahead = residual_value(new, model, spend, margin=margin, **terms).item()
    return margin * spend.mean_spend + ahead - acquisition_cost


def value_deciles(value: pd.Series) -> pd.DataFrame:
    """Return customers by tenth of their value, the best first.

    Indexed by ``decile`` from 1: ``customers``, ``value`` (their sum) and ``share``
    of the total, missing where there are values below 0: then a part can exceed the
    whole. Equal values may fall on both sides of a boundary.
    """
    order = value.sort_values(ascending=False, kind="stable")
    decile = np.arange(len(order)) * 10 // len(order) + 1
    each = order.groupby(decile).agg(["size", "sum"]).rename_axis("decile")
    each.columns = ["customers", "value"]
    total = np.nan if (value < 0).any() else value.sum()
    return each.assign(share=each["value"] / (total or np.nan))


def require_money(margin: float, retention_cost_annual: float) -> None:
    """Refuse a margin that is no share, and a cost that is none."""
    if not 0 <= margin <= 1:
        raise ValueError(f"margin must be from 0 to 1, got {margin}")
    _require_cost("retention_cost_annual", retention_cost_annual)


def _require_cost(name: str, cost: float) -> None:
    if not 0 <= cost < np.inf:
        raise ValueError(f"{name} must be 0 or more and finite, got {cost}")


def rate_per_period(
    kind: PurchaseModel, discount_rate_annual: float, horizon: float, periods_per_year: float
) -> float:
    """Return the continuous rate per unit of time."""
    if not discount_rate_annual > -1:
        raise ValueError(f"discount_rate_annual must be above -1, got {discount_rate_annual}")
    if not 0 < periods_per_year < np.inf:
        raise ValueError(f"periods_per_year must be positive and finite, got {periods_per_year}")
    if not horizon >= 0:
        raise ValueError(f"horizon must be 0 or more, got {horizon}")
    if kind.whole and horizon < np.inf and horizon % 1:
        raise ValueError(f"horizon must be a whole number for {kind.title}, got {horizon}")
    if horizon == np.inf and not discount_rate_annual > 0:
        raise ValueError("an infinite horizon needs a discount_rate_annual above 0")
    return float(np.log1p(discount_rate_annual) / periods_per_year)


def _scale(kind: PurchaseModel) -> float:
    """Return a time over which expectations bend: the first parameter that is one."""
    return float(kind.parameters[kind.in_unit[0]])


def _present(
    f: Callable[[float], np.ndarray], rate: float, horizon: float, scale: float
) -> np.ndarray:
    """Return the integral of e^(-rate t) f(t), by Gauss-Legendre in log(scale + t)."""
    end = min(horizon, FADED / rate) if rate > 0 else horizon
    points, shares = np.polynomial.legendre.leggauss(NODES)
    width = np.log1p(end / scale)
    total: Any = 0.0
    for w, share in zip((points + 1) / 2 * width, shares / 2 * width, strict=True):
        t = scale * np.expm1(w)
        total = total + share * (scale + t) * np.exp(-rate * t) * f(t)
    return np.asarray(total)
