"""Which model a page takes: by what they foretold, not by how well they fit."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from crmlab.clv.fitting import fit
from crmlab.clv.holdout import MODELS, differences, model_forecasts
from crmlab.errors import Finding, NotEnough

STANDARD = "bg_nbd"
CHOICES = ("bg_nbd", "mbg_nbd", "pareto_nbd")


def choose(
    customers: pd.DataFrame,
    asked: str = "auto",
    *,
    holdout_weeks: float,
    also: Iterable[pd.DataFrame] = (),
    draws: int = 500,
    seed: int = 2026,
) -> tuple[str, type[Any], Finding]:
    """Return the model to use, by its forecast of the holdout, and why.

    BG/NBD is used unless the root mean squared error per customer of a rival is surely smaller
    (the 95 % interval of the paired difference, see `differences`, leaves out 0) and its error
    in total not surely larger; of several, the one that errs least. The squared error is least
    for the mean, which value is made of; the absolute error is least for the median, and so
    favours forecasts near 0 where most buy nothing. Likelihood plays no part: the best fit
    need not be the best forecast.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        From `crmlab.customers.split`, in weeks.
    asked : {"auto", "BG/NBD", "MBG/NBD", "Pareto/NBD"}
        A model that is asked for is used; the finding is a caution if the rule would take
        another.
    holdout_weeks : float
        Length of the holdout.
    also : iterable of DataFrame
        Customers at other times, to which the model has to be fitted, too: one for which they
        do not suffice is left out of the choice.
    draws, seed : int
        As in `errors`.

    Returns
    -------
    tuple
        The model's code, its class, and a finding.

    Raises
    ------
    ValueError
        If the model asked for is none of these.
    """
    titles = {MODELS[code].title: code for code in CHOICES}
    if asked not in ("auto", *titles):
        raise ValueError(f"model must be one of auto, {', '.join(titles)}, got {asked!r}")
    forecast, _ = model_forecasts(customers, holdout_weeks=holdout_weeks)
    also = list(also)
    lacking = [c for c in CHOICES if c in forecast and not _fits(MODELS[c], also)]
    forecast = forecast.drop(columns=lacking)
    best = foretells_best(forecast, draws=draws, seed=seed)
    taken = titles.get(asked, best)
    return taken, MODELS[taken], _told(MODELS[taken].title, MODELS[best].title, asked)


def _fits(kind: type[Any], tables: list[pd.DataFrame]) -> bool:
    try:
        for customers in tables:
            fit(customers, model=kind)
    except NotEnough:
        return False
    return True


def foretells_best(forecast: pd.DataFrame, *, draws: int = 500, seed: int = 2026) -> str:
    """Return the code of the model that the rule of `choose` takes.

    `forecast` has ``actual`` and a column for each model known, as in `compare`.
    """
    known = [code for code in CHOICES if code in forecast]
    if STANDARD not in known:
        return known[0] if known else STANDARD  # fitting it will say what is lacking
    table = differences(forecast[["actual", *known]], model=STANDARD, draws=draws, seed=seed)
    better = table[(table["rmse_high"] < 0) & ~(table["bias_low"] > 0)]
    return STANDARD if better.empty else str(better["rmse"].idxmin())


def _told(taken: str, best: str, asked: str) -> Finding:
    rule_en = (
        "The rule: BG/NBD, unless another's root mean squared error in the test is smaller beyond "
        "doubt (95%) and its total no worse; how well a model fits plays no part."
    )
    rule_zh = (
        "规则：采用 BG/NBD，除非另一模型在检验期的均方根误差显著更小（95%）、总量误差又不显著更大；"
        "不看拟合优度。"
    )
    if taken == best:
        how_en, how_zh = (", chosen by the test", "（由检验选定）") if asked == "auto" else ("", "")
        return Finding(
            "ready",
            en=f"This page uses {taken}{how_en}. {rule_en}",
            zh=f"本页采用 {taken}{how_zh}。{rule_zh}",
            code="model_chosen",
        )
    return Finding(
        "caution",
        en=f"This page uses {taken}, as asked; by the test it would be {best} (model=auto). "
        f"{rule_en}",
        zh=f"本页按要求采用 {taken}；按检验结果则应采用 {best}（model=auto）。{rule_zh}",
        code="model_asked_for",
    )
