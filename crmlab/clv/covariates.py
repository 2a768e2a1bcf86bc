"""Customers who differ in what is known of them: covariates that act on buying and on leaving.

A covariate does not change with time: sex, the channel of the first purchase, the region.

References
----------
Fader, P. S. and Hardie, B. G. S. (2007). Incorporating time-invariant covariates into the
Pareto/NBD and BG/NBD models. brucehardie.com/notes/019.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self, cast

import numpy as np
import pandas as pd
from numpy.random import Generator
from scipy.special import ndtr

from crmlab.clv.base import Model, PurchaseModel, Terms
from crmlab.errors import NotEnough
from crmlab.intervals import Z95


@dataclass(frozen=True)
class Covaried(PurchaseModel):
    """A model of purchases whose customers' parameters depend on covariates.

    The parameters are those of `kind` for a customer whose covariates are at `centre`, and a
    ratio for each covariate: by what the rate of buying, or the chance (Pareto/NBD: the rate)
    to leave, is multiplied where the covariate is greater by one.
    """

    kind: ClassVar[type[PurchaseModel]]
    acting: ClassVar[dict[str, tuple[str, ...]]]  # covariates by "buying" and "leaving"
    centre: ClassVar[dict[str, float] | None] = None

    ratios: tuple[float, ...] = ()

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of the parameters: of the model, then of the ratios."""
        return [*cls.kind.names(), *(f"{what}_{c}" for what, c in cls.effects_on())]

    @classmethod
    def effects_on(cls) -> list[tuple[str, str]]:
        """Return what each ratio acts on, and its covariate."""
        return [(what, c) for what, columns in cls.acting.items() for c in columns]

    @classmethod
    def of(cls, values: Sequence[float], **known: Any) -> Self:
        """Return the model with these values of its parameters, in order."""
        own = len(cls.kind.names())
        named: dict[str, Any] = dict(zip(cls.kind.names(), map(float, values), strict=False))
        return cls(**named, ratios=tuple(map(float, values[own:])), **known)

    def _values(self) -> dict[str, float]:
        own = [getattr(self, name) for name in self.kind.names()]
        return dict(zip(self.names(), [*own, *self.ratios], strict=True))

    @classmethod
    def individual(cls, p: Sequence[Any], table: Mapping[str, np.ndarray]) -> list[Any]:
        """Return the parameters of each row: numbers, or arrays where covariates act."""
        own = list(p[: len(cls.kind.names())])
        for (what, column), ratio in zip(cls.effects_on(), p[len(own) :], strict=True):
            place, way = cls.kind.moved[what]
            away = table[column] - (cls.centre or {}).get(column, 0.0)
            own[place] = own[place] * np.exp(way * np.log(ratio) * away)
        return own

    @classmethod
    def head(cls, p: list[Any], x: np.ndarray) -> Terms:  # noqa: ARG003
        """Return nothing: no part of the likelihood depends on the count alone."""
        return np.zeros(len(x)), {}, None

    @classmethod
    def local(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Terms:
        """Return each row's log-likelihood, with its slopes by the chain rule."""
        own = cls.individual(p, table)
        value, slopes, _ = cls.kind.head(own, table[cls.kind.count])
        rest, others, _ = cls.kind.local(own, table)
        total = {i: slopes.get(i, 0.0) + others.get(i, 0.0) for i in range(len(own))}
        found = {i: slope * own[i] / p[i] for i, slope in total.items()}
        for place, (what, column) in enumerate(cls.effects_on(), len(own)):
            at, way = cls.kind.moved[what]
            away = table[column] - (cls.centre or {}).get(column, 0.0)
            found[place] = total[at] * own[at] * way * away / p[place]
        return value + rest, found, None

    @classmethod
    def alive(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return P(alive) of each row."""
        return cls.kind.alive(cls.individual(p, table), table)

    @classmethod
    def ahead(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the purchases expected within the horizon from who is alive."""
        return cls.kind.ahead(cls.individual(p, table), table, horizon)

    @classmethod
    def silent(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance of no purchase within the horizon from who is alive."""
        return cls.kind.silent(cls.individual(p, table), table, horizon)

    @classmethod
    def staying(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance that who is alive still is at the end of the horizon."""
        return cls.kind.staying(cls.individual(p, table), table, horizon)

    @classmethod
    def purchases(
        cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any, stream: Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw the purchases ahead: for each, the place of its row, and how far ahead it is."""
        return cls.kind.purchases(cls.individual(p, table), table, horizon, stream)

    @classmethod
    def around(cls, centre: Mapping[str, float]) -> "type[Covaried]":
        """Return the class of the same model whose parameters are told at this centre."""
        return _class(cls.kind, *cls.acting.values(), tuple(centre[c] for c in cls.covariates))

    @classmethod
    def acted_on(cls) -> list[str]:
        """Return the covariate of each parameter, "" where there is none."""
        return [*[""] * len(cls.kind.names()), *(c for _, c in cls.effects_on())]

    @classmethod
    def units(cls, customers: pd.DataFrame) -> tuple[dict[str, float], dict[str, float]]:
        """Return the mean of each covariate, unless a centre is set, and its spread.

        Raises
        ------
        NotEnough
            If a covariate is the same for all customers.
        """
        table = cls.checked(customers)
        weight = table.get("weight")
        means = {c: float(np.average(table[c], weights=weight)) for c in cls.covariates}
        spreads = {
            c: float(np.sqrt(np.average((table[c] - means[c]) ** 2, weights=weight)))
            for c in cls.covariates
        }
        if same := [c for c in cls.covariates if not spreads[c] > 1e-9 * abs(means[c])]:
            told = ", ".join(f"{c} ({means[c]:g})" for c in same)
            raise NotEnough(
                en=f"All customers have the same value of {told}, so its effect cannot be told.",
                zh=f"所有客户的 {told} 都相同，无法得知其作用。",
            )
        return cls.centre or means, spreads

    def _told(self) -> dict[str, Any]:
        told = super()._told()
        return {**told, "model": self.kind.__name__, "acting": self.acting, "centre": self.centre}


def with_covariates(
    model: type[PurchaseModel],
    *,
    buying: Sequence[str] = (),
    leaving: Sequence[str] = (),
    centre: Mapping[str, float] | None = None,
) -> type[PurchaseModel]:
    """Return a model whose rate of buying, and of leaving, depend on columns of the customers.

    clv.fit(customers, model=clv.with_covariates(clv.BgNbd, buying=["online"]))

    Customer i, with covariates z around their means m, has α exp(-Σ log(ρ) (z - m)) in the place
    of α, and for leaving a exp(Σ log(ρ) (z - m)) in the place of a (BG/NBD, MBG/NBD), or
    β exp(-Σ log(ρ) (z - m)) in that of β (Pareto/NBD). ρ are the ratios.

    Parameters
    ----------
    model : {BgNbd, MbgNbd, ParetoNbd, Nbd}
        The model without covariates.
    buying, leaving : sequence of str
        Columns of numbers, 0 and 1 for a category. Those for `leaving` are best ones of a
        customer whose number of purchases they do not count.
    centre : mapping, optional
        Where the model's own parameters are told, by covariate; the means of the customers
        that it is fitted to, unless given.

    Returns
    -------
    type
        A class for `fit`; what it fits has the same verbs, and needs these columns for them.

    Raises
    ------
    ValueError
        If the model takes no such covariates, or none are given.
    """
    acting = {"buying": tuple(buying), "leaving": tuple(leaving)}
    for what, columns in acting.items():
        if columns and what not in model.moved:
            allowed = ", ".join(model.moved) or "nothing"
            raise ValueError(f"{model.title} takes covariates for {allowed}, not for {what}")
        if len(set(columns)) < len(columns):
            raise ValueError(f"covariates for {what} are given twice: {', '.join(columns)}")
        if own := set(columns) & {*model.columns, "weight"}:
            raise ValueError(f"{', '.join(sorted(own))}: the model's own columns, no covariates")
    if not (buying or leaving):
        raise ValueError("no covariates are given, for buying or for leaving")
    covariates = dict.fromkeys([*buying, *leaving])
    if centre is not None and set(centre) != set(covariates):
        raise ValueError(f"centre has {sorted(centre)}, the covariates are {sorted(covariates)}")
    at = None if centre is None else tuple(centre[c] for c in covariates)
    return _class(model, acting["buying"], acting["leaving"], at)


@lru_cache(maxsize=256)
def _class(
    model: type[PurchaseModel],
    buying: tuple[str, ...],
    leaving: tuple[str, ...],
    centre: tuple[float, ...] | None,
) -> type[Covaried]:
    """Return the class for a model and its covariates, always the same one."""
    covariates = tuple(dict.fromkeys([*buying, *leaving]))
    known = {
        "kind": model,
        "acting": {"buying": buying, "leaving": leaving},
        "centre": None if centre is None else dict(zip(covariates, centre, strict=True)),
        "covariates": covariates,
        "columns": (*model.columns, *covariates),
        "title": f"{model.title} with covariates",
    }
    made = type(f"{model.__name__}WithCovariates", (Covaried, model), known)
    return cast("type[Covaried]", dataclass(frozen=True)(made))


def effects(model: Model) -> pd.DataFrame:
    """Return by what each covariate multiplies buying and leaving, with 95 % intervals.

    Parameters
    ----------
    model : Model
        Fitted to customers with `with_covariates`.

    Returns
    -------
    DataFrame, one row per ``acts_on`` (buying, leaving) and ``covariate``
        ``ratio``, ``low``, ``high``, and ``p_value``, Wald's, of a ratio of 1.

    Raises
    ------
    TypeError, ValueError
        If the model has no covariates, or was not fitted.
    """
    if not isinstance(model, Covaried):
        raise TypeError(f"{type(model).__name__} has no covariates: see with_covariates")
    if model.covariance is None:
        raise ValueError(f"{type(model).__name__} was not fitted: it has no covariance")
    own = len(model.kind.names())
    ratio = np.array(model.ratios)
    error = model.standard_errors.to_numpy()[own:] / ratio
    reach = np.exp(Z95 * error)
    index = pd.MultiIndex.from_tuples(model.effects_on(), names=["acts_on", "covariate"])
    p = 2 * ndtr(-np.abs(np.log(ratio)) / error)
    table = {"ratio": ratio, "low": ratio / reach, "high": ratio * reach, "p_value": p}
    return pd.DataFrame(table, index)
