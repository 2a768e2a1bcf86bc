"""Do hazard ratios stay the same over time? The test with scaled Schoenfeld residuals."""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from crmlab.lifecycle.cox import Cox, prepared
from crmlab.lifecycle.partial import RiskSets, efron, risk_sets, schoenfeld

Transform = Literal["km", "identity", "log", "rank"]


def proportional(rows: pd.DataFrame, model: Cox, transform: Transform = "km") -> pd.DataFrame:
    """Test whether each hazard ratio stays the same over time.

    Parameters
    ----------
    rows : DataFrame
        Those that `model` was fitted to.
    model : Cox
        Fitted by `cox`.
    transform : {"km", "identity", "log", "rank"}
        How time is counted: 1 - S(t) of the Kaplan–Meier curve after the event, the time,
        its log, or the number of the event time.

    Returns
    -------
    DataFrame
        Indexed by ``covariate``, then ``all_covariates``: ``statistic`` (chi squared),
        ``degrees_of_freedom``, ``p_value``. A small p value: the ratio changes.

    Notes
    -----
    The test with scaled Schoenfeld residuals, whose variance is taken as the same at all
    times, as in the article. Current R gives the score test instead, and R before 3.0
    took S(t-): their figures differ somewhat.

    References
    ----------
    Grambsch, P. M. and Therneau, T. M. (1994). Proportional hazards tests and
    diagnostics based on weighted residuals. Biometrika 81, 515-526.
    """
    from scipy.special import chdtrc

    if transform not in get_args(Transform):
        raise ValueError(f"transform must be one of {get_args(Transform)}, got {transform!r}")
    sets, _, scale, _ = prepared(rows, model.covariates, model.strata)
    at = efron(sets, model.hazard_ratios["coef"].to_numpy() * scale)
    weight = sets.weight[sets.observed]
    when = _transformed(rows, sets, transform)[sets.until[sets.observed] - 1]
    away = when - np.average(when, weights=weight)
    pull = (weight * away) @ schoenfeld(sets, at)
    inverse, spread = np.linalg.inv(at.information), weight @ away**2
    scaled = weight.sum() / spread
    each = scaled * (inverse @ pull) ** 2 / np.diag(inverse)
    statistic = np.append(each, scaled * pull @ inverse @ pull)
    freedom = np.append(np.ones(len(each), "int64"), len(each))
    table = {"statistic": statistic, "degrees_of_freedom": freedom}
    index = pd.Index([*model.covariates, "all_covariates"], name="covariate")
    return pd.DataFrame(table, index).assign(p_value=chdtrc(freedom, statistic))


def _transformed(rows: pd.DataFrame, sets: RiskSets, transform: Transform) -> np.ndarray:
    """Return the event times as `transform` counts them, strata taken together."""
    if transform == "identity":
        return sets.time
    if transform == "log":
        return np.log(sets.time)
    together = risk_sets(rows, np.empty((len(rows), 0)), np.zeros(len(rows), "int64"))
    where = np.searchsorted(together.time, sets.time)
    if transform == "rank":
        return where.astype("float64")
    return 1 - np.cumprod(1 - together.deaths / together.summed(together.weight))[where]
