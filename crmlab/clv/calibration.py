"""Do probabilities come true? The chance to buy in a holdout, beside who bought."""

import numpy as np
import pandas as pd
from scipy.special import logit

from crmlab.clv.base import Model
from crmlab.clv.scores import prob_purchase
from crmlab.errors import NotEnough
from crmlab.intervals import wilson

TINY = 1e-12  # a probability this near to 0 or 1 is taken for it, to keep its log odds finite


def calibration(
    customers: pd.DataFrame, model: Model, holdout_weeks: float, *, groups: int = 10
) -> pd.DataFrame:
    """Return predicted and observed shares of buyers, by groups of the predicted chance.

    Whether a customer is alive is never seen, so P(alive) cannot be held against anything;
    whether one bought in the holdout can (`prob_purchase`).

    Parameters
    ----------
    customers : DataFrame, one row per customer
        From `crmlab.customers.split`, in weeks.
    model : BgNbd, MbgNbd, ParetoNbd or Nbd
        Fitted to the same customers at the start of the holdout.
    holdout_weeks : float
        Length of the holdout.
    groups : int
        How many groups, by quantiles; equal chances stay together, so there may be fewer.

    Returns
    -------
    DataFrame
        Indexed by ``group`` from 1, the least likely: ``customers``, ``predicted`` (mean
        chance), ``observed`` (share who bought), with its 95 % interval (Wilson) as
        ``low`` and ``high``.
    """
    chance = prob_purchase(customers, model, holdout_weeks)
    group = pd.qcut(chance, groups, labels=False, duplicates="drop")
    both = pd.DataFrame({"predicted": chance, "observed": customers["holdout_frequency"] > 0})
    each = both.groupby(group.rank(method="dense").astype("int64").rename("group"))
    table = each.mean()
    size = each.size()
    low, high = wilson(each["observed"].sum(), size)
    table.insert(0, "customers", size)
    return table.assign(low=low, high=high)


def calibration_measures(
    customers: pd.DataFrame, model: Model, holdout_weeks: float
) -> pd.DataFrame:
    """Return the Brier score, and intercept and slope of the calibration line.

    The line is a logistic regression of having bought on the log odds predicted. Chances
    that come true have intercept 0 and slope 1; a slope below 1 means that they are too
    extreme, an intercept above 0 at slope 1 that they are too low.

    Parameters
    ----------
    customers, model, holdout_weeks
        As in `calibration`.

    Returns
    -------
    DataFrame
        Indexed by ``measure``: ``brier`` (mean squared difference of chance and 0 or 1),
        ``brier_base_rate`` (that of one chance for all, the observed share), ``intercept``
        and ``slope``. Columns ``value``, and for the line its 95 % interval ``low``, ``high``.

    Raises
    ------
    NotEnough
        If all or none bought in the holdout.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability.
    Monthly Weather Review 78(1), 1-3.
    Cox, D. R. (1958). Two further applications of a model for binary regression.
    Biometrika 45, 562-565.
    """
    from statsmodels.discrete.discrete_model import Logit

    bought = (customers["holdout_frequency"] > 0).to_numpy(dtype=float)
    if not 0 < bought.mean() < 1:
        raise NotEnough(
            en="All customers or none bought in the holdout: "
            "there is nothing to hold the chances against.",
            zh="检验期内所有客户都购买了，或都没有购买：无从检验概率。",
        )
    chance = prob_purchase(customers, model, holdout_weeks).to_numpy()
    odds = logit(np.clip(chance, TINY, 1 - TINY))
    line = Logit(bought, np.column_stack([np.ones_like(odds), odds])).fit(disp=False)
    limits = line.conf_int()
    share = bought.mean()
    rows = {
        "brier": (np.mean((chance - bought) ** 2), np.nan, np.nan),
        "brier_base_rate": (share * (1 - share), np.nan, np.nan),
        "intercept": (line.params[0], *limits[0]),
        "slope": (line.params[1], *limits[1]),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])
    return table.rename_axis("measure")
