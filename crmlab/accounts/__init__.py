"""Who our customers are and what they leave: profit, the audit's questions, contacts, value.

Tables of the company in, tables of customers out; a column ``reason`` says by a code why a
customer is on a list. Scores and classes depend on values alone: equal customers are never
parted by the order of rows.
"""

from crmlab.accounts.contacts import collisions, duplicates, normalise, people
from crmlab.accounts.margins import (
    below_floor,
    large_accounts,
    pocket_margin,
    profit,
    sales,
    waterfall,
)
from crmlab.accounts.questions import abc_list, costly, platinum
from crmlab.accounts.trade import (
    complaining,
    most_wanted,
    mostly_rivals,
    still_trading,
    wallet_share,
)

__all__ = [
    "abc_list",
    "below_floor",
    "collisions",
    "complaining",
    "costly",
    "duplicates",
    "large_accounts",
    "most_wanted",
    "mostly_rivals",
    "normalise",
    "people",
    "platinum",
    "pocket_margin",
    "profit",
    "sales",
    "still_trading",
    "wallet_share",
    "waterfall",
]
