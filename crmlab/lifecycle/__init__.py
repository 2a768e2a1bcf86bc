"""Where customers are in their life with us, when they leave, and who comes back.

Without a contract nobody tells us that a relationship ends. Its end is then
inferred from silence, so every result stands on a threshold, `silence_days`, that
comes from the data and whose effect `sensitivity` shows. Under contract the end is on
file (`contract_lives`), with its reason, and models of it can be tested.
"""

from crmlab.lifecycle.accuracy import Brier, brier, concordance
from crmlab.lifecycle.alarm import (
    contacted_by,
    first_contact,
    leaving_chance,
    past_looks,
    there_on,
)
from crmlab.lifecycle.backtest import lost_and_back, near_and_back, sensitivity
from crmlab.lifecycle.baskets import THIRDS, first_basket, ranges, thirds
from crmlab.lifecycle.bonds import (
    CHARACTERISTICS,
    build_keep_enhance,
    characteristics,
    compared_bonds,
)
from crmlab.lifecycle.changing import Known, as_known, contract_lives, monthly_rows, no_overlap
from crmlab.lifecycle.churn_ready import NEEDS, churn_ready, ends_told
from crmlab.lifecycle.churn_words import (
    churn_headline,
    tell_accuracy,
    tell_alarm,
    tell_bonds,
    tell_causes,
    tell_concentration,
    tell_flow,
    tell_response,
    tell_states,
    tell_survival,
    tell_winback,
)
from crmlab.lifecycle.cohort import activity, complete_cells
from crmlab.lifecycle.cox import Cox, cox, log_hazard, predicted_survival
from crmlab.lifecycle.fitness import covariates_ready
from crmlab.lifecycle.hazard import (
    DiscreteHazard,
    discrete_hazard,
    person_periods,
    predicted_hazard,
    seen_hazard,
)
from crmlab.lifecycle.hidden_states import (
    HiddenStates,
    hidden_states,
    monthly_counts,
    state_chances,
)
from crmlab.lifecycle.intervals import wilson
from crmlab.lifecycle.moves import declines, settled, spells, transitions
from crmlab.lifecycle.proportional import proportional
from crmlab.lifecycle.risks import cumulative_incidence
from crmlab.lifecycle.signals import SIGNALS, WAYS, with_signals
from crmlab.lifecycle.silence import clocks, relationship, second_purchase, silence_days
from crmlab.lifecycle.stages import STAGES, StageRules, describe, silent, stage_counts, stages
from crmlab.lifecycle.stays import expected_stay, stage_value
from crmlab.lifecycle.sufficiency import last_period, ready
from crmlab.lifecycle.survival import (
    LogRank,
    kaplan_meier,
    log_rank,
    quantile,
    survival_at,
)
from crmlab.lifecycle.warning import (
    accuracy,
    landmark_rows,
    left_within,
    lift,
    net_gain,
    risk_groups,
)
from crmlab.lifecycle.watch import actions, watch, yearly_spend
from crmlab.lifecycle.winback import absences, return_chance
from crmlab.lifecycle.words import differ, with_limits

__all__ = [
    "CHARACTERISTICS", "NEEDS", "SIGNALS", "STAGES", "THIRDS", "WAYS", "Brier", "Cox",
    "DiscreteHazard", "HiddenStates", "Known", "LogRank", "StageRules", "absences", "accuracy",
    "actions", "activity", "as_known", "brier", "build_keep_enhance", "characteristics",
    "churn_headline", "churn_ready", "clocks", "compared_bonds", "complete_cells",
    "concordance", "contacted_by", "contract_lives", "covariates_ready", "cox",
    "cumulative_incidence", "declines", "describe", "differ", "discrete_hazard", "ends_told",
    "expected_stay", "first_basket", "first_contact", "hidden_states", "kaplan_meier",
    "landmark_rows", "last_period", "leaving_chance", "left_within", "lift", "log_hazard",
    "log_rank", "lost_and_back", "monthly_counts", "monthly_rows", "near_and_back", "net_gain",
    "no_overlap", "past_looks", "person_periods", "predicted_hazard", "predicted_survival",
    "proportional", "quantile", "ranges", "ready", "relationship", "return_chance",
    "risk_groups", "second_purchase", "seen_hazard", "sensitivity", "settled", "silence_days",
    "silent", "spells", "stage_counts", "stage_value", "stages", "state_chances", "survival_at",
    "tell_accuracy", "tell_alarm", "tell_bonds", "tell_causes", "tell_concentration",
    "tell_flow", "tell_response", "tell_states", "tell_survival", "tell_winback", "there_on",
    "thirds", "transitions", "watch", "wilson", "with_limits", "with_signals", "yearly_spend",
]  # fmt: skip
