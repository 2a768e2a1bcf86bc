"""Maximum likelihood for positive parameters, with standard errors."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar, cast

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from crmlab.clv import gamma_gamma
from crmlab.clv.base import Model, PurchaseModel, Terms
from crmlab.clv.cells import cells
from crmlab.clv.gamma_gamma import GammaGamma, PooledSpend, SpendModel
from crmlab.clv.geometric import BgNbd
from crmlab.errors import NotEnough

Curved = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray | None]]
M = TypeVar("M", bound=Model)
LogLikelihood = Callable[[np.ndarray], tuple[float, np.ndarray]]
CHUNK = 1 << 16  # rows at a time, so that they stay in the processor's cache
SOME = 20_000  # cells that a first search looks at, where there are many more
FAR = 12.0  # a parameter beyond e^±12 (about 160,000 times 1) has no finite best value


class Maximum(NamedTuple):
    """Where a likelihood is largest: parameters, their covariance, its logarithm."""

    parameters: np.ndarray
    covariance: np.ndarray
    log_likelihood: float


def fit(customers: pd.DataFrame, model: type[M] = BgNbd) -> M:  # type: ignore[assignment]
    """Fit a model by maximum likelihood.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``frequency``, ``recency`` and ``T``; ``renewals`` and ``ended`` for `Sbg`;
        ``frequency`` and ``monetary_value`` for models of spend, which leave out customers
        without repeat purchases or without positive mean spend. With a column
        ``weight``, a row stands for as many equal customers.
    model : {BgNbd, MbgNbd, ParetoNbd, Nbd, BgBb, Sbg, GammaGamma, ElasticGammaGamma, PooledSpend}
        The model's class.

    Returns
    -------
    Model
        An object of that class, with its ``log_likelihood``, ``covariance`` (inverse observed
        information) and ``standard_errors``. Deterministic; the order of rows
        does not matter.

    Raises
    ------
    KeyError, DataError
        If a column is absent, or holds what it cannot (see `checked`).
    NotEnough
        If there are no repeat purchases (for `Sbg`: if nobody left, or everybody; for
        `ElasticGammaGamma`: if all bought equally often), or a parameter has no finite best
        value.
    """
    if issubclass(model, PurchaseModel):
        return cast("M", _fit_purchases(customers, model))
    assert issubclass(model, SpendModel)
    cells = gamma_gamma.cells(customers)
    model.require(cells)
    if issubclass(model, GammaGamma):
        return cast("M", _fit_gamma_gamma(cells, model))
    return cast("M", _pool(cells))


def _fit_purchases(customers: pd.DataFrame, model: type[PurchaseModel]) -> PurchaseModel:
    table = cells(customers, model.columns, model.whole)
    model.require(table)
    x, weight = table[model.count], table["weight"]
    unit = (float(np.average(table["T"], weights=weight)) if model.timed else 0.0) or 1.0
    scaled = table.assign(**{c: table[c] / unit for c in model.timed})
    names = model.names()
    curved, near = likelihood(model, scaled), _near(model, scaled)
    found = maximise(curved, np.ones(len(names)), names, near=near)
    back = np.array([unit if name in model.in_unit else 1.0 for name in names])
    return model(
        *map(float, found.parameters * back),
        covariance=found.covariance * np.outer(back, back),
        log_likelihood=found.log_likelihood - float((weight * x).sum() * np.log(unit)),
        customers=float(weight.sum()),
    )


def likelihood(model: type[PurchaseModel], cells: pd.DataFrame) -> Curved:
    """Return a function of the parameters: log-likelihood, gradient, Hessian (or nothing)."""
    counts, which = np.unique(cells[model.count], return_inverse=True)
    weight, k = cells["weight"].to_numpy(), len(model.names())
    sums = np.bincount(which, weights=weight)
    columns = {name: cells[name].to_numpy() for name in model.columns}

    def parts(p: list[float]) -> Iterator[tuple[np.ndarray, Terms]]:
        yield sums, model.head(p, counts)
        for start in range(0, len(cells), CHUNK):
            now = slice(start, start + CHUNK)
            rows = {name: each[now] for name, each in columns.items()}
            yield weight[now], model.local(p, rows)

    def evaluate(parameters: np.ndarray) -> tuple[float, np.ndarray, np.ndarray | None]:
        value, slope, curve, full = 0.0, np.zeros(k), np.zeros((k, k)), True
        for each, (values, slopes, curves) in parts(list(parameters)):
            value += float(each @ values)
            for place, slopes_there in slopes.items():
                slope[place] += each @ slopes_there
            for (i, j), bent in (curves or {}).items():
                curve[i, j] += each @ bent
            full = full and curves is not None
        return value, slope, np.triu(curve) + np.triu(curve, 1).T if full else None

    return evaluate


def _fit_gamma_gamma(cells: pd.DataFrame, model: type[GammaGamma]) -> GammaGamma:
    weight, names = cells["weight"], model.names()
    unit = float(np.average(cells["monetary_value"], weights=weight))
    scaled = cells.assign(monetary_value=cells["monetary_value"] / unit)
    evaluate = gamma_gamma.log_likelihood(scaled)
    found = maximise(lambda p: (*evaluate(p), None), np.array([1.0, 2, 1, 1])[: len(names)], names)
    back = np.array([unit if name == "v" else 1.0 for name in names])
    return model(
        *map(float, found.parameters * back),
        covariance=found.covariance * np.outer(back, back),
        log_likelihood=found.log_likelihood - float(weight.sum() * np.log(unit)),
        customers=float(weight.sum()),
    )


def _pool(cells: pd.DataFrame) -> PooledSpend:
    """Return the mean of all purchases, with its variance as a ratio over customers."""
    x, mean, weight = (cells[c].to_numpy() for c in ("frequency", "monetary_value", "weight"))
    n, purchases = weight.sum(), weight @ x
    pooled = float(weight @ (x * mean) / purchases)
    variance = weight @ (x * (mean - pooled)) ** 2 / purchases**2 * n / (n - 1)
    return PooledSpend(pooled, covariance=np.array([[variance]]), customers=float(n))


def _near(model: type[PurchaseModel], cells: pd.DataFrame) -> np.ndarray | None:
    """Return parameters near the best, from an even choice of very many cells."""
    if len(cells) <= 2 * SOME:
        return None
    down, _ = _downhill(likelihood(model, cells.iloc[:: len(cells) // SOME]))
    return np.exp(_lowest(down, np.zeros(len(model.names()))))


def maximise(
    curved: Curved, start: np.ndarray, names: list[str], *, near: np.ndarray | None = None
) -> Maximum:
    """Maximise over positive parameters; `curved` returns value, gradient, Hessian.

    The search runs on the logarithms of the parameters: L-BFGS-B from `start`, then Newton
    steps, so that equal data in other units or another order end at the same point. Where
    parameters `near` the best are known, Newton steps from there are tried first. Without
    a Hessian (nothing in its place), it is taken by differences of the gradient.

    Raises
    ------
    NotEnough
        If a parameter runs off towards zero or infinity, or the maximum is flat.
    """
    down, bent = _downhill(curved)
    found = None if near is None else _newton(down, bent, np.log(near))
    if found is None or not _is_lowest(down, *found):
        found = _newton(down, bent, _lowest(down, np.log(start)))
    logs, information = found
    _require_inside(logs, information, names)
    parameters = np.exp(logs)
    covariance = np.linalg.inv(information) * np.outer(parameters, parameters)
    return Maximum(parameters, covariance, float(-down(logs)[0]))


def _downhill(curved: Curved) -> tuple[LogLikelihood, Callable[[np.ndarray], np.ndarray]]:
    """Return the negative log-likelihood of log parameters with its gradient; and its Hessian."""

    def down(logs: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = np.exp(logs)
        value, gradient, _ = curved(parameters)
        return -value, -gradient * parameters

    def bent(logs: np.ndarray) -> np.ndarray:
        parameters = np.exp(logs)
        _, gradient, hessian = curved(parameters)
        if hessian is None:
            return _hessian(down, logs)
        return -(hessian * np.outer(parameters, parameters) + np.diag(gradient * parameters))

    return down, bent


def _lowest(down: LogLikelihood, logs: np.ndarray) -> np.ndarray:
    limits = [(-FAR, FAR)] * len(logs)
    for _ in range(3):  # a search that stopped in a narrow valley goes on when begun anew there
        found = minimize(down, logs, jac=True, method="L-BFGS-B", bounds=limits)
        logs = found.x
        if found.success:
            break
    return logs


def _is_lowest(down: LogLikelihood, logs: np.ndarray, information: np.ndarray) -> bool:
    """Tell whether Newton's next step would be nothing, and the ground bends upwards."""
    if not np.linalg.eigvalsh(information)[0] > 0:
        return False
    return bool(np.abs(np.linalg.solve(information, down(logs)[1])).max() < 1e-7)


