"""Ordered logit: what raises the odds of a more loyal answer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.loyalty.scales import present
from crmlab.tables import DIMENSIONS


@dataclass(frozen=True)
class OrderedLogit:
    """A fitted proportional-odds model, logit P(Y ≤ k) = cut_k − η.

    Attributes
    ----------
    effects : DataFrame
        Indexed by ``term``: ``coefficient``, ``standard_error``, ``low``, ``high``
        (95 %), ``odds_ratio``, ``odds_low``, ``odds_high``, ``p_value``.
    cuts : Series
        The cut points, indexed by the category below.
    log_likelihood : float
    rows : int
    """

    effects: pd.DataFrame
    cuts: pd.Series
    log_likelihood: float
    rows: int

    @property
    def deviance(self) -> float:
        return -2 * self.log_likelihood

    @property
    def aic(self) -> float:
        return self.deviance + 2 * (len(self.effects) + len(self.cuts))


def ordered_logit(
    outcome: pd.Series,
    predictors: pd.DataFrame,
    *,
    weight: pd.Series | None = None,
    customer: pd.Series | None = None,
) -> OrderedLogit:
    """Return the ordered logit of an ordered outcome on predictors.

    Rows that lack the outcome or a predictor are left out.

    Parameters
    ----------
    outcome : Series
        Numbers, or an ordered categorical; at least 3 different values.
    predictors : DataFrame
        Numbers or flags, indexed like `outcome`. No constant: the cuts are.
    weight : Series of whole numbers, optional
        How many equal rows a row stands for.
    customer : Series, optional
        With it, standard errors allow for several rows of a customer.

    Raises
    ------
    ValueError
        If the outcome has fewer than 3 values, a predictor does not vary, or a
        weight is no whole number.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal
    Statistical Society B 42, 109–142.
    """
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    y, x, who = _prepared(outcome, predictors, weight, customer)
    mean, sd = x.mean(), x.std(ddof=0)
    told = {} if who is None else {"cov_type": "cluster", "cov_kwds": {"groups": who}}
    model = OrderedModel(y.cat.codes.to_numpy(), ((x - mean) / sd).to_numpy(), distr="logit")
    fit = model.fit(method="bfgs", disp=False, maxiter=500, gtol=1e-6, **told)
    k = x.shape[1]
    coefficient = pd.Series(fit.params[:k], index=x.columns) / sd
    error = pd.Series(fit.bse[:k], index=x.columns) / sd
    cuts = model.transform_threshold_params(fit.params[k:])[1:-1] + (coefficient * mean).sum()
    below = pd.Index(y.cat.categories[:-1], name="category")
    return OrderedLogit(
        _effects(coefficient, error), pd.Series(cuts, index=below), float(fit.llf), len(y)
    )


def bonds(
    answers: pd.DataFrame, satisfaction: pd.Series, customers: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return what may bind a customer, as predictors for `ordered_logit`.

    ``satisfaction_10`` (the score in tens of points), ``expectation_gap`` (perceived
    less expected, mean over dimensions, in points of 10), ``constraint`` (points of
    10), ``incentive`` (0 or 1) and, from `customers`, ``contract`` (0 or 1): those
    that vary and that at least half of the rows have.
    """
    expected, perceived = (
        answers[present(answers, [f"{part}_{name}" for name in DIMENSIONS])].mean(axis=1)
        for part in ("expected", "perceived")
    )
    found = {"satisfaction_10": satisfaction / 10, "expectation_gap": perceived - expected}
    found |= {name: answers[name] for name in present(answers, ["constraint", "incentive"])}
    if customers is not None and "kind" in customers:
        kind = customers.set_index("customer_id")["kind"]
        kind = answers["customer_id"].map(kind)
        found["contract"] = kind.eq("contract").where(kind.notna())
    table = pd.DataFrame(found, index=answers.index).astype("float64")
    return table.loc[:, (table.max() > table.min()) & (table.notna().mean() >= 0.5)]


def proportional_odds(
    outcome: pd.Series,
    predictors: pd.DataFrame,
    *,
    weight: pd.Series | None = None,
    customer: pd.Series | None = None,
) -> pd.DataFrame:
    """Return Brant's test of proportional odds: that no effect differs from cut to cut.

    A binary logit per cut (above or not); a Wald test that their slopes are equal.
    Arguments are those of `ordered_logit`; with `customer`, the covariance of the
    slopes is the clustered sandwich.

    Returns
    -------
    DataFrame
        Indexed by ``term``, the first ``all_terms``: ``statistic`` (chi²),
        ``degrees_of_freedom``, ``p_value``, and the smallest and largest odds ratio
        of the cuts, ``odds_min`` and ``odds_max`` (missing for all).

    References
    ----------
    Brant, R. (1990). Assessing proportionality in the proportional odds model for
    ordinal logistic regression. Biometrics 46, 1171–1178.
    """
    y, x, who = _prepared(outcome, predictors, weight, customer)
    sd = x.std(ddof=0)
    design = np.column_stack([np.ones(len(x)), (x - x.mean()) / sd])
    above = np.array([y.cat.codes > cut for cut in range(len(y.cat.categories) - 1)], dtype=float)
    beta = np.array([_logit(design, one) for one in above])
    covariance = _stacked_covariance(design, above, beta, who)
    k = beta.shape[1]
    rows = {"all_terms": list(range(1, k))} | {c: [1 + j] for j, c in enumerate(x.columns)}
    tests = {name: _wald(beta, covariance, places) for name, places in rows.items()}
    table = pd.DataFrame(tests, index=["statistic", "degrees_of_freedom", "p_value"]).T.rename_axis(
        "term"
    )
    ratios = np.exp(pd.DataFrame(beta[:, 1:], columns=x.columns) / sd)
    return table.assign(odds_min=ratios.min(), odds_max=ratios.max())


