"""Cox's partial likelihood with Efron's ties, delayed entry, strata and whole weights.

All sums over the customers at risk are differences of cumulated sums: a row is at risk
at the event times number `since` to `until - 1`, counted through all strata. Why not
statsmodels' PHReg (0.15): it has no weights, walks over rows one by one, and keeps a
row that starts at t at risk at t, so that a customer of two rows is counted twice there.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.lifecycle.fitness import clock, weights

_STEPS, _HALVINGS, _DONE = 60, 30, 1e-11
_NO_BETTER = 1e-6  # what a step promises where floating point can give no more
_SPAN = 300  # of log hazards: beyond, they cannot be summed


@dataclass(frozen=True)
class RiskSets:
    """Who is at risk when: rows of covariates against distinct event times."""

    x: np.ndarray  # covariates, a row each
    weight: np.ndarray
    observed: np.ndarray
    since: np.ndarray  # number of the first event time at which a row is at risk
    until: np.ndarray  # number after the last one
    time: np.ndarray  # of each event time
    stratum: np.ndarray  # of each event time, as a number
    deaths: np.ndarray  # at each event time, with weights

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Return, per event time, the sum of `values` over the rows at risk then."""
        ends, starts = (self._after(values, at) for at in (self.until, self.since))
        return ends - starts

    def at_events(self, values: np.ndarray) -> np.ndarray:
        """Return, per event time, the sum of `values` over the rows that have the event then."""
        return _totals(values[self.observed], self.until[self.observed] - 1, len(self.time))

    def cumulated(self, per_time: np.ndarray) -> np.ndarray:
        """Return, per row, the sum of `per_time` over the event times it is at risk."""
        total = np.concatenate([np.zeros_like(per_time[:1]), np.cumsum(per_time, axis=0)])
        return total[self.until] - total[self.since]

    def _after(self, values: np.ndarray, at: np.ndarray) -> np.ndarray:
        by_time = _totals(values, at, len(self.time) + 1)
        return np.cumsum(by_time[::-1], axis=0)[::-1][1:]


def _totals(values: np.ndarray, at: np.ndarray, size: int) -> np.ndarray:
    """Return the sums of `values` (rows, or rows by columns) for each of `size` numbers `at`."""
    if values.ndim == 1:
        return np.bincount(at, values, minlength=size)
    columns = [np.bincount(at, each, minlength=size) for each in values.T]
    return np.stack(columns, axis=1)


def risk_sets(rows: pd.DataFrame, x: np.ndarray, stratum: np.ndarray) -> RiskSets:
    """Return who is at risk when; `stratum` numbers the strata of the rows from 0."""
    start, stop = (each.to_numpy("float64") for each in clock(rows))
    observed = rows["observed"].to_numpy("bool")
    weight = weights(rows).to_numpy("float64")
    times = np.unique(stop[observed])
    # a code rises with the stratum, then with the number of event times up to a time
    first = stratum * (len(times) + 1)
    begin, end = (first + np.searchsorted(times, each, side="right") for each in (start, stop))
    codes = np.unique(end[observed])
    since, until = (np.searchsorted(codes, each, side="right") for each in (begin, end))
    deaths = np.bincount(until[observed] - 1, weight[observed], minlength=len(codes))
    at, number = np.divmod(codes, len(times) + 1)
    return RiskSets(x, weight, observed, since, until, times[number - 1], at, deaths)


@dataclass(frozen=True)
class Efron:
    """The likelihood at one set of coefficients, and what is made of it.

    Of d events at one time, the l-th (from 0) is compared with those at risk less l/d of
    the d. `nth` is the event time of each event, `part` its l/d, `mean` the covariates'
    mean among those it is compared with, `whole` the sum of their hazards.
    """

    hazard: np.ndarray  # relative to exp(shift), per row
    shift: float
    nth: np.ndarray
    part: np.ndarray
    whole: np.ndarray
    mean: np.ndarray
    log_likelihood: float
    gradient: np.ndarray
    information: np.ndarray

    def per_time(self, values: np.ndarray, size: int) -> np.ndarray:
        """Return sums of `values`, one per event, for each event time."""
        return _totals(values, self.nth, size)


