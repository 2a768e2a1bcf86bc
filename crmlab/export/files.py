"""The files of an export, from what a page kept."""

import hashlib
import itertools
import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmlab.errors import RequestError
from crmlab.export import workbook
from crmlab.lang import Lang, glossary, say, term
from crmlab.page import form, lists, safe
from crmlab.page.hand import Shown
from crmlab.privacy import PEOPLE, SMALL, hidden
from crmlab.report import Job
from crmlab.report.provenance import provenance, versions
from crmlab.report.render import handed_over
from crmlab.spreadsheet import safe as safe_text
from crmlab.spreadsheet import write_csv

SHEET_ROWS = 1_048_575  # below the header
SHEET_COLUMNS = 16_384
CELL_TEXT = 32_767
TABLES = ("table", "chart")
IDENTIFIED = "campaign_identified.csv"
NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")


def write(
    folder: Path, job: Job, parts: list[Shown], node: Any, finished: str, *, identified: bool
) -> list[str]:
    """Write all files of an export into a folder; return their names.

    Raises
    ------
    RequestError
        If a table has more rows, or a cell more text, than a sheet can hold: before
        anything is written.
    """
    sheets = _sheets(job, parts, node, finished)
    require_fit(sheets)
    rows: dict[str, int] = {}
    (folder / "data").mkdir()
    for name, part in named(parts).items():
        rows[f"data/{name}.csv"] = _csv(folder / "data" / f"{name}.csv", table(part))
    if (found := campaign(parts)) is not None:
        rows["campaign.csv"] = _csv(folder / "campaign.csv", worded(hidden(found), job.lang))
        if identified:
            path = folder / IDENTIFIED
            rows[IDENTIFIED] = _csv(path, worded(found, job.lang), mode=0o600)
    workbook.write(folder / "workbook.xlsx", sheets)
    rows["workbook.xlsx"] = sum(len(sheet.rows) for sheet in sheets)
    _manifest(folder, job, rows, node, finished)
    return [*rows, "manifest.json"]


def table(part: Shown) -> pd.DataFrame:
    """Return the whole table of a part, as a page may show it, its index as columns."""
    assert part.frame is not None  # asked for tables only
    counts = bool(part.handed.get("counts"))
    shown, _ = safe.shown(part.frame, counts=counts, units=part.units)
    return shown.reset_index() if shown.index.names != [None] else shown


def named(parts: Iterable[Shown]) -> dict[str, Shown]:
    """Return tables and charts by the names of their files: all different, all harmless."""
    found: dict[str, Shown] = {}
    for part in parts:
        kind = part.handed["kind"]
        if kind in TABLES and part.frame is not None:
            name = str(part.handed["name"])
            bare = name if NAME.fullmatch(name) else kind
            more = (f"{bare}_{n}" for n in itertools.count(2))
            found[next(n for n in itertools.chain([bare], more) if n not in found)] = part
    return found


def campaign(parts: Iterable[Shown]) -> pd.DataFrame | None:
    """Return the campaign list, with real ids; nothing if the page made none.

    Actions stand as on the page, the most at stake first in each, then by pseudonym: in a
    list with pseudonyms, the order must tell nothing of the real ids.
    """
    made = [p.frame for p in parts if p.handed["kind"] == "campaign" and p.frame is not None]
    if not made:
        return None
    columns = ["segment", "reason", "action", "value_at_stake", "eligible"]
    rows = pd.concat([frame[columns] for frame in made]).reset_index()
    stake = -rows["value_at_stake"].astype("float64").round(2)
    place = pd.DataFrame(
        {"action": rows["action"].factorize()[0], "stake": stake, "id": hidden(rows)["customer_id"]}
    )
    return rows.loc[place.sort_values(["action", "stake", "id"]).index].reset_index(drop=True)


