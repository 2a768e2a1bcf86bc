"""Dealers: their stock, how they are judged, what rebates they earn. A dealer is a customer."""

from crmlab.tables.base import Column, Table

CRITERIA = (  # the eleven points on which a dealer is chosen
    "range", "reputation", "history", "attitude", "product", "finance", "location",
    "distribution", "service", "price", "public_relations",
)  # fmt: skip

_DEALER = Column("id", aliases=("customer_id", "经销商编号"))


def _pieces(*aliases: str) -> Column:
    return Column("integer", "units", low=0, aliases=aliases)


DEALER_STOCK = Table(
    "dealer_stock",
    key=("dealer_id", "product_id", "month"),
    columns={
        "dealer_id": _DEALER,
        "product_id": Column("id", aliases=("StockCode", "SKU", "商品编号")),
        "month": Column("date", "first day of the month", aliases=("月份",)),
        "opening": _pieces("期初库存"),
        "shipped": _pieces("发货数量"),
        "closing": _pieces("期末库存"),
    },
)

DEALER_SCORES = Table(
    "dealer_scores",
    key=("dealer_id", "scored_on"),
    columns={
        "dealer_id": _DEALER,
        "scored_on": Column("date", aliases=("评分日期",)),
        **{f"dealer_{name}": Column("integer", "points", low=1, high=10) for name in CRITERIA},
    },
)

REBATES = Table(
    "rebates",
    key=("dealer_id", "period"),
    columns={
        "dealer_id": _DEALER,
        "period": Column("date", "first day of the quarter", aliases=("季度",)),
        "threshold": Column("money", "source currency a quarter", low=0, aliases=("返利门槛",)),
        "rate": Column("number", "share of purchases", low=0, high=1, aliases=("返利比例",)),
        "paid": Column("money", "source currency", low=0, aliases=("返利金额",)),
    },
)

DEALERS = (DEALER_STOCK, DEALER_SCORES, REBATES)
