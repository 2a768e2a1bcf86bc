"""From a notebook to an export: run as a report runs, then written whole or not at all."""

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crmlab import privacy
from crmlab.errors import CrmlabError
from crmlab.export import folder
from crmlab.export.files import IDENTIFIED, write
from crmlab.page.hand import EXPORT, read
from crmlab.report import Job
from crmlab.report.execute import Outcome, execute


@dataclass(frozen=True)
class Exported:
    """What became of one notebook: its status, what to tell, the folder and its files."""

    job: Job
    status: str
    en: str = ""
    zh: str = ""
    folder: Path | None = None
    files: tuple[str, ...] = ()


def require_writable(jobs: Iterable[Job], out: Path, *, force: bool = False) -> None:
    """Refuse, before any notebook runs, what could not be written afterwards.

    Raises
    ------
    RequestError
        If the key of the pseudonyms cannot be used or lies in `out`, `out` cannot be made or
        written to, or an export's folder is there already (with `force`: if it is no export).
    """
    privacy.require_outside(out)
    privacy.key()
    folder.require_made(out)
    for job in jobs:
        folder.require_free(out / job.key, force=force)


def export(job: Job, out: Path, *, identified: bool = False, force: bool = False) -> Exported:
    """Run a notebook and write what it found to ``out/<notebook>.<lang>``.

    Parameters
    ----------
    job : Job
        From `crmlab.report.plan`.
    out : Path
        Where the export's folder goes.
    identified : bool
        Whether the campaign list is also written with the real ids, for its owner alone.
    force : bool
        Whether an export that is there already is replaced.

    Returns
    -------
    Exported
        Status ``ok``, or that of a report: ``not_enough``, ``refused`` (also if a table does
        not fit a sheet), ``failed`` (also if the disk is full); then nothing is written, and
        an older export stays.

    Raises
    ------
    RequestError
        See `require_writable`.
    """
    require_writable([job], out, force=force)
    target = out / job.key
    with _ending(), tempfile.TemporaryDirectory(prefix="crmlab-export-") as scratch:
        shown = Path(scratch) / "shown"
        shown.mkdir()
        with _exporting(shown):
            outcome = _beside(job, Path(scratch) / "run.ipynb")
        if outcome.status != "ok":
            return Exported(job, outcome.status, outcome.en, outcome.zh)
        finished = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        try:
            with folder.replaced(target) as part:
                files = write(part, job, read(shown), outcome.node, finished, identified=identified)
        except CrmlabError as error:
            return Exported(job, "refused", error.en, error.zh)
        except OSError as error:
            return Exported(job, "failed", *_unwritten(target, error))
    told = _identified(target) if IDENTIFIED in files else ("", "")
    return Exported(job, "ok", *told, folder=target, files=tuple(files))


def _beside(job: Job, target: Path) -> Outcome:
    """Run a job in a thread of its own, so that this one can be ended meanwhile."""
    outcome: Future[Outcome] = Future()

    def work() -> None:
        try:
            outcome.set_result(execute(job, target))
        except Exception as error:  # raised again where it is waited for
            outcome.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return outcome.result()


@contextmanager
def _ending() -> Iterator[None]:
    """Let a signal to terminate remove what was kept on the way, which holds real ids."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _exporting(kept: Path) -> Iterator[None]:
    """Let the kernels that start meanwhile keep what their pages show."""
    os.environ[EXPORT] = str(kept)
    try:
        yield
    finally:
        del os.environ[EXPORT]


def _identified(target: Path) -> tuple[str, str]:
    """Say that a list has real ids, and what that asks of its reader."""
    return (
        f"{target / IDENTIFIED} holds real ids: do not pass it on with the other files.",
        f"{target / IDENTIFIED} 含真实编号：请勿随其他文件一同转发。",
    )


def _unwritten(target: Path, error: OSError) -> tuple[str, str]:
    """Say why an export could not be written, in English and in Chinese."""
    return (
        f"{target} cannot be written: {error.strerror}. What was there before still is.",
        f"无法写入 {target}：{error.strerror}。之前的内容仍然保留。",
    )
