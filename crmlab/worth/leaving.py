"""Who leaves, and how that hangs on satisfaction: BG/NBD whose odds of leaving are shifted.

As in `crmlab.clv.BgNbd`, customers buy at a Gamma rate and may leave after each repeat
purchase. Here each customer's log odds of leaving are shifted by γ z and the log of the
rate by β z, with z the covariates: the effect on one and the same customer. (In
`crmlab.clv.with_covariates` it is an effect on the mean of those alike in z, which is
smaller where customers differ in what nobody sees.)
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit, gammaln, psi

from crmlab.errors import NotEnough
from crmlab.worth.steps import Parts

NODES = np.linspace(-20, 7, 28)  # log odds of leaving, over which customers differ
LOG_P, LOG_Q = -np.logaddexp(0, -NODES), -np.logaddexp(0, NODES)
LEAST = 60  # customers who bought again


@dataclass(frozen=True)
class Histories:
    """Customers as the model sees them: purchases, times in weeks, covariates in own units."""

    x: np.ndarray
    last: np.ndarray
    T: np.ndarray
    z: np.ndarray

    @classmethod
    def of(cls, customers: pd.DataFrame, z: np.ndarray) -> "Histories":
        """Return the histories of customers as `crmlab.customers.summarise` gives them."""
        x, last, T = (customers[c].to_numpy("float64") for c in ("frequency", "recency", "T"))
        return cls(x, last, T, np.asarray(z, dtype="float64"))

    def part(self, rows: np.ndarray) -> "Histories":
        """Return the histories of some customers, by their rows."""
        return Histories(self.x[rows], self.last[rows], self.T[rows], self.z[rows])


@dataclass(frozen=True)
class Leaving:
    """A fitted model: its parameters, and how each customer moved them.

    `theta` holds the logarithms of r, alpha (weeks), a, b, then for each covariate the
    effect on the log of the rate, then that on the log odds of leaving. `parts` is what
    each customer adds to the likelihood's derivatives: it fits resamples.
    """

    theta: np.ndarray
    log_likelihood: float
    parts: Parts
    histories: Histories

    def ahead(self, theta: np.ndarray, until: np.ndarray, *shifts: "Shift") -> np.ndarray:
        """Return the purchases to expect, with other parameters of the same model."""
        return purchases(theta, self.histories, until, *shifts)

    def part(self, rows: np.ndarray) -> "Leaving":
        """Return the same model, to tell of some customers only."""
        return replace(self, histories=self.histories.part(rows))


def fit(histories: Histories) -> Leaving:
    """Fit the model by maximum likelihood.

    Raises
    ------
    NotEnough
        If fewer than 60 customers bought again, or the likelihood has no maximum inside.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the
    easy way. Marketing Science 24(2), 275-284.
    """
    from scipy.optimize import minimize

    if (again := int((histories.x > 0).sum())) < LEAST:
        raise NotEnough(
            en=f"{again} customers who answered bought again; {LEAST} are needed to tell what "
            "leaving hangs on.",
            zh=f"作答的客户中有 {again} 位重复购买；要判断流失与什么有关，至少需要 {LEAST} 位。",
        )
    k = histories.z.shape[1]
    start = np.concatenate([[0, np.log(histories.T.mean() / 4), 0, 1], np.zeros(2 * k)])

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value, slopes = terms(theta, histories)
        return -float(value.sum()) / len(value), -slopes.sum(axis=0) / len(value)

    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-6})
    value, slopes = terms(found.x, histories)
    bends = _bends(found.x, histories)
    inside = np.abs(found.x[:4]).max() < 8 and (np.linalg.eigvalsh(-bends.sum(axis=0)) > 0).all()
    if not inside:
        raise NotEnough(
            en="These purchases do not tell how customers differ in buying and leaving.",
            zh="从这些购买记录看不出客户在购买和流失上有何差别。",
        )
    parts = Parts(found.x, slopes, bends, lambda theta, rows: terms(theta, histories.part(rows))[1])
    return Leaving(found.x, float(value.sum()), parts, histories)


def terms(theta: np.ndarray, histories: Histories) -> tuple[np.ndarray, np.ndarray]:
    """Return each customer's log-likelihood, and its slopes in the parameters."""
    x, z = histories.x, histories.z
    r, _, a, b = np.exp(theta[:4])
    alpha, odds = shifted(theta, z)
    grid = _grid(a, b, odds, histories)
    now, then = np.log(alpha + histories.T), np.log(alpha + histories.last)
    count = r + x
    silent = np.where(x > 0, count * (now - then), -np.inf)  # log odds of silence if gone
    left, either = _left(grid.odds + silent[:, None])
    each = grid.stay + either  # stayed, or left at the last purchase
    total, weight = _normed(each)
    value = gammaln(count) - gammaln(r) + r * np.log(alpha) - count * now + total
    gone = (weight * left).sum(axis=1)
    by_alpha = r - count * alpha * ((1 - gone) * np.exp(-now) + gone * np.exp(-then))
    by_odds = gone - x * (weight * grid.p).sum(axis=1)
    prior = grid.prior
    slopes = [
        r * (psi(count) - psi(r) + np.log(alpha) - (1 - gone) * now - gone * then),
        by_alpha,
        a * (weight @ LOG_P - prior @ LOG_P),
        b * (weight @ LOG_Q - prior @ LOG_Q),
    ]
    return value, np.column_stack([*slopes, -by_alpha[:, None] * z, by_odds[:, None] * z])


