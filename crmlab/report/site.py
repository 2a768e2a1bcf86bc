"""The pages around the reports: the index, and the history of runs."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from crmlab.lang import LANGS, Lang, say
from crmlab.report import history
from crmlab.report.entries import Entry
from crmlab.report.render import css, with_font

TEMPLATES = Path(__file__).parents[1] / "template"
COMPARED = 12  # earlier runs that the history holds a report against


def pages(out: Path, run: str, site: dict[str, Entry]) -> dict[str, str]:
    """Return ``index.html`` and ``history.html`` of a site, to be written into a run's folder."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(["html", "j2"])
    )
    ordered = sorted(site.values(), key=lambda e: (e.order, e.key))
    names = list(dict.fromkeys(e.key.rpartition(".")[0] for e in ordered))
    cards = [[site[f"{n}.{lang}"] for lang in LANGS if f"{n}.{lang}" in site] for n in names]
    earlier = history.past(out)
    lines = {key: _lines(entry, earlier.get(key, [])) for key, entry in site.items()}
    compared = {key: _compared(entry, earlier.get(key, [])) for key, entry in site.items()}
    words: dict[str, Any] = {
        "css": css(),
        "run": run,
        "cards": cards,
        "lines": lines,
        "compared": compared,
        "sources": sorted({entry.source for entry in ordered if entry.source}),
        "say": lambda entry, **told: say(_lang(entry), **told),
    }
    return {
        name: with_font(environment.get_template(f"{name}.j2").render(**words), above="\u2e80")
        for name in ("index.html", "history.html")
    }


def _compared(entry: Entry, earlier: list[Entry]) -> list[tuple[Entry, list[history.Moved]]]:
    """Return what moved since each of the latest earlier reports, the newest first."""
    others = [then for then in reversed(earlier) if then.run != entry.run]
    return [(then, history.moved(entry, then)) for then in others[:COMPARED] if entry.file]


def _lines(entry: Entry, earlier: list[Entry]) -> dict[str, str]:
    """Return a small line of each key figure over the runs of the same request."""
    known = [*history.alike(entry, earlier), entry]
    each = {}
    for figure in entry.figures:
        name = figure["name"]
        values = [f["value"] for e in known for f in e.figures if f["name"] == name]
        label = say(_lang(entry), en=f"over {len(values)} runs", zh=f"{len(values)} 次运行的走势")
        each[name] = history.spark(values, label)
    return each


def _lang(entry: Entry) -> Lang:
    return "zh" if entry.lang == "zh" else "en"
