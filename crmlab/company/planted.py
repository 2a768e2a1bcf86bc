"""What satisfaction is worth in truth: known of the company's customers, for tests and teaching."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from crmlab.company.customer_file import customers as make_customers
from crmlab.company.hidden import DAYS, Latent, latent, month_of
from crmlab.company.purchases import SATISFACTION, SPEND, UNRECOVERED, Buyers, buyers, noncontract
from crmlab.company.questionnaire import survey
from crmlab.company.truths import truth

MONTH = 365.25 / 12 / 7  # weeks
STEP = 1e-3  # of latent satisfaction: small enough for a slope


@dataclass(frozen=True)
class Planted:
    """A company's purchases without contract, its survey, and what is true of both.

    Attributes
    ----------
    histories : DataFrame
        Per customer without contract, as `crmlab.customers.summarise` does in weeks.
    survey : DataFrame
    latent : DataFrame
        ``customer_id``, ``wave`` and the ``satisfaction`` behind the answers.
    truth : DataFrame
        Per customer of `histories`: ``purchases`` (discounted) and ``value`` (money, before
        costs) of the next 36 months, and ``unit``: how much the value rises with latent
        satisfaction, money per unit of it.
    """

    histories: pd.DataFrame
    survey: pd.DataFrame
    latent: pd.DataFrame
    truth: pd.DataFrame

    def point(self, scores: pd.DataFrame, who: pd.Index) -> float:
        """Return what one point of a score (0–100) is truly worth per customer of `who`.

        `scores` has ``customer_id``, ``wave`` and ``satisfaction_score``; a unit of latent
        satisfaction is as many points as the line through the answers says.
        """
        both = self.latent.merge(scores, on=["customer_id", "wave"]).dropna()
        points = np.polyfit(both["satisfaction"], both["satisfaction_score"], 1)[0]
        return float(self.truth["unit"].reindex(who).mean() / points)


def planted(
    seed: int, customers: int, satisfaction_effect: float, *, discount: float = 0.1
) -> Planted:
    """Return a company whose worth of satisfaction is known, without its other tables.

    Satisfaction ahead is taken as it was behind, run backwards: its process looks the same
    in both directions, and begins where it is. Who is there still is told by the true rate
    and chance to leave.

    Parameters
    ----------
    seed, customers, satisfaction_effect
        As in `crmlab.company.build`.
    discount : float
        What a year's delay costs; each year counts from its middle.
    """
    file, hidden = make_customers(seed, customers), latent(seed, customers)
    who = buyers(seed, file)
    bought = noncontract(seed, who, file, hidden, satisfaction_effect)
    days = bought.groupby("customer")["day"].agg(["size", "min", "max"]).reindex(who.customer)
    name = pd.Index(file["customer_id"].to_numpy()[who.customer], name="customer_id")
    chance = _chances(who, hidden, satisfaction_effect)
    alive = _alive(who, days, chance)
    spend, ahead = SPEND[0] / who.spend_rate, chance[:, ::-1]
    now = _ahead(who.rate, alive, ahead, discount)
    shift = satisfaction_effect * SATISFACTION * STEP
    more = _ahead(who.rate, alive, expit(logit(ahead) + shift), discount)
    table = {"purchases": now, "value": now * spend, "unit": (more - now) / STEP * spend}
    asked = survey(seed, file, hidden)
    known = truth(seed, file, asked, hidden)["latent"]
    told = known[["customer_id", "wave", "satisfaction"]]
    return Planted(_histories(bought, days, name), asked, told, pd.DataFrame(table, index=name))


def _histories(bought: pd.DataFrame, days: pd.DataFrame, name: pd.Index) -> pd.DataFrame:
    repeats = bought[bought["customer"].duplicated()]  # each customer's purchases are in order
    return pd.DataFrame(
        {
            "frequency": days["size"] - 1,
            "recency": (days["max"] - days["min"]) / 7,
            "T": (DAYS - 1 - days["min"]) / 7,
            "monetary_value": repeats.groupby("customer")["amount"].mean().reindex(days.index),
        }
    ).set_axis(name)


def _chances(who: Buyers, hidden: Latent, effect: float) -> np.ndarray:
    """Return the chance to leave after a purchase in each month, shape (customers, months)."""
    S = hidden.satisfaction[who.customer]
    grievance = (hidden.failed & ~hidden.recovered)[who.customer]
    own = logit(np.clip(who.dropout, 1e-12, 1 - 1e-12))[:, None]
    return expit(own + effect * (SATISFACTION * S + UNRECOVERED * grievance))


def _alive(who: Buyers, days: pd.DataFrame, chance: np.ndarray) -> np.ndarray:
    """Return the chance to be there still, given the last purchase."""
    last = days["max"].to_numpy()
    p = chance[np.arange(len(chance)), month_of(last)]
    stayed = (1 - p) * np.exp(-who.rate * (DAYS - 1 - last) / 7)
    return np.where(days["size"].to_numpy() > 1, stayed / (stayed + p), 1.0)


def _ahead(rate: np.ndarray, alive: np.ndarray, chance: np.ndarray, discount: float) -> np.ndarray:
    """Return the purchases of the months ahead, those of each year discounted from its middle."""
    total, here = np.zeros(len(rate)), alive
    for month in range(chance.shape[1]):
        p = chance[:, month]
        stays = np.exp(-rate * p * MONTH)
        total = total + here * (1 - stays) / p * (1 + discount) ** -(month // 12 + 0.5)
        here = here * stays
    return total
