"""Customers and what they bought."""

from crmlab.tables import names
from crmlab.tables.base import Column, Table

CHURN_REASONS = (
    "poor_quality", "no_innovation", "bad_service", "weak_market_control",
    "staff_left", "rival_lure", "short_termism",
)  # fmt: skip

CONSENT = {
    "consent": Column(
        "flag", optional=True, nullable=True,
        aliases=("是否同意营销", "同意接收营销", "同意营销", "营销许可", "Accepts Marketing",
                 "Email Opt-in", "opt_in", "marketing_consent"),
    ),
    "do_not_contact": Column(
        "flag", optional=True, nullable=True,
        aliases=("免打扰", "勿扰", "拒绝联系", "退订", "unsubscribed", "opt_out", "Do Not Contact",
                 "suppressed"),
    ),
}  # fmt: skip

ORDERS = Table(
    "orders",
    key=(),  # lines of orders: a customer may buy the same thing twice on one day
    columns={
        "customer_id": Column("id", aliases=(*names.CUSTOMER, *names.CUSTOMER_NAMES)),
        "order_date": Column("date", aliases=names.ORDER_DATE),
        "amount": Column("money", "source currency", aliases=names.AMOUNT),
        "order_id": Column("id", optional=True, nullable=True, aliases=names.ORDER),
        "product_id": Column("id", optional=True, nullable=True, aliases=names.PRODUCT),
        "quantity": Column("number", "units", optional=True, nullable=True, aliases=names.QUANTITY),
        "unit_price": Column(
            "number",
            "source currency a unit",
            optional=True,
            nullable=True,
            aliases=names.UNIT_PRICE,
        ),
        "refund_amount": Column(
            "money",
            "source currency",
            optional=True,
            nullable=True,
            low=0,
            aliases=(
                "退款金额",
                "实际退款金额",
                "已退款金额",
                "退货金额",
                "refund",
                "refunded",
                "refunded_amount",
                "amount_refunded",
                "refund_value",
            ),
        ),
        "original_order_id": Column(
            "id",
            optional=True,
            nullable=True,
            aliases=(
                "原订单编号",
                "原订单号",
                "原单号",
                "original_order",
                "parent_order_id",
                "return_of",
            ),
        ),
        "status": Column("text", optional=True, nullable=True, aliases=(*names.STATUS, "Status")),
        "due_on": Column(
            "date",
            optional=True,
            nullable=True,
            aliases=("应付日期", "到期日", "due_date", "payment_due"),
        ),
        "origin_region": Column(
            "code",
            optional=True,
            nullable=True,
            aliases=("发货区域", "发货地区", "ship_from_region"),
        ),
        "sold_region": Column(
            "code",
            optional=True,
            nullable=True,
            aliases=("销售区域", "销售地区", "大区", "region", "sales_region"),
        ),
        "rep_id": Column("id", optional=True, nullable=True, aliases=names.REP),
        **CONSENT,
    },
)

CUSTOMERS = Table(
    "customers",
    key=("customer_id",),
    columns={
        "customer_id": Column("id", aliases=names.CUSTOMER),
        "name": Column(
            "text", optional=True, nullable=True,
            aliases=(
                "客户名称", "姓名", "客户姓名", "会员姓名", "公司名称", "customer_name",
                "full_name",
            ),
        ),
        "kind": Column(
            "code", optional=True, nullable=True, codes=("noncontract", "contract"),
            aliases=("客户类型",),
        ),
        "nature": Column(
            "code", optional=True, nullable=True, codes=("retail", "commercial", "organisation"),
            aliases=("客户性质", "性质"),
        ),
        "industry": Column(
            "code", optional=True, nullable=True,
            aliases=("行业", "所属行业", "industry_sector", "sector"),
        ),
        "region": Column(
            "code", optional=True, nullable=True,
            aliases=(
                "地区", "区域", "省份", "所在地区", "所在省份", "省", "state", "province",
                "customer_state", "country",
            ),
        ),
        "acquired_on": Column(
            "date", optional=True, nullable=True,
            aliases=(
                "建档日期", "建档时间", "注册时间", "注册日期", "入会时间", "入会日期", "开户日期",
                "创建时间", "registration_date", "signup_date", "registered_at", "joined_on",
                "created_at", "created_on", "enroll_date", "dt_customer",
            ),
        ),
        "is_dealer": Column(
            "flag", optional=True, nullable=True,
            aliases=("是否经销商", "经销商", "dealer"),
        ),
        "acquisition_cost": Column(
            "money", "source currency", optional=True, nullable=True, low=0,
            aliases=("获客成本", "cac"),
        ),
        "potential": Column(
            "money", "source currency a year", optional=True, nullable=True, low=0,
            aliases=("年购买潜力",),
        ),
        "channel_id": Column(
            "id", optional=True, nullable=True,
            aliases=("获客渠道", "来源渠道", "客户来源", "channel", "acquisition_channel"),
        ),
        "rep_id": Column("id", optional=True, nullable=True, aliases=names.REP),
        "hours_needed": Column(
            "number", "hours a month", optional=True, nullable=True, low=0, aliases=("所需工时",)
        ),
        "updated_on": Column(
            "date", optional=True, nullable=True,
            aliases=("更新日期", "更新时间", "修改时间", "updated_at", "last_updated"),
        ),
        "data_source": Column("code", optional=True, nullable=True, aliases=("资料来源",)),
        "churned_on": Column(
            "date", optional=True, nullable=True,
            aliases=("流失日期", "churn_date", "cancelled_on"),
        ),
        "churn_reason": Column(
            "code", optional=True, nullable=True, codes=CHURN_REASONS, aliases=("流失原因",)
        ),
        "reactivated_on": Column("date", optional=True, nullable=True, aliases=("赢回日期",)),
        **CONSENT,
    },
)  # fmt: skip
