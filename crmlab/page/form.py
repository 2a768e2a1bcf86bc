"""How values, intervals and tables look on a page, in either language."""

import html
import math
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import numpy as np
import pandas as pd
from markdown_it import MarkdownIt

from crmlab.lang import Lang, day, money, number, percent, say, significant, term, word

LONGEST = 200  # characters of a text that a cell shows
_markdown = MarkdownIt("commonmark", {"html": False})


def inline(text: str) -> str:
    """Return a sentence with Markdown's ``**bold**`` as HTML; anything else is escaped."""
    return _markdown.renderInline(text)


def paragraphs(text: str) -> str:
    """Return Markdown as HTML; HTML in it is escaped."""
    return _markdown.render(text)


def shown(value: Any, unit: str, lang: Lang) -> str:
    """Return a value as the page shows it: codes as words, numbers in their unit.

    `unit` is ``"share"`` (0 to 1, shown as a percentage), a currency such as
    ``"USD"`` (``"USD exact"`` to the cent), a code of the glossary, or nothing.
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return "–"
    if isinstance(value, (bool, np.bool_)):
        return say(lang, en="yes" if value else "no", zh="是" if value else "否")
    if isinstance(value, (date, pd.Timestamp)):
        return day(value, lang)
    if isinstance(value, str) or not np.isscalar(value):
        return word(str(value), lang, LONGEST)
    return _quantity(float(cast("float", value)), unit, lang)


def currency(unit: str) -> str:
    """Return the currency that a unit names; nothing if it is another unit.

    >>> currency("USD exact"), currency("weeks")
    ('USD', '')
    """
    code = unit.removesuffix(" exact")
    return code if len(code) == 3 and code.isupper() else ""


def _quantity(value: float, unit: str, lang: Lang) -> str:
    if math.isnan(value):
        return "–"
    if unit == "share":
        return percent(value, lang)
    if code := currency(unit):
        return money(value, code, lang, exact=unit.endswith("exact"))
    if not unit:
        return number(value, lang)
    return f"{number(value, lang)} {term(unit, lang)}"


def between(low: float, high: float, unit: str, lang: Lang) -> str:
    """Return an interval as the page shows it."""
    lower, upper = shown(low, unit, lang), shown(high, unit, lang)
    if lower == upper and not any(map(str.isdigit, lower)):  # not known, or not to be said
        return lower
    return say(lang, en=f"{lower} to {upper}", zh=f"{lower} 至 {upper}")


def table_html(
    rows: pd.DataFrame,
    lang: Lang,
    *,
    units: Mapping[str, str] | None = None,
    index: bool = True,
    caption: str = "",
) -> str:
    """Return a table as HTML with the glossary's words, everything escaped."""
    units = units or {}

    def label(code: object) -> str:
        known = "interval" if str(code).endswith("_interval") else code
        return html.escape(shown(known, "", lang))

    names = rows.index.names if index else []
    corner = [f'<th scope="col">{label(n)}</th>' if n else "<td></td>" for n in names]
    numeric = [f'<th scope="col"{_aligned(rows[c])}>{label(c)}</th>' for c in rows.columns]
    head = "".join([*corner, *numeric])
    lines = []
    for key, *values in rows.itertuples(name=None):
        keys = (key if isinstance(key, tuple) else (key,)) if index else ()
        cells = [f'<th scope="row">{label(k)}</th>' for k in keys]
        for column, value in zip(rows.columns, values, strict=True):
            text = html.escape(shown(value, units.get(column, ""), lang))
            kind = _kind(column, value)
            cells.append(f"<td{kind}>{text}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _kind(column: object, value: object) -> str:
    if str(column).endswith("_interval"):
        return ' class="i"'
    return "" if isinstance(value, str) else ' class="n"'


def _aligned(column: pd.Series) -> str:
    """Return the class that puts a column's heading over its numbers."""
    return "" if any(isinstance(value, str) for value in column) else ' class="n"'


def merged(
    rows: pd.DataFrame,
    intervals: Mapping[str, tuple[str, str]],
    units: Mapping[str, str],
    lang: Lang,
) -> pd.DataFrame:
    """Return the table with each interval's two columns as one, beside its estimate."""
    for column, (low, high) in intervals.items():
        limits = zip(rows[low], rows[high], strict=True)
        told = [between(lower, upper, units.get(column, ""), lang) for lower, upper in limits]
        rows = rows.drop(columns=[low, high])
        rows.insert(list(rows.columns).index(column) + 1, f"{column}_interval", told)
    return rows


def columns(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a table as JSON can hold it: ``columns`` and their ``values``, in order."""
    flat = rows.reset_index() if rows.index.names != [None] else rows
    values = [[plain(v) for v in flat[name]] for name in flat.columns]
    return {"columns": [str(name) for name in flat.columns], "values": values}


def table_of(handed: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table that `columns` made JSON of."""
    pairs = zip(handed["columns"], handed["values"], strict=True)
    return pd.DataFrame(dict(pairs), dtype=object)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; floats to 4 significant digits."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (date, pd.Timestamp)):
        return value.isoformat()[:10]
    if pd.isna(value):
        return None
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return significant(float(value)) if np.isfinite(value) else str(value)
    return str(value)
