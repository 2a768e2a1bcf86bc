"""``crmlab verify``: what is said of each report, and the exit code."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from crmlab.lang import Lang, say, term
from crmlab.report.limits import Limits
from crmlab.report.reexecute import Verdict
from crmlab.report.verify import find_run, verify

__all__ = ["find_run", "line", "verified"]

MARKS = {"verified": "[green]✓[/]", "differs": "[red]✗[/]", "unverifiable": "[yellow]?[/]"}


def verified(run: Path, lang: Lang, console: Console) -> int:
    """Verify a run, show each verdict as it falls, and return the exit code."""
    limits = Limits()
    with console.status(escape(run.name)):
        verdicts = verify(run, lambda verdict: console.print(line(verdict, lang)), limits)
    return 128 + limits.signal if limits.signal else _worst(verdicts)


def line(verdict: Verdict, lang: Lang) -> str:
    """Return a report's verdict, and a line for each thing that stands against it."""
    head = f"{MARKS[verdict.status]} {escape(verdict.key)}: {term(verdict.status, lang)}"
    return "\n".join([head, *(f"  {escape(say(lang, en=en, zh=zh))}" for en, zh in verdict.told)])


def _worst(verdicts: Iterable[Verdict]) -> int:
    """Return 1 if a report differs, else 2 if one cannot be verified, else 0."""
    statuses = {verdict.status for verdict in verdicts}
    return 1 if "differs" in statuses else 2 if "unverifiable" in statuses else 0
