"""Lines → one row per customer, cohorts and period panels; whom one may contact."""

from crmlab.customers.consent import Contact, may_contact, tell
from crmlab.customers.one import repeat_times
from crmlab.customers.summary import (
    DAYS,
    TimeUnit,
    cohorts,
    days,
    gaps,
    last_day,
    panel,
    period,
    period_start,
    purchase_periods,
    span,
    split,
    summarise,
)

__all__ = [
    "DAYS", "Contact", "TimeUnit", "cohorts", "days", "gaps", "last_day", "may_contact", "panel",
    "period", "period_start", "purchase_periods", "repeat_times", "span", "split", "summarise",
    "tell",
]  # fmt: skip
