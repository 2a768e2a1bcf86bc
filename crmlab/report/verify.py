"""A run, verified: nbval executes its notebooks again and compares every text and table."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import nbformat
from filelock import FileLock

from crmlab.errors import CrmlabError, RequestError
from crmlab.home import home
from crmlab.report import publish
from crmlab.report.basis import changes
from crmlab.report.contract import Told
from crmlab.report.limits import Limits
from crmlab.report.notebooks import Notebook, tags
from crmlab.report.seal import digest, sealed

WORKERS = min(4, os.cpu_count() or 1)
LEAST_SECONDS, TIMES_AS_LONG = 60.0, 10  # what a cell may take, against its whole report then
TOLD_AT_MOST = 5
UNCOMPARED = re.compile(r"^\s*#+\s*(?:NBVAL|PYTEST_VALIDATE)_\w+\s*$|^nbval-", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """Whether a report could be made again the same, and what stands against it.

    `status` is ``verified``, ``differs`` or ``unverifiable``; `told` are sentences.
    """

    key: str
    status: Literal["verified", "differs", "unverifiable"]
    told: tuple[Told, ...] = ()


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
    copied = folder.parent / "runs" / publish.record(folder)["run"]  # where links are not permitted
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
    good = [entry for entry in publish.entries(run).values() if entry.file]
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
        futures = [pool.submit(_executed, run, e, limits) for e in good if e.key not in settled]
        for future in as_completed(futures):
            verdicts.append(future.result())
            tell(verdicts[-1])
    _seal(run, {verdict.key: verdict.status for verdict in verdicts})
    return verdicts


def _notebook(run: Path, entry: publish.Entry) -> Notebook:
    """Return the executed notebook of a report, which the run that made it kept."""
    here = run / f"{entry.key}.ipynb"
    return Notebook(here if here.exists() else run.parent / entry.run / here.name)


def _at_once(run: Path, entry: publish.Entry) -> Verdict | None:
    """Return the verdict that needs no execution, if there is one."""
    if not entry.made:
        en, zh = "it was made before runs recorded what they are made of", "生成时尚未记录其依据"
        return Verdict(entry.key, "unverifiable", ((en, zh),))
    try:
        executed = _notebook(run, entry)
        if told := changes(entry.made, executed, entry.lang):
            return Verdict(entry.key, "unverifiable", tuple(told))
        _require_comparable(executed)
    except CrmlabError as error:
        return Verdict(entry.key, "unverifiable", ((error.en.rstrip("."), error.zh.rstrip("。")),))
    if digest(_page(run / entry.file)) != entry.made["page"]:
        en = f"page {entry.file} is not as it was made"
        return Verdict(entry.key, "differs", ((en, f"页面 {entry.file} 与生成时不同"),))
    return None


def _require_comparable(executed: Notebook) -> None:
    """Refuse a notebook on which nbval would be silent whatever a cell now returns."""
    code = _code(executed.node)
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


def _code(node: Any) -> list[Any]:
    """Return the code cells of a notebook, up to the one that said "not enough"."""
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    stop = next((n for n, c in enumerate(code, start=1) if _error(c)), len(code))
    return code[:stop]


def _error(cell: Any) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def _executed(run: Path, entry: publish.Entry, limits: Limits) -> Verdict:
    """Execute a report's notebook again, and return what nbval finds."""
    executed = _notebook(run, entry)
    code = _code(executed.node)
    with TemporaryDirectory() as folder:
        beginning = Path(entry.made["notebook"]).parent
        nbformat.write(_again(executed.node, code, beginning), Path(folder, executed.path.name))
        told = _nbval(Path(folder), entry, limits)
    if limits.reason:
        return Verdict(entry.key, "unverifiable", (limits.told,))
    if len(told) != len(code) + 1:
        en, zh = "nbval could not execute it", "nbval 无法执行"
        return Verdict(entry.key, "unverifiable", ((en, zh),))
    wrong = [cell for cell in told if cell["outcome"] != "passed"]
    broken = any(re.search("Timeout|Kernel dead|plugin exception", c["text"]) for c in wrong)
    names = _names(code)
    sentences = [_told(cell, names[cell["cell"]]) for cell in wrong[:TOLD_AT_MOST]]
    if more := len(wrong) - len(sentences):
        sentences.append((f"and {more} more cells", f"另有 {more} 个单元"))
    status = "unverifiable" if broken else "differs" if wrong else "verified"
    return Verdict(entry.key, status, tuple(sentences))  # type: ignore[arg-type]


