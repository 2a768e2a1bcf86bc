"""How long a stage is expected to last, and what a customer brings meanwhile."""

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.lifecycle.stages import STAGES, as_codes


def expected_stay(moves: pd.DataFrame) -> pd.DataFrame:
    """Return the periods that a customer is expected to stay in each stage: 1 ÷ (1 − p).

    Parameters
    ----------
    moves : DataFrame
        From `transitions`: its share p of those who stay a period, with its interval.

    Returns
    -------
    DataFrame
        Indexed by ``stage``: ``expected_stay`` in periods, with ``stay_low`` and
        ``stay_high``; missing where nobody ever was, without an end where nobody left.

    Notes
    -----
    It holds for a chain without memory: who has stayed long is as likely to move as a
    newcomer. Where the median of the stays (`kaplan_meier` of `spells`) is far from
    0.69 of it, the chain has memory.

    References
    ----------
    Kemeny, J. G. and Snell, J. L. (1960). Finite Markov Chains, chapter 3.
    """
    kept = moves.reset_index()
    kept = kept[kept["from_stage"] == kept["to_stage"]].set_index("from_stage")
    with np.errstate(divide="ignore"):
        stay = 1 / (1 - kept[["share", "low", "high"]])
    return stay.set_axis(["expected_stay", "stay_low", "stay_high"], axis=1).rename_axis("stage")


def stage_value(found: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """Return what a customer spends in a period, by the stage at its end.

    Parameters
    ----------
    found : DataFrame
        Customers × periods, from `stages`.
    panel : DataFrame
        ``customer_id``, ``period``, ``spend``.

    Returns
    -------
    DataFrame
        Indexed by ``stage``: ``customers`` who ever were in it, ``value_per_period`` (money;
        all spend ÷ all periods) with ``value_low`` and ``value_high``. The interval
        takes each customer's periods together, as they are alike.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, section 6.4: the variance of a ratio.
    """
    spend = panel.pivot_table("spend", "customer_id", "period", aggfunc="sum", fill_value=0.0)
    money = spend.reindex(index=found.index, columns=found.columns, fill_value=0.0).to_numpy()
    codes = as_codes(found)
    rows = []
    for code in range(len(STAGES)):
        here = codes == code
        periods, spent = here.sum(axis=1), np.where(here, money, 0.0).sum(axis=1)
        n, total = int((periods > 0).sum()), periods.sum()
        mean = spent.sum() / total if total else np.nan
        error = np.sqrt(((spent - mean * periods) ** 2).sum() * n / (n - 1)) if n > 1 else np.nan
        reach = Z95 * error / total if n > 1 else np.nan
        rows.append((n, mean, mean - reach, mean + reach))
    names = ["customers", "value_per_period", "value_low", "value_high"]
    return pd.DataFrame(rows, pd.Index(STAGES, name="stage"), names)
