"""晨星商贸 (Chenxing Trading), an invented company whose truth is known.

36 months, in CNY. Every table is one function that states its equations, and draws
from a stream of its own, so that a new table moves no other. What is planted here
is no evidence about real customers: it lets estimates be held against the truth.
"""

from crmlab.company.building import Company, build
from crmlab.company.customer_file import customers
from crmlab.company.hidden import (
    BASIC,
    BETA,
    CUTS,
    EFFECTS,
    EXCITING,
    MONTHS,
    START,
    THRESHOLDS,
    WAVES,
    Failures,
    Latent,
    failures,
    latent,
    loyalty,
    loyalty_curve,
    stream,
)
from crmlab.company.planted import Planted, planted
from crmlab.company.questionnaire import survey
from crmlab.company.truths import truth
from crmlab.company.writing import write
from crmlab.tables import ATTRIBUTES

__all__ = [
    "ATTRIBUTES", "BASIC", "BETA", "CUTS", "EFFECTS", "EXCITING", "MONTHS", "START",
    "THRESHOLDS", "WAVES", "Company", "Failures", "Latent", "Planted", "build",
    "customers", "failures", "latent", "loyalty", "loyalty_curve", "planted",
    "stream", "survey", "truth", "write",
]  # fmt: skip
