"""What a run records of its reports, in the file ``run.json`` of its folder."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RECORD = "run.json"


@dataclass(frozen=True)
class Entry:
    """One report of a site: whose, how it went, what it says, where it is.

    `file` is the good report's; `failed` names the page of a newer try that did not
    succeed. `run` is the run that made the file, `given` the parameters asked for.
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
    source: str = ""
    given: dict[str, str] = field(default_factory=dict)


def latest(out: Path) -> dict[str, Entry]:
    """Return the entries of the site that is shown now, by key; none if there is none."""
    return entries(out / "latest")


def entries(folder: Path) -> dict[str, Entry]:
    """Return the entries that a run's folder records."""
    record = folder / RECORD
    if not record.exists():
        return {}
    told = json.loads(record.read_text(encoding="utf-8"))
    return {each["key"]: Entry(**each) for each in told["reports"]}
