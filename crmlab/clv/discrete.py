"""BG/BB: customers may buy once at each opportunity, and may leave before any.

An opportunity is whatever comes round: a yearly appeal, a weekly market, a cruise.

References
----------
Fader, P. S., Hardie, B. G. S. and Shang, J. (2010). Customer-base analysis in a discrete-time
noncontractual setting. Marketing Science 29(6), 1086-1108.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from crmlab.clv.base import Terms, bending
from crmlab.clv.contract import Counted, each_period, lives, rising


class _End(NamedTuple):
    """One way a history may have ended: after `y` opportunities, for these rows."""

    rows: np.ndarray
    idle: np.ndarray  # opportunities let pass by while there
    y: np.ndarray
    gone: int  # 0: still there
    log: np.ndarray  # of its likelihood, but for what the frequency alone contributes


def _ends(p: list[Any], table: Mapping[str, np.ndarray]) -> Iterator[_End]:
    """Yield still there at T, gone just before T, and so on back to the last purchase."""
    alpha, beta, gamma, delta = p
    x, last, T = (table[name].astype(int) for name in BgBb.columns)
    top = int(T.max(initial=0))
    passed, chances, stayed, risks = (
        rising(q, top)[0] for q in (beta, alpha + beta, delta, gamma + delta)
    )
    for silent in range(int((T - last).max(initial=0)) + 1):
        rows = np.flatnonzero(T - last >= silent)
        y, gone = T[rows] - silent, int(silent > 0)
        idle = y - x[rows]
        log = passed[idle] - chances[y] + stayed[y] - risks[y + gone] + gone * np.log(gamma)
        yield _End(rows, idle, y, gone, log)


def _either(ends: Iterator[_End], n: int) -> np.ndarray:
    """Return the log-likelihood of ending in any of these ways."""
    total = np.full(n, -np.inf)
    for end in ends:
        total[end.rows] = np.logaddexp(total[end.rows], end.log)
    return total


@dataclass(frozen=True)
class BgBb(Counted):
    """Parameters of the BG/BB model, in the notation of Fader, Hardie and Shang (2010).

    At each opportunity a customer who is still there buys with a Beta(`alpha`, `beta`)
    chance; before each, one leaves for good with a Beta(`gamma`, `delta`) chance. Customers
    have ``T``, the opportunities since their first purchase, ``frequency``, at how
    many of them they bought, and ``recency``, the number of the last of these (0: none).
    """

    title: ClassVar[str] = "BG/BB"
    whole: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")
    pairs: ClassVar[dict[str, tuple[str, str]]] = {
        "buying": ("alpha", "beta"),
        "leaving": ("gamma", "delta"),
    }
    alpha: float
    beta: float
    gamma: float
    delta: float

    @classmethod
    def head(cls, p: list[Any], x: np.ndarray) -> Terms:
        """Return what the frequency alone contributes."""
        log, slope, curve = (each[x.astype(int)] for each in rising(p[0], int(x.max(initial=0))))
        return log, {0: slope}, bending(4, lambda: {(0, 0): curve})

    @classmethod
    def local(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Terms:
        """Return the log of the sum over all ways the history may have ended."""
        alpha, beta, gamma, delta = p
        n, top = len(table["T"]), int(table["T"].max(initial=0))
        total = _either(_ends(p, table), n)
        passed, chances, stayed, risks = (
            rising(q, top) for q in (beta, alpha + beta, delta, gamma + delta)
        )
        slopes = {i: np.zeros(n) for i in range(4)}
        curves = {(i, j): np.zeros(n) for i in range(4) for j in range(i, 4)}
        for rows, idle, y, gone, log in _ends(p, table):
            share = np.exp(log - total[rows])
            a, g = -chances[1][y], -risks[1][y + gone]
            by = [a, a + passed[1][idle], g + gone / gamma, g + stayed[1][y]]
            a, g = -chances[2][y], -risks[2][y + gone]
            direct = {
                (0, 0): a, (0, 1): a, (1, 1): a + passed[2][idle],
                (2, 2): g - gone / gamma**2, (2, 3): g, (3, 3): g + stayed[2][y],
            }  # fmt: skip
            for i, slope in slopes.items():
                slope[rows] += share * by[i]
            for (i, j), curve in curves.items():
                curve[rows] += share * (by[i] * by[j] + direct.get((i, j), 0.0))
        bent = {(i, j): curves[i, j] - slopes[i] * slopes[j] for i, j in curves}
        return total, slopes, bending(4, lambda: bent)

    @classmethod
    def alive(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the chance to have been there at opportunity T; one may leave before the next."""
        there = next(_ends(p, table)).log
        return np.exp(there - _either(_ends(p, table), len(there)))

    @classmethod
    def leaving(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> tuple[float, np.ndarray]:
        """Return what is known of the chance to leave, of who was there at T."""
        return p[2], p[3] + table["T"]

    @classmethod
    def each(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Any:
        """Return the chance to buy at an opportunity."""
        return (p[0] + table["frequency"]) / (p[0] + p[1] + table["T"])

    @classmethod
    def silent(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance of no purchase: there to the end, or gone before the next one."""
        later = {**table, "recency": table["T"], "T": table["T"] + horizon}
        there = next(_ends(p, table)).log
        return np.exp(_either(_ends(p, later), len(there)) - there)

    @classmethod
    def purchases(
        cls,
        p: list[Any],
        table: Mapping[str, np.ndarray],
        horizon: int,
        stream: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw purchases ahead: for each, the place of its row and its opportunity from 1."""
        alpha, beta, gamma, delta = p
        x, T = table["frequency"], table["T"]
        here = stream.random(len(T)) < cls.alive(p, table)
        buying = stream.beta(alpha + x, beta + T - x)
        places, times = each_period(here * lives(stream.beta(gamma, delta + T), horizon, stream))
        bought = stream.random(len(places)) < buying[places]
        return places[bought], times[bought]
