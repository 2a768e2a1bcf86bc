"""One person, one contact: who is entered twice, and whom several departments reach at once."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crmlab.accounts.base import problems, refuse, repeated

REASONS = ("same_phone", "same_email", "similar_name")  # the stronger evidence first
PHONES = ("phone", "phone_hash")  # whichever column there is
AGREE = ("department", "role")  # two of a name at one customer are one person if these agree


def normalise(texts: pd.Series, kind: str) -> pd.Series:
    """Return texts as they are compared, missing if nothing is left of them.

    Full width becomes half width, capitals small letters; of a ``phone`` only letters and
    digits are kept, without 86 before a mobile number; of a ``name`` no spaces or points; an
    ``email`` loses its spaces.

    Raises
    ------
    ValueError
        If `kind` is none of these three.

    Examples
    --------
    >>> normalise(pd.Series(["+86 138-0013-8000", "１３８００１３８０００"]), "phone").tolist()
    ['13800138000', '13800138000']
    >>> normalise(pd.Series(["李 小·明", "  "]), "name").tolist()
    ['李小明', nan]
    """
    drop = {"phone": r"[^0-9a-z]", "name": r"[\W_]", "email": r"\s"}
    if kind not in drop:
        raise ValueError(f"kind must be one of {', '.join(drop)}, got {kind}")
    found = texts.astype("str").str.normalize("NFKC").str.lower()
    found = found.str.replace(drop[kind], "", regex=True)
    if kind == "phone":
        found = found.str.replace(r"^(?:00)?86(?=1\d{10}$)", "", regex=True)
    return found.where(found != "")


def duplicates(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return which contacts repeat another, and by what evidence.

    Compared are only contacts of one block: those whose names are equal but for one character
    at most and who have a phone number or an e-mail address in common, at whatever customers;
    and those of one customer with such names whose department and role, if known, agree. A
    switchboard's number alone makes nobody a duplicate. Who repeats a repeat repeats the first.

    Parameters
    ----------
    contacts : DataFrame
        ``contact_id``, ``customer_id``, ``name``; optionally ``phone`` (or ``phone_hash``),
        ``email``, ``department`` and ``role``.

    Returns
    -------
    DataFrame
        A row per contact to be merged: ``contact_id``, ``duplicate_of`` (the first id of the
        person, in order of text), ``customer_id`` and ``reason``: ``same_phone``,
        ``same_email`` or ``similar_name``, the strongest that links it to any of the others.

    Raises
    ------
    DataError
        If a column is lacking, an id is missing or not unique; all problems at once.

    References
    ----------
    Christen, P. (2012). Data matching. Blocking: chapter 4.
    """
    refuse(
        problems("contacts", contacts, ids="contact_id customer_id", maybe="name"),
        repeated("contacts", contacts, "contact_id"),
    )
    each = contacts.sort_values("contact_id", ignore_index=True)
    pairs = _pairs(_keys(each))
    group = _groups(pairs, len(each))
    first = pd.Series(each.index).groupby(group).transform("min").to_numpy()
    evidence = pd.concat([pairs.set_index("left"), pairs.set_index("right")])["evidence"]
    strongest = evidence.groupby(level=0).min().reindex(each.index)
    found = each.assign(
        duplicate_of=each["contact_id"].to_numpy()[first],
        reason=strongest.map(dict(enumerate(REASONS))),
    )
    shown = ["contact_id", "duplicate_of", "customer_id", "reason"]
    return found.loc[first != each.index, shown].reset_index(drop=True)


