"""What the customer file says beside the obvious: channel, representative, end, upkeep."""

from typing import Any

import numpy as np
import pandas as pd

from crmlab.company.customer_file import REGIONS
from crmlab.company.hidden import DAYS, dates, day_of, stream
from crmlab.company.relationship import Relationship
from crmlab.tables import CHURN_REASONS

CHANNELS = tuple(f"CH{number:02d}" for number in range(1, 26))
REPS_A_REGION = 4
REPS = tuple(f"R{number:02d}" for number in range(1, REPS_A_REGION * len(REGIONS) + 1))
DATA_SOURCES = {
    "visit": 0.35,
    "order_form": 0.3,
    "exhibition": 0.15,
    "website": 0.15,
    "import": 0.05,
}


def with_notes(seed: int, customers: pd.DataFrame, relations: Relationship) -> pd.DataFrame:
    """Return the customer file with eight columns more, from a stream of their own.

    The channel of acquisition is drawn with weights 1 / √rank, the representative among
    the four of the region. Hours needed a month are lognormal (s.d. .5) around
    .3 √(potential ÷ 1,000). Ends of contracts and returns are those of `relations`. A
    third of the files were last updated at acquisition, the others on any day since.
    """
    draw = stream(seed, "customer_notes")
    n = len(customers)
    weight = 1 / np.sqrt(np.arange(1, len(CHANNELS) + 1))
    region = customers["region"].map({name: k for k, name in enumerate(REGIONS)}).to_numpy()
    rep = REPS_A_REGION * region + draw.integers(REPS_A_REGION, size=n)
    hours = 0.3 * np.sqrt(customers["potential"] / 1000) * np.exp(0.5 * draw.standard_normal(n))
    known = day_of(customers["acquired_on"])
    since = np.floor((DAYS - known) * draw.random(n) * (draw.random(n) > 1 / 3))
    return customers.assign(
        channel_id=draw.choice(CHANNELS, n, p=weight / weight.sum()),
        rep_id=np.array(REPS)[rep],
        hours_needed=hours.round(1).clip(lower=0.1),
        updated_on=dates(known + since),
        data_source=draw.choice(list(DATA_SOURCES), n, p=list(DATA_SOURCES.values())),
        **_ends(n, relations),
    )


def _ends(n: int, relations: Relationship) -> dict[str, Any]:
    """Return when and why contracts ended, and who came back, one row per customer."""
    left, returned = np.full((2, n), np.nan)
    left[relations.customer], returned[relations.customer] = relations.left, relations.returned
    reason = np.full(n, None, dtype=object)
    why = np.array([*CHURN_REASONS, None], dtype=object)
    reason[relations.customer] = why[relations.reason]
    return {
        "churned_on": dates(left),
        "churn_reason": pd.array(reason, dtype="str"),
        "reactivated_on": dates(returned),
    }
