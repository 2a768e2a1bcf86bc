"""What every model shares: parameters, what is known of their error, JSON in and out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
import pandas as pd

Slopes = dict[int, np.ndarray]  # derivatives of the log-likelihood, by the parameter's place
Curves = dict[tuple[int, int], np.ndarray]  # second derivatives, by two places in order
Terms = tuple[np.ndarray, Slopes, Curves | None]
KINDS: dict[str, type["Model"]] = {}


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
        KINDS[cls.__name__] = cls

    def __post_init__(self) -> None:
        for name in self.names():
            if not 0 < (value := getattr(self, name)) < float("inf"):
                raise ValueError(f"{name} must be positive and finite, got {value}")

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of the parameters, in order."""
        return [f.name for f in fields(cls) if f.name not in Model.__dataclass_fields__]

    @property
    def parameters(self) -> pd.Series:
        """The parameters by name."""
        return pd.Series({name: getattr(self, name) for name in self.names()}, dtype="float64")

    @property
    def standard_errors(self) -> pd.Series:
        """The square roots of the covariance's diagonal; missing if not fitted."""
        index = self.parameters.index
        if self.covariance is None:
            return pd.Series(np.nan, index=index)
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=index)

    def to_json(self) -> str:
        """Return the model as plain JSON, with all that `from_json` needs to restore it."""
        told: dict[str, Any] = {"model": type(self).__name__, **self.parameters}
        if self.covariance is not None:
            told |= {"log_likelihood": self.log_likelihood, "customers": self.customers}
            told |= {"covariance": np.asarray(self.covariance).tolist()}
        return json.dumps(told)

    # What each model defines, for arrays of one entry per row; `p` are the parameters there.

    @classmethod
    def head(cls, p: list[Any], x: np.ndarray) -> Terms:
        """Return the part of the log-likelihood that depends on the frequency alone."""
        raise NotImplementedError

    @classmethod
    def local(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Terms:
        """Return the rest of each row's log-likelihood, with its derivatives."""
        raise NotImplementedError

    @classmethod
    def alive(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return P(alive) of each row."""
        raise NotImplementedError(f"{cls.__name__} knows nothing of P(alive)")

    @classmethod
    def ahead(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the purchases expected within the horizon from who is alive."""
        raise NotImplementedError(f"{cls.__name__} expects no purchases")


def from_json(text: str) -> Model:
    """Return the model that `Model.to_json` wrote.

    Raises
    ------
    ValueError
        If the text is no such JSON: it says what is wrong.

    >>> from_json('{"model": "Nbd", "r": 0.4, "alpha": 7.0}').parameters.to_dict()
    {'r': 0.4, 'alpha': 7.0}
    """
    told = json.loads(text)
    kind = KINDS.get(told.pop("model", "")) if isinstance(told, dict) else None
    if kind is None:
        raise ValueError(f"no model in this JSON; allowed are {', '.join(sorted(KINDS))}")
    known = {f.name for f in fields(kind)}
    if wrong := set(told) ^ (set(kind.names()) | (set(told) & known)):
        raise ValueError(f"{kind.__name__} has {', '.join(kind.names())}; wrong: {sorted(wrong)}")
    if told.get("covariance") is not None:
        told["covariance"] = np.array(told["covariance"])
    return kind(**told)
