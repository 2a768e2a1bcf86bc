"""What a run records of its reports, in the file ``run.json`` of its folder."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmlab.errors import RequestError

RECORD = "run.json"
NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


@dataclass(frozen=True)
class Entry:
    """One report of a site: whose, how it went, what it says, where it is.

    `file` is the good report's; `failed` names the page of a newer try that did not
    succeed, `tried` its status. `run` is the run that made the file, `given` the parameters
    asked for, `made` what it was made of (`basis`), `verified` when it was last made again the
    same (`verify`), `pdf` its printed file, if one was asked for.
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
    source: str = ""
    given: dict[str, str] = field(default_factory=dict)
    pdf: str = ""


def latest(out: Path) -> dict[str, Entry]:
    """Return the entries of the site that is shown now, by key; none if there is none."""
    return entries(out / "latest")


def entries(folder: Path) -> dict[str, Entry]:
    """Return the entries that a run's folder records."""
    return {each["key"]: Entry(**each) for each in record(folder).get("reports", [])}


def record(folder: Path) -> dict[str, Any]:
    """Return what a run's folder records: its request, each job's status, and its site.

    Raises
    ------
    RequestError
        If the file is there but is no such record, as a bad disk may leave it.
    """
    file = folder.resolve() / RECORD
    if not file.exists():
        return {}
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise RequestError(
            en=f"{file} cannot be read as a run's record; delete that folder, and run again.",
            zh=f"{file} 不是可读的运行记录；请删除该文件夹，然后重新运行。",
        ) from None


def last(out: Path, request: str) -> dict[str, Any]:
    """Return the record of the last run of a request; empty if there is none."""
    records = (record(folder) for folder in runs(out))
    return next((told for told in records if told.get("request") == request), {})


def runs(out: Path) -> list[Path]:
    """Return the folders of runs, the newest first."""
    found = [f for f in (out / "runs").glob("*") if NAME.fullmatch(f.name) and f.is_dir()]
    return sorted(found, reverse=True)
