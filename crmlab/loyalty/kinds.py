"""Attitude and behaviour: four quadrants, and the course's seven kinds of loyalty."""

import numpy as np
import pandas as pd

from crmlab.loyalty.indices import shares
from crmlab.loyalty.scales import ATTITUDE, present, score

QUADRANTS = ("true_loyalty", "latent_loyalty", "spurious_loyalty", "no_loyalty")
BY_REASON = {
    "no_alternative": "monopoly_loyalty",
    "habit": "inertia_loyalty",
    "convenience": "convenience_loyalty",
    "price": "price_loyalty",
    "reward": "incentive_loyalty",
    "value": "premium_loyalty",
}
KINDS = (*BY_REASON.values(), "latent_loyalty", "no_loyalty")


def loyalty_kind(answers: pd.DataFrame, *, high: float = 55) -> pd.DataFrame:
    """Return each row's ``quadrant`` and ``kind`` of loyalty.

    Attitude is the score of the items on concept, conduct and image; behaviour that
    of repeated buying as told. Each is high from `high` (0–100). Who buys again is
    sorted by the reason given for staying (monopoly, inertia, convenience, price,
    incentive; super-value loyalty if the reason is value); who does not, but thinks
    well of the company, is latently loyal.

    Returns
    -------
    DataFrame
        Indexed like `answers`; missing where attitude or behaviour is, ``kind``
        also where someone who buys again gave no reason.

    References
    ----------
    Dick, A. S. and Basu, K. (1994). Customer loyalty: toward an integrated conceptual
    framework. Journal of the Academy of Marketing Science 22, 99–113.
    """
    attitude = score(answers[present(answers, ATTITUDE)])
    behaviour = score(answers[present(answers, ["loyalty_repeat"])])
    likes, buys = attitude >= high, behaviour >= high
    told = attitude.notna() & behaviour.notna()
    quadrant = np.select([likes & buys, likes, buys], QUADRANTS[:3], QUADRANTS[3])
    why = answers.get("stay_reason", pd.Series(index=answers.index, dtype="str")).map(BY_REASON)
    kind = why.where(buys, pd.Series(quadrant, index=answers.index))
    return pd.DataFrame(
        {
            "quadrant": pd.Series(quadrant, index=answers.index).where(told),
            "kind": kind.where(told),
        }
    )


def grid(kind: pd.DataFrame) -> pd.DataFrame:
    """Return the four quadrants' shares: ``value``, ``low``, ``high``, ``n`` customers each."""
    return _counted(kind["quadrant"], QUADRANTS, "quadrant")


def kinds(kind: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of the kinds of loyalty, the seven and none, as `grid` does."""
    return _counted(kind["kind"], KINDS, "kind")


def _counted(of: pd.Series, codes: tuple[str, ...], name: str) -> pd.DataFrame:
    counts = of.value_counts().reindex(list(codes), fill_value=0)
    found = shares(pd.DataFrame({"successes": counts, "n": counts.sum()}))
    return found.assign(n=counts).rename_axis(name)
