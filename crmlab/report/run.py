"""From jobs to published reports: skip what is unchanged, run, publish."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from crmlab.lang import Lang, term
from crmlab.page.form import between, inline, shown
from crmlab.privacy import require_outside
from crmlab.report import cluster, entries, history, pdf, publish, summary
from crmlab.report.basis import THREADS, basis
from crmlab.report.contract import Told
from crmlab.report.entries import Entry
from crmlab.report.execute import GOOD, Job, Outcome, execute
from crmlab.report.limits import Limits
from crmlab.report.provenance import environment, provenance
from crmlab.report.render import handed_over, render
from crmlab.report.summary import Done, Progress

Executing = Callable[[list[Job], Path], Iterator[tuple[Job, Outcome]]]
WORKERS = min(4, os.cpu_count() or 1)


def run(
    jobs: list[Job],
    out: Path,
    *,
    force: bool = False,
    resume: bool = False,
    workers: int = WORKERS,
    limits: Limits | None = None,
    keep: int | None = None,
    chromium: str = "",
    dask: str = "",
    lang: Lang = "en",
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
    resume : bool
        Whether to leave out what the last run of the same jobs made, changed or not.
    workers : int
        How many notebooks run at a time.
    limits : Limits, optional
        How long cells and the run may take.
    keep : int, optional
        How many runs to keep, with this one; by default all.
    chromium : str
        From `pdf.browser`, to print each report that is good, too.
    dask : str
        The address of a Dask cluster whose workers are to run the notebooks.
    lang : {"en", "zh"}
        The language of the run's ``summary.md``.
    tell : callable
        Told of each step as it happens.

    Raises
    ------
    RequestError
        If the key of the pseudonyms lies in `out`, nothing can be written there, or the
        cluster cannot be used.
    """
    require_outside(out)
    for name in THREADS:  # as many kernels run as there are cores
        os.environ.setdefault(name, "1")
    started = time.monotonic()
    limits = limits or Limits()
    with limits.watching(), _executing(workers, dask, limits) as executing:
        steps = list(_skipped(jobs, out, force=force, resume=resume, printed=bool(chromium)))
        for step in steps:
            tell(step)
        skipped = {step.job.key for step in steps}
        done = Done(None, published=False, steps=steps)
        if todo := [job for job in jobs if job.key not in skipped]:
            printing = partial(pdf.printed, chromium=chromium, limits=limits) if chromium else None
            done = _run(todo, steps, out, executing, printing, tell)
        removed = publish.retain(out, keep) if keep and out.is_dir() else []
        seconds = round(time.monotonic() - started, 1)
        done = replace(done, signal=limits.signal, removed=removed, seconds=seconds)
        return _summarised(done, out, lang)


def _summarised(done: Done, out: Path, lang: Lang) -> Done:
    """Write what became of a run beside its reports, for mailers and programs."""
    if not done.folder:
        return done
    told = summary.document(done, out)
    try:
        publish.write(done.folder / "summary.json", json.dumps(told, ensure_ascii=False, indent=1))
        publish.write(done.folder / "summary.md", summary.markdown(told, lang))
    except OSError as error:
        return replace(done, fault=done.fault or _unwritten(error))
    return done


def _run(
    todo: list[Job],
    steps: list[Progress],
    out: Path,
    executing: Executing,
    printing: Callable[[Path], str] | None,
    tell: Callable[[Progress], None],
) -> Done:
    """Make reports in a folder of their own, and publish them."""
    earlier = history.past(out)
    folder = publish.new_run(out)
    request = _request([*(step.job for step in steps), *todo])
    made: dict[str, Entry] = {}
    fault: Told | None = None
    try:
        with publish.running(folder, request, [job.key for job in todo]):
            for job, outcome in executing(todo, folder):
                entry, step = _made(job, outcome, folder, earlier)
                if entry and entry.file and printing:
                    entry, unprinted = _printed(entry, folder, printing)
                    fault = fault or unprinted
                made |= {entry.key: entry} if entry else {}
                steps = [*steps, step]
                tell(step)
            asked = {step.job.key: step.step for step in steps}
            shown = publish.publish(out, folder, made, request, asked)
            return Done(folder, shown, steps, fault)
    except OSError as error:  # the last site still stands
        return Done(folder, published=False, steps=steps, fault=_unwritten(error))


def _printed(
    entry: Entry, folder: Path, printing: Callable[[Path], str]
) -> tuple[Entry, Told | None]:
    """Print a report; return what the site says of it then, and why it was not printed."""
    try:
        return replace(entry, pdf=printing(folder / entry.file)), None
    except OSError as error:
        return entry, (
            f"{entry.key} could not be printed: {error.strerror}. The report itself is there.",
            f"{entry.key} 未能输出 PDF：{error.strerror}。报告本身已生成。",
        )


