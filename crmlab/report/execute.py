"""One notebook in one language, run to the end or to where it stopped, and told truly."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat

from crmlab.lang import Lang
from crmlab.report.notebooks import Notebook, in_language, tags

Status = Literal["ok", "not_enough", "refused", "failed"]
GOOD: tuple[Status, ...] = ("ok", "not_enough")
CELL_SECONDS = 900


@dataclass(frozen=True)
class Job:
    """One report to make: a notebook, a language, and the parameters in force.

    `given` are the parameters that differ from the defaults by the user's wish, as
    text; `data` is the fingerprint of the source.
    """

    notebook: Notebook
    lang: Lang
    values: dict[str, Any]
    given: dict[str, str] = field(default_factory=dict)
    data: str = ""

    @property
    def key(self) -> str:
        return f"{self.notebook.name}.{self.lang}"

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


def execute(job: Job, target: Path) -> Outcome:
    """Run a job's notebook, leaving the executed notebook at `target`."""
    started = time.monotonic()
    fault = _papermill(job, target)
    seconds = time.monotonic() - started
    try:
        node = nbformat.read(target, as_version=4)
    except (OSError, ValueError):  # never written, or cut off by a full disk
        return Outcome("failed", None, fault, fault, seconds)
    node.cells = [c for c in node.cells if "papermill-error-cell-tag" not in tags(c)]
    status, en, zh = _verdict(node, fault)
    return Outcome(status, node, en, zh, seconds)


def _papermill(job: Job, target: Path) -> str:
    """Execute by papermill; return what went wrong outside of the cells, if anything."""
    import papermill
    from jupyter_core.utils import ensure_event_loop
    from traitlets.config import Config

    loop = ensure_event_loop()  # this thread's, which nbclient would leave open
    declared = {p.name for p in job.notebook.parameters}
    try:
        papermill.execute_notebook(
            str(job.notebook.path),
            str(target),
            parameters={k: v for k, v in job.values.items() if k in declared},
            kernel_name="python3",
            language="python",
            progress_bar=False,
            cwd=str(job.notebook.path.parent),
            execution_timeout=CELL_SECONDS,
            extra_arguments=["--IPKernelApp.log_level=50"],  # it would write into our terminal
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        )
    except papermill.exceptions.PapermillExecutionError:
        return ""  # the cell's error is in the notebook
    except Exception as error:  # whatever ends one report, the others go on
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    finally:
        loop.close()
    return ""


def _verdict(node: Any, fault: str) -> tuple[Status, str, str]:
    """Return the status by what really ran, whatever the metadata say."""
    code = [c for c in node.cells if c.cell_type == "code" and "injected-parameters" not in tags(c)]
    code = [c for c in code if c.source.strip()]
    for place, cell in enumerate(code, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                return _told(output, place)
    started = sum(cell.execution_count is not None for cell in code)
    if fault or started < len(code):
        en = f"{fault or 'It ended early'}: at least {started} of {len(code)} code cells started."
        zh = f"{fault or '提前结束'}：共 {len(code)} 个代码单元，至少启动了 {started} 个。"
        return "failed", en, zh
    return "ok", "", ""


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
