"""Dealers: stock, scores on eleven criteria, rebates. A dealer's id is its customer id.

What is planted here is no evidence about real dealers.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company.hidden import END, MONTH_STARTS, stream
from crmlab.company.typed import planted, typed
from crmlab.tables.dealers import CRITERIA, DEALER_SCORES, DEALER_STOCK, REBATES

STOCK_MONTHS = 24  # the last ones
CARRIED = 3  # products a dealer stocks
SHELF = 0.15  # of the potential, for each of them
QUALITY_ON_SELLING = 0.25  # what a point of hidden quality adds to ln(sell-out)
SELLING_SD = 0.2  # of ln(sell-out), beside quality
SEASON = 0.2  # amplitude over the year
COVER = (0.8, 3.0)  # months of usual sell-out that a dealer orders up to, from … to
LOADING = 0.75  # of a criterion on quality
MEAN_SCORE, SD_SCORE = 6.2, 1.6
RATES = (0.02, 0.03, 0.05)
STRETCH = 1.05  # a threshold over the usual quarter


def tables(seed: int, company: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return ``dealer_stock``, ``dealer_scores`` and ``rebates``.

    Parameters
    ----------
    seed : int
        Of the company.
    company : mapping
        With ``customers``, ``products`` and ``orders``.
    """
    dealers = _dealers(company["customers"])
    return {
        "dealer_stock": _stock(seed, dealers, company["products"]),
        "dealer_scores": _scores(seed, dealers),
        "rebates": _rebates(seed, dealers, company["orders"]),
    }


