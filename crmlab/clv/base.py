"""What every model shares: parameters, what is known of their error, JSON in and out."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.random import Generator
from scipy.special import gammaln, psi, zeta

from crmlab.clv.cells import checked
from crmlab.errors import NotEnough

Slopes = dict[int, np.ndarray]  # derivatives of the log-likelihood, by the parameter's place
Curves = dict[tuple[int, int], np.ndarray]  # second derivatives, by two places in order
Bend = Callable[[np.ndarray], np.ndarray]  # of the rows' weights: the sum of their Hessians
Terms = tuple[np.ndarray, Slopes, Bend | None]
KINDS: dict[str, type["Model"]] = {}
FITTED = ("log_likelihood", "covariance", "customers")  # what a fit adds to the parameters
LEAST = 10  # customers who bought again: fewer say nothing about how customers differ


@dataclass(frozen=True)
class Model:
    """Positive parameters, and what a fit adds to them.

    `covariance` is that of the parameters in their order, `customers` the number (sum
    of weights) it was fitted to.
    """

    columns: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")
    timed: ClassVar[tuple[str, ...]] = ("recency", "T")  # columns in the unit of the model
    in_unit: ClassVar[tuple[str, ...]] = ()  # parameters in that unit
    title: ClassVar[str] = ""

    log_likelihood: float = field(default=float("nan"), kw_only=True, compare=False)
    covariance: np.ndarray | None = field(default=None, kw_only=True, repr=False, compare=False)
    customers: float = field(default=float("nan"), kw_only=True, compare=False)

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        if cls.title and "acting" not in cls.__dict__:
            KINDS[cls.__name__] = cls

    def __post_init__(self) -> None:
        for name, value in self._values().items():
            if not 0 < value < float("inf"):
                raise ValueError(f"{name} must be positive and finite, got {value}")

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of the parameters, in order."""
        return [f.name for f in fields(cls) if f.name not in FITTED]

    @classmethod
    def of(cls, values: Sequence[float], **known: Any) -> Self:
        """Return the model with these values of its parameters, in order."""
        return cls(*map(float, values), **known)

    def _values(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in self.names()}

    @property
    def parameters(self) -> pd.Series:
        """The parameters by name."""
        return pd.Series(self._values(), dtype="float64")

    @property
    def standard_errors(self) -> pd.Series:
        """The square roots of the covariance's diagonal; missing if not fitted."""
        index = self.parameters.index
        if self.covariance is None:
            return pd.Series(np.nan, index=index)
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=index)

    @property
    def aic(self) -> float:
        """Akaike's criterion: twice the parameters less twice the log-likelihood."""
        return 2 * len(self.parameters) - 2 * self.log_likelihood

    def to_json(self) -> str:
        """Return the model as plain JSON, with all that `from_json` needs to restore it."""
        return json.dumps(self._told())

    def _told(self) -> dict[str, Any]:
        told: dict[str, Any] = {"model": type(self).__name__, **self.parameters}
        if self.covariance is not None:
            told |= {"customers": self.customers, "covariance": self.covariance.tolist()}
        if not np.isnan(self.log_likelihood):
            told["log_likelihood"] = self.log_likelihood
        return told


@dataclass(frozen=True)
class PurchaseModel(Model, ABC):
    """What a model of purchases defines, for arrays of one entry per row.

    `p` are the parameters in their order, `x` the values of `count`, `table` the columns.
    """

    count: ClassVar[str] = "frequency"  # the column that `head` looks at
    whole: ClassVar[tuple[str, ...]] = ()  # columns that count, where time is counted too
    covariates: ClassVar[tuple[str, ...]] = ()  # columns of numbers that act on the parameters
    moved: ClassVar[dict[str, tuple[int, int]]] = {}  # by what: the parameter's place, and way
    pairs: ClassVar[dict[str, tuple[str, str]]] = {}  # parameters of "buying" and of "leaving"

    @classmethod
    def checked(cls, customers: pd.DataFrame) -> dict[str, np.ndarray]:
        """Return the columns of the model as arrays, or say all that is wrong with them."""
        return checked(customers, cls.columns, cls.whole, cls.covariates)

    @classmethod
    def require(cls, cells: Mapping[str, np.ndarray]) -> None:
        """Refuse customers that there is nothing to fit to."""
        if not (again := float(cells["weight"] @ (cells["frequency"] > 0))):
            raise NotEnough(
                en="There are no repeat purchases, so there is nothing to fit "
                f"the {cls.title} model to.",
                zh=f"没有任何重复购买，无法拟合 {cls.title} 模型。",
            )
        if again < LEAST:
            raise NotEnough(
                en=f"Only {again:,g} customers bought again: too few for the {cls.title} model, "
                f"which needs at least {LEAST}.",
                zh=f"只有 {again:,g} 位客户重复购买，数量太少："
                f"拟合 {cls.title} 模型至少需要 {LEAST} 位。",
            )
        if len(cells["weight"]) == 1:
            raise NotEnough(
                en=f"All customers have the same history ({again:,g} of them), so nothing tells "
                f"how they differ, which the {cls.title} model is about.",
                zh=f"全部 {again:,g} 位客户的购买历史完全相同，"
                f"无从得知 {cls.title} 模型所描述的客户差异。",
            )

    @classmethod
    @abstractmethod
    def head(cls, p: list[Any], x: np.ndarray) -> Terms:
        """Return the part of the log-likelihood that depends on `count` alone."""

    @classmethod
    @abstractmethod
    def local(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Terms:
        """Return the rest of each row's log-likelihood, with its derivatives."""

    @classmethod
    @abstractmethod
    def alive(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return P(alive) of each row."""

    @classmethod
    @abstractmethod
    def ahead(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the purchases expected within the horizon from who is alive."""

    @classmethod
    @abstractmethod
    def silent(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance of no purchase within the horizon from who is alive."""

    @classmethod
    @abstractmethod
    def staying(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance that who is alive still is at the end of the horizon."""

    @classmethod
    @abstractmethod
    def purchases(
        cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any, stream: Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw the purchases ahead: for each, the place of its row, and how far ahead it is."""


def buying(
    r: float, alpha: float, x: np.ndarray
) -> tuple[np.ndarray, Slopes, Callable[[], Curves]]:
    """Return the log of Γ(r+x) α^r / Γ(r), with its derivatives in r (0) and alpha (1)."""
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    slopes = {0: psi(r + x) - psi(r) + np.log(alpha), 1: np.zeros(len(x)) + r / alpha}

    def curves() -> Curves:
        return {
            (0, 0): zeta(2, r + x) - zeta(2, r),
            (0, 1): np.full(len(x), 1 / alpha),
            (1, 1): np.full(len(x), -r / alpha**2),
        }

    return value, slopes, curves


def bending(k: int, curves: Callable[[], Curves]) -> Bend:
    """Return what sums the second derivatives over rows, by weight: k × k, computed if called."""

    def summed(weight: np.ndarray) -> np.ndarray:
        total = np.zeros((k, k))
        for (i, j), each in curves().items():
            total[i, j] = total[j, i] = weight @ each
        return total

    return summed


def pausing(p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
    """Return the chance that who does not leave buys nothing within the horizon."""
    r, alpha = p[:2]
    return np.exp(-(r + table["frequency"]) * np.log1p(horizon / (alpha + table["T"])))


def scattered(
    counts: np.ndarray, spans: np.ndarray, stream: Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw so many times, even over each row's span and in order: row's place and time of each."""
    places = np.repeat(np.arange(len(counts)), counts)
    times = stream.random(len(places)) * spans[places]
    return places, times[np.lexsort((times, places))]
