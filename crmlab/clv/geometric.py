"""BG/NBD and MBG/NBD: customers buy at their own rate, and may leave after a purchase.

Times are in any one unit: that of ``recency``, ``T`` and of the parameter ``alpha``. The two
models differ in one thing: in MBG/NBD a customer may already leave after the first purchase.

References
----------
Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the
easy way: an alternative to the Pareto/NBD model. Marketing Science 24(2), 275-284.
Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and
comparison of models for customer base analysis. International Journal of Research
in Marketing 24(3), 201-209.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator
from scipy.special import expit, exprel, gammaln, hyp2f1, psi, zeta

from crmlab.clv.base import (
    Curves,
    PurchaseModel,
    Terms,
    bending,
    buying,
    pausing,
    scattered,
)

TINY = np.finfo("float64").tiny
NEAR_ONE = 1e-3  # so close to a = 1, the formula loses digits and is interpolated


class _Geometric(PurchaseModel):
    """What the two models share; `at_first` tells whether the first purchase may be the last."""

    at_first: ClassVar[int] = 0
    in_unit: ClassVar[tuple[str, ...]] = ("alpha",)
    moved: ClassVar[dict[str, tuple[int, int]]] = {"buying": (1, -1), "leaving": (2, 1)}
    pairs: ClassVar[dict[str, tuple[str, str]]] = {"buying": ("r", "alpha"), "leaving": ("a", "b")}

    @classmethod
    def head(cls, p: list[Any], x: np.ndarray) -> Terms:
        """Return equation 6 of Fader et al. (2005) but for what depends on time."""
        r, alpha, a, b = p
        n = x + cls.at_first
        value, slopes, rates = buying(r, alpha, x)
        value = value + gammaln(a + b) - gammaln(a + b + n) + gammaln(b + n) - gammaln(b)
        shared = psi(a + b) - psi(a + b + n)
        slopes |= {2: shared, 3: shared + psi(b + n) - psi(b)}

        def curves() -> Curves:
            both = zeta(2, a + b) - zeta(2, a + b + n)
            own = zeta(2, b + n) - zeta(2, b)
            return rates() | {(2, 2): both, (2, 3): both, (3, 3): both + own}

        return value, slopes, bending(4, curves)

    @classmethod
    def local(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Terms:
        """Return log(stay + leave): still there at T, or gone after the last purchase."""
        r, alpha, a, b = p
        x = table["frequency"]
        k, n = r + x, x + cls.at_first
        now, last = 1 / (alpha + table["T"]), 1 / (alpha + table["recency"])
        rest = 1 / (b + np.maximum(n, 1) - 1)
        silent, log_now = np.log(last / now), np.log(now)
        odds = np.where(n > 0, np.log(a * rest) + k * silent, -np.inf)
        small = np.exp(-np.abs(odds))
        gone = np.where(odds > 0, 1, small) / (1 + small)
        value = k * log_now + np.maximum(odds, 0) + np.log(1 + small)
        later = now - last
        by = [silent, k * later, np.broadcast_to(1 / a, x.shape), -rest]  # slopes of `odds`
        slopes = {
            0: log_now + gone * by[0], 1: gone * by[1] - k * now,
            2: gone * by[2], 3: gone * by[3],
        }  # fmt: skip

        def bend(weight: np.ndarray) -> np.ndarray:
            known, left = np.array(by), weight * gone
            total = (known * (left * (1 - gone))) @ known.T
            total[0, 1] += left @ later - weight @ now
            total[1, 0] = total[0, 1]
            total[1, 1] += (weight * k) @ now**2 - (left * k) @ (now**2 - last**2)
            total[2, 2] -= left.sum() / a**2
            total[3, 3] += left @ rest**2
            return total

        return value, slopes, bend

    @classmethod
    def alive(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return P(alive)."""
        r, alpha, a, b = p
        x = table["frequency"]
        n = x + cls.at_first
        silent = (r + x) * np.log((alpha + table["T"]) / (alpha + table["recency"]))
        odds = np.where(n > 0, np.log(a / (b + np.maximum(n, 1) - 1)) + silent, -np.inf)
        return expit(-odds)

    @classmethod
    def ahead(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the purchases expected from who is alive: equation 10 of Fader et al. (2005).

        After Euler's transformation of the hypergeometric function, which neither overflows
        nor loses digits for customers with many purchases.
        """
        r, alpha, a, b = p
        c = a + b + table["frequency"] + cls.at_first - 1
        z = horizon / (alpha + table["T"] + horizon)
        return c * _thinned(a - 1, a + b + cls.at_first - 1 - r, c, z)

    @classmethod
    def silent(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance of no purchase: who is alive leaves only after the next one."""
        return pausing(p, table, horizon)

    @classmethod
    def staying(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance to be alive at the end: the mean of exp(-λpt), as each leaves at λp.

        Over the rate it is (A / (A + pt))^(r+x) with A = α + T; over p, a hypergeometric
        function, here after Pfaff's transformation.
        """
        r, alpha, a, b = p
        x, since = table["frequency"], alpha + table["T"]
        c = a + b + x + cls.at_first
        z = horizon / (since + horizon)
        return (1 - z) ** a * hyp2f1(a, c - r - x, c, z)

    @classmethod
    def purchases(
        cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any, stream: Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw who is alive, each one's rate and chance to leave, and stop at the last purchase."""
        r, alpha, a, b = p
        x = table["frequency"]
        alive = stream.random(len(x)) < cls.alive(p, table)
        rates = stream.gamma(r + x) / (alpha + table["T"])
        leaving = np.maximum(stream.beta(a, b + x + cls.at_first), TINY)
        spans = np.broadcast_to(horizon, x.shape)
        counts = stream.poisson(rates * spans) * alive
        places, times = scattered(counts, spans, stream)
        number = np.arange(len(places)) - (np.cumsum(counts) - counts)[places]
        kept = number < stream.geometric(leaving)[places]
        return places[kept], times[kept]


@dataclass(frozen=True)
class BgNbd(_Geometric):
    """Parameters of the BG/NBD model, in the notation of Fader et al. (2005).

    A customer buys at a Gamma(`r`, `alpha`) rate and, after each repeat purchase,
    leaves for good with a Beta(`a`, `b`) probability. `alpha` is in the time
    unit of the customers (weeks by default); the others have no unit.
    """

    title: ClassVar[str] = "BG/NBD"
    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class MbgNbd(_Geometric):
    """Parameters of the MBG/NBD model, in the notation of Batislam et al. (2007).

    As `BgNbd`, but a customer may also leave after the first purchase: who bought
    once is not alive for certain.
    """

    title: ClassVar[str] = "MBG/NBD"
    at_first: ClassVar[int] = 1
    r: float
    alpha: float
    a: float
    b: float


def _thinned(e: Any, first: Any, c: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return (1 - (1-z)^e F(first, e; c; z)) / e, also where e is zero."""
    log_rest = np.log1p(-z)
    kept = log_rest * exprel(e * log_rest)
    return -kept - np.exp(e * log_rest) * _series(e, first, c, z)


def _series(e: Any, first: Any, c: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return (F(first, e; c; z) - 1) / e, interpolated around its removable gap at e = 0."""
    near = np.abs(e) <= NEAR_ONE
    if not np.any(near):
        return (hyp2f1(first, e, c, z) - 1) / e
    if not np.all(near):
        each = np.broadcast_arrays(e, first, c, z)
        found = np.empty(each[0].shape)
        for rows in (near, ~near):
            found[rows] = _series(*(values[rows] for values in each))
        return found
    nodes = NEAR_ONE * np.array([-4.0, -2.0, 2.0, 4.0])
    values = [(hyp2f1(first, node, c, z) - 1) / node for node in nodes]
    others = [[m for m in nodes if m != node] for node in nodes]
    weights = [
        np.prod([(e - m) / (node - m) for m in rest], axis=0)
        for node, rest in zip(nodes, others, strict=True)
    ]
    return sum(w * value for w, value in zip(weights, values, strict=True))
