"""Levels of satisfaction, differences between customers, careless answers, rising demands."""

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.loyalty.resample import interval, stream
from crmlab.loyalty.scales import attributes, reliability
from crmlab.tables import DIMENSIONS

ENDS = ("", "_low", "_high")
LEVELS = {
    "horizontal_level": ("item_concept", "item_conduct", "item_visual"),
    "vertical_level": ("item_material", "item_spiritual", "item_social"),
    "function_level": ("item_physical", "item_physiological", "item_psychological"),
    "taste_level": ("item_price", "item_art", "item_culture"),
}


def item_map(answers: pd.DataFrame, *, draws: int = 200, seed: int = 2026) -> pd.DataFrame:
    """Return the course's four levels of satisfaction: how each is rated, and if it is one thing.

    Horizontal (idea, conduct, appearance), vertical (material, mental, social), function
    (physical, physiological, psychological) and taste (price, art, culture).

    Returns
    -------
    DataFrame
        Indexed by ``level``, those with two items that vary: ``performance`` (mean rating,
        0–100), ``cronbach_alpha``, ``mcdonald_omega`` with ``_low`` and ``_high`` (95 %,
        resampling customers), ``items`` and ``rows``.
    """
    rated, found = set(attributes(answers)), {}
    for name, items in LEVELS.items():
        there = [item for item in items if item in rated]
        if len(there) < 2 or len(answers[there].dropna()) < 3:
            continue
        trust = reliability(answers[there], answers["customer_id"], draws=draws, seed=seed)
        names = trust.index.str.replace("alpha", "cronbach_alpha")
        trust = trust.set_axis(names.str.replace("omega", "mcdonald_omega"))
        mean = (answers[there].astype("float64").mean().mean() - 1) / 9 * 100
        found[name] = pd.concat([pd.Series({"performance": mean}), trust])
    both = [f"{name}{end}" for name in ("cronbach_alpha", "mcdonald_omega") for end in ENDS]
    columns = ["performance", *both, "items", "rows"]
    return pd.DataFrame(found, index=columns).T.rename_axis("level")


def straight_lining(answers: pd.DataFrame, score: pd.Series, *, least: int = 6) -> pd.Series:
    """Return how many answer every attribute alike, and what leaving them out would do.

    Whoever rates all attributes (at least `least`) with one number may not have read the
    questions; or may mean it, which is why nobody is left out here.

    Parameters
    ----------
    answers : DataFrame
        Answered rows.
    score : Series
        Satisfaction (0–100), indexed like it.

    Returns
    -------
    Series
        ``share`` of rows, ``n`` rows judged, ``mean`` of the score over all of these and
        ``mean_without`` them.
    """
    rated = answers[attributes(answers)].astype("float64")
    judged = rated.notna().sum(axis=1) >= least
    same = judged & (rated.max(axis=1) == rated.min(axis=1))
    n = int(judged.sum())
    return pd.Series(
        {
            "share": same.sum() / n if n else np.nan, "n": n,
            "mean": score[judged].mean(), "mean_without": score[judged & ~same].mean(),
        }
    )  # fmt: skip


def differences(scores: pd.DataFrame, *, draws: int = 200, seed: int = 2026) -> pd.DataFrame:
    """Return how far customers differ from each other, and from themselves at other times.

    Satisfaction is a state of mind, relative, and differs from person to person: so the mean
    hides how many are below it. Resampling customers with all their answers.

    Returns
    -------
    DataFrame
        Rows ``between_share`` (intraclass correlation: the part of the variance of one answer
        that lies between customers; one-way random effects) and ``below_mean`` (share of
        customers whose mean lies below the mean of all), with ``value``, ``low``, ``high``.

    References
    ----------
    Shrout, P. E. and Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater
    reliability. Psychological Bulletin 86(2), 420-428.
    """
    rows = scores[["customer_id", "satisfaction_score"]].dropna()
    each = rows.groupby("customer_id")["satisfaction_score"].agg(["size", "sum"])
    squares = (rows["satisfaction_score"] ** 2).groupby(rows["customer_id"]).sum()
    n, total = each["size"].to_numpy("float64"), each["sum"].to_numpy()
    count = len(each)
    w = stream(seed, "differences").multinomial(count, np.full(count, 1 / count), size=draws)
    w = np.vstack([np.ones(count), w])
    rows_in, sums = w @ n, w @ total
    within = (w @ (squares.to_numpy() - total**2 / n)) / (rows_in - w.sum(axis=1))
    apart = (w @ (total**2 / n) - sums**2 / rows_in) / (w.sum(axis=1) - 1)
    size = (rows_in - (w @ n**2) / rows_in) / (w.sum(axis=1) - 1)
    own, mean = np.maximum((apart - within) / size, 0), total / n
    centre = (w @ mean) / w.sum(axis=1)
    below = (w * (mean[None] < centre[:, None])).sum(axis=1) / w.sum(axis=1)
    found = np.column_stack([own / (own + within), below])
    low, high = interval(found[1:])
    index = ["between_share", "below_mean"]
    return pd.DataFrame({"value": found[0], "low": low, "high": high}, index=index)


def demand_trend(answers: pd.DataFrame) -> pd.DataFrame:
    """Return whether what customers expect rises: points a year, for each of four blocks.

    Quality, service, price, trust: the answer regressed on the year, each customer with a
    level of its own, so that a change of who answers is no rise; the interval is robust to
    a customer's answers being alike.

    Returns
    -------
    DataFrame
        Indexed by ``dimension``: ``expected_first``, ``expected_last`` (means of the first
        and last wave, points), ``rise`` a year with ``low``, ``high`` (95 %), ``customers``
        who answered twice.
    """
    years = (answers["surveyed_on"] - answers["surveyed_on"].min()).dt.days / 365.25
    found = {}
    for name in DIMENSIONS:
        if f"expected_{name}" not in answers:
            continue
        said = answers[f"expected_{name}"].astype("float64")
        told = {"who": answers["customer_id"], "x": years, "wave": answers["wave"], "y": said}
        rows = pd.DataFrame(told).dropna()
        by = rows.groupby("who")
        x, y = rows["x"] - by["x"].transform("mean"), rows["y"] - by["y"].transform("mean")
        if not (total := float((x**2).sum())) > 0:
            continue
        slope = float((x * y).sum()) / total
        error = (x * (y - slope * x)).groupby(rows["who"]).sum()
        half = Z95 * float(np.sqrt((error**2).sum())) / total
        means = rows.groupby("wave")["y"].mean()
        found[name] = {"expected_first": means.iloc[0], "expected_last": means.iloc[-1],
                       "rise": slope, "low": slope - half, "high": slope + half,
                       "customers": int((by.size() > 1).sum())}  # fmt: skip
    names = ["expected_first", "expected_last", "rise", "low", "high", "customers"]
    return pd.DataFrame(found, index=names).T.rename_axis("dimension")
