"""What keeping costs against winning, and how to split a budget between the two."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from crmlab.equity.base import divided, limits, need, resampled, within
from crmlab.errors import DataError

TAUGHT = 0.2  # "keeping costs a fifth of winning"


def keeping_against_winning(
    customers: pd.DataFrame, *, draws: int = 1000, seed: int = 2026
) -> pd.DataFrame:
    r"""Return what it costs to win a customer, to keep one for a year, and their ratio.

    .. math:: (\sum keeping\ cost / \sum years) / (\sum acquisition\ cost / n)

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``acquisition_cost`` and ``keeping_cost`` (selling and service, over all of
        ``years``), in money; ``years`` as an active customer.
    draws, seed : int
        Of the bootstrap: customers are drawn with replacement.

    Returns
    -------
    DataFrame
        Indexed ``winning_cost``, ``keeping_cost_a_year``, ``keeping_to_winning``:
        ``value`` with its 95 % interval ``low`` and ``high``.

    Raises
    ------
    DataError
        If a column is lacking or has missing numbers.
    ValueError
        If nobody was active, or winning cost nothing.
    """
    columns = ["acquisition_cost", "keeping_cost", "years"]
    need(customers, columns, "customers")
    if not (customers["years"].sum() > 0 and customers["acquisition_cost"].sum() > 0):
        raise ValueError("the sums of years and of acquisition_cost must be above 0")
    each = np.column_stack([customers[columns].to_numpy("float64"), np.ones(len(customers))])

    def ratios(sums: np.ndarray) -> np.ndarray:
        won, kept, years, n = sums.T
        winning, keeping = won / n, divided(kept, years)
        return np.column_stack([winning, keeping, divided(keeping, winning)])

    low, high = limits(ratios(resampled(each, draws=draws, seed=seed)))
    names = ["winning_cost", "keeping_cost_a_year", "keeping_to_winning"]
    value = ratios(each.sum(axis=0)[None])[0]
    return pd.DataFrame({"value": value, "low": low, "high": high}, index=names)


@dataclass(frozen=True)
class Response:
    r"""How many customers money wins or keeps: :math:`ceiling (1 - e^{-k \cdot spend})`.

    `ceiling` is in customers, `k` per unit of money; `value` is what one such customer is
    worth, in money. The first yuan does most, and no money gets above the ceiling.

    References
    ----------
    Blattberg, R. C. and Deighton, J. (1996). Manage marketing by the customer equity
    test. Harvard Business Review 74(4), 136-144.
    """

    ceiling: float
    k: float
    value: float

    def __post_init__(self) -> None:
        for name in ("ceiling", "k", "value"):
            if not 0 < (given := getattr(self, name)) < float("inf"):
                raise ValueError(f"{name} must be positive and finite, got {given}")

    def customers(self, spend: float | np.ndarray) -> np.ndarray:
        """Return the customers that `spend` (money) wins or keeps."""
        return self.ceiling * -np.expm1(-self.k * np.asarray(spend, dtype="float64"))

    def marginal(self, spend: float | np.ndarray) -> np.ndarray:
        """Return the value that one more unit of money brings: value · ceiling · k · e^(−k x)."""
        at = np.exp(-self.k * np.asarray(spend, dtype="float64"))
        return self.value * self.ceiling * self.k * at


def response_from(*, spend: float, customers: float, ceiling: float, value: float) -> Response:
    """Return the curve through today's point: k = −ln(1 − customers ÷ ceiling) ÷ spend.

    `spend` and `customers` are what is spent and had today, `ceiling` what unlimited money
    would bring: a judgement, as Blattberg and Deighton ask managers for it.

    >>> round(response_from(spend=100, customers=50, ceiling=100, value=1).k, 5)
    0.00693
    """
    if not 0 < customers < ceiling:
        raise ValueError(f"customers must be between 0 and ceiling {ceiling}, got {customers}")
    if not spend > 0:
        raise ValueError(f"spend must be above 0, got {spend}")
    return Response(ceiling, -float(np.log1p(-customers / ceiling)) / spend, value)


def optimal_split(budget: float, curves: Mapping[str, Response]) -> pd.DataFrame:
    r"""Return the split of `budget` over `curves` that is worth most.

    Where money goes, one more yuan brings the same everywhere:
    :math:`v_i c_i k_i e^{-k_i x_i} = \lambda`; what starts below λ gets none. The λ at which
    the spends add up to the budget is found by Brent's method.

    Returns
    -------
    DataFrame
        Indexed like `curves`: ``spend`` (money), ``share`` of the budget, ``customers``,
        ``value`` (money) and ``marginal`` (value of one more unit of money).

    Raises
    ------
    ValueError
        If there is no curve, or the budget is not above 0.
    """
    if not curves:
        raise ValueError("no curves to split a budget between")
    if not 0 < budget < float("inf"):
        raise ValueError(f"budget must be positive and finite, got {budget}")
    first = np.log([each.marginal(0).item() for each in curves.values()])
    k = np.array([each.k for each in curves.values()])

    def spends(log_marginal: float) -> np.ndarray:
        return np.maximum(first - log_marginal, 0) / k

    lowest = first.min() - budget * k.max() - 1
    at = brentq(lambda x: spends(x).sum() - budget, lowest, first.max(), xtol=1e-13, rtol=1e-14)
    return at_split(dict(zip(curves, spends(at), strict=True)), curves)


def at_split(spend: Mapping[str, float], curves: Mapping[str, Response]) -> pd.DataFrame:
    """Return what a given split brings, in the columns of `optimal_split`.

    Raises
    ------
    ValueError
        If `spend` does not name the same activities, or one is negative.
    """
    if set(spend) != set(curves):
        raise ValueError(f"spend names {sorted(spend)}, the curves are {sorted(curves)}")
    within("spend", list(spend.values()), 0, np.inf)
    total = sum(spend.values())
    rows = {
        name: [x := spend[name], x / total, float(c.customers(x)), float(c.marginal(x))]
        for name, c in curves.items()
    }
    names = ["spend", "share", "customers", "marginal"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    worth = table["customers"] * [each.value for each in curves.values()]
    table.insert(3, "value", worth)
    return table.rename_axis("activity")


def budget(
    rows: pd.DataFrame, flow: pd.DataFrame, *, keep: float, win: float
) -> tuple[dict[str, float], dict[str, Response]]:
    """Return what was spent on keeping and on winning, and the curve of each.

    Parameters
    ----------
    rows : DataFrame
        Present customers and newcomers of a year: ``role``, ``customers``, ``retention``
        and ``value`` (equity, money).
    flow : DataFrame
        ``cost`` (selling and service) and ``invested`` (with acquisition), money, of the
        same year.
    keep : float
        Ceiling: the share of customers that unlimited money would keep.
    win : float
        Ceiling: newcomers with unlimited money, as a multiple of today's.

    Raises
    ------
    DataError
        If the ceiling of keeping is not above what is kept today, or customers are worth
        nothing, so that no money on them pays.
    """
    here, won = (rows[rows["role"] == role] for role in ("present", "won"))
    n, came = here["customers"].sum(), won["customers"].sum()
    kept = float((here["customers"] * here["retention"]).sum())
    worth = float(here["value"].sum() / n)
    spent = {"keeping": float(flow["cost"].sum())}
    spent["winning"] = float(flow["invested"].sum()) - spent["keeping"]
    if not (kept < keep * n and worth > 0):
        raise DataError(
            en=f"The split needs customers worth more than 0 (here {worth:,.0f} each) and a "
            f"ceiling of keeping above today's {kept / n:.3f}, got {keep:g}.",
            zh=f"分配预算要求客户价值大于 0（现为人均 {worth:,.0f}），保留率上限高于现有的 "
            f"{kept / n:.3f}，而给定的是 {keep:g}。",
        )
    have = {"keeping": (kept, keep * n), "winning": (came, win * came)}
    curves = {
        name: response_from(spend=spent[name], customers=now, ceiling=most, value=worth)
        for name, (now, most) in have.items()
    }
    return spent, curves


def compared_split(spent: Mapping[str, float], curves: Mapping[str, Response]) -> pd.DataFrame:
    """Return today's split beside the best one of the same budget.

    Indexed by ``activity``: ``now_spend``, ``best_spend`` (money), ``now_marginal`` and
    ``best_marginal`` (value of one more unit of money).
    """
    today, best = at_split(spent, curves), optimal_split(sum(spent.values()), curves)
    columns = ["spend", "marginal"]
    both = today[columns].add_prefix("now_").join(best[columns].add_prefix("best_"))
    return both[["now_spend", "best_spend", "now_marginal", "best_marginal"]]
