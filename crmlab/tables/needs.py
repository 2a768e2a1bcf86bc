"""Needs of customers, and the value they are delivered: by us and by a rival."""

from crmlab.tables import names
from crmlab.tables.base import Column, Table

NEED_CLASSES = ("product_need", "service_need", "price_need", "relation_need")
VALUES = ("product_value", "personnel_value", "image_value", "service_value")
COSTS = ("money_cost", "time_cost", "mental_cost", "physical_cost")
BRANDS = ("us", "rival")
KANO_ANSWERS = 5  # 1 like, 2 expect, 3 neutral, 4 can live with it, 5 dislike

_CUSTOMER = Column("id", aliases=names.CUSTOMER)


def _points(high: float, *aliases: str) -> Column:
    return Column("integer", "points", low=1, high=high, aliases=aliases)


NEEDS_TABLE = Table(
    "needs",
    key=("need_id", "customer_id"),
    columns={
        "need_id": Column("code", aliases=("need", "需求")),
        "customer_id": _CUSTOMER,
        "need_class": Column("code", codes=NEED_CLASSES, aliases=("class", "需求类别")),
        "urgency": _points(5, "紧迫性"),
        "need_importance": _points(5, "importance", "重要性"),
        "cost": Column("money", "source currency", low=0, aliases=("满足成本",)),
        "validated_on": Column("date", nullable=True, aliases=("验证日期",)),
        "kano_functional": _points(KANO_ANSWERS, "正向问题"),
        "kano_dysfunctional": _points(KANO_ANSWERS, "反向问题"),
    },
)

VALUE_RATINGS = Table(
    "value_ratings",
    key=("customer_id", "wave", "brand"),
    columns={
        "customer_id": _CUSTOMER,
        "wave": Column("integer", low=1, aliases=("调查期次", "期次")),
        "brand": Column("code", codes=BRANDS, aliases=("品牌",)),
        **{name: _points(10) for name in (*VALUES, *COSTS)},
    },
)

NEEDS = (NEEDS_TABLE, VALUE_RATINGS)