def people(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts with every person once: those of `duplicates` are left out."""
    return contacts[~contacts["contact_id"].isin(duplicates(contacts)["contact_id"])]


def collisions(
    touches: pd.DataFrame,
    repeats: pd.DataFrame | None = None,
    *,
    days: int = 14,
    departments: int = 3,
) -> pd.DataFrame:
    """Return whom several departments reached within a few days, and how often.

    A touch collides if, with it, at least `departments` different ones have touched the same
    person within `days`. A row of touches that all collide counts as often as there are
    touches, so the number is one of touches, not of meetings.

    Parameters
    ----------
    touches : DataFrame
        ``contact_id``, ``department``, ``at`` (time). Touches without a department are left
        out.
    repeats : DataFrame, optional
        From `duplicates`: touches of a repeated contact are those of the first.
    days : int
        Length of the window, in days, 1 or more.
    departments : int
        How many different ones make a collision, 2 or more.

    Returns
    -------
    DataFrame
        Indexed by ``contact_id``, a row per person touched, the most collisions first:
        ``touches``, ``collisions``, ``departments`` (the most within one window),
        ``per_window`` (collisions per window of `days` between the first and the last of all
        touches) and ``reason``: ``contact_collision`` or ``no_collision``.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a column is lacking, or a value in it.

    Examples
    --------
    >>> at = pd.to_datetime(["2025-01-01", "2025-01-05", "2025-01-09"])
    >>> rung = pd.DataFrame({"contact_id": "K1", "department": [*"abc"], "at": at})
    >>> collisions(rung)[["touches", "collisions", "departments"]].values.tolist()
    [[3, 1, 3]]
    """
    refuse(problems("touches", touches, ids="contact_id", days="at", maybe="department"))
    for name, value, low in (("days", days, 1), ("departments", departments, 2)):
        if value < low:
            raise ValueError(f"{name} must be {low} or more, got {value}")
    each = _by_person(touches, repeats)
    each["seen"] = _seen(each, days)
    person = each.groupby("contact_id")
    windows = _windows(each["at"], days)
    hit = (each["seen"] >= departments).groupby(each["contact_id"]).sum()
    found = pd.DataFrame(
        {"touches": person.size(), "collisions": hit, "departments": person["seen"].max()}
    )
    reason = np.where(hit > 0, "contact_collision", "no_collision")
    found = found.assign(
        per_window=hit / windows, reason=pd.Series(reason, found.index, dtype="str")
    )
    return found.sort_values(["collisions", "contact_id"], ascending=[False, True])


def _keys(each: pd.DataFrame) -> pd.DataFrame:
    """Return the blocks of contacts: ``row``, ``evidence``, ``key``, and what must agree."""
    name = normalise(each["name"], "name")
    blurred = _blurred(name[name.str.len() > 1])
    phone = next((normalise(each[c], "phone") for c in PHONES if c in each), None)
    email = normalise(each["email"], "email") if "email" in each else None
    at_customer = each["customer_id"].astype("str")
    found = [
        pd.DataFrame({"key": column.reindex(blurred.index) + "\n" + blurred}).assign(evidence=n)
        for n, column in enumerate([phone, email, at_customer])
        if column is not None
    ]
    keys = pd.concat(found).dropna().rename_axis("row").reset_index()
    own = keys["evidence"] == REASONS.index("similar_name")
    agree = {c: keys["row"].map(each[c]).where(own) for c in AGREE if c in each}
    return keys.assign(**agree)


def _blurred(names: pd.Series) -> pd.Series:
    """Return each name once for each of its characters, with that character hidden.

    Two names of equal length differ in one character at most if they share one of these.
    """
    lengths = names.str.len()
    longest = int(lengths.max()) if len(names) else 0
    hidden = [names[lengths > i].str.slice_replace(i, i + 1, "*") for i in range(longest)]
    return pd.concat([names.iloc[:0], *hidden]).astype("str")


def _pairs(keys: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of contacts that share a block: ``left``, ``right``, ``evidence``."""
    within = ["evidence", "key"]
    shared = keys[keys.duplicated(within, keep=False)]
    both = shared.merge(shared, on=within, suffixes=("_left", "_right"))
    both = both[both["row_left"] < both["row_right"]]
    for column in (c for c in AGREE if c in keys):
        left, right = both[f"{column}_left"], both[f"{column}_right"]
        both = both[(left == right) | left.isna() | right.isna()]
    found = both[["row_left", "row_right", "evidence"]].set_axis(
        ["left", "right", "evidence"], axis=1
    )
    return found.drop_duplicates()


def _groups(pairs: pd.DataFrame, n: int) -> np.ndarray:
    """Return the number of the person that each contact is."""
    links = coo_array((np.ones(len(pairs)), (pairs["left"], pairs["right"])), shape=(n, n))
    return connected_components(links, directed=False)[1]


def _by_person(touches: pd.DataFrame, repeats: pd.DataFrame | None) -> pd.DataFrame:
    """Return touches in the order of person, time and department."""
    each = touches.loc[touches["department"].notna(), ["contact_id", "department", "at"]]
    each = each.assign(at=pd.to_datetime(each["at"]))
    if repeats is not None:
        first = repeats.set_index("contact_id")["duplicate_of"]
        each["contact_id"] = each["contact_id"].map(first).fillna(each["contact_id"])
    return each.sort_values(["contact_id", "at", "department"], ignore_index=True)


def _seen(each: pd.DataFrame, days: int) -> pd.Series:
    """Return how many departments touched the person in the days up to each touch."""
    which = pd.get_dummies(each["department"], dtype="float64")
    timed = which.assign(contact_id=each["contact_id"], at=each["at"])
    times = [timed["contact_id"], timed["at"]]
    lately = timed.groupby("contact_id").rolling(f"{days}D", on="at")[[*which.columns]].max()
    seen = pd.Series(lately[[*which.columns]].sum(axis=1).to_numpy(), index=each.index)
    return seen.groupby(times).transform("max").astype("int64")


def _windows(at: pd.Series, days: int) -> float:
    """Return how many windows of `days` there are from the first touch to the last, at least 1."""
    return max(float((at.max() - at.min()) / pd.Timedelta(days=days)), 1.0) if len(at) else 1.0
