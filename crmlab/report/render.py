"""An executed notebook → one offline HTML file, in one language."""

import base64
import html
import io
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from crmlab.concepts import concept_links, glossary_html, headings
from crmlab.lang import LOCALES, Lang, day, say, term
from crmlab.page import MEDIA
from crmlab.page.form import table_html, table_of
from crmlab.page.safe import any_small, note
from crmlab.report.execute import Job, Outcome
from crmlab.report.notebooks import in_language, tags

TEMPLATES = Path(__file__).parents[1] / "template"
FONT = Path(__file__).parents[1] / "fonts" / "NotoSansCJKsc-GB2312.otf"


def render(
    job: Job, outcome: Outcome, provenance: pd.DataFrame, since: Mapping[str, str] | None = None
) -> str:
    """Return the report's HTML: page one first, prose of one language, code behind a switch.

    Parameters
    ----------
    job, outcome : Job, Outcome
        What was asked for and what became of it.
    provenance : DataFrame
        Columns ``item`` and ``what``: what a reader needs to make the report again.
    since : mapping, optional
        What to say of key figures, by name: how they changed since the last run.
    """
    node = _prepared(job, outcome)
    _add_changes(node, since or {})
    body, _ = _exporter(job.lang).from_notebook_node(
        node,
        resources={
            "lang": job.lang,
            "locale": LOCALES[job.lang].replace("_", "-"),
            "title": job.title,
            "status": outcome.status,
            "told": say(job.lang, en=outcome.en, zh=outcome.zh),
            "provenance": table_html(provenance.set_index("item"), job.lang),
            "when": " · ".join(filter(None, [*job.told, _when(outcome.node, job.lang)])),
            "glossary": glossary_html(job.notebook.concepts, job.lang),
            "css": css(),
            "say": lambda **words: say(job.lang, **words),
            "term": lambda code: term(code, job.lang),
        },
    )
    if job.lang == "zh":
        return with_font(body)
    return with_font(body, above="\u2e7f", code=False)  # names may be Chinese on an English page


def handed_over(node: Any, kind: str) -> list[dict[str, Any]]:
    """Return what the notebook handed over of a kind (see `crmlab.page`), in order."""
    outputs = (o for c in node.cells if c.cell_type == "code" for o in c.outputs)
    found = (o.get("data", {}).get(MEDIA) for o in outputs)
    return [dict(each) for each in found if each and each["kind"] == kind]


@cache
def css() -> str:
    """Return the style sheet that reports and index share."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def with_font(page: str, *, above: str = "\u2000", code: bool = True) -> str:
    """Return a page with the glyphs of our Chinese font that it uses, if it uses any.

    Characters up to `above`, and without `code` what stands in code cells, are left to the
    reader's fonts.
    """
    unseen = "<style.*?</style>|<[^>]*>" if code else "<style.*?</style>|<pre.*?</pre>|<[^>]*>"
    text = html.unescape(re.sub(unseen, "", page, flags=re.DOTALL))
    if not (used := frozenset(c for c in text if c > above)):
        return page
    woff2 = base64.b64encode(_subset(used))
    face = (
        '@font-face{font-family:"Crmlab";font-display:block;'
        f'src:url(data:font/woff2;base64,{woff2.decode()}) format("woff2")}}'
    )
    return page.replace("/*font*/", face, 1)


def _subset(characters: frozenset[str]) -> bytes:
    """Return the font with just these characters, as WOFF2; the same bytes each time."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(FONT, recalcTimestamp=False)
    subsetter = subset.Subsetter(subset.Options(layout_features=[], notdef_outline=True))
    subsetter.populate(text="".join(sorted(characters)))
    subsetter.subset(font)
    font.flavor = "woff2"
    packed = io.BytesIO()
    font.save(packed)
    return packed.getvalue()


def _prepared(job: Job, outcome: Outcome) -> Any:
    """Return the notebook with one language's prose, page one first, up to where it stopped."""
    kept = [
        cell
        for cell in _with_concepts(job, outcome.node.cells)
        if in_language(cell, job.lang) and "injected-parameters" not in tags(cell)
    ]
    stop = next((n for n, c in enumerate(kept) if _errors(c)), len(kept) - 1)
    kept = [_without_errors(cell) for cell in kept[: stop + 1]]
    first = next((n for n, c in enumerate(kept) if c.cell_type == "markdown"), -1) + 1
    top = [c for c in kept[first:] if "headline" in tags(c)]
    rest = [c for c in kept[first:] if "headline" not in tags(c)]
    node = nbformat.from_dict(dict(outcome.node))
    node.cells = [*kept[:first], *top, *rest]
    return node


