"""Findings on rows that were left out, and on rows that occur twice."""

from collections.abc import Iterator

from crmlab.check.base import Seen, caution, finding, note, percent_of
from crmlab.errors import Finding
from crmlab.load.reasons import NO_DATA

AS_ASKED = ("wrong_status", "duplicate", "repeated_order", "after_as_of", "not_selected")
MUCH = 0.01  # share of rows or of money from which a loss or a repeat calls for attention


def found(seen: Seen) -> Iterator[Finding]:
    """Say which rows were left out: broken, without a customer, without another cell, as asked."""
    yield from _broken(seen)
    reasons = [r for r in seen.ledger.index if r in seen.reasons and r not in NO_DATA]
    if "no_customer_id" in reasons and seen.lines.name == "orders":
        yield _nobody(seen)
        reasons.remove("no_customer_id")
    if lost := [r for r in reasons if r not in AS_ASKED]:
        yield _lost(seen, lost)
    if asked := [r for r in reasons if r in AS_ASKED]:
        yield note(
            "left_out_as_asked",
            en=f"Left out as the source asks: {seen.listed(asked, 'en')}.",
            zh=f"按数据源设置剔除：{seen.listed(asked, 'zh')}。",
        )


def _broken(seen: Seen) -> Iterator[Finding]:
    if broken := seen.count("broken_line"):
        yield caution(
            "broken_lines",
            en="Broken lines (a quote that is never closed, or too many cells), left out: "
            f"{broken:,}; crmlab check --rejects FILE writes them.",
            zh=f"{broken:,} 行结构损坏（引号未闭合或单元格过多），已剔除；"
            "用 crmlab check --rejects 文件名 可导出。",
        )


def _share(seen: Seen, count: int, amount: float) -> float:
    """Return the larger share of what was read: of rows, or of money."""
    paid = seen.amount("rows_read") or 0
    return max(count / max(seen.count("rows_read"), 1), abs(amount / paid) if paid else 0)


def _money(seen: Seen, amount: float) -> tuple[str, str]:
    """Return an amount with the word before it; nothing if there is none."""
    if not amount:
        return "", ""
    english, chinese = seen.both(amount)
    return f", with {english}", f"，金额 {chinese}"


def _nobody(seen: Seen) -> Finding:
    count, amount = seen.count("no_customer_id"), seen.amount("no_customer_id") or 0
    read = seen.count("rows_read")
    en, zh = _money(seen, amount)
    return finding(
        "missing_ids",
        is_caution=_share(seen, count, amount) >= MUCH,
        en=f"{count:,} of {read:,} rows ({percent_of(count / read, 'en')}) name no customer and "
        f"were left out{en}. If they are many, customers look poorer than they are.",
        zh=f"{read:,} 行中有 {count:,} 行（{percent_of(count / read, 'zh')}）没有客户编号，已剔除"
        f"{zh}。若占比较大，客户价值会被低估。",
    )


def _lost(seen: Seen, lost: list[str]) -> Finding:
    count, read = sum(map(seen.count, lost)), seen.count("rows_read")
    amount = sum(seen.amount(reason) or 0 for reason in lost)
    en, zh = _money(seen, amount)
    return finding(
        "rows_left_out",
        is_caution=_share(seen, count, amount) >= MUCH,
        en=f"{count:,} of {read:,} rows ({percent_of(count / read, 'en')}) could not be used{en}: "
        f"{seen.listed(lost, 'en')}.",
        zh=f"{read:,} 行中有 {count:,} 行（{percent_of(count / read, 'zh')}）不能使用{zh}："
        f"{seen.listed(lost, 'zh')}。",
    )


def repeats(seen: Seen) -> Iterator[Finding]:
    """Say how many used rows repeat an earlier one in every cell."""
    if not (count := seen.count("exact_duplicates")):
        return
    used = seen.count("rows_used")
    en, zh = _money(seen, seen.amount("exact_duplicates") or 0)
    hint_en = hint_zh = ""
    if seen.lines.name == "orders":
        hint_en = '; they were kept. If each is an error, set duplicates = "drop"'
        hint_zh = '；已保留。若属重复录入，请设 duplicates = "drop"'
    yield finding(
        "exact_duplicates",
        is_caution=count >= MUCH * used,
        en=f"{count:,} of {used:,} rows ({percent_of(count / used, 'en')}){en}, repeat an earlier "
        f"row in every cell{hint_en}.",
        zh=f"{used:,} 行中有 {count:,} 行（{percent_of(count / used, 'zh')}）与前面某行完全相同"
        f"{zh}{hint_zh}。",
    )
