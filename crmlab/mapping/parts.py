"""Where a grid's cells come from, as a section names it: files, sheets, a name for queries."""

import re

from crmlab.load import sheets
from crmlab.mapping.grid import Grid
from crmlab.mapping.proposal import Part


def part(grid: Grid, taken: tuple[str, ...] = ()) -> Part:
    """Return the files of a grid, the sheets if not the first alone, and a name of its own."""
    paths = tuple(dict.fromkeys(look.path.resolve() for look in grid.looks))
    return Part(_name(paths[0].stem, taken), paths, _sheets(grid))


def parts(grids: list[Grid]) -> list[Part]:
    """Return the parts of several grids, each under another name."""
    found: list[Part] = []
    for grid in grids:
        found.append(part(grid, tuple(each.name for each in found)))
    return found


def _name(stem: str, taken: tuple[str, ...]) -> str:
    """Return a name that a TOML key and SQL take without ado.

    >>> _name("olist_orders_dataset", ()), _name("订单 2024", ("file",)), _name("2024", ())
    ('olist_orders_dataset', 'file_2024', 'file_2024')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")[:40]
    name = plain if plain[:1].isalpha() else f"file_{plain}".rstrip("_")
    if name not in taken:
        return name
    return next(n for k in range(2, len(taken) + 3) if (n := f"{name}_{k}") not in taken)


def _sheets(grid: Grid) -> str | tuple[str, ...]:
    """Return which sheets of a workbook: nothing if it is the first, "*" if all."""
    names = tuple(dict.fromkeys(str(look.layout.sheet) for look in grid.looks if look.layout.sheet))
    if not names:
        return ""
    books = [sheets.filled_names(path) for path in {look.path for look in grid.looks}]
    if len(names) == 1 and all(book[0] == names[0] for book in books):
        return ""
    if all(set(book) <= set(names) for book in books):
        return "*"
    return names if len(names) > 1 else names[0]