def _with_concepts(job: Job, cells: list[Any]) -> list[Any]:
    """Return the cells with links below headings to the definitions of what is shown there.

    The map of concepts names English headings; the Chinese cell follows the English one.
    """
    places = headings(job.notebook.concepts, job.notebook.name)
    found, links = [], ""
    for cell in cells:
        if cell.cell_type == "markdown" and "en" in tags(cell):
            heading = re.match(r"#+ +(.+)", cell.source)
            ids = places.get(_anchor(heading[1]), []) if heading else []
            links = concept_links(ids, job.lang)
        if links and cell.cell_type == "markdown" and in_language(cell, job.lang):
            first, _, rest = cell.source.partition("\n")
            cell = nbformat.from_dict({**cell, "source": f"{first}\n\n{links}\n{rest}"})
            links = ""
        found.append(cell)
    return found


def _anchor(heading: str) -> str:
    """Return the id of a heading: its text without tags, with hyphens for spaces."""
    return re.sub(r"\s+", "-", re.sub(r"<[^>]+>", "", heading).strip())


def _add_changes(node: Any, since: Mapping[str, str]) -> None:
    """Write below each key figure how it changed."""
    for output in (o for c in node.cells if c.cell_type == "code" for o in c.outputs):
        handed = output.get("data", {}).get(MEDIA) or {}
        if handed.get("kind") == "figure" and handed["name"] in since:
            told = f'<small class="change">{html.escape(since[handed["name"]])}</small>'
            card, end, rest = output["data"]["text/html"].rpartition("</div></div>")
            output["data"]["text/html"] = f"{card}{told}{end}{rest}"


def _when(node: Any, lang: Lang) -> str:
    """Return what the report is about: the source, and the last day seen."""
    told = [each for page in handed_over(node, "source") for each in page["sources"]]
    if not told:
        return ""
    until = max(each["as_of"] for each in told)
    if not until:
        return str(told[-1]["source"])
    last = day(date.fromisoformat(until), lang)
    return say(
        lang, en=f"{told[-1]['source']}, data to {last}", zh=f"{told[-1]['source']}，数据截至{last}"
    )


def _errors(cell: Any) -> bool:
    return cell.cell_type == "code" and any(o.output_type == "error" for o in cell.outputs)


def _without_errors(cell: Any) -> Any:
    """Leave out tracebacks, which may carry customers' values, and what went to stderr."""
    if cell.cell_type == "code":
        cell.outputs = [
            o for o in cell.outputs if o.output_type != "error" and o.get("name") != "stderr"
        ]
    return cell


def _exporter(lang: Lang) -> Any:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    exporter.register_filter("markdown2html", _markdown)
    exporter.register_filter("contents", _contents)
    exporter.register_filter("numbers", lambda handed: _numbers(handed, lang))
    return exporter


def _markdown(source: str) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class WithMathml(IPythonRenderer):
        def heading(self, text: str, level: int, **_: Any) -> str:
            return f'<h{level} id="{html.escape(_anchor(text))}">{text}</h{level}>\n'

        def block_math(self, body: str) -> str:
            return f'<div class="math" tabindex="0">{_mathml(body, "block")}</div>'

        def inline_math(self, body: str) -> str:
            return _mathml(body, "inline")

    return MarkdownWithMath(renderer=WithMathml(escape=False, exclude_anchor_links=True)).render(
        source
    )


def _mathml(body: str, display: str) -> str:
    from latex2mathml.converter import convert

    return convert(body.strip(), display=display)


def _contents(body: str) -> list[tuple[str, str]]:
    """Return the second-level headings of a page: id and text."""
    found = re.findall(r'<h2[^>]*id="([^"]+)"[^>]*>(.*?)</h2>', body, flags=re.DOTALL)
    return [(anchor, re.sub(r"<[^>]+>", "", text).strip()) for anchor, text in found]


def _numbers(handed: dict[str, Any] | None, lang: Lang) -> str:
    """Return the table behind a chart, folded away; nothing if the chart has none."""
    if not handed or "data" not in handed:
        return ""
    rows = table_of(handed["data"])
    shown, total = len(rows), handed["rows"]
    summary = say(lang, en="The numbers behind this chart", zh="图中的数据")
    if total > shown:
        summary += say(
            lang, en=f": first {shown} of {total:,}", zh=f"：{total:,} 行中的前 {shown} 行"
        )
    unsaid = f"<small>{note(lang)}</small>" if any_small(rows) else ""
    told = table_html(rows, lang, units=handed["units"], index=False)
    inner = f'<div class="crm-table" tabindex="0">{told}{unsaid}</div>'
    return f"<details><summary>{summary}</summary>{inner}</details>"
