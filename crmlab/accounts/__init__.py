"""Who our customers are and what they leave: profit, the audit's questions, contacts, value.

Tables of the company in, tables of customers out; a column ``reason`` says by a code why a
customer is on a list. Scores and classes depend on values alone: equal customers are never
parted by the order of rows.
"""

from crmlab.accounts.audit import (
    QUESTIONS,
    answers,
    seven_lists,
)
from crmlab.accounts.contacts import (
    collisions,
    duplicates,
    normalise,
    people,
)
from crmlab.accounts.items import (
    ahead,
    first_need,
    items_told,
    scorecard_items,
)
from crmlab.accounts.known import (
    HELPFUL,
    NEEDED,
    completed,
    margins_in,
    measures,
    ready,
    sold_in,
    until,
    within,
    year_over,
)
from crmlab.accounts.margins import (
    below_floor,
    large_accounts,
    pocket_margin,
    profit,
    sales,
    waterfall,
)
from crmlab.accounts.mix import (
    composition,
    effective_number,
    hhi,
    product_mix,
    revenue_at_risk,
)
from crmlab.accounts.orientation import (
    leaning,
    shopping_scores,
    stated_weights,
)
from crmlab.accounts.phrases import tell_actions, tell_reasons, tell_rules
from crmlab.accounts.questions import (
    costly,
    platinum,
)
from crmlab.accounts.safeguards import (
    LEAST,
    account_signs,
    checklist,
    lacking,
    tell_lacking,
)
from crmlab.accounts.scorecard import (
    relationships,
    scorecard,
)
from crmlab.accounts.segments import (
    ACTIONS,
    stakes,
)
from crmlab.accounts.statistics import (
    by_size,
    group_ratios,
    rank_correlation,
    ratio,
    ratio_gap,
    totals,
)
from crmlab.accounts.strategy import (
    choices,
    concerned,
    strategies,
    wallet_gap,
)
from crmlab.accounts.trade import (
    complaining,
    most_wanted,
    mostly_rivals,
    still_trading,
    wallet_share,
)
from crmlab.accounts.who import (
    WEIGHTS,
    commercial_value,
    customer_types,
    on_file,
    reconcile,
    type_rules,
    value_parts,
    valued,
)
from crmlab.accounts.words import (
    headline,
    tell_abc,
    tell_composition,
    tell_concession,
    tell_files,
    tell_orientation,
    tell_people,
    tell_scorecard,
    tell_top,
    tell_whale,
)

__all__ = [
    "ACTIONS",
    "HELPFUL",
    "LEAST",
    "NEEDED",
    "QUESTIONS",
    "WEIGHTS",
    "account_signs",
    "ahead",
    "answers",
    "below_floor",
    "by_size",
    "checklist",
    "choices",
    "collisions",
    "commercial_value",
    "complaining",
    "completed",
    "composition",
    "concerned",
    "costly",
    "customer_types",
    "duplicates",
    "effective_number",
    "first_need",
    "group_ratios",
    "headline",
    "hhi",
    "items_told",
    "lacking",
    "large_accounts",
    "leaning",
    "margins_in",
    "measures",
    "most_wanted",
    "mostly_rivals",
    "normalise",
    "on_file",
    "people",
    "platinum",
    "pocket_margin",
    "product_mix",
    "profit",
    "rank_correlation",
    "ratio",
    "ratio_gap",
    "ready",
    "reconcile",
    "relationships",
    "revenue_at_risk",
    "sales",
    "scorecard",
    "scorecard_items",
    "seven_lists",
    "shopping_scores",
    "sold_in",
    "stakes",
    "stated_weights",
    "still_trading",
    "strategies",
    "tell_abc",
    "tell_actions",
    "tell_composition",
    "tell_concession",
    "tell_files",
    "tell_lacking",
    "tell_orientation",
    "tell_people",
    "tell_reasons",
    "tell_rules",
    "tell_scorecard",
    "tell_top",
    "tell_whale",
    "totals",
    "type_rules",
    "until",
    "value_parts",
    "valued",
    "wallet_gap",
    "wallet_share",
    "waterfall",
    "within",
    "year_over",
]
