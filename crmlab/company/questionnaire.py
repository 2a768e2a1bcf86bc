"""The company's half-yearly survey: what customers say of what they feel."""

import numpy as np
import pandas as pd
from scipy.special import expit

from crmlab.company.hidden import CUTS, START, WAVES, Latent, latent, loyalty, stream
from crmlab.tables import ATTRIBUTES, DIMENSIONS, STAY_REASONS

SATISFACTION = {"overall": 0.85, "expectation": 0.80, "ideal": 0.75, "choice": 0.90}  # loadings
ATTRIBUTE_LOADING = 0.9
ATTRIBUTE_MEAN = {
    "concept": 7.0, "conduct": 6.2, "visual": 7.3, "material": 6.9, "spiritual": 6.5, "social": 6.3,
    "physical": 7.2, "physiological": 7.0, "psychological": 6.4, "price": 5.9, "art": 6.6,
    "culture": 7.1,
}  # fmt: skip
LOYALTY_MEAN, LOYALTY_SD = 0.2, 2.25  # of L, so that items have their scale in common
RISE = {"quality": 0.10, "service": 0.15, "price": 0.05, "trust": 0.10}  # of expectations, a wave
SKIPPED = 0.01  # of questions, by those who answer


def survey(seed: int, customers: pd.DataFrame, hidden: Latent | None = None) -> pd.DataFrame:
    """Return the survey, one row per customer and wave since the customer was acquired.

    Every customer in the file is asked, whether still buying or not, on the 15th of
    the wave's last month. A customer answers with P = expit(.3 + .4 S); who does not
    has a row with ``responded`` false and no answers. Of the rest's answers, .01 are
    skipped. The questions' equations are in `answers`.
    """
    hidden = hidden or latent(seed, len(customers))
    draw = stream(seed, "survey_response")
    shape = (len(customers), len(WAVES))
    said = draw.random(shape) < expit(0.3 + 0.4 * hidden.satisfaction[:, WAVES])
    asked_on = wave_days()
    known = customers["acquired_on"].to_numpy()[:, None] < asked_on.to_numpy()
    told = answers(seed, customers, hidden)
    keep = said.ravel()[:, None] & (draw.random((said.size, told.shape[1])) >= SKIPPED)
    asked = pd.DataFrame(
        {
            "customer_id": customers["customer_id"].repeat(len(WAVES)).to_numpy(),
            "wave": np.tile(np.arange(1, len(WAVES) + 1), len(customers)),
            "surveyed_on": np.tile(asked_on, len(customers)),
            "responded": said.ravel(),
        }
    )
    return pd.concat([asked, told.where(keep)], axis=1)[known.ravel()].reset_index(drop=True)


def wave_days() -> pd.DatetimeIndex:
    """Return the day of each wave: the 15th of its month."""
    return pd.DatetimeIndex([START + pd.DateOffset(months=m, days=14) for m in WAVES])


def answers(seed: int, customers: pd.DataFrame, hidden: Latent) -> pd.DataFrame:
    """Return what every customer would answer in every wave, in rows (customer, wave).

    Satisfaction items are y = clip(round(6.8 + 1.6 (λ_j S + √(1−λ_j²) e)), 1, 10) with λ
    = .85, .80, .75, .90; attributes the same of q with λ = .9 and means of their own.
    With ℓ the loyalty L less its mean over its s.d., loyalty is L in five steps at the
    cut points, and the items of loyalty, emotion, intention and the other indices are
    linear in ℓ, S, the constraint or a customer's shopping orientation, with normal noise.
    """
    waves = len(WAVES)
    level = hidden.satisfaction[:, WAVES]
    contract = (customers["kind"] == "contract").to_numpy()
    bonds = loyalty(seed, level, contract)
    S, L, constraint = level.ravel(), bonds["loyalty"].ravel(), bonds["constraint"].ravel()
    draw = stream(seed, "survey")
    parts = [
        _attributes(draw, hidden.attributes),
        _satisfaction(draw, S),
        _loyalty(draw, S, L, constraint),
        _behaviour(draw, L, constraint, bonds["incentive"].ravel()),
        _service(draw, S, constraint, bonds["incentive"].ravel(), len(customers)),
        _expectations(draw, hidden.disconfirmation[:, WAVES].ravel(), waves),
    ]
    return pd.concat(parts, axis=1)


def _steps(values: np.ndarray, low: int = 1, high: int = 10) -> pd.Series:
    """Return answers in whole steps from `low` to `high`."""
    return pd.Series(np.clip(np.round(values), low, high)).astype("Int64")


def _item(
    draw: np.random.Generator, level: np.ndarray, loading: float, mean: float = 6.8
) -> pd.Series:
    """Return an item that measures a standard `level` with its `loading`."""
    noise = draw.standard_normal(len(level))
    return _steps(mean + 1.6 * (loading * level + np.sqrt(1 - loading**2) * noise))


def _attributes(draw: np.random.Generator, q: np.ndarray) -> pd.DataFrame:
    each = q.repeat(len(WAVES), axis=0)
    return pd.DataFrame(
        {
            f"item_{name}": _item(draw, each[:, k], ATTRIBUTE_LOADING, ATTRIBUTE_MEAN[name])
            for k, name in enumerate(ATTRIBUTES)
        }
    )


def _satisfaction(draw: np.random.Generator, S: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {f"satisfaction_{name}": _item(draw, S, load) for name, load in SATISFACTION.items()}
    )


