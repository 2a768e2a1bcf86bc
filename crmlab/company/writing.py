"""Write the company: its tables, how a source maps them, and, apart, the truth."""

import hashlib
from pathlib import Path

import pandas as pd

from crmlab.company.building import Company, build
from crmlab.errors import RequestError

CHECKSUMS = "checksums.txt"  # as ``sha256sum -c`` reads them


def write(
    folder: str | Path, seed: int = 2026, customers: int = 1200, satisfaction_effect: float = 1
) -> None:
    """Write the company's CSV files, ``source.toml``, ``truth/`` and checksums into `folder`.

    Files are UTF-8 with values rounded to their unit; the same arguments give the same
    bytes on the same machine. Reports read the source only; ``truth/`` is for tests and
    teachers.

    Parameters
    ----------
    folder : path
        Made if need be; files of these names are written anew.
    seed, customers, satisfaction_effect
        See `crmlab.company.build`.

    Raises
    ------
    RequestError
        If one of them is out of range, or `folder` cannot be written.
    """
    told = build(seed, customers, satisfaction_effect)
    place = Path(folder)
    try:
        _write(place, told)
    except OSError as error:
        raise RequestError(
            en=f"{place} cannot be written: {error.strerror}.",
            zh=f"无法写入 {place}：{error.strerror}。",
        ) from None


def _write(place: Path, told: Company) -> None:
    _csv(place, told.tables)
    (place / "source.toml").write_text(_source(told.tables), encoding="utf-8", newline="\n")
    _csv(place / "truth", told.truth)
    names = [f"{name}.csv" for name in told.tables] + [f"truth/{n}.csv" for n in told.truth]
    sums = [f"{_sha256(place / name)}  {name}\n" for name in sorted([*names, "source.toml"])]
    (place / CHECKSUMS).write_text("".join(sums), encoding="utf-8", newline="\n")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _csv(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        text = table.apply(_plain).to_csv(index=False, lineterminator="\n")
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")


def _plain(column: pd.Series) -> pd.Series:
    """Return a column as it is written: flags in small letters, whole numbers without .0."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.map({True: "true", False: "false"})
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        return column.astype("Int64")
    return column


def _source(tables: dict[str, pd.DataFrame]) -> str:
    """Return the TOML of a source whose files have our names for columns."""
    lines = ['name = "chenxing"', 'currency = "CNY"']
    for name, table in tables.items():
        lines += ["", f"[{name}]", f'path = "{name}.csv"']
        lines += [f'{column} = "{column}"' for column in table.columns]
    return "\n".join(lines) + "\n"
