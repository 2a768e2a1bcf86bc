"""Credit: what customers are trusted with, what they owe, what they paid and how it was got in."""

from crmlab.tables import names
from crmlab.tables.base import Column, Table

SIX_C = ("character", "capacity", "capital", "collateral", "condition", "continuity")
GRADES = ("A", "B", "C", "D")
COLLECTING = ("own", "agency", "arbitration", "court")  # 自行 委托 仲裁 诉讼

_CUSTOMER = Column("id", aliases=names.CUSTOMER)

CREDIT_FILES = Table(
    "credit_files",
    key=("customer_id", "reviewed_on"),
    columns={
        "customer_id": _CUSTOMER,
        "reviewed_on": Column("date", aliases=("评审日期", "信用调查日期")),
        **{f"score_{c}": Column("integer", "points", low=0, high=100) for c in SIX_C},
        "grade": Column("code", codes=GRADES, aliases=("信用等级",)),
        "credit_limit": Column(
            "money", "source currency", low=0, aliases=("limit", "信用额度", "授信额度")
        ),
    },
)

INVOICES = Table(
    "invoices",
    key=("invoice_id",),
    columns={
        "invoice_id": Column("id", aliases=names.INVOICE),
        "order_id": Column(
            "id",
            optional=True,
            nullable=True,
            aliases=("订单编号", "订单号", "销售订单号", "order_no"),
        ),
        "customer_id": _CUSTOMER,
        "invoiced_on": Column(
            "date",
            aliases=(
                "invoice_date",
                "date_invoiced",
                "issue_date",
                "document_create_date",
                "posting_date",
                "开票日期",
                "发票日期",
                "应收日期",
                "单据日期",
                "入账日期",
            ),
        ),
        "due_on": Column(
            "date",
            aliases=(
                "due_date",
                "due_in_date",
                "payment_due_date",
                "due",
                "到期日",
                "到期日期",
                "应收到期日",
                "应付日期",
                "付款到期日",
                "收款到期日",
            ),
        ),
        "amount": Column(
            "money",
            "source currency",
            low=0,
            aliases=(
                "应收金额",
                "发票金额",
                "开票金额",
                "应收账款",
                "应收款",
                "金额",
                "价税合计",
                "invoice_amount",
                "invoice_total",
                "total_open_amount",
                "amount_due",
                "total",
                "total_amount",
            ),
        ),
        "terms": Column(
            "text",
            optional=True,
            nullable=True,
            aliases=("付款条件", "账期", "信用条件", "payment_terms"),
        ),  # such as 2/10 n/30
        "discount": Column(
            "money", "source currency", optional=True, nullable=True, low=0, aliases=("现金折扣",)
        ),
    },
)

PAYMENTS = Table(
    "payments",
    key=("payment_id",),
    columns={
        "payment_id": Column(
            "id",
            aliases=(
                "回款单号",
                "收款单号",
                "收款编号",
                "付款单号",
                "payment_no",
                "receipt_no",
                "receipt_id",
            ),
        ),
        "invoice_id": Column("id", aliases=names.INVOICE),
        "paid_on": Column(
            "date",
            aliases=(
                "paid_date",
                "payment_date",
                "date_paid",
                "settled_date",
                "clear_date",
                "receipt_date",
                "回款日期",
                "回款时间",
                "收款日期",
                "到账日期",
                "付款日期",
                "核销日期",
            ),
        ),
        "amount": Column(
            "money",
            "source currency",
            low=0,
            aliases=(
                "回款金额",
                "收款金额",
                "已收金额",
                "到账金额",
                "核销金额",
                "付款金额",
                "金额",
                "paid_amount",
                "amount_paid",
                "payment_amount",
            ),
        ),
        "method": Column(
            "code", optional=True, nullable=True, codes=COLLECTING, aliases=("收款方式",)
        ),
    },
)

COLLECTIONS = Table(
    "collections",
    key=("invoice_id",),
    columns={
        "invoice_id": Column("id", aliases=names.INVOICE),
        "method": Column("code", codes=COLLECTING, aliases=("追账方式",)),
        "started_on": Column("date", aliases=("追账开始日期",)),
        "cost": Column("money", "source currency", low=0, aliases=("费用", "追账费用")),
    },
)

CREDIT = (CREDIT_FILES, INVOICES, PAYMENTS, COLLECTIONS)
