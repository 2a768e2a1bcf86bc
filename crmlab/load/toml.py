"""Reading a source's TOML: a section per table, options checked, all problems at once."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from crmlab.errors import DataError
from crmlab.load.options import OPTIONS, ORDERS_ONLY, UNITS, WITHOUT_TABLE, is_text
from crmlab.load.paths import is_pattern, is_remote, listed, matching, paths
from crmlab.load.source import File, Form, Layout, Rules, Source
from crmlab.load.spark import ALLOWED, is_spark
from crmlab.tables import TABLES, Table

Told = tuple[str, str]  # a problem in English and in Chinese
TOP = ("name", "currency", "time_zone", "as_of", "engine", "files")
SECRETS = ("password", "passwd", "pwd", "secret", "token", "url", "uri", "dsn", "connection")
WITH_PASSWORD = re.compile(r"\w+://[^/\s]*:[^/\s]*@")


def read_toml(path: Path) -> Source:
    """Return the source that a TOML file describes: one section per table.

    Raises
    ------
    DataError
        If it cannot be used; all of its problems at once.
    """
    told = _parsed(path)
    if problems := list(_problems(told, path.parent)):
        raise DataError(
            en=f"{path.name}: " + "; ".join(en for en, _ in problems) + ".",
            zh=f"{path.name}：" + "；".join(zh for _, zh in problems) + "。",
        )
    parts = tuple(
        (name, File(paths(section, path.parent), layout=_layout(section)))
        for name, section in told.get("files", {}).items()
    )
    files = {
        name: _file(name, section, path.parent, told, parts)
        for name, section in _sections(told).items()
    }
    engine = told.get("engine", "duckdb")
    return Source(told.get("name", path.stem), told["currency"], files, engine)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(
            en=f"{path.name} is no TOML: {error}.", zh=f"{path.name} 不是有效的 TOML：{error}。"
        ) from None


def _sections(told: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in told.items() if isinstance(v, dict) and k != "files"}


def _problems(told: dict[str, Any], folder: Path) -> Iterator[Told]:
    """Yield all that is wrong with a source's TOML, in English and in Chinese."""
    yield from _secrets(told)
    yield from _problems_on_top(told)
    sections, parts = _sections(told), told.get("files", {})
    if not sections:
        yield "it has no table section such as [orders]", "没有任何表，例如 [orders]"
    for name, section in parts.items():
        if not isinstance(section, dict):
            yield f"[files] {name} must be a section", f"[files] 中的 {name} 应为一节"
            continue
        yield from _wrong_keys(f"files.{name}", section, WITHOUT_TABLE)
        yield from _missing_files(f"files.{name}", section, folder)
    for name, section in sections.items():
        yield from _problems_of(name, section, bool(parts))
        yield from _missing_files(name, section, folder)


def _problems_on_top(told: dict[str, Any]) -> Iterator[Told]:
    currency = told.get("currency")
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isupper()):
        yield 'it needs a currency such as currency = "CNY"', '需要写明币种，例如 currency = "CNY"'
    if (zone := told.get("time_zone")) and zone not in available_timezones():
        near = difflib.get_close_matches(str(zone), available_timezones(), n=1)
        meant = near[0] if near else "Asia/Shanghai"
        yield (
            f"time_zone is {zone!r}; did you mean {meant}?",
            f"time_zone 为 {zone!r}；是否指 {meant}？",
        )
    if "as_of" in told and _day(told["as_of"]) is None:
        yield (
            f"as_of is {told['as_of']!r}; it must be a date such as 2024-12-31",
            f"as_of 为 {told['as_of']!r}；应为日期，例如 2024-12-31",
        )
    engine = told.get("engine", "duckdb")
    if not (engine == "duckdb" or (is_text(engine) and is_spark(engine))):
        yield f"engine is {engine!r}; allowed: {ALLOWED}", f"engine 为 {engine!r}；可用：{ALLOWED}"
    for key in (k for k, v in told.items() if k not in TOP and not isinstance(v, dict)):
        near = difflib.get_close_matches(key, TOP, n=1)
        hint = near[0] if near else ", ".join(TOP)
        yield (
            f"{key} is no setting of a source; did you mean {hint}?",
            f"{key} 不是数据源的设置；是否指 {hint}？",
        )


def _secrets(told: object, where: str = "") -> Iterator[Told]:
    """Yield what looks like a credential, without repeating it."""
    for key, value in told.items() if isinstance(told, dict) else ():
        place = f"{where}.{key}" if where else str(key)
        secret = key.lower() in SECRETS and isinstance(value, str) and where not in TABLES
        if secret or (isinstance(value, str) and WITH_PASSWORD.search(value)):
            name = 'database = "MY_DATABASE"'
            hint = f"put the connection into an environment variable and name it, {name}"
            yield (
                f"{place} may hold a password, which has no place in a file: {hint}",
                f"{place} 可能含有密码，密码不应写入文件：请把连接串放入环境变量并写变量名，{name}",
            )
        yield from _secrets(value, place)


def _problems_of(name: str, section: dict[str, Any], has_parts: bool) -> Iterator[Told]:
    """Yield what is wrong with one table's section: its name, its keys, what it lacks."""
    if name not in TABLES:
        known = ", ".join(TABLES)
        yield (
            f"[{name}] is no table of ours; allowed: {known}",
            f"[{name}] 不是已知的表；可用：{known}",
        )
        return
    table = TABLES[name]
    options = [o for o in OPTIONS if name == "orders" or o not in ORDERS_ONLY]
    yield from _wrong_keys(name, section, [*table.columns, *options], [*table.columns, *options])
    lacking = [c for c in table.required if c not in section]
    if name == "orders" and {"quantity", "unit_price"} <= set(section):
        lacking = [c for c in lacking if c != "amount"]
    if not ({"path", "database"} & set(section) or ("query" in section and has_parts)):
        lacking.insert(0, "path")
    if lacking:
        yield f"[{name}] lacks {', '.join(lacking)}", f"[{name}] 缺少 {'、'.join(lacking)}"
    yield from _contradictions(name, section, table)


