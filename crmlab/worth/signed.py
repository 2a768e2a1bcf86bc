"""Customers under contract, whose leaving is seen: its rate, and how it hangs on satisfaction."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.worth.leaving import Shift
from crmlab.worth.steps import Parts

LEAST = 30  # contracts that ended
WEEKS = 365.25 / 7  # in a year
OF = np.array([0, 1, 1, 0])  # parameters: of leaving 0, of buying 1


@dataclass(frozen=True)
class Signed:
    """A rate of leaving and one of buying, both a year, each log-linear in satisfaction.

    `theta` holds the logs of the two rates at z = 0, then the effect of z on the log of the
    rate of buying, and on that of leaving. `parts` is as in `crmlab.worth.Leaving`.
    """

    theta: np.ndarray
    parts: Parts
    z: np.ndarray

    def ahead(self, theta: np.ndarray, until: np.ndarray, *shifts: Shift) -> np.ndarray:
        """Return the purchases to expect of who is under contract: see `purchases`."""
        leave, buy = np.exp(theta[0] + theta[3] * self.z), np.exp(theta[1] + theta[2] * self.z)
        found = np.empty((len(shifts), len(self.z), len(until)))
        for k, shift in enumerate(shifts):
            first, rate = leave * np.exp(shift.odds), buy * np.exp(shift.buying)
            for j, years in enumerate(until / WEEKS):
                moved = min(shift.lasting / WEEKS, years)
                there = np.exp(-first * moved)
                later = there * -np.expm1(-leave * (years - moved)) / leave
                found[k, :, j] = rate * (-np.expm1(-first * moved) / first + later)
        return found

    def part(self, rows: np.ndarray) -> "Signed":
        """Return the same model, to tell of some customers only."""
        return replace(self, z=self.z[rows])


def lives(
    customers: pd.DataFrame, contracts: pd.DataFrame, sold: pd.DataFrame, today: pd.Timestamp
) -> pd.DataFrame:
    """Return what became of each customer's first contract, up to `today`.

    Parameters
    ----------
    customers : DataFrame
        ``customer_id``; those that `contracts` names are told of.
    contracts : DataFrame
        ``customer_id``, ``started_on``, ``ended_on`` (empty if it runs).
    sold : DataFrame
        ``customer_id``, ``order_date``, ``amount`` (money) per order.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``: ``years`` under contract, ``left`` (0 or 1), ``orders``
        within it after its first day, ``spend`` (mean amount of an order) and ``present``.
    """
    began = contracts[contracts["started_on"] <= today].sort_values("started_on")
    first = began.drop_duplicates("customer_id").set_index("customer_id").sort_index()
    first = first[first.index.isin(customers["customer_id"])]
    end = pd.to_datetime(first["ended_on"])
    left = end.notna() & (end <= today)
    until = end.where(left, today)
    each = sold[sold["customer_id"].isin(first.index)]
    who, day = each["customer_id"], pd.to_datetime(each["order_date"])
    inside = (day > who.map(first["started_on"])) & (day <= who.map(until))
    orders = who[inside].value_counts().reindex(first.index, fill_value=0)
    years = (until - pd.to_datetime(first["started_on"])).dt.days.clip(lower=1) / 365.25
    return pd.DataFrame(
        {
            "years": years, "left": left.astype("float64"), "orders": orders.astype("float64"),
            "spend": each.groupby("customer_id")["amount"].mean().reindex(first.index),
            "present": ~left,
        }
    )  # fmt: skip


def fit_signed(lived: pd.DataFrame, z: np.ndarray) -> Signed:
    """Fit both rates by Poisson likelihood; its resamples hold for counts that vary more.

    Raises
    ------
    NotEnough
        If fewer than 30 contracts ended.
    """
    if (ended := int(lived["left"].sum())) < LEAST:
        raise NotEnough(
            en=f"{ended} contracts of customers who answered have ended; {LEAST} are needed to "
            "tell what leaving hangs on.",
            zh=f"作答客户中有 {ended} 份合同已终止；要判断流失与什么有关，至少需要 {LEAST} 份。",
        )
    counts, years = lived[["left", "orders"]].to_numpy("float64"), lived["years"].to_numpy()
    left, bought = (_poisson(count, years, z) for count in counts.T)
    theta = np.array([left[0], bought[0], bought[1], left[1]])
    x = np.column_stack([np.ones(len(z)), z])[:, [0, 0, 1, 1]]

    def slopes(theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return (counts[rows] - _means(theta, years[rows], z[rows]))[:, OF] * x[rows]

    same = np.equal.outer(OF, OF)
    mean = _means(theta, years, z)[:, OF]
    bends = -np.where(same, x[:, :, None] * (mean * x)[:, None, :], 0.0)
    parts = Parts(theta, slopes(theta, np.arange(len(z))), bends, slopes)
    return Signed(theta, parts, z)


def _means(theta: np.ndarray, years: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return how many leave, and how many orders there are, in so many years, by customer."""
    logs = np.column_stack([theta[0] + theta[3] * z, theta[1] + theta[2] * z])
    return years[:, None] * np.exp(logs)


def _poisson(count: np.ndarray, exposure: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return intercept and slope of a log-linear rate."""
    x = np.column_stack([np.ones(len(z)), z])
    beta = np.array([np.log(count.sum() / exposure.sum()), 0.0])
    for _ in range(30):
        mean = exposure * np.exp(x @ beta)
        step = np.linalg.solve((x * mean[:, None]).T @ x, x.T @ (count - mean))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    return beta
