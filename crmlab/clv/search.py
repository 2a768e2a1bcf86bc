"""Maximum likelihood for positive parameters: the search, and whether it found anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from scipy.optimize import minimize

from crmlab.errors import NotEnough

FAR = 12.0  # a parameter beyond e^±12 (about 160,000 times 1) has no finite best value
VAGUE = 7.0  # a standard error of a log parameter, a factor of 1,000, that says nothing
LARGE_PART = 0.3  # of a direction's unit length: the parameter moves along it
ROUNDING = 1e-12  # so much of a sum of logarithms may be rounding
LONG, CLOSE = 1.0, 0.1  # steps of a first search: the longest, and the last
NEARLY = 1e-6  # after a Newton step so short, the next one would be about 1e-12


class LogLikelihood(Protocol):
    """A log-likelihood of positive parameters."""

    def __call__(
        self, parameters: np.ndarray, /, *, curved: bool
    ) -> tuple[float, np.ndarray, np.ndarray | None]:
        """Return value, gradient and, if `curved` is asked for and known, the Hessian."""


class Maximum(NamedTuple):
    """Where a likelihood is largest: parameters, their covariance, its logarithm."""

    parameters: np.ndarray
    covariance: np.ndarray
    log_likelihood: float


class NoMaximum(NotEnough):
    """There is no finite best value.

    `off` tells which parameters grow (1) or vanish (-1), `reached` the log-likelihood there.
    """

    def __init__(self, off: dict[str, int], reached: float) -> None:
        self.off, self.reached = off, reached
        what = f" ({', '.join(off)})" if off else ""
        super().__init__(
            en=f"The model's parameters{what} have no finite best value: these customers do not "
            "tell them apart. More customers or a longer time would be needed.",
            zh=f"模型参数{what}没有有限的最优值：这些客户的数据不足以区分这些参数，"
            "需要更多客户或更长的观察期。",
        )


@dataclass(frozen=True)
class Point:
    """The negative log-likelihood at logarithms of parameters, with its derivatives there."""

    logs: np.ndarray
    value: float
    gradient: np.ndarray
    hessian: np.ndarray

    @cached_property
    def step(self) -> np.ndarray:
        """How far Newton's method would go back."""
        return np.linalg.lstsq(self.hessian, self.gradient, rcond=None)[0]

    def last(self) -> "Point":
        """Return where a step ends that is so short that the ground is a parabola."""
        step = self.step
        value = self.value - float(self.gradient @ step) / 2
        return Point(self.logs - step, value, np.zeros_like(step), self.hessian)

    @property
    def lowest(self) -> bool:
        """Whether the next step would be nothing, and the ground bends upwards."""
        return bool(np.linalg.eigvalsh(self.hessian)[0] > 0 and np.abs(self.step).max() < 1e-7)


def maximise(likelihood: LogLikelihood, start: np.ndarray, names: Sequence[str]) -> Maximum:
    """Maximise over positive parameters.

    The search runs on the logarithms of the parameters: from `start` to near the best, then
    Newton steps, so that equal data in other units or another order end at the same point;
    if that fails, L-BFGS-B from 1 before the Newton steps. A likelihood that does not know its
    Hessian gets one by differences of the gradient.

    Raises
    ------
    NoMaximum
        If a parameter runs off towards zero or infinity, or the maximum is so flat that
        some standard error says nothing.
    """
    found = newton(likelihood, near(likelihood, np.log(start)))
    if not found.lowest:
        found = newton(likelihood, _at(likelihood, lowest(likelihood, np.zeros(len(start)))))
    curvature, directions = np.linalg.eigh(found.hessian)
    off = {n: int(np.sign(at)) for n, at in zip(names, found.logs, strict=True) if _far(at)}
    flat = not (found.lowest and curvature[0] > VAGUE**-2)
    if flat and not off:
        along = directions[:, 0] * np.where(directions[:, 0] @ found.logs < 0, -1, 1)
        off = {
            n: int(np.sign(part))
            for n, part in zip(names, along, strict=True)
            if np.abs(part) > LARGE_PART
        }
    if off or flat:
        raise NoMaximum(off, -found.value)
    parameters = np.exp(found.logs)
    covariance = np.linalg.inv(found.hessian) * np.outer(parameters, parameters)
    return Maximum(parameters, covariance, -found.value)


