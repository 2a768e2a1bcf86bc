"""From segment to strategy: what to do with each group of customers, and what is at stake."""

import pandas as pd

from crmlab.accounts.base import check_between, problems, refuse
from crmlab.accounts.strategy import lost_share, profit_of_revenue

ACTIONS = {  # quadrant of volume and margin, or cost without purchase → what to do
    "high_high": "protect_them",
    "low_high": "sell_them_more",
    "high_low": "mend_their_terms",
    "low_low": "serve_them_cheaper",
    "no_purchase": "stop_their_cost",
}


def stakes(
    chosen: pd.DataFrame, margins: pd.DataFrame, quadrant: pd.Series, floor: float = 0.1
) -> pd.DataFrame:
    """Return what to do with each customer, and how much profit of a year is at stake.

    At stake is, with customers high in volume and margin, the share of profit that a year's
    leaving takes (λ of `strategies`) of theirs; with those of low volume and high margin, their
    `wallet_gap` at our profit on revenue; of high volume and low margin, what is lacking to
    the floor of the pocket margin; of both low, and of those who only cost, their loss.

    Parameters
    ----------
    chosen : DataFrame
        From `choices`.
    margins : DataFrame
        From `margins_in` of the same year.
    quadrant : Series
        Of each buyer (see `crmlab.segment.quadrants`), indexed by ``customer_id``.
    floor : float
        Share of the list value that must be left, −1 to 1.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, all with a quadrant and all who cost: ``segment``, its
        ``action``, and ``stake`` in money, 0 or more.
    """
    check_between("floor", floor, -1, 1)
    refuse(problems("choices", chosen, numbers="profit orders gap"))
    rest = chosen.index[(chosen["profit"] < 0) & ~chosen.index.isin(quadrant.index)]
    segment = pd.concat([quadrant.astype("str"), pd.Series("no_purchase", index=rest, dtype="str")])
    mine = chosen.reindex(segment.index)
    lacking = floor * margins["list_value"] - margins["pocket_margin"]
    at_stake = {
        "high_high": lost_share(chosen) * mine["profit"].clip(lower=0),
        "low_high": profit_of_revenue(chosen) * mine["gap"],
        "high_low": lacking.reindex(segment.index).clip(lower=0).fillna(0.0),
        "low_low": (-mine["profit"]).clip(lower=0),
        "no_purchase": (-mine["profit"]).clip(lower=0),
    }
    stake = pd.Series(0.0, index=segment.index)
    for name, values in at_stake.items():
        stake = stake.mask(segment == name, values.clip(lower=0))
    found = pd.DataFrame({"segment": segment, "action": segment.map(ACTIONS), "stake": stake})
    return found.rename_axis("customer_id")
