"""The folder of a run, and the site that `latest` shows: switched whole, or not at all."""

import json
import os
import secrets
import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from crmlab.errors import RequestError
from crmlab.report.entries import RECORD, Entry, latest
from crmlab.report.site import pages


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


def publish(out: Path, run: Path, made: dict[str, Entry]) -> bool:
    """Complete a run's site with the last good reports, and show it if any is good.

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
        for name, page in pages(out, run, site).items():
            write(run / name, page)
        record = {"run": run.name, "reports": [asdict(e) for e in site.values()]}
        write(run / RECORD, json.dumps(record, ensure_ascii=False, indent=1))
        if not any(entry.file for entry in made.values()):
            return False
        _switch(out / "latest", run)
        return True


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # there only if the disk is full


def _kept(before: Entry, tried: Entry | None, site: Path, run: Path) -> Entry:
    """Copy the last good report into the run, byte for byte; note a failed try."""
    shutil.copy2(site / before.file, run / before.file)
    failed = tried.failed if tried else ""
    return Entry(**{**asdict(before), "failed": failed})


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
    shutil.copytree(run, fresh)
    old = link.with_name(f".{link.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if link.exists():
        link.rename(old)
    fresh.rename(link)
    shutil.rmtree(old, ignore_errors=True)
