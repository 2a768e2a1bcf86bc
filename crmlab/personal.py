"""Personal data in columns: phone numbers, identity cards, e-mail addresses, bank cards.

Only shares are told, never a value. Masked values such as 138****1234 count too.
"""

import re
from collections.abc import Callable
from datetime import date

import pandas as pd

# Share of a column's values from which it is said to hold some: e-mail addresses and identity
# cards are sure, but 7 % of random numbers of 11 digits look like mobiles and 10 % of long ones
# like bank cards.
LEAST = {"id_card": 0.02, "email": 0.02, "phone": 0.2, "bank_card": 0.5}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d[\d*]{4}\d{4}")
_LANDLINE = re.compile(r"0\d{2,3}-\d{7,8}(?:-\d{1,5})?")
_ABROAD = re.compile(r"\+\d{8,15}")
_EMAIL = re.compile(r"[\w.+*-]+@[\w-]+(?:\.[\w-]+)+")
_CARD = re.compile(r"\d{16,19}")
_OLD_ID = re.compile(r"\d{15}")
_ID = re.compile(r"\d{6}[\d*]{8}\d{3}[\dXx]")


def kinds(values: pd.Series) -> dict[str, float]:
    """Return the share of a column's values that are personal data, by kind.

    Parameters
    ----------
    values : Series of text
        The column, or a sample of it; missing values do not count.

    Returns
    -------
    dict
        ``phone``, ``id_card``, ``email``, ``bank_card`` → share from 0 to 1, of those that
        reach `LEAST`.

    References
    ----------
    GB 11643-1999, Citizen identification number; ISO/IEC 7812-1, the Luhn check.
    """
    texts = values.dropna().astype(str).str.normalize("NFKC").str.strip()
    if texts.empty:
        return {}
    found: dict[str, float] = {}
    left = texts
    for kind, is_one in _KINDS.items():
        hit = left.map(is_one).astype(bool)
        share = float(hit.sum()) / len(texts)
        if share >= LEAST[kind]:
            found[kind] = share
        left = left[~hit]
    return found


def is_id_card(text: str) -> bool:
    """Return whether a text is a Chinese identity number: 18 characters with their check, or 15.

    >>> is_id_card("11010519491231002X"), is_id_card("110105194912310021")
    (True, False)
    """
    if _OLD_ID.fullmatch(text):
        return _is_day(f"19{text[6:12]}")
    if not _ID.fullmatch(text):
        return False
    if "*" in text:
        return True
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return _is_day(text[6:14]) and _CHECKS[total % 11] == text[17].upper()


def is_phone(text: str) -> bool:
    """Return whether a text is a phone number: a Chinese mobile or landline, or one with +."""
    bare = re.sub(r"[\s()（）-]", "", text)
    return bool(_MOBILE.fullmatch(bare) or _LANDLINE.fullmatch(text) or _ABROAD.fullmatch(bare))


def is_bank_card(text: str) -> bool:
    """Return whether a text is a card number: 16 to 19 digits that pass the Luhn check."""
    bare = re.sub(r"[\s-]", "", text)
    if not _CARD.fullmatch(bare):
        return False
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(bare))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def is_email(text: str) -> bool:
    """Return whether a text is an e-mail address."""
    return bool(_EMAIL.fullmatch(text))


def _is_day(text: str) -> bool:
    try:
        return 1900 <= date(int(text[:4]), int(text[4:6]), int(text[6:])).year <= 2100
    except ValueError:
        return False


_KINDS: dict[str, Callable[[str], bool]] = {
    "id_card": is_id_card, "phone": is_phone, "email": is_email, "bank_card": is_bank_card,
}  # fmt: skip