def _loyalty(
    draw: np.random.Generator, S: np.ndarray, L: np.ndarray, constraint: np.ndarray
) -> pd.DataFrame:
    """Return loyalty as answered: L in five steps; items of loyalty, emotion, intention.

    Emotion takes .6 of S beside ℓ, behaviour .3 of the constraint: a bond keeps
    those who would rather go.
    """
    ell = (L - LOYALTY_MEAN) / LOYALTY_SD
    feeling = 0.6 * S + 0.6 * ell
    return pd.DataFrame(
        {
            "loyalty": pd.Series(np.searchsorted(CUTS, L) + 1, dtype="Int64"),
            "loyalty_repeat": _item(draw, 0.9 * ell + 0.3 * constraint, 0.8, 6),
            "loyalty_first_choice": _item(draw, ell, 0.85, 6),
            "loyalty_stay": _item(draw, ell, 0.8, 6),
            "emotion_concept": _item(draw, feeling, 0.8, 6.2),
            "emotion_conduct": _item(draw, feeling, 0.85, 6.2),
            "emotion_image": _item(draw, feeling, 0.75, 6.2),
            "intention_rebuy": _item(draw, ell, 0.85, 6.5),
            "intention_extend": _item(draw, ell, 0.75, 5.5),
        }
    )


def _behaviour(
    draw: np.random.Generator, L: np.ndarray, constraint: np.ndarray, incentive: np.ndarray
) -> pd.DataFrame:
    """Return the signs of loyalty: recommending, naming, minutes, prices, rivals, faults.

    Recommend = clip(round(7.2 + 2 (.8 ℓ + .6 e)), 0, 10); P(named) = expit(−.2 + .8 ℓ);
    minutes are lognormal with mean ln 25 − .35 ℓ, s.d. .5; the price rise borne (%) is
    clip(6 + 3 ℓ + 3 e, 0, 30); constraint as answered measures the constraint with .9.
    """
    ell, n = (L - LOYALTY_MEAN) / LOYALTY_SD, len(L)
    noise = draw.standard_normal((3, n))
    return pd.DataFrame(
        {
            "recommend": _steps(7.2 + 2 * (0.8 * ell + 0.6 * noise[0]), 0, 10),
            "named_brand": pd.Series(draw.random(n) < expit(-0.2 + 0.8 * ell), dtype="boolean"),
            "minutes_to_choose": _steps(np.exp(np.log(25) - 0.35 * ell + 0.5 * noise[1]), 1, 600),
            "price_tolerance": _steps(6 + 3 * ell + 3 * noise[2], 0, 30),
            "rival_attitude": _item(draw, -ell, 0.8, 5.5),
            "quality_tolerance": _item(draw, ell, 0.7, 5.5),
            "constraint": _item(draw, constraint, 0.9, 5.2),
            "incentive": pd.Series(incentive == 1, dtype="boolean"),
        }
    )


def _service(
    draw: np.random.Generator, S: np.ndarray, constraint: np.ndarray, incentive: np.ndarray, n: int
) -> pd.DataFrame:
    """Return why a customer stays, and the shopping orientation behind it.

    The reason is the largest of: .9 constraint − .4; .2 (habit); .8 convenience-seeking;
    .8 economising; 1.5 incentive − .6; 1.1 S; each plus Gumbel noise.
    """
    names = ("ethical", "economising", "personalising", "convenience")
    leaning = draw.standard_normal((n, len(names))).repeat(len(WAVES), axis=0)
    _, economising, personalising, convenience = leaning.T
    why = np.column_stack(
        [0.9 * constraint - 0.4, np.full(len(S), 0.2), 0.8 * convenience, 0.8 * economising,
         1.5 * incentive - 0.6, 1.1 * S]
    ) + draw.gumbel(size=(len(S), len(STAY_REASONS)))  # fmt: skip
    said = {
        "stay_reason": pd.Series(np.array(STAY_REASONS)[why.argmax(axis=1)], dtype="str"),
        "convenience": _item(draw, 0.5 * S + 0.5 * convenience, 0.85),
        "warmth": _item(draw, 0.7 * S, 0.85),
        "personal_fit": _item(draw, 0.5 * S + 0.5 * personalising, 0.85),
    }
    for name, lean in zip(names, leaning.T, strict=True):
        said[f"orientation_{name}"] = _item(draw, lean, 0.85, 5.8)
    return pd.DataFrame(said)


def _expectations(draw: np.random.Generator, gap: np.ndarray, waves: int) -> pd.DataFrame:
    """Return what was expected and perceived in each dimension.

    Expected = 6.6 + rise × (wave − 1) + .8 u_i + .8 e; perceived = that + 1.6 D + .8 e, so
    that expectations rise and their disconfirmation does not.
    """
    own = 0.8 * draw.standard_normal(len(gap) // waves).repeat(waves)
    wave = np.tile(np.arange(waves), len(gap) // waves)
    expected, perceived = {}, {}
    for name in DIMENSIONS:
        noise = 0.8 * draw.standard_normal((2, len(gap)))
        level = 6.6 + RISE[name] * wave + own + noise[0]
        expected[f"expected_{name}"] = _steps(level)
        perceived[f"perceived_{name}"] = _steps(level + 1.6 * gap + noise[1])
    return pd.DataFrame(expected | perceived)