def _again(node: Any, code: list[Any], beginning: Path) -> Any:
    """Return what nbval is to execute: the code, from the folder where it ran."""
    new = nbformat.v4
    move = new.new_code_cell(f"import os\nos.chdir({str(beginning)!r})", execution_count=1)
    again = new.new_notebook(cells=[move, *code], metadata=node.metadata)
    if _error(code[-1]):
        code[-1].metadata["tags"] = [*tags(code[-1]), "raises-exception"]
    return again


def _nbval(folder: Path, entry: publish.Entry, limits: Limits) -> list[dict[str, Any]]:
    """Return what nbval tells of each cell of the one notebook in a folder."""
    tests = home() / "tests"
    seconds = max(LEAST_SECONDS, TIMES_AS_LONG * entry.seconds)
    command = [
        sys.executable, "-m", "pytest", "-c", str(tests / "nbval.ini"), "--rootdir", str(folder),
        "-p", "nbval.plugin", "-p", "crmlab.report.compared", "--color=no",
        "--nbval", "--nbval-current-env", "--nbval-cell-timeout", f"{seconds:.0f}",
        "--nbval-sanitize-with", str(tests / "nbval.cfg"), str(folder),
    ]  # fmt: skip
    alone = {"PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with subprocess.Popen(  # noqa: S603 - our own words and paths
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, **alone, **entry.made["threads"]}, start_new_session=True,
    ) as process, limits.over(process):  # fmt: skip
        process.wait()
    told = folder / "told.json"
    return list(json.loads(told.read_text(encoding="utf-8"))) if told.exists() else []


def _names(code: list[Any]) -> list[Told]:
    """Return what each cell that nbval counts is called, the first of which is ours."""
    names = [("the first cell", "首个单元")]
    for cell in code:
        if "injected-parameters" in tags(cell):
            names.append(("the parameters", "参数单元"))
        else:
            own = sum(en.startswith("code cell") for en, _ in names) + 1
            names.append((f"code cell {own}", f"第 {own} 个代码单元"))
    return names


def _told(cell: dict[str, Any], name: Told) -> Told:
    """Say what nbval found in a cell."""
    if cell["pair"]:
        then, now = cell["pair"]
        return (
            f"{name[0]}, {cell['media']}: the report has {then!r}, now it is {now!r}",
            f"{name[1]}，{cell['media']}：报告中为 {then!r}，现为 {now!r}",
        )
    for mark, en, zh in (
        ("Timeout", "ran out of time", "超时"),
        ("Kernel dead", "had no kernel", "内核已终止"),
        ("caused an exception", "raised an error", "出错"),
        ("output", "has other outputs", "输出的数量或种类不同"),
    ):
        if mark in cell["text"]:
            return f"{name[0]} {en}", f"{name[1]}{zh}"
    return f"{name[0]} could not be executed", f"{name[1]}无法执行"


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
    same = copied and publish.record(latest).get("run") == run.name
    return [run, latest] if same else [run]


def _stamped(
    folder: Path, statuses: dict[str, str], when: str
) -> Iterator[tuple[str, publish.Entry]]:
    """Write the pages whose seal changes, and return all entries of the site."""
    for key, entry in publish.entries(folder).items():
        verified = {"verified": when, "differs": ""}.get(statuses.get(key, ""), entry.verified)
        if verified != entry.verified:
            page = folder / entry.file
            publish.write(page, sealed(_page(page), verified))
        yield key, replace(entry, verified=verified)
