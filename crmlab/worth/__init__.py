"""What joins subjects: what a point of satisfaction, or an avoided failure, is worth in money.

See the notebook ``value_of_satisfaction``.
"""

from crmlab.worth.claim import claim
from crmlab.worth.costing import order_terms
from crmlab.worth.failures import avoided, drop, felt, unrecovered
from crmlab.worth.leaving import Histories, Leaving, Shift, alive, fit, purchases, terms
from crmlab.worth.levels import Replicates, replicates
from crmlab.worth.loyal import foretelling, through_loyalty
from crmlab.worth.payback import payback
from crmlab.worth.point import Chain, Terms, chain, intervals, resampled, signed_chain, together
from crmlab.worth.ready import ready
from crmlab.worth.signed import Signed, fit_signed, lives
from crmlab.worth.words import (
    headline,
    tell_claim,
    tell_foretelling,
    tell_links,
    tell_share,
    tell_way,
)

__all__ = [
    "Chain",
    "Histories",
    "Leaving",
    "Replicates",
    "Shift",
    "Signed",
    "Terms",
    "alive",
    "avoided",
    "chain",
    "claim",
    "drop",
    "felt",
    "fit",
    "fit_signed",
    "foretelling",
    "headline",
    "intervals",
    "lives",
    "order_terms",
    "payback",
    "purchases",
    "ready",
    "replicates",
    "resampled",
    "signed_chain",
    "tell_claim",
    "tell_foretelling",
    "tell_links",
    "tell_share",
    "tell_way",
    "terms",
    "through_loyalty",
    "together",
    "unrecovered",
]  # fmt: skip