def worded(rows: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return a campaign list in words: its columns, segments, and who is eligible."""
    yes, no = say(lang, en="yes", zh="是"), say(lang, en="no", zh="否")
    told = rows.assign(
        segment=rows["segment"].map({c: form.shown(c, "", lang) for c in rows["segment"].unique()}),
        value_at_stake=rows["value_at_stake"].astype("float64").round(2),
        eligible=np.where(rows["eligible"].astype(bool), yes, no),
    )
    return told.rename(columns={code: term(code, lang) for code in told.columns})


def require_fit(sheets: Iterable[workbook.Sheet]) -> None:
    """Refuse tables with more rows, or cells with more text, than a sheet can hold.

    Raises
    ------
    RequestError
        All such tables at once; nothing is cut off.
    """
    english, chinese = [], []
    for sheet in sheets:
        if len(sheet.rows) > SHEET_ROWS:
            english.append(
                f"{sheet.title} has {len(sheet.rows):,} rows; a sheet holds {SHEET_ROWS:,}"
            )
            chinese.append(
                f"{sheet.title} 有 {len(sheet.rows):,} 行，而一张工作表最多 {SHEET_ROWS:,} 行"
            )
        if len(sheet.rows.columns) > SHEET_COLUMNS:
            told = f"{len(sheet.rows.columns):,}"
            english.append(f"{sheet.title} has {told} columns; a sheet holds {SHEET_COLUMNS:,}")
            chinese.append(f"{sheet.title} 有 {told} 列，而一张工作表最多 {SHEET_COLUMNS:,} 列")
        texts = sheet.rows.select_dtypes(["object", "str", "category"]).astype(object)
        long = texts.map(lambda cell: len(safe_text(cell)) if isinstance(cell, str) else 0)
        if long.size and (most := int(long.to_numpy().max())) > CELL_TEXT:
            english.append(
                f"{sheet.title} has a text of {most:,} characters; a cell holds {CELL_TEXT:,}"
            )
            chinese.append(f"{sheet.title} 有 {most:,} 字的文本，而单元格最多 {CELL_TEXT:,} 字")
    if english:
        raise RequestError(en="; ".join(english) + ".", zh="；".join(chinese) + "。")


def plain(value: Any) -> Any:
    """Return a cell as a CSV holds it: numbers as such, dates in ISO form, nothing as empty."""
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, Decimal):
        return value if value.is_finite() else ""
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else ""
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, pd.Timestamp):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(value)


def _csv(path: Path, rows: pd.DataFrame, mode: int = 0o644) -> int:
    cells = ([plain(cell) for cell in row] for row in rows.itertuples(index=False, name=None))
    write_csv(path, [list(map(str, rows.columns)), *cells], mode)
    return len(rows)


def _sheets(job: Job, parts: list[Shown], node: Any, finished: str) -> list[workbook.Sheet]:
    """Return the workbook's sheets: what it is, key figures, findings, list, tables."""
    lang = job.lang
    made = [
        _about(job, parts, node, finished),
        _figures(parts, lang),
        workbook.Sheet(say(lang, en="Data checks", zh="数据检查"), _findings(parts, lang)),
    ]
    if (found := campaign(parts)) is not None:
        units = next(p.units for p in reversed(parts) if p.handed["kind"] == "campaign")
        rows = worded(hidden(found), lang)
        in_words = {term(code, lang): unit for code, unit in (units or {}).items()}
        made.append(workbook.Sheet(term("campaign", lang), rows, in_words))
    return made + [_sheet(part, lang) for part in named(parts).values()]


def _about(job: Job, parts: list[Shown], node: Any, finished: str) -> workbook.Sheet:
    """Return what a reader must know first: question, answer, where from, what to mind."""
    lang = job.lang
    answers = [p.handed["text"].replace("**", "") for p in parts if p.handed["kind"] == "headline"]
    first = [
        (say(lang, en="Question", zh="问题"), job.notebook.title(lang)),
        *((say(lang, en="Answer", zh="结论"), answer) for answer in answers),
    ]
    mind = [(say(lang, en="Please note", zh="请注意"), note) for note in notes(parts, lang)]
    told = provenance(job, node, finished, "export")
    rows = [*first, *told.itertuples(index=False, name=None), *mind]
    return workbook.Sheet(
        say(lang, en="About", zh="说明"),
        pd.DataFrame(rows, columns=[term(c, lang) for c in told.columns]),
    )


def notes(parts: Iterable[Shown], lang: Lang) -> list[str]:
    """Return what to mind of pseudonyms, small groups and consent."""
    told = [
        say(lang, en="Ids of people are pseudonyms, the same wherever the same key was used.",
            zh="人员编号均为假名；使用同一密钥时，各处的假名一致。"),
        say(lang, en=f"{safe.note(lang)} (<{SMALL}, {safe.UNSAID}) Totals may still reveal them.",
            zh=f"{safe.note(lang)}（<{SMALL}、{safe.UNSAID}）但由合计仍可能推算出来。"),
    ]  # fmt: skip
    made = [p.handed for p in parts if p.handed["kind"] == "campaign"]
    if any(not each["consent_known"] for each in made):
        told.append(lists.unknown_consent(lang))
    return told


def _sheet(part: Shown, lang: Lang) -> workbook.Sheet:
    """Return a table's sheet, its headings and codes in words."""
    rows, units = table(part), dict(part.units or {})
    words = {column: _heading(str(column), lang) for column in rows.columns}
    told = rows.apply(_in_words, lang=lang)
    titles = {words[c]: units[c] for c in rows.columns if c in units}
    told.columns = pd.Index(_distinct([words[c] for c in rows.columns]))
    return workbook.Sheet(form.shown(part.handed["name"], "", lang), told, titles)


def _in_words(column: pd.Series, lang: Lang) -> pd.Series:
    """Return a column with its codes in words; an id is no code, whatever it looks like."""
    if str(column.name).endswith("_id"):
        return column
    return column.map(lambda cell: form.shown(cell, "", lang) if isinstance(cell, str) else cell)


def _heading(column: str, lang: Lang) -> str:
    """Return a column's word; of an interval's limit, its estimate's and which limit it is."""
    of, _, limit = column.rpartition("_")
    if column in glossary() or of not in glossary() or limit not in ("low", "high"):
        return form.shown("interval" if limit == "interval" else column, "", lang)
    told, which = term(of, lang), term(limit, lang)
    return say(lang, en=f"{told}: {which.lower()}", zh=f"{told}：{which}")


def _distinct(names: list[str]) -> list[str]:
    """Return headings, each its own: a repeated one gets its place."""
    return [f"{n} ({k})" if n in names[:k] else n for k, n in enumerate(names)]


def _figures(parts: Iterable[Shown], lang: Lang) -> workbook.Sheet:
    told = [p.handed for p in parts if p.handed["kind"] == "figure"]
    rows = [
        (term(f["name"], lang), f["value"], f["low"], f["high"],
         form.shown(f["unit"], "", lang))
        for f in told
    ]  # fmt: skip
    heads = [term(head, lang) for head in ("figure", "value", "low", "high", "measured_in")]
    units = tuple(f["unit"] for f in told)
    title = say(lang, en="Key figures", zh="关键数字")
    return workbook.Sheet(title, pd.DataFrame(rows, columns=heads), row_units=units)


def _findings(parts: Iterable[Shown], lang: Lang) -> pd.DataFrame:
    found = [f for p in parts if p.handed["kind"] == "findings" for f in p.handed["findings"]]
    rows = [(term(each["level"], lang), each[lang]) for each in found]
    return pd.DataFrame(rows, columns=[term("verdict", lang), term("finding", lang)])


def _manifest(folder: Path, job: Job, rows: dict[str, int], node: Any, finished: str) -> None:
    """Write what the export holds and where it came from, for programs."""
    files = {
        name: {"rows": count, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
        for name, count in rows.items()
    }
    shown = {k: Path(str(v)).name if k == "source" else v for k, v in job.values.items()}
    told = {
        "notebook": job.notebook.name, "lang": job.lang, "finished_utc": finished,
        "parameters": shown, "files": files, "versions": list(versions()),
        "sources": [s for page in handed_over(node, "source") for s in page["sources"]],
        "ids": f"{', '.join(PEOPLE)} are pseudonyms, but in {IDENTIFIED}",
        "note": "Excel drops leading zeros when it opens a CSV; workbook.xlsx keeps them.",
    }  # fmt: skip
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
