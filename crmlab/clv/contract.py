"""sBG: customers under contract renew or leave at known times, each with a chance of their own.

Times count periods of the contract: months for a monthly one.

References
----------
Fader, P. S. and Hardie, B. G. S. (2007). How to project customer retention. Journal of
Interactive Marketing 21(1), 76-90.
Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual setting:
the perils of ignoring heterogeneity. Marketing Science 29(1), 85-93.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy.special import betaln, hyp2f1

from crmlab.clv.base import PurchaseModel, Terms, bending
from crmlab.errors import NotEnough

TINY = np.finfo("float64").tiny


def rising(q: float, top: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log q(q+1)…(q+k-1) for k from 0 to `top`, with two derivatives in q."""
    factors = q + np.arange(top)
    each = np.log(factors), 1 / factors, -(factors**-2.0)
    log, slope, curve = (np.concatenate([[0.0], np.cumsum(terms)]) for terms in each)
    return log, slope, curve


def lasting(a: float, b: np.ndarray, horizon: Any) -> np.ndarray:
    """Return how many of the next `horizon` periods a customer is expected to last.

    The chance to leave, before each period, is Beta(a, b) distributed.
    """
    starts, which = np.unique(b, return_inverse=True)
    later = starts[:, None] + np.arange(int(np.max(horizon, initial=0)))
    total = np.cumsum(np.cumprod(later / (a + later), axis=1), axis=1)
    return np.pad(total, ((0, 0), (1, 0)))[which, np.asarray(horizon, dtype="int64")]


def lasting_discounted(a: float, b: np.ndarray, rate: float) -> np.ndarray:
    """Return the periods a customer is expected to last, each discounted to now at `rate`."""
    return b / (a + b) / (1 + rate) * hyp2f1(1, b + 1, a + b + 1, 1 / (1 + rate))


def lives(leaving: np.ndarray, horizon: int, stream: np.random.Generator) -> np.ndarray:
    """Draw how many of the next `horizon` periods each customer lasts, by chance to leave."""
    return np.minimum(stream.geometric(np.maximum(leaving, TINY)) - 1, horizon)


