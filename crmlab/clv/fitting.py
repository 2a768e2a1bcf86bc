"""Maximum likelihood for positive parameters, with standard errors."""

from collections.abc import Callable
from functools import singledispatch
from typing import NamedTuple, overload

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from crmlab.clv import bg_nbd, gamma_gamma
from crmlab.clv.models import BgNbd, GammaGamma
from crmlab.errors import NotEnough

LogLikelihood = Callable[[np.ndarray], tuple[float, np.ndarray]]
FAR = 12.0  # a parameter beyond e^±12 (about 160,000 times 1) has no finite best value


class Maximum(NamedTuple):
    """Where a likelihood is largest: parameters, their covariance, its logarithm."""

    parameters: np.ndarray
    covariance: np.ndarray
    log_likelihood: float


@overload
def fit(customers: pd.DataFrame, model: type[BgNbd] = ...) -> BgNbd: ...
@overload
def fit(customers: pd.DataFrame, model: type[GammaGamma]) -> GammaGamma: ...
def fit(
    customers: pd.DataFrame, model: type[BgNbd] | type[GammaGamma] = BgNbd
) -> BgNbd | GammaGamma:
    """Fit a model by maximum likelihood.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``frequency``, ``recency`` and ``T`` for `BgNbd`; ``frequency`` and
        ``monetary_value`` for `GammaGamma`, which leaves out customers
        without repeat purchases or without positive mean spend. With a column
        ``weight``, a row stands for as many equal customers.
    model : {BgNbd, GammaGamma}
        The model's class.

    Returns
    -------
    BgNbd or GammaGamma
        With its ``log_likelihood``, ``covariance`` (inverse observed
        information) and ``standard_errors``. Deterministic; the order of rows
        does not matter.

    Raises
    ------
    KeyError, DataError
        If a column is absent, or holds what it cannot (see `checked`).
    NotEnough
        If there are no repeat purchases, or a parameter has no finite best value.
    """
    if model is BgNbd:
        return _fit_bg_nbd(customers)
    return _fit_gamma_gamma(customers)


def _fit_bg_nbd(customers: pd.DataFrame) -> BgNbd:
    cells = bg_nbd.cells(customers)
    x, weight = cells["frequency"], cells["weight"]
    if not (weight * x).sum():
        raise NotEnough(
            en="There are no repeat purchases, so there is nothing to fit a BG/NBD model to.",
            zh="没有任何重复购买，无法拟合 BG/NBD 模型。",
        )
    unit = float(np.average(cells["T"], weights=weight)) or 1.0
    scaled = cells.assign(recency=cells["recency"] / unit, T=cells["T"] / unit)
    found = maximise(bg_nbd.log_likelihood(scaled), np.ones(4), BgNbd.names())
    back = np.array([1, unit, 1, 1])
    return BgNbd(
        *map(float, found.parameters * back),
        covariance=found.covariance * np.outer(back, back),
        log_likelihood=found.log_likelihood - float((weight * x).sum() * np.log(unit)),
        customers=float(weight.sum()),
    )


def _fit_gamma_gamma(customers: pd.DataFrame) -> GammaGamma:
    cells = gamma_gamma.cells(customers)
    if cells.empty:
        raise NotEnough(
            en="No customer has repeat purchases of positive value, "
            "so there is nothing to fit a gamma-gamma model to.",
            zh="没有客户有金额为正的重复购买，无法拟合 gamma-gamma 模型。",
        )
    weight = cells["weight"]
    unit = float(np.average(cells["monetary_value"], weights=weight))
    scaled = cells.assign(monetary_value=cells["monetary_value"] / unit)
    found = maximise(gamma_gamma.log_likelihood(scaled), np.array([1, 2, 1]), GammaGamma.names())
    back = np.array([1, 1, unit])
    return GammaGamma(
        *map(float, found.parameters * back),
        covariance=found.covariance * np.outer(back, back),
        log_likelihood=found.log_likelihood - float(weight.sum() * np.log(unit)),
        customers=float(weight.sum()),
    )


def maximise(log_likelihood: LogLikelihood, start: np.ndarray, names: list[str]) -> Maximum:
    """Maximise over positive parameters; `log_likelihood` returns value and gradient.

    The search runs on the logarithms of the parameters: L-BFGS-B, then Newton
    steps, so that equal data in other units or another order end at the same point.

    Raises
    ------
    NotEnough
        If a parameter runs off towards zero or infinity, or the maximum is flat.
    """

    def down(logs: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = np.exp(logs)
        value, gradient = log_likelihood(parameters)
        return -value, -gradient * parameters

    limits = [(-FAR, FAR)] * len(start)
    found = minimize(down, np.log(start), jac=True, method="L-BFGS-B", bounds=limits)
    logs, information = _newton(down, found.x)
    _require_inside(logs, information, names)
    parameters = np.exp(logs)
    covariance = np.linalg.inv(information) * np.outer(parameters, parameters)
    return Maximum(parameters, covariance, float(-down(logs)[0]))


def _newton(down: LogLikelihood, logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take Newton steps as long as they go down; return the point and the Hessian there."""
    hessian = _hessian(down, logs)
    for _ in range(8):
        value, gradient = down(logs)
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        if np.abs(step).max() < 1e-11 or not down(logs - step)[0] <= value:
            break
        logs = logs - step
        hessian = _hessian(down, logs)
    return logs, hessian


def _hessian(down: LogLikelihood, logs: np.ndarray, width: float = 1e-4) -> np.ndarray:
    """Return the Hessian by central differences of the exact gradient."""
    rows = [down(logs + d)[1] - down(logs - d)[1] for d in width * np.eye(len(logs))]
    found = np.array(rows) / (2 * width)
    return (found + found.T) / 2


def _require_inside(logs: np.ndarray, information: np.ndarray, names: list[str]) -> None:
    off = [n for n, far in zip(names, np.abs(logs) > FAR - 1, strict=True) if far]
    curvature = np.linalg.eigvalsh(information)
    if off or not curvature[0] > 1e-9 * curvature[-1]:
        what = f" ({', '.join(off)})" if off else ""
        raise NotEnough(
            en=f"The model's parameters{what} have no finite best value: these customers do not "
            "tell buying rate and dropout, or spend and its spread, apart. "
            "More customers or a longer time would be needed.",
            zh=f"模型参数{what}没有有限的最优值：这些客户的数据不足以区分购买频率与流失"
            "（或消费水平与离散程度）。需要更多客户或更长的观察期。",
        )


@singledispatch
def log_likelihood(model: object, customers: pd.DataFrame) -> float:  # noqa: ARG001
    """Return the log-likelihood of customers under a model's parameters."""
    raise TypeError(f"no likelihood for {type(model).__name__}")


@log_likelihood.register
def _(model: BgNbd, customers: pd.DataFrame) -> float:
    return bg_nbd.log_likelihood(bg_nbd.cells(customers))(model.parameters.to_numpy())[0]


@log_likelihood.register
def _(model: GammaGamma, customers: pd.DataFrame) -> float:
    return gamma_gamma.log_likelihood(gamma_gamma.cells(customers))(model.parameters.to_numpy())[0]
