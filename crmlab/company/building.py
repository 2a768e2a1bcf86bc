"""Make the whole company: its tables, group after group, and what is hidden behind them."""

from dataclasses import dataclass

import pandas as pd

from crmlab.company import (
    accounts,
    baskets,
    complaints,
    credit,
    dealers,
    hidden,
    hospital,
    needs,
    notes,
    offers,
    people,
    prospects,
    purchases,
    relationship,
    sales,
    touches,
    truths,
)
from crmlab.company.customer_file import customers as make_customers
from crmlab.company.questionnaire import survey
from crmlab.errors import RequestError

Tables = dict[str, pd.DataFrame]
GROUPS = (credit, prospects, sales, dealers, hospital, needs)  # each sees those before it


@dataclass(frozen=True)
class Company:
    """The company's `tables` by name, and its `truth`, which no report reads."""

    tables: Tables
    truth: Tables


def build(seed: int = 2026, customers: int = 1200, satisfaction_effect: float = 1) -> Company:
    """Return the company.

    Parameters
    ----------
    seed : int
        From 0. Every table has a stream of its own.
    customers : int
        How many customers, from 1.
    satisfaction_effect : float
        From 0 (purchases without a contract are exactly BG/NBD and gamma-gamma) to 1
        (satisfaction acts on leaving).

    Raises
    ------
    RequestError
        If an argument is out of range.
    """
    _require(seed, customers, satisfaction_effect)
    file = make_customers(seed, customers)
    latent = hidden.latent(seed, customers)
    told = core(seed, file, latent, satisfaction_effect)
    for group in GROUPS:
        told.tables.update(group.tables(seed, told.tables))
        told.truth.update(group.truth(seed, told.tables))
    return told


def core(
    seed: int, file: pd.DataFrame, latent: hidden.Latent, satisfaction_effect: float = 1
) -> Company:
    """Return customers, survey, and what customers buy, sign, cost and complain of."""
    relations = relationship.relationships(seed, file, latent)
    made: Tables = {"customers": notes.with_notes(seed, file, relations)}
    made["survey"] = survey(seed, file, latent)
    made["contacts"], duplicates = people.contacts(seed, file)
    made["products"] = offers.products(seed)
    made["orders"] = purchases.orders(
        seed, made["customers"], latent, relations, satisfaction_effect
    )
    for name, table in (("order_lines", baskets.order_lines), ("inventory", offers.inventory),
                        ("costs", accounts.costs), ("contracts", accounts.contracts),
                        ("wallet", accounts.wallet)):  # fmt: skip
        made[name] = table(seed, made)
    made["memberships"] = accounts.memberships(seed, made, latent)
    made["complaints"], made["complaint_events"] = complaints.complaints(seed, made, latent)
    made["touchpoints"] = touches.touchpoints(seed, made, latent)
    made["staff_survey"] = people.staff_survey(seed)
    truth = truths.truth(seed, file, made["survey"], latent)
    truth["duplicates"] = duplicates
    truth["stages"] = relationship.months_of(relations, file["customer_id"])
    truth["failures"] = complaints.truth_of_failures(seed, file, latent)
    return Company(made, truth)


def _require(seed: int, customers: int, satisfaction_effect: float) -> None:
    if seed < 0 or customers < 1 or not 0 <= satisfaction_effect <= 1:
        told = f"{seed}, {customers}, {satisfaction_effect}"
        raise RequestError(
            en="seed must be from 0, customers from 1 and satisfaction_effect from 0 to 1, "
            f"got {told}.",
            zh=f"种子须不小于 0，客户数须不小于 1，满意度效应须在 0 到 1 之间，现为 {told}。",
        )
