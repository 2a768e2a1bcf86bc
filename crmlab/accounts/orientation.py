"""What weighs most with a customer: price, value, both or service; and shopping orientation."""

from collections.abc import Mapping

import pandas as pd

from crmlab.accounts.base import problems, refuse

SAYS = {  # why a customer stays → what weighs with it; other reasons say nothing of it
    "price": "price_oriented",
    "reward": "price_oriented",
    "value": "value_oriented",
    "convenience": "service_oriented",
}
KINDS = ("price_oriented", "value_oriented", "service_oriented")
SHOPPING = {  # of the survey's four items
    "orientation_economising": "economising",
    "orientation_ethical": "ethical",
    "orientation_personalising": "personalising",
    "orientation_convenience": "convenience_seeking",
}


def leaning(
    weights: pd.DataFrame, near: float = 0.0, *, mixed: str = "mixed_oriented"
) -> pd.Series:
    """Return what weighs most with each customer, or that several things weigh alike.

    Parameters
    ----------
    weights : DataFrame, one row per customer
        A column per orientation, named by its code, all in one unit, more being more
        important; a missing or an all-zero row says nothing.
    near : float
        The second largest counts as equal if it is at most so much below the largest, in
        the unit of `weights`, 0 or more.
    mixed : str
        The code where the largest is not alone.

    Returns
    -------
    Series
        Named ``reason``, indexed like `weights`: a column's name, `mixed`, or ``not_said``.

    Raises
    ------
    ValueError
        If `near` is below 0, or there are fewer than two columns.

    Examples
    --------
    >>> said = pd.DataFrame({"price": [2, 1, 0], "value": [0, 1, 0]})
    >>> leaning(said, mixed="both").tolist()
    ['price', 'both', 'not_said']
    """
    if near < 0:
        raise ValueError(f"near must be 0 or more, got {near}")
    if weights.shape[1] < 2:
        raise ValueError(f"weights must have 2 columns or more, got {weights.shape[1]}")
    values = weights.astype("float64").fillna(0.0)
    top = values.max(axis=1)
    alike = values.ge(top - near, axis=0).sum(axis=1) > 1
    found = values.idxmax(axis=1).astype("str").mask(alike, mixed)
    said = weights.notna().any(axis=1) & (values != 0).any(axis=1)
    return found.where(said, "not_said").rename("reason").astype("str")


def stated_weights(survey: pd.DataFrame, says: Mapping[str, str] = SAYS) -> pd.DataFrame:
    """Return how much each orientation weighs in a customer's own reasons for staying.

    The weight of an orientation is the share of the customer's answers that name one of its
    reasons, so weights add up to less than 1 where habit or lack of choice was named.

    Parameters
    ----------
    survey : DataFrame
        ``customer_id``, ``stay_reason`` (missing without an answer), a row per wave.
    says : mapping of str to str
        Reason → orientation. The course names the four types but no measure: this is ours.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id`` of all who answered: ``price_oriented``,
        ``value_oriented``, ``service_oriented``, each 0 to 1.

    Raises
    ------
    DataError
        If a column is lacking, or an id is missing.
    """
    refuse(problems("survey", survey, ids="customer_id", maybe="stay_reason"))
    given = survey.dropna(subset=["stay_reason"])
    kind = given["stay_reason"].map(says)
    shares = {
        name: (kind == name).astype("float64").groupby(given["customer_id"]).mean()
        for name in KINDS
    }
    return pd.DataFrame(shares, columns=list(KINDS)).rename_axis("customer_id")


def shopping_scores(survey: pd.DataFrame) -> pd.DataFrame:
    """Return each customer's four shopping orientations, as means over the waves answered.

    Parameters
    ----------
    survey : DataFrame
        ``customer_id`` and of the items ``orientation_…`` (1 to 10) those that there are.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``: ``economising``, ``ethical``, ``personalising``,
        ``convenience_seeking``, less the item's mean over all customers, as items that all
        answer high would else win everywhere; missing where nothing was answered.
    """
    refuse(problems("survey", survey, ids="customer_id"))
    rated = survey.reindex(columns=[*SHOPPING]).astype("float64")
    mean = rated.groupby(survey["customer_id"]).mean().rename(columns=SHOPPING)
    return mean - mean.mean()
