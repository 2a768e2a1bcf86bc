"""Customer lifetime value: who still buys, how often, for how much, worth what today.

model = clv.fit(customers)
spend, finding = clv.choose_spend(customers, clv.expected_purchases(customers, model, 52))
customers.assign(prob_alive=clv.prob_alive(customers, model))
"""

from crmlab.clv.bridge import bridge
from crmlab.clv.calibration import calibration, calibration_measures
from crmlab.clv.choice import choose
from crmlab.clv.contract import Sbg, residual_lifetime, retention_rates, survival
from crmlab.clv.covariates import effects, with_covariates
from crmlab.clv.discrete import BgBb
from crmlab.clv.fitting import fit, likelihood_ratio, log_likelihood
from crmlab.clv.gamma_gamma import (
    ElasticGammaGamma,
    GammaGamma,
    frequency_correlation,
    spend_density,
)
from crmlab.clv.geometric import BgNbd, MbgNbd
from crmlab.clv.holdout import (
    by_frequency,
    compare,
    differences,
    errors,
    forecasts,
    tracking,
    verdict,
)
from crmlab.clv.independence import choose_spend, spend_dependence, spend_effect
from crmlab.clv.influence import influence, leaning
from crmlab.clv.isovalue import paradox, plane_limits, value_plane
from crmlab.clv.pareto_nbd import Nbd, ParetoNbd
from crmlab.clv.path import alive_path
from crmlab.clv.predictive import predictive_equity
from crmlab.clv.sample import sample, sampled
from crmlab.clv.scores import expected_purchases, grid, prob_alive, prob_purchase, simulate
from crmlab.clv.second_opinion import second_opinion
from crmlab.clv.spend import PooledSpend, SpendModel, expected_spend
from crmlab.clv.stored import from_json
from crmlab.clv.sufficiency import ready
from crmlab.clv.uncertainty import drawn, interval
from crmlab.clv.value import (
    discounted_lifetime,
    discounted_purchases,
    new_customer_value,
    residual_value,
    value_deciles,
)
from crmlab.clv.weekly import weekly
from crmlab.clv.words import (
    tell_bridge,
    tell_equity,
    tell_paradox,
    tell_path,
    tell_rivals,
    tell_trust,
    tell_weekly,
)

__all__ = [
    "BgBb",
    "BgNbd",
    "ElasticGammaGamma",
    "GammaGamma",
    "MbgNbd",
    "Nbd",
    "ParetoNbd",
    "PooledSpend",
    "Sbg",
    "SpendModel",
    "alive_path",
    "bridge",
    "by_frequency",
    "calibration",
    "calibration_measures",
    "choose",
    "choose_spend",
    "compare",
    "differences",
    "discounted_lifetime",
    "discounted_purchases",
    "drawn",
    "effects",
    "errors",
    "expected_purchases",
    "expected_spend",
    "fit",
    "forecasts",
    "frequency_correlation",
    "from_json",
    "grid",
    "influence",
    "interval",
    "leaning",
    "likelihood_ratio",
    "log_likelihood",
    "new_customer_value",
    "paradox",
    "plane_limits",
    "predictive_equity",
    "prob_alive",
    "prob_purchase",
    "ready",
    "residual_lifetime",
    "residual_value",
    "retention_rates",
    "sample",
    "sampled",
    "second_opinion",
    "simulate",
    "spend_density",
    "spend_dependence",
    "spend_effect",
    "survival",
    "tell_bridge",
    "tell_equity",
    "tell_paradox",
    "tell_path",
    "tell_rivals",
    "tell_trust",
    "tell_weekly",
    "tracking",
    "value_deciles",
    "value_plane",
    "verdict",
    "weekly",
    "with_covariates",
]
