"""How a notebook hands over to its report: call `use`, then show."""

from crmlab.page.show import (
    MEDIA,
    between,
    chart,
    figure,
    findings,
    headline,
    sentence,
    shown,
    source,
    table,
    use,
)

__all__ = [
    "MEDIA",
    "between",
    "chart",
    "figure",
    "findings",
    "headline",
    "sentence",
    "shown",
    "source",
    "table",
    "use",
]
