"""How far what customers will bring may lie from what is expected: by chance, too."""

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.sample import ENOUGH, FUTURES, sample
from crmlab.clv.scores import of_purchases
from crmlab.clv.spend import SpendModel, Spent, usable
from crmlab.clv.uncertainty import drawn
from crmlab.clv.value import (
    WEEKS_PER_YEAR,
    discounted_lifetime,
    rate_per_period,
    require_money,
    residual_value,
)


def predictive_equity(
    customers: pd.DataFrame,
    model: Model,
    spend: SpendModel,
    *,
    margin: float,
    horizon: float,
    discount_rate_annual: float,
    periods_per_year: float = WEEKS_PER_YEAR,
    retention_cost_annual: float = 0.0,
    draws: int = 500,
    seed: int = 2026,
    estimated: bool = True,
) -> np.ndarray:
    r"""Return what the customers might bring in so many futures, discounted to today.

    In each, parameters are drawn from what the fits leave possible; then who is still there,
    rates, times of leaving and purchases, as in `simulate`; then what each of these brings: a
    customer's purchases vary as Gamma(p, ν), where ν, after x repeat purchases of mean
    :math:`\bar z`, is Gamma(px + q, v + x\bar z). What keeping costs is the same in all:
    what is expected under the estimates. Of more than 100,000 customers, a sample is drawn
    for: all are expected to bring what they are under the estimates, parameters move that as
    they do the sample's, and chance moves it by the square root of how many more they are.

    Parameters
    ----------
    customers, model, spend, margin, horizon, discount_rate_annual, periods_per_year, \
retention_cost_annual
        As in `residual_value`; the horizon is finite. A customer stands for one.
    draws, seed : int
        How many futures; the same seed draws the same.
    estimated : bool
        Whether the parameters are estimates, and drawn; else they are taken as known.

    Returns
    -------
    array
        One sum of money per future.

    Raises
    ------
    ValueError
        As in `residual_value`; if the horizon is infinite, or a model was not fitted although
        `estimated`.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013). The gamma-gamma model of monetary value. Note,
    brucehardie.com/notes/025, equation 3 for the distribution of ν.
    """
    require_money(margin, retention_cost_annual)
    if not draws >= 1:
        raise ValueError(f"draws must be 1 or more, got {draws}")
    when = {
        "horizon": horizon,
        "discount_rate_annual": discount_rate_annual,
        "periods_per_year": periods_per_year,
    }
    kind = of_purchases(model)
    rate = rate_per_period(kind, **when)
    if not horizon < np.inf:
        raise ValueError("futures can be drawn up to a finite horizon only")
    part = sample(customers, FUTURES) if len(customers) > ENOUGH else customers
    stream = np.random.default_rng(seed)
    table, spent = kind.checked(part), _spent(part)
    models = drawn(model, draws, stream) if estimated else [model] * draws
    spends = drawn(spend, draws, stream) if estimated else [spend] * draws
    futures = np.empty(draws)
    for n, (buying, paying) in enumerate(zip(models, spends, strict=True)):
        places, times = of_purchases(buying).purchases(
            list(buying.parameters), table, horizon, stream
        )
        amounts = paying.amounts(spent, places, stream)
        futures[n] = margin * (amounts * np.exp(-rate * times)).sum()
    kept = retention_cost_annual / periods_per_year
    keeping = kept * discounted_lifetime(customers, model, **when).sum() if kept else 0.0
    if len(part) == len(customers):
        return futures - keeping

    def expected(who: pd.DataFrame, buying: Model, paying: SpendModel) -> float:
        return residual_value(who, buying, paying, margin=margin, **when).sum()

    each = np.array([expected(part, *of) for of in zip(models, spends, strict=True)])
    times_more = len(customers) / len(part)
    by_chance = np.sqrt(times_more) * (futures - each)
    by_fit = times_more * (each - expected(part, model, spend))
    return expected(customers, model, spend) + by_fit + by_chance - keeping


def _spent(customers: pd.DataFrame) -> Spent:
    """Return what customers spent on the purchases that tell of their spend."""
    x = customers["frequency"].to_numpy("float64")
    seen = np.where(usable(customers), x, 0.0)
    return Spent(x, seen, seen * customers["monetary_value"].fillna(0).to_numpy("float64"))
