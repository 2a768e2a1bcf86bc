"""Shares and scores of customers, each with its interval: indices, promoters, response."""

import numpy as np
import pandas as pd

from crmlab.loyalty.scales import answered, latest

Z95 = 1.959963984540054
NEEDS = {
    "repurchase_rate": "needs_orders",
    "complaint_rate": "needs_complaints",
    "selling_power": "needs_dealers",
}


def wilson(successes: pd.Series | int, n: pd.Series | int) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of a share by Wilson's score; missing where `n` is 0.

    >>> [round(float(x), 3) for x in wilson(8, 10)]
    [0.49, 0.943]

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
    inference. Journal of the American Statistical Association 22, 209–212.
    """
    count, size = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    size = np.where(size > 0, size, np.nan)
    share, squared = count / size, Z95**2
    centre = (share + squared / (2 * size)) / (1 + squared / size)
    half = np.sqrt(share * (1 - share) / size + squared / (4 * size**2)) / (1 + squared / size)
    return np.maximum(centre - Z95 * half, 0), np.minimum(centre + Z95 * half, 1)


def shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Return ``value``, ``low``, ``high`` and ``n`` from columns ``successes`` and ``n``."""
    low, high = wilson(counts["successes"], counts["n"])
    n = counts["n"].where(counts["n"] > 0)
    return pd.DataFrame(
        {"value": counts["successes"] / n, "low": low, "high": high, "n": counts["n"]}
    )


def indices(survey: pd.DataFrame, *, praise_from: int = 8) -> pd.DataFrame:
    """Return the five indices of satisfaction, as far as a survey can tell them.

    Favourability (美誉度) is the share of customers whose overall satisfaction is at
    least `praise_from` of 10; the named-brand share (指名度) that of those who ask
    for the brand by name. Each customer counts once, with the latest answers. The
    repurchase rate needs orders, the complaint rate complaints, selling power the
    dealers' sales: they are missing here, and say what they need.

    Returns
    -------
    DataFrame
        Indexed by ``index``: ``value``, ``low``, ``high`` (95 %, Wilson), ``n``
        customers, ``needs`` (a code, or "" if computed).
    """
    last = latest(survey)
    praise = (
        last["satisfaction_overall"].ge(praise_from).where(last["satisfaction_overall"].notna())
    )
    named = last.get("named_brand", pd.Series(pd.NA, index=last.index, dtype="boolean"))
    counts = pd.DataFrame(
        {
            name: {"successes": answer.sum(), "n": answer.count()}
            for name, answer in {"favourability": praise, "named_share": named}.items()
        }
    ).T.astype("float64")
    found = shares(counts).assign(n=counts["n"].astype("int64"))
    found["needs"] = np.where(found["n"] > 0, "", "needs_question")
    missing = pd.DataFrame({"n": 0, "needs": NEEDS})
    return pd.concat([found, missing]).rename_axis("index")


def mean_interval(values: pd.Series) -> pd.Series:
    """Return ``value``, ``low``, ``high`` and ``n`` of a mean over independent rows (95 %)."""
    answers = values.dropna().astype("float64")
    half = Z95 * answers.std() / np.sqrt(max(len(answers), 1))
    mean = answers.mean()
    return pd.Series({"value": mean, "low": mean - half, "high": mean + half, "n": len(answers)})


def net_promoter_score(ratings: pd.Series) -> float:
    """Return promoters minus detractors, in points from -100 to 100.

    A rating of 9 or 10 is a promoter, 0 to 6 a detractor. Missing ratings are
    not answers, so they are left out.

    >>> net_promoter_score(pd.Series([10, 9, 8, 6, None]))
    25.0

    Raises
    ------
    ValueError
        If there are no ratings, or one is outside 0 to 10.

    References
    ----------
    Reichheld, F. F. (2003). The one number you need to grow. Harvard Business
    Review 81 (12), 46–54.
    """
    answers = ratings.dropna().astype("float64")
    if answers.empty:
        raise ValueError("no ratings to score")
    low, high = answers.min(), answers.max()
    if not 0 <= low <= high <= 10:
        raise ValueError(f"ratings must be 0 to 10, got {low:g} to {high:g}")
    return float(100 * ((answers >= 9).mean() - (answers <= 6).mean()))


def net_promoter(ratings: pd.Series) -> pd.Series:
    """Return the net promoter score with its 95 % interval, and what it is made of.

    Returns
    -------
    Series
        ``score``, ``low``, ``high`` in points; ``promoters``, ``passives``,
        ``detractors`` as shares; ``n`` ratings. The interval is the adjusted Wald
        interval that adds 3 answers: ¾ promoters, ¾ detractors, 1½ passives.

    References
    ----------
    Rocks, B. (2016). Interval estimation for the "Net Promoter Score". The American
    Statistician 70 (4), 365–372.
    """
    value = net_promoter_score(ratings)
    answers = ratings.dropna().astype("float64")
    n, up, down = len(answers), (answers >= 9).sum(), (answers <= 6).sum()
    above, below = (up + 0.75) / (n + 3), (down + 0.75) / (n + 3)
    half = Z95 * np.sqrt((above + below - (above - below) ** 2) / (n + 3))
    return pd.Series(
        {
            "score": value,
            "low": 100 * (above - below - half),
            "high": 100 * (above - below + half),
            "promoters": up / n,
            "passives": (n - up - down) / n,
            "detractors": down / n,
            "n": n,
        }
    )


def response(survey: pd.DataFrame) -> pd.DataFrame:
    """Return the response rate by wave: ``value``, ``low``, ``high``, ``n`` asked."""
    asked = survey.groupby("wave").size()
    said = answered(survey).groupby("wave").size().reindex(asked.index, fill_value=0)
    return shares(pd.DataFrame({"successes": said, "n": asked}))


def nonresponse(survey: pd.DataFrame, satisfaction: pd.Series, *, groups: int = 4) -> pd.DataFrame:
    """Return the response rate by what customers had answered the wave before.

    If those who were less content answer less, the next wave's rate rises with the
    score, and every share of the survey is too good.

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
        Indexed by ``score_before`` (the group's mean score): ``value``, ``low``,
        ``high``, ``n``. Rows are customer-waves, few of a customer's in one group.
    """
    said = answered(survey)[["customer_id", "wave"]].assign(score_before=satisfaction)
    before = said.assign(wave=said["wave"] + 1).dropna(subset="score_before")
    asked = survey[["customer_id", "wave"]].merge(before, on=["customer_id", "wave"])
    if asked.empty:
        return pd.DataFrame(columns=["value", "low", "high", "n"]).rename_axis("score_before")
    now = said[["customer_id", "wave"]].assign(said=1.0)
    asked = asked.merge(now, on=["customer_id", "wave"], how="left").fillna({"said": 0.0})
    group = pd.qcut(asked["score_before"], groups, labels=False, duplicates="drop")
    found = asked.groupby(group).agg(
        score_before=("score_before", "mean"), successes=("said", "sum"), n=("said", "size")
    )
    return shares(found.set_index("score_before"))
