"""What a customer spends per purchase: gamma-gamma, with or without an elasticity, or a mean.

Money is in one currency: that of ``monetary_value``, and of `v` and `pooled`.

References
----------
Fader, P. S. and Hardie, B. G. S. (2013). The gamma-gamma model of monetary value.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.random import Generator
from scipy.special import gammaln, psi

from crmlab.clv.search import LogLikelihood
from crmlab.clv.spend import COLUMNS, SpendModel, Spent, cells
from crmlab.errors import NotEnough
from crmlab.intervals import Z95


@dataclass(frozen=True)
class GammaGamma(SpendModel):
    """Parameters of the gamma-gamma model of spend per purchase.

    A customer's purchases vary as Gamma(`p`, ν) around a mean of their own, and ν
    varies over customers as Gamma(`q`, `v`). `v` is in the currency of the
    spend; the others have no unit.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013). The gamma-gamma model of monetary
    value. Note, brucehardie.com/notes/025.
    """

    title: ClassVar[str] = "gamma-gamma"
    p: float
    q: float
    v: float

    def scale(self, x: np.ndarray) -> np.ndarray:
        """Return the scale of spend, `v`, of customers with so many repeat purchases."""
        return np.full(len(x), self.v)

    def typical(self, x: np.ndarray) -> np.ndarray:
        """Return the mean spend over all customers; infinite unless q > 1."""
        return self.p * self.scale(x) / (self.q - 1) if self.q > 1 else np.full(len(x), np.inf)

    def personal(self, x: np.ndarray, mean: np.ndarray) -> np.ndarray:
        sure = self.p * x + self.q - 1
        return np.divide(
            self.p * (self.scale(x) + mean * x), sure, np.full(len(x), np.inf), where=sure > 0
        )

    def amounts(self, spent: Spent, places: np.ndarray, stream: Generator) -> np.ndarray:
        nu = stream.gamma(self.p * spent.seen + self.q) / (self.scale(spent.x) + spent.paid)
        return stream.gamma(self.p, size=len(places)) / nu[places]


@dataclass(frozen=True)
class ElasticGammaGamma(GammaGamma):
    """Gamma-gamma where spend depends on the number of repeat purchases.

    The scale of a customer with x repeat purchases is v x^η instead of `v`. The parameter is
    `doubling` = 2^η: the factor by which spend per purchase changes from x to twice x; 1 is
    gamma-gamma. What one spends who has no repeat purchase is never seen; the model takes it
    to be as with one. Given the history, purchases ahead and spend are independent.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013), as in `GammaGamma`, for η = 0. As spend over
    x^η follows gamma-gamma, its density and expectations carry over.
    """

    title: ClassVar[str] = "gamma-gamma with elasticity"
    doubling: float

    @property
    def elasticity(self) -> float:
        """The elasticity η: by how many percent spend changes with 1 % more repeat purchases."""
        return float(np.log2(self.doubling))

    @classmethod
    def require(cls, cells: pd.DataFrame) -> None:
        super().require(cells)
        if cells["frequency"].nunique() < 2:
            raise NotEnough(
                en="All repeat customers bought equally often: "
                "whether spend depends on that cannot be told.",
                zh="所有重复购买客户的购买次数相同，无法判断金额是否与购买次数有关。",
            )

    def scale(self, x: np.ndarray) -> np.ndarray:
        return self.v * self.doubling ** _doublings(x)


def log_likelihood(cells: pd.DataFrame) -> LogLikelihood:
    """Return the log-likelihood of these cells as a function of (p, q, v), maybe doubling too."""
    x, mean, weight = (cells[c].to_numpy() for c in [*COLUMNS, "weight"])
    log_mean, log_x, doublings = np.log(mean), np.log(x), _doublings(x)

    def evaluate(parameters: np.ndarray, /, *, curved: bool) -> tuple[float, np.ndarray, None]:  # noqa: ARG001
        p, q, v, doubling = (*parameters, 1.0)[:4]
        spread, scale = p * x + q, v * doubling**doublings
        log_scale, paid = np.log(scale), np.log(scale + x * mean)
        each = gammaln(spread) - gammaln(p * x) - gammaln(q) + p * x * (log_x + log_mean)
        value = weight @ (each - log_mean + q * log_scale - spread * paid)
        by_scale = weight * (q - spread * scale / (scale + x * mean))  # in log scale
        gradient = np.array([
            weight @ (x * (psi(spread) - psi(p * x) + log_x + log_mean - paid)),
            weight @ (psi(spread) - psi(q) + log_scale - paid),
            by_scale.sum() / v,
            by_scale @ doublings / doubling,
        ])  # fmt: skip
        return float(value), gradient[: len(parameters)], None

    return evaluate


def _doublings(x: np.ndarray) -> np.ndarray:
    """Return how often 1 is doubled to be x; none below 1."""
    return np.log2(np.maximum(x, 1))


def frequency_correlation(customers: pd.DataFrame) -> tuple[float, float, float]:
    """Return the correlation of frequency and mean spend, with its 95 % interval.

    The model assumes none. Pearson's, over `usable` customers, weighted; the
    interval is Fisher's. Missing below four customers.
    """
    table = cells(customers)
    n = table["weight"].sum()
    if n < 4 or table["frequency"].nunique() < 2 or table["monetary_value"].nunique() < 2:
        return float("nan"), float("nan"), float("nan")
    covariance = np.cov(table[COLUMNS].T, aweights=table["weight"], bias=True)
    r = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    middle, reach = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)), Z95 / np.sqrt(n - 3)
    return float(r), float(np.tanh(middle - reach)), float(np.tanh(middle + reach))


def spend_density(customers: pd.DataFrame, model: SpendModel, *, bins: int = 30) -> pd.DataFrame:
    """Return how mean spend spreads over `usable` customers, observed and by the model.

    Equal bins from 0 to the 98th percentile, indexed by their left edge ``spend``;
    ``observed`` and ``expected`` are shares of all usable customers. The model's share
    is its density at the middle, over the customers' own frequencies, times the width; it is
    missing for `PooledSpend`, which has none.
    """
    table = cells(customers)
    mean, weight = table["monetary_value"].to_numpy(), table["weight"].to_numpy()
    edges = np.linspace(0, np.quantile(mean, 0.98), bins + 1)
    observed = np.histogram(mean, edges, weights=weight)[0] / weight.sum()
    middle = (edges[:-1] + edges[1:]) / 2
    frequency = table.groupby("frequency")["weight"].sum() / weight.sum()
    expected = np.full(bins, np.nan)
    if isinstance(model, GammaGamma):
        each = np.exp(_log_density(frequency.index.to_numpy(), middle, model))
        expected = frequency.to_numpy() @ each * (edges[1] - edges[0])
    index = pd.Index(edges[:-1], name="spend")
    return pd.DataFrame({"observed": observed, "expected": expected}, index)


def _log_density(x: np.ndarray, mean: np.ndarray, model: GammaGamma) -> np.ndarray:
    """Return the log density of each mean (columns) over each number of purchases (rows)."""
    p, q, x, v = model.p, model.q, x[:, None], model.scale(x)[:, None]
    shape = gammaln(p * x + q) - gammaln(p * x) - gammaln(q)
    scale = q * np.log(v) + p * x * np.log(x * mean) - np.log(mean)
    return shape + scale - (p * x + q) * np.log(v + x * mean)