def efron(sets: RiskSets, coef: np.ndarray) -> Efron:
    """Return the log partial likelihood, its gradient and information.

    References
    ----------
    Efron, B. (1977). The efficiency of Cox's likelihood function for censored data.
    Journal of the American Statistical Association 72, 557-565.
    """
    score = sets.x @ coef
    shift = float(score.max())
    hazard = np.exp(score - shift)
    own = sets.weight * hazard
    count = sets.deaths.astype("int64")
    nth = np.repeat(np.arange(len(count)), count)
    part = (np.arange(len(nth)) - np.repeat(np.cumsum(count) - count, count)) / count[nth]
    whole = sets.summed(own)[nth] - part * sets.at_events(own)[nth]
    moved = own[:, None] * sets.x
    mean = (sets.summed(moved)[nth] - part[:, None] * sets.at_events(moved)[nth]) / whole[:, None]
    seen = sets.weight * sets.observed
    met = _met(sets, nth, part, whole)
    return Efron(
        hazard, shift, nth, part, whole, mean,
        float(seen @ (score - shift) - np.log(whole).sum()),
        seen @ sets.x - mean.sum(axis=0),
        (moved * met[:, None]).T @ sets.x - mean.T @ mean,
    )  # fmt: skip


def _met(sets: RiskSets, nth: np.ndarray, part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return each row's cumulative baseline hazard, less the part of those who share its event."""
    size = len(sets.time)
    found = sets.cumulated(np.bincount(nth, 1 / whole, minlength=size))
    shared = np.bincount(nth, part / whole, minlength=size)
    found[sets.observed] -= shared[sets.until[sets.observed] - 1]
    return found


def maximise(sets: RiskSets) -> tuple[np.ndarray, Efron, bool]:
    """Return the best coefficients by Newton's steps, the likelihood there, and if it is flat."""
    coef = np.zeros(sets.x.shape[1])
    at = efron(sets, coef)
    for _ in range(_STEPS):
        try:
            step = np.linalg.solve(at.information, at.gradient)
        except np.linalg.LinAlgError:
            return coef, at, False
        promised = at.gradient @ step
        if promised < _DONE:
            return coef, at, True
        for _ in range(_HALVINGS):
            if np.ptp(sets.x @ (coef + step)) < _SPAN:
                ahead = efron(sets, coef + step)
                if ahead.log_likelihood >= at.log_likelihood:
                    break
            step = step / 2
        else:
            return coef, at, bool(promised < _NO_BETTER)
        coef, at = coef + step, ahead
    return coef, at, False


def scores(sets: RiskSets, at: Efron) -> np.ndarray:
    """Return each row's part in the gradient, with its weight: the score residuals.

    References
    ----------
    Lin, D. Y. and Wei, L. J. (1989). The robust inference for the Cox proportional
    hazards model. Journal of the American Statistical Association 84, 1074-1078.
    """
    size, each = len(sets.time), sets.until[sets.observed] - 1
    share = at.mean / at.whole[:, None]
    mean_met = sets.cumulated(at.per_time(share, size))
    mean_met[sets.observed] -= at.per_time(at.part[:, None] * share, size)[each]
    met = _met(sets, at.nth, at.part, at.whole)
    found = -at.hazard[:, None] * (met[:, None] * sets.x - mean_met)
    found[sets.observed] += schoenfeld(sets, at)
    return sets.weight[:, None] * found


def schoenfeld(sets: RiskSets, at: Efron) -> np.ndarray:
    """Return, for each row with an event, its covariates less their mean among those at risk."""
    each = sets.until[sets.observed] - 1
    mean = at.per_time(at.mean, len(sets.time)) / sets.deaths[:, None]
    return sets.x[sets.observed] - mean[each]
