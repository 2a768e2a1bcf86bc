"""A hidden Markov model of purchases: states that nobody sees, each with a rate of its own.

The rules of `stages` look at counts and forget that counts move by chance; the model asks
which state a customer is probably in, given all its months. **Counts** are customers ×
months since the relationship began, whole numbers, missing once it is over.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmlab.errors import DataError, NotEnough

STATES = ("state_low", "state_middle", "state_high")
_STEPS, _DONE = 500, 1e-7  # of EM; the gain per observation at which it ends
_STAYING = (0.6, 0.8, 0.95)  # chances to stay with which EM begins


@dataclass(frozen=True)
class HiddenStates:
    """A fitted model; states are numbered by their rate, the lowest first.

    `rates` are purchases a month in each state, `moves` the chances to go from each state
    (row) to each other in a month, `first` those of the state in which one begins.
    """

    rates: np.ndarray
    moves: np.ndarray
    first: np.ndarray
    log_likelihood: float
    observations: int

    @property
    def names(self) -> list[str]:
        """Codes of the states: `STATES` if there are three, else ``state_1`` and so on."""
        k = len(self.rates)
        return list(STATES) if k == len(STATES) else [f"state_{j + 1}" for j in range(k)]

    @property
    def rate(self) -> pd.Series:
        """Purchases a month, by state."""
        return pd.Series(self.rates, pd.Index(self.names, name="hidden_state"), name="rate")

    @property
    def bic(self) -> float:
        """Schwarz's criterion: smaller is better."""
        k = len(self.rates)
        return (k * k + k - 1) * np.log(self.observations) - 2 * self.log_likelihood


def monthly_counts(lives: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """Return purchases in each whole month of each customer's first contract.

    Parameters
    ----------
    lives : DataFrame
        From `contract_lives`.
    panel : DataFrame
        ``customer_id``, ``period`` (first day of a month), ``purchases``.

    Returns
    -------
    DataFrame
        Customers × months, 1 being the first whole one; missing from the month on in which
        the contract ends. Customers without a whole month are left out.
    """
    first = lives[lives["nth"] == 1].set_index("customer_id")
    began, ended = (first[c].dt.to_period("M").astype("int64") for c in ("began_on", "ended_on"))
    last = ended - began - 1 + (first["ended_on"].dt.is_month_end & ~first["observed"])
    known = panel[panel["customer_id"].isin(first.index)]
    month = known["period"].dt.to_period("M").astype("int64") - known["customer_id"].map(began)
    table = known.assign(month=month).pivot_table("purchases", "customer_id", "month", "sum")
    span = pd.RangeIndex(1, max(int(last.max()), 0) + 1, name="month")
    table = table.reindex(index=first.index, columns=span).fillna(0.0)
    there = span.to_numpy() <= last.to_numpy()[:, None]
    return table.where(there)[there.any(axis=1)]


def hidden_states(
    counts: pd.DataFrame,
    states: int = 3,
    weight: pd.Series | None = None,
    *,
    begin: HiddenStates | None = None,
) -> HiddenStates:
    """Fit the model by the EM algorithm of Baum and Welch, all customers at once.

    Parameters
    ----------
    counts : DataFrame
        Customers × months; the first month must be known, later ones may be missing.
    states : int
        How many, 2 or more.
    weight : Series, optional
        How many customers a row stands for.
    begin : HiddenStates, optional
        A model to begin from, such as that of all customers when some are left out; else EM
        begins at several, and the best end is kept.

    Raises
    ------
    ValueError
        If `states` is below 2.
    DataError
        If a count is no whole number from 0, or a customer's first month is missing.
    NotEnough
        If there are fewer different counts than states.

    References
    ----------
    Baum, L. E., Petrie, T., Soules, G. and Weiss, N. (1970). A maximization technique.
    Annals of Mathematical Statistics 41, 164-171.
    Netzer, O., Lattin, J. M. and Srinivasan, V. (2008). A hidden Markov model of customer
    relationship dynamics. Marketing Science 27, 185-204.
    """
    if states < 2:
        raise ValueError(f"states must be 2 or more, got {states}")
    y, seen = _checked(counts, states)
    n = np.ones(len(y)) if weight is None else weight.to_numpy("float64")
    starts = _starts(y[seen], states) if begin is None else [begin]
    found = [_improved(y, seen, n, start) for start in starts]
    return max(found, key=lambda model: model.log_likelihood)


def _starts(y: np.ndarray, k: int) -> list[HiddenStates]:
    """Return models to begin with: rates spread over the counts, more or less staying."""
    levels = np.quantile(y, (np.arange(k) + 0.5) / k)
    rates, same = np.maximum(levels, 0.05) * (1 + 0.05 * np.arange(k)), np.eye(k)
    return [
        HiddenStates(
            rates, stay * same + (1 - stay) / (k - 1) * (1 - same), np.full(k, 1 / k), 0, 0
        )
        for stay in _STAYING
    ]


def _checked(counts: pd.DataFrame, states: int) -> tuple[np.ndarray, np.ndarray]:
    """Return counts, 0 where missing, and where they are known."""
    y = counts.to_numpy("float64")
    seen = ~np.isnan(y)
    if not seen[:, :1].all():
        n = int((~seen[:, 0]).sum()) if y.shape[1] else len(y)
        raise DataError(
            en=f"The first month is missing for {n:,} of {len(y):,} customers.",
            zh=f"{len(y):,} 位客户中有 {n:,} 位缺少第一个月。",
        )
    if bad := int(((y[seen] < 0) | (y[seen] % 1 != 0)).sum()):
        raise DataError(
            en=f"Counts must be whole numbers from 0; {bad:,} are not.",
            zh=f"次数必须是不小于 0 的整数；有 {bad:,} 个不是。",
        )
    if (kinds := len(np.unique(y[seen]))) < states:
        raise NotEnough(
            en=f"{kinds} different counts cannot tell {states} states apart.",
            zh=f"只有 {kinds} 种不同的次数，无法区分 {states} 个状态。",
        )
    return np.where(seen, y, 0), seen


def _improved(y: np.ndarray, seen: np.ndarray, n: np.ndarray, model: HiddenStates) -> HiddenStates:
    """Return what EM makes of a beginning."""
    size = int((n[:, None] * seen).sum())
    model = replace(model, log_likelihood=-np.inf, observations=size)
    for _ in range(_STEPS):
        chance, pairs, told = _expected(y, seen, n, model)
        done = told - model.log_likelihood < _DONE * size
        weighed = n[:, None, None] * chance * seen[:, :, None]
        rates = (weighed * y[:, :, None]).sum(axis=(0, 1)) / weighed.sum(axis=(0, 1))
        first = n @ chance[:, 0] / n.sum()
        moves = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1e-300)
        if done:
            break
        model = HiddenStates(np.maximum(rates, 1e-6), moves, first, told, size)
    order = np.argsort(model.rates, kind="stable")
    both = np.ix_(order, order)
    return HiddenStates(model.rates[order], model.moves[both], model.first[order], told, size)


