"""Credit: what customers are trusted with, what they owe, what they paid and how it was got in."""

from crmlab.tables.base import Column, Table

SIX_C = ("character", "capacity", "capital", "collateral", "condition", "continuity")
GRADES = ("A", "B", "C", "D")
COLLECTING = ("own", "agency", "arbitration", "court")  # 自行 委托 仲裁 诉讼

_CUSTOMER = Column("id", aliases=("CustomerID", "cust_id", "客户编号"))

CREDIT_FILES = Table(
    "credit_files",
    key=("customer_id", "reviewed_on"),
    columns={
        "customer_id": _CUSTOMER,
        "reviewed_on": Column("date", aliases=("评审日期", "信用调查日期")),
        **{f"score_{c}": Column("integer", "points", low=0, high=100) for c in SIX_C},
        "grade": Column("code", codes=GRADES, aliases=("信用等级",)),
        "credit_limit": Column("money", "source currency", low=0, aliases=("limit", "信用额度")),
    },
)

INVOICES = Table(
    "invoices",
    key=("invoice_id",),
    columns={
        "invoice_id": Column("id", aliases=("发票号", "应收单号")),
        "order_id": Column("id", aliases=("InvoiceNo", "订单编号")),
        "customer_id": _CUSTOMER,
        "invoiced_on": Column("date", aliases=("invoice_date", "开票日期")),
        "due_on": Column("date", aliases=("due_date", "到期日")),
        "amount": Column("money", "source currency", low=0, aliases=("金额", "应收金额")),
        "terms": Column("text", aliases=("付款条件",)),  # such as 2/10 n/30
        "discount": Column("money", "source currency", low=0, aliases=("现金折扣",)),
    },
)

PAYMENTS = Table(
    "payments",
    key=("payment_id",),
    columns={
        "payment_id": Column("id", aliases=("回款单号",)),
        "invoice_id": Column("id", aliases=("发票号", "应收单号")),
        "paid_on": Column("date", aliases=("paid_date", "回款日期", "付款日期")),
        "amount": Column("money", "source currency", low=0, aliases=("金额", "回款金额")),
        "method": Column("code", codes=COLLECTING, aliases=("收款方式",)),
    },
)

COLLECTIONS = Table(
    "collections",
    key=("invoice_id",),
    columns={
        "invoice_id": Column("id", aliases=("发票号", "应收单号")),
        "method": Column("code", codes=COLLECTING, aliases=("追账方式",)),
        "started_on": Column("date", aliases=("追账开始日期",)),
        "cost": Column("money", "source currency", low=0, aliases=("费用", "追账费用")),
    },
)

CREDIT = (CREDIT_FILES, INVOICES, PAYMENTS, COLLECTIONS)
