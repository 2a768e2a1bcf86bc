"""Two periods compared: what changed revenue, and who came, went, rose and fell (lens 2)."""

from itertools import product
from math import comb

import numpy as np
import pandas as pd

from crmlab.errors import DataError
from crmlab.intervals import wilson
from crmlab.segment.base import Estimate, bootstrap_each
from crmlab.segment.lenses import of_period

FACTORS = ["customers", "purchases_per_customer", "spend_per_purchase", "profit_per_spend"]
MOVES = ["kept_up", "kept_down", "joined", "returned", "stopped"]
SIDES = ("before", "now")


def paired(panel: pd.DataFrame, then: pd.Timestamp, now: pd.Timestamp) -> pd.DataFrame:
    """Return one row per customer who bought in either of two periods.

    Parameters
    ----------
    panel : DataFrame
        As in `in_periods`.
    then, now : Timestamp
        First days of the earlier and the later period.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``: ``purchases_before``, ``spend_before`` (zero if none),
        ``purchases_now``, ``spend_now``, likewise ``profit`` where `panel` has it, and
        ``move``: bought in both and spends as much or more now (``kept_up``) or less
        (``kept_down``); bought only now and never by the end of the earlier period
        (``joined``), or before it (``returned``); bought only then (``stopped``).

    Raises
    ------
    DataError
        If nobody bought in one of the periods, or `panel` is not as it should be.
    """
    measures = [c for c in ("purchases", "spend", "profit") if c in panel]
    both = [
        of_period(panel, day).set_index("customer_id")[measures].add_suffix(f"_{side}")
        for day, side in zip((then, now), SIDES, strict=True)
    ]
    pairs = both[0].join(both[1], how="outer").fillna(0).sort_index()
    known = panel.loc[panel["period"] <= then, "customer_id"].unique()
    up = pairs["spend_now"] >= pairs["spend_before"]
    move = np.select(
        [
            pairs["purchases_now"] == 0,
            pairs["purchases_before"] > 0,
            ~pairs.index.isin(known),
        ],
        ["stopped", np.where(up, "kept_up", "kept_down"), "joined"],
        "returned",
    )
    return pairs.assign(move=pd.Categorical(move, MOVES))


def shapley(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Return what each factor contributes to the change of their product.

    Factors are changed one after another; a contribution is the mean over all orders. So
    the contributions add up to the change exactly, whatever the order of factors, and
    may be of either sign and from or to zero.

    >>> shapley(np.array([10.0, 2.0]), np.array([20.0, 3.0]))  # 10 more × 2.5, 1 more × 15
    array([25., 15.])

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. Contributions to the theory of
    games II. Albrecht, J., François, D. and Schors, K. (2002). A Shapley decomposition of
    carbon emissions without residuals. Energy Policy 30, 727-736.
    """
    last, sides = len(before) - 1, np.array([before, now])
    found = np.zeros(len(before))
    for changed in product((0, 1), repeat=last):  # which of the others have changed already
        odds = 1 / ((last + 1) * comb(last, sum(changed)))
        for factor in range(last + 1):
            others = np.delete(sides, factor, axis=1)[changed, range(last)]
            found[factor] += odds * np.prod(others)
    return found * (sides[1] - sides[0])


def revenue_tree(
    pairs: pd.DataFrame, weight: pd.Series | None = None, *, seed: int = 2026, draws: int = 500
) -> pd.DataFrame:
    """Return what changed spend: customers × purchases of each × spend per purchase.

    Where `pairs` has profit, it is profit that changed, and profit ÷ spend the fourth factor.

    Parameters
    ----------
    pairs : DataFrame
        From `paired`.
    weight : Series, optional
        How many customers a row stands for, whole numbers.
    seed, draws : int
        As in `bootstrap`.

    Returns
    -------
    DataFrame
        Indexed by ``driver``, the last of which is ``all_drivers``, the product: ``earlier``,
        ``later`` and ``effect``, which add up to the change, with the 95 % bootstrap
        interval ``low`` to ``high``: what another sample of such customers might show.

    Raises
    ------
    DataError
        If nothing was bought, or (with profit) spent, in one of the periods.
    """
    columns = [pairs[c] for c in _measures(pairs)]
    before, now = (_factors(*side, weight=weight) for side in _halves(columns))
    if not np.isfinite([before, now]).all():
        raise DataError(
            en="one of the two periods has no purchases or no spend: what changed cannot be "
            "parted into factors.",
            zh="两期之一没有购买或消费：无法把变化分解为各项因素。",
        )
    found = bootstrap_each(tree_effects, *columns, weight=weight, seed=seed, draws=draws)
    table = pd.DataFrame({"earlier": before, "later": now}, index=FACTORS[: len(before)])
    table.loc["all_drivers"] = [np.prod(before), np.prod(now)]
    return table.join(found.rename(columns={"value": "effect"})).rename_axis("driver")


def tree_effects(*columns: pd.Series, weight: pd.Series | None = None) -> pd.Series:
    """Return the effects of `revenue_tree` alone, from its columns: for `bootstrap_each`.

    `columns` are purchases, spend and, if known, profit of the earlier period, then of the later.
    """
    before, now = (_factors(*side, weight=weight) for side in _halves(list(columns)))
    effects = pd.Series(shapley(before, now), index=FACTORS[: len(before)])
    effects["all_drivers"] = np.prod(now) - np.prod(before)
    return effects


def moved(pairs: pd.DataFrame, weight: pd.Series | None = None) -> pd.DataFrame:
    """Return who came, went, rose and fell between two periods, and the money that it moved.

    Parameters
    ----------
    pairs : DataFrame
        From `paired`.
    weight : Series, optional
        How many customers a row stands for.

    Returns
    -------
    DataFrame
        Indexed by ``move``: ``customers``, ``spend_before``, ``spend_now`` and ``change``,
        which add up to those of all.
    """
    sizes = pd.Series(1, index=pairs.index) if weight is None else weight
    each = pairs[["spend_before", "spend_now"]].mul(sizes, axis=0)
    each = each.assign(change=each["spend_now"] - each["spend_before"])
    each.insert(0, "customers", sizes)
    return each.groupby(pairs["move"], observed=False).sum()


def stayed(moves: pd.DataFrame) -> Estimate:
    """Return the share of the earlier period's customers who bought in the later, from `moved`.

    Its 95 % interval is Wilson's; weights in `moved` count as customers.
    """
    here = moves["customers"][["kept_up", "kept_down"]].sum()
    all_ = here + moves["customers"]["stopped"]
    low, high = wilson(here, all_)
    return Estimate(float(here / (all_ or np.nan)), float(low), float(high))


def _measures(pairs: pd.DataFrame) -> list[str]:
    names = [f"{what}_{side}" for side in SIDES for what in ("purchases", "spend", "profit")]
    return [name for name in names if name in pairs]


def _halves(columns: list[pd.Series]) -> tuple[list[pd.Series], list[pd.Series]]:
    half = len(columns) // 2
    return columns[:half], columns[half:]


def _factors(purchases: pd.Series, *money: pd.Series, weight: pd.Series | None) -> np.ndarray:
    """Return buyers, purchases of each, spend per purchase, and profit per spend if known."""
    sizes = np.ones(len(purchases)) if weight is None else weight.to_numpy("float64")
    bought = purchases.to_numpy("float64")
    sums = [sizes @ (bought > 0), sizes @ bought, *(sizes @ m.to_numpy("float64") for m in money)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array([sums[0], *np.divide(sums[1:], sums[:-1])])
