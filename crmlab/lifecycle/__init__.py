"""Where customers are in their life with us, and when they leave.

The relationship is non-contractual: nobody tells us that it ends. Its end is
inferred from silence, so every result stands on a threshold, `silence_days`, that
comes from the data and whose effect `sensitivity` shows.
"""

from crmlab.lifecycle.cohort import activity, complete_cells
from crmlab.lifecycle.intervals import wilson
from crmlab.lifecycle.silence import (
    THIRDS,
    relationship,
    second_purchase,
    sensitivity,
    silence_days,
    thirds,
)
from crmlab.lifecycle.stages import (
    STAGES,
    StageRules,
    describe,
    spells,
    stage_counts,
    stages,
    transitions,
)
from crmlab.lifecycle.sufficiency import last_period, ready
from crmlab.lifecycle.survival import (
    LogRank,
    kaplan_meier,
    log_rank,
    quantile,
    survival_at,
)
from crmlab.lifecycle.watch import actions, first_basket, watch, yearly_spend

__all__ = [
    "STAGES", "THIRDS", "LogRank", "StageRules", "actions", "activity", "complete_cells",
    "describe", "first_basket", "kaplan_meier", "last_period", "log_rank", "quantile", "ready",
    "relationship", "second_purchase", "sensitivity", "silence_days", "spells", "stage_counts",
    "stages", "survival_at", "thirds", "transitions", "watch", "wilson", "yearly_spend",
]  # fmt: skip
