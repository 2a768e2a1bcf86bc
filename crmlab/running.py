"""``crmlab run``: what is said of a run as it goes and at its end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from crmlab.errors import CrmlabError
from crmlab.lang import Lang, say
from crmlab.report import Done, Progress
from crmlab.report.summary import WORDS, document, refused

MARKS = {"ok": "[green]✓[/]", "skipped": "[dim]=[/]", "not_enough": "[yellow]~[/]"}


def line(step: Progress, lang: Lang) -> str:
    """Return one line on a report that is done with, as rich's markup."""
    english, chinese = WORDS[step.step]
    told = say(lang, en=english, zh=chinese)
    if step.step == "skipped":
        told += say(lang, en=f" ({step.en})", zh=f"（{step.zh}）")
    seconds = f" ({step.seconds:.0f} s)" if step.seconds else ""
    return f"{MARKS.get(step.step, '[red]✗[/]')} {escape(f'{step.job.key}: {told}{seconds}')}"


def closing(done: Done, lang: Lang) -> list[str]:
    """Return what is to be said at the end: each sentence once."""
    told = [(step.en, step.zh) for step in done.steps if step.step != "skipped"]
    told.append(done.fault or ("", ""))
    if done.folder is None:
        told.append(("Nothing has changed: all are up to date.", "没有变化：报告均为最新。"))
    if done.removed:
        removed = len(done.removed)
        told.append(
            (
                f"{removed:,} older runs deleted (--keep).",
                f"已删除 {removed:,} 次旧运行（--keep）。",
            )
        )
    return list(dict.fromkeys(say(lang, en=en, zh=zh) for en, zh in told if en))


def said(done: Done, out: Path, *, as_json: bool) -> str:
    """Return what goes to standard output at the end: one line of JSON, or the index's path."""
    told = document(done, out)
    return _line(told) if as_json else told["index"] or ""


@contextmanager
def refusals(*, as_json: bool) -> Iterator[None]:
    """Say a mistake as one line of JSON, too; an interrupt before any kernel runs is its code."""
    try:
        yield
    except CrmlabError as error:
        if as_json:
            typer.echo(_line(refused(error)))
        raise
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, allow_nan=False)
