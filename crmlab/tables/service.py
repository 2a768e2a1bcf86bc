"""Service: touches, complaints and their eight steps, and what the staff say."""

from crmlab.tables import names
from crmlab.tables.base import Column, Table

SCOPES = ("quality", "contract_terms", "transport", "service")
PHASES = ("before_sale", "during_sale", "after_sale")
CARE_VARIABLES = ("product_service", "communication", "sales_incentive", "public_relations")
DEPARTMENTS = ("sales", "service", "marketing", "logistics", "finance")
TOUCH_TYPES = ("visit", "call", "message", "event", "return_visit", "suggestion")
_CUSTOMER = Column("id", aliases=names.CUSTOMER)


def _maybe(kind: str, *aliases: str, **rules: object) -> Column:
    return Column(kind, optional=True, nullable=True, aliases=aliases, **rules)  # type: ignore[arg-type]


TOUCHPOINTS = Table(
    "touchpoints",
    key=("touch_id",),
    columns={
        "touch_id": Column("id", aliases=("接触编号",)),
        "contact_id": Column("id", aliases=("联系人编号",)),
        "customer_id": _maybe("id", *names.CUSTOMER),
        "staff_id": _maybe("id", "员工编号"),
        "department": _maybe("code", "部门", codes=DEPARTMENTS),
        "at": Column("date", aliases=("接触时间",)),
        "type": _maybe("code", "接触类型", codes=TOUCH_TYPES),
        "phase": _maybe("code", "服务阶段", codes=PHASES),
        "care_variable": _maybe("code", "关怀变量", codes=CARE_VARIABLES),
        "minutes_to_respond": _maybe("integer", "响应分钟数", unit="minutes", low=0),
        "due_on": _maybe("date", "应回访日"),
        "done_on": _maybe("date", "实际回访日"),
        "adopted": _maybe("flag", "是否采纳"),
    },
)

COMPLAINTS = Table(
    "complaints",
    key=("complaint_id",),
    columns={
        "complaint_id": Column(
            "id",
            aliases=(
                "投诉编号",
                "投诉单号",
                "工单编号",
                "工单号",
                "complaint_no",
                "ticket_id",
                "ticket_number",
                "case_id",
            ),
        ),
        "customer_id": _CUSTOMER,
        "order_id": _maybe("id", "订单编号"),
        "complained_on": Column(
            "date",
            aliases=(
                "投诉日期",
                "投诉时间",
                "受理日期",
                "受理时间",
                "提交日期",
                "date_received",
                "complaint_date",
                "opened_on",
                "created_at",
                "date",
            ),
        ),
        "scope": _maybe("code", "投诉范围", codes=SCOPES),
        "severity": _maybe("integer", "严重程度", "级别", low=1, high=3),
        "valid": _maybe("flag", "是否成立"),
        "recovered": _maybe("flag", "是否补救成功"),
        "closed_on": _maybe(
            "date",
            "结案日期",
            "结案时间",
            "关闭时间",
            "办结日期",
            "closed_at",
            "resolved_at",
            "date_closed",
        ),
    },
)

COMPLAINT_EVENTS = Table(
    "complaint_events",
    key=("complaint_id", "step"),
    columns={
        "complaint_id": Column(
            "id",
            aliases=(
                "投诉编号",
                "投诉单号",
                "工单编号",
                "工单号",
                "complaint_no",
                "ticket_id",
                "ticket_number",
                "case_id",
            ),
        ),
        "step": Column("integer", low=1, high=8, aliases=("步骤",)),
        "at": Column("date", aliases=("时间",)),
        "actor": _maybe("id", "经办人"),
    },
)

STAFF_SURVEY = Table(
    "staff_survey",
    key=("staff_id", "wave"),
    columns={
        "staff_id": Column("id", aliases=("员工编号",)),
        "unit": Column("code", aliases=("部门单位",)),
        "wave": Column("integer", low=1, aliases=("调查期次", "期次")),
        "satisfaction": Column("integer", "points", nullable=True, low=1, high=10),
        "intent_to_stay": Column("integer", "points", nullable=True, low=1, high=10),
    },
)

SERVICE = (TOUCHPOINTS, COMPLAINTS, COMPLAINT_EVENTS, STAFF_SURVEY)
