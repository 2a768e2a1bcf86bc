"""BG/NBD: how often customers buy, and whether they still do.

Times are in any one unit: that of ``recency``, ``T`` and of the parameter ``alpha``.

References
----------
Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the
easy way: an alternative to the Pareto/NBD model. Marketing Science 24(2), 275-284.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import expit, gammaln, hyp2f1, psi

from crmlab.clv.models import BgNbd, checked

COLUMNS = ["frequency", "recency", "T"]
NEAR_ONE = 1e-3  # so close to a = 1, the formula loses digits and is interpolated


def cells(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the distinct (frequency, recency, T), sorted, with how many share each."""
    table = checked(customers, COLUMNS)
    return table.groupby(COLUMNS, sort=True)["weight"].sum().reset_index()


def log_likelihood(cells: pd.DataFrame) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Return the log-likelihood of (r, alpha, a, b), with its gradient, for these cells.

    Equation 6 of Fader et al. (2005), in logarithms. Gamma functions are evaluated
    once per distinct frequency.
    """
    x, t_x, T, weight = (cells[c].to_numpy() for c in [*COLUMNS, "weight"])
    counts, which = np.unique(x, return_inverse=True)
    sums = np.bincount(which, weights=weight)
    repeat, total = x > 0, weight.sum()

    def evaluate(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha, a, b = parameters
        silent, bought = np.log(alpha + T), np.log(alpha + t_x)
        stay = -(r + x) * silent
        leave = np.where(repeat, np.log(a / (b + np.maximum(x, 1) - 1)) - (r + x) * bought, -np.inf)
        gone = expit(leave - stay)
        rates = gammaln(r + counts) - gammaln(r)
        keeps = gammaln(a + b) + gammaln(b + counts) - gammaln(b) - gammaln(a + b + counts)
        value = sums @ (rates + keeps) + total * r * np.log(alpha)
        value += weight @ np.logaddexp(stay, leave)
        shared = psi(a + b) - psi(a + b + counts)
        gradient = np.array([
            sums @ (psi(r + counts) - psi(r))
            + total * np.log(alpha)
            - weight @ (silent + gone * (bought - silent)),
            total * r / alpha
            - weight @ ((r + x) * ((1 - gone) / (alpha + T) + gone / (alpha + t_x))),
            sums @ shared + weight @ gone / a,
            sums @ (shared + psi(b + counts) - psi(b))
            - weight @ (gone / (b + np.maximum(x, 1) - 1)),
        ])  # fmt: skip
        return float(value), gradient

    return evaluate


def prob_alive(customers: pd.DataFrame, model: BgNbd) -> pd.Series:
    """Return the probability that each customer is still a customer.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``frequency`` (repeat purchases), ``recency`` (from the first purchase to
        the last) and ``T`` (from the first to today), in the model's time unit.
    model : BgNbd
        Fitted parameters.

    Returns
    -------
    Series
        Named ``prob_alive``, from 0 to 1, indexed like `customers`. It is 1
        for everyone who bought once: in this model, customers leave only
        after a repeat purchase.

    Raises
    ------
    KeyError, DataError
        If a column is absent, or holds what it cannot.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2008). Computing P(alive)
    using the BG/NBD model.
    """
    table = checked(customers, COLUMNS)
    return pd.Series(expit(-_log_odds_gone(table, model)), customers.index, name="prob_alive")


def _log_odds_gone(table: pd.DataFrame, model: BgNbd) -> np.ndarray:
    """Return the log odds of having left: minus infinity before any repeat."""
    x, t_x, T = (table[c].to_numpy() for c in COLUMNS)
    left_after_last = np.log(model.a / (model.b + np.maximum(x, 1) - 1))
    silent_since = (model.r + x) * np.log((model.alpha + T) / (model.alpha + t_x))
    return np.where(x > 0, left_after_last + silent_since, -np.inf)


def expected_purchases(
    customers: pd.DataFrame, model: BgNbd, horizon: float | np.ndarray
) -> pd.Series:
    """Return how many purchases to expect from each customer in the time ahead.

    Equation 10 of Fader et al. (2005), after Euler's transformation of the
    hypergeometric function, which neither overflows nor loses digits for
    customers with many purchases.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        As in `prob_alive`. A customer with zeros has just made the first
        purchase: then the result is the expectation for a new customer.
    model : BgNbd
        Fitted parameters.
    horizon : float or array of one per customer
        How far ahead, in the model's time unit; not negative.

    Returns
    -------
    Series
        Named ``expected_purchases``, indexed like `customers`.

    Raises
    ------
    KeyError, DataError
        If a column is absent, or holds what it cannot.
    ValueError
        If `horizon` is negative or not finite.
    """
    if not np.all((np.asarray(horizon) >= 0) & (np.asarray(horizon) < np.inf)):
        raise ValueError(f"horizon must be 0 or more and finite, got {horizon}")
    table = checked(customers, COLUMNS)
    x, T = (table[c].to_numpy() for c in ("frequency", "T"))
    ahead = (model.a + model.b + x - 1) * _thinned(x, T, model, horizon)
    alive = expit(-_log_odds_gone(table, model))
    return pd.Series(ahead * alive, customers.index, name="expected_purchases")


def _thinned(x: np.ndarray, T: np.ndarray, model: BgNbd, horizon: float | np.ndarray) -> np.ndarray:
    """Return (1 - (1-z)^e F(e+b-r, e; c; z)) / e for e = a - 1, also where e is zero."""
    e, c = model.a - 1, model.a + model.b + x - 1
    z = horizon / (model.alpha + T + horizon)
    log_rest = np.log1p(-z)
    kept = np.expm1(e * log_rest) / e if e else log_rest
    return -kept - np.exp(e * log_rest) * _series(e, model.a + model.b - 1 - model.r, c, z)


def _series(e: float, first: float, c: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return (F(first, e; c; z) - 1) / e, interpolated around its removable gap at e = 0."""
    if abs(e) > NEAR_ONE:
        return (hyp2f1(first, e, c, z) - 1) / e
    nodes = NEAR_ONE * np.array([-4.0, -2.0, 2.0, 4.0])
    values = [(hyp2f1(first, node, c, z) - 1) / node for node in nodes]
    others = [[m for m in nodes if m != node] for node in nodes]
    weights = [
        np.prod([(e - m) / (node - m) for m in rest])
        for node, rest in zip(nodes, others, strict=True)
    ]
    return sum(w * value for w, value in zip(weights, values, strict=True))
