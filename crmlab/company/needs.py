"""Needs of customers with Kano answers, and the value delivered by us and by a rival.

What is planted here is no evidence about real customers.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company.hidden import DAYS, dates, day_of, stream
from crmlab.company.typed import planted, typed
from crmlab.tables.needs import COSTS, NEEDS_TABLE, VALUE_RATINGS, VALUES

# need: class, Kano category, mean urgency, mean importance, cost in CNY to meet it
CATALOGUE = {
    "no_defects": ("product_need", "must_be", 3.8, 4.6, 800),
    "right_quantity": ("product_need", "must_be", 4.0, 4.2, 150),
    "wide_range": ("product_need", "one_dimensional", 2.6, 3.4, 1200),
    "new_products": ("product_need", "attractive", 2.2, 2.8, 1500),
    "fast_delivery": ("service_need", "one_dimensional", 3.9, 4.3, 600),
    "easy_returns": ("service_need", "one_dimensional", 2.8, 3.5, 300),
    "order_tracking": ("service_need", "attractive", 2.5, 3.0, 250),
    "low_price": ("price_need", "one_dimensional", 3.4, 4.4, 2000),
    "clear_invoice": ("price_need", "must_be", 3.0, 3.8, 80),
    "own_contact": ("relation_need", "attractive", 2.7, 3.6, 900),
    "training": ("relation_need", "attractive", 2.0, 2.6, 700),
    "gift_box": ("relation_need", "indifferent", 1.5, 1.8, 120),
}
KANO = {  # functional and dysfunctional answers that speak for a category
    "must_be": ((2, 3, 4), (5,)),
    "one_dimensional": ((1,), (5,)),
    "attractive": ((1,), (2, 3, 4)),
    "indifferent": ((2, 3, 4), (2, 3, 4)),
}
SINCERE = 0.65  # answers like that; the others answer anything
ASKED = 0.25  # of customers
VALIDATED = 0.45
RATED = 0.4  # of the answered questionnaires that rate value, too
LEVEL = {
    "product_value": 6.6, "personnel_value": 6.2, "image_value": 6.0, "service_value": 6.1,
    "money_cost": 6.0, "time_cost": 5.4, "mental_cost": 4.8, "physical_cost": 4.6,
}  # fmt: skip
AHEAD = {  # our mean less the rival's
    "product_value": 0.3, "personnel_value": 0.5, "image_value": -0.6, "service_value": 0.6,
    "money_cost": 0.5, "time_cost": -0.3, "mental_cost": -0.2, "physical_cost": 0.0,
}  # fmt: skip
OF_SATISFACTION = 0.35  # points of our values, for each point of overall satisfaction


def tables(seed: int, company: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return ``needs`` and ``value_ratings``.

    Parameters
    ----------
    seed : int
        Of the company.
    company : mapping
        With ``customers`` and ``survey``.
    """
    return {
        "needs": _needs(seed, company["customers"]),
        "value_ratings": _ratings(seed, company["survey"]),
    }


def truth(
    seed: int,  # noqa: ARG001 as of every subject
    company: Mapping[str, pd.DataFrame],  # noqa: ARG001
) -> dict[str, pd.DataFrame]:
    """Return each need's Kano category, and the planted differences from the rival."""
    kano = pd.DataFrame(
        {"need_id": list(CATALOGUE), "kano": [category for _, category, *_ in CATALOGUE.values()]}
    )
    told = {f"ahead_{name}": gap for name, gap in AHEAD.items()}
    told |= {"value_of_satisfaction": OF_SATISFACTION, "kano_sincere": SINCERE}
    return {"kano_truth": kano, "need_parameters": planted(told)}


def _needs(seed: int, customers: pd.DataFrame) -> pd.DataFrame:
    """Return what a quarter of the customers said of each need in the catalogue.

    Urgency and importance are clip(round(mean + .8 e), 1, 5); the cost to meet a need is
    lognormal (s.d. .3) around its own. Planted: .65 of the Kano answers are one of those
    that speak for the need's category (`KANO`), the others any pair. A need is validated
    with .45, on some day after acquisition.
    """
    draw = stream(seed, "needs")
    asked = customers[draw.random(len(customers)) < ASKED]
    columns = ["need_class", "kano", "mean_urgency", "mean_importance", "usual_cost"]
    catalogue = pd.DataFrame.from_dict(CATALOGUE, orient="index", columns=columns)
    each = asked[["customer_id", "acquired_on"]].merge(
        catalogue.rename_axis("need_id").reset_index(), how="cross"
    )
    n = len(each)
    noise = draw.standard_normal((3, n))
    urgency = each["mean_urgency"] + 0.8 * noise[0]
    importance = each["mean_importance"] + 0.8 * noise[1]
    functional, dysfunctional = _kano(draw, each["kano"])
    known = day_of(each["acquired_on"])
    day = known + np.ceil(draw.random(n) * (DAYS - 1 - known))
    validated = draw.random(n) < VALIDATED
    each = each.assign(
        urgency=urgency.round().clip(1, 5),
        need_importance=importance.round().clip(1, 5),
        cost=(each["usual_cost"] * np.exp(0.3 * noise[2])).round(-1),
        validated_on=dates(np.where(validated, day, np.nan)),
        kano_functional=functional,
        kano_dysfunctional=dysfunctional,
    )
    return typed(each, NEEDS_TABLE)


def _kano(draw: np.random.Generator, category: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return answers from 1 (like) to 5 (dislike) to the two questions of each row."""
    n = len(category)
    sincere = draw.random(n) < SINCERE
    told = []
    for question in (0, 1):
        wide = {name: np.resize(answers[question], 3) for name, answers in KANO.items()}
        table = np.array([wide[name] for name in KANO]).reshape(len(KANO), 3)
        row = category.map({name: k for k, name in enumerate(KANO)}).to_numpy(dtype="int64")
        own = table[row, draw.integers(0, 3, n)]
        told.append(np.where(sincere, own, draw.integers(1, 6, n)))
    return told[0], told[1]


def _ratings(seed: int, survey: pd.DataFrame) -> pd.DataFrame:
    """Return what customers say they get and give, with us and with their main rival.

    A rating is clip(round(level + share of the customer + gap + 1.2 e), 1, 10) with the
    customer's share N(0, .7²) common to both brands; planted: the gap, ours only (`AHEAD`),
    and .35 of a point on our four values per point of overall satisfaction above 6.8. Asked
    with .4 of those who answered the survey.
    """
    draw = stream(seed, "value_ratings")
    chosen = (draw.random(len(survey)) < RATED) & survey["satisfaction_overall"].notna()
    each = survey.loc[chosen, ["customer_id", "wave", "satisfaction_overall"]]
    names = [*VALUES, *COSTS]
    n = len(each)
    own = 0.7 * draw.standard_normal((n, 1, 1))
    level = np.array([LEVEL[name] for name in names]) + own
    gap = np.array([AHEAD[name] for name in names])
    pleased = each["satisfaction_overall"].to_numpy(dtype="float64")[:, None] - 6.8
    ours = gap + OF_SATISFACTION * pleased * np.isin(names, VALUES)
    both = np.stack([ours, np.zeros((n, len(names)))], axis=1)
    noise = 1.2 * draw.standard_normal((n, 2, len(names)))
    rated = np.clip(np.rint(level + both + noise), 1, 10).reshape(2 * n, len(names))
    table = each.loc[each.index.repeat(2), ["customer_id", "wave"]].reset_index(drop=True)
    table["brand"] = np.tile(["us", "rival"], n)
    return typed(table.assign(**pd.DataFrame(rated, columns=names)), VALUE_RATINGS)
