"""Shares and scores of customers, each with its interval: indices, means, promoters."""

import numpy as np
import pandas as pd

from crmlab.intervals import Z95, wilson
from crmlab.loyalty.scales import latest

NEEDS = {
    "repurchase_rate": "needs_orders",
    "complaint_rate": "needs_complaints",
    "selling_power": "needs_dealers",
}


def shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Return ``share``, ``low``, ``high`` and ``n`` from columns ``successes`` and ``n``."""
    low, high = wilson(counts["successes"], counts["n"])
    n = counts["n"].where(counts["n"] > 0)
    return pd.DataFrame(
        {"share": counts["successes"] / n, "low": low, "high": high, "n": counts["n"]}
    )


def indices(
    survey: pd.DataFrame, *, praise_from: int = 8, facts: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the five indices of satisfaction, as far as a survey can tell them.

    Favourability (美誉度) is the share of customers whose overall satisfaction is at
    least `praise_from` of 10; the named-brand share (指名度) that of those who ask
    for the brand by name. Each customer counts once, with the latest answers. The
    repurchase rate needs orders, the complaint rate complaints, selling power the
    dealers' sales: without `facts` (see `crmlab.loyalty.index_facts`) they are missing here,
    and say what they need.

    Returns
    -------
    DataFrame
        Indexed by ``index``: ``share``, ``low``, ``high`` (95 %, Wilson), ``n``
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
    known = [found] if facts is None or facts.empty else [found, facts.assign(needs="")]
    there = known[-1].index
    lacking = {name: code for name, code in NEEDS.items() if name not in there}
    missing = pd.DataFrame({"n": 0, "needs": lacking})
    whole = pd.concat([*known, missing] if lacking else known)
    return whole.loc[["favourability", "named_share", *NEEDS]].rename_axis("index")


def mean_interval(values: pd.Series) -> pd.Series:
    """Return ``mean``, ``low``, ``high`` and ``n`` of independent values (95 %)."""
    answers = values.dropna().astype("float64")
    half = Z95 * answers.std() / np.sqrt(max(len(answers), 1))
    mean = answers.mean()
    return pd.Series({"mean": mean, "low": mean - half, "high": mean + half, "n": len(answers)})


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
