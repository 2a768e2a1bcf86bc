"""Customer equity: what loyalty is worth, which lever moves it, and who brings whom.

The course's claims about it, made computable: see the notebook ``loyalty_pays``.
"""

from crmlab.equity.costs import (
    TAUGHT,
    Response,
    at_split,
    budget,
    compared_split,
    keeping_against_winning,
    optimal_split,
    response_from,
)
from crmlab.equity.decompose import decompose, effects, parts
from crmlab.equity.known import known_by
from crmlab.equity.levers import LEVERS, customer_equity, less_churn, lever_effects, yearly_margin
from crmlab.equity.network import (
    by_generation,
    generations,
    network_value,
    referral_conversion,
    referrals,
)
from crmlab.equity.panel import (
    active_years,
    contract_years,
    customer_years,
    profit_between,
    quarters,
    retention_by_year,
    sales,
)
from crmlab.equity.retention import (
    CLAIM,
    acquisition_share_for,
    alike_or_not,
    annual_retention,
    claim_range,
    claim_ranges,
    elasticity,
    gain,
    lifetime_value,
    mixed_value,
    retention_curve,
    retention_sensitivity,
)
from crmlab.equity.returns import elasticities, profit_elasticity, returns
from crmlab.equity.rows import buyers, contract_rows, newcomers, rates, under_contract, valued
from crmlab.equity.sufficiency import NEEDS, history, ready
from crmlab.equity.tenure import BENEFITS, ratios, stayers, trend
from crmlab.equity.uncertain import GROUPS, jackknife, left_out
from crmlab.equity.words import headline, tell_costs, tell_elasticity, tell_levers, tell_network

__all__ = [
    "BENEFITS",
    "CLAIM",
    "GROUPS",
    "LEVERS",
    "NEEDS",
    "TAUGHT",
    "Response",
    "acquisition_share_for",
    "active_years",
    "alike_or_not",
    "annual_retention",
    "at_split",
    "budget",
    "buyers",
    "by_generation",
    "claim_range",
    "claim_ranges",
    "compared_split",
    "contract_rows",
    "contract_years",
    "customer_equity",
    "customer_years",
    "decompose",
    "effects",
    "elasticities",
    "elasticity",
    "gain",
    "generations",
    "headline",
    "history",
    "jackknife",
    "keeping_against_winning",
    "known_by",
    "left_out",
    "less_churn",
    "lever_effects",
    "lifetime_value",
    "mixed_value",
    "network_value",
    "newcomers",
    "optimal_split",
    "parts",
    "profit_between",
    "profit_elasticity",
    "quarters",
    "rates",
    "ratios",
    "ready",
    "referral_conversion",
    "referrals",
    "response_from",
    "retention_by_year",
    "retention_curve",
    "retention_sensitivity",
    "returns",
    "sales",
    "stayers",
    "tell_costs",
    "tell_elasticity",
    "tell_levers",
    "tell_network",
    "trend",
    "under_contract",
    "valued",
    "yearly_margin",
]
