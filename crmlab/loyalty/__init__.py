"""Satisfaction and loyalty: from a survey's answers to what binds customers.

The survey has a row per customer and wave; only rows that were answered are used.
What describes customers (indices, net promoter score, kinds of loyalty) takes each
customer's latest answers, so that rows are independent. What relates answers
(curve, drivers, ordered logit) takes all waves, and resamples whole customers.
"""

from crmlab.loyalty.curve import Curve, curve, distortion
from crmlab.loyalty.drivers import (
    drivers,
    first_to_improve,
    lmg,
    penalty_reward,
    relative_weights,
)
from crmlab.loyalty.indices import (
    indices,
    mean_interval,
    net_promoter,
    net_promoter_score,
    nonresponse,
    response,
    wilson,
)
from crmlab.loyalty.kinds import grid, kinds, loyalty_kind
from crmlab.loyalty.ordinal import OrderedLogit, bonds, ordered_logit, proportional_odds
from crmlab.loyalty.ready import ready
from crmlab.loyalty.scales import (
    ATTITUDE,
    LOYALTY,
    SATISFACTION,
    answered,
    attributes,
    cronbach_alpha,
    feldt_interval,
    item_statistics,
    latest,
    present,
    reliability,
    scale,
    score,
    scores,
    weights,
)
from crmlab.loyalty.words import (
    actions,
    gain,
    headline,
    tell_curve,
    tell_odds,
    tell_promoters,
    tell_reliability,
    tell_response,
)

__all__ = [
    "ATTITUDE", "LOYALTY", "SATISFACTION", "Curve", "OrderedLogit", "actions", "answered",
    "attributes", "bonds", "cronbach_alpha", "curve", "distortion", "drivers", "feldt_interval",
    "first_to_improve", "gain", "grid", "headline", "indices", "item_statistics", "kinds",
    "latest", "lmg", "loyalty_kind", "mean_interval", "net_promoter", "net_promoter_score",
    "nonresponse", "ordered_logit", "penalty_reward", "present", "proportional_odds", "ready",
    "relative_weights", "reliability", "response", "scale", "score", "scores", "tell_curve",
    "tell_odds", "tell_promoters", "tell_reliability", "tell_response", "weights", "wilson",
]  # fmt: skip
