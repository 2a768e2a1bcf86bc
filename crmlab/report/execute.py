"""One notebook in one language, run to the end or to where it stopped, and told truly."""

import hashlib
import json
import logging
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat

from crmlab.lang import Lang, word
from crmlab.report.contract import Told
from crmlab.report.limits import Limits
from crmlab.report.notebooks import Notebook, in_language, tags

Status = Literal["ok", "not_enough", "refused", "failed", "timed_out", "cancelled"]
GOOD: tuple[Status, ...] = ("ok", "not_enough")
UNSAFE = re.compile(r"[^a-z0-9\u4e00-\u9fff.]+|\.{2,}|^\.|\.$")  # in a file's name
LONGEST = 50  # characters that a matrix adds to it


@dataclass(frozen=True)
class Job:
    """One report to make: a notebook, a language, and the parameters in force.

    `given` are the parameters that differ from the defaults by the user's wish, as
    text; `data` is the fingerprint of the source; `variant` are the parameters, as text,
    that tell it from the notebook's other reports of a matrix.
    """

    notebook: Notebook
    lang: Lang
    values: dict[str, Any]
    given: dict[str, str] = field(default_factory=dict)
    data: str = ""
    variant: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The report's name, which is safe as the name of a file."""
        return ".".join([self.notebook.name, *_slug(self.variant), self.lang])

    @property
    def title(self) -> str:
        return " · ".join([self.notebook.title(self.lang), *self.told])

    @property
    def told(self) -> list[str]:
        """What it is of: the part of a source, and what tells it from others of a matrix."""
        part = {"where": where} if (where := self.values.get("where")) else {}
        told = {**part, **self.variant}
        return [f"{name} = {word(str(text), self.lang)}" for name, text in told.items()]

    def fingerprint(self, environment: str) -> str:
        """Return a SHA-256 of all that decides the report but the clock."""
        cells = [
            (c.cell_type, c.source) for c in self.notebook.node.cells if in_language(c, self.lang)
        ]
        told = json.dumps([cells, self.values, self.data, environment], sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What became of a job: status, the executed notebook, what to tell, how long it took."""

    status: Status
    node: Any
    en: str = ""
    zh: str = ""
    seconds: float = 0.0


def _slug(variant: dict[str, str]) -> list[str]:
    """Return a safe, short and unique part of a file's name; nothing if there is no variant."""
    if not variant:
        return []
    parts = [f"{name}-{UNSAFE.sub('-', text.lower())}" for name, text in variant.items()]
    slug = ".".join(parts)
    exact = slug == ".".join(f"{name}-{text}" for name, text in variant.items())
    if exact and len(slug) <= LONGEST:
        return [slug]
    digest = hashlib.sha256(json.dumps(variant).encode()).hexdigest()[:6]
    return [f"{slug[:LONGEST]}-{digest}"]


def execute(job: Job, target: Path, limits: Limits | None = None) -> Outcome:
    """Run a job's notebook, leaving the executed notebook at `target`."""
    limits = limits or Limits()
    if limits.reason:
        return Outcome(limits.reason, None, *_stopped(limits, 0))
    started = time.monotonic()
    fault = _papermill(job, target, limits)
    seconds = time.monotonic() - started
    try:
        node = nbformat.read(target, as_version=4)
    except (OSError, ValueError):  # never written, or cut off by a full disk
        target.unlink(missing_ok=True)
        if limits.reason:
            en, zh = _stopped(limits, 0)
            return Outcome(limits.reason, None, en, zh, seconds)
        told = _first_line(fault)
        return Outcome("failed", None, told, told, seconds)
    node.cells = [c for c in node.cells if "papermill-error-cell-tag" not in tags(c)]
    status, en, zh = _verdict(node, fault, limits)
    return Outcome(status, node, en, zh, seconds)


def _papermill(job: Job, target: Path, limits: Limits) -> Exception | None:
    """Execute by papermill; return what went wrong outside of the cells, if anything."""
    import papermill
    from jupyter_core.utils import ensure_event_loop
    from traitlets.config import Config

    loop = ensure_event_loop()  # this thread's, which nbclient would leave open
    logging.getLogger("papermill").addHandler(logging.NullHandler())  # we say it ourselves
    declared = {p.name for p in job.notebook.parameters}
    try:
        papermill.execute_notebook(
            str(job.notebook.path),
            str(target),
            parameters={k: v for k, v in job.values.items() if k in declared},
            kernel_name="python3",
            language="python",
            progress_bar=False,
            kernel_manager_class=limits.kernel_manager(str(job.notebook.path.parent)),
            execution_timeout=limits.cell_seconds,
            extra_arguments=["--IPKernelApp.log_level=50"],  # it would write into our terminal
            config=Config(
                {"KernelManager": {"transport_encryption": "auto", "shutdown_wait_time": 2.0}}
            ),
        )
    except papermill.exceptions.PapermillExecutionError:
        return None  # the cell's error is in the notebook
    except Exception as error:  # whatever ends one report, the others go on
        return error
    finally:
        loop.close()
    return None


def _verdict(node: Any, fault: Exception | None, limits: Limits) -> tuple[Status, str, str]:
    """Return the status by what really ran, whatever the metadata say."""
    code = [c for c in node.cells if c.cell_type == "code" and "injected-parameters" not in tags(c)]
    code = [c for c in code if c.source.strip()]
    last = max((n for n, c in enumerate(code, 1) if c.metadata.papermill.start_time), default=0)
    if fault and limits.reason:
        return limits.reason, *_stopped(limits, last)
    if "Cell execution timed out" in str(fault):
        en = f"Code cell {last} took longer than {limits.cell_seconds:,} s (--cell-seconds)."
        zh = f"第 {last} 个代码单元超过 {limits.cell_seconds:,} 秒（--cell-seconds）。"
        return "timed_out", en, zh
    for place, cell in enumerate(code, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                return _told(output, place)
    started = sum(cell.execution_count is not None for cell in code)
    if not fault and started == len(code):
        return "ok", "", ""
    told = _first_line(fault)
    en = f"{told or 'It ended early'}: at least {started} of {len(code)} code cells started."
    zh = f"{told or '提前结束'}：共 {len(code)} 个代码单元，至少启动了 {started} 个。"
    return "failed", en, zh


def _stopped(limits: Limits, place: int) -> Told:
    """Say why a run was ended, and at which code cell."""
    en, zh = limits.told
    if not place:
        return f"{en}, before the first code cell ran.", f"{zh}，尚未运行任何代码单元。"
    return f"{en}, while code cell {place} ran.", f"{zh}，当时正在运行第 {place} 个代码单元。"


def _first_line(fault: Exception | None) -> str:
    """Return an error's name and the first line of what it says."""
    if fault is None:
        return ""
    return f"{type(fault).__name__}: {next(iter(str(fault).splitlines()), '')}"


def _told(error: Any, place: int) -> tuple[Status, str, str]:
    """Return the status and the sentences of an error that a cell raised."""
    status: dict[str, Status] = {
        "NotEnough": "not_enough", "DataError": "refused", "RequestError": "refused",
    }  # fmt: skip
    if error.ename in status and len(error.traceback) == 2:
        return status[error.ename], error.traceback[0], error.traceback[1]
    return (
        "failed",
        f"code cell {place} raised {error.ename}.",
        f"第 {place} 个代码单元出错：{error.ename}。",
    )
