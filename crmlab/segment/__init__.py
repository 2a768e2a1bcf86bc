"""Who our customers are: RFM, ABC, pyramid, quadrants, concentration, and whether it predicts.

Every function takes one row per customer (`crmlab.customers.summarise`), or weighted
cells of equal customers, and gives the same answer for both. Scores and classes depend on
values alone: equal customers are never parted by the order of rows.
"""

from crmlab.segment.audit import profile, ready, relationship_types, response, uplift
from crmlab.segment.base import Estimate, bootstrap
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
from crmlab.segment.rfm import name_segments, rfm, rfm_grid, rules, score_ranges

__all__ = [
    "Estimate",
    "abc",
    "abc_matrix",
    "bootstrap",
    "capture",
    "cross",
    "cut_point",
    "gini",
    "indices",
    "k_consulting",
    "lead",
    "lorenz",
    "migration",
    "name_segments",
    "pareto",
    "profile",
    "pyramid",
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
    "top_share",
    "uplift",
    "whale",
]
