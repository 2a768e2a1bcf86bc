"""The satisfaction–loyalty curve: a straight line, or a zone where loyalty hardly rises."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.loyalty.breaks import Basis, Fit, best, slopes, squared_error
from crmlab.loyalty.resample import interval, products, resampled, stream

FOLDS = 10
BREAKS = {"line": 0, "one_break": 1, "two_breaks": 2, "spline": 0}
STRETCHES = ("below_zone", "zone", "above_zone")


@dataclass(frozen=True)
class Curve:
    """A fitted curve of loyalty on satisfaction, both scores from 0 to 100.

    Attributes
    ----------
    models : DataFrame
        Per model (`line`, `one_break`, `two_breaks`, natural cubic `spline`):
        ``parameters`` (breaks counted), ``aic``, ``aic_above`` (the lowest), and
        ``r2_out``, the share of variance explained for customers left out of the fit.
    breaks, slopes : DataFrame
        Of the fit with two breaks: ``value``, ``low``, ``high`` of the lower and
        upper break (points of satisfaction), and of the slope below, between and
        above them (points of loyalty per point of satisfaction).
    slope : Series
        ``value``, ``low``, ``high`` of the straight line's slope, in the same unit.
    flatter : Series
        ``value``, ``low``, ``high`` of how much flatter the middle is than the less
        steep of its neighbours, in the same unit.
    points : DataFrame
        Indexed by satisfaction: ``line``, ``spline``, ``two_breaks`` and its
        pointwise ``low`` and ``high``.
    observed : DataFrame
        By group of about equal size: mean ``satisfaction``, mean loyalty ``value``
        with ``low`` and ``high``, ``n`` rows.
    """

    models: pd.DataFrame
    breaks: pd.DataFrame
    slopes: pd.DataFrame
    slope: pd.Series
    flatter: pd.Series
    points: pd.DataFrame
    observed: pd.DataFrame

    @property
    def bent(self) -> bool:
        """Whether two breaks beat the line by AIC and for customers left out."""
        two, line = self.models.loc["two_breaks"], self.models.loc["line"]
        return bool(two["aic"] < line["aic"] and two["r2_out"] > line["r2_out"])

    @property
    def zone(self) -> tuple[float, float] | None:
        """The zone of indifference, if the curve is bent and surely flatter inside."""
        if not (self.bent and self.flatter["low"] > 0):
            return None
        low, high = self.breaks["value"]
        return float(low), float(high)


def curve(scores: pd.DataFrame, *, draws: int = 400, seed: int = 2026) -> Curve:
    """Return the curve of loyalty on satisfaction, with intervals over customers.

    Breaks are searched over all pairs of 41 places between the 5 and 95 %
    points of satisfaction that have at least 15 % of rows between them. A
    customer's rows stay together in the bootstrap and in the 10 folds of customers
    that `r2_out` leaves out in turn.

    Parameters
    ----------
    scores : DataFrame
        ``customer_id``, ``satisfaction_score`` and ``loyalty_score`` (0–100); rows
        that lack a score are left out.
    draws, seed : int
        Of the bootstrap.

    Raises
    ------
    ValueError
        If fewer than 20 rows have both scores, or satisfaction has fewer than
        6 different values.

    References
    ----------
    Muggeo, V. M. R. (2003). Estimating regression models with unknown break-points.
    Statistics in Medicine 22, 3055–3071. Coyne, K. (1989). Beyond service fads:
    meaningful strategies for the real world. Sloan Management Review 30 (4), 69–76.
    """
    rows = _usable(scores)
    basis, blocks = _crossed(rows, seed)
    fits = {name: best(blocks.sum(axis=0), sets) for name, sets in basis.models.items()}
    samples = resampled(blocks, draws, seed)
    bent, straight = (
        [fits[name], *(best(gram, basis.models[name]) for gram in samples)]
        for name in ("two_breaks", "line")
    )
    steep = np.array([slopes(fit, basis) for fit in bent])
    flatter = np.minimum(steep[:, :1], steep[:, 2:]) - steep[:, 1:2]
    places = [basis.places[fit.columns[2:] - 2] for fit in bent]
    line = [slopes(fit, basis) for fit in straight]
    return Curve(
        models=_compared(fits, blocks, basis, len(rows)),
        breaks=_with_interval(places, ("lower_break", "upper_break")),
        slopes=_with_interval(steep, STRETCHES),
        slope=_with_interval(line, ("line",)).iloc[0],
        flatter=_with_interval(flatter, ("flatter",)).iloc[0],
        points=_points(fits, bent[1:], basis),
        observed=_observed(rows),
    )


def distortion(
    scores: pd.DataFrame, fitted: Curve, alpha: float, *, copies: int = 20, seed: int = 2026
) -> pd.DataFrame:
    """Return how errors of measurement bend the curve: simulation–extrapolation.

    A score of reliability α carries noise of variance (1 − α) · var. Adding as much
    noise again, and more, shows what noise does to the slopes at the fitted breaks;
    a parabola through that, carried back to no noise, guesses what they would be.
    It is a check of sensitivity, without an interval.

    Returns
    -------
    DataFrame
        Indexed by ``noise``, times the score's own: −1 (extrapolated: none at all), 0
        (as measured), .5, 1, 1.5, 2. Columns ``below_zone``, ``zone``,
        ``above_zone``: slopes in points of loyalty per point of satisfaction.

    References
    ----------
    Cook, J. R. and Stefanski, L. A. (1994). Simulation–extrapolation estimation in
    parametric measurement error models. Journal of the American Statistical
    Association 89, 1314–1328.
    """
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha must be above 0 and at most 1, got {alpha}")
    rows = _usable(scores)
    x, y = rows["satisfaction_score"].to_numpy(), rows["loyalty_score"].to_numpy()
    draw = stream(seed, "distortion")
    sd = np.sqrt((1 - alpha) * x.var(ddof=1))
    more = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    found = []
    for times in more:
        noise = np.sqrt(times) * sd * draw.standard_normal((copies if times else 1, len(x)))
        found.append(np.mean([_slopes_at(x + e, y, fitted.breaks["value"]) for e in noise], axis=0))
    back = [np.polyval(np.polyfit(more, column, 2), -1) for column in np.array(found).T]
    levels = pd.Index([-1.0, *more], name="noise")
    return pd.DataFrame([back, *found], index=levels, columns=list(STRETCHES))


def _usable(scores: pd.DataFrame) -> pd.DataFrame:
    rows = scores[["customer_id", "satisfaction_score", "loyalty_score"]].dropna()
    values = rows["satisfaction_score"].nunique()
    if len(rows) < 20 or values < 6:
        raise ValueError(
            f"a curve needs 20 rows and 6 values of satisfaction, got {len(rows)} and {values}"
        )
    return rows


def _crossed(rows: pd.DataFrame, seed: int) -> tuple[Basis, np.ndarray]:
    basis = Basis(rows["satisfaction_score"].to_numpy())
    columns = np.column_stack([basis.columns(basis.x), rows["loyalty_score"]])
    return basis, products(columns, rows["customer_id"], seed)


def _compared(fits: dict[str, Fit], blocks: np.ndarray, basis: Basis, rows: int) -> pd.DataFrame:
    """Return the models' parameters, AIC and fit to customers left out."""
    out, total = _left_out(blocks, basis)
    parameters = {name: len(fit.columns) + BREAKS[name] for name, fit in fits.items()}
    aic = {n: rows * np.log(f.rss / rows) + 2 * (parameters[n] + 1) for n, f in fits.items()}
    r2 = {name: 1 - rss / total for name, rss in out.items()}
    told = pd.DataFrame({"parameters": parameters, "aic": aic, "r2_out": r2})
    told.insert(2, "aic_above", told["aic"] - told["aic"].min())
    return told.rename_axis("model")