def _newton(
    down: LogLikelihood, bent: Callable[[np.ndarray], np.ndarray], logs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take Newton steps as long as they go down; return the point and the Hessian there."""
    hessian = bent(logs)
    for _ in range(8):
        value, gradient = down(logs)
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        if np.abs(step).max() < 1e-11 or np.abs(logs - step).max() > FAR:
            break  # there already, or about to run off
        if not down(logs - step)[0] <= value:
            break
        logs = logs - step
        hessian = bent(logs)
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
            "tell buying rate and dropout, or a mean and its spread, apart. "
            "More customers or a longer time would be needed.",
            zh=f"模型参数{what}没有有限的最优值：这些客户的数据不足以区分购买频率与流失"
            "（或均值与离散程度）。需要更多客户或更长的观察期。",
        )


def log_likelihood(model: Model, customers: pd.DataFrame) -> float:
    """Return the log-likelihood of customers under a model's parameters."""
    at = model.parameters.to_numpy()
    if isinstance(model, PurchaseModel):
        return likelihood(type(model), cells(customers, model.columns, model.whole))(at)[0]
    if not isinstance(model, GammaGamma):
        raise TypeError(f"{type(model).__name__} is no distribution: it has no likelihood")
    return gamma_gamma.log_likelihood(gamma_gamma.cells(customers))(at)[0]