def _prepared(
    outcome: pd.Series,
    predictors: pd.DataFrame,
    weight: pd.Series | None,
    customer: pd.Series | None,
) -> tuple[pd.Series, pd.DataFrame, np.ndarray | None]:
    """Return complete rows, repeated by weight: ordered outcome, floats, customers' numbers."""
    x = predictors.astype("float64")
    whole = x.notna().all(axis=1) & outcome.notna()
    times = pd.Series(1, index=outcome.index) if weight is None else weight
    if (times % 1 != 0).any() or (times < 0).any():
        raise ValueError("weights must be whole numbers from 0")
    rows = np.repeat(np.flatnonzero(whole), times[whole].astype(int))
    x, y = x.iloc[rows], outcome.iloc[rows].astype("category").cat.remove_unused_categories()
    if len(y.cat.categories) < 3:
        raise ValueError(f"an ordered outcome needs 3 values, got {len(y.cat.categories)}")
    if flat := x.columns[x.nunique() < 2].tolist():
        raise ValueError(f"{', '.join(flat)} does not vary")
    who = None if customer is None else pd.factorize(customer.iloc[rows])[0]
    return y, x, who


def _effects(coefficient: pd.Series, error: pd.Series) -> pd.DataFrame:
    from scipy.special import ndtr

    low, high = coefficient - Z95 * error, coefficient + Z95 * error
    return pd.DataFrame(
        {
            "coefficient": coefficient,
            "standard_error": error,
            "low": low,
            "high": high,
            "odds_ratio": np.exp(coefficient),
            "odds_low": np.exp(low),
            "odds_high": np.exp(high),
            "p_value": 2 * ndtr(-(coefficient / error).abs()),
        }
    ).rename_axis("term")


def _logit(design: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Return the maximum-likelihood slopes of a binary logit, by Newton's method."""
    from scipy.special import expit

    beta = np.zeros(design.shape[1])
    for _ in range(30):
        p = expit(design @ beta)
        hessian = design.T @ (design * (p * (1 - p))[:, None])
        step = np.linalg.solve(hessian + 1e-9 * np.eye(len(beta)), design.T @ (above - p))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    return beta


def _stacked_covariance(
    design: np.ndarray, above: np.ndarray, beta: np.ndarray, who: np.ndarray | None
) -> np.ndarray:
    """Return the joint covariance of the cuts' estimates, shape (cuts, k, cuts, k)."""
    from scipy.special import expit

    p = expit(beta @ design.T)  # cuts × rows; P(above) falls from cut to cut
    cuts, k = beta.shape
    bread = np.zeros((cuts * k, cuts * k))
    meat = np.zeros_like(bread)
    for a in range(cuts):
        here = slice(a * k, (a + 1) * k)
        information = design.T @ (design * (p[a] * (1 - p[a]))[:, None])
        bread[here, here] = np.linalg.inv(information + 1e-9 * np.eye(k))
        for b in range(cuts):
            shared = p[max(a, b)] - p[a] * p[b]
            meat[here, b * k : (b + 1) * k] = design.T @ (design * shared[:, None])
    if who is not None:
        scores = ((above - p)[:, :, None] * design).transpose(1, 0, 2).reshape(len(design), -1)
        sums = np.zeros((who.max() + 1, cuts * k))
        np.add.at(sums, who, scores)
        meat = sums.T @ sums
    return (bread @ meat @ bread).reshape(cuts, k, cuts, k)


def _wald(beta: np.ndarray, covariance: np.ndarray, places: list[int]) -> tuple[float, int, float]:
    """Return chi², df, p of the hypothesis that the slopes at `places` are equal at all cuts."""
    from scipy.special import chdtrc

    differ = (beta[1:, places] - beta[0, places]).ravel()
    v = covariance[:, places][:, :, :, places]
    first = v[:1]
    d = v[1:] - first  # rows: cut less the first; then the same for columns
    d = d[:, :, 1:] - d[:, :, :1]
    square = d.reshape(len(differ), len(differ))
    chi2 = float(differ @ np.linalg.pinv(square) @ differ)
    return chi2, len(differ), float(chdtrc(len(differ), chi2))
