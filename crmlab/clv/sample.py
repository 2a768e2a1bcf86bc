"""A sample of customers, where all of them would take long and tell no more."""

import numpy as np
import pandas as pd

from crmlab.errors import Finding

ENOUGH = 100_000  # customers: a share is known to a third of a percentage point
FUTURES = 20_000  # of which futures are drawn, where there are more than ENOUGH


def sample(customers: pd.DataFrame, size: int = ENOUGH, *, seed: int = 2026) -> pd.DataFrame:
    """Return so many customers drawn at random, in their order; all, if there are no more.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        In an order that does not depend on chance, such as that of `summarise`.
    size : int
        How many to draw.
    seed : int
        The same draws the same.
    """
    if len(customers) <= size:
        return customers
    chosen = np.random.default_rng(seed).choice(len(customers), size, replace=False)
    return customers.iloc[np.sort(chosen)]


def sampled(drawn: pd.DataFrame, customers: pd.DataFrame) -> list[Finding]:
    """Say that models are tested on a sample of the customers, where that is so."""
    if len(drawn) == len(customers):
        return []
    n, of = f"{len(drawn):,}", f"{len(customers):,}"
    return [
        Finding(
            "ready",
            en=f"The models are tested on {n} of the {of} customers, drawn at random, and fitted "
            "to at most a million: so many suffice. What customers are worth is computed for all.",
            zh=f"检验模型时在 {of} 位客户中随机抽取 {n} 位，拟合时至多用一百万位，已经足够；"
            "客户价值按全体计算。",
            code="models_tested_on_sample",
        )
    ]
