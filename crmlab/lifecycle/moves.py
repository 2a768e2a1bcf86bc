"""How customers move between the stages, and how long they stay in one."""

import numpy as np
import pandas as pd

from crmlab.lifecycle.intervals import wilson
from crmlab.lifecycle.stages import DECLINE, STAGES, StageRules, as_codes, blocks


def settled(found: pd.DataFrame, rules: StageRules) -> pd.DataFrame:
    """Return the `stages` from the period on at which the rules can look back in full.

    At the start of the data nobody can have been silent long enough, and the windows
    that are compared are not whole, so early moves follow from the start. If the data
    are too short for that, the last two periods stay.
    """
    behind = max(rules.quiet_periods, 2 * rules.window)
    return found.iloc[:, max(min(behind, found.shape[1] - 2), 0) :]


def declines(found: pd.DataFrame, silent: pd.DataFrame) -> pd.DataFrame:
    """Return the moves from each other stage into decline, by what made them.

    Parameters
    ----------
    found, silent : DataFrame
        Customers × periods, from `stages` and `silent`; `found` may leave some out.

    Returns
    -------
    DataFrame
        Indexed by ``from_stage``: moves that ``silence`` made, and those that
        ``fewer`` purchases made.
    """
    codes = as_codes(found)
    quiet = silent.loc[found.index, found.columns].to_numpy()[:, 1:]
    before, after = codes[:, :-1], codes[:, 1:]
    into = (before >= 0) & (before != DECLINE) & (after == DECLINE)
    made = {"silence": into & quiet, "fewer": into & ~quiet}
    counts = {k: np.bincount(before[cells], minlength=len(STAGES)) for k, cells in made.items()}
    index = pd.Index(STAGES, name="from_stage")
    return pd.DataFrame(counts, index).drop(index=STAGES[DECLINE])


def transitions(found: pd.DataFrame) -> pd.DataFrame:
    """Return the moves from each stage to each other in one period, with row shares.

    Parameters
    ----------
    found : DataFrame
        Customers × periods, from `stages`.

    Returns
    -------
    DataFrame
        Indexed by ``from_stage`` and ``to_stage``, staying included: ``moves``
        (customer-periods), ``share`` of the moves from that stage, and a 95 %
        interval, ``low`` and ``high``, for each share on its own. Shares of a stage
        in which nobody ever was are missing.

    Notes
    -----
    Moves of the same customer are alike, so there is less in them than in as many
    customers. The interval is Wilson's, with the number of moves divided by the
    design effect: the variance of the share as a ratio of sums over customers,
    against that of a binomial. Where all or none move, it is the number of customers.

    References
    ----------
    Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions
    with small expected number of positive counts estimated from survey data.
    """
    moves, made, customers, squares, products, of_made = _sums(as_codes(found))
    total = np.where(made > 0, made, np.nan)
    share = moves / total
    error = (squares - 2 * share * products + share**2 * of_made) / total**2
    error *= customers / np.maximum(customers - 1, 1)
    binomial = share * (1 - share)
    effective = np.divide(binomial, error, out=customers + 0 * share, where=error > 1e-12)
    index = pd.MultiIndex.from_product([STAGES, STAGES], names=["from_stage", "to_stage"])
    shares = pd.Series(share.ravel(), index)
    n = pd.Series(np.minimum(effective, made).ravel(), index)
    counted = pd.Series(moves.ravel(), index, name="moves")
    return pd.concat([counted, wilson(shares * n, n)], axis=1)


def _sums(codes: np.ndarray) -> list[np.ndarray]:
    """Return, over customers: moves, those from each stage and who made any, and the sums of
    squares and products from which the variance of a share follows.
    """
    found = [0] * 6
    for part in blocks(codes):
        moves = _moves(part)
        made = moves.sum(axis=2, keepdims=True)
        each = moves, made, made > 0, moves**2, moves * made, made**2
        found = [sofar + more.sum(axis=0) for sofar, more in zip(found, each, strict=True)]
    return [np.asarray(each) for each in found]


def _moves(codes: np.ndarray) -> np.ndarray:
    """Return how often each customer moved from stage to stage: customers × 4 × 4."""
    k = len(STAGES)
    before, after = codes[:, :-1].astype("int64"), codes[:, 1:].astype("int64")
    row = np.arange(len(codes))[:, None] * k * k
    cell = (row + before * k + after)[before >= 0]
    return np.bincount(cell, minlength=len(codes) * k * k).reshape(-1, k, k)


def spells(found: pd.DataFrame) -> pd.DataFrame:
    """Return each unbroken stay of a customer in a stage: lives for `kaplan_meier`.

    Columns ``customer_id``, ``stage``, ``start`` (the period's first day),
    ``duration`` in periods, ``observed`` (whether it ended in the data).
    """
    codes = as_codes(found)
    begins = codes >= 0
    begins[:, 1:] &= codes[:, 1:] != codes[:, :-1]
    row, column = np.nonzero(begins)
    ended = np.append(row[1:] == row[:-1], False)
    stop = np.where(ended, np.append(column[1:], 0), codes.shape[1])
    return pd.DataFrame(
        {
            "customer_id": found.index[row],
            "stage": pd.Categorical.from_codes(codes[row, column], pd.Index(STAGES)),
            "start": found.columns[column],
            "duration": stop - column,
            "observed": ended,
        }
    )
