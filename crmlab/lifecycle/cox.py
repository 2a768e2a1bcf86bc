"""Cox's proportional hazards: what makes customers leave sooner, as hazard ratios.

**Rows** have ``stop`` (or ``duration``), ``observed`` (the event came at ``stop``), the
covariates as numbers and, where there are any, ``start`` (at risk only after it: delayed
entry) and ``weight`` (whole; a row stands for so many). A covariate that changes with
time makes several rows of a customer, each from ``start`` to ``stop``; it must be known
at ``start``, or the model looks ahead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.intervals import Z95
from crmlab.lifecycle.fitness import covariates_ready, groups_ready, refuse, weights
from crmlab.lifecycle.partial import (
    Efron,
    RiskSets,
    efron,
    maximise,
    risk_sets,
    scores,
)

_UNBOUND = 50  # a standard error, per standard deviation of the column, that knows no bound


@dataclass(frozen=True)
class Cox:
    """A fitted model of proportional hazards.

    `hazard_ratios` is indexed by ``covariate``: ``coef``, ``standard_error``,
    ``hazard_ratio`` with its 95 % interval ``low`` and ``high``, ``p_value`` (Wald).
    `baseline` has, per stratum and event time, the ``cumulative_hazard`` and the
    ``survival`` of one whose covariates are all at `means`.
    """

    hazard_ratios: pd.DataFrame
    log_likelihood: float
    null_log_likelihood: float
    events: int
    lives: int
    means: pd.Series = field(repr=False)
    covariance: pd.DataFrame = field(repr=False)
    baseline: pd.DataFrame = field(repr=False)
    strata: str | None = None
    robust: bool = False

    @property
    def covariates(self) -> list[str]:
        return list(self.means.index)


def cox(
    rows: pd.DataFrame,
    covariates: Sequence[str],
    *,
    strata: str | None = None,
    cluster: str | None = None,
) -> Cox:
    """Fit Cox's model by partial likelihood with Efron's ties.

    Parameters
    ----------
    rows : DataFrame
        ``stop`` or ``duration`` in any one unit, ``observed``, the covariates, and
        ``start`` and ``weight`` if there are any.
    covariates : sequence of str
        Columns of numbers.
    strata : str, optional
        Column of groups that have each their own baseline hazard.
    cluster : str, optional
        Column of what belongs together, such as the customer of several events: the
        standard errors are then the robust ones.

    Raises
    ------
    ValueError
        If no covariate is named.
    DataError
        If rows or covariates have a fault: all faults at once, by column.
    NotEnough
        If a coefficient has no finite best value.

    References
    ----------
    Cox, D. R. (1972). Regression models and life-tables. Journal of the Royal
    Statistical Society B 34, 187-220.
    Lin, D. Y. and Wei, L. J. (1989). The robust inference for the Cox proportional
    hazards model. Journal of the American Statistical Association 84, 1074-1078.
    """
    if not (names := list(dict.fromkeys(covariates))):
        raise ValueError("covariates must name at least one column")
    refuse([*covariates_ready(rows, names), *groups_ready(rows, [strata, cluster])])
    sets, means, scale, labels = prepared(rows, names, strata)
    coef, at, settled = maximise(sets)
    covariance = _covariance(at, names, scale, settled=settled)
    if cluster:
        group = pd.factorize(rows[cluster])[0]
        covariance = _sandwich(covariance, scores(sets, at) * scale, group)
    slope = pd.Series(coef / scale, names)
    return Cox(
        hazard_ratios=_ratios(slope, covariance), log_likelihood=at.log_likelihood,
        null_log_likelihood=efron(sets, np.zeros(len(names))).log_likelihood,
        events=int(sets.deaths.sum()), lives=int(sets.weight.sum()), means=means,
        covariance=covariance, baseline=_baseline(sets, at, labels), strata=strata,
        robust=cluster is not None,
    )  # fmt: skip


def prepared(
    rows: pd.DataFrame, names: list[str], strata: str | None
) -> tuple[RiskSets, pd.Series, np.ndarray, pd.Index]:
    """Return the risk sets of standardised covariates, their means and scale, the strata."""
    x = rows[names].to_numpy("float64")
    weight = weights(rows)
    mean = np.average(x, axis=0, weights=weight)
    scale = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weight))
    group, labels = _strata(rows, strata)
    sets = risk_sets(rows, (x - mean) / scale, group)
    return sets, pd.Series(mean, pd.Index(names, name="covariate")), scale, labels


def _strata(rows: pd.DataFrame, strata: str | None) -> tuple[np.ndarray, pd.Index]:
    if strata is None:
        return np.zeros(len(rows), "int64"), pd.Index(["all_customers"])
    group, labels = pd.factorize(rows[strata].astype("str"), sort=True)
    return group, pd.Index(labels)


def _covariance(at: Efron, names: list[str], scale: np.ndarray, *, settled: bool) -> pd.DataFrame:
    """Return the inverse information; refuse columns whose coefficient has no bound."""
    values, vectors = np.linalg.eigh(at.information)
    inverse = (vectors / np.maximum(values, 1e-12)) @ vectors.T
    error = np.sqrt(np.diag(inverse))
    unbound = [name for name, e in zip(names, error, strict=True) if e > _UNBOUND]
    if unbound or not settled:
        told = unbound or [names[int(error.argmax())]]
        listed = ", ".join(f'"{name}"' for name in told)
        raise NotEnough(
            en=f"The events set no bound to the effect of {listed}: leave out what nearly repeats "
            f"another column, and join rare values with others.",
            zh=f"事件数据不能限定 {listed} 的效应：请去掉与其他列几乎重复的列，"
            "并把少见取值与其他取值合并。",
        )
    return pd.DataFrame(inverse / np.outer(scale, scale), names, names)


def _sandwich(naive: pd.DataFrame, residual: np.ndarray, group: np.ndarray) -> pd.DataFrame:
    by_cluster = pd.DataFrame(residual, columns=naive.columns).groupby(group).sum()
    return naive @ (by_cluster.T @ by_cluster) @ naive


def _ratios(coef: pd.Series, covariance: pd.DataFrame) -> pd.DataFrame:
    """Return coefficients and hazard ratios with Wald's interval and p value."""
    from scipy.special import ndtr

    error = np.sqrt(np.diag(covariance))
    reach = Z95 * error
    table = {
        "coef": coef, "standard_error": error, "hazard_ratio": np.exp(coef),
        "low": np.exp(coef - reach), "high": np.exp(coef + reach),
        "p_value": 2 * ndtr(-np.abs(coef / error)),
    }  # fmt: skip
    return pd.DataFrame(table).rename_axis("covariate")


