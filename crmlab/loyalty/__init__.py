"""Satisfaction and loyalty: from a survey's answers to what binds customers.

The survey has a row per customer and wave; only rows that were answered are used.
What describes customers (indices, net promoter score, kinds of loyalty) takes each
customer's latest answers, so that rows are independent. What relates answers
(curve, drivers, ordered logit) takes all waves, and resamples whole customers.
"""

from crmlab.loyalty.actions import actions, targets, tell_actions
from crmlab.loyalty.answer import advise, headline
from crmlab.loyalty.contrasts import penalty_reward
from crmlab.loyalty.curve import Curve, curve
from crmlab.loyalty.distortion import distortion
from crmlab.loyalty.drivers import (
    drivers,
    explained,
    first_to_improve,
    lmg,
    relative_weights,
)
from crmlab.loyalty.ends import filled, stretched
from crmlab.loyalty.facts import index_facts, index_history, indices_by
from crmlab.loyalty.indices import (
    indices,
    mean_interval,
    net_promoter,
    net_promoter_score,
)
from crmlab.loyalty.kinds import cut_sensitivity, grid, kinds, loyalty_kind, stay_for_value
from crmlab.loyalty.levels import demand_trend, differences, item_map, straight_lining
from crmlab.loyalty.mediation import forms, mediation, signs, signs_table, tell_mediation
from crmlab.loyalty.needs import kano, needs_first
from crmlab.loyalty.ordinal import OrderedLogit, bonds, ordered_logit, proportional_odds
from crmlab.loyalty.ready import ready
from crmlab.loyalty.scales import (
    ATTITUDE,
    LOYALTY,
    SATISFACTION,
    answered,
    attributes,
    cronbach_alpha,
    item_statistics,
    latest,
    present,
    reliabilities,
    reliability,
    scale,
    score,
    scores,
    weights,
)
from crmlab.loyalty.structure import Structure, structure, tell_structure
from crmlab.loyalty.ties import club_effect, loyalty_penalty, staff_link
from crmlab.loyalty.waves import last_change, nonresponse, response_bias, waves
from crmlab.loyalty.words import (
    tell_change,
    tell_curve,
    tell_drivers,
    tell_effects,
    tell_kinds,
    tell_models,
    tell_odds,
    tell_promoters,
    tell_response,
)

__all__ = [
    "ATTITUDE",
    "LOYALTY",
    "SATISFACTION",
    "Curve",
    "OrderedLogit",
    "Structure",
    "actions",
    "advise",
    "answered",
    "attributes",
    "bonds",
    "club_effect",
    "cronbach_alpha",
    "curve",
    "cut_sensitivity",
    "demand_trend",
    "differences",
    "distortion",
    "drivers",
    "explained",
    "filled",
    "first_to_improve",
    "forms",
    "grid",
    "headline",
    "index_facts",
    "index_history",
    "indices",
    "indices_by",
    "item_map",
    "item_statistics",
    "kano",
    "kinds",
    "last_change",
    "latest",
    "lmg",
    "loyalty_kind",
    "loyalty_penalty",
    "mean_interval",
    "mediation",
    "needs_first",
    "net_promoter",
    "net_promoter_score",
    "nonresponse",
    "ordered_logit",
    "penalty_reward",
    "present",
    "proportional_odds",
    "ready",
    "relative_weights",
    "reliabilities",
    "reliability",
    "response_bias",
    "scale",
    "score",
    "scores",
    "signs",
    "signs_table",
    "staff_link",
    "stay_for_value",
    "straight_lining",
    "stretched",
    "structure",
    "targets",
    "tell_actions",
    "tell_change",
    "tell_curve",
    "tell_drivers",
    "tell_effects",
    "tell_kinds",
    "tell_mediation",
    "tell_models",
    "tell_odds",
    "tell_promoters",
    "tell_response",
    "tell_structure",
    "waves",
    "weights",
]  # fmt: skip
