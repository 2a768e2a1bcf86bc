"""Who our customers are: RFM, ABC, pyramid, quadrants, concentration, and whether it predicts.

Every function takes one row per customer (`crmlab.customers.summarise`), or weighted
cells of equal customers, and gives the same answer for both. Scores and classes depend on
values alone: equal customers are never parted by the order of rows.
"""

from crmlab.segment.audit import profile, ready, relationship_types, response, uplift
from crmlab.segment.base import Estimate, bootstrap, bootstrap_each
from crmlab.segment.classes import abc, abc_matrix, cross, migration, pyramid
from crmlab.segment.concentration import (
    capture,
    gini,
    lead,
    lorenz,
    pareto,
    rank_share,
    reach,
    top_share,
    whale,
)
from crmlab.segment.quadrant import cut_point, indices, k_consulting, quadrants, sensitivity
from crmlab.segment.ranked import abc_profile, class_sizes, layer_shares, pyramid_profile
from crmlab.segment.rfm import SILENT, name_segments, rfm, rfm_grid, rules, score_ranges
from crmlab.segment.words import (
    tell_actions,
    tell_concentration,
    tell_cuts,
    tell_k_consulting,
    tell_lead,
    tell_moves,
    tell_protect,
    tell_ranges,
    tell_scoring,
    tell_win_back,
)

__all__ = [
    "SILENT",
    "Estimate",
    "abc",
    "abc_matrix",
    "abc_profile",
    "bootstrap",
    "bootstrap_each",
    "capture",
    "class_sizes",
    "cross",
    "cut_point",
    "gini",
    "indices",
    "k_consulting",
    "layer_shares",
    "lead",
    "lorenz",
    "migration",
    "name_segments",
    "pareto",
    "profile",
    "pyramid",
    "pyramid_profile",
    "quadrants",
    "rank_share",
    "reach",
    "ready",
    "relationship_types",
    "response",
    "rfm",
    "rfm_grid",
    "rules",
    "score_ranges",
    "sensitivity",
    "tell_actions",
    "tell_concentration",
    "tell_cuts",
    "tell_k_consulting",
    "tell_lead",
    "tell_moves",
    "tell_protect",
    "tell_ranges",
    "tell_scoring",
    "tell_win_back",
    "top_share",
    "uplift",
    "whale",
]
