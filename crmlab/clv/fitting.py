"""Maximum likelihood for positive parameters, with standard errors."""

from collections.abc import Iterator, Mapping
from typing import TypeVar, cast

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from crmlab.clv import gamma_gamma, refusals, spend
from crmlab.clv.base import Model, PurchaseModel, Terms
from crmlab.clv.cells import cells
from crmlab.clv.covariates import Covaried
from crmlab.clv.gamma_gamma import GammaGamma
from crmlab.clv.geometric import BgNbd
from crmlab.clv.search import LogLikelihood, NoMaximum, maximise, near
from crmlab.clv.spend import PooledSpend, SpendModel

Cells = pd.DataFrame | Mapping[str, np.ndarray]
M = TypeVar("M", bound=Model)
CHUNK = 1 << 13  # rows at a time, so that they stay in the processor's cache
SAMPLES = [2_000, 32_000]  # customers that first searches look at, where there are many more


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
        The model's class, or one from `with_covariates`.

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
        If fewer than 10 customers bought again (for `Sbg`: if nobody left, or everybody; for
        `ElasticGammaGamma`: if all bought equally often), all are alike, or a parameter has no
        finite best value: it says what the customers do not tell.
    """
    if issubclass(model, Covaried):
        return cast("M", _fit_covaried(customers, model))
    if issubclass(model, PurchaseModel):
        return cast("M", _fit_purchases(customers, model))
    assert issubclass(model, SpendModel)
    cells = spend.cells(customers)
    model.require(cells)
    if issubclass(model, GammaGamma):
        return cast("M", _fit_gamma_gamma(cells, model))
    return cast("M", _pool(cells))


def _fit_purchases(customers: pd.DataFrame, model: type[PurchaseModel]) -> PurchaseModel:
    found = cells(customers, model.columns, model.whole, model.covariates)
    table = {c: found[c].to_numpy() for c in [*model.columns, "weight"]}
    model.require(table)
    x, weight = table[model.count], table["weight"]
    unit = (float(table["T"] @ weight / weight.sum()) if model.timed else 0.0) or 1.0
    scaled = table | {c: table[c] / unit for c in model.timed}
    names = model.names()
    evaluate = likelihood(model, scaled)
    try:
        best = maximise(evaluate, _start(model, scaled), names)
    except NoMaximum as none:
        raise refusals.of_purchases(model, none.off, none.reached, evaluate) from None
    back = np.array([unit if name in model.in_unit else 1.0 for name in names])
    return model.of(
        best.parameters * back,
        covariance=best.covariance * np.outer(back, back),
        log_likelihood=best.log_likelihood - float(weight @ x * np.log(unit)),
        customers=float(weight.sum()),
    )


def _fit_covaried(customers: pd.DataFrame, model: type[Covaried]) -> PurchaseModel:
    """Fit with covariates in standard units, and tell the ratios in their own."""
    centre, spread = model.units(customers)
    scaled = {c: (customers[c] - centre[c]) / spread[c] for c in model.covariates}
    around_nothing = model.around(dict.fromkeys(model.covariates, 0.0))
    found = _fit_purchases(customers.assign(**scaled), around_nothing)
    power = np.array([1 / spread[c] if c else 1.0 for c in model.acted_on()])
    before = found.parameters.to_numpy()
    after = before**power
    return model.around(centre).of(
        after,
        covariance=found.covariance * np.outer(power * after / before, power * after / before),
        log_likelihood=found.log_likelihood,
        customers=found.customers,
    )


def likelihood(model: type[PurchaseModel], cells: Cells) -> LogLikelihood:
    """Return the log-likelihood of these cells as a function of the parameters."""
    columns = {name: np.asarray(cells[name]) for name in model.columns}
    which, counts = pd.factorize(columns[model.count])
    weight, k = np.asarray(cells["weight"]), len(model.names())
    sums = np.bincount(which, weights=weight)

    def parts(p: list[float]) -> Iterator[tuple[np.ndarray, Terms]]:
        yield sums, model.head(p, counts)
        for start in range(0, len(weight), CHUNK):
            now = slice(start, start + CHUNK)
            rows = {name: each[now] for name, each in columns.items()}
            yield weight[now], model.local(p, rows)

    def evaluate(
        parameters: np.ndarray, /, *, curved: bool
    ) -> tuple[float, np.ndarray, np.ndarray | None]:
        value, gradient, hessian = 0.0, np.zeros(k), np.zeros((k, k)) if curved else None
        for each, (values, slopes, bend) in parts(list(parameters)):
            value += float(each @ values)
            for place, slope in slopes.items():
                gradient[place] += each @ slope
            hessian = None if hessian is None or bend is None else hessian + bend(each)
        return value, gradient, hessian

    return evaluate


def _fit_gamma_gamma(cells: pd.DataFrame, model: type[GammaGamma]) -> GammaGamma:
    weight, names = cells["weight"], model.names()
    unit = float(np.average(cells["monetary_value"], weights=weight))
    scaled = cells.assign(monetary_value=cells["monetary_value"] / unit)
    evaluate = gamma_gamma.log_likelihood(scaled)
    start = np.array([1.0, 2, 1, 1])[: len(names)]
    try:
        found = maximise(evaluate, start, names)
    except NoMaximum as none:
        raise refusals.of_spend(model, none.off) from None
    back = np.array([unit if name == "v" else 1.0 for name in names])
    return model.of(
        found.parameters * back,
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


def _sample(cells: dict[str, np.ndarray], size: int) -> dict[str, np.ndarray]:
    """Return the cells of so many customers, evenly chosen from their sorted sequence."""
    until = np.cumsum(cells["weight"])
    chosen = np.searchsorted(until, (np.arange(size) + 0.5) / size * until[-1])
    places, counts = np.unique(chosen, return_counts=True)
    return {c: each[places] for c, each in cells.items()} | {"weight": counts.astype("float64")}


def _start(model: type[PurchaseModel], cells: dict[str, np.ndarray]) -> np.ndarray:
    """Return where to begin: near the best of ever larger choices of very many customers."""
    logs = np.zeros(len(model.names()))
    for size in SAMPLES:
        if 2 * size < len(cells["weight"]):
            logs = near(likelihood(model, _sample(cells, size)), logs).logs
    return np.exp(logs)


def log_likelihood(model: Model, customers: pd.DataFrame) -> float:
    """Return the log-likelihood of customers under a model's parameters."""
    at = model.parameters.to_numpy()
    if isinstance(model, PurchaseModel):
        table = cells(customers, model.columns, model.whole, model.covariates)
        return likelihood(type(model), table)(at, curved=False)[0]
    if not isinstance(model, GammaGamma):
        raise TypeError(f"{type(model).__name__} is no distribution: it has no likelihood")
    return gamma_gamma.log_likelihood(spend.cells(customers))(at, curved=False)[0]


def likelihood_ratio(smaller: Model, larger: Model) -> pd.Series:
    """Test whether a model's further parameters are worth their number.

    Parameters
    ----------
    smaller, larger : Model
        Fitted to the same customers; the smaller one is the larger with some parameters fixed
        (ratios of 1), none of them at an end of its range.

    Returns
    -------
    Series
        ``statistic`` (twice the difference of log-likelihoods), ``df``, ``p_value``.

    Raises
    ------
    ValueError
        If they were not fitted to as many customers, or the larger has no more parameters.

    References
    ----------
    Wilks, S. S. (1938). The large-sample distribution of the likelihood ratio for testing
    composite hypotheses. Annals of Mathematical Statistics 9(1), 60-62.
    """
    if not smaller.customers == larger.customers:
        raise ValueError(
            f"the models were fitted to {smaller.customers:,g} and {larger.customers:,g} "
            "customers: they must be the same"
        )
    df = len(larger.parameters) - len(smaller.parameters)
    if df < 1:
        raise ValueError("the larger model has no more parameters than the smaller one")
    statistic = max(2 * (larger.log_likelihood - smaller.log_likelihood), 0.0)
    return pd.Series({"statistic": statistic, "df": df, "p_value": chdtrc(df, statistic)})
