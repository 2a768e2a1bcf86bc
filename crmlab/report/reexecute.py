"""Executed notebooks, executed again by nbval, which compares every text and table."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import nbformat

from crmlab.home import home
from crmlab.report.contract import Told
from crmlab.report.limits import Limits
from crmlab.report.notebooks import tags
from crmlab.report.publish import Entry

Status = Literal["verified", "differs", "unverifiable"]
LEAST_SECONDS, TIMES_AS_LONG = 60.0, 10  # what a cell may take, against its whole report then
TOLD_AT_MOST = 5


@dataclass(frozen=True)
class Verdict:
    """Whether a report could be made again the same, and what stands against it.

    `status` is ``verified``, ``differs`` or ``unverifiable``; `told` are sentences.
    """

    key: str
    status: Status
    told: tuple[Told, ...] = ()


def code_cells(node: Any) -> list[Any]:
    """Return the code cells of a notebook, up to the one that said "not enough"."""
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    stop = next((n for n, c in enumerate(code, start=1) if _error(c)), len(code))
    return code[:stop]


def _error(cell: Any) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def executed(share: list[tuple[Entry, Any]], limits: Limits) -> list[Verdict]:
    """Execute reports' notebooks again, in one process, and return what nbval finds."""
    codes = {entry.key: code_cells(node) for entry, node in share}
    with TemporaryDirectory() as folder:
        for entry, node in share:
            again = _again(node, codes[entry.key], Path(entry.made["notebook"]).parent)
            nbformat.write(again, Path(folder, f"{entry.key}.ipynb"))
        told = _nbval(Path(folder), [entry for entry, _ in share], limits)
    if limits.reason:
        return [Verdict(key, "unverifiable", (limits.told,)) for key in codes]
    return [
        _verdict(key, code, [cell for cell in told if cell["notebook"] == f"{key}.ipynb"])
        for key, code in codes.items()
    ]


def _verdict(key: str, code: list[Any], told: list[dict[str, Any]]) -> Verdict:
    """Return what nbval's word on each cell says of a report."""
    if len(told) != len(code) + 1:
        return Verdict(key, "unverifiable", (("nbval could not execute it", "nbval 无法执行"),))
    wrong = [cell for cell in told if cell["outcome"] != "passed"]
    broken = any(re.search("Timeout|Kernel dead|plugin exception", c["text"]) for c in wrong)
    names = _names(code)
    sentences = [_told(cell, names[cell["cell"]]) for cell in wrong[:TOLD_AT_MOST]]
    if more := len(wrong) - len(sentences):
        sentences.append((f"and {more} more cells", f"另有 {more} 个单元"))
    status: Status = "unverifiable" if broken else "differs" if wrong else "verified"
    return Verdict(key, status, tuple(sentences))


def _again(node: Any, code: list[Any], beginning: Path) -> Any:
    """Return what nbval is to execute: the code, from the folder where it ran."""
    new = nbformat.v4
    move = new.new_code_cell(f"import os\nos.chdir({str(beginning)!r})", execution_count=1)
    again = new.new_notebook(cells=[move, *code], metadata=node.metadata)
    if _error(code[-1]):
        code[-1].metadata["tags"] = [*tags(code[-1]), "raises-exception"]
    return again


def _nbval(folder: Path, entries: list[Entry], limits: Limits) -> list[dict[str, Any]]:
    """Return what nbval tells of each cell of the notebooks in a folder."""
    tests = home() / "tests"
    shutil.copy(Path(__file__).with_name("compared.py"), folder / "conftest.py")
    seconds = max(LEAST_SECONDS, TIMES_AS_LONG * max(entry.seconds for entry in entries))
    command = [
        sys.executable, "-m", "pytest", "-c", str(tests / "nbval.ini"), "--rootdir", str(folder),
        "-p", "nbval.plugin", "--color=no",
        "--nbval", "--nbval-current-env", "--nbval-cell-timeout", f"{seconds:.0f}",
        "--nbval-sanitize-with", str(tests / "nbval.cfg"), str(folder),
    ]  # fmt: skip
    alone = {"PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with subprocess.Popen(  # noqa: S603 - our own words and paths
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, **alone, **entries[0].made["threads"]}, start_new_session=True,
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
