"""Gamma-gamma: what a customer spends per purchase.

Money is in one currency: that of ``monetary_value`` and of the parameter ``v``.

References
----------
Fader, P. S. and Hardie, B. G. S. (2013). The gamma-gamma model of monetary value.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import gammaln, psi

from crmlab.clv.base import Model
from crmlab.clv.cells import cells as counted
from crmlab.clv.search import LogLikelihood
from crmlab.intervals import Z95

COLUMNS = ["frequency", "monetary_value"]


@dataclass(frozen=True)
class GammaGamma(Model):
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
    columns: ClassVar[tuple[str, ...]] = ("frequency", "monetary_value")
    p: float
    q: float
    v: float

    @property
    def mean_spend(self) -> float:
        """The mean spend per purchase over all customers; infinite unless q > 1."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")


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
    """Return the log-likelihood of these cells as a function of (p, q, v)."""
    x, mean, weight = (cells[c].to_numpy() for c in [*COLUMNS, "weight"])
    log_mean, log_x, total = np.log(mean), np.log(x), weight.sum()

    def evaluate(parameters: np.ndarray, /, *, curved: bool) -> tuple[float, np.ndarray, None]:  # noqa: ARG001
        p, q, v = parameters
        spread, paid = p * x + q, np.log(v + x * mean)
        each = gammaln(spread) - gammaln(p * x) + p * x * (log_x + log_mean) - log_mean
        value = weight @ (each - spread * paid) + total * (q * np.log(v) - gammaln(q))
        gradient = np.array([
            weight @ (x * (psi(spread) - psi(p * x) + log_x + log_mean - paid)),
            weight @ (psi(spread) - paid) + total * (np.log(v) - psi(q)),
            total * q / v - weight @ (spread / (v + x * mean)),
        ])  # fmt: skip
        return float(value), gradient, None

    return evaluate


def expected_spend(customers: pd.DataFrame, model: GammaGamma) -> pd.Series:
    """Return what each customer is expected to spend per purchase.

    It lies between the customer's own mean and that of all customers; the more
    purchases, the nearer to the own mean. Who has no repeat purchase (or only
    ones without value) gets the mean of all.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``frequency`` and ``monetary_value`` (mean of the repeat purchases;
        may be missing where there are none), in the model's currency.
    model : GammaGamma
        Fitted parameters.

    Returns
    -------
    Series
        Named ``expected_spend``, indexed like `customers`; infinite where the
        model has no mean (q ≤ 1 without purchases).

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using
    iso-value curves for customer base analysis. Journal of Marketing Research
    42(4), 415-430, equation 5.
    """
    known = usable(customers)
    x = customers["frequency"].astype("float64").where(known, 0)
    mean = customers["monetary_value"].astype("float64").where(known, 0)
    expected = model.p * (model.v + mean * x) / (model.p * x + model.q - 1)
    return expected.where(known, model.mean_spend).rename("expected_spend")


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


def spend_density(customers: pd.DataFrame, model: GammaGamma, *, bins: int = 30) -> pd.DataFrame:
    """Return how mean spend spreads over `usable` customers, observed and by the model.

    Equal bins from 0 to the 98th percentile, indexed by their left edge ``spend``;
    ``observed`` and ``expected`` are shares of all usable customers. The model's share
    is its density at the middle, over the customers' own frequencies, times the width.
    """
    table = cells(customers)
    mean, weight = table["monetary_value"].to_numpy(), table["weight"].to_numpy()
    edges = np.linspace(0, np.quantile(mean, 0.98), bins + 1)
    observed = np.histogram(mean, edges, weights=weight)[0] / weight.sum()
    middle = (edges[:-1] + edges[1:]) / 2
    frequency = table.groupby("frequency")["weight"].sum() / weight.sum()
    each = np.exp(_log_density(frequency.index.to_numpy()[:, None], middle, model))
    expected = frequency.to_numpy() @ each * (edges[1] - edges[0])
    index = pd.Index(edges[:-1], name="spend")
    return pd.DataFrame({"observed": observed, "expected": expected}, index)


def _log_density(x: np.ndarray, mean: np.ndarray, model: GammaGamma) -> np.ndarray:
    """Return the log density of the mean spend over x purchases."""
    p, q, v = model.p, model.q, model.v
    shape = gammaln(p * x + q) - gammaln(p * x) - gammaln(q)
    scale = q * np.log(v) + p * x * np.log(x * mean) - np.log(mean)
    return shape + scale - (p * x + q) * np.log(v + x * mean)
