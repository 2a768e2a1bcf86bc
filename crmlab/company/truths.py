"""What is hidden behind the tables: kept apart, for tests and teachers only."""

import pandas as pd

from crmlab.company import baskets, hidden, people, purchases, relationship
from crmlab.tables import ATTRIBUTES


def truth(
    seed: int,
    customers: pd.DataFrame,
    survey: pd.DataFrame,
    told: hidden.Latent | None = None,
) -> dict[str, pd.DataFrame]:
    """Return what is hidden: attributes, latent levels, traits of buyers, parameters.

    ``latent`` has a row per row of `survey`: satisfaction S and loyalty L, whether a
    service failed or was recovered in that month, and the disconfirmation.
    """
    told = told or hidden.latent(seed, len(customers))
    wave = list(hidden.WAVES)
    level = told.satisfaction[:, wave]
    bonds = hidden.loyalty(seed, level, (customers["kind"] == "contract").to_numpy())
    each = pd.DataFrame(
        {
            "customer_id": customers["customer_id"].repeat(len(wave)).to_numpy(),
            "wave": list(range(1, len(wave) + 1)) * len(customers),
            "satisfaction": level.ravel(),
            "loyalty": bonds["loyalty"].ravel(),
            "constraint": bonds["constraint"].ravel(),
            "disconfirmation": told.disconfirmation[:, wave].ravel(),
            "failed": told.failed[:, wave].ravel(),
            "recovered": told.recovered[:, wave].ravel(),
        }
    )
    q = pd.DataFrame(told.attributes, columns=list(ATTRIBUTES))
    return {
        "attributes": pd.concat([customers["customer_id"], q], axis=1).round(3),
        "latent": survey[["customer_id", "wave"]].merge(each).round(3),
        "buyers": purchases.truth_of_buyers(seed, customers),
        "parameters": parameters(),
    }


def parameters() -> pd.DataFrame:
    """Return the planted numbers: planted, not evidence."""
    told = {f"beta_{name}": value for name, value in hidden.BETA.items()}
    told |= {f"basic_{name}": value for name, value in hidden.BASIC.items()}
    told |= {f"exciting_{name}": value for name, value in hidden.EXCITING.items()}
    told |= {f"threshold_{n}": value for n, value in enumerate(hidden.THRESHOLDS, start=1)}
    told |= {f"slope_{n}": value for n, value in enumerate(hidden.SLOPES, start=1)}
    told |= {f"cut_{n}": value for n, value in enumerate(hidden.CUTS, start=1)}
    told |= {f"effect_{name}": value for name, value in hidden.EFFECTS.items()}
    told |= dict(zip(("r", "alpha", "a", "b"), (*purchases.RATE, *purchases.DROPOUT), strict=True))
    told |= {f"spend_{n}": value for n, value in zip("pqv", purchases.SPEND, strict=True)}
    told |= {"hazard_base": relationship.BASE}
    told |= {f"hazard_{name}": value for name, value in relationship.HAZARD.items()}
    stages = zip(relationship.STAGES, relationship.STAGE_HAZARD, strict=True)
    told |= {f"hazard_{name}": value for name, value in stages}
    told |= {"basket_support": baskets.SUPPORT, "basket_lift": baskets.LIFT}
    told |= {"diverted": purchases.DIVERTED, "duplicated": people.DUPLICATED}
    return pd.DataFrame({"name": list(told), "value": list(told.values())})
