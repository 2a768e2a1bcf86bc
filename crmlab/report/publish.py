"""The folder of a run, and the site that `latest` shows: switched whole, or not at all."""

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from crmlab.errors import RequestError
from crmlab.report.entries import RECORD, Entry, latest, record, runs
from crmlab.report.site import pages

RUNNING = ".running"


def new_run(out: Path) -> Path:
    """Make a run's folder, ``runs/<UTC time>-<6 hex>``, below `out`.

    Raises
    ------
    RequestError
        If it cannot be made.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = out / "runs" / f"{stamp}-{secrets.token_hex(3)}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise RequestError(
            en=f"reports cannot be written to {out}: {error.strerror}.",
            zh=f"无法把报告写入 {out}：{error.strerror}。",
        ) from None
    return folder


@contextmanager
def running(run: Path, request: str, asked: Iterable[str]) -> Iterator[None]:
    """Record what a run is asked for, and keep others from deleting its folder meanwhile."""
    try:
        with FileLock(run / RUNNING):
            _record(run, request, dict.fromkeys(asked, "pending"), [])
            yield
    finally:
        (run / RUNNING).unlink(missing_ok=True)


def publish(
    out: Path, run: Path, made: dict[str, Entry], request: str, asked: dict[str, str]
) -> bool:
    """Complete a run's site with the last good reports, and show it if any is good.

    Parameters
    ----------
    out, run : Path
        Where reports are, and the run's folder.
    made : dict
        The entries of the reports that it wrote, by key.
    request : str
        The fingerprint of what it was asked for.
    asked : dict
        The status of each job, by key.

    Returns
    -------
    bool
        Whether `latest` now shows this run.
    """
    with FileLock(out / ".lock"):
        site = {**made}
        for key, before in latest(out).items():
            there = (out / "latest" / before.file).is_file()
            if there and (key not in made or not made[key].file):
                site[key] = _kept(before, made.get(key), out / "latest", run)
        for name, page in pages(out, run.name, site).items():
            write(run / name, page)
        _record(run, request, asked, list(site.values()))
        if not any(entry.file for entry in made.values()):
            return False
        _switch(out / "latest", run)
        return True


def retain(out: Path, keep: int) -> list[str]:
    """Delete all but the newest runs; never those shown, nor one that is still going on.

    A run is shown by `latest` itself, or by a report that later runs took over from it: its
    executed notebook is what `verify` needs.

    Returns
    -------
    list of str
        The names of the runs that were deleted.
    """
    with FileLock(out / ".lock"):
        site = record(out / "latest")
        shown = {site.get("run"), *(each["run"] for each in site.get("reports", []))}
        old = [run for run in runs(out)[keep:] if run.name not in shown and not _goes_on(run)]
        for run in old:
            shutil.rmtree(run)
        if old and site:
            renew((out / "latest").resolve(), latest(out))  # whose history led to them
    return [run.name for run in old]


def _goes_on(run: Path) -> bool:
    if not (run / RUNNING).exists():
        return False
    try:
        with FileLock(run / RUNNING, timeout=0):
            return False  # it was killed
    except Timeout:
        return True


def renew(folder: Path, site: dict[str, Entry]) -> None:
    """Write the index and the record of a site anew, as its entries have changed."""
    told = {**record(folder), "reports": [asdict(entry) for entry in site.values()]}
    out = folder.parent if folder.name == "latest" else folder.parents[1]
    for name, page in pages(out, told["run"], site).items():
        write(folder / name, page)
    write(folder / RECORD, json.dumps(told, ensure_ascii=False, indent=1))


def _record(run: Path, request: str, asked: dict[str, str], site: list[Entry]) -> None:
    reports = [asdict(entry) for entry in site]
    told = {"run": run.name, "request": request, "asked": asked, "reports": reports}
    write(run / RECORD, json.dumps(told, ensure_ascii=False, indent=1))


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    with whole(path) as part, open(part, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a path to write to, which becomes `path` once all is written."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # there only if the disk is full


def _kept(before: Entry, tried: Entry | None, site: Path, run: Path) -> Entry:
    """Copy the last good report into the run, byte for byte; note a failed try."""
    for name in filter(None, (before.file, before.pdf)):
        with whole(run / name) as part:
            shutil.copy2(site / name, part)
    if not tried:
        return replace(before, failed="")  # its page lies with another run
    return replace(before, failed=tried.failed, tried=tried.status)


def _switch(link: Path, run: Path) -> None:
    """Make `link` show `run` in one step; where links are not permitted, by a copy."""
    fresh = link.with_name(f".{link.name}.{run.name}")
    try:
        fresh.symlink_to(Path("runs") / run.name, target_is_directory=True)
        fresh.replace(link)
    except OSError:
        fresh.unlink(missing_ok=True)
        _switch_copy(link, run, fresh)


def _switch_copy(link: Path, run: Path, fresh: Path) -> None:
    shutil.copytree(run, fresh, ignore=shutil.ignore_patterns(RUNNING))
    old = link.with_name(f".{link.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if link.exists():
        link.rename(old)
    fresh.rename(link)
    shutil.rmtree(old, ignore_errors=True)
