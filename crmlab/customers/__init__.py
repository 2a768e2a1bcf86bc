"""Lines → one row per customer, cohorts and period panels; whom one may contact."""

from crmlab.customers.consent import Contact, may_contact, tell
from crmlab.customers.many import ids
from crmlab.customers.one import repeat_times
from crmlab.customers.periods import (
    cohorts,
    gaps,
    panel,
    period,
    period_start,
    purchase_periods,
)
from crmlab.customers.summary import (
    DAYS,
    TimeUnit,
    cells,
    days,
    last_day,
    money,
    span,
    spend_cells,
    split,
    summarise,
    summary,
)

__all__ = [
    "DAYS", "Contact", "TimeUnit", "cells", "cohorts", "days", "gaps", "ids", "last_day",
    "may_contact", "money", "panel", "period", "period_start", "purchase_periods", "repeat_times",
    "span", "spend_cells", "split", "summarise", "summary", "tell",
]  # fmt: skip
