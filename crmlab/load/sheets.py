"""Excel and OpenDocument sheets: every cell as text, merged cells filled, in Parquet."""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from crmlab.errors import DataError
from crmlab.load.delimited import HEAD_ROWS, distinct, header_row
from crmlab.load.encoding import new_file
from crmlab.load.source import Layout, unreadable
from crmlab.load.sql import literal

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
BATCH = 20_000


class Sheet(NamedTuple):
    """A sheet's layout: its columns, where data begin, and its cells below as text."""

    path: Path
    sheet: str
    names: tuple[str, ...]
    first_row: int
    rows: Iterable[list[str]]


def look(path: Path, layout: Layout, wanted: Sequence[str] = ()) -> Sheet:
    """Open a workbook's sheet: the one that is named, or the first that has cells.

    Raises
    ------
    DataError
        If it is no workbook, is protected by a password, or has no such sheet.
    """
    sheet = _sheet(path, str(layout.sheet))
    rows = _texts(sheet)
    head = list(islice(rows, HEAD_ROWS))
    if layout.names:
        width = len(layout.names)
        return Sheet(path, sheet.name, layout.names, layout.skip + 1, _fitted(head, rows, width))
    header = layout.header_row or header_row(head, wanted)
    names = distinct(head[header - 1]) if header <= len(head) else ()
    below = _fitted(head[header:], rows, len(names))
    return Sheet(path, sheet.name, names, header + 1, below)


def filled_names(path: Path) -> list[str]:
    """Return the names of a workbook's sheets that have cells, in order.

    Raises
    ------
    DataError
        If it is no workbook, or all of its sheets are empty.
    """
    book = _workbook(path)
    found = [name for name in book.sheet_names if book.get_sheet_by_name(name).total_height]
    if not found:
        raise DataError(en=f"{path.name} is empty.", zh=f"{path.name} 是空文件。")
    return found


def sql(sheet: Sheet, scratch: Path) -> str:
    """Write a sheet's cells to Parquet; return the SQL that reads them as text."""
    import pyarrow as pa
    from pyarrow import parquet

    path = new_file(scratch, ".parquet")
    schema = pa.schema([(name, pa.string()) for name in sheet.names])
    with parquet.ParquetWriter(path, schema) as writer:
        below = iter(sheet.rows)
        while rows := list(islice(below, BATCH)):
            columns = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return f"SELECT * FROM read_parquet({literal(str(path))})"


def _workbook(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        if not path.stat().st_size:
            raise DataError(en=f"{path.name} is empty.", zh=f"{path.name} 是空文件。")
        return CalamineWorkbook.from_path(str(path))
    except PasswordError:
        raise DataError(
            en=f"{path.name} is protected by a password: save a copy without one.",
            zh=f"{path.name} 设有密码：请另存一份不带密码的文件。",
        ) from None
    except CalamineError as error:
        reason = str(error).split("\n")[0]
        raise DataError(
            en=f"{path.name} cannot be read as a workbook: {reason}.",
            zh=f"无法把 {path.name} 读成工作簿：{reason}。",
        ) from None
    except OSError as error:
        raise unreadable(path, error) from None


def _sheet(path: Path, name: str) -> Any:
    book = _workbook(path)
    names = list(book.sheet_names)
    if name and name not in names:
        raise DataError(
            en=f"{path.name} has no sheet {name!r}; it has: {', '.join(names)}.",
            zh=f"{path.name} 中没有工作表 {name!r}；现有：{'、'.join(names)}。",
        )
    return book.get_sheet_by_name(name or filled_names(path)[0])


def _texts(sheet: Any) -> Iterator[list[str]]:
    """Yield a sheet's rows from its first, a merged cell's value in each of its cells."""
    start, first_column = sheet.start or (0, 0)
    merged = _merges(sheet)
    origin: dict[tuple[int, int], str] = {}
    rows = chain(([] for _ in range(start)), sheet.iter_rows())
    for number, cells in enumerate(rows):
        row = [""] * first_column + [_text(cell) for cell in cells]
        for place, first in merged.get(number, {}).items():
            if place >= len(row):
                row += [""] * (place + 1 - len(row))
            if first == (number, place):
                origin[first] = row[place]
            row[place] = row[place] or origin.get(first, "")
        yield row


def _merges(sheet: Any) -> dict[int, dict[int, tuple[int, int]]]:
    """Return row → column → the first cell of the range that it is merged into."""
    found: dict[int, dict[int, tuple[int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                found.setdefault(row, {})[column] = (top, left)
    return found


def _text(cell: object) -> str:
    """Return a cell as text: whole numbers without a point, dates in ISO form.

    >>> _text(10023.0), _text(0.5), _text(datetime(2024, 3, 5, 9, 0)), _text(True)
    ('10023', '0.5', '2024-03-05 09:00:00', 'true')
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        whole = math.isfinite(cell) and cell.is_integer() and abs(cell) < 1e18
        return str(int(cell)) if whole else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)


def _fitted(head: list[list[str]], rows: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    """Yield rows of just `width` cells."""
    for row in chain(head, rows):
        yield (row + [""] * (width - len(row)))[:width]
