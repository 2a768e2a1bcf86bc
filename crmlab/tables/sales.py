"""Sales: who sells, whom they visit, what they are to reach, whose customers are whose."""

from crmlab.tables import names
from crmlab.tables.base import Column, Table

SKILLS = ("prospecting", "selling", "service")

_REP = Column("id", aliases=("业务员编号",))
_CUSTOMER = Column("id", aliases=names.CUSTOMER)

REPS = Table(
    "reps",
    key=("rep_id",),
    columns={
        "rep_id": _REP,
        **{f"skill_{name}": Column("integer", "points", low=0, high=100) for name in SKILLS},
        "capacity_hours": Column("number", "hours a month", low=0, aliases=("可用工时",)),
        "region": Column("code", optional=True, aliases=("地区", "区域")),
        "industry": Column("code", optional=True, aliases=("擅长行业", "行业")),
        "years": Column("number", "years", optional=True, low=0, aliases=("从业年限",)),
        "left_on": Column("date", optional=True, nullable=True, aliases=("离职日期",)),
    },
)

VISITS = Table(
    "visits",
    key=("visit_id",),
    columns={
        "visit_id": Column("id", aliases=("拜访编号",)),
        "rep_id": _REP,
        "customer_id": _CUSTOMER,
        "visited_on": Column("date", aliases=("拜访日期",)),
        "hours": Column("number", "hours", optional=True, low=0, aliases=("用时",)),
        "cost": Column("money", "source currency", low=0, aliases=("费用", "拜访费用")),
        "deal": Column("flag", aliases=("是否成交",)),
    },
)

TARGETS = Table(
    "targets",
    key=("rep_id", "month"),
    columns={
        "rep_id": _REP,
        "month": Column("date", "first day of the month", aliases=("月份",)),
        "target": Column("money", "source currency", low=0, aliases=("销售目标",)),
    },
)

REP_ASSIGNMENTS = Table(
    "rep_assignments",
    key=("customer_id", "assigned_from"),
    columns={
        "customer_id": _CUSTOMER,
        "rep_id": _REP,
        "assigned_from": Column("date", aliases=("from", "负责起日")),
        "assigned_to": Column("date", nullable=True, aliases=("to", "负责止日")),
    },
)

SALES = (REPS, VISITS, TARGETS, REP_ASSIGNMENTS)
