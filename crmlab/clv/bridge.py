"""What changed customer equity since an earlier day: step by step, with nothing left over."""

import pandas as pd

from crmlab.clv.base import Model
from crmlab.clv.spend import SpendModel
from crmlab.clv.value import WEEKS_PER_YEAR, residual_value


def bridge(
    before: pd.DataFrame,
    after: pd.DataFrame,
    model: Model,
    spend: SpendModel,
    closing: pd.Series,
    *,
    elapsed: float,
    horizon: float,
    discount_rate_annual: float,
    periods_per_year: float = WEEKS_PER_YEAR,
    **terms: float,
) -> pd.Series:
    r"""Return how customer equity came from what was expected then to what is expected now.

    For who was a customer then, with value R(h) up to the horizon h, after the time w and by
    the parameters of then:

    - ``equity_due``: :math:`-R(w)`, what was to be earned in the time that has passed;
    - ``equity_horizon``: the rest, and as much time beyond the old horizon, is nearer now:
      :math:`(1+d)^w (R(h+w) - R(w))` less :math:`R(h) - R(w)`. If the model holds, this is
      what is to be expected of the value now;
    - ``equity_buyers`` and ``equity_silent``: by how much the value of those who bought
      meanwhile, and of those who did not, differs from that. Their sum is 0 on average if
      the model holds;
    - ``equity_new``: the value of who came since;
    - ``equity_model``: all customers by today's parameters, less by those of then.

    Parameters
    ----------
    before, after : DataFrame, one row per customer, indexed alike
        The summary then and now: the columns of the model, and ``monetary_value``.
    model, spend : Model, GammaGamma
        Fitted to `before`.
    closing : Series
        Each customer's value now, from `residual_value` with the same terms.
    elapsed : float
        Time from then to now, in the model's unit.
    horizon, discount_rate_annual, periods_per_year, **terms
        As in `residual_value`.

    Returns
    -------
    Series
        ``opening_equity``, then these steps, then ``equity_change``, their sum: the equity now is
        opening plus change.

    Raises
    ------
    ValueError
        If a customer of then is none now, `closing` is not of the customers now, or time did
        not pass.
    """
    _require_later(before, after, closing, elapsed)
    rate = {"discount_rate_annual": discount_rate_annual, "periods_per_year": periods_per_year}

    def worth(customers: pd.DataFrame, until: float) -> pd.Series:
        return residual_value(customers, model, spend, horizon=until, **rate, **terms)

    opening, due = worth(before, horizon), worth(before, elapsed)
    nearer = (1 + discount_rate_annual) ** (elapsed / periods_per_year)
    expected = nearer * (worth(before, horizon + elapsed) - due)
    now = worth(after, horizon)
    known = now.reindex(before.index)
    bought = after["frequency"].reindex(before.index) > before["frequency"]
    told = {
        "equity_due": -due.sum(),
        "equity_horizon": expected.sum() - (opening - due).sum(),
        "equity_buyers": (known - expected)[bought].sum(),
        "equity_silent": (known - expected)[~bought].sum(),
        "equity_new": now.drop(before.index).sum(),
        "equity_model": closing.sum() - now.sum(),
    }
    return pd.Series({"opening_equity": opening.sum(), **told, "equity_change": sum(told.values())})


def _require_later(
    before: pd.DataFrame, after: pd.DataFrame, closing: pd.Series, elapsed: float
) -> None:
    if not elapsed > 0:
        raise ValueError(f"elapsed must be above 0, got {elapsed}")
    if gone := len(before.index.difference(after.index)):
        raise ValueError(f"{gone:,} of {len(before):,} customers of then are not among those now")
    if not closing.index.equals(after.index):
        raise ValueError("closing must hold the value of the customers now, in order")
