"""Attitude and behaviour: four quadrants, and the course's seven kinds of loyalty."""

from collections.abc import Sequence

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
KINDS = (*BY_REASON.values(), "unclear_loyalty", "latent_loyalty", "no_loyalty")


def loyalty_kind(answers: pd.DataFrame, *, high: float = 55) -> pd.DataFrame:
    """Return each row's ``quadrant`` and ``kind`` of loyalty.

    Attitude is the score of the items on concept, conduct and image; behaviour that
    of repeated buying as told. Each is high from `high` (0–100). The kind follows
    rules, the first that holds decides:

    1. Who does not buy again has latent loyalty if attitude is high, else none.
    2. Who stays for lack of an alternative, from habit, for convenience, price or a
       reward has monopoly, inertia, convenience, price or incentive loyalty, whatever
       the attitude.
    3. Who stays for the value has super-value loyalty if attitude is high.
    4. The kind of all others is unclear: no reason, or value without approval.

    Returns
    -------
    DataFrame
        Indexed like `answers`; both are missing where attitude or behaviour is.

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
    why = why.where(likes | (why != "premium_loyalty")).fillna("unclear_loyalty")
    kind = why.where(buys, pd.Series(quadrant, index=answers.index))
    return pd.DataFrame(
        {
            "quadrant": pd.Series(quadrant, index=answers.index).where(told),
            "kind": kind.where(told),
        }
    )


def grid(kind: pd.DataFrame) -> pd.DataFrame:
    """Return the four quadrants' shares: ``share``, ``low``, ``high``, ``n`` customers each."""
    return _counted(kind["quadrant"], QUADRANTS, "quadrant")


def kinds(kind: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of the kinds of loyalty, as `grid` does."""
    return _counted(kind["kind"], KINDS, "kind")


def cut_sensitivity(answers: pd.DataFrame, cuts: Sequence[float]) -> pd.DataFrame:
    """Return the quadrants' shares of customers, a row per cut between low and high."""
    found = {cut: grid(loyalty_kind(answers, high=cut))["share"] for cut in cuts}
    return pd.DataFrame(found).T.rename_axis("high_from")


def stay_for_value(kind: pd.DataFrame) -> pd.Series:
    """Return, of the truly loyal who give a reason for staying, the share that names the value.

    Returns
    -------
    Series
        ``share``, ``low``, ``high`` (95 %) and ``n`` such customers.
    """
    loyal = kind["kind"][kind["quadrant"] == "true_loyalty"]
    loyal = loyal[loyal != "unclear_loyalty"]
    counts = {"successes": (loyal == "premium_loyalty").sum(), "n": len(loyal)}
    return shares(pd.DataFrame(counts, index=["true_loyalty"])).iloc[0]


def _counted(of: pd.Series, codes: tuple[str, ...], name: str) -> pd.DataFrame:
    counts = of.value_counts().reindex(list(codes), fill_value=0)
    found = shares(pd.DataFrame({"successes": counts, "n": counts.sum()}))
    return found.assign(n=counts).rename_axis(name)
