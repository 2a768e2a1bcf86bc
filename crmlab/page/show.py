"""How a notebook hands over to its report.

Each function shows something in the notebook and adds the same, as data, under the
media type `MEDIA`: the runner builds page one, the index and comparisons from it. Call
`use` first. Names are codes of the glossary; text from data is escaped.
"""

import html
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmlab.errors import Finding, NotEnough
from crmlab.lang import Lang, say, term
from crmlab.page import form, hand, lists, picture, safe
from crmlab.page.hand import MEDIA
from crmlab.page.sources import Source, cards, footing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_ROWS = 10
CHART_ROWS = 200

_lang: Lang = "en"
_footer = ""


def use(lang: Lang) -> None:
    """Speak `lang` on the rest of the page, and forget the last page's source."""
    global _lang, _footer
    _lang, _footer = lang, ""


def headline(text: str) -> None:
    """Show the page's one sentence: number and action, with ``**bold**`` if wanted."""
    _show("headline", f'<p class="crm-headline">{form.inline(text)}</p>', text=text)


def sentence(text: str) -> None:
    """Show a computed sentence or a list, in Markdown."""
    _show("sentence", f'<div class="crm-sentence">{form.paragraphs(text)}</div>', text=text)


def figure(
    name: str,
    value: float,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
) -> None:
    """Show a key figure with its 95 % interval.

    Parameters
    ----------
    name : str
        A code of the glossary; it stays the same from run to run.
    value, low, high : float
        The estimate and its interval; a mere count has none.
    unit : str
        ``"share"`` (0 to 1, shown as a percentage), a currency such as ``"USD"``,
        a code of the glossary such as ``"weeks"``, or nothing.
    """
    interval = ""
    if low is not None and high is not None:
        told = f"{term('interval', _lang)} {between(low, high, unit)}"
        interval = f"<small>{html.escape(told)}</small>"
    _show(
        "figure",
        f'<div class="crm-figure"><span>{html.escape(term(name, _lang))}</span>'
        f"<b>{html.escape(shown(value, unit))}</b>{interval}</div>",
        name=name,
        value=form.plain(value),
        low=form.plain(low),
        high=form.plain(high),
        unit=unit,
    )


def shown(value: Any, unit: str = "") -> str:
    """Return a value as the page shows it (see `crmlab.page.form.shown`)."""
    return form.shown(value, unit, _lang)


def between(low: float, high: float, unit: str = "") -> str:
    """Return an interval as the page shows it."""
    return form.between(low, high, unit, _lang)


def table(
    rows: pd.DataFrame,
    name: str,
    *,
    units: Mapping[str, str] | None = None,
    intervals: Mapping[str, tuple[str, str]] | None = None,
    index: bool = True,
    counts: bool = False,
    whole: pd.DataFrame | None = None,
) -> None:
    """Show at most `SHOWN_ROWS` rows of a table, and say how many there are.

    Ids of people are shown as pseudonyms, values of a handful of customers not at all.

    Parameters
    ----------
    rows : DataFrame
        Columns and categories are codes, shown by the glossary's words.
    name : str
        The table's code in the glossary: its caption.
    units : mapping, optional
        Column → unit, as in `figure`.
    intervals : mapping, optional
        Column → the columns of its lower and upper 95 % limit, which are then
        shown as one, beside it.
    index : bool
        Whether the index is shown as the first column.
    counts : bool
        Whether all numbers count customers, as in a cross-table.
    whole : DataFrame, optional
        What an export holds in place of `rows`, such as the customers behind a summary.
    """
    all_units = _with_limits(units or {}, intervals or {})
    cut, small = safe.shown(rows.head(SHOWN_ROWS), counts=counts, units=all_units)
    notes = [safe.note(_lang)] if small else []
    if len(rows) > len(cut):
        more = say(
            _lang,
            en=f"{len(cut)} of {len(rows):,} rows",
            zh=f"共 {len(rows):,} 行，显示 {len(cut)} 行",
        )
        notes.insert(0, more)
    note = f"<small>{' · '.join(notes)}</small>" if notes else ""
    merged = form.merged(cut, intervals or {}, units or {}, _lang)
    body = form.table_html(merged, _lang, units=units, index=index, caption=term(name, _lang))
    _show(
        "table",
        f'<div class="crm-table" tabindex="0">{body}{note}</div>',
        name=name,
        rows=len(rows),
        data=form.columns(cut),
        **({"counts": True} if counts else {}),
        frame=rows if whole is None else whole,
        frame_units=all_units,
    )


