"""``crmlab run``: what is said of a run as it goes and at its end, and its exit code."""

from rich.markup import escape

from crmlab.lang import Lang, say
from crmlab.report import Done, Progress

CODES = {"ok": 0, "not_enough": 0, "skipped": 0, "failed": 1, "refused": 2, "timed_out": 124}
WORST_FIRST = (1, 124, 2, 0)
MARKS = {
    "ok": ("[green]✓[/]", "made", "已生成"),
    "skipped": ("[dim]=[/]", "unchanged, skipped", "未变化，跳过"),
    "not_enough": ("[yellow]~[/]", "not enough data", "数据不足"),
    "refused": ("[red]✗[/]", "refused", "数据或参数有误"),
    "failed": ("[red]✗[/]", "failed", "失败"),
    "timed_out": ("[red]✗[/]", "timed out", "超时"),
    "cancelled": ("[red]✗[/]", "cancelled", "已取消"),
}


def line(step: Progress, lang: Lang) -> str:
    """Return one line on a report that is done with, as rich's markup."""
    mark, english, chinese = MARKS[step.step]
    seconds = f" ({step.seconds:.0f} s)" if step.seconds else ""
    return f"{mark} {escape(step.job.key)}: {say(lang, en=english, zh=chinese)}{seconds}"


def closing(done: Done, lang: Lang) -> list[str]:
    """Return what is to be said at the end: each sentence once."""
    told = [(step.en, step.zh) for step in done.steps] + [done.fault or ("", "")]
    if done.folder is None:
        told.append(("Nothing has changed: all are up to date.", "没有变化：报告均为最新。"))
    return list(dict.fromkeys(say(lang, en=en, zh=zh) for en, zh in told if en))


def exit_code(done: Done) -> int:
    """Return 128 + the signal that cancelled the run, or the code of what went worst."""
    statuses = {step.step for step in done.steps}
    if "cancelled" in statuses:
        return 128 + done.signal
    return worst({CODES[status] for status in statuses} | ({1} if done.fault else set()))


def worst(codes: set[int]) -> int:
    """Return the exit code that tells of what went worst; 0 if there is none."""
    return next((code for code in WORST_FIRST if code in codes), 0)