def lowest(likelihood: LogLikelihood, logs: np.ndarray) -> np.ndarray:
    """Return the logarithms of parameters at which L-BFGS-B ends."""

    def down(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient, _ = likelihood(np.exp(at), curved=False)
        return -value, -gradient * np.exp(at)

    limits = [(-FAR, FAR)] * len(logs)
    for _ in range(3):  # a search that stopped in a narrow valley goes on when begun anew there
        found = minimize(down, logs, jac=True, method="L-BFGS-B", bounds=limits)
        logs = found.x
        if found.success:
            break
    return np.asarray(logs)


def newton(likelihood: LogLikelihood, here: Point) -> Point:
    """Take Newton steps as long as they go down; return where they end."""
    for _ in range(8):
        step, length = here.step, np.abs(here.step).max()
        if not length >= NEARLY or _far(here.logs - step).any():
            break  # there already, or about to run off
        there = _at(likelihood, here.logs - step)
        if not there.value <= here.value + ROUNDING * abs(here.value):
            break
        here = there
    return here.last() if np.abs(here.step).max() < NEARLY else here


def near(likelihood: LogLikelihood, logs: np.ndarray) -> Point:
    """Return a point near the best, by Newton steps that always go down.

    The Hessian's eigenvalues count by their size, steps are short, and halved as long as they
    go up: so a start far off does no harm. Without a Hessian, they are L-BFGS-B's.

    References
    ----------
    Nocedal, J. and Wright, S. J. (2006). Numerical Optimization, 2nd ed., section 3.4. Springer.
    """
    value, gradient, hessian = likelihood(np.exp(logs), curved=True)
    if hessian is None:
        return _at(likelihood, lowest(likelihood, logs))
    here = _point(logs, value, gradient, hessian)
    for _ in range(20):
        curvature, axes = np.linalg.eigh(here.hessian)
        size = np.maximum(np.abs(curvature), 1e-6 * np.abs(curvature).max())
        step = axes @ (axes.T @ here.gradient / size)
        length = np.abs(step).max()
        if not length >= CLOSE:
            break
        step = step * min(1, LONG / length)
        for _ in range(5):
            there = _at(likelihood, here.logs - step)
            if there.value < here.value:
                break
            step = step / 2
        else:
            break
        here = there
        if _far(here.logs).any():
            break
    return here


def _far(logs: np.ndarray) -> np.ndarray:
    return np.abs(logs) > FAR - 1


def _at(likelihood: LogLikelihood, logs: np.ndarray) -> Point:
    value, gradient, hessian = likelihood(np.exp(logs), curved=True)
    if hessian is None:
        return Point(logs, -value, -gradient * np.exp(logs), _hessian(likelihood, logs))
    return _point(logs, value, gradient, hessian)


def _point(logs: np.ndarray, value: float, gradient: np.ndarray, hessian: np.ndarray) -> Point:
    """Return the point, its derivatives taken to the logarithms of the parameters."""
    parameters = np.exp(logs)
    slope = -gradient * parameters
    bent = np.diag(slope) - hessian * np.outer(parameters, parameters)
    return Point(logs, -value, slope, bent)


def _hessian(likelihood: LogLikelihood, logs: np.ndarray, width: float = 1e-4) -> np.ndarray:
    """Return the Hessian by central differences of the exact gradient."""

    def slope(at: np.ndarray) -> np.ndarray:
        return -likelihood(np.exp(at), curved=False)[1] * np.exp(at)

    rows = [slope(logs + d) - slope(logs - d) for d in width * np.eye(len(logs))]
    found = np.array(rows) / (2 * width)
    return (found + found.T) / 2