def each_period(periods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a row's place and 1, 2, … for each of its periods.

    >>> each_period(np.array([2, 0, 1]))
    (array([0, 0, 2]), array([1, 2, 1]))
    """
    places = np.repeat(np.arange(len(periods)), periods)
    before = np.cumsum(periods) - periods
    return places, np.arange(len(places)) - before[places] + 1


class Counted(PurchaseModel):
    """What models share that count time: customers leave, if at all, between two periods."""

    timed: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @abstractmethod
    def leaving(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> tuple[float, np.ndarray]:
        """Return a and b of each row's Beta(a, b) chance to leave before the next period."""

    @classmethod
    @abstractmethod
    def each(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Any:
        """Return the purchases (or renewals) expected in a period from who is there."""

    @classmethod
    def ahead(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return what is expected from who is alive: so much in each period that one lasts."""
        return cls.each(p, table) * lasting(*cls.leaving(p, table), horizon)

    @classmethod
    def staying(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance to last to the end of the horizon."""
        a, b = cls.leaving(p, table)
        return np.exp(betaln(a, b + horizon) - betaln(a, b))

    @classmethod
    def discounted(
        cls, p: list[Any], table: Mapping[str, np.ndarray], rate: float, horizon: float
    ) -> np.ndarray:
        """Return the periods that who is alive will last, each discounted; the next is one away.

        `rate` is the discount per period, as a share; above 0 where the horizon is infinite.
        """
        if horizon == np.inf:
            return lasting_discounted(*cls.leaving(p, table), rate)
        periods = range(1, int(horizon) + 1)
        stays = ((1 + rate) ** -t * cls.staying(p, table, t) for t in periods)
        return np.asarray(sum(stays, 0.0 * cls.alive(p, table)))


@dataclass(frozen=True)
class Sbg(Counted):
    """Parameters of the shifted-beta-geometric model, in the notation of Fader and Hardie (2007).

    At each renewal a customer leaves with a chance that is Beta(`alpha`, `beta`)
    distributed over customers. Customers have ``renewals``, how often they renewed,
    and ``ended``: 1 for who left at the next renewal, 0 for who is still there.
    """

    title: ClassVar[str] = "sBG"
    columns: ClassVar[tuple[str, ...]] = ("renewals", "ended")
    count: ClassVar[str] = "renewals"
    whole: ClassVar[tuple[str, ...]] = ("renewals",)
    pairs: ClassVar[dict[str, tuple[str, str]]] = {"leaving": ("alpha", "beta")}
    alpha: float
    beta: float

    @classmethod
    def require(cls, cells: Mapping[str, np.ndarray]) -> None:
        """Refuse customers who all stayed, or all left."""
        left = float(cells["weight"] @ cells["ended"])
        if not left:
            raise NotEnough(
                en=f"Nobody has left, so there is nothing to fit the {cls.title} model to.",
                zh=f"没有任何客户流失，无法拟合 {cls.title} 模型。",
            )
        if left == cells["weight"].sum():
            raise NotEnough(
                en=f"Everybody has left: the {cls.title} model also needs who is still a customer, "
                "or it takes retention to be lower than it is.",
                zh=f"全部客户都已流失：{cls.title} 模型还需要仍在续约的客户，否则会低估留存率。",
            )

    @classmethod
    def head(cls, p: list[Any], x: np.ndarray) -> Terms:
        """Return what the renewals contribute but for those who left."""
        log, slope, curve = (each[x.astype(int)] for each in rising(p[1], int(x.max(initial=0))))
        return log, {1: slope}, bending(2, lambda: {(1, 1): curve})

    @classmethod
    def local(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Terms:
        """Return the chance to leave, where one did, over all that could have been."""
        ended, chances = table["ended"], (table["renewals"] + table["ended"]).astype(int)
        log, slope, curve = (
            each[chances] for each in rising(p[0] + p[1], int(chances.max(initial=0)))
        )
        slopes = {0: ended / p[0] - slope, 1: -slope}
        curves = {(0, 0): -ended / p[0] ** 2 - curve, (0, 1): -curve, (1, 1): -curve}
        return ended * np.log(p[0]) - log, slopes, bending(2, lambda: curves)

    @classmethod
    def alive(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> np.ndarray:  # noqa: ARG003
        """Return 1 for who is still a customer and 0 for who left: a contract tells."""
        return 1 - table["ended"]

    @classmethod
    def leaving(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> tuple[float, np.ndarray]:
        """Return what is known of the chance to leave after so many renewals."""
        return p[0], p[1] + table["renewals"]

    @classmethod
    def each(cls, p: list[Any], table: Mapping[str, np.ndarray]) -> Any:  # noqa: ARG003
        """Return 1: who is there has renewed."""
        return 1.0

    @classmethod
    def silent(cls, p: list[Any], table: Mapping[str, np.ndarray], horizon: Any) -> np.ndarray:
        """Return the chance to leave at the next renewal, if there is one."""
        leaving = p[0] / (p[0] + p[1] + table["renewals"])
        return np.where(np.asarray(horizon) > 0, leaving, 1.0)

    @classmethod
    def purchases(
        cls,
        p: list[Any],
        table: Mapping[str, np.ndarray],
        horizon: int,
        stream: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw the renewals ahead: for each, the place of its row and its period from 1."""
        leaving = stream.beta(p[0], p[1] + table["renewals"])
        here = table["ended"] == 0
        return each_period(here * lives(leaving, horizon, stream))


def retention_rates(model: Sbg, periods: int) -> pd.Series:
    """Return which share of those still there renews, at the first renewal, the second, ….

    It is (beta + t - 1) / (alpha + beta + t - 1): it rises because those who leave
    easily leave first, though nobody's own chance changes.

    >>> retention_rates(Sbg(0.5, 1.5), 3).round(3).to_dict()
    {1: 0.75, 2: 0.833, 3: 0.875}
    """
    period = pd.RangeIndex(1, periods + 1, name="period")
    stay = model.beta + period.to_numpy() - 1
    return pd.Series(stay / (model.alpha + stay), period, name="retention_rate")


def survival(model: Sbg, periods: int) -> pd.Series:
    """Return which share of new customers is still there after 0, 1, … `periods` renewals.

    >>> survival(Sbg(0.5, 1.5), 3).round(4).to_dict()
    {0: 1.0, 1: 0.75, 2: 0.625, 3: 0.5469}
    """
    share = np.cumprod(np.r_[1.0, retention_rates(model, periods)])
    return pd.Series(share, pd.RangeIndex(periods + 1, name="period"), name="survival")


def residual_lifetime(customers: pd.DataFrame, model: Sbg, rate: float) -> pd.Series:
    """Return the discounted expected residual lifetime (DERL), just before a renewal.

    Multiplied by the margin of a period, it is what a customer is still worth.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``renewals`` so far, and ``ended``; the next renewal is due now, undiscounted.
    model : Sbg
        Fitted parameters.
    rate : float
        The discount per period, above 0: 0.1 means that 1.10 a period later is worth 1 now.

    Returns
    -------
    Series
        Named ``residual_lifetime``, in periods, indexed like `customers`; 0 for who left.

    Raises
    ------
    ValueError
        If `rate` is not positive and finite.

    References
    ----------
    Fader and Hardie (2010), equation 8.
    """
    if not 0 < rate < np.inf:
        raise ValueError(f"rate must be positive and finite, got {rate}")
    p, table = list(model.parameters), model.checked(customers)
    ahead = (1 + rate) * model.discounted(p, table, rate, np.inf) * model.alive(p, table)
    return pd.Series(ahead, customers.index, name="residual_lifetime")
