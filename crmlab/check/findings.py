"""What an analyst should know of a table before a model is fitted to it, most important first."""

from collections.abc import Callable, Iterator
from datetime import date

from crmlab.check import amounts, ids, times
from crmlab.check.base import Seen, caution, note, percent_of
from crmlab.errors import Finding
from crmlab.load import Lines
from crmlab.load.reasons import NO_DATA


def findings(lines: Lines, as_of: str | date | None = None) -> list[Finding]:
    """Return what was found in a table's rows, cautions first.

    Parameters
    ----------
    lines : Lines
        From `crmlab.load.table`.
    as_of : date or ISO text, optional
        Last day seen, for orders; by default that of the source.

    Returns
    -------
    list of Finding
        Each with a stable ``code``; level ``caution`` where something may be wrong and can
        be changed, ``ready`` for what is only good to know.
    """
    seen = Seen(lines, as_of)
    about: tuple[Callable[[Seen], Iterator[Finding]], ...] = (
        _left_out, _as_read, _repeats, ids.found, amounts.found, times.found,
    )  # fmt: skip
    if lines.name != "orders":
        about = (_left_out, _as_read, _repeats, ids.personal)
    found = [finding for each in about for finding in each(seen)]
    return sorted(found, key=lambda finding: finding.level != "caution")


def _as_read(seen: Seen) -> Iterator[Finding]:
    yield from seen.lines.notes


def _left_out(seen: Seen) -> Iterator[Finding]:
    """Say how many rows were left out for lack of a needed cell, with their money."""
    reasons = [r for r in seen.ledger.index if r in seen.reasons and r not in NO_DATA]
    read = seen.count("rows_read")
    if broken := seen.count("broken_line"):
        yield caution(
            "broken_lines",
            en=f"{broken:,} lines are broken (a quote that is never closed, or too many cells) and "
            "were left out; crmlab check --rejects FILE writes them.",
            zh=f"{broken:,} 行结构损坏（引号未闭合或单元格过多），已剔除；"
            "用 crmlab check --rejects 文件名 可导出。",
        )
    asked = {"wrong_status", "duplicate", "repeated_order", "after_as_of"}
    lost = [r for r in reasons if r not in asked]
    if count := sum(map(seen.count, lost)):
        share = count / max(read, 1)
        amount = seen.money(sum(seen.amount(reason) or 0 for reason in lost) or None)
        say_level = caution if share >= 0.01 else note
        yield say_level(
            "rows_left_out",
            en=f"{count:,} of {read:,} rows ({percent_of(share, 'en')}) could not be used"
            f"{f', with {amount[0]}' if amount else ''}: {seen.listed(lost, 'en')}.",
            zh=f"{read:,} 行中有 {count:,} 行（{percent_of(share, 'zh')}）不能使用"
            f"{f'，金额 {amount[1]}' if amount else ''}：{seen.listed(lost, 'zh')}。",
        )


def _repeats(seen: Seen) -> Iterator[Finding]:
    """Say how many used rows repeat an earlier one in every cell."""
    if not (count := seen.count("exact_duplicates")):
        return
    used, amount = seen.rows, seen.money(seen.amount("exact_duplicates"))
    hint_en = hint_zh = ""
    if seen.lines.name == "orders":
        hint_en = '; they were kept. If they are one sale each, set duplicates = "drop"'
        hint_zh = '；已保留。若各为同一笔销售，请设 duplicates = "drop"'
    level = caution if count >= 0.01 * used else note
    yield level(
        "exact_duplicates",
        en=f"{count:,} of {used:,} rows ({percent_of(count / used, 'en')}) repeat an earlier row "
        f"in every cell{f', {amount[0]}' if amount else ''}{hint_en}.",
        zh=f"{used:,} 行中有 {count:,} 行（{percent_of(count / used, 'zh')}）与前面某行完全相同"
        f"{f'，金额 {amount[1]}' if amount else ''}{hint_zh}。",
    )
