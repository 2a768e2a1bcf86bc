"""The discrete-time hazard: the chance to leave in a period of those still there.

For customers who can leave once per period, as at a monthly bill. **Lives** have
``duration`` in whole periods (the event, or censoring, comes in that period),
``observed``, and ``start`` if they are seen only from the period after it. Each life
becomes a row per period at risk, a **person-period**, and the event a yes or no there.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from crmlab.errors import DataError, NotEnough
from crmlab.intervals import Z95, wilson
from crmlab.lifecycle.fitness import (
    clock,
    columns_ready,
    covariates_ready,
    refuse,
    separated,
    weights,
)

Link = Literal["logit", "cloglog"]
_UNBOUND = 50  # a standard error, per standard deviation of the column, that knows no bound


@dataclass(frozen=True)
class DiscreteHazard:
    """A fitted hazard per period.

    `effects` is indexed by ``covariate``: ``coef``, ``standard_error``, ``ratio`` with its
    95 % interval ``low`` and ``high``, ``p_value`` (Wald). The ratio is of odds with the
    link ``logit``, of hazards with ``cloglog``. `baseline` is indexed by ``period``:
    ``hazard`` and ``survival`` of one whose covariates are all zero.
    """

    link: Link
    effects: pd.DataFrame
    log_likelihood: float
    baseline: pd.DataFrame = field(repr=False)

    @property
    def covariates(self) -> list[str]:
        return list(self.effects.index)


def person_periods(lives: pd.DataFrame) -> pd.DataFrame:
    """Return a row per life and period at risk, from the one after ``start`` to the last.

    Parameters
    ----------
    lives : DataFrame
        ``duration`` (whole periods), ``observed``, ``start`` if there is one (0 without),
        and any other columns, which are kept.

    Returns
    -------
    DataFrame
        The other columns, ``period`` (from 1) and ``observed``, whether the event came in
        that period. Rows keep the index of their life.

    Raises
    ------
    DataError
        If a duration is no whole number, or does not come after the start.

    References
    ----------
    Allison, P. D. (1982). Discrete-time methods for the analysis of event histories.
    Sociological Methodology 13, 61-98.
    """
    refuse(covariates_ready(lives, []))
    start, stop = clock(lives)
    if ((stop % 1 != 0) | (start % 1 != 0)).any():
        raise DataError(
            en="Durations and starts must be whole numbers of periods.",
            zh="时长与起点必须是整数个期间。",
        )
    count = (stop - start).astype("int64").to_numpy()
    first = np.cumsum(count) - count
    nth = np.arange(count.sum()) - np.repeat(first, count)
    each = lives.drop(columns=["start", "stop", "duration", "observed"], errors="ignore")
    rows = each.iloc[np.repeat(np.arange(len(lives)), count)]
    last = nth == np.repeat(count - 1, count)
    period = np.repeat(start.astype("int64").to_numpy(), count) + nth + 1
    return rows.assign(
        period=period, observed=last & np.repeat(lives["observed"].to_numpy("bool"), count)
    )


def discrete_hazard(
    periods: pd.DataFrame, covariates: Sequence[str] = (), *, link: Link = "logit"
) -> DiscreteHazard:
    """Fit the hazard with a level of its own in each period.

    Parameters
    ----------
    periods : DataFrame
        ``period``, ``observed`` (from `person_periods`), the covariates, which may change
        from period to period, and ``weight`` if a row stands for several.
    covariates : sequence of str
        Columns of numbers.
    link : {"logit", "cloglog"}
        ``logit``: proportional odds, for time that is discrete. ``cloglog``: hazards are
        proportional in continuous time, and periods are only how it is recorded; its
        coefficients are then those of Cox's model.

    Raises
    ------
    DataError
        If covariates have a fault: all faults at once, by column.
    NotEnough
        If the covariates together tell exactly who has the event, or no period has both
        rows with it and without.

    Notes
    -----
    A period in which nobody, or everybody, had the event has the hazard 0 or 1, and
    tells nothing of covariates. Its rows are left out of the fit.

    References
    ----------
    Prentice, R. L. and Gloeckler, L. A. (1978). Regression analysis of grouped survival
    data with application to breast cancer data. Biometrics 34, 57-67.
    Singer, J. D. and Willett, J. B. (1993). It's about time: using discrete-time
    survival analysis. Journal of Educational Statistics 18, 155-195.
    """
    if link not in get_args(Link):
        raise ValueError(f"link must be one of {get_args(Link)}, got {link!r}")
    names = list(dict.fromkeys(covariates))
    refuse(columns_ready(periods, ["period", "observed"]))
    by_period = periods["observed"].astype("float64").groupby(periods["period"]).mean()
    told = periods[periods["period"].map(by_period.between(0, 1, inclusive="neither"))]
    _check(told, names)
    each, centre = _counted(told, names)
    fitted = _fitted(each, names, link)
    level = pd.Series(fitted.params[len(names) :], np.sort(each["period"].unique()))
    slope = pd.Series(fitted.params[: len(names)], names)
    hazard = (
        _inverse(level - float(slope.to_numpy() @ centre.to_numpy()), link)
        .reindex(by_period.index)
        .fillna(by_period)
    )
    baseline = pd.DataFrame({"hazard": hazard, "survival": (1 - hazard).cumprod()})
    error = pd.Series(fitted.bse[: len(names)], names)
    return DiscreteHazard(link, _effects(slope, error), float(fitted.llf), baseline)


def _check(told: pd.DataFrame, names: list[str]) -> None:
    """Raise one DataError with all faults of the person-periods that tell of covariates.

    NotEnough if there are none.
    """
    if told.empty:
        raise NotEnough(
            en="In no period did some have the event and others not: there is nothing to fit.",
            zh="没有任何期间同时有发生与未发生事件的客户：无法拟合。",
        )
    lives = told.assign(start=0, stop=1)
    faults = [f for f in covariates_ready(lives, names) if f.code != "separation"]
    sound = not any(f.level == "not_enough" for f in faults)
    refuse([*faults, *(separated(told, names) if sound else [])])


def _counted(told: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    """Return distinct rows with how many they stand for, covariates centred, and the centre."""
    keys = ["period", "observed", *names]
    each = told[keys].assign(rows=weights(told)).groupby(keys, as_index=False)["rows"].sum()
    centre = each[names].mul(each["rows"], axis=0).sum() / each["rows"].sum()
    return each.assign(**{name: each[name] - centre[name] for name in names}), centre


def _fitted(each: pd.DataFrame, names: list[str], link: Link) -> Any:
    """Return statsmodels' fit, with a column per period after the covariates."""
    from statsmodels.genmod.families import Binomial, links
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

    levels = pd.get_dummies(each["period"], dtype="float64")
    x = np.hstack([each[names].to_numpy("float64"), levels.to_numpy()])
    family = Binomial(link=links.Logit() if link == "logit" else links.CLogLog())
    event, rows = each["observed"].to_numpy("float64"), each["rows"].to_numpy("float64")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        for kind in (ConvergenceWarning, PerfectSeparationWarning):
            warnings.simplefilter("error", kind)
        try:
            fitted = GLM(event, x, family, freq_weights=rows).fit(tol=1e-12, maxiter=100)
            if (fitted.bse[: len(names)] * x[:, : len(names)].std(axis=0) < _UNBOUND).all():
                return fitted
            raise PerfectSeparationWarning  # noqa: TRY301 - found out after the fit
        except (ConvergenceWarning, PerfectSeparationWarning):
            raise NotEnough(
                en="The covariates together tell exactly who has the event: leave one out.",
                zh="这些协变量合起来可以精确判定谁发生事件：请去掉其中一个。",
            ) from None


