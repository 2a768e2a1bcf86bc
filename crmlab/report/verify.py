"""A run, verified: nbval executes its notebooks again and compares every text and table."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from crmlab.errors import CrmlabError, RequestError
from crmlab.report import entries, publish
from crmlab.report.basis import changes
from crmlab.report.entries import Entry
from crmlab.report.limits import Limits
from crmlab.report.notebooks import Notebook, tags
from crmlab.report.reexecute import Verdict, code_cells, executed
from crmlab.report.seal import digest, sealed

WORKERS = min(4, os.cpu_count() or 1)
UNCOMPARED = re.compile(r"^\s*#+\s*(?:NBVAL|PYTEST_VALIDATE)_\w+\s*$|^nbval-", re.MULTILINE)


class _Unverifiable(CrmlabError):  # noqa: N818 - never seen outside
    """Why a report cannot be verified."""


def find_run(name: str, out: Path) -> Path:
    """Return a run's folder by its path or its id below `out`; what `latest` shows if empty.

    Raises
    ------
    RequestError
        If there is no such run.
    """
    folder = Path(name) if name else out / "latest"
    if name and not (folder / publish.RECORD).is_file():
        folder = out / "runs" / name
    if not (folder / publish.RECORD).is_file():
        known = sorted(path.parent.name for path in out.glob(f"runs/*/{publish.RECORD}"))
        raise RequestError(
            en=f"there is no run {name or 'yet'} in {out}; known: {', '.join(known) or 'none'}.",
            zh=f"{out} 中没有运行 {name or '记录'}；现有：{'、'.join(known) or '无'}。",
        )
    folder = folder.resolve()
    copied = folder.parent / "runs" / entries.record(folder)["run"]  # where links are not permitted
    return copied if copied.is_dir() else folder


def verify(
    run: Path,
    tell: Callable[[Verdict], None] = lambda _: None,
    limits: Limits | None = None,
) -> list[Verdict]:
    """Verify the reports of a run, and seal those that could be made again the same.

    First what has changed since is named: nothing is executed for such a report. The seal of
    a report that differs is taken off.

    Parameters
    ----------
    run : Path
        The run's folder.
    tell : callable
        Told of each verdict as it falls.
    limits : Limits, optional
        Through which a signal ends what runs.

    Raises
    ------
    RequestError
        If the run has no report.
    """
    good = [entry for entry in entries.entries(run).values() if entry.file]
    if not good:
        raise RequestError(
            en=f"run {run.name} has no report to verify.", zh=f"运行 {run.name} 没有可核验的报告。"
        )
    verdicts = [v for entry in good if (v := _at_once(run, entry))]
    for verdict in verdicts:
        tell(verdict)
    settled = {verdict.key for verdict in verdicts}
    limits = limits or Limits()
    with limits.watching(), ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(executed, each, limits) for each in _shares(run, good, settled)]
        for future in as_completed(futures):
            for verdict in future.result():
                verdicts.append(verdict)
                tell(verdict)
    _seal(run, {verdict.key: verdict.status for verdict in verdicts})
    return verdicts


def _shares(run: Path, good: list[Entry], settled: set[str]) -> list[list[tuple[Entry, Any]]]:
    """Return a share of the reports still to be verified for each worker, with their notebooks."""
    todo = [(entry, _notebook(run, entry).node) for entry in good if entry.key not in settled]
    return [share for n in range(WORKERS) if (share := todo[n::WORKERS])]


def _notebook(run: Path, entry: Entry) -> Notebook:
    """Return the executed notebook of a report, which the run that made it kept."""
    folder = run if entry.run == run.name else run.parent / entry.run
    return Notebook(folder / f"{entry.key}.ipynb")


def _at_once(run: Path, entry: Entry) -> Verdict | None:
    """Return the verdict that needs no execution, if there is one."""
    if not entry.made:
        en, zh = "it was made before runs recorded what they are made of", "生成时尚未记录其依据"
        return Verdict(entry.key, "unverifiable", ((en, zh),))
    try:
        kept = _notebook(run, entry)
        if told := changes(entry.made, kept, entry.lang):
            return Verdict(entry.key, "unverifiable", tuple(told))
        _require_comparable(kept)
    except CrmlabError as error:
        return Verdict(entry.key, "unverifiable", ((error.en.rstrip("."), error.zh.rstrip("。")),))
    if digest(_page(run / entry.file)) != entry.made["page"]:
        en = f"page {entry.file} is not as it was made"
        return Verdict(entry.key, "differs", ((en, f"页面 {entry.file} 与生成时不同"),))
    return None


def _require_comparable(executed: Notebook) -> None:
    """Refuse a notebook on which nbval would be silent whatever a cell now returns."""
    code = code_cells(executed.node)
    unrun = sum(cell.execution_count is None for cell in code if cell.source.strip())
    outputs = sum(len(cell.outputs) for cell in code)
    silent = [n for n, c in enumerate(code, start=1) if UNCOMPARED.search(_marks(c))]
    if unrun or not outputs:
        raise _Unverifiable(
            en=f"{executed.path.name} has {unrun} cells that never ran, and {outputs} outputs.",
            zh=f"{executed.path.name} 有 {unrun} 个单元从未运行，共 {outputs} 个输出。",
        )
    if silent:
        raise _Unverifiable(
            en=f"{executed.path.name} tells nbval not to compare code cell {silent[0]}.",
            zh=f"{executed.path.name} 要求 nbval 不比较第 {silent[0]} 个代码单元。",
        )


def _marks(cell: Any) -> str:
    return "\n".join([cell.source, *tags(cell)])


def _seal(run: Path, statuses: dict[str, str]) -> None:
    """Seal the pages that were verified, take the seal off those that differ, and say so."""
    if set(statuses.values()) == {"unverifiable"}:
        return
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    out = run.parent.parent if run.parent.name == "runs" else run
    try:
        with FileLock(out / ".lock"):
            for folder in _showing(run, out):
                publish.renew(folder, dict(_stamped(folder, statuses, when)))
    except OSError as error:
        raise RequestError(
            en=f"seals cannot be written to {run}: {error.strerror}.",
            zh=f"无法把核验标记写入 {run}：{error.strerror}。",
        ) from None


def _page(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _showing(run: Path, out: Path) -> list[Path]:
    """Return the run's folder, and `latest` if it is a copy of it."""
    latest = out / "latest"
    copied = latest.is_dir() and not latest.is_symlink() and latest != run
    same = copied and entries.record(latest).get("run") == run.name
    return [run, latest] if same else [run]


def _stamped(folder: Path, statuses: dict[str, str], when: str) -> Iterator[tuple[str, Entry]]:
    """Write the pages whose seal changes, and return all entries of the site."""
    for key, entry in entries.entries(folder).items():
        verified = {"verified": when, "differs": ""}.get(statuses.get(key, ""), entry.verified)
        if verified != entry.verified:
            page = folder / entry.file
            publish.write(page, sealed(_page(page), verified))
        yield key, replace(entry, verified=verified)
