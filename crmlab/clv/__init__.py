"""Customer lifetime value: who still buys, how often, for how much, worth what today.

model = clv.fit(customers)
spend = clv.fit(customers, model=clv.GammaGamma)
customers.assign(prob_alive=clv.prob_alive(customers, model))
"""

from crmlab.clv.base import from_json
from crmlab.clv.contract import Sbg, residual_lifetime, retention_rates, survival
from crmlab.clv.discrete import BgBb
from crmlab.clv.fitting import fit, log_likelihood
from crmlab.clv.gamma_gamma import GammaGamma, expected_spend, frequency_correlation, spend_density
from crmlab.clv.geometric import BgNbd, MbgNbd
from crmlab.clv.holdout import by_frequency, compare, errors, forecasts, tracking
from crmlab.clv.pareto_nbd import Nbd, ParetoNbd
from crmlab.clv.scores import expected_purchases, prob_alive
from crmlab.clv.second_opinion import second_opinion
from crmlab.clv.sufficiency import ready
from crmlab.clv.value import discounted_purchases, grid, interval, lifetime_value, value_deciles

__all__ = [
    "BgBb",
    "BgNbd",
    "GammaGamma",
    "MbgNbd",
    "Nbd",
    "ParetoNbd",
    "Sbg",
    "by_frequency",
    "compare",
    "discounted_purchases",
    "errors",
    "expected_purchases",
    "expected_spend",
    "fit",
    "forecasts",
    "frequency_correlation",
    "from_json",
    "grid",
    "interval",
    "lifetime_value",
    "log_likelihood",
    "prob_alive",
    "ready",
    "residual_lifetime",
    "retention_rates",
    "second_opinion",
    "spend_density",
    "survival",
    "tracking",
    "value_deciles",
]