def _inverse(score: pd.Series, link: Link) -> pd.Series:
    from scipy.special import expit

    chance = expit(score) if link == "logit" else -np.expm1(-np.exp(score))
    return pd.Series(chance, score.index)


def _effects(slope: pd.Series, error: pd.Series) -> pd.DataFrame:
    from scipy.special import ndtr

    table = {
        "coef": slope, "standard_error": error, "ratio": np.exp(slope),
        "low": np.exp(slope - Z95 * error), "high": np.exp(slope + Z95 * error),
        "p_value": 2 * ndtr(-np.abs(slope / error)),
    }  # fmt: skip
    return pd.DataFrame(table).rename_axis("covariate")


def predicted_hazard(periods: pd.DataFrame, model: DiscreteHazard) -> pd.Series:
    """Return each person-period's chance of the event; missing in periods not fitted.

    `periods` has ``period`` and the covariates of `model`; a period in which nobody, or
    everybody, had the event keeps its hazard of 0 or 1.
    """
    level = periods["period"].map(model.baseline["hazard"])
    moved = periods[model.covariates].to_numpy("float64") @ model.effects["coef"].to_numpy()
    if model.link == "logit":
        odds = level / (1 - level).where(level < 1)
        found = 1 - 1 / (1 + odds * np.exp(moved))
    else:
        found = 1 - (1 - level) ** np.exp(moved)
    return found.mask(level == 1, 1.0).rename("hazard")


def seen_hazard(periods: pd.DataFrame, width: int = 3) -> pd.DataFrame:
    """Return the share of person-periods with the event, for every `width` periods.

    Indexed by ``period_from``, the first of them: ``n_at_risk`` (person-periods), ``events``,
    ``hazard`` a period with Wilson's ``low`` and ``high``. `periods` is as for
    `discrete_hazard`.
    """
    first = (periods["period"] // width * width).rename("period_from")
    weight = weights(periods)
    count = (weight * periods["observed"].astype("int64")).groupby(first).sum()
    at_risk = weight.groupby(first).sum()
    low, high = wilson(count, at_risk)
    table = {"n_at_risk": at_risk, "events": count, "hazard": count / at_risk}
    return pd.DataFrame(table).assign(low=low, high=high)
