"""One formatted workbook: a sheet per table; text stays text, numbers stay numbers."""

import itertools
import math
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmlab.spreadsheet import safe

TITLE = 31  # characters of a sheet's name
WIDEST = 60
RESERVED = {"history"}  # Excel keeps this name to itself
FORMATS = {"share": "0.0%"}
MONEY = {"CNY": '"¥"#,##0.00', "USD": '"$"#,##0.00', "EUR": '"€"#,##0.00', "GBP": '"£"#,##0.00'}


@dataclass(frozen=True)
class Sheet:
    """A table with its title, and the units of its columns (see `crmlab.page.figure`).

    `row_units` are those of its rows instead, if each row is a quantity of its own.
    """

    title: str
    rows: pd.DataFrame
    units: dict[str, str] = field(default_factory=dict)
    row_units: tuple[str, ...] = ()


def write(path: Path, sheets: list[Sheet]) -> None:
    """Write the sheets as one workbook, in order.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    import xlsxwriter

    options = {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "remove_timezone": True,
    }  # fmt: skip
    taken: set[str] = set()
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            head = book.add_format(
                {"bold": True, "bottom": 1, "bg_color": "#eef2f6", "text_wrap": True}
            )
            for sheet in sheets:
                _write(book, sheet, title_of(sheet.title, taken), head)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise error.args[0] from None


def title_of(title: str, taken: set[str]) -> str:
    """Return a valid name of a sheet that is not taken yet, and take it.

    >>> title_of("A/B: [x]", set()), title_of("a", {"A"})
    ('A B x', 'a (2)')
    """
    bare = " ".join(re.sub(r"[\[\]:*?/\\']", " ", title).split())[:TITLE].strip() or "sheet"
    name = bare
    for n in itertools.count(2):
        if name.casefold() not in {t.casefold() for t in taken} | RESERVED:
            break
        name = f"{bare[: TITLE - len(str(n)) - 3]} ({n})"
    taken.add(name)
    return name


def _write(book: Any, sheet: Sheet, title: str, head: Any) -> None:
    page = book.add_worksheet(title)
    page.freeze_panes(1, 0)
    rows = sheet.rows
    if len(rows.columns):
        page.autofilter(0, 0, max(len(rows), 1), len(rows.columns) - 1)
    for place, name in enumerate(rows.columns):
        page.write_string(0, place, safe(str(name)), head)
        style = _style(book, rows.iloc[:, place], sheet.units.get(str(name), ""))
        page.set_column(place, place, _width(str(name), rows.iloc[:, place]), style)
        for line, cell in enumerate(rows.iloc[:, place], start=1):
            _cell(page, line, place, cell)
    for line, unit in enumerate(sheet.row_units, start=1):
        numbers = pd.Series([cell for cell in rows.iloc[line - 1] if _is_number(cell)])
        page.set_row(line, None, _style(book, numbers.astype("float64"), unit))


def _cell(page: Any, line: int, place: int, cell: Any) -> None:
    """Write a cell by what it is; nothing where there is nothing."""
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return
    if isinstance(cell, (bool, np.bool_)):
        page.write_boolean(line, place, bool(cell))
    elif _is_number(cell):
        if math.isfinite(cell):
            page.write_number(line, place, float(cell))
    elif _is_day(cell):
        page.write_datetime(line, place, cell)
    else:
        page.write_string(line, place, safe(str(cell)))


def _style(book: Any, column: pd.Series, unit: str) -> Any:
    if any(map(_is_day, column)):
        return book.add_format({"num_format": "yyyy-mm-dd"})
    numbers = np.array([cell for cell in column if _is_number(cell)], dtype="float64")
    if not len(numbers) and len(column):
        return book.add_format({"text_wrap": True, "valign": "top"})
    whole = bool((numbers[np.isfinite(numbers)] % 1 == 0).all())
    return book.add_format({"num_format": _format(unit) or ("#,##0" if whole else "#,##0.0###")})


def _format(unit: str) -> str:
    """Return the number format of a unit; nothing if it has none of its own."""
    currency = unit.removesuffix(" exact")
    plain = "#,##0.00" if len(currency) == 3 and currency.isupper() else ""
    return FORMATS.get(unit) or MONEY.get(currency) or plain


def _is_day(cell: Any) -> bool:
    """Return whether a cell is a day that Excel can count; an earlier one stays text."""
    return isinstance(cell, date) and cell is not pd.NaT and cell.year >= 1900


def _is_number(cell: Any) -> bool:
    number = isinstance(cell, (int, float, np.integer, np.floating, Decimal))
    return number and not isinstance(cell, bool)


def _width(name: str, column: pd.Series) -> int:
    """Return a column's width: Chinese characters take two places."""
    texts = [name, *(str(cell) for cell in column.head(200) if isinstance(cell, str))]
    return min(max(sum(1 + (ord(c) > 0x2E80) for c in text) for text in texts) + 3, WIDEST)
