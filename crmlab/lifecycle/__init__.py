"""Where customers are in their life with us, and when they leave.

The relationship is non-contractual: nobody tells us that it ends. Its end is
inferred from silence, so every result stands on a threshold, `silence_days`, that
comes from the data and whose effect `sensitivity` shows.
"""

from crmlab.lifecycle.backtest import lost_and_back, near_and_back, sensitivity
from crmlab.lifecycle.baskets import THIRDS, first_basket, ranges, thirds
from crmlab.lifecycle.cohort import activity, complete_cells
from crmlab.lifecycle.intervals import wilson
from crmlab.lifecycle.moves import declines, settled, spells, transitions
from crmlab.lifecycle.silence import clocks, relationship, second_purchase, silence_days
from crmlab.lifecycle.stages import STAGES, StageRules, describe, silent, stage_counts, stages
from crmlab.lifecycle.sufficiency import last_period, ready
from crmlab.lifecycle.survival import (
    LogRank,
    kaplan_meier,
    log_rank,
    quantile,
    survival_at,
)
from crmlab.lifecycle.watch import actions, watch, yearly_spend
from crmlab.lifecycle.words import differ, with_limits

__all__ = [
    "STAGES", "THIRDS", "LogRank", "StageRules", "actions", "activity", "clocks",
    "complete_cells", "declines", "describe", "differ", "first_basket", "kaplan_meier",
    "last_period", "log_rank", "lost_and_back", "near_and_back", "quantile", "ranges", "ready",
    "relationship", "second_purchase", "sensitivity", "settled", "silence_days", "silent",
    "spells", "stage_counts", "stages", "survival_at", "thirds", "transitions", "watch", "wilson",
    "with_limits", "yearly_spend",
]  # fmt: skip