def _contradictions(name: str, section: dict[str, Any], table: Table) -> Iterator[Told]:
    """Yield options that cannot go together."""
    ways = [key for key in ("path", "database") if key in section]
    if len(ways) > 1 or ("path" in section and "query" in section):
        yield (
            f"[{name}] takes one of path, database, or query over [files]",
            f"[{name}] 只能用 path、database 或基于 [files] 的 query 之一",
        )
    if "database" in section and "query" not in section:
        yield f"[{name}] database needs a query", f"[{name}] database 需要配合 query"
    if {"keep_status", "drop_status"} & set(section) and "status" not in section:
        yield (
            f"[{name}] keep_status and drop_status need the column status",
            f"[{name}] keep_status 与 drop_status 需要 status 列",
        )
    key = section.get("duplicates")
    if isinstance(key, list) and (other := [c for c in key if c not in table.columns]):
        yield (
            f"[{name}] duplicates names {', '.join(map(str, other))}, which are no columns of ours",
            f"[{name}] duplicates 中的 {'、'.join(map(str, other))} 不是我方的列",
        )
    needs_order = [o for o, v in (("grain", "order"), ("refunds", "original_order"))
                   if section.get(o) == v and "order_id" not in section]  # fmt: skip
    if "cancel_prefix" in section and "order_id" not in section:
        needs_order.append("cancel_prefix")
    for option in needs_order:
        yield f"[{name}] {option} needs the column order_id", f"[{name}] {option} 需要 order_id 列"


def _wrong_keys(
    name: str,
    section: dict[str, Any],
    known: Iterable[str],
    near_to: Iterable[str] = WITHOUT_TABLE,
) -> Iterator[Told]:
    """Yield keys that are unknown, and values that are not allowed."""
    for key, value in section.items():
        if key not in known:
            near = difflib.get_close_matches(key, near_to, n=1, cutoff=0.5)
            hint = near[0] if near else ", ".join(near_to)
            en = f"[{name}] {key} is neither a column nor an option; did you mean {hint}?"
            yield en, f"[{name}] {key} 既不是列也不是选项；是否指 {hint}？"
        elif key in OPTIONS and not OPTIONS[key].fits(value):
            option = OPTIONS[key]
            yield (
                f"[{name}] {key} is {_safe(value)}; it must be {option.allowed}",
                f"[{name}] {key} 为 {_safe(value)}；应为{option.allowed_zh or option.allowed}",
            )
        elif key not in OPTIONS and not (is_text(value) or _constant(value)):
            yield (
                f"[{name}] {key} is {value!r}; it must be a column's name, or {{ value = … }}",
                f"[{name}] {key} 为 {value!r}；应为列名，或 {{ value = … }}",
            )


def _safe(value: object) -> str:
    """Return a value as a sentence may show it."""
    return "…" if WITH_PASSWORD.search(str(value)) else repr(value)


def _constant(value: object) -> bool:
    return isinstance(value, dict) and list(value) == ["value"]


def _missing_files(name: str, section: dict[str, Any], folder: Path) -> Iterator[Told]:
    """Yield patterns that no file matches; a single missing file is told when it is read."""
    for each in listed(section.get("path", [])):
        if is_remote(each):
            continue
        if isinstance(each, str) and is_pattern(each) and not matching(each, folder):
            yield (
                f"[{name}] no file matches {each}",
                f"[{name}] 没有与 {each} 匹配的文件",
            )


def _file(
    table: str,
    section: dict[str, Any],
    folder: Path,
    top: dict[str, Any],
    parts: tuple[tuple[str, File], ...],
) -> File:
    ours = [c for c in TABLES[table].columns if c in section]
    named = tuple((c, section[c]) for c in ours if isinstance(section[c], str))
    constants = tuple((c, str(section[c]["value"])) for c in ours if _constant(section[c]))
    query, database = section.get("query", ""), section.get("database", "")
    return File(
        paths(section, folder), named, constants, _layout(section),
        _form(section, top), _rules(section, top), query, database,
        parts if query and not database else (),
        remote=tuple(filter(is_remote, listed(section.get("path", [])))),
    )  # fmt: skip


def _layout(section: dict[str, Any]) -> Layout:
    kept = _some(section, "encoding", "delimiter", "header_row", "sheet")
    if isinstance(kept.get("sheet"), list):
        kept["sheet"] = tuple(kept["sheet"])
    return Layout(**kept, names=tuple(section.get("names", ())))


def _form(section: dict[str, Any], top: dict[str, Any]) -> Form:
    kept = _some(section, "date_format", "date_order", "decimal", "tax_included")
    unit = section.get("money_unit", 1)
    return Form(**kept, unit=UNITS.get(unit, unit), time_zone=top.get("time_zone", ""))


def _rules(section: dict[str, Any], top: dict[str, Any]) -> Rules:
    kept = _some(section, "grain", "refunds", "cancel_prefix", "unreadable_at_most")
    for name in ("keep_status", "drop_status", "duplicates"):
        if isinstance(section.get(name), list):
            kept[name] = tuple(section[name])
        elif name in section:
            kept[name] = section[name]
    return Rules(**kept, as_of=_day(top.get("as_of")))


def _some(section: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: section[name] for name in names if name in section}


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
