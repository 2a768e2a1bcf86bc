"""What five points of retention are worth, and when "+45 to 90 % profit" holds.

A customer who brings a margin `m` a year and stays from one year to the next with
probability `r` is worth m·r/(1 + d − r) at the discount rate `d`: the first margin is
earned a year from now.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.integrate import quad
from scipy.special import hyp2f1
from scipy.stats import beta, chi2

from crmlab.equity.base import within

CLAIM = (0.45, 0.90)  # "+5 % loyalty brings +45 to 90 % profit"
STEP = 0.05
NO_ANSWER = "at a discount of 0, a customer who never leaves is worth infinitely much"


def lifetime_value(
    margin: ArrayLike, retention: ArrayLike, discount: float = 0.1, *, first_margin: bool = False
) -> np.ndarray:
    r"""Return the value of a customer: :math:`m r / (1 + d - r)`.

    Parameters
    ----------
    margin : float or array
        Margin a year, in money.
    retention : float or array
        Probability of staying from one year to the next, 0 to 1.
    discount : float
        What a year's delay costs, 0 or more.
    first_margin : bool
        Count a margin earned today as well: :math:`m (1 + d) / (1 + d - r)`.

    Raises
    ------
    ValueError
        If `retention` is outside 0 to 1, `discount` is negative, or the sum is infinite.

    References
    ----------
    Gupta, S. and Lehmann, D. R. (2003). Customers as assets. Journal of Interactive
    Marketing 17(1), 9-24.
    """
    r, d = within("retention", retention, 0, 1), within("discount", discount, 0, np.inf)
    if (r >= 1 + d).any():
        raise ValueError(NO_ANSWER)
    return np.asarray(margin, dtype="float64") * ((1 + d) if first_margin else r) / (1 + d - r)


def elasticity(retention: ArrayLike, discount: float = 0.1) -> np.ndarray:
    r"""Return by how many % value rises with 1 % more retention: :math:`(1+d)/(1+d-r)`.

    >>> elasticity(0.8, 0.1).round(3).item()
    3.667
    """
    return lifetime_value(1, retention, discount, first_margin=True)


def gain(
    retention: ArrayLike,
    discount: float = 0.1,
    *,
    step: float = STEP,
    relative: bool = False,
    acquisition_share: float = 0,
    first_margin: bool = False,
) -> np.ndarray:
    r"""Return the relative change of profit when retention rises by `step`.

    :math:`(V(r') - V(r)) / (V(r) - A)`, with r' = r + step, or r(1 + step) if `relative`.
    Missing where r' would be above 1 or worth infinitely much, or r is 0.

    Parameters
    ----------
    retention, discount, first_margin
        As in `lifetime_value`.
    step : float
        0.05 is five points, or five per cent if `relative`.
    acquisition_share : float
        Cost of acquisition as a share of V(r), 0 to less than 1: profit is net of it.
    """
    r, d = within("retention", retention, 0, 1), within("discount", discount, 0, np.inf)
    within("step", step, 0, 1)
    net = 1 - within("acquisition_share", acquisition_share, 0, 1 - 1e-9)
    more = r * (1 + step) if relative else r + step
    known = (more <= 1 + 1e-12) & (more < 1 + d) & ((r > 0) | first_margin)
    before, after = (np.where(known, each, 0.5).clip(0, 1) for each in (r, more))
    old, new = (lifetime_value(1, x, discount, first_margin=first_margin) for x in (before, after))
    return np.where(known, (new / old - 1) / net, np.nan)


def retention_sensitivity(
    retention: ArrayLike, discount: float = 0.1, *, step: float = STEP, acquisition_share: float = 0
) -> pd.DataFrame:
    """Return the change of profit for `step` more retention, read in the ways it can be meant.

    Indexed by ``retention``: ``points_discounted`` (+ `step` points),
    ``points_undiscounted``, ``relative_discounted`` (× 1 + `step`),
    ``relative_undiscounted``, ``points_first_margin`` (with today's margin), ``points_net``
    (net of the cost of acquisition) and ``elasticity``.
    """
    r = np.atleast_1d(within("retention", retention, 0, 1))
    told = {
        "points_discounted": gain(r, discount, step=step),
        "points_undiscounted": gain(r, 0, step=step),
        "relative_discounted": gain(r, discount, step=step, relative=True),
        "relative_undiscounted": gain(r, 0, step=step, relative=True),
        "points_first_margin": gain(r, discount, step=step, first_margin=True),
        "points_net": gain(r, discount, step=step, acquisition_share=acquisition_share),
        "elasticity": (1 + discount) / np.where(r < 1 + discount, 1 + discount - r, np.nan),
    }
    return pd.DataFrame(told, index=pd.Index(r, name="retention"))


def claim_range(
    discount: float = 0.1, claim: tuple[float, float] = CLAIM, *, step: float = STEP
) -> pd.DataFrame:
    r"""Return the base retentions at which + `step` points raise profit as claimed.

    The gain g solves :math:`r^2 - (1+d-s) r + s(1+d)/g = 0`. It has two roots: the gain
    is large where retention is high, and again where it is so low that `step` points
    multiply it.

    Returns
    -------
    DataFrame
        ``from``, ``to`` (base retention) and ``gain_at_end`` (at ``to``), for the
        stretches ``low`` and ``high``. ``to`` is 1 − step where more is not possible;
        a stretch that is not reached is missing.

    Raises
    ------
    ValueError
        If `claim` is not 0 < low < high.
    """
    if not 0 < claim[0] < claim[1]:
        raise ValueError(f"claim must be 0 < low < high, got {claim}")
    d = float(within("discount", discount, 0, np.inf))
    middle = 1 + d - step
    roots = middle**2 - 4 * step * (1 + d) / np.array(claim)
    half = np.sqrt(np.where(roots >= 0, roots, np.nan))
    lower, upper = (middle - half) / 2, (middle + half) / 2
    most = 1 - step
    high = [np.nan, np.nan] if upper[0] > most else [upper[0], min(upper[1], most)]
    found = pd.DataFrame([lower[::-1], high], ["low", "high"], ["from", "to"])
    safe = found["to"].fillna(0.5)
    return found.assign(gain_at_end=np.where(found["to"].notna(), gain(safe, d, step=step), np.nan))


def claim_ranges(discount: float = 0.1) -> pd.DataFrame:
    """Return `claim_range` without and with discounting, one below the other.

    ``reckoning`` (``undiscounted``, ``discounted``), ``claim_stretch`` (``rarely_kept``,
    ``often_kept``), ``retention_from``, ``retention_to`` and ``gain_at_end``.
    """
    both = {"undiscounted": claim_range(0), "discounted": claim_range(discount)}
    table = pd.concat(both, names=["reckoning", "claim_stretch"]).reset_index()
    table["claim_stretch"] = table["claim_stretch"].map(
        {"low": "rarely_kept", "high": "often_kept"}
    )
    return table.rename(columns={"from": "retention_from", "to": "retention_to"})


def acquisition_share_for(
    target: float, retention: float, discount: float = 0.1, *, step: float = STEP
) -> float:
    """Return the cost of acquisition, as a share of value, at which the gain is `target`.

    1 − gain ÷ target: negative where the gain is larger than the target already.

    >>> round(acquisition_share_for(0.45, 0.8), 3)
    0.389
    """
    if not target > 0:
        raise ValueError(f"target must be above 0, got {target}")
    return 1 - float(gain(retention, discount, step=step)) / target


def beta_of_churn(mean_retention: float, polarisation: float) -> tuple[float, float]:
    """Return the Beta parameters of churn: mean 1 − `mean_retention`, 1/(a + b + 1) = φ.

    `polarisation` φ runs from 0 (all customers alike) to 1 (all stay, or all leave).

    >>> [round(x, 3) for x in beta_of_churn(0.8, 0.2)]
    [0.8, 3.2]
    """
    if not 0 < mean_retention < 1:
        raise ValueError(f"mean_retention must be between 0 and 1, got {mean_retention}")
    if not 0 < polarisation < 1:
        raise ValueError(f"polarisation must be between 0 and 1, got {polarisation}")
    total = 1 / polarisation - 1
    return (1 - mean_retention) * total, mean_retention * total


def retention_curve(mean_retention: float, polarisation: float, years: int) -> pd.DataFrame:
    r"""Return retention by year when churn differs between customers and nobody changes.

    In the shifted beta-geometric model :math:`r_t = (b + t - 1)/(a + b + t - 1)`: it
    rises because those who leave easily leave first.

    Returns
    -------
    DataFrame
        Indexed by ``year`` from 1: ``retention`` and ``survival`` (share still there).

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2007). How to project customer retention. Journal
    of Interactive Marketing 21(1), 76-90.
    """
    if years < 1:
        raise ValueError(f"years must be 1 or more, got {years}")
    a, b = beta_of_churn(mean_retention, polarisation)
    year = np.arange(1, years + 1)
    rate = (b + year - 1) / (a + b + year - 1)
    told = {"retention": rate, "survival": rate.cumprod()}
    return pd.DataFrame(told, index=pd.Index(year, name="year"))


def mixed_value(
    mean_retention: float, polarisation: float, discount: float = 0.1, *, step: float = 0
) -> float:
    r"""Return E[r/(1 + d − r)] of customers whose churn differs, with r raised by `step`.

    For a `step` of 0 it is :math:`{}_2F_1(1, b; a+b; 1/(1+d)) - 1`. With one, every
    customer's own retention rises by it, but not above 1. A margin of 1 a year.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual
    setting: the perils of ignoring heterogeneity. Marketing Science 29(1), 85-93.
    """
    if not discount > 0:
        raise ValueError(f"discount must be above 0, got {discount}")
    within("step", step, 0, 1)
    a, b = beta_of_churn(mean_retention, polarisation)
    if step == 0:
        return float(hyp2f1(1, b, a + b, 1 / (1 + discount))) - 1
    stays, full = beta(b, a), beta(b, a).cdf(1 - step)

    def value(rank: float) -> float:
        kept = min(float(stays.ppf(rank)) + step, 1.0)
        return kept / (1 + discount - kept)

    return quad(value, 0, full, limit=200)[0] + (1 - full) / discount


def alike_or_not(
    mean_retention: float,
    polarisation: ArrayLike,
    discount: float = 0.1,
    *,
    step: float = STEP,
) -> pd.DataFrame:
    """Return what `step` points for everybody bring, by how much customers differ.

    Indexed by ``polarisation`` (0: all alike): ``value`` for a margin of 1 a year,
    ``value_after``, ``gain``, and ``second_year``, the retention of those who stayed.
    """
    rows = []
    for each in np.atleast_1d(within("polarisation", polarisation, 0, 1 - 1e-9)):
        if each == 0:
            ends = [lifetime_value(1, mean_retention + up, discount).item() for up in (0, step)]
            second = mean_retention
        else:
            ends = [mixed_value(mean_retention, each, discount, step=up) for up in (0, step)]
            second = retention_curve(mean_retention, each, 2)["retention"].iloc[1]
        rows.append([each, *ends, ends[1] / ends[0] - 1, second])
    names = ["polarisation", "value", "value_after", "gain", "second_year"]
    return pd.DataFrame(rows, columns=names).set_index("polarisation")


def annual_retention(years: float, left: int) -> tuple[float, float, float]:
    """Return retention a year, and its 95 % interval, from customer-years and departures.

    exp(−left ÷ years), with the exact Poisson interval of `left`.

    >>> [round(x, 3) for x in annual_retention(100, 20)]
    [0.819, 0.734, 0.885]

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28.
    """
    if not years > 0:
        raise ValueError(f"years must be above 0, got {years}")
    if left < 0:
        raise ValueError(f"left must be 0 or more, got {left}")
    most = chi2.ppf(0.975, 2 * (left + 1)) / 2
    least = chi2.ppf(0.025, 2 * left) / 2 if left else 0.0
    told = np.exp(-np.array([left, most, least]) / years)
    return float(told[0]), float(told[1]), float(told[2])
