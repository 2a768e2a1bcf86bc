"""Personal data in columns: phone numbers, identity cards, e-mail addresses, bank cards.

Only shares are told, never a value. Masked values such as 138****1234 count too.
"""

import re
from collections.abc import Callable
from datetime import date

import pandas as pd

# Share of a column's values from which it is said to hold some: e-mail addresses and identity
# cards are sure, but 8 % of random numbers of 11 digits look like mobiles and 10 % of long ones
# like bank cards.
LEAST = {"id_card": 0.02, "email": 0.02, "phone": 0.2, "bank_card": 0.5}
OLD_LEAST = 0.5  # old identity numbers have no check: 1 % of random numbers look like them
VALID_LEAST = 0.5  # of numbers in the form of identity cards; 9 % of others pass the check
FEWEST = 8  # digits or stars of a phone number abroad; all others but e-mail addresses have more
MANY, SPAN = 20, 1_000_000  # so many mobiles never lie so close together; numbers in a row do
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d[\d*]{4}\d{4}")
_LANDLINE = re.compile(r"\(?0(?:10|2\d|[3-9]\d{2})\)?[ -]?\d{3,4}[ -]?\d{4}(?:[ -]\d{1,5})?")
_ABROAD = re.compile(r"\+\d{8,15}")
_EMAIL = re.compile(r"[\w.+*-]+@[\w-]+(?:\.[\w-]+)+")
_CARD = re.compile(r"[2-9]\d{15,18}")
_OLD_ID = re.compile(r"\d{15}")
_ID = re.compile(r"\d{6}[\d*]{8}\d{3}[\dXx]")
_APART = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
_ID_INSIDE = re.compile(_APART.format(r"\d{17}[\dXx]"))
_MOBILE_INSIDE = re.compile(_APART.format(r"1[3-9]\d{9}"))


def kinds(values: pd.Series) -> dict[str, float]:
    """Return the share of a column's values that are personal data, by kind.

    Parameters
    ----------
    values : Series of text
        The column, or a sample of it; missing and empty values do not count.

    Returns
    -------
    dict
        ``id_card``, ``phone``, ``email``, ``bank_card`` → share from 0 to 1, of those that
        reach `LEAST`. A value counts once; a text counts if it holds one.

    References
    ----------
    GB 11643-1999, Citizen identification number; ISO/IEC 7812-1, the Luhn check.
    """
    texts = values.dropna().astype(str).str.normalize("NFKC").str.strip()
    left = texts = texts[texts != ""]
    found: dict[str, float] = {}
    if not (texts.str.contains("@", regex=False) | (texts.str.count(r"[\d*]") >= FEWEST)).any():
        return found
    for kind, hits in _KINDS.items():
        hit = hits(left)
        share = float(hit.sum()) / max(len(texts), 1)
        if share >= LEAST[kind]:
            found[kind] = share
        left = left[~hit]
    return found


def _each(texts: pd.Series, is_one: Callable[[str], object]) -> pd.Series:
    return pd.Series([bool(is_one(text)) for text in texts], index=texts.index, dtype=bool)


def _id_cards(texts: pd.Series) -> pd.Series:
    """Return which are identity cards; numbers that mostly fail the check are none."""
    new = _each(texts, lambda t: not _OLD_ID.fullmatch(t) and is_id_card(t))
    if new.sum() < VALID_LEAST * _each(texts, _ID.fullmatch).sum():
        new = new & False
    inside = _each(texts, lambda t: not _ID.fullmatch(t) and _holds_id_card(t))
    old = _each(texts, lambda t: _OLD_ID.fullmatch(t) and is_id_card(t))
    return new | inside | (old & (old.mean() >= OLD_LEAST))


def _holds_id_card(text: str) -> bool:
    return any(is_id_card(found) for found in _ID_INSIDE.findall(text))


def _phones(texts: pd.Series) -> pd.Series:
    """Return which are phone numbers; bare ones close together are numbers in a row."""
    phones = _each(texts, lambda t: is_phone(t) or (not t.isdigit() and _MOBILE_INSIDE.search(t)))
    bare = phones & texts.str.isdigit()
    numbers = texts[bare].str[-11:].astype("int64")
    is_row = len(numbers) >= MANY and numbers.max() - numbers.min() < SPAN
    return phones & ~bare if is_row else phones


def is_id_card(text: str) -> bool:
    """Return whether a text is a Chinese identity number: 18 characters with their check, or 15.

    >>> is_id_card("11010519491231002X"), is_id_card("110105194912310021")
    (True, False)
    """
    if not _PROVINCE.match(text):
        return False
    if _OLD_ID.fullmatch(text):
        return _is_day(f"19{text[6:12]}")
    if not _ID.fullmatch(text):
        return False
    if "*" in text:
        return True
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return _is_day(text[6:14]) and _CHECKS[total % 11] == text[17].upper()


def is_phone(text: str) -> bool:
    """Return whether a text is a phone number: a Chinese mobile or landline, or one with +.

    A landline written without any sign between its parts is taken for a mere number.

    >>> is_phone("138 1234 5678"), is_phone("(010) 6552 9988"), is_phone("01065529988")
    (True, True, False)
    """
    bare = re.sub(r"[\s()-]", "", text)
    landline = not text.isdigit() and _LANDLINE.fullmatch(text.replace(") ", ")"))
    return bool(_MOBILE.fullmatch(bare) or landline or _ABROAD.fullmatch(bare))


def is_bank_card(text: str) -> bool:
    """Return whether a text is a card number: 16 to 19 digits that pass the Luhn check.

    >>> is_bank_card("6222 0200 0000 0000 000"), is_bank_card("4111111111111112")
    (True, False)
    """
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


_KINDS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "id_card": _id_cards,
    "phone": _phones,
    "email": lambda texts: _each(texts, _EMAIL.search),
    "bank_card": lambda texts: _each(texts, is_bank_card),
}