def _baseline(sets: RiskSets, at: Efron, labels: pd.Index) -> pd.DataFrame:
    """Return the baseline by Efron's increments: the sum of 1 / (hazards at risk)."""
    step = np.exp(-at.shift) * np.bincount(at.nth, 1 / at.whole, minlength=len(sets.time))
    table = pd.DataFrame({"stratum": labels[sets.stratum], "time": sets.time})
    table["n_at_risk"] = np.rint(sets.summed(sets.weight)).astype("int64")
    table["events"] = sets.deaths.astype("int64")
    table["cumulative_hazard"] = pd.Series(step).groupby(sets.stratum).cumsum()
    return table.assign(survival=np.exp(-table["cumulative_hazard"]))


def log_hazard(rows: pd.DataFrame, model: Cox) -> pd.Series:
    """Return the log of each row's hazard, relative to one at the means: the risk score."""
    centred = rows[model.covariates].astype("float64") - model.means
    score = centred.to_numpy() @ model.hazard_ratios["coef"].to_numpy()
    return pd.Series(score, rows.index, name="log_hazard")


def predicted_survival(rows: pd.DataFrame, model: Cox, times: Sequence[float]) -> pd.DataFrame:
    """Return each row's chance to survive each of `times`, from zero on, covariates fixed.

    A column per time. It is missing beyond the last event time of the row's stratum,
    as nothing is known of the hazard there, and in strata that the model has not seen.
    """
    asked = np.asarray(times, dtype="float64")
    group = rows[model.strata].astype("str") if model.strata else "all_customers"
    by = {
        name: _step(part["time"].to_numpy(), part["cumulative_hazard"].to_numpy(), asked)
        for name, part in model.baseline.groupby("stratum")
    }
    hazards = pd.DataFrame.from_dict(by, orient="index")
    where = hazards.index.get_indexer(pd.Index(pd.Series(group, rows.index)))
    each = np.where((where >= 0)[:, None], hazards.to_numpy()[where], np.nan)
    return pd.DataFrame(
        np.exp(-each * np.exp(log_hazard(rows, model)).to_numpy()[:, None]), rows.index, list(times)
    )


def _step(time: np.ndarray, value: np.ndarray, asked: np.ndarray) -> np.ndarray:
    found = np.append(0.0, value)[np.searchsorted(time, asked, side="right")]
    return np.where(asked <= time[-1], found, np.nan)
