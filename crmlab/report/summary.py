"""What became of a run, for programs and mailers: exit code, JSON, Markdown."""

import html
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmlab.errors import CrmlabError
from crmlab.lang import Lang, say
from crmlab.report.contract import Told
from crmlab.report.entries import Entry, entries
from crmlab.report.execute import GOOD, Job

CODES = {"ok": 0, "not_enough": 0, "skipped": 0, "refused": 2, "timed_out": 124, "failed": 1}
WORST_FIRST = ("cancelled", "failed", "timed_out", "refused")
MARKDOWN = re.compile(r"^\d+[.)](?=\s|$)|^[-+](?=[\s-]|$)|[\\`*_\[\]|~#]")
WORDS: dict[str, Told] = {
    "ok": ("made", "已生成"),
    "skipped": ("skipped", "跳过"),
    "not_enough": ("not enough data", "数据不足"),
    "refused": ("refused", "数据或参数有误"),
    "failed": ("failed", "失败"),
    "timed_out": ("timed out", "超时"),
    "cancelled": ("cancelled", "已取消"),
}


@dataclass(frozen=True)
class Progress:
    """One step to tell the user: a job, its status or ``skipped``, and why."""

    job: Job
    step: str
    seconds: float = 0.0
    en: str = ""
    zh: str = ""


@dataclass(frozen=True)
class Done:
    """How a run ended: its folder (none if all was skipped) and each job's step.

    `fault` says, in English and in Chinese, why the site could not be written; `signal`
    is the one that cancelled the run, if any did; `removed` are older runs that were deleted.
    """

    folder: Path | None
    published: bool
    steps: list[Progress]
    fault: Told | None = None
    signal: int = 0
    removed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def status(self) -> str:
        """What went worst: ``cancelled``, ``failed``, ``timed_out``, ``refused``; or ``ok``."""
        return worst({step.step for step in self.steps} | ({"failed"} if self.fault else set()))

    @property
    def exit_code(self) -> int:
        """128 + the signal that cancelled the run, or the code of what went worst."""
        return 128 + self.signal if self.status == "cancelled" else CODES[self.status]


def worst(statuses: set[str]) -> str:
    """Return the status that tells of what went worst; ok if nothing did."""
    return next((status for status in WORST_FIRST if status in statuses), "ok")


def refused(error: CrmlabError) -> dict[str, Any]:
    """Return what `document` returns of a run, of one that was refused before it began."""
    fault = {"en": error.en, "zh": error.zh}
    return {"run": None, "status": "refused", "exit_code": 2, "fault": fault, "reports": []}


def document(done: Done, out: Path) -> dict[str, Any]:
    """Return what became of a run as JSON can hold it.

    Returns
    -------
    dict
        ``run``, ``status``, ``exit_code``, ``seconds``, ``published``, ``index``, ``folder``
        (paths, or null), ``fault`` (``en`` and ``zh``, or null), ``removed`` (runs) and
        ``reports``: each with ``report``, ``notebook``, ``lang``, ``variant``, ``title``,
        ``status``, ``en``, ``zh`` (why), ``seconds``, ``file`` and ``failed`` (paths, or
        null), ``headline`` (text) and ``figures`` (``name``, ``value``, ``low``, ``high``,
        ``unit``, and ``label``, ``shown``, ``interval`` as text).
    """
    latest = out / "latest"
    index = latest / "index.html"
    folder = done.folder or latest
    site = entries(folder)
    return {
        "run": done.folder.name if done.folder else None,
        "status": done.status,
        "exit_code": done.exit_code,
        "seconds": done.seconds,
        "published": done.published,
        "index": str(index) if index.exists() else None,
        "folder": str(done.folder) if done.folder else None,
        "fault": dict(zip(("en", "zh"), done.fault, strict=True)) if done.fault else None,
        "removed": done.removed,
        "reports": [_report(step, site.get(step.job.key), folder) for step in done.steps],
    }


def _report(step: Progress, entry: Entry | None, folder: Path) -> dict[str, Any]:
    good = entry if entry and step.step in (*GOOD, "skipped") else None
    return {
        "report": step.job.key,
        "notebook": step.job.notebook.name,
        "lang": step.job.lang,
        "variant": step.job.variant,
        "title": step.job.title,
        "status": step.step,
        "en": step.en,
        "zh": step.zh,
        "seconds": round(step.seconds, 1),
        "file": str(folder / entry.file) if entry and entry.file else None,
        "failed": str(folder / entry.failed) if entry and entry.failed else None,
        "headline": html.unescape(re.sub(r"<[^>]+>", "", good.headline)) if good else "",
        "figures": good.figures if good else [],
    }


def markdown(told: dict[str, Any], lang: Lang) -> str:
    """Return a run's `document` as Markdown that a mailer or a chat hook can send.

    What notebooks and data say stands there as text, whatever is in it.
    """
    reports = told["reports"]
    good = sum(each["status"] in (*GOOD, "skipped") for each in reports)
    en, zh = WORDS[told["status"]]
    status = "ok" if told["status"] == "ok" else say(lang, en=en, zh=zh)
    lines = [
        say(
            lang,
            en=f"# crmlab: {status}, {good} of {len(reports)} reports",
            zh=f"# crmlab：{status}，{len(reports)} 份报告中 {good} 份有效",
        ),
        say(
            lang,
            en=f"Run {told['run']}, {told['seconds']:,.0f} s, exit code {told['exit_code']}.",
            zh=f"运行 {told['run']}，{told['seconds']:,.0f} 秒，退出码 {told['exit_code']}。",
        ),
        *([_text(told["fault"][lang])] if told["fault"] else []),
        *(_paragraph(each, lang) for each in reports),
    ]
    if told["index"]:
        lines.append(say(lang, en="All reports: ", zh="全部报告：") + _text(told["index"]))
    return "\n\n".join(lines) + "\n"


def _paragraph(report: dict[str, Any], lang: Lang) -> str:
    """Return a report's title and status, what it says or why it failed, and its figures."""
    en, zh = WORDS[report["status"]]
    status = say(lang, en=en, zh=zh)
    what = report["headline"] or report[lang]
    head = f"## {_text(report['title'])} ({report['lang']}): {status}"
    figures = [_figure(each) for each in report["figures"]]
    return "\n\n".join(filter(None, [head, _text(what), "\n".join(figures)]))


def _figure(figure: dict[str, Any]) -> str:
    told = figure.get("interval", "")  # not in the records of older versions
    interval = f" ({_text(told)})" if told else ""
    return f"- {_text(figure['label'])}: {_text(figure['shown'])}{interval}"


def _text(told: str) -> str:
    """Return a text that Markdown shows as it is, in one line."""
    plain = html.escape(" ".join(told.split()), quote=False)
    return MARKDOWN.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", plain)