def chart(
    ax: "Axes",
    name: str,
    alt: str = "",
    data: pd.DataFrame | None = None,
    units: Mapping[str, str] | None = None,
) -> None:
    """Show a drawn chart as a picture and close it.

    Parameters
    ----------
    ax : Axes
        Any of the chart's axes; its whole figure is shown.
    name : str
        The chart's code in the glossary.
    alt : str
        What a reader who cannot see the picture should know: kind, axes, finding.
        By default the chart's title, which states the finding, and its axes.
    data : DataFrame, optional
        The numbers drawn, at most `CHART_ROWS` rows of which go into the report.
    units : mapping, optional
        Column of `data` → unit, as in `figure`.
    """
    from matplotlib import pyplot as plt

    figure_ = ax.figure.get_figure(root=True)
    if _footer:
        figure_.text(0.01, -0.01, _footer, fontsize=7, color="0.45", ha="left", va="top")
    alt = alt or picture.described(ax, _lang)
    png = picture.png(figure_)
    plt.close(figure_)
    handed: dict[str, Any] = {"kind": "chart", "name": name, "alt": alt}
    if data is not None:
        shown_rows = form.columns(safe.shown(data.head(CHART_ROWS), units=units)[0])
        handed |= {"rows": len(data), "data": shown_rows, "units": dict(units or {})}
    media = {"image/png": png, "text/plain": f"<chart: {name}>", MEDIA: handed}
    hand.over(media, data, units, metadata={"image/png": {"alt": alt}})


def source(*sources: Source, as_of: date | None = None) -> None:
    """Show where the numbers come from: rows, days, what was left out and why.

    `as_of` is the last day that the page looks at, if that is not the data's last.
    """
    global _footer
    _footer = footing(sources, as_of, _lang)
    _show(
        "source",
        cards(sources, _lang),
        sources=[
            {
                "source": lines.source,
                "table": lines.name,
                "rows": lines.rows,
                "currency": lines.currency,
                "as_of": seen.isoformat() if (seen := as_of or lines.as_of) else "",
                "sha256": lines.sha256,
            }
            for lines in sources
        ],
    )


def findings(found: Iterable[Finding]) -> None:
    """Show whether the data suffice, and stop the page if they do not.

    Raises
    ------
    NotEnough
        If any finding says so, with all of their reasons.
    """
    found = list(found)
    items = "".join(
        f'<li class="crm-{f.level}"><b>{html.escape(term(f.level, _lang))}</b> '
        f"{html.escape(say(_lang, en=f.en, zh=f.zh))}</li>"
        for f in found
    )
    _show(
        "findings",
        f'<ul class="crm-findings">{items}</ul>',
        findings=[{"level": f.level, "code": f.code, "en": f.en, "zh": f.zh} for f in found],
    )
    if lacking := [f for f in found if f.level == "not_enough"]:
        raise NotEnough(en=" ".join(f.en for f in lacking), zh="".join(f.zh for f in lacking))


def _show(
    kind: str,
    markup: str,
    frame: pd.DataFrame | None = None,
    frame_units: Mapping[str, str] | None = None,
    **handed: Any,
) -> None:
    text = f"<{kind}: {handed['name']}>" if "name" in handed else f"<{kind}>"
    # two amounts in dollars are no formula, whatever JupyterLab's MathJax thinks
    markup = f'<div class="tex2jax_ignore mathjax_ignore">{markup}</div>'
    media = {"text/html": markup, "text/plain": text, MEDIA: {"kind": kind, **handed}}
    hand.over(media, frame, frame_units)


def _with_limits(
    units: Mapping[str, str], intervals: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """Return the units of all columns: a limit has its estimate's."""
    limits = {limit: units.get(of, "") for of, both in intervals.items() for limit in both}
    return {**limits, **units}


def target(
    ids: pd.Index, *, segment: str, reason: lists.Reason, action: str, value: pd.Series | float
) -> pd.DataFrame:
    """Return the customers of one action for `campaign` (see `crmlab.page.lists.target`).

    A report shows sums alone: reasons are worded only where the list is handed over.
    """
    why = reason if hand.wanted() else ""
    return lists.target(ids, segment=segment, reason=why, action=action, value=value)


def campaign(parts: Iterable[pd.DataFrame], contact: lists.Contact, currency: str) -> None:
    """Show a campaign list as a summary per action; hand the whole list to an export.

    Parameters
    ----------
    parts : iterable of DataFrame
        From `target`, the most important first.
    contact : Contact
        From `crmlab.customers.may_contact`.
    currency : str
        Of the values at stake.
    """
    rows = lists.listed(parts, contact, named=hand.wanted())
    units = {"value_at_stake": currency}
    told = form.columns(safe.shown(lists.summary(rows), units=units)[0])
    _show(
        "campaign",
        lists.html(rows, contact.known, currency, _lang),
        name="campaign",
        rows=len(rows),
        data=told,
        units=units,
        consent_known=contact.known,
        frame=lists.worded(rows) if hand.wanted() else None,
        frame_units=units,
    )