def truth(seed: int, company: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return each dealer's hidden quality and selling power, and the planted numbers."""
    dealers = _dealers(company["customers"])
    quality, power = _quality(seed, len(dealers))
    hidden = pd.DataFrame(
        {"dealer_id": dealers["customer_id"], "quality": quality, "selling_power": power}
    )
    told = {"selling_power_of_quality": QUALITY_ON_SELLING, "criterion_loading": LOADING}
    return {"dealer_truth": hidden.round(4), "dealer_parameters": planted(told)}


def _dealers(customers: pd.DataFrame) -> pd.DataFrame:
    return customers[customers["is_dealer"].astype(bool)].reset_index(drop=True)


def _quality(seed: int, dealers: int) -> tuple[np.ndarray, np.ndarray]:
    """Return quality ~ N(0, 1) and selling power = exp(.25 quality + .2 e)."""
    draw = stream(seed, "dealer_quality").standard_normal((2, dealers))
    return draw[0], np.exp(QUALITY_ON_SELLING * draw[0] + SELLING_SD * draw[1])


def _stock(seed: int, dealers: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return stock in pieces: opening + shipped − closing is what the dealer sold.

    Usual sell-out u of a product is .15 of potential ÷ 12 ÷ price, at least 1. Planted:
    demand ~ Poisson(u × power × (1 + .2 sin 2π(month ÷ 12))), power as in `_quality`; sold
    is demand as far as there is stock. Each month the dealer is shipped what lacks to its
    cover (uniform .8 to 3 months) of u; a month's closing is the next one's opening.
    """
    draw = stream(seed, "dealer_stock")
    each, usual, power = _shelves(seed, draw, dealers, products)
    months = MONTH_STARTS[-STOCK_MONTHS - 1 : -1]
    season = 1 + SEASON * np.sin(2 * np.pi * np.arange(STOCK_MONTHS) / 12)
    demand = draw.poisson((usual * power)[:, None] * season)
    up_to = np.ceil(usual * draw.uniform(*COVER, len(usual)))
    opening, shipped, closing = np.empty((3, *demand.shape))
    have = np.floor(up_to * draw.random(len(usual)))
    for month in range(STOCK_MONTHS):
        opening[:, month] = have
        shipped[:, month] = np.maximum(up_to - have, 0)
        have = have + shipped[:, month]
        have = closing[:, month] = have - np.minimum(demand[:, month], have)
    table = each.loc[each.index.repeat(STOCK_MONTHS)].assign(
        month=np.tile(months, len(each)),
        opening=opening.ravel(),
        shipped=shipped.ravel(),
        closing=closing.ravel(),
    )
    since = table["acquired_on"] <= table["month"]
    return typed(_begun_by_shipment(table[since], months[0]), DEALER_STOCK)


def _begun_by_shipment(table: pd.DataFrame, start: pd.Timestamp) -> pd.DataFrame:
    """Return the stock, where dealers acquired after `start` begin with a shipment only."""
    first = table.groupby(["dealer_id", "product_id"]).cumcount() == 0
    new = first & (table["acquired_on"] > start)
    return table.assign(
        shipped=table["shipped"] + table["opening"].where(new, 0),
        opening=table["opening"].where(~new, 0),
    )


def _shelves(
    seed: int, draw: np.random.Generator, dealers: pd.DataFrame, products: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return dealers × the products they carry, usual sell-out in pieces, selling power."""
    carried = min(CARRIED, len(products))
    chosen = draw.random((len(dealers), len(products))).argsort(axis=1)[:, :carried].ravel()
    each = dealers.loc[dealers.index.repeat(carried), ["customer_id", "acquired_on", "potential"]]
    price = products["price"].to_numpy(dtype="float64")[chosen]
    usual = np.maximum(np.rint(SHELF * each["potential"].to_numpy() / 12 / price), 1)
    each = each.assign(product_id=products["product_id"].to_numpy()[chosen])
    each = each.rename(columns={"customer_id": "dealer_id"}).reset_index(drop=True)
    return each, usual, _quality(seed, len(dealers))[1].repeat(carried)


def _scores(seed: int, dealers: pd.DataFrame) -> pd.DataFrame:
    """Return scores at each year's end: clip(round(6.2 + 1.6 (.75 quality + .66 e)), 1, 10)."""
    draw = stream(seed, "dealer_scores")
    days = [day - pd.Timedelta(days=1) for day in MONTH_STARTS[12::12]]
    quality = _quality(seed, len(dealers))[0].repeat(len(days))[:, None]
    noise = draw.standard_normal((len(quality), len(CRITERIA)))
    level = MEAN_SCORE + SD_SCORE * (LOADING * quality + np.sqrt(1 - LOADING**2) * noise)
    scores = pd.DataFrame(
        np.clip(np.rint(level), 1, 10), columns=[f"dealer_{name}" for name in CRITERIA]
    )
    scores["dealer_id"] = dealers["customer_id"].repeat(len(days)).to_numpy()
    scores["scored_on"] = np.tile(pd.DatetimeIndex(days), len(dealers))
    known = dealers["acquired_on"].repeat(len(days)).to_numpy() <= scores["scored_on"].to_numpy()
    return typed(scores[known], DEALER_SCORES)


def _rebates(seed: int, dealers: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return rebates by quarter: paid is rate × purchases where these reach the threshold.

    The threshold is 1.05 × the dealer's mean quarter, the rate 2, 3 or 5 % for good. That
    rebates make dealers buy more is *not* planted.
    """
    draw = stream(seed, "rebates")
    rate = pd.Series(draw.choice(RATES, len(dealers)), dealers["customer_id"])
    quarters = MONTH_STARTS[:-1:3]
    each = dealers[["customer_id", "acquired_on"]].merge(
        pd.DataFrame({"period": quarters, "ends": [*quarters[1:], END]}), how="cross"
    )
    each = each[each["acquired_on"] < each["ends"]]
    period = orders["order_date"].dt.to_period("Q").dt.to_timestamp().rename("period")
    bought = orders.groupby(["customer_id", period])["amount"].sum().rename("bought")
    each = each.merge(bought.reset_index(), on=["customer_id", "period"], how="left")
    each["bought"] = each["bought"].fillna(0.0)
    usual = each.groupby("customer_id")["bought"].transform("mean")
    each["threshold"] = (STRETCH * usual).round(-2).clip(lower=500)
    each["rate"] = each["customer_id"].map(rate)
    earned = each["bought"] >= each["threshold"]
    each["paid"] = (each["rate"] * each["bought"]).where(earned, 0.0).round(2)
    return typed(each.rename(columns={"customer_id": "dealer_id"}), REBATES)
