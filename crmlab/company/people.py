"""The people: customers' contacts, some of them entered twice, and the company's staff."""

import numpy as np
import pandas as pd

from crmlab.company.customer_file import GIVEN, REGIONS, SURNAMES
from crmlab.company.hidden import WAVES, stream

DUPLICATED = 0.04
CONTACTS = {"retail": (1, 1), "commercial": (1, 3), "organisation": (2, 4)}  # fewest, most
ROLES = {"decides": 0.4, "benefits": 0.35, "pays": 0.25}
THEIR_DEPARTMENTS = {"purchasing": 0.4, "management": 0.25, "finance": 0.2, "operations": 0.15}
UNITS = tuple(f"{kind}_{region}" for kind in ("sales", "service") for region in REGIONS)
STAFF_A_UNIT = 6
STAFF = len(UNITS) * STAFF_A_UNIT
UNIT_SD, STAFF_SD, WAVE_SD = 0.5, 0.6, 0.6  # of staff satisfaction; the units' part is .26


def contacts(seed: int, customers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return contacts, and, hidden, which of them repeat another (``duplicate_of``).

    Households have one contact, others one to three or two to four, each with a role and
    a department by chance, so that roles may be missing. Of contacts .04 are entered
    twice: one character of the name is mistyped, and in .4 of them the number too.
    """
    draw = stream(seed, "contacts")
    fewest, most = (customers["nature"].map(lambda n, k=k: CONTACTS[n][k]) for k in (0, 1))
    count = fewest + np.floor(draw.random(len(customers)) * (most - fewest + 1)).astype("int64")
    each = customers.loc[customers.index.repeat(count), ["customer_id", "name", "nature"]]
    each = each.reset_index(drop=True)
    n = len(each)
    home = each["nature"] == "retail"
    single = home.map({True: "household", False: None})
    first = pd.DataFrame(
        {
            "customer_id": each["customer_id"],
            "name": each["name"].where(home, _names(draw, n)),
            "department": single.fillna(_drawn(draw, THEIR_DEPARTMENTS, n)),
            "role": _drawn(draw, ROLES, n),
            "phone_hash": _hashes(draw, n),
        }
    )
    return _with_duplicates(draw, first)


def _with_duplicates(
    draw: np.random.Generator, first: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    chosen = np.flatnonzero(draw.random(len(first)) < DUPLICATED)
    again = first.iloc[chosen].reset_index(drop=True)
    typed = draw.random(len(again)) < 0.4
    again["name"] = again["name"].str[:-1] + _characters(draw, GIVEN, len(again))
    again["phone_hash"] = again["phone_hash"].mask(typed, _hashes(draw, len(again)))
    both = pd.concat([first, again], ignore_index=True)
    both.insert(0, "contact_id", "K" + _padded(np.arange(1, len(both) + 1), 5))
    repeats = both["contact_id"].iloc[len(first) :].reset_index(drop=True)
    of = both["contact_id"].iloc[chosen].reset_index(drop=True)
    return both, pd.DataFrame({"contact_id": repeats, "duplicate_of": of})


def _names(draw: np.random.Generator, n: int) -> pd.Series:
    given = _characters(draw, GIVEN, n)
    return _characters(draw, SURNAMES, n) + given + _characters(draw, GIVEN, n)


def _characters(draw: np.random.Generator, some: str, n: int) -> pd.Series:
    return pd.Series(np.array(list(some))[draw.integers(len(some), size=n)], dtype="str")


def _drawn(draw: np.random.Generator, shares: dict[str, float], n: int) -> pd.Series:
    return pd.Series(draw.choice(list(shares), n, p=list(shares.values())), dtype="str")


def _hashes(draw: np.random.Generator, n: int) -> pd.Series:
    """Return ten hexadecimal digits, as if of a telephone number's hash."""
    return pd.Series(draw.integers(16**10, size=n)).map("{:010x}".format)


def _padded(numbers: np.ndarray, width: int) -> pd.Series:
    return pd.Series(numbers).astype("str").str.zfill(width)


def staff_ids() -> np.ndarray:
    """Return the staff's ids, six in each of `UNITS` in turn."""
    return np.array([f"E{number:03d}" for number in range(1, STAFF + 1)])


def unit_effects(seed: int) -> np.ndarray:
    """Return the standard normal effect of each unit on its staff's satisfaction."""
    return stream(seed, "staff_units").standard_normal(len(UNITS))


def staff_survey(seed: int) -> pd.DataFrame:
    """Return the staff's answers, a row per person and wave of the customer survey.

    Satisfaction = clip(round(6.5 + 1.5 (.5 u + .6 v + .6 e)), 1, 10): u of the unit, v of
    the person, e of the wave, so that units explain .26 of the variance. Intent to stay
    = clip(round(6.8 + 1.1 (same sum) + e'), 1, 10).
    """
    draw = stream(seed, "staff_survey")
    person = np.arange(STAFF).repeat(len(WAVES))
    level = (
        UNIT_SD * unit_effects(seed)[person // STAFF_A_UNIT]
        + STAFF_SD * draw.standard_normal(STAFF)[person]
        + WAVE_SD * draw.standard_normal(len(person))
    )
    stays = 6.8 + 1.1 * level + draw.standard_normal(len(person))
    return pd.DataFrame(
        {
            "staff_id": staff_ids()[person],
            "unit": np.array(UNITS)[person // STAFF_A_UNIT],
            "wave": np.tile(np.arange(1, len(WAVES) + 1), STAFF),
            "satisfaction": np.clip(np.rint(6.5 + 1.5 * level), 1, 10).astype("int64"),
            "intent_to_stay": np.clip(np.rint(stays), 1, 10).astype("int64"),
        }
    )
