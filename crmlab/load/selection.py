"""``where``: the part of a source that a request is about, such as ``region:North``.

The column is one of the customers' or of the lines themselves, ours or theirs. What is
asked of customers holds for each table that names them, so that all of a report's tables
are about the same people.
"""

import difflib
from dataclasses import dataclass, replace
from functools import cache

from crmlab.errors import Finding, RequestError
from crmlab.load.pieces import pieces
from crmlab.load.rules import USED, places
from crmlab.load.source import File, Source, Where, checksum
from crmlab.load.sql import engine, one, scratch
from crmlab.load.stage import Staged, match
from crmlab.load.text import listed

LINKS = ("customer_id", "order_id")
PERSONS = ("customer_id", "name")  # columns of ours that name a person, who is no group
SHOWN = 12  # values or columns that a refusal lists
GROUPS = 50  # more different values than these are no groups, and may name people


@dataclass(frozen=True)
class Among:
    """Only rows whose customer or order (`link`) is among the rows of a name in the engine."""

    where: Where
    link: str
    rows: str


def parse(text: str) -> Where | None:
    """Return what ``column:value`` or ``column:value|value`` asks for; None if it is empty.

    A value that is left empty asks for the rows without one.

    Raises
    ------
    RequestError
        If it is not of that form.

    Examples
    --------
    >>> parse("region:North|South")
    Where(column='region', values=('North', 'South'))
    >>> parse("") is None
    True
    """
    if not text.strip():
        return None
    column, colon, values = (part.strip() for part in text.partition(":"))
    if not (column and colon):
        raise RequestError(
            en=f"where is {text!r}; it must be column:value or column:value|value.",
            zh=f"where 为 {text!r}；应为 列名:值 或 列名:值|值。",
        )
    return Where(column, tuple(dict.fromkeys(value.strip() for value in values.split("|"))))


def holder(source: Source, name: str, where: Where) -> tuple[str, Where]:
    """Return the table that has the column, and what is asked for by the column's exact name.

    It is the customers' table, the one that is read, or the orders, in this order.

    Raises
    ------
    RequestError
        If none has it, or it names persons; the sentence lists the columns there are.
    """
    asked = [each for each in ("customers", name, "orders") if each in source.files]
    seen: dict[str, None] = {}
    for each in dict.fromkeys(asked):
        file = source.files[each]
        persons = {name for ours in PERSONS for name in (ours, file.theirs(ours))}
        column = match(where.column, file.ours)
        column = column or match(where.column, _theirs(file, checksum(file)))
        if column in persons:
            raise RequestError(
                en=f"where: {where.column} names persons; ask for a group, such as a region.",
                zh=f"where：{where.column} 指向个人；请按群体筛选，例如地区。",
            )
        if column:
            return each, replace(where, column=column)
        mapped = {file.theirs(ours) for ours in file.ours}
        names = [*file.ours, *(n for n in _theirs(file, checksum(file)) if n not in mapped)]
        seen |= dict.fromkeys(n for n in names if n not in {*LINKS, *persons})
    near = difflib.get_close_matches(where.column, seen, n=1, cutoff=0.5)
    listed_en, listed_zh = (mark.join(list(seen)[:SHOWN]) for mark in (", ", "、"))
    raise RequestError(
        en=f"where: source {source.name} has no column {where.column!r} of customers or lines"
        f"{f' (did you mean {near[0]}?)' if near else ''}; it has: {listed_en}.",
        zh=f"where：数据源 {source.name} 的客户或明细中没有列 {where.column!r}"
        f"{f'（是否指 {near[0]}？）' if near else ''}；现有：{listed_zh}。",
    )


def apply(staged: Staged, where: Where | None, among: Among | None) -> Staged:
    """Leave out the used rows that are not asked for.

    Raises
    ------
    RequestError
        If no row has one of the values; the sentence lists those there are, the most
        frequent first.
    """
    if among:
        wanted = f"coalesce({among.link} IN (SELECT {among.link} FROM {among.rows}), false)"
        return staged.leave_out("not_selected", places(staged, f"{USED} AND NOT {wanted}"))
    if where is None:
        return staged
    wanted = f"coalesce(_where, '') IN ({listed(where.values)})"
    if not one(f"SELECT count(*) FROM {staged.name} WHERE {USED} AND {wanted}")[0]:
        raise _nothing(staged, where)
    return staged.leave_out("not_selected", places(staged, f"{USED} AND NOT {wanted}"))


def not_told(name: str, where: Where) -> Finding:
    """Return the note that a table cannot be told apart by what is asked for."""
    return Finding(
        "caution",
        en=f"Table {name} names no customer: all of its rows are used, not those of {where} alone.",
        zh=f"{name} 表没有客户列：使用其全部行，而不限于 {where}。",
        code="selection_not_told",
    )


def _nothing(staged: Staged, where: Where) -> RequestError:
    found = engine().raw_sql(
        f"SELECT _where FROM {staged.name} WHERE {USED} GROUP BY 1 ORDER BY count(*) DESC, 1"
    )
    values = ["" if value is None else str(value) for (value,) in found.fetchmany(GROUPS + 1)]
    if len(values) > GROUPS:
        return RequestError(
            en=f"where: no row that is used has {where}; column {where.column} has more than "
            f"{GROUPS} different values.",
            zh=f"where：没有可用的行符合 {where}；{where.column} 列有超过 {GROUPS} 个不同的值。",
        )
    near = difflib.get_close_matches(where.values[0], values, n=1, cutoff=0.5)
    told_en, told_zh = (mark.join(map(repr, values[:SHOWN])) for mark in (", ", "、"))
    return RequestError(
        en=f"where: no row that is used has {where}"
        f"{f' (did you mean {near[0]}?)' if near else ''}; column {where.column} has: {told_en}.",
        zh=f"where：没有可用的行符合 {where}"
        f"{f'（是否指 {near[0]}？）' if near else ''}；{where.column} 列的值有：{told_zh}。",
    )


@cache
def _theirs(file: File, sha256: str) -> tuple[str, ...]:  # noqa: ARG001 - other bytes, other names
    """Return the columns of a table's files, be they mapped or not."""
    with scratch() as folder:
        return tuple(dict.fromkeys(name for each in pieces(file, folder) for name in each.names))
