"""How errors of measurement bend the satisfaction–loyalty curve."""

import numpy as np
import pandas as pd

from crmlab.loyalty.curve import STRETCHES, Curve
from crmlab.loyalty.resample import interval, products, resampled, stream

ADDED = (0.0, 0.5, 1.0, 1.5, 2.0)  # noise, in multiples of the score's own


def distortion(
    scores: pd.DataFrame,
    fitted: Curve,
    alpha: float,
    *,
    copies: int = 20,
    draws: int = 200,
    seed: int = 2026,
) -> pd.DataFrame:
    """Return how errors of measurement level the curve: simulation–extrapolation.

    A score of reliability α carries noise of variance (1 − α) · var. Adding as much
    noise again, and more, shows what noise does to the slopes at the fitted breaks;
    a parabola through that, carried back to no noise, guesses what they would be. It
    supposes noise that is normal, alike for everyone and independent of all else,
    and takes the places of the breaks as given. Intervals (95 %) resample customers.

    Parameters
    ----------
    scores : DataFrame
        As for `crmlab.loyalty.curve`, which made `fitted`.
    alpha : float
        Reliability of the satisfaction score.
    copies : int
        Sets of noise that are averaged at each level.

    Returns
    -------
    DataFrame
        Indexed by ``added_noise``, times the score's own: −1 (extrapolated: none at
        all), 0 (as measured), .5, 1, 1.5, 2. Columns ``below_breaks``,
        ``between_breaks``, ``above_breaks``: slopes in points of loyalty per point of
        satisfaction, each with ``_low`` and ``_high``.

    References
    ----------
    Cook, J. R. and Stefanski, L. A. (1994). Simulation–extrapolation estimation in
    parametric measurement error models. Journal of the American Statistical
    Association 89, 1314–1328.
    """
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha must be above 0 and at most 1, got {alpha}")
    rows = scores[["customer_id", "satisfaction_score", "loyalty_score"]].dropna()
    x, draw = rows["satisfaction_score"].to_numpy(), stream(seed, "distortion")
    sd, found = np.sqrt((1 - alpha) * x.var(ddof=1)), []
    for times in ADDED:
        shape = (copies if times else 1, len(x))
        noisy = x + np.sqrt(times) * sd * draw.standard_normal(shape)
        slopes = [_slopes(row, rows, fitted.breaks["estimate"], draws, seed) for row in noisy]
        found.append(np.mean(slopes, axis=0))
    back = np.polynomial.polynomial.polyfit(ADDED, np.reshape(found, (len(ADDED), -1)), 2)
    none = np.polynomial.polynomial.polyval(-1, back).reshape(found[0].shape)
    return _told(np.array([none, *found]))


def _slopes(
    x: np.ndarray, rows: pd.DataFrame, breaks: pd.Series, draws: int, seed: int
) -> np.ndarray:
    """Return the slopes below, between and above `breaks`, and those of the resamples."""
    hinges = np.maximum(x[:, None] - breaks.to_numpy(), 0)
    columns = np.column_stack([np.ones(len(x)), x, hinges, rows["loyalty_score"]])
    blocks = products(columns, rows["customer_id"], seed)
    gram = np.concatenate([blocks.sum(axis=0)[None], resampled(blocks, draws, seed)])
    ridge = 1e-10 * gram[:, :1, :1] * np.eye(4)
    beta = np.linalg.solve(gram[:, :-1, :-1] + ridge, gram[:, :-1, -1:])[..., 0]
    return np.cumsum(beta[:, 1:], axis=1)


def _told(slopes: np.ndarray) -> pd.DataFrame:
    """Return slopes of shape (levels, 1 + draws, stretches) as a table with intervals."""
    low, high = interval(slopes[:, 1:].swapaxes(0, 1))
    table = pd.DataFrame(index=pd.Index([-1.0, *ADDED], name="added_noise"))
    for place, name in enumerate(STRETCHES):
        table[name], table[f"{name}_low"] = slopes[:, 0, place], low[:, place]
        table[f"{name}_high"] = high[:, place]
    return table
