"""What the company offers: products, and the stock of them month by month."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company.hidden import DAYS, MONTH_STARTS, MONTHS, dates, stream
from crmlab.tables import CATEGORIES

PRODUCTS = 60
PAIRS = ((6, 22), (30, 47))  # places of products bought together three times as often as by chance
NULL_PAIR = (14, 51)  # as often as by chance
SPECIAL = tuple(place for pair in (*PAIRS, NULL_PAIR) for place in pair)
NEW = {11: 4, 25: 9, 33: 14, 40: 19, 44: 24, 57: 29}  # place → month of launch
MARGIN = (0.36, 0.56)  # of the list price


def products(seed: int) -> pd.DataFrame:
    """Return 60 products: list prices lognormal (median 22 CNY, s.d. .9), whole, 3 to 240.

    Products of the planted pairs cost 6 to 14. Unit cost is (1 − m) × price, m uniform on
    .36 to .56. Six were launched within the 36 months, the others before.
    """
    draw = stream(seed, "products")
    price = np.clip(np.rint(22 * np.exp(0.9 * draw.standard_normal(PRODUCTS))), 3, 240)
    price[list(SPECIAL)] = draw.integers(6, 14, len(SPECIAL), endpoint=True)
    margin = draw.uniform(*MARGIN, PRODUCTS)
    launched = -np.floor(DAYS * draw.random(PRODUCTS)) - 1
    months = MONTH_STARTS[list(NEW.values())] - MONTH_STARTS[0]
    launched[list(NEW)] = months.days
    return pd.DataFrame(
        {
            "product_id": [f"P{number:03d}" for number in range(1, PRODUCTS + 1)],
            "category": np.resize(CATEGORIES, PRODUCTS),
            "price": price.astype("int64"),
            "unit_cost": (price * (1 - margin)).round(2),
            "launched_on": dates(launched),
        }
    )


def inventory(seed: int, company: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return stock at list price, one row per product and month since its launch.

    A month ends with c_p × mean monthly sales × e^(.2 e), e normal, but not with less than
    what opening stock and sales leave; c_p (months of cover) is lognormal around 1.5,
    s.d. .5. Purchases, closing − opening + sales, are never negative.
    """
    draw = stream(seed, "inventory")
    sold = _sold(company)
    cover = 1.5 * np.exp(0.5 * draw.standard_normal((PRODUCTS, 1))) * sold.mean(axis=1)[:, None]
    aim = np.rint(cover * np.exp(0.2 * draw.standard_normal((PRODUCTS, MONTHS + 1))))
    launched = company["products"]["launched_on"]
    launched = launched.where(launched > MONTH_STARTS[0], MONTH_STARTS[0])
    since = MONTH_STARTS.get_indexer(pd.DatetimeIndex(launched))[:, None]
    level = np.where(since <= np.arange(-1, MONTHS), aim, 0)
    level[:, 0] = np.where(since[:, 0] == 0, aim[:, 0], 0)
    for month in range(MONTHS):
        left = level[:, month] - sold[:, month]
        level[:, month + 1] = np.maximum(level[:, month + 1], left)
    product, seen = np.nonzero(np.arange(MONTHS) >= since)
    return pd.DataFrame(
        {
            "product_id": company["products"]["product_id"].to_numpy()[product],
            "month": MONTH_STARTS[seen],
            "opening": level[product, seen].astype("int64"),
            "closing": level[product, seen + 1].astype("int64"),
        }
    )


def _sold(company: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return sales at list price, shape (products, months)."""
    lines = company["order_lines"].merge(company["orders"][["order_id", "order_date"]])
    month = MONTH_STARTS.searchsorted(lines["order_date"], side="right") - 1
    product = company["products"]["product_id"].searchsorted(lines["product_id"])
    sold = np.zeros((PRODUCTS, MONTHS))
    np.add.at(sold, (product, month), lines["quantity"] * lines["price"])
    return sold
