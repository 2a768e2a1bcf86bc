"""Was the forecast right? A model beside two naive rules, on purchases it never saw."""

from typing import Any

import numpy as np
import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.fitting import fit
from crmlab.clv.geometric import BgNbd, MbgNbd
from crmlab.clv.pareto_nbd import Nbd, ParetoNbd
from crmlab.clv.scores import expected_purchases
from crmlab.errors import Finding, NotEnough
from crmlab.intervals import Z95

TAILS = [0.025, 0.975]
MODELS: dict[str, type[Any]] = {
    "bg_nbd": BgNbd, "mbg_nbd": MbgNbd, "pareto_nbd": ParetoNbd, "nbd": Nbd,
}  # fmt: skip
RULES = {
    "same_as_before": ("the rule 'same as before'", "“与上期相同”规则"),
    "hiatus": ("the silence rule", "沉默规则"),
}


def forecasts(
    customers: pd.DataFrame, model: Model, *, holdout_weeks: float, hiatus_weeks: float = 26
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
        Indexed like `customers`: ``actual`` purchases; the model, by its code such as
        ``bg_nbd``; ``same_as_before`` (as many repeat purchases as in the stretch of
        equal length before); ``hiatus`` (the customer's own rate, frequency
        ÷ T, goes on; nothing after a silence).
    """
    code = next(code for code, kind in MODELS.items() if isinstance(model, kind))
    silent = customers["T"] - customers["recency"] > hiatus_weeks
    rate = (customers["frequency"] / customers["T"].where(customers["T"] > 0)).fillna(0)
    return pd.DataFrame(
        {
            "actual": customers["holdout_frequency"].astype("float64"),
            code: expected_purchases(customers, model, holdout_weeks),
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
        actual total), ``mae`` (mean absolute error per customer) and ``rmse``
        (root mean squared error), the last three with their 95 % intervals as
        ``…_low`` and ``…_high``.
    """
    actual = forecast["actual"]
    off = forecast.drop(columns="actual").sub(actual, axis=0)
    times = _drawn(len(off), draws, seed)
    again = times @ actual.to_numpy()[:, None]
    bias = np.quantile(times @ off.to_numpy() / np.where(again, again, np.nan), TAILS, axis=0)
    mae = np.quantile(times @ off.abs().to_numpy() / len(off), TAILS, axis=0)
    rmse = np.quantile(np.sqrt(times @ off.to_numpy() ** 2 / len(off)), TAILS, axis=0)
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
            "rmse_low": rmse[0],
            "rmse_high": rmse[1],
        }
    ).rename_axis("rule")


def _drawn(customers: int, draws: int, seed: int) -> np.ndarray:
    """Return how often each customer is drawn (columns), in each draw with replacement (rows)."""
    stream = np.random.default_rng(seed)
    return stream.multinomial(customers, np.full(customers, 1 / customers), size=draws)


def differences(
    forecast: pd.DataFrame, *, model: str = "bg_nbd", draws: int = 500, seed: int = 2026
) -> pd.DataFrame:
    """Return by how much each rule errs more than the model, on the same customers.

    Each draw of the bootstrap takes the same customers for both, so what makes a customer
    hard to foretell for either cancels: intervals of the single errors may overlap
    although the difference is certain.

    Parameters
    ----------
    forecast : DataFrame
        From `forecasts`.
    model : str
        The column that the others are held against.
    draws, seed : int
        As in `errors`.

    Returns
    -------
    DataFrame
        Indexed by ``rule``: ``mae``, ``rmse`` and ``bias`` (its size, whatever its sign), the
        rule's minus the model's, with 95 % intervals as ``…_low`` and ``…_high``. Above 0
        the model is better.
    """
    actual = forecast["actual"].to_numpy()
    off = forecast.drop(columns="actual").sub(actual, axis=0)
    times = np.vstack([np.ones(len(off), dtype="int64"), _drawn(len(off), draws, seed)])
    bought = (times @ actual)[:, None]
    measures = {
        "mae": times @ off.abs().to_numpy() / len(off),
        "rmse": np.sqrt(times @ off.to_numpy() ** 2 / len(off)),
        "bias": np.abs(times @ off.to_numpy()) / np.where(bought, bought, np.nan),
    }
    own = off.columns.get_loc(model)
    table = {}
    for name, each in measures.items():
        more = each - each[:, [own]]
        table[name] = more[0]
        table[f"{name}_low"], table[f"{name}_high"] = np.quantile(more[1:], TAILS, axis=0)
    return pd.DataFrame(table, off.columns.rename("rule")).drop(index=model)


def verdict(
    forecast: pd.DataFrame, *, model: str = "bg_nbd", draws: int = 500, seed: int = 2026
) -> list[Finding]:
    """Return which of the model and each naive rule errs less, per customer and in total.

    A winner is named where the interval of the paired difference leaves out 0 (see
    `differences`, with the same parameters); the finding is of level ``ready`` where the
    model errs less in both.
    """
    table = differences(forecast, model=model, draws=draws, seed=seed)
    return [_judged(str(rule), row) for rule, row in table.iterrows()]


def _judged(rule: str, row: pd.Series) -> Finding:
    name_en, name_zh = RULES.get(rule, (rule, rule))
    mae, bias = (
        [f"{scale * row[m + end]:.{digits}f}".replace("-", "−") for end in ("", "_low", "_high")]
        for m, scale, digits in (("mae", 1, 3), ("bias", 100, 1))
    )
    won = [_winner(row[f"{m}_low"], row[f"{m}_high"]) for m in ("mae", "bias")]
    (mae_en, mae_zh), (bias_en, bias_zh) = (_named(w, name_en, name_zh) for w in won)
    return Finding(
        "ready" if won == ["model", "model"] else "caution",
        en=f"The model against {name_en}: error per customer, {mae_en} (the rule errs by "
        f"{mae[0]} purchases more, {mae[1]} to {mae[2]}); error of the total, {bias_en} "
        f"({bias[0]} percentage points more, {bias[1]} to {bias[2]}).",
        zh=f"模型与{name_zh}相比：人均误差，{mae_zh}（规则多错 {mae[0]} 次，95% 区间 {mae[1]} 至 "
        f"{mae[2]}）；总量误差，{bias_zh}（多错 {bias[0]} 个百分点，{bias[1]} 至 {bias[2]}）。",
        code=f"model_against_{rule}",
    )


def _winner(low: float, high: float) -> str:
    return "model" if low > 0 else "rule" if high < 0 else ""


def _named(winner: str, name_en: str, name_zh: str) -> tuple[str, str]:
    if not winner:
        return "no difference that these customers can show", "这些客户的数据看不出差别"
    en, zh = ("the model", "模型") if winner == "model" else (name_en, name_zh)
    return f"{en} is better", f"{zh}更好"


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
    forecast, fits = model_forecasts(customers, holdout_weeks=holdout_weeks)
    known = pd.DataFrame.from_dict(fits, orient="index", columns=["log_likelihood", "aic"])
    table = known.join(errors(forecast, draws=draws, seed=seed))
    return table.reindex(list(MODELS)).rename_axis("rule")


def model_forecasts(
    customers: pd.DataFrame, *, holdout_weeks: float
) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Return ``actual`` and what every model expected of each customer; and how each fits.

    As in `forecasts` and `compare`; a model that these customers do not suffice for is left out.
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
    return forecast, fits


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
