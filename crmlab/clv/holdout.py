"""Was the forecast right? A model beside two naive rules, on purchases it never saw."""

from typing import Any

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.fitting import fit
from crmlab.clv.geometric import BgNbd, MbgNbd
from crmlab.clv.pareto_nbd import Nbd, ParetoNbd
from crmlab.clv.scores import expected_purchases
from crmlab.errors import NotEnough
from crmlab.intervals import Z95

TAILS = [0.025, 0.975]
MODELS: dict[str, type[Any]] = {
    "bg_nbd": BgNbd, "mbg_nbd": MbgNbd, "pareto_nbd": ParetoNbd, "nbd": Nbd,
}  # fmt: skip


def forecasts(
    customers: pd.DataFrame, model: Model, *, holdout_weeks: float, hiatus_weeks: float
) -> pd.DataFrame:
    """Return what the model and two naive rules expected of each customer in the holdout.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        From `crmlab.customers.split`, in weeks.
    model : BgNbd, MbgNbd, ParetoNbd or Nbd
        Fitted to the same customers at the start of the holdout.
    holdout_weeks : float
        Length of the holdout.
    hiatus_weeks : float
        Who was silent longer than this is given up by the hiatus rule.

    Returns
    -------
    DataFrame
        Indexed like `customers`: ``actual`` purchases; ``bg_nbd``;
        ``same_as_before`` (as many repeat purchases as in the stretch of
        equal length before); ``hiatus`` (the customer's own rate, frequency
        ÷ T, goes on; nothing after a silence).
    """
    silent = customers["T"] - customers["recency"] > hiatus_weeks
    rate = (customers["frequency"] / customers["T"].where(customers["T"] > 0)).fillna(0)
    return pd.DataFrame(
        {
            "actual": customers["holdout_frequency"].astype("float64"),
            "bg_nbd": expected_purchases(customers, model, holdout_weeks),
            "same_as_before": customers["before_frequency"].astype("float64"),
            "hiatus": (rate * holdout_weeks).mask(silent, 0.0),
        }
    )


def errors(forecast: pd.DataFrame, *, draws: int = 500, seed: int = 2026) -> pd.DataFrame:
    """Return how far each forecast was off, one row per rule.

    Parameters
    ----------
    forecast : DataFrame
        From `forecasts`: ``actual`` and one column per rule.
    draws, seed : int
        Bootstrap of customers, for the intervals.

    Returns
    -------
    DataFrame
        ``total`` purchases expected, ``bias`` (their share above or below the
        actual total) and ``mae`` (mean absolute error per customer), each with
        its 95 % interval as ``…_low`` and ``…_high``, and ``rmse``.
    """
    actual = forecast["actual"]
    off = forecast.drop(columns="actual").sub(actual, axis=0)
    stream = np.random.default_rng(seed)
    times = stream.multinomial(len(off), np.full(len(off), 1 / len(off)), size=draws)
    again = times @ actual.to_numpy()[:, None]
    bias = np.quantile(times @ off.to_numpy() / np.where(again, again, np.nan), TAILS, axis=0)
    mae = np.quantile(times @ off.abs().to_numpy() / len(off), TAILS, axis=0)
    return pd.DataFrame(
        {
            "total": off.sum() + actual.sum(),
            "bias": off.sum() / (actual.sum() or np.nan),
            "bias_low": bias[0],
            "bias_high": bias[1],
            "mae": off.abs().mean(),
            "mae_low": mae[0],
            "mae_high": mae[1],
            "rmse": np.sqrt((off**2).mean()),
        }
    ).rename_axis("rule")


def compare(
    customers: pd.DataFrame, *, holdout_weeks: float, draws: int = 500, seed: int = 2026
) -> pd.DataFrame:
    """Return every model of purchases side by side: how well it fits, how well it foretells.

    The best likelihood need not be the best forecast, so none is chosen here.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        From `crmlab.customers.split`, in weeks.
    holdout_weeks : float
        Length of the holdout.
    draws, seed : int
        As in `errors`.

    Returns
    -------
    DataFrame
        Indexed by ``rule``, the model: ``log_likelihood`` and ``aic`` of the fit before the
        holdout, and the columns of `errors`. A model that these customers do not suffice
        for has missing values.
    """
    forecast = pd.DataFrame({"actual": customers["holdout_frequency"].astype("float64")})
    fits = {}
    for name, kind in MODELS.items():
        try:
            model = fit(customers, model=kind)
        except NotEnough:
            continue  # its row says so: nothing in it
        lost = -2 * model.log_likelihood
        fits[name] = {"log_likelihood": -lost / 2, "aic": 2 * len(model.parameters) + lost}
        forecast[name] = expected_purchases(customers, model, holdout_weeks)
    known = pd.DataFrame.from_dict(fits, orient="index", columns=["log_likelihood", "aic"])
    table = known.join(errors(forecast, draws=draws, seed=seed))
    return table.reindex(list(MODELS)).rename_axis("rule")


def by_frequency(customers: pd.DataFrame, forecast: pd.DataFrame, *, top: int = 7) -> pd.DataFrame:
    """Return mean actual and expected purchases by repeat purchases before the holdout.

    Customers with `top` or more are one row. ``low`` and ``high`` are the 95 %
    interval of the actual mean (normal).
    """
    group = customers["frequency"].clip(upper=top).astype("int64").rename("frequency")
    each = forecast.groupby(group)
    actual = each["actual"].agg(["size", "mean", "std"])
    reach = Z95 * actual["std"] / np.sqrt(actual["size"])
    return pd.concat(
        [
            actual["size"].rename("customers"),
            each.mean(),
            (actual["mean"] - reach).clip(lower=0).rename("low"),
            (actual["mean"] + reach).rename("high"),
        ],
        axis=1,
    )


def tracking(
    first_order: pd.Series, model: Model, weeks_from: pd.Timestamp, weeks: int
) -> pd.Series:
    """Return the repeat purchases that the model expects up to the end of each week.

    Parameters
    ----------
    first_order : Series of dates
        Each customer's first purchase.
    model : BgNbd, MbgNbd, ParetoNbd or Nbd
        Fitted in weeks.
    weeks_from : Timestamp
        The day before week 1; its end is time 0.
    weeks : int
        How many weeks to follow.

    Returns
    -------
    Series
        Named ``expected``, indexed by ``week`` from 1.
    """
    arrived = ((first_order - weeks_from).dt.days / 7).value_counts().sort_index()
    ages = np.arange(1, weeks + 1)[:, None] - arrived.index.to_numpy()
    distinct, which = np.unique(ages.clip(min=0), return_inverse=True)
    new = pd.DataFrame(0.0, index=range(len(distinct)), columns=["frequency", "recency", "T"])
    expected = expected_purchases(new, model, distinct).to_numpy()
    total = expected[which].reshape(ages.shape) @ arrived.to_numpy()
    return pd.Series(total, pd.RangeIndex(1, weeks + 1, name="week"), name="expected")
