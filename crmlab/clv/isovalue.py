"""Which histories are worth the same? Value over the plane of recency and frequency."""

from typing import NamedTuple

import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.scores import grid
from crmlab.clv.spend import SpendModel
from crmlab.clv.uncertainty import interval
from crmlab.clv.value import residual_value


class Paradox(NamedTuple):
    """After the same silence, who had bought more often is worth less."""

    silent: float
    few: int
    many: int
    value_few: float
    value_many: float


def value_plane(
    model: Model,
    spend: SpendModel,
    *,
    T: float,
    max_frequency: int,
    steps: int = 36,
    **terms: float,
) -> pd.DataFrame:
    """Return what a customer of age `T` is worth, for every history of purchases.

    Lines of equal value in it are iso-value curves. Spend is that of a customer whose mean
    is the mean of all, from which the gamma-gamma model does not move it.

    Parameters
    ----------
    model, spend : Model, GammaGamma
        Fitted.
    T : float
        Time since the first purchase, in the model's unit.
    max_frequency, steps : int
        As in `grid`.
    **terms
        ``margin``, ``horizon`` and the other arguments of `residual_value`.

    Returns
    -------
    DataFrame
        Value by time since the last purchase (rows) and repeat purchases (columns).

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves
    for customer base analysis. Journal of Marketing Research 42(4), 415-430.
    """

    def worth(who: pd.DataFrame, model: Model) -> pd.Series:
        who = who.assign(monetary_value=spend.mean_spend)
        return residual_value(who, model, spend, **terms)

    return grid(model, worth, T=T, max_frequency=max_frequency, steps=steps)


def plane_limits(model: Model, spend: SpendModel, **plane: float) -> pd.DataFrame:
    """Return the values of a plane with the 95 % intervals of the parameters.

    Parameters
    ----------
    model, spend, **plane
        As in `value_plane`.

    Returns
    -------
    DataFrame
        ``value``, ``low`` and ``high`` by time since the last purchase and repeat purchases.
    """

    def worth(model: Model, spend: SpendModel) -> pd.Series:
        cells = value_plane(model, spend, **plane)  # type: ignore[arg-type]
        return pd.Series(cells.stack())  # noqa: PD013 - not a melt

    return interval(worth, model, spend)


def paradox(plane: pd.DataFrame) -> Paradox | None:
    """Return where more purchases before a silence cost most value, from `value_plane`.

    The longer the silence, the surer it is that a frequent buyer has left, while a rare
    buyer may only be pausing: so value rises with frequency up to a peak, and then falls.
    Compared are the peak and the most purchases in the plane, after the silence where they
    lie farthest apart; None if value falls nowhere.
    """
    value = plane.to_numpy()
    lost = value.max(axis=1) - value[:, -1]
    if not lost.max() > 0:
        return None
    row = int(lost.argmax())
    few = int(value[row].argmax())
    frequency = [int(x) for x in plane.columns[[few, -1]]]
    return Paradox(float(plane.index[row]), *frequency, *map(float, value[row, [few, -1]]))
