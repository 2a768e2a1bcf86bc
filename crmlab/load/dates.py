"""The SQL of dates and times as people write them, in any of the three orders."""

from crmlab.load.source import Form
from crmlab.load.sql import literal
from crmlab.load.text import listed, narrow

YEARS = (1900, 2199)
SEPARATED = {
    "YMD": ("%y-%m-%d", "%Y-%m-%d"),  # %y first: %Y would take 24 for the year 24
    "DMY": ("%d-%m-%y", "%d-%m-%Y"),
    "MDY": ("%m-%d-%y", "%m-%d-%Y"),
}
NAMED_MONTHS = (
    "%d-%b-%y", "%d-%b-%Y", "%d-%B-%y", "%d-%B-%Y", "%b-%d-%y", "%b-%d-%Y", "%B-%d-%y",
    "%B-%d-%Y", "%Y-%b-%d",
)  # fmt: skip
CLOCKS = ("", " %H:%M:%S", " %H:%M", " %H:%M:%S.%f", " %I:%M:%S %p", " %I:%M %p")


def written(cell: str, form: Form) -> str:
    """Return the SQL of a written date or time; the forms that are quick to read come first."""
    if form.date_format:
        return _plausible(f"try_strptime({cell}, {literal(form.date_format)})")
    pattern, places = _turned(form)
    turned = f"rtrim(regexp_replace({cell}, {pattern}, {literal(places)}))"
    return (
        f"CASE WHEN regexp_matches({cell}, '^(?:19|20|21)\\d\\d[-/]\\d\\d?[-/]\\d') "
        f"THEN {_iso(cell, form.time_zone)} "
        f"WHEN NOT regexp_matches({cell}, '[0-9０-９]') THEN NULL "
        f"WHEN regexp_full_match({cell}, '\\d{{5,}}(?:\\.\\d+)?') "
        f"THEN {_digits(cell, form)} "
        f"ELSE coalesce(CASE WHEN regexp_matches({cell}, {pattern}) THEN "
        f"try_cast({turned} AS TIMESTAMP) END, {_parted(cell, form)}) END"
    )


def _plausible(when: str) -> str:
    """Return the time, null outside of the years that can be meant."""
    first, last = YEARS
    return f"CASE WHEN year({when}) BETWEEN {first} AND {last} THEN {when} END"


def _iso(cell: str, zone: str) -> str:
    """Return the SQL of 2024-03-05, with / too; a zone counts only where the source names one."""
    when = f"try_cast({cell} AS TIMESTAMP)"
    utc = f"regexp_replace({cell}, '(?i)\\s*(?:Z|UTC|GMT)$', '+00:00')"
    zoned = f"regexp_replace({utc}, '\\s*([+-]\\d\\d):?(\\d\\d)$', '\\1:\\2')"
    ends = literal(r"(?i).{10}.*(?:[+-]\d\d:?\d\d|Z|UTC|GMT)")
    moved = f"timezone({literal(zone)}, try_cast({zoned} AS TIMESTAMPTZ))"
    clock = rf"regexp_replace({zoned}, '[+-]\d\d:\d\d$', '')"
    return (
        f"CASE WHEN length({cell}) > 15 AND regexp_full_match({cell}, {ends}) "
        f"THEN {moved if zone else f'try_cast({clock} AS TIMESTAMP)'} ELSE {when} END"
    )


def _turned(form: Form) -> tuple[str, str]:
    """Return the pattern of a date with four digits for the year, and its parts in ISO order."""
    year, other = r"((?:19|20|21)\d\d)", r"(\d\d?)"
    parts, places = {
        "YMD": ((year, other, other), r"\1-\2-\3 "),
        "DMY": ((other, other, year), r"\3-\2-\1 "),
        "MDY": ((other, other, year), r"\3-\1-\2 "),
    }[form.date_order]
    between = rf"^{parts[0]} ?[年/.-] ?{parts[1]} ?[月/.-] ?{parts[2]}日?[ T]*"
    return literal(between), places


def _parted(cell: str, form: Form) -> str:
    """Return the SQL of a date in three parts, with a month's name or two digits for the year."""
    days = SEPARATED[form.date_order]
    every = [d + c for d in (*days, *NAMED_MONTHS, *SEPARATED["YMD"]) for c in CLOCKS]
    formats = listed(tuple(dict.fromkeys(every)))
    return _plausible(f"try_strptime({_dashed(cell)}, [{formats}])")


def _dashed(cell: str) -> str:
    """Return a date's text as 5-Mar-2024 or 2024-3-5, one space before its clock."""
    part, sign = r"([A-Za-z]+|\d+)(?:st|nd|rd|th)?", r"\s*[\s,./年月-]\s*"
    steps = (
        (r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", ""),
        (rf"^{part}{sign}{part}{sign}(\d+)\s*日?[T\s,]*", r"\1-\2-\3 "),
        (r"^(\d{4})\s*[年./-]\s*(\d{1,2})\s*月?$", r"\1-\2-1"),
        (r"\s*[点时](\d+)分?(?:(\d+)秒)?$", r":\1:0\2"),
        (r"\s+$", ""),
    )
    text = narrow(cell)
    for pattern, instead in steps:
        text = f"regexp_replace({text}, {literal(pattern)}, {literal(instead)})"
    return text


def _digits(cell: str, form: Form) -> str:
    """Return the SQL of dates in digits: 20240305, Excel's day numbers, seconds since 1970."""
    number = f"try_cast({cell} AS DOUBLE)"
    serial = (
        f"TIMESTAMP '1899-12-30' + to_microseconds((round({number} * 86400) * 1000000)::BIGINT)"
    )
    zone = literal(form.time_zone or "UTC")
    arms = {
        r"[2-7]\d{4}(?:\.\d+)?": serial,
        r"(?:19|20|21)\d{4}": f"try_strptime({cell} || '01', '%Y%m%d')",
        r"(?:19|20|21)\d{6}": f"try_strptime({cell}, '%Y%m%d')",
        r"(?:19|20|21)\d{10}": f"try_strptime({cell}, '%Y%m%d%H%M')",
        r"(?:19|20|21)\d{12}": f"try_strptime({cell}, '%Y%m%d%H%M%S')",
        r"1\d{9}": f"timezone({zone}, to_timestamp({number}))",
        r"1\d{12}": f"timezone({zone}, to_timestamp({number} / 1000))",
    }
    whens = " ".join(
        f"WHEN regexp_full_match({cell}, {literal(pattern)}) THEN {value}"
        for pattern, value in arms.items()
    )
    return f"CASE {whens} END"
