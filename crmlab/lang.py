"""Two languages: sentences, numbers, money and dates in the reader's form."""

import csv
import locale
import math
import os
from datetime import date
from functools import cache
from typing import Literal, get_args

from babel import Locale, dates, numbers

from crmlab.home import home

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = get_args(Lang)
LOCALES: dict[Lang, str] = {"en": "en_US", "zh": "zh_CN"}


@cache
def _locale(lang: Lang) -> Locale:
    """Return the locale, looked up once: by its name, each number of a chart takes half a ms."""
    return Locale.parse(LOCALES[lang])


def say(lang: Lang, *, en: str, zh: str) -> str:
    """Return the sentence in `lang`; both must be given, so none is forgotten.

    >>> say("zh", en="customers", zh="客户")
    '客户'
    """
    return {"en": en, "zh": zh}[lang]


def spoken() -> Lang:
    """Return the language of the user's locale: Chinese if it says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def significant(value: float, digits: int = 4) -> float:
    """Round to `digits` significant digits, so that shown numbers are comparable.

    >>> significant(0.0123456), significant(1234567.0)
    (0.01235, 1235000.0)
    """
    if not math.isfinite(value) or value == 0:
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def number(value: float, lang: Lang, *, digits: int = 4) -> str:
    """Return a number as text: whole counts exactly, the rest to `digits` digits.

    >>> number(23570, "en"), number(0.242595, "zh"), number(float("nan"), "en")
    ('23,570', '0.2426', '–')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if float(value).is_integer() and abs(value) < 1e15:
        return _minus(numbers.format_decimal(int(value), "#,##0", _locale(lang)))
    if abs(value) < 1e-4:
        return "<0.0001" if value > 0 else ">−0.0001"
    shown = significant(float(value), digits)
    return _minus(numbers.format_decimal(shown, "#,##0.##########", _locale(lang)))


def percent(value: float, lang: Lang, *, decimals: int = 1) -> str:
    """Return a share from 0 to 1 as a percentage.

    >>> percent(0.5114, "en"), percent(1, "zh", decimals=0)
    ('51.1%', '100%')
    """
    if not math.isfinite(value):
        return "–"
    pattern = f"#,##0.{'0' * decimals}%" if decimals else "#,##0%"
    rounded = round(value, decimals + 2) + 0.0  # no minus before a zero
    return _minus(numbers.format_percent(rounded, pattern, _locale(lang)))


def money(value: float, currency: str, lang: Lang, *, exact: bool = False) -> str:
    """Return an amount with its currency: to the cent if `exact`, else to 4 digits.

    >>> money(35.17, "USD", "en"), money(2500315.63, "USD", "zh")
    ('$35.17', 'US$2,500,000')
    >>> money(2500315.63, "USD", "en", exact=True)
    '$2,500,315.63'
    """
    if not math.isfinite(value):
        return "–"
    shown = value if exact else significant(float(value))
    pattern = "¤#,##0.00" if exact or abs(shown) < 100 else "¤#,##0"
    told = numbers.format_currency(shown, currency, pattern, _locale(lang), currency_digits=False)
    return _minus(told)


def interval(low: str, high: str, lang: Lang) -> str:
    """Return a 95 % interval in brackets; its ends are told as the number before it is.

    >>> interval("1.2", "3.4", "en"), interval("1.2", "3.4", "zh")
    ('(95% interval 1.2 to 3.4)', '（95% 区间 1.2 至 3.4）')
    """
    return say(lang, en=f"(95% interval {low} to {high})", zh=f"（95% 区间 {low} 至 {high}）")


def _minus(text: str) -> str:
    """Return a number's text with a minus sign in place of the hyphen."""
    return text.replace("-", "−")


def day(value: date, lang: Lang) -> str:
    """Return a date in words.

    >>> from datetime import date
    >>> day(date(1998, 6, 30), "en"), day(date(1998, 6, 30), "zh")
    ('Jun 30, 1998', '1998年6月30日')
    """
    return dates.format_date(value, {"en": "medium", "zh": "long"}[lang], _locale(lang))


@cache
def glossary() -> dict[str, dict[str, str]]:
    """Return code → its English and Chinese term.

    The codes of ``data/glossary.csv``, and the course's concepts by their ids, from
    ``data/concepts.csv``. Why a row was left out is said of any column by its own word:
    ``no_`` and ``bad_`` with the column's code.
    """
    words = {row["code"]: {"en": row["en"], "zh": row["zh"]} for row in _rows("glossary.csv")}
    concepts = {
        row["id"]: {"en": row["term_en"], "zh": row["term_zh"]} for row in _rows("concepts.csv")
    }
    return concepts | _reasons(words) | words


def _reasons(words: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return the words for an empty cell and for one that cannot be read, of every code."""
    empty, unreadable = (
        ("Left out: {} empty", "剔除：{}为空"),
        ("Left out: {} unreadable", "剔除：{}无法识别"),
    )
    return {
        f"{start}_{code}": {"en": en.format(word["en"]), "zh": zh.format(word["zh"])}
        for start, (en, zh) in (("no", empty), ("bad", unreadable))
        for code, word in words.items()
    }


def _rows(name: str) -> list[dict[str, str]]:
    with open(home() / "data" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def word(text: str, lang: Lang, longest: int = 40) -> str:
    """Return the word for a code; a text that the data brought as it is, cut to fit.

    >>> word("customers", "zh"), word("华东", "en"), word("x" * 99, "en", 5)
    ('客户数', '华东', 'xxxx…')
    """
    if text in glossary():
        return glossary()[text][lang]
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def term(code: str, lang: Lang) -> str:
    """Return the word for a code, or for a concept's id, as the glossary has it.

    >>> term("days_since_last", "en"), term("days_since_last", "zh"), term("A1.02", "zh")
    ('Days since last purchase', '距上次购买天数', 'ABC分类法')
    """
    if code not in glossary():
        raise KeyError(f"no term for {code!r} in data/glossary.csv")
    return glossary()[code][lang]
