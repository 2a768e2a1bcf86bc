"""From a notebook to an export: run as a report runs, then written whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crmlab import privacy
from crmlab.errors import RequestError
from crmlab.export.files import write
from crmlab.page.hand import EXPORT, read
from crmlab.report import Job
from crmlab.report.execute import execute


@dataclass(frozen=True)
class Exported:
    """What became of one notebook: its status, what to tell, the folder and its files."""

    job: Job
    status: str
    en: str = ""
    zh: str = ""
    folder: Path | None = None
    files: tuple[str, ...] = ()


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
        Whether a folder that is there already is replaced.

    Returns
    -------
    Exported
        Status ``ok``, or that of a report: ``not_enough``, ``refused``, ``failed``; then
        nothing is written, and an older export stays.

    Raises
    ------
    RequestError
        If the folder is there already, cannot be written, or a table does not fit a sheet.
    """
    target = out / job.key
    privacy.require_outside(out)
    if target.exists() and not force:
        raise RequestError(
            en=f"{target} is there already; replace it with --force, or choose another --out.",
            zh=f"{target} 已存在；用 --force 覆盖，或用 --out 另选目录。",
        )
    part = _beside(target)
    try:
        return _exported(job, target, part, identified=identified)
    except OSError as error:
        raise _unwritten(target, error) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _exported(job: Job, target: Path, part: Path, *, identified: bool) -> Exported:
    """Run the notebook, write its files into `part`, and put that into the target's place."""
    with tempfile.TemporaryDirectory(prefix="crmlab-export-") as scratch:
        shown = Path(scratch) / "shown"
        shown.mkdir()
        with _exporting(shown):
            outcome = execute(job, Path(scratch) / "run.ipynb")
        if outcome.status != "ok":
            return Exported(job, outcome.status, outcome.en, outcome.zh)
        finished = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        files = write(part, job, read(shown), outcome.node, finished, identified=identified)
    part.chmod(0o755)
    old = part.with_name(f"{part.name}.old")
    if target.exists():
        target.rename(old)
    part.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return Exported(job, "ok", folder=target, files=tuple(files))


@contextmanager
def _exporting(folder: Path) -> Iterator[None]:
    """Let the kernels that start meanwhile keep what their pages show."""
    os.environ[EXPORT] = str(folder)
    try:
        yield
    finally:
        del os.environ[EXPORT]


def _beside(target: Path) -> Path:
    """Make a folder beside the target, in which the files are written first."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise _unwritten(target, error) from None


def _unwritten(target: Path, error: OSError) -> RequestError:
    return RequestError(
        en=f"{target} cannot be written: {error.strerror}.",
        zh=f"无法写入 {target}：{error.strerror}。",
    )
