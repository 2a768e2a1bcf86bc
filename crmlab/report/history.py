"""What earlier runs said: key figures over time, and what moved between two runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from crmlab.lang import Lang, day, percent, say
from crmlab.page.form import currency, shown
from crmlab.report.entries import Entry, entries, runs

MOST = 60  # runs that are looked back on


@dataclass(frozen=True)
class Moved:
    """One key figure of a report in two runs; `beyond` its later 95 % interval, if it has one."""

    name: str
    label: str
    before: str
    after: str
    interval: str
    change: str
    beyond: bool | None


def past(out: Path) -> dict[str, list[Entry]]:
    """Return the good reports of earlier runs, by key, the oldest first.

    A report that a run took over from another is not counted again, and the folders of
    runs that were tidied away are missing.
    """
    found: dict[str, list[Entry]] = {}
    for folder in reversed(runs(out)[:MOST]):
        for key, entry in entries(folder).items():
            if entry.run == folder.name and entry.file:
                found.setdefault(key, []).append(entry)
    return found


def alike(entry: Entry, earlier: list[Entry]) -> list[Entry]:
    """Return the earlier reports that answer the same request, whatever the last day asked for."""
    return [e for e in earlier if e.run != entry.run and _asked(e) == _asked(entry)]


def _asked(entry: Entry) -> dict[str, str]:
    return {name: value for name, value in entry.given.items() if name != "as_of"}


def moved(now: Entry, then: Entry) -> list[Moved]:
    """Return how each key figure that both reports have changed."""
    old = {figure["name"]: figure for figure in then.figures}
    lang: Lang = "zh" if now.lang == "zh" else "en"
    return [
        Moved(
            figure["name"],
            figure["label"],
            old[figure["name"]]["shown"],
            figure["shown"],
            figure.get("interval", ""),
            change(old[figure["name"]], figure, lang),
            _beyond(old[figure["name"]], figure),
        )
        for figure in now.figures
        if figure["name"] in old and figure["unit"] == old[figure["name"]]["unit"]
    ]


def since(now: Entry, then: Entry) -> dict[str, str]:
    """Return what to say of each key figure beside its value, by name."""
    lang: Lang = "zh" if now.lang == "zh" else "en"
    last = day(date.fromisoformat(then.finished[:10]), lang)
    told = {}
    for each in moved(now, then):
        within = say(lang, en=", within its interval", zh="，在区间之内")
        rest = within if each.beyond is False else ""
        told[each.name] = say(
            lang, en=f"{each.change} since {last}{rest}", zh=f"较{last}：{each.change}{rest}"
        )
    return told


def change(then: Mapping[str, Any], now: Mapping[str, Any], lang: Lang) -> str:
    """Return the change of a figure in words: points of a share, else percent."""
    first, second, unit = then["value"], now["value"], now["unit"]
    if first is None or second is None:
        return "–"
    if first == second:
        return say(lang, en="unchanged", zh="不变")
    if unit == "share":
        points = percent(second - first, lang).rstrip("%")
        return _signed(second - first, say(lang, en=f"{points} points", zh=f"{points} 个百分点"))
    if first > 0 and second > 0:
        return _signed(second - first, percent(second / first - 1, lang))
    by = shown(second - first, unit if currency(unit) else "", lang)
    return _signed(second - first, by)


def _signed(by: float, told: str) -> str:
    return f"+{told}" if by > 0 else told


def _beyond(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool | None:
    low, high = now["low"], now["high"]
    if low is None or high is None or then["value"] is None:
        return None
    return not low <= then["value"] <= high


def spark(values: list[float | None], label: str) -> str:
    """Return a line of values over runs as SVG, with its words; nothing for fewer than two."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    low, spread = min(known), (max(known) - min(known)) or 1.0
    step = 60 / (len(known) - 1)
    points = " ".join(
        f"{n * step:.1f},{15 - 14 * (v - low) / spread:.1f}" for n, v in enumerate(known)
    )
    return (
        f'<svg class="spark" viewBox="-1 0 62 16" width="62" height="16" role="img" '
        f'aria-label="{label}"><polyline points="{points}"/></svg>'
    )