def _left_out(blocks: np.ndarray, basis: Basis) -> tuple[dict[str, float], float]:
    """Return each model's squared error, and the mean's, on customers that it did not see."""
    whole, y = blocks.sum(axis=0), blocks.shape[1] - 1
    rss, total = dict.fromkeys(basis.models, 0.0), 0.0
    for fold in range(min(FOLDS, len(blocks))):
        held = blocks[fold::FOLDS].sum(axis=0)
        known = whole - held
        for name, sets in basis.models.items():
            rss[name] += squared_error(held, best(known, sets))
        mean = known[0, y] / known[0, 0]
        total += float(held[y, y] - 2 * mean * held[0, y] + mean**2 * held[0, 0])
    return rss, total


def _with_interval(values: list | np.ndarray, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the first row of `values` with the interval of the others."""
    low, high = interval(np.asarray(values)[1:])
    return pd.DataFrame({"value": values[0], "low": low, "high": high}, index=list(names))


def _points(fits: dict[str, Fit], again: list[Fit], basis: Basis) -> pd.DataFrame:
    x = np.linspace(np.quantile(basis.x, 0.01), np.quantile(basis.x, 0.99), 60)
    columns = basis.columns(x)

    def at(fit: Fit) -> np.ndarray:
        return columns[:, fit.columns] @ fit.beta

    low, high = interval(np.array([at(fit) for fit in again]))
    shown = {name: at(fits[name]) for name in ("line", "spline", "two_breaks")}
    index = pd.Index(x, name="satisfaction")
    return pd.DataFrame(shown | {"low": low, "high": high}, index=index)


def _observed(rows: pd.DataFrame, groups: int = 15) -> pd.DataFrame:
    """Return mean loyalty by group of satisfaction, its interval robust to customers' repeats."""
    x, y = rows["satisfaction_score"], rows["loyalty_score"]
    group = pd.qcut(x, groups, labels=False, duplicates="drop")
    found = rows.groupby(group).agg(
        satisfaction=("satisfaction_score", "mean"),
        value=("loyalty_score", "mean"),
        n=("loyalty_score", "size"),
    )
    error = (y - y.groupby(group).transform("mean")).groupby([group, rows["customer_id"]]).sum()
    half = 1.96 * np.sqrt((error**2).groupby(level=0).sum()) / found["n"]
    return found.assign(low=found["value"] - half, high=found["value"] + half)


def _slopes_at(x: np.ndarray, y: np.ndarray, breaks: pd.Series) -> np.ndarray:
    """Return the slopes below, between and above given breaks."""
    hinges = np.maximum(x[:, None] - breaks.to_numpy(), 0)
    columns = np.column_stack([np.ones(len(x)), x, hinges])
    return np.cumsum(np.linalg.lstsq(columns, y, rcond=None)[0][1:])
