"""Classes cut at fixed shares: another sample has other customers in them.

A layer of the pyramid holds a fixed share of customers, class A a fixed share of value.
What varies from sample to sample is the other one, so it alone has an interval, and
every bootstrap sample is ranked anew.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.segment.audit import profile
from crmlab.segment.base import bootstrap_each
from crmlab.segment.classes import CLASSES, LAYERS, abc, pyramid
from crmlab.segment.concentration import brought, reach


def pyramid_profile(
    values: pd.Series,
    shares: Sequence[float] = (0.01, 0.04, 0.15, 0.80),
    weight: pd.Series | None = None,
    *,
    seed: int = 2026,
    draws: int = 500,
) -> pd.DataFrame:
    """Return what each layer of the `pyramid` brings, with intervals that rank anew.

    Parameters
    ----------
    values : Series
        Value per customer, zero or more, in any unit.
    shares, weight
        As in `pyramid`; the weights are whole numbers.
    seed, draws
        As in `bootstrap`.

    Returns
    -------
    DataFrame
        As from `profile`; ``share_low`` to ``share_high`` is the 95 % bootstrap interval
        of what a layer of this size brings. It is widened to hold ``share_value``
        where ties make the layer larger or smaller than its share.

    Raises
    ------
    ValueError, DataError
        As `pyramid`, and if a value is negative.
    """
    table = profile(pyramid(values, shares, weight), values, weight)
    found = bootstrap_each(
        layer_shares, values, weight=weight, seed=seed, draws=draws, shares=shares
    )
    held = table["share_value"].to_numpy()
    return table.assign(
        share_low=np.minimum(found["low"].to_numpy(), held),
        share_high=np.maximum(found["high"].to_numpy(), held),
    )


def abc_profile(
    values: pd.Series,
    cuts: tuple[float, float] = (0.8, 0.95),
    weight: pd.Series | None = None,
    *,
    seed: int = 2026,
    draws: int = 500,
) -> pd.DataFrame:
    """Return what each class of `abc` holds, and how many customers it takes to hold it.

    Parameters
    ----------
    values : Series
        Value per customer, in any unit.
    cuts, weight
        As in `abc`; the weights are whole numbers.
    seed, draws
        As in `bootstrap`.

    Returns
    -------
    DataFrame
        As from `profile`, with ``customers_low`` to ``customers_high``, the 95 %
        bootstrap interval of ``share_customers``, in place of that of ``share_value``,
        which the cuts fix. It is widened to hold ``share_customers`` where ties make the
        class larger.

    Raises
    ------
    ValueError, DataError
        As `abc`.
    """
    table = profile(abc(values, cuts, weight), values, weight)
    found = bootstrap_each(
        class_sizes, values.clip(lower=0), weight=weight, seed=seed, draws=draws, cuts=cuts
    )
    held = table["share_customers"].to_numpy()
    return table.drop(columns=["share_low", "share_high"]).assign(
        customers_low=np.minimum(found["low"].to_numpy(), held),
        customers_high=np.maximum(found["high"].to_numpy(), held),
    )


def layer_shares(
    values: pd.Series, shares: Sequence[float], weight: pd.Series | None = None
) -> pd.Series:
    """Return the share of value of layers of exactly these shares of customers.

    Read from the Lorenz curve: the last customer of a layer counts in part.

    >>> layer_shares(pd.Series([80, 5, 5, 5, 5]), [0.1, 0.1, 0.2, 0.6]).tolist()
    [0.4, 0.4, 0.05, 0.15]
    """
    upto = np.append(0, np.cumsum(shares)).clip(max=1)
    return pd.Series(np.diff(brought(values, upto, weight)).round(12), index=pd.Index(LAYERS))


def class_sizes(
    values: pd.Series, cuts: tuple[float, float], weight: pd.Series | None = None
) -> pd.Series:
    """Return the share of customers that it takes to reach each cut, and the rest.

    >>> class_sizes(pd.Series([80, 10, 5, 5, 0]), (0.8, 0.95)).tolist()
    [0.2, 0.4, 0.4]
    """
    a, b = (reach(values, cut, weight) for cut in cuts)
    return pd.Series([a, b - a, 1 - b], index=pd.Index(CLASSES)).round(12)