def _expected(
    y: np.ndarray, seen: np.ndarray, n: np.ndarray, model: HiddenStates
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return each month's chances of the states, the expected moves, and the log-likelihood.

    Forward and backward, scaled so that each month's chances add up to one; moves count up
    to a customer's last known month.
    """
    from scipy.special import gammaln

    log = y[:, :, None] * np.log(model.rates) - model.rates - gammaln(y + 1)[:, :, None]
    log = np.where(seen[:, :, None], log, 0)
    top = log.max(axis=2)
    fits = np.exp(log - top[:, :, None])
    months = y.shape[1]
    ahead, scale = np.empty_like(fits), np.empty_like(top)
    for t in range(months):
        before = ahead[:, t - 1] @ model.moves if t else model.first
        ahead[:, t] = before * fits[:, t]
        scale[:, t] = ahead[:, t].sum(axis=1)
        ahead[:, t] /= scale[:, t, None]
    back = np.ones_like(fits)
    pairs = np.zeros_like(model.moves)
    later = np.cumsum(seen[:, ::-1], axis=1)[:, ::-1] > 0
    for t in range(months - 2, -1, -1):
        onward = fits[:, t + 1] * back[:, t + 1] / scale[:, t + 1, None]
        back[:, t] = onward @ model.moves.T
        pairs += (ahead[:, t] * (n * later[:, t + 1])[:, None]).T @ onward
    return ahead * back, pairs * model.moves, float(n @ (np.log(scale) + top).sum(axis=1))


def state_chances(counts: pd.DataFrame, model: HiddenStates) -> pd.DataFrame:
    """Return each customer's chances of the states in its last known month.

    A column per state, named by the model's `names`.
    """
    y, seen = _checked(counts, 0)
    chance = _expected(y, seen, np.ones(len(y)), model)[0]
    last = seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)
    return pd.DataFrame(chance[np.arange(len(y)), last], counts.index, model.names)
