"""What is in an order: lines that fill the order's amount, the residual being discount."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.company.hidden import stream
from crmlab.company.offers import NEW, NULL_PAIR, PAIRS, SPECIAL

SUPPORT, LIFT = 0.08, 3.0  # of each product of a pair; of planted pairs
LINES = (0.5, 0.3, 0.2)  # shares of orders with one, two, three lines beside the pairs
DISCOUNT = {"all": 0.02, "dealer": 0.05, "key_account": 0.04, "new": 0.03, "diverted": 0.06}
NEW_DAYS = 180
UNITS = 4  # a line's product is cheap enough to be bought four times, if one is


def order_lines(seed: int, company: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the lines of every order: Σ (quantity × price − discount) is its amount.

    An order holds each product of a pair with probability .08; both of a planted pair
    with 3 × .08², both of the null pair with .08². Each takes about a tenth of the
    list value aimed at, amount × (1 + d), and one to three other lines the rest in
    random shares; d is the sum of `DISCOUNT` where it applies. Quantities are rounded
    up, so that the list value is never below the amount; what it is above is discount,
    spread over the lines by value. Other products are drawn by popularity among those
    that the share can buy four times; one not yet launched is replaced by the next
    cheaper one. Direct cost is quantity × unit cost. All in whole CNY.
    """
    draw = stream(seed, "order_lines")
    orders, goods = company["orders"], company["products"]
    aim = orders["amount"].to_numpy() * (1 + _generosity(company))
    chosen = _paired(draw, aim, goods)
    rest = aim - chosen.groupby("order")["value"].sum().reindex(range(len(aim)), fill_value=0)
    others = _filled(draw, np.maximum(rest.to_numpy(), 1), orders["order_date"], goods)
    both = pd.concat([chosen, others])[["order", "product", "quantity"]]
    each = both.groupby(["order", "product"], as_index=False).sum()
    return _priced(each, orders, goods)


def _generosity(company: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Return the discount aimed at, as a share of the amount, order by order."""
    orders = company["orders"]
    who = orders[["customer_id"]].merge(company["customers"], how="left")
    tenure = (orders["order_date"] - who["acquired_on"]).dt.days
    key = who["potential"] >= company["customers"]["potential"].quantile(0.9)
    diverted = orders["origin_region"] != orders["sold_region"]
    told = {"dealer": who["is_dealer"], "key_account": key, "new": tenure < NEW_DAYS,
            "diverted": diverted}  # fmt: skip
    more = [DISCOUNT[name] * holds.to_numpy(dtype="float64") for name, holds in told.items()]
    return DISCOUNT["all"] + np.sum(more, axis=0)


def _paired(draw: np.random.Generator, aim: np.ndarray, goods: pd.DataFrame) -> pd.DataFrame:
    """Return the lines with products of the pairs: order, product (place), quantity, value."""
    found = []
    for first, second in (*PAIRS, NULL_PAIR):
        lift = 1.0 if (first, second) == NULL_PAIR else LIFT
        chance = draw.random((2, len(aim)))
        has = chance[0] < SUPPORT
        given = np.where(has, lift * SUPPORT, SUPPORT * (1 - lift * SUPPORT) / (1 - SUPPORT))
        found += [(first, np.flatnonzero(has)), (second, np.flatnonzero(chance[1] < given))]
    lines = pd.concat(
        [pd.DataFrame({"order": rows, "product": place}) for place, rows in found],
        ignore_index=True,
    )
    price = goods["price"].to_numpy()[lines["product"]]
    quantity = np.maximum(np.floor(0.1 * aim[lines["order"]] / price), 1).astype("int64")
    return lines.assign(quantity=quantity, value=quantity * price)


def _filled(
    draw: np.random.Generator, rest: np.ndarray, days: pd.Series, goods: pd.DataFrame
) -> pd.DataFrame:
    """Return the other lines: as many as are drawn, each with a random share of the rest."""
    share = draw.gamma(2, size=(len(rest), len(LINES)))
    share *= np.arange(len(LINES)) <= draw.choice(len(LINES), len(rest), p=LINES)[:, None]
    share /= share.sum(axis=1, keepdims=True)
    order, nth = np.nonzero(share)
    budget = share[order, nth] * rest[order]
    product = _products(draw, budget, days.iloc[order], goods)
    price = goods["price"].to_numpy()[product]
    quantity = np.ceil(budget / price).astype("int64")
    return pd.DataFrame({"order": order, "product": product, "quantity": quantity})


def _products(
    draw: np.random.Generator, budget: np.ndarray, days: pd.Series, goods: pd.DataFrame
) -> np.ndarray:
    """Return one product per line, by popularity among those that the budget allows."""
    weight = np.exp(0.6 * draw.standard_normal(len(goods)))
    plain = (
        goods.assign(weight=weight).drop(index=list(SPECIAL)).sort_values("price", kind="stable")
    )
    upto = plain["weight"].cumsum().to_numpy()
    within = plain["price"].searchsorted(budget / UNITS, side="right").clip(1) - 1
    place = np.searchsorted(upto, draw.random(len(budget)) * upto[within])
    old = ~plain.index.isin(list(NEW))
    before = np.maximum.accumulate(np.where(old, np.arange(len(plain)), 0))
    launched = plain["launched_on"].to_numpy()[place] <= days.to_numpy()
    return plain.index.to_numpy()[np.where(launched, place, before[place])]


def _priced(each: pd.DataFrame, orders: pd.DataFrame, goods: pd.DataFrame) -> pd.DataFrame:
    """Return lines with prices, the discount spread over an order's lines, and the cost."""
    product, order = each["product"].to_numpy(), each["order"].to_numpy()
    value = each["quantity"].to_numpy() * goods["price"].to_numpy()[product]
    gross = np.bincount(order, value).astype("int64")
    given = (gross - orders["amount"].to_numpy())[order]
    upto = pd.Series(value).groupby(order).cumsum().to_numpy()
    discount = given * upto // gross[order] - given * (upto - value) // gross[order]
    cost = each["quantity"].to_numpy() * goods["unit_cost"].to_numpy()[product]
    return pd.DataFrame(
        {
            "order_id": orders["order_id"].to_numpy()[order],
            "line_number": each.groupby("order").cumcount() + 1,
            "product_id": goods["product_id"].to_numpy()[product],
            "quantity": each["quantity"],
            "price": goods["price"].to_numpy()[product],
            "discount": discount,
            "direct_cost": np.rint(cost).astype("int64"),
        }
    )
