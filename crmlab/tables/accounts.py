"""The accounts of customers: what they cost, who works there, contracts, clubs, wallets."""

from crmlab.tables import names
from crmlab.tables.base import Column, Table

ELEMENTS = (
    "parties", "subject", "quantity", "quality", "price",
    "term", "place", "manner", "liability", "disputes",
)  # fmt: skip
_CUSTOMER = Column("id", aliases=names.CUSTOMER)
_MONEY = "source currency"


def _cost(*aliases: str, optional: bool = True) -> Column:
    return Column("money", _MONEY, optional=optional, low=0, aliases=aliases)


COSTS = Table(
    "costs",
    key=("customer_id", "month"),
    columns={
        "customer_id": _CUSTOMER,
        "month": Column("date", aliases=("月份",)),
        "selling": _cost("销售费用", optional=False),
        "service": _cost("服务费用", optional=False),
        "purchase": _cost("采购费用"),
        "logistics": _cost("物流费用"),
        "production": _cost("生产费用"),
        "marketing": _cost("营销费用"),
    },
)

CONTACTS = Table(
    "contacts",
    key=("contact_id",),
    columns={
        "contact_id": Column("id", aliases=("联系人编号", "联系人ID", "contact_no")),
        "customer_id": _CUSTOMER,
        "name": Column("text", optional=True, nullable=True, aliases=("姓名",)),
        "department": Column("code", optional=True, nullable=True, aliases=("部门",)),
        "role": Column(
            "code", optional=True, nullable=True, codes=("decides", "benefits", "pays"),
            aliases=("角色",),
        ),
        "phone_hash": Column("id", optional=True, nullable=True, aliases=("电话哈希",)),
    },
)  # fmt: skip

CONTRACTS = Table(
    "contracts",
    key=("contract_id",),
    columns={
        "contract_id": Column(
            "id", aliases=("合同编号", "合同号", "contract_no", "contract_number", "agreement_id")
        ),
        "customer_id": _CUSTOMER,
        "started_on": Column(
            "date",
            aliases=(
                "合同开始日",
                "合同开始日期",
                "开始日期",
                "起始日期",
                "生效日期",
                "签订日期",
                "签约日期",
                "start_date",
                "contract_start",
                "effective_date",
                "signed_on",
            ),
        ),
        "ended_on": Column(
            "date",
            nullable=True,
            aliases=(
                "合同终止日",
                "合同结束日期",
                "合同到期日",
                "结束日期",
                "终止日期",
                "到期日期",
                "到期日",
                "end_date",
                "contract_end",
                "expiry_date",
                "expires_on",
            ),
        ),
        **{f"has_{name}": Column("flag", optional=True, nullable=True) for name in ELEMENTS},
    },
)

MEMBERSHIPS = Table(
    "memberships",
    key=("customer_id", "joined_on"),
    columns={
        "customer_id": _CUSTOMER,
        "joined_on": Column("date", aliases=("入会日期", "入会时间", "join_date", "joined_at")),
        "left_on": Column(
            "date", optional=True, nullable=True, aliases=("退会日期", "退会时间", "leave_date")
        ),
    },
)

WALLET = Table(
    "wallet",
    key=("customer_id", "year"),
    columns={
        "customer_id": _CUSTOMER,
        "year": Column("integer", low=1900, high=2200, aliases=("年份",)),
        "category_spend": Column("money", f"{_MONEY} a year", low=0, aliases=("品类总支出",)),
        "main_rival": Column("code", optional=True, nullable=True, aliases=("主要竞争对手",)),
        "rival_share": Column(
            "number", "share", optional=True, nullable=True, low=0, high=1,
            aliases=("竞争对手份额",),
        ),
        "our_share_of_its_supply": Column(
            "number", "share", optional=True, nullable=True, low=0, high=1,
            aliases=("我方占其采购份额",),
        ),
    },
)  # fmt: skip

ACCOUNTS = (COSTS, CONTACTS, CONTRACTS, MEMBERSHIPS, WALLET)
