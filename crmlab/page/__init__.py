"""How a notebook hands over to its report: call `use`, then show."""

from crmlab.page.hand import MEDIA, Shown, collected
from crmlab.page.show import (
    between,
    campaign,
    chart,
    figure,
    findings,
    headline,
    sentence,
    shown,
    source,
    table,
    target,
    use,
)

__all__ = [
    "MEDIA",
    "Shown",
    "between",
    "campaign",
    "chart",
    "collected",
    "figure",
    "findings",
    "headline",
    "sentence",
    "shown",
    "source",
    "table",
    "target",
    "use",
]
