"""Which of the typed rows count, and on which day: duplicates, grain, refunds, as-of date."""

from crmlab.errors import DataError, Finding
from crmlab.load.source import File
from crmlab.load.sql import engine, literal, one, quoted
from crmlab.load.stage import Staged

USED = "_reason IS NULL"


def apply(staged: Staged, file: File) -> Staged:
    """Return the staged orders with the source's rules applied; rows keep their place.

    Raises
    ------
    DataError
        If the source says that a row is an order, but lines of one differ in amount.
    """
    staged = _without_duplicates(staged, file)
    staged = _at_grain(staged, file)
    staged = _refunds_dated(staged, file)
    if file.rules.as_of:
        late = f"order_date::DATE > {literal(str(file.rules.as_of))}::DATE"
        staged = staged.leave_out("after_as_of", places(staged, f"{USED} AND {late}"))
    return staged


def repeats(staged: Staged, key: str = "_same") -> str:
    """Return the SQL of the places of used rows that repeat an earlier one's `key`."""
    often = f"SELECT {key} FROM {staged.name} WHERE {USED} GROUP BY ALL HAVING count(*) > 1"
    nth = f"row_number() OVER (PARTITION BY {key} ORDER BY rowid)"
    return (
        f"SELECT place FROM (SELECT rowid AS place, {nth} AS nth FROM {staged.name} "
        f"WHERE {USED} AND ({key}) IN ({often})) WHERE nth > 1"
    )


def places(staged: Staged, rule: str) -> str:
    """Return the SQL of the places of the rows for which a condition holds."""
    return f"SELECT rowid FROM {staged.name} WHERE {rule}"


def _without_duplicates(staged: Staged, file: File) -> Staged:
    same = file.rules.duplicates
    if same == "keep":
        return staged
    key = "_same" if same == "drop" else ", ".join(map(quoted, same))
    return staged.leave_out("duplicate", repeats(staged, key))


def _at_grain(staged: Staged, file: File) -> Staged:
    """Leave out the lines that only repeat their order's, or their customer-day's, amount."""
    grain = file.rules.grain
    if grain == "line":
        return staged
    day = "order_date::DATE"
    key = "customer_id, order_id" if grain == "order" else f"customer_id, {day}"
    _require_one_amount(staged, key, grain)
    where = staged.name
    nth = f"row_number() OVER (PARTITION BY {key} ORDER BY rowid)"
    rows = (
        f"SELECT place FROM (SELECT rowid AS place, {nth} AS nth FROM {where} "
        f"WHERE {_grouped(grain)}) WHERE nth > 1"
    )
    return staged.leave_out("repeated_order", rows)


def _grouped(grain: str) -> str:
    """Return the condition that a row belongs to a group: lines without an order are their own."""
    return f"{USED} AND order_id IS NOT NULL" if grain == "order" else USED


def _require_one_amount(staged: Staged, key: str, grain: str) -> None:
    groups, place = one(
        f"SELECT count(*), min(place) FROM (SELECT min(rowid) AS place FROM {staged.name} "
        f"WHERE {_grouped(grain)} GROUP BY {key} HAVING count(DISTINCT amount) > 1)"
    )
    if not groups:
        return
    file, row = staged.place(place)
    raise DataError(
        en=f'grain = "{grain}" says that each of its lines repeats one amount, but {groups:,} '
        f'differ, first at {file}, row {row:,}; with grain = "line" amounts are added up.',
        zh=f'grain = "{grain}" 表示同一单的各行金额相同，但有 {groups:,} 单的各行金额不同，'
        f'首见于 {file} 第 {row:,} 行；若设 grain = "line"，则各行金额相加。',
    )


def _refunds_dated(staged: Staged, file: File) -> Staged:
    """Date refunds by the order that they take back, where it can be told; say how many."""
    if file.rules.refunds == "own_day" or "order_id" not in file.ours:
        return staged
    name, prefix = staged.name, file.rules.cancel_prefix
    of = "order_id"
    if prefix:  # as text: a prefix such as R+ is no pattern
        taken = f"starts_with(order_id, {literal(prefix)})"
        of = f"CASE WHEN {taken} THEN substr(order_id, {len(prefix) + 1}) ELSE order_id END"
    if "original_order_id" in file.ours:
        of = f"coalesce(original_order_id, {of})"
    sold = (
        f"SELECT customer_id AS who, order_id AS sold, min(order_date) AS sold_on FROM {name} "
        f"WHERE {USED} AND amount >= 0 AND order_id IS NOT NULL GROUP BY ALL"
    )
    refund = f"{USED} AND amount < 0"
    total = one(f"SELECT count(*) FROM {name} WHERE {refund}")[0]
    moved = engine().raw_sql(
        f"UPDATE {name} SET order_date = sold_on FROM ({sold}) "
        f"WHERE {refund} AND customer_id = who AND {of} = sold AND sold_on <= order_date"
    )
    found = int(moved.fetchone()[0])
    return staged.noted(_dated(found, total))


def _dated(found: int, total: int) -> Finding:
    return Finding(
        "caution" if found < total else "ready",
        en=f"{found:,} of {total:,} refund lines are dated by their original order; the others "
        "name none that is in the data and stay on their own day.",
        zh=f"{total:,} 行退款中有 {found:,} 行按原订单日期计；其余找不到原订单，仍按退款当日计。",
        code="refunds_dated",
    )
