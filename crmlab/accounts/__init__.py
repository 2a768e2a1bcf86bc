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
from crmlab.accounts.mix import composition, hhi, product_mix, revenue_at_risk
from crmlab.accounts.questions import costly, platinum
from crmlab.accounts.safeguards import (
    LEAST,
    account_signs,
    checklist,
    lacking,
    tell_lacking,
)
from crmlab.accounts.scorecard import relationships, scorecard
from crmlab.accounts.trade import (
    complaining,
    most_wanted,
    mostly_rivals,
    still_trading,
    wallet_share,
)
from crmlab.accounts.who import (
    commercial_value,
    customer_types,
    reconcile,
    type_rules,
    value_parts,
)

__all__ = [
    "LEAST",
    "account_signs",
    "below_floor",
    "checklist",
    "collisions",
    "commercial_value",
    "complaining",
    "composition",
    "costly",
    "customer_types",
    "duplicates",
    "hhi",
    "lacking",
    "large_accounts",
    "most_wanted",
    "mostly_rivals",
    "normalise",
    "people",
    "platinum",
    "pocket_margin",
    "product_mix",
    "profit",
    "reconcile",
    "relationships",
    "revenue_at_risk",
    "sales",
    "scorecard",
    "still_trading",
    "tell_lacking",
    "type_rules",
    "value_parts",
    "wallet_share",
    "waterfall",
]
