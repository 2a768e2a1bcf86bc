"""How far numbers may be off because the models' parameters are estimated."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.fitting import M
from crmlab.clv.sample import sample
from crmlab.clv.spend import SpendModel
from crmlab.intervals import Z95


def interval(
    totals: Callable[..., pd.Series],
    model: Model,
    spend: SpendModel,
    customers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return numbers computed from the two models, with their 95 % intervals.

    They show how uncertain the parameters leave the numbers (delta method on the
    logarithms of the parameters; `totals` has to be smooth in them). What single
    customers will do by chance is not in them.

    Parameters
    ----------
    totals : callable
        Takes the two models, after the customers if they are given, and returns a Series of
        numbers; of customers, sums over them.
    model, spend : Model, SpendModel
        Fitted models.
    customers : DataFrame, optional
        Of more than 100,000 the numbers are those of all, and their intervals follow from a
        sample.

    Returns
    -------
    DataFrame
        ``value``, ``low`` and ``high``, indexed like what `totals` returns.

    Raises
    ------
    ValueError
        If a model was not fitted.
    """
    if customers is None:
        value, of, each = totals(model, spend), totals, 1.0
    else:
        drawn = sample(customers)
        value, each = totals(customers, model, spend), len(customers) / len(drawn)
        of = partial(totals, drawn)
    of_model = _variance(lambda moved: of(moved, spend), model)
    of_spend = _variance(lambda moved: of(model, moved), spend)
    reach = each * Z95 * np.sqrt(of_model + of_spend)
    return pd.DataFrame({"value": value, "low": value - reach, "high": value + reach})


def _variance(totals: Callable[[M], pd.Series], fitted: M, width: float = 1e-3) -> np.ndarray:
    """Return each total's variance, from the covariance of one model's log parameters."""
    log_covariance = _log_covariance(fitted)
    point = fitted.parameters.to_numpy()

    def moved(step: np.ndarray) -> np.ndarray:
        return totals(fitted.of(point * np.exp(step))).to_numpy()

    steps = width * np.eye(len(point))
    slopes = np.array([(moved(step) - moved(-step)) / (2 * width) for step in steps])
    return np.einsum("ik,ij,jk->k", slopes, log_covariance, slopes)


def drawn(fitted: M, draws: int, seed: int | np.random.Generator = 2026) -> list[M]:
    """Return models whose parameters are drawn from what the fit leaves possible.

    Their logarithms are normal around the estimates, with the fit's covariance: so they stay
    positive.

    Raises
    ------
    ValueError
        If the model was not fitted.
    """
    stream, point = np.random.default_rng(seed), np.log(fitted.parameters.to_numpy())
    logs = stream.multivariate_normal(point, _log_covariance(fitted), size=draws, method="cholesky")
    return [fitted.of(each) for each in np.exp(logs)]


def _log_covariance(fitted: Model) -> np.ndarray:
    if fitted.covariance is None:
        raise ValueError(f"{type(fitted).__name__} was not fitted: it has no covariance")
    point = fitted.parameters.to_numpy()
    return np.asarray(fitted.covariance / np.outer(point, point))
