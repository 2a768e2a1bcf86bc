"""Who our customers are: RFM, ABC, pyramid, quadrants, concentration, and whether it predicts.

Every function takes one row per customer (`crmlab.customers.summarise`), or weighted
cells of equal customers, and gives the same answer for both; those of the customer-base
audit (`lenses`, `tree`) take one row per customer and period. Scores and classes depend on
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
from crmlab.segment.foretell import best_two, compare_responses, errors, response_lead
from crmlab.segment.lens_ready import ready_lenses
from crmlab.segment.lens_words import (
    tell_base,
    tell_change,
    tell_cohort,
    tell_cohorts,
    tell_lens_actions,
    tell_one_period,
    tell_tree,
    tell_turnover,
)
from crmlab.segment.lenses import (
    cohort_lives,
    compared,
    in_periods,
    one_cohort,
    one_period,
    same_age,
    whole_base,
)
from crmlab.segment.measured import mean_gaps, means
from crmlab.segment.quadrant import cut_point, indices, k_consulting, quadrants, sensitivity
from crmlab.segment.ranked import abc_profile, class_sizes, layer_shares, pyramid_profile
from crmlab.segment.rfm import SILENT, name_segments, rfm, rfm_grid, rules, score_ranges
from crmlab.segment.tree import moved, paired, revenue_tree, shapley, stayed, tree_effects
from crmlab.segment.words import (
    tell_actions,
    tell_concentration,
    tell_cuts,
    tell_foretold,
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
    "best_two",
    "bootstrap",
    "bootstrap_each",
    "capture",
    "class_sizes",
    "cohort_lives",
    "compare_responses",
    "compared",
    "cross",
    "cut_point",
    "errors",
    "gini",
    "in_periods",
    "indices",
    "k_consulting",
    "layer_shares",
    "lead",
    "lorenz",
    "mean_gaps",
    "means",
    "migration",
    "moved",
    "name_segments",
    "one_cohort",
    "one_period",
    "paired",
    "pareto",
    "profile",
    "pyramid",
    "pyramid_profile",
    "quadrants",
    "rank_share",
    "reach",
    "ready",
    "ready_lenses",
    "relationship_types",
    "response",
    "response_lead",
    "revenue_tree",
    "rfm",
    "rfm_grid",
    "rules",
    "same_age",
    "score_ranges",
    "sensitivity",
    "shapley",
    "stayed",
    "tell_actions",
    "tell_base",
    "tell_change",
    "tell_cohort",
    "tell_cohorts",
    "tell_concentration",
    "tell_cuts",
    "tell_foretold",
    "tell_k_consulting",
    "tell_lead",
    "tell_lens_actions",
    "tell_moves",
    "tell_one_period",
    "tell_protect",
    "tell_ranges",
    "tell_scoring",
    "tell_tree",
    "tell_turnover",
    "tell_win_back",
    "top_share",
    "tree_effects",
    "uplift",
    "whale",
    "whole_base",
]
