"""What a page says of where its numbers come from: sources, days, the quality ledger."""

import html
from collections.abc import Sequence
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


def cards(sources: Sequence[Source], lang: Lang) -> str:
    """Return what is told of tables: source, rows and days, and the ledger of each.

    Those of one source of which all rows were used share a card: there is no more to say.
    """
    shown: list[str] = []
    whole: dict[tuple[str, str], list[str]] = {}
    for lines in sources:
        ledger = lines.ledger.set_index("reason")
        if set(ledger.index) == {"rows_read", "rows_used"}:
            whole.setdefault((lines.source, lines.where), []).append(_told(lines, lang))
        else:
            table = form.table_html(ledger, lang, units={"amount": f"{lines.currency} exact"})
            shown.append(_card(lines.source, lines.where, _told(lines, lang), table, lang))
    used = say(lang, en="All rows were used.", zh="所有行均已使用。")
    shown += [
        _card(*of, say(lang, en="; ", zh="；").join(tables), f"<p><small>{used}</small></p>", lang)
        for of, tables in whole.items()
    ]
    return "".join(shown)


def _card(source: str, where: str, tables: str, below: str, lang: Lang) -> str:
    told = [f"<b>{html.escape(source)}</b>", html.escape(word(where, lang, form.LONGEST)), tables]
    return f'<div class="crm-source"><p>{" · ".join(filter(None, told))}</p>{below}</div>'


def _told(lines: Source, lang: Lang) -> str:
    """Return a table's name, how many rows it has, and from when to when."""
    name = html.escape(term(f"{lines.name}_table", lang))
    rows = say(lang, en=f"{lines.rows:,} rows", zh=f"{lines.rows:,} 行")
    days = ""
    if lines.first_day and lines.as_of:
        days = f"{day(lines.first_day, lang)} – {day(lines.as_of, lang)}"
    return " · ".join(filter(None, [name, rows, days]))
