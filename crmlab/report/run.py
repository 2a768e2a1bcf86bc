"""From a request to published reports: plan, skip what is unchanged, run, publish."""

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crmlab.errors import RequestError
from crmlab.lang import Lang, term
from crmlab.load import Source, fingerprint
from crmlab.load import find as find_source
from crmlab.page.form import inline, shown
from crmlab.privacy import require_outside
from crmlab.report import history, publish
from crmlab.report.contract import Told, check, raise_all, unknown
from crmlab.report.execute import GOOD, Job, Outcome, execute
from crmlab.report.notebooks import Notebook, find
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

    `fault` says, in English and in Chinese, why the site could not be written.
    """

    folder: Path | None
    published: bool
    steps: list[Progress]
    fault: Told | None = None


def plan(
    names: list[str], given: Mapping[str, str], lang: Lang | None = None
) -> tuple[list[Job], list[Told]]:
    """Return the jobs of a request, checked before any kernel starts, and notes on it.

    Notebooks that were not named are left out with a note if the source lacks what
    they need; a parameter goes to the notebooks that have it.

    Raises
    ------
    RequestError, DataError
        If a notebook, parameter, value or source is wrong; all such problems at once.
    """
    if "lang" in given:
        raise RequestError(
            en="lang is no parameter to set with -p; use --lang en or --lang zh.",
            zh="lang 不能用 -p 设置；请用 --lang en 或 --lang zh。",
        )
    chosen = find(names)
    _require_known(chosen, given)
    values = _checked(chosen, given)
    jobs: list[Job] = []
    notes: list[Told] = []
    for notebook in chosen:
        source = _source(notebook, values[notebook.name])
        lacking = [t for t in notebook.tables if source and t not in source.files]
        if source and lacking:
            notes.append(_lacks(notebook, source, lacking))
            continue
        langs = [lang] if lang else notebook.langs
        jobs += [_job(notebook, each, values[notebook.name], given, source) for each in langs]
    if notes and (names or not jobs):
        raise_all(notes)
    return jobs, notes


def run(
    jobs: list[Job],
    out: Path,
    *,
    force: bool = False,
    workers: int = WORKERS,
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
    earlier = history.past(out)
    folder = publish.new_run(out)
    made: dict[str, publish.Entry] = {}
    with ThreadPoolExecutor(workers) as pool:
        futures: dict[Future[Outcome], Job] = {}
        for job in todo:
            futures[pool.submit(execute, job, folder / f"{job.key}.ipynb")] = job
        for future in as_completed(futures):
            job, outcome = futures[future], future.result()
            try:
                made[job.key] = _entry(job, outcome, folder, earlier)
            except OSError as error:
                en, zh = _unwritten(error)
                outcome = replace(outcome, status="failed", en=en, zh=zh)
            steps.append(Progress(job, outcome.status, outcome.seconds, outcome.en, outcome.zh))
            tell(steps[-1])
    try:
        return Done(folder, publish.publish(out, folder, made), steps)
    except OSError as error:  # the last site still stands
        return Done(folder, published=False, steps=steps, fault=_unwritten(error))


def _unwritten(error: OSError) -> Told:
    """Say why a report or the site could not be written."""
    return (
        f"Reports cannot be written: {error.strerror}. The last good ones still stand.",
        f"无法写入报告：{error.strerror}。上一次的有效报告仍然保留。",
    )


def _require_known(chosen: Iterable[Notebook], given: Mapping[str, str]) -> None:
    known = dict.fromkeys(p.name for notebook in chosen for p in notebook.parameters)
    raise_all([unknown(name, known) for name in given if name not in known])


def _checked(chosen: Iterable[Notebook], given: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """Return the parameters in force for each notebook; all wrong values are told at once."""
    values: dict[str, dict[str, object]] = {}
    english: dict[str, None] = {}
    chinese: dict[str, None] = {}
    for notebook in chosen:
        mine = {p.name for p in notebook.parameters}
        defaults = {p.name: p.default for p in notebook.parameters}
        try:
            found = check(notebook.parameters, {k: v for k, v in given.items() if k in mine})
        except RequestError as error:
            english |= dict.fromkeys(error.en.split("\n"))
            chinese |= dict.fromkeys(error.zh.split("\n"))
            continue
        values[notebook.name] = {**defaults, **found}
    if english:
        raise RequestError(en="\n".join(english), zh="\n".join(chinese))
    return values


def _source(notebook: Notebook, values: Mapping[str, object]) -> Source | None:
    contracts = {p.name: p.contract for p in notebook.parameters}
    named = [str(v) for k, v in values.items() if contracts[k] == "source"]
    return find_source(named[0]) if named else None


def _lacks(notebook: Notebook, source: Source, lacking: list[str]) -> Told:
    has = sorted(source.files)
    return (
        (
            f"{notebook.name} needs {', '.join(lacking)}, which source {source.name} "
            f"does not have; it has: {', '.join(has)}"
        ),
        (
            f"{notebook.name} 需要 {'、'.join(lacking)}，而数据源 {source.name} 没有；"
            f"现有：{'、'.join(has)}"
        ),
    )


def _job(
    notebook: Notebook,
    lang: Lang,
    values: Mapping[str, object],
    given: Mapping[str, str],
    source: Source | None,
) -> Job:
    absolute = {
        k: str(Path(str(v)).resolve()) if k == "source" and str(v).endswith(".toml") else v
        for k, v in values.items()
    }
    if "lang" in absolute:
        absolute["lang"] = lang
    mine = {k: v for k, v in given.items() if k in values}
    return Job(notebook, lang, absolute, mine, fingerprint(source) if source else "")


def _unchanged(job: Job, site: Mapping[str, publish.Entry], out: Path) -> bool:
    before = site.get(job.key)
    if not before or not before.file or before.failed:
        return False
    same = before.fingerprint == job.fingerprint(environment())
    return same and (out / "latest" / before.file).is_file()


def _entry(
    job: Job, outcome: Outcome, folder: Path, earlier: Mapping[str, list[publish.Entry]]
) -> publish.Entry:
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
    publish.write(folder / file, render(job, outcome, made, since))
    return entry


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
