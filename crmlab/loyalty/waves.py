"""Wave by wave: who answers, and whether scores change."""

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.loyalty.indices import mean_interval, shares
from crmlab.loyalty.scales import answered

SCORES = ("satisfaction", "loyalty")


def waves(survey: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the mean scores of each wave, with intervals, and who answered.

    Parameters
    ----------
    survey : DataFrame
        All rows that were asked.
    scores : DataFrame
        Of the rows of `answered(survey)`, as `crmlab.loyalty.scores` returns them.

    Returns
    -------
    DataFrame
        Indexed by ``surveyed_on``, the wave's first day: ``satisfaction_score``,
        ``satisfaction_low``, ``satisfaction_high``, the same of loyalty (0–100),
        ``n`` answers and ``response_rate`` (of those asked).
    """
    asked = survey.groupby("wave")["surveyed_on"].agg(["min", "size"])
    found = asked[["min"]].rename(columns={"min": "surveyed_on"})
    for name in SCORES:
        waves_of = scores.groupby("wave")[f"{name}_score"]
        each = pd.DataFrame({wave: mean_interval(score) for wave, score in waves_of}).T
        found[[f"{name}_score", f"{name}_low", f"{name}_high"]] = each[["mean", "low", "high"]]
    found["n"] = answered(survey).groupby("wave").size().reindex(found.index, fill_value=0)
    return found.assign(response_rate=found["n"] / asked["size"]).set_index("surveyed_on")


def last_change(scores: pd.DataFrame, name: str = "satisfaction_score") -> pd.Series:
    """Return how a score changed from the last wave but one to the last.

    Only customers who have the score in both waves count, each against himself, so
    that a change of who answers is no change of the score.

    Returns
    -------
    Series
        ``mean``, ``low``, ``high`` (95 %) in points and ``n`` customers; missing if
        there is one wave only, or nobody has both.
    """
    known = scores.set_index("customer_id")
    last = sorted(scores["wave"].unique())[-2:]
    before, after = (known.loc[known["wave"] == wave, name] for wave in (last[0], last[-1]))
    return mean_interval((after - before) if len(last) == 2 else pd.Series(dtype="float64"))


def nonresponse(survey: pd.DataFrame, satisfaction: pd.Series, *, groups: int = 4) -> pd.DataFrame:
    """Return the response rate by what customers had answered the wave before.

    If those who were less content answer less, the next wave's rate rises with the
    score, and shares of the survey are too good.

    Parameters
    ----------
    survey : DataFrame
        All rows that were asked.
    satisfaction : Series
        Score of each row of `answered(survey)`, indexed like it.
    groups : int
        How many groups of about equal size; tied scores stay together.

    Returns
    -------
    DataFrame
        Indexed by ``score_before`` (the group's mean score): ``response_rate``,
        ``low``, ``high``, ``n``. Rows are customer-waves, few of a customer's in one
        group.
    """
    asked = _asked_again(survey, satisfaction)
    if asked.empty:
        names = ["response_rate", "low", "high", "n"]
        return pd.DataFrame(columns=names).rename_axis("score_before")
    group = pd.qcut(asked["score_before"], groups, labels=False, duplicates="drop")
    found = asked.groupby(group).agg(
        score_before=("score_before", "mean"), successes=("said", "sum"), n=("said", "size")
    )
    return shares(found.set_index("score_before")).rename(columns={"share": "response_rate"})


def response_bias(survey: pd.DataFrame, satisfaction: pd.Series) -> pd.Series:
    """Return by how much those who answer again had been more satisfied than all asked.

    The score is that of the wave before, known for both: a mean over those who
    answered less the mean over all who were asked. Of those who were silent before
    too, it knows nothing.

    Parameters are those of `nonresponse`.

    Returns
    -------
    Series
        ``mean`` in points, ``low``, ``high`` (95 %, from the influence of each
        customer with all rows), ``n`` customer-waves; missing if nobody answered twice.
    """
    asked = _asked_again(survey, satisfaction)
    score, said = asked["score_before"], asked["said"]
    if not said.sum() > 0:
        return pd.Series({"mean": np.nan, "low": np.nan, "high": np.nan, "n": len(asked)})
    among = score[said > 0].mean()
    pull = said / said.mean() * (score - among) - (score - score.mean())
    each = pull.groupby(asked["customer_id"]).sum()
    half = Z95 * np.sqrt((each**2).sum()) / len(asked)
    mean = among - score.mean()
    return pd.Series({"mean": mean, "low": mean - half, "high": mean + half, "n": len(asked)})


def _asked_again(survey: pd.DataFrame, satisfaction: pd.Series) -> pd.DataFrame:
    """Return customer-waves asked after an answered one: ``score_before``, ``said`` (0 or 1)."""
    answers = answered(survey)[["customer_id", "wave"]].assign(score_before=satisfaction)
    before = answers.assign(wave=answers["wave"] + 1).dropna(subset="score_before")
    asked = survey[["customer_id", "wave"]].merge(before, on=["customer_id", "wave"])
    now = answers[["customer_id", "wave"]].assign(said=1.0)
    return asked.merge(now, on=["customer_id", "wave"], how="left").fillna({"said": 0.0})
