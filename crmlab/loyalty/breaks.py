"""Least squares with breaks, searched in cross products only."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

PLACES = 41  # candidate places of a break
LEAST = 0.05  # of rows below the first break and above the last
MIDDLE = 0.15  # of rows between two breaks: a narrower zone is of no use


@dataclass(frozen=True)
class Fit:
    """A fit's sum of squares, its coefficients, and the basis's columns that it uses."""

    rss: float
    beta: np.ndarray
    columns: np.ndarray


class Basis:
    """Columns 1, x, a hinge at each place, a natural spline; and which ones a model takes."""

    def __init__(self, x: np.ndarray) -> None:
        self.x = x
        self.places = np.linspace(np.quantile(x, LEAST), np.quantile(x, 1 - LEAST), PLACES)
        self.knots = np.quantile(x, [0.05, 0.275, 0.5, 0.725, 0.95])
        self.scale = max(np.ptp(x), 1e-9)

    def columns(self, x: np.ndarray) -> np.ndarray:
        """Return the basis at `x`, divided by the range of x but for the constant."""
        hinges = np.maximum(x[:, None] - self.places, 0)
        linear = np.column_stack([x, hinges, self._spline(x)]) / self.scale
        return np.column_stack([np.ones(len(x)), linear])

    def _spline(self, x: np.ndarray) -> np.ndarray:
        """Return a natural cubic spline's columns beside 1 and x: straight beyond its ends."""
        last = self.knots[-1]
        gaps = np.maximum(last - self.knots[:-1], 1e-9)
        cubes = np.maximum(x[:, None] - self.knots, 0) ** 3
        steep = (cubes[:, :-1] - cubes[:, -1:]) / gaps
        return (steep[:, :-1] - steep[:, -1:]) / self.scale

    @cached_property
    def models(self) -> dict[str, np.ndarray]:
        """Model → the sets of columns that it may take, shape (sets, columns)."""
        below = np.searchsorted(np.sort(self.x), self.places, side="right") / len(self.x)
        one, other = np.triu_indices(PLACES, 1)
        apart = below[other] - below[one] >= MIDDLE
        apart |= not apart.any()  # nearly all rows have one value: any pair will do
        pairs = np.column_stack([one[apart], other[apart]])
        spline = 2 + PLACES + np.arange(len(self.knots) - 2)
        hinges = {
            "line": np.empty((1, 0), dtype=int),
            "one_break": 2 + np.arange(PLACES)[:, None],
            "two_breaks": 2 + pairs,
            "spline": spline[None, :],
        }
        return {
            name: np.column_stack([np.tile([0, 1], (len(sets), 1)), sets])
            for name, sets in hinges.items()
        }


def best(gram: np.ndarray, sets: np.ndarray) -> Fit:
    """Return the least-squares fit of the best of the `sets` of columns; y is the last."""
    y = len(gram) - 1
    A, b = gram[sets[:, :, None], sets[:, None, :]], gram[sets, y]
    ridge = 1e-10 * gram[0, 0] * np.eye(sets.shape[1])  # two hinges may coincide in a resample
    beta = np.linalg.solve(A + ridge, b[..., None])[..., 0]
    rss = gram[y, y] - (beta * b).sum(axis=1)
    least = int(rss.argmin())
    return Fit(float(rss[least]), beta[least], sets[least])


def slopes(fit: Fit, basis: Basis) -> np.ndarray:
    """Return the slope of each stretch of a fit with hinges, in the units of x and y."""
    return np.cumsum(fit.beta[1:]) / basis.scale


def squared_error(grams: np.ndarray, fit: Fit) -> np.ndarray:
    """Return the squared error of a fit on other rows, for each of their cross products."""
    y, c = grams.shape[-1] - 1, fit.columns
    A, b = grams[:, c[:, None], c], grams[:, c, y]
    return grams[:, y, y] - 2 * b @ fit.beta + (A @ fit.beta) @ fit.beta
