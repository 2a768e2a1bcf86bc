"""What a model of spend per purchase is, and the simplest one: one mean for everybody.

Money is in one currency: that of ``monetary_value``, and of the models' parameters.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import pandas as pd
from numpy.random import Generator

from crmlab.clv.base import Model
from crmlab.clv.cells import cells as counted
from crmlab.errors import NotEnough

COLUMNS = ["frequency", "monetary_value"]


class Spent(NamedTuple):
    """What customers spent: `paid` money on `seen` of their `x` repeat purchases."""

    x: np.ndarray
    seen: np.ndarray
    paid: np.ndarray


@dataclass(frozen=True)
class SpendModel(Model, ABC):
    """What a model of spend per purchase defines; `x` are numbers of repeat purchases."""

    columns: ClassVar[tuple[str, ...]] = ("frequency", "monetary_value")

    @classmethod
    def require(cls, cells: pd.DataFrame) -> None:
        """Refuse customers that there is nothing to fit to."""
        if cells.empty:
            raise NotEnough(
                en="No customer has repeat purchases of positive value, "
                f"so there is nothing to fit a {cls.title} model to.",
                zh=f"没有客户有金额为正的重复购买，无法拟合 {cls.title} 模型。",
            )

    @abstractmethod
    def typical(self, x: np.ndarray) -> np.ndarray:
        """Return the mean spend per purchase of all customers with so many repeat purchases."""

    @abstractmethod
    def personal(self, x: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Return the spend to expect of who spent this mean over so many repeat purchases."""

    @abstractmethod
    def amounts(self, spent: Spent, places: np.ndarray, stream: Generator) -> np.ndarray:
        """Draw what each purchase of the customers in these places costs."""

    @property
    def mean_spend(self) -> float:
        """The mean spend per purchase of who has no repeat purchase yet."""
        return float(self.typical(np.zeros(1))[0])


@dataclass(frozen=True)
class PooledSpend(SpendModel):
    """One mean spend per purchase for everybody: that of all repeat purchases together.

    It needs no distribution, so it is there where gamma-gamma is not. Unlike gamma-gamma it
    weighs purchases, not customers, and tells nothing about who spends more. Its error
    is that of a ratio over customers.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques, 3rd ed., equation 6.13. Wiley.
    """

    title: ClassVar[str] = "pooled mean"
    pooled: float

    @classmethod
    def require(cls, cells: pd.DataFrame) -> None:
        super().require(cells)
        if cells["weight"].sum() < 2:
            raise NotEnough(
                en="Only one customer has repeat purchases of positive value: "
                "that does not tell what customers spend.",
                zh="只有一位客户有金额为正的重复购买，无法判断客户的消费水平。",
            )

    def typical(self, x: np.ndarray) -> np.ndarray:
        return np.full(len(x), self.pooled)

    def personal(self, x: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002 - not personal
        return self.typical(x)

    def amounts(self, spent: Spent, places: np.ndarray, stream: Generator) -> np.ndarray:  # noqa: ARG002 - all pay alike
        return self.typical(places)


def usable(customers: pd.DataFrame) -> pd.Series:
    """Tell which customers the model can learn from: repeat purchases of positive value."""
    return (customers["frequency"] > 0) & (customers["monetary_value"] > 0)


def cells(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the distinct (frequency, monetary_value) of `usable` customers, with weights."""
    if lacking := [c for c in COLUMNS if c not in customers]:
        raise KeyError(
            f"customers lack {', '.join(lacking)}; they have {', '.join(map(str, customers))}"
        )
    return counted(customers[usable(customers)], COLUMNS)


def expected_spend(customers: pd.DataFrame, model: SpendModel) -> pd.Series:
    """Return what each customer is expected to spend per purchase.

    It lies between the customer's own mean and that of all customers who bought as often;
    the more purchases, the nearer to the own mean. Who has no repeat purchase (or only
    ones without value) gets the mean of all. In `PooledSpend`, everybody does.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``frequency`` and ``monetary_value`` (mean of the repeat purchases;
        may be missing where there are none), in the model's currency.
    model : GammaGamma, ElasticGammaGamma or PooledSpend
        Fitted parameters.

    Returns
    -------
    Series
        Named ``expected_spend``, indexed like `customers`; infinite where the
        model has no mean (q ≤ 1 without purchases, p x + q ≤ 1 with them).

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using
    iso-value curves for customer base analysis. Journal of Marketing Research
    42(4), 415-430, equation 5.
    """
    known = usable(customers).to_numpy(bool)
    x, mean = (customers[c].to_numpy("float64", na_value=np.nan) for c in COLUMNS)
    expected = model.typical(x)
    expected[known] = model.personal(x[known], mean[known])
    return pd.Series(expected, customers.index, name="expected_spend")