def shifted(theta: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each customer's alpha (weeks), and the shift of the log odds of leaving."""
    k = z.shape[1]
    return np.exp(theta[1] - z @ theta[4 : 4 + k]), z @ theta[4 + k :]


@dataclass(frozen=True)
class _Grid:
    """Chances to leave of each customer (rows) at each node, their log odds, what they weigh."""

    prior: np.ndarray
    p: np.ndarray
    odds: np.ndarray
    stay: np.ndarray


def _grid(a: float, b: float, odds: np.ndarray, histories: Histories) -> _Grid:
    """Return the nodes, and the logs of their weights times the chance to have stayed."""
    log_prior = a * LOG_P + b * LOG_Q
    total, prior = _normed(log_prior[None])
    own = NODES + odds[:, None]
    p, more = _left(own)
    return _Grid(prior[0], p, own, log_prior - total - histories.x[:, None] * more)


def _left(odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the chance of log odds, and the log of one plus the odds, from one exponential."""
    less = np.exp(-np.abs(odds))
    chance = np.where(odds > 0, 1.0, less) / (1 + less)
    return chance, np.maximum(odds, 0) + np.log1p(less)


def _normed(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log of each row's sum of exponentials, and their shares in it."""
    most = logs.max(axis=1, keepdims=True)
    each = np.exp(logs - most)
    total = each.sum(axis=1, keepdims=True)
    return (most + np.log(total))[:, 0], each / total


def _bends(theta: np.ndarray, histories: Histories, step: float = 1e-4) -> np.ndarray:
    """Return each customer's Hessian of the log-likelihood, by differences of its slopes."""
    found = np.empty((len(histories.x), len(theta), len(theta)))
    for k, way in enumerate(step * np.eye(len(theta))):
        found[:, k] = terms(theta + way, histories)[1] - terms(theta - way, histories)[1]
    return (found + np.swapaxes(found, 1, 2)) / (4 * step)


@dataclass(frozen=True)
class Shift:
    """What is changed from now on: the log of the rate of buying, and the log odds of leaving.

    The odds of leaving are moved for `lasting` weeks, the rate for good.
    """

    buying: float = 0.0
    odds: float = 0.0
    lasting: float = np.inf


def purchases(
    theta: np.ndarray, histories: Histories, until: np.ndarray, *shifts: Shift
) -> np.ndarray:
    r"""Return the purchases expected of each customer up to each of `until` weeks ahead.

    Those who may have left count by their chance to be there still. With rate λ and chance
    p to leave, :math:`(1-e^{-\lambda p h})/p` are expected in h weeks; λ and p are averaged
    over what the history leaves possible.

    Returns
    -------
    array, shape (shifts, customers, len(until))
    """
    alive, weight, own, odds, count, since = _now(theta, histories)
    found = np.empty((len(shifts), len(count), len(until)))
    for k, shift in enumerate(shifts):
        first = expit(odds + shift.odds) if shift.odds else own
        rate = np.exp(shift.buying) / since[:, None]
        for j, horizon in enumerate(until):
            moved = min(shift.lasting, horizon)
            gone = _leaves(first * moved * rate, count)
            total = gone / first
            if moved < horizon:
                later = _leaves((first * moved + own * (horizon - moved)) * rate, count)
                total = total + (later - gone) / own
            found[k, :, j] = alive * (weight * total).sum(axis=1)
    return found


def alive(theta: np.ndarray, histories: Histories) -> np.ndarray:
    """Return each customer's chance to be there still."""
    return _now(theta, histories)[0]


def _now(theta: np.ndarray, histories: Histories) -> tuple[np.ndarray, ...]:
    """Return who is there, the weights of chances to leave, these, their log odds, and the rate.

    The rate is Gamma with the shape and scale that come last: purchases, and weeks.
    """
    r, _, a, b = np.exp(theta[:4])
    alpha, shift = shifted(theta, histories.z)
    grid = _grid(a, b, shift, histories)
    since, last = alpha + histories.T, alpha + histories.last
    count = r + histories.x
    here, weight = _normed(grid.stay)
    left, _ = _normed(grid.stay + grid.odds)
    odds = np.where(histories.x > 0, here - left - count * np.log(since / last), np.inf)
    return expit(odds), weight, grid.p, grid.odds, count, since


def _leaves(push: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the mean of 1 - exp(-λ c), `push` being c ÷ the weeks that the rate is known by."""
    return -np.expm1(-count[:, None] * np.log1p(push))
