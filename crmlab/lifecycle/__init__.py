"""Where customers are in their life with us, and when they leave.

The relationship is non-contractual: nobody tells us that it ends. Its end is
inferred from silence, so every result stands on a threshold, `silence_days`, that
comes from the data and whose effect `sensitivity` shows.
"""

from crmlab.lifecycle.accuracy import Brier, brier, concordance
from crmlab.lifecycle.backtest import lost_and_back, near_and_back, sensitivity
from crmlab.lifecycle.baskets import THIRDS, first_basket, ranges, thirds
from crmlab.lifecycle.cohort import activity, complete_cells
from crmlab.lifecycle.cox import Cox, cox, log_hazard, predicted_survival
from crmlab.lifecycle.fitness import covariates_ready
from crmlab.lifecycle.hazard import (
    DiscreteHazard,
    discrete_hazard,
    person_periods,
    predicted_hazard,
)
from crmlab.lifecycle.intervals import wilson
from crmlab.lifecycle.moves import declines, settled, spells, transitions
from crmlab.lifecycle.proportional import proportional
from crmlab.lifecycle.risks import cumulative_incidence
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
    "STAGES", "THIRDS", "Brier", "Cox", "DiscreteHazard", "LogRank", "StageRules", "actions",
    "activity", "brier", "clocks", "complete_cells", "concordance", "covariates_ready", "cox",
    "cumulative_incidence", "declines", "describe", "differ", "discrete_hazard", "first_basket",
    "kaplan_meier", "last_period", "log_hazard", "log_rank", "lost_and_back", "near_and_back",
    "person_periods", "predicted_hazard", "predicted_survival", "proportional", "quantile",
    "ranges", "ready", "relationship", "second_purchase", "sensitivity", "settled", "silence_days",
    "silent", "spells", "stage_counts", "stages", "survival_at", "thirds", "transitions", "watch",
    "wilson", "with_limits", "yearly_spend",
]  # fmt: skip
