"""Cells that a file has typed already, as expressions that are the same on DuckDB and Spark."""

import re
from functools import reduce
from itertools import groupby
from operator import itemgetter, or_

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import BooleanValue, Column, StringColumn

from crmlab.load import reasons
from crmlab.load.text import NOTHING, SPACE
from crmlab.tables import Kind

Zoned = dt.Timestamp(timezone="UTC")
MONEY = dt.Decimal(18, 2)
LARGEST = 10**16  # money of that type stays below
TOTALS = [word for word in reasons.SURE_TOTALS if word.isascii()]
WORDS = sorted(  # those that begin with a letter
    word
    for word in {*filter(str.isascii, NOTHING)}.union(
        *({w, w.upper(), w.title(), w.capitalize()} for w in TOTALS)
    )
    if word[:1].isalpha()
)
BY_LETTER = [list(words) for _, words in groupby(WORDS, itemgetter(0))]
NEAR = [(words[0], words[-1]) for words in BY_LETTER]
UNCLEAN = (  # a cell of an id or code that staging would change, or that names a total
    rf"^[{SPACE}'=]|[{SPACE}]$|\.0$|[！-～]|^(?:{'|'.join(map(re.escape, NOTHING))})$"
    rf"|^(?i:{'|'.join(map(re.escape, reasons.SURE_TOTALS))})$"
)


@ibis.udf.scalar.builtin(signature=((dt.string, Zoned), dt.timestamp))
def timezone(zone, when):  # noqa: D103 - a function of DuckDB
    ...


@ibis.udf.scalar.builtin(signature=((Zoned, dt.string), dt.timestamp))
def from_utc_timestamp(when, zone):  # noqa: D103 - a function of Spark
    ...


@ibis.udf.scalar.builtin(signature=((dt.string,), dt.int64))
def strlen(cell):  # noqa: D103 - a function of DuckDB: bytes
    ...


def doubtful(cell: StringColumn) -> BooleanValue:
    """Return which cells to look at closely, in less time than the pattern takes for all.

    The others are of ASCII characters alone, begin with a digit or a letter and end in no space.
    """
    plain = (cell >= "0") & (cell < "{") & ~cell.between(":", "@~")
    ends = reduce(or_, [cell.endswith(end) for end in (" ", "\t", "\r", "\n", ".0")])
    near = reduce(or_, [cell.between(first, last) for first, last in NEAR])
    is_word = near.ifelse(cell.isin(WORDS), False)  # few are near, so few are held against all
    return ~plain | (strlen(cell) != cell.length()) | ends | is_word


def are_clean(ids: StringColumn) -> bool:
    """Return whether staging would leave all ids as they are: none is empty, or to be cleaned."""
    each = ids.name("id").as_table()
    wrong = [(each.id == "") | each.id.re_search(UNCLEAN)]
    if each.get_backend().name == "duckdb":
        wrong.insert(0, doubtful(each.id))
    return not each.filter(*wrong).count().execute()


def fits(kind: Kind, physical: dt.DataType) -> bool:
    """Return whether a file's own type of a column will do."""
    if kind == "date":
        return physical.is_timestamp() or physical.is_date()
    if kind in ("money", "number"):
        return physical.is_numeric()
    if kind == "integer":
        return physical.is_integer()
    if kind == "flag":
        return physical.is_boolean()
    return physical.is_string() or (kind == "id" and physical.is_integer())


def present(cell: Column) -> BooleanValue:
    """Return whether a number is there; NaN is none."""
    there = ~cell.isnull()
    return there & ~cell.isnan() if cell.type().is_floating() else there


def is_zoned(cell: Column) -> bool:
    """Return whether a column holds times with a zone."""
    physical = cell.type()
    return physical.is_timestamp() and physical.timezone is not None


def is_cents(cell: Column) -> bool:
    """Return whether a column can hold no other amounts than those of our type."""
    physical = cell.type()
    return physical.is_decimal() and physical.scale == MONEY.scale and physical.precision <= 18


def money(cell: Column) -> Column:
    """Return an amount to the cent, null where it is none or beyond any money."""
    physical = cell.type()
    if is_cents(cell):
        return cell.cast(MONEY)
    if physical.is_floating():  # whole cents first: engines differ in how they cast 1.005
        cents = cell.sign() * (cell.abs() * 100 + 0.5).floor()
        able = present(cell) & (cents.abs() < LARGEST)
        return (able.ifelse(cents, None) / 100.0).cast(MONEY)
    return (cell.abs() < LARGEST).ifelse(cell, None).cast(MONEY)
