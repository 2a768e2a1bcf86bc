"""A fit to resampled customers, by Newton steps from the fit to all of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Slopes = Callable[[np.ndarray, np.ndarray], np.ndarray]
NEAR = 0.02  # standard errors: a step so short is the last one
MOST = 10  # steps after the first


@dataclass(frozen=True)
class Parts:
    """What each customer adds to the derivatives of a log-likelihood at its maximum.

    Attributes
    ----------
    theta : array, shape (k,)
        Where the maximum is.
    slopes, bends : array, shape (n, k) and (n, k, k)
        Each customer's first and second derivatives there.
    again : callable
        The slopes of some customers (their rows) at other parameters.
    """

    theta: np.ndarray
    slopes: np.ndarray
    bends: np.ndarray
    again: Slopes

    @property
    def influence(self) -> np.ndarray:
        """Return how each customer moved the parameters, shape (n, k)."""
        return self.slopes @ np.linalg.inv(-self.bends.sum(axis=0))

    def resampled(self, w: np.ndarray) -> np.ndarray:
        """Return the parameters of each resample, shape (draws, k), as if it were fitted anew.

        Newton steps from `theta`, all with the resample's own Hessian there, until one is
        shorter than a fiftieth of a standard error. Influences alone, theta + (w - 1) influence,
        are right to first order, and understate how parameters vary that the likelihood bends
        in; each further step gains an order (Andrews, 2002). They stay where steps do not get
        shorter.

        Parameters
        ----------
        w : array, shape (draws, n)
            How often each customer counts.

        References
        ----------
        Andrews, D. W. K. (2002). Higher-order improvements of a computationally attractive
        k-step bootstrap for extremum estimators. Econometrica 70(1), 119-162.
        """
        straight = self.theta + (w - 1) @ self.influence
        bends = -np.tensordot(w, self.bends, 1)
        each = zip(w, w @ self.slopes, bends, straight, strict=True)
        return np.array([self._stepped(*one) for one in each])

    def _stepped(
        self, weight: np.ndarray, slope: np.ndarray, bend: np.ndarray, straight: np.ndarray
    ) -> np.ndarray:
        if np.linalg.eigvalsh(bend).min() <= 0:
            return straight
        rows = np.flatnonzero(weight)
        step = np.linalg.solve(bend, slope)
        here, size = self.theta + step, step @ bend @ step
        for _ in range(MOST):
            if size < NEAR**2:
                break
            step = np.linalg.solve(bend, weight[rows] @ self.again(here, rows))
            if not (shorter := step @ bend @ step) < size:
                return straight
            here, size = here + step, shorter
        return here