def _skipped(
    jobs: list[Job], out: Path, *, force: bool, resume: bool, printed: bool
) -> Iterator[Progress]:
    """Yield the steps of the jobs that need not run, with the reason."""
    site = entries.latest(out)
    last = entries.last(out, _request(jobs)) if resume else {}
    for job in jobs:
        before = site.get(job.key)
        wanted = [before.file, *([before.pdf] if printed else [])] if before else [""]
        if not before or not all(name and (out / "latest" / name).is_file() for name in wanted):
            continue
        if last.get("asked", {}).get(job.key) in (*GOOD, "skipped"):
            en, zh = f"made by {before.run}", f"已由 {before.run} 生成"
            yield Progress(job, "skipped", en=en, zh=zh)
        elif not force and _unchanged(job, before):
            en = f"notebook, parameters, data and versions are those of {before.finished} UTC"
            zh = f"笔记本、参数、数据与版本均与 {before.finished} UTC 时相同"
            yield Progress(job, "skipped", en=en, zh=zh)


def _request(jobs: list[Job]) -> str:
    """Return a SHA-256 of what is asked for: which notebooks, with which parameters."""
    told = sorted(
        [job.key, str(job.notebook.path), repr(sorted(job.values.items()))] for job in jobs
    )
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@contextmanager
def _executing(workers: int, dask: str, limits: Limits) -> Iterator[Executing]:
    """Yield what executes jobs: threads of this process, or a cluster that is as it is."""
    if not dask:
        yield partial(_executed, workers=workers, limits=limits)
        return
    with cluster.connected(dask) as client:
        yield partial(cluster.executed, client=client, limits=limits)


def _executed(
    jobs: list[Job], folder: Path, workers: int, limits: Limits
) -> Iterator[tuple[Job, Outcome]]:
    """Yield each job as it ends, with what became of it."""
    with ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(execute, j, folder / f"{j.key}.ipynb", limits): j for j in jobs}
        for future in as_completed(futures):
            yield futures[future], future.result()


def _made(
    job: Job, outcome: Outcome, folder: Path, earlier: Mapping[str, list[Entry]]
) -> tuple[Entry | None, Progress]:
    """Write a report; return what the site says of it, if it is written, and the step."""
    entry = None
    try:
        entry = _entry(job, outcome, folder, earlier)
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


def _unchanged(job: Job, before: Entry) -> bool:
    tried = before.failed or before.tried
    return not tried and before.fingerprint == job.fingerprint(environment())


def _entry(job: Job, outcome: Outcome, folder: Path, earlier: Mapping[str, list[Entry]]) -> Entry:
    """Write the report or the failed page, and return what the site says of it."""
    finished = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    entry = Entry(
        key=job.key,
        notebook=job.notebook.name,
        lang=job.lang,
        title=job.title,
        status=outcome.status,
        run=folder.name,
        finished=finished,
        fingerprint=job.fingerprint(environment()),
        seconds=round(outcome.seconds, 1),
        order=job.notebook.order[0],
        tried="" if outcome.status in GOOD else outcome.status,
        source=Path(str(job.values.get("source", ""))).stem,
        given=job.given,
    )
    if outcome.node is None:
        return entry
    good = outcome.status in GOOD
    file = f"{job.key}.html" if good else f"{job.key}.failed.html"
    made = provenance(job, outcome.node, finished)
    entry = replace(entry, **({"file": file, **_said(job, outcome)} if good else {"failed": file}))
    last = history.alike(entry, earlier.get(job.key, []))
    since = history.since(entry, last[-1]) if last else {}
    page = render(job, outcome, made, since)
    publish.write(folder / file, page)
    return replace(entry, made=basis(job, page)) if good else entry


def _said(job: Job, outcome: Outcome) -> dict[str, Any]:
    """Return the headline and the key figures, for the index."""
    headlines = handed_over(outcome.node, "headline")
    figures = [
        {
            "label": term(figure["name"], job.lang),
            "shown": shown(figure["value"], figure["unit"], job.lang),
            "interval": _interval(figure, job.lang),
            **figure,
        }
        for figure in handed_over(outcome.node, "figure")
    ]
    return {"headline": inline(headlines[0]["text"]) if headlines else "", "figures": figures}


def _interval(figure: dict[str, Any], lang: Lang) -> str:
    low, high = figure["low"], figure["high"]
    return "" if low is None or high is None else between(low, high, figure["unit"], lang)
