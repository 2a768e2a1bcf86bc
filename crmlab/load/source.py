"""What a source is: a name, or a TOML file that maps one's own tables to ours."""

import difflib
import hashlib
import tomllib
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crmlab.errors import DataError, RequestError
from crmlab.home import home
from crmlab.tables import TABLES

OPTIONS = ("path", "date_format", "delimiter", "names")
CDNOW_COLUMNS = ("customer_id", "order_date", "quantity", "amount")


@dataclass(frozen=True)
class File:
    """One table's file.

    `columns` pairs our names with theirs. `delimiter` is one character, or
    ``"spaces"`` for columns parted by runs of them; `names` are the columns of a
    file without a header line; `date_format` is as in ``strftime``.
    """

    path: Path
    columns: tuple[tuple[str, str], ...]
    delimiter: str = ","
    date_format: str = ""
    names: tuple[str, ...] = ()
    skip: int = 0


@dataclass(frozen=True)
class Source:
    """A source: its name, currency, and one file per table."""

    name: str
    currency: str
    files: dict[str, File] = field(default_factory=dict)

    def file(self, table: str) -> File:
        """Return a table's file.

        Raises
        ------
        RequestError
            If the source has no such table; the sentence lists those it has.
        """
        if table in self.files:
            return self.files[table]
        has = ", ".join(sorted(self.files))
        raise RequestError(
            en=f"source {self.name} has no table {table}; it has: {has}.",
            zh=f"数据源 {self.name} 没有 {table} 表；现有：{has}。",
        )


def find(source: str) -> Source:
    """Return the source of that name, or the one that a TOML file describes.

    Raises
    ------
    RequestError
        If there is no such source or file.
    DataError
        If the TOML cannot be used; all of its problems are told at once.
    """
    if source in NAMED:
        return NAMED[source]()
    path = Path(source)
    if path.suffix != ".toml":
        near = difflib.get_close_matches(source, NAMED, n=1)
        raise RequestError(
            en=f"there is no source {source!r}{f' (did you mean {near[0]}?)' if near else ''}; "
            f"allowed: {', '.join(NAMED)}, or a TOML file.",
            zh=f"没有名为 {source!r} 的数据源{f'（是否指 {near[0]}？）' if near else ''}；"
            f"可用：{'、'.join(NAMED)}，或一个 TOML 文件。",
        )
    if not path.is_file():
        raise RequestError(en=f"there is no file {source}.", zh=f"找不到文件 {source}。")
    return read_toml(path)


def read_toml(path: Path) -> Source:
    """Return the source that a TOML file describes: one section per table."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(
            en=f"{path.name} is no TOML: {error}.", zh=f"{path.name} 不是有效的 TOML：{error}。"
        ) from None
    sections = {name: value for name, value in told.items() if isinstance(value, dict)}
    problems = _problems(told, sections)
    if problems:
        raise DataError(
            en=f"{path.name}: " + "; ".join(en for en, _ in problems) + ".",
            zh=f"{path.name}：" + "；".join(zh for _, zh in problems) + "。",
        )
    files = {name: _file(name, section, path.parent) for name, section in sections.items()}
    return Source(told.get("name", path.stem), told["currency"], files)


def fingerprint(source: Source) -> str:
    """Return a SHA-256 of what the source reads: its files' bytes and how they map."""
    digest = hashlib.sha256()
    for name, file in sorted(source.files.items()):
        told = (name, source.currency, file.columns, file.delimiter, file.date_format, file.names)
        digest.update(repr((told, checksum(file.path))).encode())
    return digest.hexdigest()


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            en=f"{path.name} cannot be read: {error.strerror}.",
            zh=f"无法读取 {path.name}：{error.strerror}。",
        ) from None


def _problems(told: dict[str, Any], sections: dict[str, Any]) -> list[tuple[str, str]]:
    """Return all that is wrong with a source's TOML, in English and in Chinese."""
    found = []
    currency = told.get("currency")
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isupper()):
        en, zh = "it needs a currency such as", "需要写明币种，例如"
        found.append((f'{en} currency = "CNY"', f'{zh} currency = "CNY"'))
    if not sections:
        found.append(("it has no table section such as [orders]", "没有任何表，例如 [orders]"))
    for name, section in sections.items():
        found += _problems_of(name, section)
    return found


def _problems_of(name: str, section: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with one section: its table, its keys, what it lacks."""
    if name not in TABLES:
        known = ", ".join(TABLES)
        return [
            (
                f"[{name}] is no table of ours; allowed: {known}",
                f"[{name}] 不是已知的表；可用：{known}",
            )
        ]
    columns, found = TABLES[name].columns, []
    for key in (k for k in section if k not in columns and k not in OPTIONS):
        near = difflib.get_close_matches(key, [*columns, *OPTIONS], n=1, cutoff=0.5)
        hint = near[0] if near else ", ".join(columns)
        en = f"[{name}] {key} is neither a column nor an option; did you mean {hint}?"
        found.append((en, f"[{name}] {key} 既不是列也不是选项；是否指 {hint}？"))
    if missing := [c for c in ("path", *TABLES[name].required) if c not in section]:
        en, zh = f"[{name}] lacks {', '.join(missing)}", f"[{name}] 缺少 {'、'.join(missing)}"
        found.append((en, zh))
    return found


def _file(table: str, section: dict[str, Any], folder: Path) -> File:
    columns = tuple((c, section[c]) for c in TABLES[table].columns if c in section)
    options = {k: section[k] for k in ("date_format", "delimiter") if k in section}
    names = tuple(section.get("names", ()))
    return File((folder / section["path"]).resolve(), columns, names=names, **options)


def _lifetimes_file(name: str) -> Path:
    """Return a data file of the installed package lifetimes, without importing it."""
    spec = find_spec("lifetimes")
    if spec is None or spec.origin is None:
        raise DataError(
            en="the package lifetimes, which brings the CDNOW purchases, is not installed.",
            zh="未安装 lifetimes 包，而 CDNOW 购买记录来自该包。",
        )
    return Path(spec.origin).parent / "datasets" / name


def _cdnow_source(name: str, path: str, **layout: Any) -> Source:
    file = File(
        _lifetimes_file(path),
        columns=tuple((column, column) for column in CDNOW_COLUMNS),
        delimiter="spaces",
        date_format="%Y%m%d",
        **layout,
    )
    return Source(name, "USD", {"orders": file})


def _cdnow_master() -> Source:
    """All of the cohort: 23,570 customers who first bought in the first quarter of 1997."""
    return _cdnow_source("cdnow-master", "CDNOW_master.txt", names=CDNOW_COLUMNS, skip=1)


def _cdnow() -> Source:
    """A tenth of it, 2,357 customers, as in the papers; ids as in the whole."""
    first, *others = CDNOW_COLUMNS
    return _cdnow_source("cdnow", "CDNOW_sample.txt", names=(first, "sample_id", *others))


def _chenxing() -> Source:
    return read_toml(home() / "data" / "chenxing" / "source.toml")


def _k_consulting() -> Source:
    return read_toml(home() / "data" / "k-consulting" / "source.toml")


NAMED = {
    "cdnow": _cdnow,
    "cdnow-master": _cdnow_master,
    "chenxing": _chenxing,
    "k-consulting": _k_consulting,
}
