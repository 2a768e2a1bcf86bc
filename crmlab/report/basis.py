"""What a report was made of: recorded with it, so that what has changed since has a name."""

import ast
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crmlab.errors import CrmlabError
from crmlab.load import find as find_source
from crmlab.load import fingerprint
from crmlab.load.source import checksum
from crmlab.report.contract import Told
from crmlab.report.execute import Job
from crmlab.report.notebooks import Notebook, in_language, tags
from crmlab.report.provenance import commit, environment, versions
from crmlab.report.render import handed_over
from crmlab.report.seal import digest

PAPERMILLS = {"injected-parameters", "papermill-error-cell-tag"}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def basis(job: Job, page: str) -> dict[str, Any]:
    """Return what decides a report, part by part, and the digest of its page.

    Sums in another number of threads differ in their last digits, so theirs is kept too.
    """
    return {
        "notebook": str(job.notebook.path),
        "cells": cells(job.notebook.node, job.lang),
        "parameters": {p.name: job.values[p.name] for p in job.notebook.parameters},
        "data": job.data,
        "versions": list(versions()),
        "code": environment(),
        "commit": commit(),
        "threads": {name: os.environ[name] for name in THREADS if name in os.environ},
        "page": digest(page),
    }


def cells(node: Any, lang: str) -> list[str]:
    """Return a short digest of each cell of a report, but for those that papermill adds."""
    own = [c for c in node.cells if PAPERMILLS.isdisjoint(tags(c)) and in_language(c, lang)]
    told = (f"{c.cell_type}\0{c.source}" for c in own)
    return [hashlib.sha256(each.encode()).hexdigest()[:12] for each in told]


def changes(made: Mapping[str, Any], executed: Notebook, lang: str) -> list[Told]:
    """Name what is no longer as it was when a report was made of it; nothing is executed.

    Parameters
    ----------
    made : mapping
        From `basis`.
    executed : Notebook
        The executed notebook that the run kept.
    lang : {"en", "zh"}
        The report's language.
    """
    return [
        *_changed_notebook(made, executed, lang),
        *_changed_parameters(made, executed),
        *_changed_data(made, executed),
        *_changed_versions(made),
    ]


def _changed_notebook(made: Mapping[str, Any], executed: Notebook, lang: str) -> Iterator[Told]:
    original = Notebook(Path(made["notebook"]))
    kept = ("the run's executed notebook", "运行所保存的已执行笔记本")
    for notebook, (en, zh) in ((original, ("notebook", "笔记本")), (executed, kept)):
        name = notebook.path.name
        try:
            now = cells(notebook.node, lang)
        except CrmlabError as error:
            yield error.en.rstrip("."), error.zh.rstrip("。")
            continue
        if len(now) != (before := len(made["cells"])):
            yield (
                f"{en} {name} has {len(now)} cells; it had {before}",
                f"{zh} {name} 现有 {len(now)} 个单元，当时为 {before} 个",
            )
            continue
        pairs = enumerate(zip(made["cells"], now, strict=True), start=1)
        if moved := [str(place) for place, (then, today) in pairs if then != today]:
            yield (
                f"{en} {name} has changed in cell {', '.join(moved)} of {before}",
                f"{zh} {name} 已改动：共 {before} 个单元，改动的是第 {'、'.join(moved)} 个",
            )


def _changed_parameters(made: Mapping[str, Any], executed: Notebook) -> Iterator[Told]:
    now = in_force(executed)
    for name, then in made["parameters"].items():
        if (value := now.get(name)) != then:
            yield (
                f"parameter {name} is {value!r}; it was {then!r}",
                f"参数 {name} 现为 {value!r}，当时为 {then!r}",
            )


def in_force(executed: Notebook) -> dict[str, Any]:
    """Return the parameters that an executed notebook ran with."""
    values = {p.name: p.default for p in executed.parameters}
    for cell in executed.node.cells:
        if "injected-parameters" in tags(cell):
            values |= {
                line.targets[0].id: ast.literal_eval(line.value)
                for line in ast.parse(cell.source).body
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)
            }
    return values


def _changed_data(made: Mapping[str, Any], executed: Notebook) -> Iterator[Told]:
    contracts = {p.name: p.contract for p in executed.parameters}
    named = [str(v) for k, v in made["parameters"].items() if contracts.get(k) == "source"]
    if not named:
        return
    try:
        source = find_source(named[0])
        if any(file.database for file in source.files.values()):
            return  # what a database holds has no fingerprint: executing will tell
        if fingerprint(source) == made["data"]:
            return
        used = [s for page in handed_over(executed.node, "source") for s in page["sources"]]
        now = {name: checksum(file) for name, file in source.files.items()}
    except CrmlabError as error:
        yield error.en.rstrip("."), error.zh.rstrip("。")
        return
    moved = list(dict.fromkeys(s["table"] for s in used if now.get(s["table"]) != s["sha256"]))
    yield (
        f"the data of source {source.name} have changed"
        + (f": {', '.join(moved)}" if moved else ", or how its columns are read"),
        f"数据源 {source.name} 的数据已变化"
        + (f"：{'、'.join(moved)}" if moved else "，或其列的读法已变化"),
    )


def _changed_versions(made: Mapping[str, Any]) -> Iterator[Told]:
    then, now = ([v.rsplit(" ", 1) for v in told] for told in (made["versions"], versions()))
    for name, version in then:
        if (today := dict(now).get(name, "–")) != version:
            yield f"{name} is {today}; it was {version}", f"{name} 现为 {today}，当时为 {version}"
    if then == now and made["code"] != environment():
        yield (
            f"crmlab's own code has changed (commit {made['commit']}, now {commit()})",
            f"crmlab 自身的代码已改动（当时提交 {made['commit']}，现为 {commit()}）",
        )
