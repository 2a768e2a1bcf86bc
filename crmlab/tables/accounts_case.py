"""K公司's accounts, before and after it chose among its customers: one row per account."""

from crmlab.tables import names
from crmlab.tables.base import Column, Table

_COLUMNS = {
    "customer_id": Column("id", aliases=names.CUSTOMER),
    "period": Column("code", codes=("before", "two_years_later"), aliases=("期间",)),
    "revenue": Column("money", "source currency a year", low=0, aliases=("销售额", "收入")),
    "direct_cost": Column("money", "source currency a year", low=0, aliases=("直接成本",)),
    "selling_cost": Column("money", "source currency a year", low=0, aliases=("销售费用",)),
}
ACCOUNTS = Table("accounts", key=("customer_id",), columns=_COLUMNS)
ACCOUNTS_LATER = Table("accounts_later", key=("customer_id",), columns=_COLUMNS)
CASES = (ACCOUNTS, ACCOUNTS_LATER)
