"""The tables that sources may hold: columns, types, units, what is allowed, other names.

One declaration serves the reading of files (`crmlab.load`), the checks (pandera)
and the data dictionary. What a column is called on the page is in the glossary,
``data/glossary.csv``, under the column's name.
"""

from crmlab.tables.base import Column, Kind, Table, schema
from crmlab.tables.core import CUSTOMERS, ORDERS
from crmlab.tables.survey import ATTRIBUTES, DIMENSIONS, STAY_REASONS, SURVEY

TABLES: dict[str, Table] = {table.name: table for table in (ORDERS, CUSTOMERS, SURVEY)}

__all__ = [
    "ATTRIBUTES",
    "CUSTOMERS",
    "DIMENSIONS",
    "ORDERS",
    "STAY_REASONS",
    "SURVEY",
    "TABLES",
    "Column",
    "Kind",
    "Table",
    "schema",
]
