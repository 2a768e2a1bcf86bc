"""What joins subjects: what a point of satisfaction, or an avoided failure, is worth in money.

See the notebook ``value_of_satisfaction``.
"""

from crmlab.worth.leaving import Histories, Leaving, Shift, alive, fit, purchases
from crmlab.worth.levels import Replicates, replicates
from crmlab.worth.point import Chain, Terms, chain, intervals, resampled

__all__ = [
    "Chain", "Histories", "Leaving", "Replicates", "Shift", "Terms", "alive", "chain", "fit",
    "intervals", "purchases", "replicates", "resampled",
]  # fmt: skip
