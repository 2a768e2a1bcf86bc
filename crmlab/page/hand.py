"""Handing over: a page's parts are displayed, collected in this process, or kept for an export."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display

MEDIA = "application/vnd.crmlab+json"
EXPORT = "CRMLAB_EXPORT"  # the environment variable that names the folder of an export
INDEX = "shown.jsonl"

_kept: "list[Shown] | None" = None


@dataclass(frozen=True)
class Shown:
    """One thing that a page showed: what it handed over, and the whole table behind it."""

    handed: dict[str, Any]
    frame: pd.DataFrame | None = None
    units: Mapping[str, str] | None = None


@contextmanager
def collected() -> Iterator[list[Shown]]:
    """Collect what the page shows, whole tables included, and display nothing."""
    global _kept
    before, _kept = _kept, []
    try:
        yield _kept
    finally:
        _kept = before


def wanted() -> bool:
    """Return whether anybody takes whole tables: who collects, or an export."""
    return _kept is not None or bool(os.environ.get(EXPORT))


def over(
    media: dict[str, Any],
    frame: pd.DataFrame | None = None,
    units: Mapping[str, str] | None = None,
    **options: Any,
) -> None:
    """Display a part of the page, or keep it for who collects; keep it for an export besides."""
    part = Shown(media[MEDIA], frame, units)
    if _kept is not None:
        _kept.append(part)
        return
    if folder := os.environ.get(EXPORT):
        _write(Path(folder), part)
    display(media, raw=True, **options)


def _write(folder: Path, part: Shown) -> None:
    """Add a part to an export's folder: a line of JSON, and its table as Parquet."""
    index = folder / INDEX
    count = len(index.read_text(encoding="utf-8").splitlines()) if index.exists() else 0
    line = {"handed": part.handed, "units": dict(part.units or {}), "file": ""}
    if part.frame is not None:
        line["file"] = f"{count:03}.parquet"
        part.frame.rename(columns=str).to_parquet(folder / str(line["file"]))
    with open(index, "a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read(folder: Path) -> list[Shown]:
    """Return what a page that ran with `EXPORT` kept in a folder, in the order shown."""
    index = folder / INDEX
    if not index.exists():
        return []
    lines = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
    return [
        Shown(
            line["handed"],
            pd.read_parquet(folder / line["file"]) if line["file"] else None,
            line["units"],
        )
        for line in lines
    ]
