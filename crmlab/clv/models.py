"""The parameters of each model, what is known of their error, and the checked input."""

from dataclasses import dataclass, field, fields
from typing import TypeVar

import numpy as np
import pandas as pd

from crmlab.errors import DataError

M = TypeVar("M", "BgNbd", "GammaGamma")


@dataclass(frozen=True)
class _Fitted:
    """What every fitted model carries beside its parameters.

    `covariance` is that of the parameters in their order, `customers` the number
    (sum of weights) it was fitted to.
    """

    log_likelihood: float = field(default=float("nan"), kw_only=True, compare=False)
    covariance: np.ndarray | None = field(default=None, kw_only=True, repr=False, compare=False)
    customers: float = field(default=float("nan"), kw_only=True, compare=False)

    def __post_init__(self) -> None:
        for name, value in self.parameters.items():
            if not 0 < value < float("inf"):
                raise ValueError(f"{name} must be positive and finite, got {value}")

    @classmethod
    def names(cls) -> list[str]:
        return [f.name for f in fields(cls) if f.name not in _Fitted.__dataclass_fields__]

    @property
    def parameters(self) -> pd.Series:
        return pd.Series({name: getattr(self, name) for name in self.names()})

    @property
    def standard_errors(self) -> pd.Series:
        """Return the square roots of the covariance's diagonal; missing if not fitted."""
        if self.covariance is None:
            return pd.Series(np.nan, index=self.names())
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=self.names())


@dataclass(frozen=True)
class BgNbd(_Fitted):
    """Parameters of the BG/NBD model, in the notation of Fader et al. (2005).

    A customer buys at a Gamma(`r`, `alpha`) rate and, after each purchase,
    leaves for good with a Beta(`a`, `b`) probability. `alpha` is in the time
    unit of the customers (weeks by default); the others have no unit.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your
    customers" the easy way: an alternative to the Pareto/NBD model. Marketing
    Science 24(2), 275-284.
    """

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class GammaGamma(_Fitted):
    """Parameters of the gamma-gamma model of spend per purchase.

    A customer's purchases vary as Gamma(`p`, ν) around a mean of their own, and ν
    varies over customers as Gamma(`q`, `v`). `v` is in the currency of the
    spend; the others have no unit.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013). The gamma-gamma model of monetary
    value. Note, brucehardie.com/notes/025.
    """

    p: float
    q: float
    v: float

    @property
    def mean_spend(self) -> float:
        """The mean spend per purchase over all customers; infinite unless q > 1."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")


def checked(customers: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return `columns` and ``weight`` (1 if absent) as numbers, or say all that is wrong.

    Raises
    ------
    KeyError
        If a column is absent.
    DataError
        If values are missing or negative, or ``recency`` exceeds ``T``.
    """
    if lacking := [c for c in columns if c not in customers]:
        raise KeyError(
            f"customers lack {', '.join(lacking)}; they have {', '.join(map(str, customers))}"
        )
    table = customers[columns].astype("float64")
    table["weight"] = customers["weight"].astype("float64") if "weight" in customers else 1.0
    wrong = {f"{c} is missing or negative": ~(table[c] >= 0) for c in table}
    if "recency" in table and "T" in table:
        wrong["recency exceeds T"] = table["recency"] > table["T"] * (1 + 1e-12)
    if told := [f"{what} in {rows.sum():,} rows" for what, rows in wrong.items() if rows.any()]:
        raise DataError(
            en=f"customers cannot be scored: {'; '.join(told)}.",
            zh=f"客户数据无法打分：{'；'.join(told)}。",
        )
    return table
