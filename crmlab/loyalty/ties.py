"""What is said to bind customers: a club, loyal staff, good prices for those who stay."""

import numpy as np
import pandas as pd

from crmlab.errors import NotEnough
from crmlab.loyalty.resample import interval, stream

LEAST = 40  # members, and customers who are none
CUT = 0.02  # propensities are kept from 0 and 1 by this


def club_effect(
    customers: pd.DataFrame,
    member: pd.Series,
    outcome: pd.Series,
    *,
    draws: int = 200,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return how members differ from others, plainly and among those alike before.

    A logistic regression tells how likely each customer was to join, from what is known of
    it; others are weighted by the odds, so that they are like the members on average
    (effect on members), and the outcome is compared. What nobody recorded remains.

    Parameters
    ----------
    customers : DataFrame
        Numbers known before joining, a column each.
    member : Series of bool
    outcome : Series
        For instance a loyalty score, or sales; all three are indexed alike.

    Returns
    -------
    DataFrame
        Rows ``plain_difference``, ``weighted_difference`` (in the outcome's unit) and
        ``imbalance_before``, ``imbalance_after`` (the largest standardised difference of
        means among the columns): ``value``, and for the differences ``low``, ``high`` (95 %,
        resampling customers, weights and all).

    Raises
    ------
    NotEnough
        If there are fewer than 40 members or others.

    References
    ----------
    Rosenbaum, P. R. and Rubin, D. B. (1983). The central role of the propensity score.
    Biometrika 70(1), 41-55. Hirano, K. and Imbens, G. W. (2001). Health Services and
    Outcomes Research Methodology 2, 259-278.
    """
    known = customers.astype("float64").assign(_m=member.astype("float64"), _y=outcome).dropna()
    m, y = known.pop("_m").to_numpy(), known.pop("_y").to_numpy("float64")
    if min(m.sum(), len(m) - m.sum()) < LEAST:
        raise NotEnough(
            en=f"{int(m.sum())} members and {int(len(m) - m.sum())} others are known; {LEAST} "
            "of each are needed.",
            zh=f"已知会员 {int(m.sum())} 位、非会员 {int(len(m) - m.sum())} 位；"
            f"各需至少 {LEAST} 位。",
        )
    x = ((known - known.mean()) / known.std().replace(0, 1)).to_numpy()
    columns = np.column_stack([np.ones(len(x)), x])
    w = stream(seed, "club").multinomial(len(m), np.full(len(m), 1 / len(m)), size=draws)
    found: list[list[float]] = []
    balance: list[float] = []
    for weight in (np.ones(len(m)), *w.astype("float64")):
        p = np.clip(_logit(columns, m, weight), CUT, 1 - CUT)
        odds = weight * p / (1 - p)
        own = np.average(y, weights=weight * m)
        found.append([own - np.average(y, weights=u * (1 - m)) for u in (weight, odds)])
        balance = balance or [_apart(x, m, u * (1 - m)) for u in (weight, odds)]
    low, high = interval(np.array(found)[1:])
    nothing = [np.nan, np.nan]
    return pd.DataFrame(
        {"value": [*found[0], *balance], "low": [*low, *nothing], "high": [*high, *nothing]},
        index=["plain_difference", "weighted_difference", "imbalance_before", "imbalance_after"],
    )


def _logit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the fitted chances of a weighted logistic regression, barely shrunk."""
    from scipy.special import expit

    beta = np.zeros(x.shape[1])
    for _ in range(25):
        p = expit(x @ beta)
        bend = (x * (weight * p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(len(beta))
        step = np.linalg.solve(bend, x.T @ (weight * (y - p)) - 1e-6 * beta)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    return expit(x @ beta)


def _apart(x: np.ndarray, m: np.ndarray, others: np.ndarray) -> float:
    """Return the largest difference of means, in s.d., between members and weighted others."""
    own = x[m > 0].mean(axis=0)
    return float(np.abs(own - np.average(x, axis=0, weights=others)).max())


def staff_link(scores: pd.DataFrame, touched: pd.DataFrame, staff: pd.DataFrame) -> pd.DataFrame:
    """Return whether customers of content staff are more content, by a mixed model.

    A customer's unit is the one whose staff it met most often before the wave; the score is
    regressed on the unit's mean staff satisfaction in that wave, with a random level for
    each unit: few units are few data, however many customers they have.

    Parameters
    ----------
    scores : DataFrame
        ``customer_id``, ``wave``, ``satisfaction_score``.
    touched : DataFrame
        ``customer_id`` and ``staff_id``, a row per contact.
    staff : DataFrame
        ``staff_id``, ``unit``, ``wave``, ``satisfaction`` (1–10).

    Returns
    -------
    DataFrame
        Rows ``staff_slope`` (points of customers' score per point of the staff's) with
        ``value``, ``low``, ``high`` (95 %, t with units − 2 degrees of freedom),
        ``unit_share`` (of the variance of customers' scores that lies between units) and
        ``staff_unit_share`` (the same of the staff's own satisfaction).

    Raises
    ------
    NotEnough
        If fewer than 5 units have 10 scores each.

    References
    ----------
    Heskett, J. L. et al. (1994). Putting the service-profit chain to work. Harvard Business
    Review 72(2). Laird, N. M. and Ware, J. H. (1982). Random-effects models for
    longitudinal data. Biometrics 38(4), 963-974.
    """
    from scipy.stats import t
    from statsmodels.regression.mixed_linear_model import MixedLM

    unit_of = staff.drop_duplicates("staff_id").set_index("staff_id")["unit"]
    met = touched.assign(unit=touched["staff_id"].map(unit_of)).dropna(subset=["unit"])
    most = met.groupby("customer_id")["unit"].agg(lambda each: each.mode().iloc[0])
    mean = staff.groupby(["unit", "wave"])["satisfaction"].mean().rename("staff")
    rows = scores.assign(unit=scores["customer_id"].map(most)).merge(
        mean.reset_index(), on=["unit", "wave"]
    )
    rows = rows.dropna(subset=["satisfaction_score", "staff"])
    size = rows["unit"].value_counts()
    rows = rows[rows["unit"].isin(size.index[size >= 10])]
    if (units := rows["unit"].nunique()) < 5:
        raise NotEnough(
            en=f"{units} units have 10 customers' scores each; 5 are needed.",
            zh=f"有 {units} 个单位各有至少 10 份客户得分；至少需要 5 个单位。",
        )
    x = np.column_stack([np.ones(len(rows)), rows["staff"] - rows["staff"].mean()])
    fitted = MixedLM(rows["satisfaction_score"].to_numpy(), x, rows["unit"].to_numpy()).fit()
    slope, error = fitted.fe_params[1], fitted.bse_fe[1]
    half = float(t.ppf(0.975, units - 2)) * error
    between = float(np.asarray(fitted.cov_re)[0, 0])
    shares = between / (between + fitted.scale), _between(staff)
    return pd.DataFrame(
        {"value": [slope, *shares], "low": [slope - half, np.nan, np.nan],
         "high": [slope + half, np.nan, np.nan]},
        index=["staff_slope", "unit_share", "staff_unit_share"],
    )  # fmt: skip


def _between(staff: pd.DataFrame) -> float:
    """Return the share of the variance of the staff's mean satisfaction between units."""
    person = staff.groupby(["unit", "staff_id"])["satisfaction"].mean()
    by = person.groupby(level=0)
    n, within = by.size().mean(), by.var().mean()
    between = max(by.mean().var() - within / n, 0.0)
    return float(between / (between + within))


def loyalty_penalty(lines: pd.DataFrame, *, draws: int = 200, seed: int = 2026) -> pd.DataFrame:
    """Return what customers pay of the list price by how long they have been customers.

    "Good deals for good customers" says that old customers should pay no more than new ones.

    Parameters
    ----------
    lines : DataFrame
        ``customer_id``, ``tenure_years`` (from 0, at the purchase), ``listed`` and ``paid``
        (money: before and after discount).

    Returns
    -------
    DataFrame
        Indexed by ``tenure_band`` {in_first_year, in_second_year, later_years}: ``net_price``,
        paid ÷ listed, with ``low``, ``high`` (95 %, resampling customers) and ``customers``;
        the last row, ``old_less_new``, is the difference of the last band and the first.
    """
    bands = ["in_first_year", "in_second_year", "later_years"]
    band = np.clip(np.floor(lines["tenure_years"].to_numpy("float64")), 0, 2).astype(int)
    code, known = pd.factorize(lines["customer_id"])
    sums = np.zeros((len(known), 3, 2))
    np.add.at(sums, (code, band), lines[["paid", "listed"]].to_numpy("float64"))
    count = len(known)
    w = stream(seed, "penalty").multinomial(count, np.full(count, 1 / count), size=draws)
    total = np.tensordot(np.vstack([np.ones(count), w]), sums, 1)
    with np.errstate(invalid="ignore"):
        price = total[..., 0] / np.where(total[..., 1] > 0, total[..., 1], np.nan)
    price = np.column_stack([price, price[:, 2] - price[:, 0]])
    low, high = interval(price[1:])
    n = [*(sums[:, :, 1] > 0).sum(axis=0), (sums[:, [0, 2], 1] > 0).any(axis=1).sum()]
    table = {"net_price": price[0], "low": low, "high": high, "customers": n}
    return pd.DataFrame(table, index=pd.Index([*bands, "old_less_new"], name="tenure_band"))
