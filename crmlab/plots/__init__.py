"""Charts. Each takes a table and ``ax=``, draws, and returns the Axes; call `use` first."""

from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, WARN, axes, use
from crmlab.plots.clv import calibration, score_grid, spend_fit, tracking, value_deciles
from crmlab.plots.company import (
    complaint_funnel,
    customer_bars,
    purchase_months,
    table_groups,
    table_hub,
    table_keys,
    whale_curve,
)
from crmlab.plots.concentration import lorenz, pareto, pyramid
from crmlab.plots.drivers import driver_bars, odds_forest, penalty_reward_bars, priority_map
from crmlab.plots.equity import (
    benefit_dots,
    equity_waterfall,
    generation_bars,
    lever_bars,
    retention_gain,
)
from crmlab.plots.histories import alive_path, iso_value
from crmlab.plots.lenses import (
    base_bars,
    cohort_factors,
    cohort_values,
    moved_bars,
    revenue_bridge,
)
from crmlab.plots.lifecycle import (
    activity_curve,
    cohort_triangle,
    gap_curve,
    stage_area,
    transition_heatmap,
)
from crmlab.plots.loyalty import (
    index_dots,
    kind_dots,
    loyalty_curve,
    loyalty_grid,
    response_dots,
    wave_lines,
)
from crmlab.plots.segment import quadrant_bubbles, rfm_heatmap, segment_response, segment_value
from crmlab.plots.survival import lasting_curves, return_curves, survival_curves
from crmlab.plots.worth import index_lines, link_dots, payback_bars, point_dots, world_dots

__all__ = [
    "ACCENT",
    "INK",
    "MUTED",
    "PALETTE",
    "WARN",
    "activity_curve",
    "alive_path",
    "axes",
    "base_bars",
    "benefit_dots",
    "calibration",
    "cohort_factors",
    "cohort_triangle",
    "cohort_values",
    "complaint_funnel",
    "customer_bars",
    "driver_bars",
    "equity_waterfall",
    "gap_curve",
    "generation_bars",
    "index_dots",
    "index_lines",
    "iso_value",
    "kind_dots",
    "lasting_curves",
    "lever_bars",
    "link_dots",
    "lorenz",
    "loyalty_curve",
    "loyalty_grid",
    "moved_bars",
    "odds_forest",
    "pareto",
    "payback_bars",
    "penalty_reward_bars",
    "point_dots",
    "priority_map",
    "purchase_months",
    "pyramid",
    "quadrant_bubbles",
    "response_dots",
    "retention_gain",
    "return_curves",
    "revenue_bridge",
    "rfm_heatmap",
    "score_grid",
    "segment_response",
    "segment_value",
    "spend_fit",
    "stage_area",
    "survival_curves",
    "table_groups",
    "table_hub",
    "table_keys",
    "tracking",
    "transition_heatmap",
    "use",
    "value_deciles",
    "wave_lines",
    "whale_curve",
    "world_dots",
]
