"""What Parquet files tell of their columns in their footers, without being read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Told:
    """How many rows files have, and of columns without empty cells the least and the most.

    These are None where a writer did not say, or Python cannot.
    """

    rows: int
    ranges: dict[str, tuple[Any, Any]]


def told(paths: Iterable[Path], columns: Sequence[str]) -> Told:
    """Return what the footers of Parquet files tell of some columns."""
    footers = [pq.read_metadata(path) for path in paths]
    groups = [each.row_group(n) for each in footers for n in range(each.num_row_groups)]
    ranges = {}
    for column in columns:
        found = [_range(group, column) for group in groups if group.num_rows]
        if found and None not in found:
            least, most = zip(*found, strict=True)
            known = None not in least
            ranges[column] = (min(least), max(most)) if known else (None, None)
    return Told(sum(each.num_rows for each in footers), ranges)


def _range(group: pq.RowGroupMetaData, column: str) -> tuple[Any, Any] | None:
    """Return the least and the most of a column; nothing if cells are empty, or may be."""
    cells = (group.column(n) for n in range(group.num_columns))
    told = next((each.statistics for each in cells if each.path_in_schema == column), None)
    if told is None or not told.has_null_count or told.null_count:
        return None
    try:
        return (told.min, told.max) if told.has_min_max else (None, None)
    except OverflowError:  # a day beyond those of Python, such as infinity
        return None, None
