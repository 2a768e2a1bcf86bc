"""What a customer spends per purchase: gamma-gamma, with or without an elasticity, or a mean.

Money is in one currency: that of ``monetary_value``, and of `v` and `pooled`.

References
----------
Fader, P. S. and Hardie, B. G. S. (2013). The gamma-gamma model of monetary value.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import gammaln, psi

from crmlab.clv.base import Model
from crmlab.clv.cells import cells as counted
from crmlab.clv.search import LogLikelihood
from crmlab.errors import NotEnough
from crmlab.intervals import Z95

COLUMNS = ["frequency", "monetary_value"]


@dataclass(frozen=True)
class SpendModel(Model, ABC):
    """What a model of spend per purchase defines; `x` are numbers of repeat purchases."""

    columns: ClassVar[tuple[str, ...]] = ("frequency", "monetary_value")

    @classmethod
    def require(cls, cells: pd.DataFrame) -> None:
        """Refuse customers that there is nothing to fit to."""
        if cells.empty:
            raise NotEnough(
                en="No customer has repeat purchases of positive value, "
                f"so there is nothing to fit a {cls.title} model to.",
                zh=f"没有客户有金额为正的重复购买，无法拟合 {cls.title} 模型。",
            )

    @abstractmethod
    def typical(self, x: np.ndarray) -> np.ndarray:
        """Return the mean spend per purchase of all customers with so many repeat purchases."""

    @abstractmethod
    def personal(self, x: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Return the spend to expect of who spent this mean over so many repeat purchases."""

    @property
    def mean_spend(self) -> float:
        """The mean spend per purchase of who has no repeat purchase yet."""
        return float(self.typical(np.zeros(1))[0])


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


@dataclass(frozen=True)
class PooledSpend(SpendModel):
    """One mean spend per purchase for everybody: that of all repeat purchases together.

    It needs no distribution, so it is there where gamma-gamma is not. Unlike gamma-gamma it
    weighs purchases, not customers, and tells nothing about who spends more. Its error
    is that of a ratio over customers.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques, 3rd ed., equation 6.13. Wiley.
    """

    title: ClassVar[str] = "pooled mean"
    pooled: float

    @classmethod
    def require(cls, cells: pd.DataFrame) -> None:
        super().require(cells)
        if cells["weight"].sum() < 2:
            raise NotEnough(
                en="Only one customer has repeat purchases of positive value: "
                "that does not tell what customers spend.",
                zh="只有一位客户有金额为正的重复购买，无法判断客户的消费水平。",
            )

    def typical(self, x: np.ndarray) -> np.ndarray:
        return np.full(len(x), self.pooled)

    def personal(self, x: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002 - not personal
        return self.typical(x)


def usable(customers: pd.DataFrame) -> pd.Series:
    """Tell which customers the model can learn from: repeat purchases of positive value."""
    return (customers["frequency"] > 0) & (customers["monetary_value"] > 0)


def cells(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the distinct (frequency, monetary_value) of `usable` customers, with weights."""
    if lacking := [c for c in COLUMNS if c not in customers]:
        raise KeyError(
            f"customers lack {', '.join(lacking)}; they have {', '.join(map(str, customers))}"
        )
    return counted(customers[usable(customers)], COLUMNS)


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


def expected_spend(customers: pd.DataFrame, model: SpendModel) -> pd.Series:
    """Return what each customer is expected to spend per purchase.

    It lies between the customer's own mean and that of all customers who bought as often;
    the more purchases, the nearer to the own mean. Who has no repeat purchase (or only
    ones without value) gets the mean of all. In `PooledSpend`, everybody does.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``frequency`` and ``monetary_value`` (mean of the repeat purchases;
        may be missing where there are none), in the model's currency.
    model : GammaGamma, ElasticGammaGamma or PooledSpend
        Fitted parameters.

    Returns
    -------
    Series
        Named ``expected_spend``, indexed like `customers`; infinite where the
        model has no mean (q ≤ 1 without purchases, p x + q ≤ 1 with them).

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using
    iso-value curves for customer base analysis. Journal of Marketing Research
    42(4), 415-430, equation 5.
    """
    known = usable(customers).to_numpy(bool)
    x, mean = (customers[c].to_numpy("float64", na_value=np.nan) for c in COLUMNS)
    expected = model.typical(x)
    expected[known] = model.personal(x[known], mean[known])
    return pd.Series(expected, customers.index, name="expected_spend")


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
