"""Customers and what they bought."""

from crmlab.tables.base import Column, Table

CHURN_REASONS = (
    "poor_quality", "no_innovation", "bad_service", "weak_market_control",
    "staff_left", "rival_lure", "short_termism",
)  # fmt: skip

ORDERS = Table(
    "orders",
    key=(),  # lines of orders: a customer may buy the same thing twice on one day
    columns={
        "customer_id": Column("id", aliases=("CustomerID", "cust_id", "客户编号")),
        "order_date": Column("date", aliases=("InvoiceDate", "订单日期", "下单时间")),
        "amount": Column("money", "source currency", aliases=("revenue", "金额", "实付金额")),
        "order_id": Column("id", optional=True, nullable=True, aliases=("InvoiceNo", "订单编号")),
        "product_id": Column(
            "id", optional=True, nullable=True, aliases=("StockCode", "SKU", "商品编号")
        ),
        "quantity": Column(
            "number", "units", optional=True, nullable=True, aliases=("Quantity", "数量")
        ),
        "unit_price": Column(
            "number",
            "source currency a unit",
            optional=True,
            nullable=True,
            aliases=("UnitPrice", "Price", "单价"),
        ),
        "refund_amount": Column(
            "money", "source currency", optional=True, nullable=True, low=0, aliases=("退款金额",)
        ),
        "original_order_id": Column("id", optional=True, nullable=True, aliases=("原订单编号",)),
        "status": Column("text", optional=True, nullable=True, aliases=("订单状态",)),
        "due_on": Column("date", optional=True, nullable=True, aliases=("应付日期",)),
        "origin_region": Column("code", optional=True, nullable=True, aliases=("发货区域",)),
        "sold_region": Column("code", optional=True, nullable=True, aliases=("销售区域",)),
        "rep_id": Column("id", optional=True, nullable=True, aliases=("业务员编号",)),
    },
)

CUSTOMERS = Table(
    "customers",
    key=("customer_id",),
    columns={
        "customer_id": Column("id", aliases=("CustomerID", "cust_id", "客户编号")),
        "name": Column("text", optional=True, nullable=True, aliases=("客户名称", "姓名")),
        "kind": Column(
            "code", optional=True, nullable=True, codes=("noncontract", "contract"),
            aliases=("客户类型",),
        ),
        "nature": Column(
            "code", optional=True, nullable=True, codes=("retail", "commercial", "organisation"),
            aliases=("客户性质",),
        ),
        "industry": Column("code", optional=True, nullable=True, aliases=("行业",)),
        "region": Column("code", optional=True, nullable=True, aliases=("地区", "区域")),
        "acquired_on": Column("date", optional=True, nullable=True, aliases=("建档日期",)),
        "is_dealer": Column("flag", optional=True, nullable=True, aliases=("是否经销商",)),
        "acquisition_cost": Column(
            "money", "source currency", optional=True, nullable=True, low=0, aliases=("获客成本",)
        ),
        "potential": Column(
            "money", "source currency a year", optional=True, nullable=True, low=0,
            aliases=("年购买潜力",),
        ),
        "channel_id": Column("id", optional=True, nullable=True, aliases=("获客渠道",)),
        "rep_id": Column("id", optional=True, nullable=True, aliases=("业务员编号",)),
        "hours_needed": Column(
            "number", "hours a month", optional=True, nullable=True, low=0, aliases=("所需工时",)
        ),
        "updated_on": Column("date", optional=True, nullable=True, aliases=("更新日期",)),
        "data_source": Column("code", optional=True, nullable=True, aliases=("资料来源",)),
        "churned_on": Column("date", optional=True, nullable=True, aliases=("流失日期",)),
        "churn_reason": Column(
            "code", optional=True, nullable=True, codes=CHURN_REASONS, aliases=("流失原因",)
        ),
        "reactivated_on": Column("date", optional=True, nullable=True, aliases=("赢回日期",)),
    },
)  # fmt: skip
