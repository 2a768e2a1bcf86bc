"""The tables that sources may hold: columns, types, units, what is allowed, other names.

One declaration serves the reading of files (`crmlab.load`), the checks (pandera)
and the data dictionary. What a column is called on the page is in the glossary,
``data/glossary.csv``, under the column's name.
"""

from crmlab.tables.accounts import ACCOUNTS, ELEMENTS
from crmlab.tables.accounts_case import CASES
from crmlab.tables.base import Column, Kind, Table, schema
from crmlab.tables.core import CHURN_REASONS, CUSTOMERS, ORDERS
from crmlab.tables.credit import CREDIT
from crmlab.tables.dealers import DEALERS
from crmlab.tables.goods import CATEGORIES, GOODS
from crmlab.tables.hospital import HOSPITAL
from crmlab.tables.needs import NEEDS
from crmlab.tables.prospects import PROSPECTS
from crmlab.tables.sales import SALES
from crmlab.tables.service import (
    CARE_VARIABLES,
    DEPARTMENTS,
    PHASES,
    SCOPES,
    SERVICE,
    TOUCH_TYPES,
)
from crmlab.tables.survey import ATTRIBUTES, DIMENSIONS, STAY_REASONS, SURVEY

_ALL = (
    ORDERS, CUSTOMERS, SURVEY, *GOODS, *ACCOUNTS, *SERVICE, *CREDIT, *PROSPECTS, *SALES, *DEALERS,
    *HOSPITAL, *NEEDS, *CASES,
)  # fmt: skip
TABLES: dict[str, Table] = {table.name: table for table in _ALL}

__all__ = [
    "ATTRIBUTES",
    "CARE_VARIABLES",
    "CATEGORIES",
    "CHURN_REASONS",
    "CUSTOMERS",
    "DEPARTMENTS",
    "DIMENSIONS",
    "ELEMENTS",
    "ORDERS",
    "PHASES",
    "SCOPES",
    "STAY_REASONS",
    "SURVEY",
    "TABLES",
    "TOUCH_TYPES",
    "Column",
    "Kind",
    "Table",
    "schema",
]
