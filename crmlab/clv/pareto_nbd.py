"""Pareto/NBD and NBD: customers buy at their own rate; they may leave at any time, or never.

References
----------
Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers: who are
they and what will they do next? Management Science 33(1), 1-24.
Fader, P. S. and Hardie, B. G. S. (2005). A note on deriving the Pareto/NBD model and related
expressions. brucehardie.com/notes/009.
Ehrenberg, A. S. C. (1959). The pattern of consumer purchases. Applied Statistics 8(1), 26-41.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator
from scipy.special import expit

from crmlab.clv.base import PurchaseModel, Terms, buying, pausing, scattered

POINTS, SHARES = np.polynomial.legendre.leggauss(32)
TINY = np.finfo("float64").tiny
FADED = 40.0  # e^-40 of the integrand is nothing
LARGE = 500.0  # e^500 times any time is still a number


def _gone(p: list[Any], x: np.ndarray, start: Any, end: Any) -> tuple[np.ndarray, list[np.ndarray]]:
    r"""Return the log of the chance to have left between two times without a purchase since.

    It is :math:`\int (α+y)^{-(r+x)} s β^s (β+y)^{-(s+1)} dy`, by Gauss-Legendre in
    log(min(α, β) + y), cut where nothing is left; it replaces the difference of two
    hypergeometric functions, which cancel. Also the means over that time of log(α+y),
    1/(α+y), log(β+y) and 1/(β+y).
    """
    r, alpha, s, beta = p
    k, m = r + x, np.minimum(alpha, beta)
    far = (alpha + start) * np.exp(np.minimum(FADED / k, LARGE)) - alpha
    gone = (beta + start) * np.exp(min(FADED / (s + 1), LARGE)) - beta
    width = np.log1p((np.minimum(np.minimum(end, far), gone) - start) / (m + start))
    total: Any = 0.0
    means: list[Any] = [0.0] * 4
    for point, share in zip((POINTS + 1) / 2, SHARES / 2, strict=True):
        w = point * width
        y = start + (m + start) * np.expm1(w)
        a, b = np.log((alpha + y) / (alpha + start)), np.log((beta + y) / (beta + start))
        each = share * np.exp(w - k * a - (s + 1) * b)
        total = total + each
        for place, value in enumerate((a, 1 / (alpha + y), b, 1 / (beta + y))):
            means[place] = means[place] + each * value
    with np.errstate(divide="ignore"):
        log = np.log(total * width * (m + start)) + np.log(s) + s * np.log(beta)
    log = log - k * np.log(alpha + start) - (s + 1) * np.log(beta + start)
    found = [mean / total for mean in means]
    found[0], found[2] = found[0] + np.log(alpha + start), found[2] + np.log(beta + start)
    return log, found


def _stay(p: list[Any], table: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the log of the chance to be there at T, without a purchase since the last."""
    r, alpha, s, beta = p
    T = table["T"]
    return -(r + table["frequency"]) * np.log(alpha + T) + s * np.log(beta / (beta + T))


