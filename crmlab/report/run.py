"""From jobs to published reports: skip what is unchanged, run, publish."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crmlab.lang import term
from crmlab.page.form import inline, shown
from crmlab.privacy import require_outside
from crmlab.report import publish
from crmlab.report.contract import Told
from crmlab.report.execute import GOOD, Job, Outcome, execute
from crmlab.report.limits import Limits
from crmlab.report.provenance import environment, provenance
from crmlab.report.render import handed_over, render

WORKERS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True)
class Progress:
    """One step to tell the user: a job, and ``started``, ``skipped`` or its status."""

    job: Job
    step: str
    seconds: float = 0.0
    en: str = ""
    zh: str = ""


@dataclass(frozen=True)
class Done:
    """How a run ended: its folder (none if all was skipped) and each job's step.

    `fault` says, in English and in Chinese, why the site could not be written; `signal`
    is the one that cancelled the run, if any did.
    """

    folder: Path | None
    published: bool
    steps: list[Progress]
    fault: Told | None = None
    signal: int = 0


def run(
    jobs: list[Job],
    out: Path,
    *,
    force: bool = False,
    workers: int = WORKERS,
    limits: Limits | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Done:
    """Make the reports that are not there already, and publish them.

    Parameters
    ----------
    jobs : list of Job
        From `plan`.
    out : Path
        Where ``runs`` and ``latest`` are.
    force : bool
        Whether to make reports again whose notebook, parameters, data and versions
        have not changed.
    workers : int
        How many notebooks run at a time.
    limits : Limits, optional
        How long cells and the run may take.
    tell : callable
        Told of each step as it happens.

    Raises
    ------
    RequestError
        If the key of the pseudonyms lies in `out`.
    """
    require_outside(out)
    site = publish.latest(out)
    steps = [Progress(job, "skipped") for job in jobs if not force and _unchanged(job, site, out)]
    skipped = {step.job.key for step in steps}
    for step in steps:
        tell(step)
    if not (todo := [job for job in jobs if job.key not in skipped]):
        return Done(None, published=False, steps=steps)
    folder = publish.new_run(out)
    limits = limits or Limits()
    made: dict[str, publish.Entry] = {}
    with limits.watching():
        for job, outcome in _executed(todo, folder, workers, limits):
            entry, step = _made(job, outcome, folder)
            made |= {entry.key: entry} if entry else {}
            steps.append(step)
            tell(step)
        try:
            published, fault = publish.publish(out, folder, made), None
        except OSError as error:  # the last site still stands
            published, fault = False, _unwritten(error)
    return Done(folder, published, steps, fault, limits.signal)


def _executed(
    jobs: list[Job], folder: Path, workers: int, limits: Limits
) -> Iterator[tuple[Job, Outcome]]:
    """Yield each job as it ends, with what became of it."""
    with ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(execute, j, folder / f"{j.key}.ipynb", limits): j for j in jobs}
        for future in as_completed(futures):
            yield futures[future], future.result()


def _made(job: Job, outcome: Outcome, folder: Path) -> tuple[publish.Entry | None, Progress]:
    """Write a report; return what the site says of it, if it is written, and the step."""
    entry = None
    try:
        entry = _entry(job, outcome, folder)
    except Exception as error:  # whatever ends one report, the others go on
        en, zh = _unwritten(error)
        outcome = replace(outcome, status="failed", en=en, zh=zh)
    return entry, Progress(job, outcome.status, outcome.seconds, outcome.en, outcome.zh)


def _unwritten(error: Exception) -> Told:
    """Say why a report or the site could not be written."""
    why = error.strerror if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    return (
        f"Reports cannot be written: {why}. The last good ones still stand.",
        f"无法写入报告：{why}。上一次的有效报告仍然保留。",
    )


def _unchanged(job: Job, site: Mapping[str, publish.Entry], out: Path) -> bool:
    before = site.get(job.key)
    if not before or not before.file or before.failed:
        return False
    same = before.fingerprint == job.fingerprint(environment())
    return same and (out / "latest" / before.file).is_file()


def _entry(job: Job, outcome: Outcome, folder: Path) -> publish.Entry:
    """Write the report or the failed page, and return what the site says of it."""
    finished = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    entry = publish.Entry(
        key=job.key,
        notebook=job.notebook.name,
        lang=job.lang,
        title=job.notebook.title(job.lang),
        status=outcome.status,
        run=folder.name,
        finished=finished,
        fingerprint=job.fingerprint(environment()),
        seconds=round(outcome.seconds, 1),
        order=job.notebook.order[0],
    )
    if outcome.node is None:
        return entry
    good = outcome.status in GOOD
    file = f"{job.key}.html" if good else f"{job.key}.failed.html"
    made = provenance(job, outcome.node, finished)
    publish.write(folder / file, render(job, outcome, made))
    if not good:
        return replace(entry, failed=file)
    return replace(entry, file=file, **_said(job, outcome))


def _said(job: Job, outcome: Outcome) -> dict[str, Any]:
    """Return the headline and the key figures, for the index."""
    headlines = handed_over(outcome.node, "headline")
    figures = [
        {
            "label": term(figure["name"], job.lang),
            "shown": shown(figure["value"], figure["unit"], job.lang),
            **figure,
        }
        for figure in handed_over(outcome.node, "figure")
    ]
    return {"headline": inline(headlines[0]["text"]) if headlines else "", "figures": figures}
