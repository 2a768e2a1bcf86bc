"""The folder of a run, and the site that `latest` shows: switched whole, or not at all."""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from crmlab.errors import RequestError
from crmlab.lang import LANGS
from crmlab.report.render import css, with_font

RECORD = "run.json"
RUNNING = ".running"
NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


@dataclass(frozen=True)
class Entry:
    """One report of a site: whose, how it went, what it says, where it is.

    `file` is the good report's; `failed` names the page of a newer try that did not
    succeed, `tried` its status. `run` is the run that made the file, `made` what it was
    made of (`basis`), `verified` when it was last made again the same (`verify`).
    """

    key: str
    notebook: str
    lang: str
    title: str
    status: str
    run: str
    finished: str
    fingerprint: str
    file: str = ""
    headline: str = ""
    figures: list[dict[str, Any]] = field(default_factory=list)
    failed: str = ""
    seconds: float = 0.0
    order: float = 0.0
    tried: str = ""
    made: dict[str, Any] = field(default_factory=dict)
    verified: str = ""


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


def latest(out: Path) -> dict[str, Entry]:
    """Return the entries of the site that is shown now, by key; none if there is none."""
    return entries(out / "latest")


def entries(folder: Path) -> dict[str, Entry]:
    """Return the entries that a run's folder records."""
    return {each["key"]: Entry(**each) for each in record(folder).get("reports", [])}


def record(folder: Path) -> dict[str, Any]:
    """Return what a run's folder records: its request, each job's status, and its site."""
    file = folder / RECORD
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def last(out: Path, request: str) -> dict[str, Any]:
    """Return the record of the last run of a request; empty if there is none."""
    records = (record(folder) for folder in runs(out))
    return next((told for told in records if told.get("request") == request), {})


def runs(out: Path) -> list[Path]:
    """Return the folders of runs, the newest first."""
    found = [f for f in (out / "runs").glob("*") if NAME.fullmatch(f.name) and f.is_dir()]
    return sorted(found, reverse=True)


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
        _write_index(run, run.name, site)
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
    _write_index(folder, told["run"], site)
    write(folder / RECORD, json.dumps(told, ensure_ascii=False, indent=1))


def _record(run: Path, request: str, asked: dict[str, str], site: list[Entry]) -> None:
    reports = [asdict(entry) for entry in site]
    told = {"run": run.name, "request": request, "asked": asked, "reports": reports}
    write(run / RECORD, json.dumps(told, ensure_ascii=False, indent=1))


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    with _whole(path) as part, open(part, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Yield a path to write to, which becomes `path` once all is written."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # there only if the disk is full


def _kept(before: Entry, tried: Entry | None, site: Path, run: Path) -> Entry:
    """Copy the last good report into the run, byte for byte; note a failed try."""
    with _whole(run / before.file) as part:
        shutil.copy2(site / before.file, part)
    if not tried:
        return replace(before, failed="")  # its page lies with another run
    return replace(before, failed=tried.failed, tried=tried.status)


def _write_index(folder: Path, run: str, site: dict[str, Entry]) -> None:
    from jinja2 import Environment, FileSystemLoader, select_autoescape

    templates = Path(__file__).parents[1] / "template"
    environment = Environment(
        loader=FileSystemLoader(templates), autoescape=select_autoescape(["html", "j2"])
    )
    ordered = sorted(site.values(), key=lambda e: (e.order, e.key))
    names = list(dict.fromkeys(e.key.rpartition(".")[0] for e in ordered))
    cards = [[site[f"{n}.{lang}"] for lang in LANGS if f"{n}.{lang}" in site] for n in names]
    page = environment.get_template("index.html.j2").render(cards=cards, css=css(), run=run)
    write(folder / "index.html", with_font(page, above="\u2e80"))


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
