"""What low and high ratings go with: penalty–reward contrasts."""

import numpy as np
import pandas as pd

from crmlab.loyalty.drivers import complete_rows
from crmlab.loyalty.resample import interval, products, resampled


def penalty_reward(
    items: pd.DataFrame,
    outcome: pd.Series,
    customer: pd.Series,
    *,
    low_to: float = 5,
    high_from: float = 9,
    draws: int = 200,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return what a low and a high rating of each item go with, against a middling one.

    One regression on two indicators per item: rated `low_to` or lower, rated
    `high_from` or higher. With a basic item the outcome falls more when it is rated
    low than it rises when it is rated high; with an exciting item it is the reverse.

    Returns
    -------
    DataFrame
        Indexed by ``item``: ``penalty_effect`` and ``reward_effect`` (points of the
        outcome) with ``_low`` and ``_high`` (95 %, resampling customers), and ``kind``
        by `_kinds`: basic_item, exciting_item, both_ways or unclear.

    References
    ----------
    Brandt, D. R. (1987). A procedure for identifying value-enhancing service
    components using customer satisfaction survey data. In Surprenant, C. (ed.), Add
    Value to Your Service, 61–65.
    """
    columns, who = complete_rows(items, outcome, customer)
    rated, k = columns[:, 1:-1], items.shape[1]
    marks = [columns[:, :1], rated <= low_to, rated >= high_from, columns[:, -1:]]
    blocks = products(np.hstack(marks).astype(float), who, seed)
    gram = np.concatenate([blocks.sum(axis=0)[None], resampled(blocks, draws, seed)])
    ridge = 1e-9 * gram[:, :1, :1] * np.eye(2 * k + 1)  # a mark that no one gave
    beta = np.linalg.solve(gram[:, :-1, :-1] + ridge, gram[:, :-1, -1:])[:, 1:, 0]
    table = pd.DataFrame(index=pd.Index(items.columns, name="item"))
    effects = {"penalty_effect": beta[:, :k], "reward_effect": beta[:, k:]}
    for name, values in effects.items():
        low, high = interval(values[1:])
        table = table.assign(**{name: values[0], f"{name}_low": low, f"{name}_high": high})
    return table.assign(kind=_kinds(beta[:, :k], beta[:, k:]))


def _kinds(penalty: np.ndarray, reward: np.ndarray, level: float = 0.05) -> np.ndarray:
    """Return each item's kind, from estimates (first row) and resamples.

    Among many items some difference is large by chance, so `level` is shared among
    them (Bonferroni), with normal intervals from the resamples' s.d. One effect must
    surely differ from 0 and surely outweigh the other, where one that points the wrong
    way counts as 0; both_ways needs both to be sure.
    """
    from scipy.special import ndtri

    z = -ndtri(level / (2 * penalty.shape[1]))
    sd_low, sd_high, sd = (v[1:].std(axis=0, ddof=1) for v in (penalty, reward, penalty + reward))
    lost, won = np.minimum(penalty[0], 0), np.maximum(reward[0], 0)
    low, high = lost < -z * sd_low, won > z * sd_high
    return np.select(
        [low & (lost + won < -z * sd), high & (lost + won > z * sd), low & high],
        ["basic_item", "exciting_item", "both_ways"],
        "unclear",
    )
