"""RFM: scores of recency, frequency and money, and segments named by visible rules."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from crmlab.segment.classes import categories
from crmlab.segment.concentration import rank_share

SCORES = {"days_since_last": "r_score", "orders": "f_score", "spend": "m_score"}
LOWER_IS_BETTER = ("days_since_last",)

# Levels of (R, F, M): Low, Middle, High, Top. The first rule that fits names the customer.
RULES = {
    "champions": ("HT", "T", "T"),
    "loyal": ("MHT", "HT", "LMHT"),
    "at_risk": ("L", "HT", "LMHT"),
    "big_spenders": ("MHT", "LM", "HT"),
    "promising": ("HT", "M", "LM"),
    "new_or_seldom": ("HT", "L", "LM"),
    "fading": ("M", "LM", "LM"),
    "dormant": ("L", "LM", "LMHT"),
}

SILENT = ("at_risk", "fading", "dormant")  # the segments of RULES without high recency


def rfm(
    customers: pd.DataFrame,
    *,
    bins: int = 5,
    cuts: Mapping[str, Sequence[float]] | None = None,
    nested: bool = False,
) -> pd.DataFrame:
    """Return each customer's scores of recency, frequency and money, 1 to `bins`.

    A score comes from the average rank of all customers with the same value, never
    from the order of rows: equal customers have equal scores, so bins are of equal
    size only as far as ties allow (see `score_ranges`). The highest score is best:
    fewest days since the last purchase, most orders, most spend.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``days_since_last``, ``orders``, ``spend``; optionally ``weight``.
    bins : int
        How many scores.
    cuts : mapping, optional
        Business cut points in place of ranks, for any of the three columns:
        ``bins - 1`` increasing numbers. A customer who just reaches one (at least so
        many orders, at most so many days) has the better score.
    nested : bool
        Whether orders are ranked among customers of the same recency score, and spend among
        those of the same two, so that all cells are as full as ties allow. By default each
        measure is ranked among all.

    Returns
    -------
    DataFrame
        Indexed like `customers`: ``r_score``, ``f_score``, ``m_score``.

    Raises
    ------
    KeyError
        If `customers` lacks a column, or `cuts` names an unknown one.
    ValueError
        If `bins` is below 2, or cut points are not what they must be.

    References
    ----------
    Hughes, A. M. (1994). Strategic database marketing.
    """
    _check(customers, bins, cuts := dict(cuts or {}))
    weight = customers.get("weight")
    scores: dict[str, np.ndarray] = {}
    for column, score in SCORES.items():
        sign = -1 if column in LOWER_IS_BETTER else 1
        values = sign * customers[column]
        if column in cuts:
            points = np.sort(sign * np.asarray(cuts[column], dtype="float64"))
            scores[score] = 1 + np.searchsorted(points, values, side="right")
        else:
            place = _places(values, weight, scores if nested else {})
            scores[score] = 1 + np.floor(np.round(bins * place, 9)).astype("int64")
    return pd.DataFrame(scores, index=customers.index)


def score_ranges(customers: pd.DataFrame, scores: pd.DataFrame, bins: int = 5) -> pd.DataFrame:
    """Return how many customers have each score, and from which to which value.

    Indexed by ``measure`` (``days_since_last`` in days, ``orders``, ``spend`` in the
    source's currency) and ``score`` from 1 to `bins`: ``customers``, ``lowest``,
    ``highest``. A score that ties leave to nobody is shown with 0 customers.
    """
    weight = _weight(customers)
    found = {
        measure: pd.DataFrame(
            {
                "customers": weight.groupby(scores[score]).sum(),
                "lowest": customers[measure].groupby(scores[score]).min(),
                "highest": customers[measure].groupby(scores[score]).max(),
            }
        ).reindex(range(1, bins + 1))
        for measure, score in SCORES.items()
    }
    table = pd.concat(found, names=["measure", "score"])
    return table.assign(customers=table["customers"].fillna(0))


def rules(bins: int = 5) -> pd.DataFrame:
    """Return the rules that name segments: from which to which score, one row each.

    Indexed by ``segment``; ``r_low`` to ``m_high`` include their ends. The upper two
    fifths of the scale are high, the uppermost is top, the lower two are low. Rows are
    tried from the top of the table; a rule that cannot fit has a low above its high.
    Edit the table and hand it to `name_segments` to use your own.

    Raises
    ------
    ValueError
        If `bins` is below 2.
    """
    _check_bins(bins)
    level = _levels(bins)
    table = {}
    for segment, wanted in RULES.items():
        within = [1 + np.flatnonzero(np.isin(level, list(levels))) for levels in wanted]
        ends = [(span.min(), span.max()) if len(span) else (bins + 1, 0) for span in within]
        table[segment] = [int(end) for pair in ends for end in pair]
    columns = ["r_low", "r_high", "f_low", "f_high", "m_low", "m_high"]
    frame = pd.DataFrame.from_dict(table, orient="index", columns=columns)
    return frame.rename_axis("segment")


def name_segments(scores: pd.DataFrame, rules: pd.DataFrame) -> pd.Series:
    """Return the segment of each customer: the first of the `rules` that fits.

    Parameters
    ----------
    scores : DataFrame
        From `rfm`.
    rules : DataFrame
        From `rules`, or the analyst's own table of the same columns.

    Returns
    -------
    Series
        Named ``segment``: an ordered categorical in the order of `rules`, with
        ``other`` last for customers whom no rule fits.
    """
    has = scores[[*SCORES.values()]].to_numpy()[:, None, :]
    low, high = (rules[[f"{m}_{end}" for m in "rfm"]].to_numpy() for end in ("low", "high"))
    fits = np.all((has >= low) & (has <= high), axis=2)
    code = np.where(fits.any(axis=1), fits.argmax(axis=1), len(rules))
    names = [*map(str, rules.index)]
    if (code == len(rules)).any():
        names.append("other")
    return categories(code, names, scores, "segment")


def rfm_grid(
    scores: pd.DataFrame, value: pd.Series, weight: pd.Series | None = None
) -> pd.DataFrame:
    """Return customers and their mean value for each pair of recency and frequency scores.

    Columns ``r_score``, ``f_score``, ``customers``, ``mean``; pairs that nobody has are
    left out.
    """
    size = pd.Series(1.0, index=scores.index) if weight is None else weight
    keys = [scores["r_score"], scores["f_score"]]
    customers = size.groupby(keys).sum()
    total = (size * value).groupby(keys).sum()
    return pd.DataFrame({"customers": customers, "mean": total / customers}).reset_index()


def _places(
    values: pd.Series, weight: pd.Series | None, among: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Return each customer's `rank_share` among those with the same scores in `among`."""
    if not among:
        return rank_share(values, weight).to_numpy()
    place = np.zeros(len(values))
    for rows in pd.DataFrame(among).groupby(list(among)).indices.values():
        sizes = None if weight is None else weight.iloc[rows]
        if sizes is None or sizes.any():
            place[rows] = rank_share(values.iloc[rows], sizes)
    return place


def _levels(bins: int) -> np.ndarray:
    """Return the level of each score: Low, Middle, High or Top."""
    middle = np.round((np.arange(1, bins + 1) - 0.5) / bins, 9)
    middle[-1] = 1  # the best score is the top, however few scores there are
    return np.select([middle > 0.8, middle > 0.6, middle >= 0.4], ["T", "H", "M"], default="L")


def _weight(customers: pd.DataFrame) -> pd.Series:
    if "weight" in customers:
        return customers["weight"]
    return pd.Series(1.0, index=customers.index)


def _check(customers: pd.DataFrame, bins: int, cuts: Mapping[str, Sequence[float]]) -> None:
    _check_bins(bins)
    if missing := [column for column in SCORES if column not in customers]:
        raise KeyError(f"customers lacks {', '.join(missing)}")
    if unknown := sorted(set(cuts) - set(SCORES)):
        raise KeyError(f"cuts for {', '.join(unknown)}; allowed: {', '.join(SCORES)}")
    for column, points in cuts.items():
        if len(points) != bins - 1 or not (np.diff(points) > 0).all():
            raise ValueError(
                f"cuts for {column} must be {bins - 1} increasing numbers (bins - 1), "
                f"got {list(points)}"
            )


def _check_bins(bins: int) -> None:
    if bins < 2:
        raise ValueError(f"bins must be 2 or more, got {bins}")