@dataclass(frozen=True)
class ParetoNbd(PurchaseModel):
    """Parameters of the Pareto/NBD model, in the notation of Fader and Hardie (2005).

    A customer buys at a Gamma(`r`, `alpha`) rate and leaves at a Gamma(`s`, `beta`)
    rate, at any time. `alpha` and `beta` are in the time unit of the customers.
    """

    title: ClassVar[str] = "Pareto/NBD"
    in_unit: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    r: float
    alpha: float
    s: float
    beta: float

    @classmethod
    def head(cls, p: list[Any], x: np.ndarray) -> Terms:
        """Return what the frequency alone contributes."""
        return buying(p[0], p[1], x)

    @classmethod
    def local(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Terms:
        """Return log(stay + leave): still there at T, or gone since the last purchase."""
        r, alpha, s, beta = p
        x, T = table["frequency"], table["T"]
        stay = _stay(p, table)
        leave, (log_a, one_a, log_b, one_b) = _gone(p, x, table["recency"], T)
        gone = expit(leave - stay)
        there = 1 - gone
        slopes = {
            0: -there * np.log(alpha + T) - gone * log_a,
            1: -(r + x) * (there / (alpha + T) + gone * one_a),
            2: np.log(beta) - there * np.log(beta + T) + gone * (1 / s - log_b),
            3: s / beta - there * s / (beta + T) - gone * (s + 1) * one_b,
        }
        return np.logaddexp(stay, leave), slopes, None

    @classmethod
    def alive(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return P(alive)."""
        leave, _ = _gone(p, table["frequency"], table["recency"], table["T"])
        return expit(_stay(p, table) - leave)

    @classmethod
    def ahead(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the purchases expected from who is alive: equation 41 of the note."""
        r, alpha, s, beta = p
        x, T = table["frequency"], table["T"]
        fall, e = -np.log1p(horizon / (beta + T)), s - 1
        lasting = -np.expm1(e * fall) / e if e else -fall
        return (r + x) / (alpha + T) * (beta + T) * lasting

    @classmethod
    def silent(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance of no purchase: there to the end, or gone before the next one."""
        end = table["T"] + horizon
        stay = _stay(p, {**table, "T": end})
        leave, _ = _gone(p, table["frequency"], table["T"], end)
        return np.exp(np.logaddexp(stay, leave) - _stay(p, table))

    @classmethod
    def staying(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance to be alive at the end: a Pareto distribution's survival."""
        return np.exp(-p[2] * np.log1p(horizon / (p[3] + table["T"])))

    @classmethod
    def purchases(
        cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any, stream: Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw who is alive, each one's rate and time of leaving, and the purchases before it."""
        r, alpha, s, beta = p
        x, T = table["frequency"], table["T"]
        alive = stream.random(len(x)) < cls.alive(p, table)
        rates = stream.gamma(r + x) / (alpha + T)
        leaving = np.maximum(stream.gamma(s, size=len(x)), TINY) / (beta + T)
        spans = np.minimum(stream.exponential(size=len(x)) / leaving, horizon) * alive
        return scattered(stream.poisson(rates * spans), spans, stream)


@dataclass(frozen=True)
class Nbd(PurchaseModel):
    """Parameters of the NBD model: a Gamma(`r`, `alpha`) rate of buying, and nobody ever leaves.

    The null against which the others are held. `alpha` is in the time unit of the customers.
    """

    title: ClassVar[str] = "NBD"
    in_unit: ClassVar[tuple[str, ...]] = ("alpha",)
    r: float
    alpha: float

    @classmethod
    def head(cls, p: list[Any], x: np.ndarray) -> Terms:
        """Return what the frequency alone contributes."""
        return buying(p[0], p[1], x)

    @classmethod
    def local(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Terms:
        """Return the chance of no purchase but those that came."""
        r, alpha = p
        x, since = table["frequency"], alpha + table["T"]
        curves = {(0, 1): -1 / since, (1, 1): (r + x) / since**2}
        return -(r + x) * np.log(since), {0: -np.log(since), 1: -(r + x) / since}, curves

    @classmethod
    def alive(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> np.ndarray:  # noqa: ARG003
        """Return 1 for all: nobody leaves, whatever the parameters."""
        return np.ones_like(table["T"])

    @classmethod
    def ahead(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the expected rate times the horizon."""
        return (p[0] + table["frequency"]) / (p[1] + table["T"]) * horizon

    @classmethod
    def silent(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance of no purchase: the zero term of an NBD."""
        return pausing(p, table, horizon)

    @classmethod
    def staying(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:  # noqa: ARG003
        """Return 1 for all: nobody leaves."""
        return np.ones_like(table["T"])

    @classmethod
    def purchases(
        cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any, stream: Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw each one's rate, and the purchases."""
        rates = stream.gamma(p[0] + table["frequency"]) / (p[1] + table["T"])
        spans = np.broadcast_to(horizon, rates.shape)
        return scattered(stream.poisson(rates * spans), spans, stream)
