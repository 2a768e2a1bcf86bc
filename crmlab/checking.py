"""``crmlab check``: what is in a source, and what it is fit for, as JSON or for people."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from crmlab import check, load
from crmlab.errors import RequestError
from crmlab.lang import Lang, day, money, number, say, term
from crmlab.load import Lines
from crmlab.report.readiness import readiness
from crmlab.spreadsheet import write_csv

MARKS = {
    "ready": "[green]✓[/]", "caution": "[yellow]![/]", "not_enough": "[red]✗[/]",
    "lacking": "[dim]–[/]", "refused": "[red]✗[/]", "failed": "[red]✗[/]",
}  # fmt: skip


def document(source: str, lang: Lang) -> dict[str, Any]:
    """Return all that `crmlab check` tells of a source, as JSON can hold it.

    Parameters
    ----------
    source : str
        A name, or the path of a TOML file.
    lang : {"en", "zh"}
        The language that notebooks' check cells run in; sentences are in both.

    Returns
    -------
    dict
        ``source``, ``currency``, ``tables`` (each with ``table``, ``rows``, ``first_day``,
        ``as_of``, ``ledger``, ``levels``, ``findings``) and ``notebooks`` (``notebook``,
        ``level``, ``findings``). A finding has ``level``, ``code``, ``en``, ``zh``.

    Raises
    ------
    RequestError, DataError
        If there is no such source, or a table of it cannot be used.
    """
    found = load.find(source)
    names = sorted(found.files, key=lambda name: name != "orders")  # the others as they stand
    tables = [_table(load.table(source, name)) for name in names]
    fit = [asdict(each) for each in readiness(source, lang)]
    return {
        "source": found.name, "currency": found.currency, "tables": tables, "notebooks": fit,
    }  # fmt: skip


def _table(lines: Lines) -> dict[str, Any]:
    levels = check.levels(lines).reset_index() if lines.name == "orders" else pd.DataFrame()
    return {
        "table": lines.name,
        "rows": lines.rows,
        "first_day": lines.first_day and lines.first_day.isoformat(),
        "as_of": lines.as_of and lines.as_of.isoformat(),
        "ledger": _records(lines.ledger),
        "levels": _records(levels),
        "findings": [asdict(finding) for finding in check.findings(lines)],
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    told = frame.astype(object).where(frame.notna(), None)
    return [{str(k): _plain(v) for k, v in row.items()} for row in told.to_dict("records")]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def shown(told: dict[str, Any], lang: Lang) -> RenderableType:
    """Return the document for people to read."""
    parts: list[RenderableType] = []
    for table in told["tables"]:
        parts.append(_heading(told, table, lang))
        if not _is_all_used(table):
            parts.append(_ledger(table, told["currency"], lang))
        parts += [_sentence(finding, lang) for finding in table["findings"]]
        parts += [] if _is_quiet(table) else [""]
    parts += [""] if _is_quiet(told["tables"][-1]) else []
    title = say(lang, en="What it is fit for", zh="可用于哪些分析")
    return Group(*parts, Text(title, style="bold"), *_notebooks(told, lang))


def _heading(told: dict[str, Any], table: dict[str, Any], lang: Lang) -> Text:
    days = ""
    if table["first_day"]:
        first, last = (date.fromisoformat(table[k]) for k in ("first_day", "as_of"))
        days = say(lang, en=f", {day(first, lang)} to {day(last, lang)}",
                   zh=f"，{day(first, lang)}至{day(last, lang)}")  # fmt: skip
    name = term(f"{table['table']}_table", lang)
    heading = Text()
    heading.append(f"{told['source']} · {name}{days}", style="bold")
    if _is_all_used(table):
        rows, amount = number(table["rows"], lang), table["ledger"][0].get("amount")
        paid = "" if amount is None else money(amount, told["currency"], lang, exact=True)
        heading.append(say(lang, en=f": {rows} rows, all used", zh=f"：{rows} 行，全部使用"))
        heading.append(paid and say(lang, en=f", {paid}", zh=f"，{paid}"))
    return heading


def _is_all_used(table: dict[str, Any]) -> bool:
    """Return whether there is nothing to tell of a table's ledger."""
    reasons = {row["reason"] for row in table["ledger"]}
    return not table["levels"] and reasons == {"rows_read", "rows_used"}


def _is_quiet(table: dict[str, Any]) -> bool:
    return _is_all_used(table) and not table["findings"]


def _ledger(table: dict[str, Any], currency: str, lang: Lang) -> Table:
    """Return the ledger and, below it, the way from rows to customers."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(justify="right")
    grid.add_column(justify="right")
    lines = [(row["reason"], row["rows"], row.get("amount")) for row in table["ledger"]]
    lines += [(row["level"], row["count"], row["amount"]) for row in table["levels"][1:]]
    for code, count, amount in lines:
        paid = "" if amount is None else money(amount, currency, lang, exact=True)
        grid.add_row(escape("  " + term(code, lang)), number(count, lang), paid)
    return grid


def _sentence(finding: dict[str, Any], lang: Lang) -> RenderableType:
    mark = "[yellow]![/]" if finding["level"] == "caution" else "[dim]·[/]"
    return Text.from_markup(f"  {mark} {escape(finding[lang])}")


def _notebooks(told: dict[str, Any], lang: Lang) -> Iterator[RenderableType]:
    """Yield a line per notebook, and why: what its tables' findings have not said already."""
    said = {finding["en"] for table in told["tables"] for finding in table["findings"]}
    for each in told["notebooks"]:
        level, name = each["level"], escape(each["notebook"])
        why = [finding for finding in each["findings"] if finding["level"] != "ready"]
        new = [finding[lang] for finding in why if finding["en"] not in said]
        if len(new) < len(why):
            new.append(say(lang, en="And what is said of its tables above.",
                           zh="另见上文所列各表的问题。"))  # fmt: skip
        yield Text.from_markup(f"  {MARKS[level]} [bold]{name}[/]: {_level(level, lang)}")
        yield from (Text(f"      {reason}") for reason in new)


def _level(level: str, lang: Lang) -> str:
    own = {
        "lacking": say(lang, en="not for this source", zh="此数据源不适用"),
        "refused": say(lang, en="the data cannot be used", zh="数据不可用"),
        "failed": say(lang, en="its check failed", zh="检查出错"),
    }
    return own.get(level) or term(level, lang)


def write_rejects(source: str, path: Path) -> int:
    """Write the rows of all tables that were not used, each with its reason; return how many.

    Each table has a heading of its own, and its name before every row.

    Raises
    ------
    RequestError
        If the file cannot be written.
    """
    count = 0

    def rows() -> Iterator[tuple[str, ...]]:
        nonlocal count
        for name in load.find(source).files:
            for place, row in enumerate(load.rejected(source, load.table(source, name))):
                count += place > 0
                yield ("table" if place == 0 else name, *row)

    try:
        write_csv(path, rows())
    except OSError as error:
        raise RequestError(
            en=f"{path} cannot be written: {error.strerror}.",
            zh=f"无法写入 {path}：{error.strerror}。",
        ) from None
    return count
