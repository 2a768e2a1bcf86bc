"""What a page says of where its numbers come from: sources, days, the quality ledger."""

import html
from datetime import date
from typing import Protocol

import pandas as pd

from crmlab.lang import Lang, day, say, term, word
from crmlab.page import form


class Source(Protocol):
    """What a page says of where its numbers come from (see `crmlab.load.Lines`)."""

    source: str
    name: str
    rows: int
    currency: str
    first_day: date | None
    as_of: date | None
    sha256: str
    ledger: pd.DataFrame
    where: str


def footing(sources: tuple[Source, ...], as_of: date | None, lang: Lang) -> str:
    """Return the line under every chart: which source, how much of it, to which day."""
    last, many = sources[-1], len(sources) > 1
    used = form.number(len(sources) if many else last.rows, lang)
    seen = as_of or last.as_of
    until = day(seen, lang) if seen else ""
    asked = next((each.where for each in sources if each.where), "")
    short = word(asked, lang)
    part = say(lang, en=f" ({short})", zh=f"（{short}）") if asked else ""
    return say(
        lang,
        en=f"Source: {word(last.source, lang)}{part}, {used} {'tables' if many else 'rows'}"
        + (f", to {until}" if until else ""),
        zh=f"来源：{word(last.source, lang)}{part}，{used} {'张表' if many else '行'}"
        + (f"，截至{until}" if until else ""),
    )


def card(lines: Source, lang: Lang) -> str:
    """Return what is told of one table: its source, rows and days, and its ledger."""
    days = ""
    if lines.first_day and lines.as_of:
        days = f"{day(lines.first_day, lang)} – {day(lines.as_of, lang)}"
    told = [
        f"<b>{html.escape(lines.source)}</b>",
        html.escape(word(lines.where, lang, form.LONGEST)),
        html.escape(term(f"{lines.name}_table", lang)),
        say(lang, en=f"{lines.rows:,} rows", zh=f"{lines.rows:,} 行"),
        days,
    ]
    heading = " · ".join(filter(None, told))
    return f'<div class="crm-source"><p>{heading}</p>{_ledger(lines, lang)}</div>'


def _ledger(lines: Source, lang: Lang) -> str:
    """Return the quality ledger as a table; one sentence if all rows were used as they are."""
    ledger = lines.ledger.set_index("reason")
    if set(ledger.index) == {"rows_read", "rows_used"}:
        told = say(lang, en="All rows were used.", zh="所有行均已使用。")
        return f"<p><small>{told}</small></p>"
    return form.table_html(ledger, lang, units={"amount": f"{lines.currency} exact"})
