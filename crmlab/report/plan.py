"""From a request to jobs, checked before any kernel starts."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from crmlab.errors import RequestError
from crmlab.lang import Lang
from crmlab.load import Source, fingerprint
from crmlab.load import find as find_source
from crmlab.report.contract import Told, check, raise_all, unknown
from crmlab.report.execute import Job
from crmlab.report.notebooks import Notebook, find


def plan(
    names: list[str], given: Mapping[str, str], lang: Lang | None = None
) -> tuple[list[Job], list[Told]]:
    """Return the jobs of a request, checked before any kernel starts, and notes on it.

    Notebooks that were not named are left out with a note if the source lacks what
    they need; a parameter goes to the notebooks that have it.

    Raises
    ------
    RequestError, DataError
        If a notebook, parameter, value or source is wrong; all such problems at once.
    """
    if "lang" in given:
        raise RequestError(
            en="lang is no parameter to set with -p; use --lang en or --lang zh.",
            zh="lang 不能用 -p 设置；请用 --lang en 或 --lang zh。",
        )
    chosen = find(names)
    _require_known(chosen, given)
    values = _checked(chosen, given)
    jobs: list[Job] = []
    notes: list[Told] = []
    for notebook in chosen:
        source = _source(notebook, values[notebook.name])
        lacking = [t for t in notebook.tables if source and t not in source.files]
        if source and lacking:
            notes.append(_lacks(notebook, source, lacking))
            continue
        langs = [lang] if lang else notebook.langs
        jobs += [_job(notebook, each, values[notebook.name], given, source) for each in langs]
    if notes and (names or not jobs):
        raise_all(notes)
    return jobs, notes


def _require_known(chosen: Iterable[Notebook], given: Mapping[str, str]) -> None:
    known = dict.fromkeys(p.name for notebook in chosen for p in notebook.parameters)
    raise_all([unknown(name, known) for name in given if name not in known])


def _checked(chosen: Iterable[Notebook], given: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """Return the parameters in force for each notebook; all wrong values are told at once."""
    values: dict[str, dict[str, object]] = {}
    english: dict[str, None] = {}
    chinese: dict[str, None] = {}
    for notebook in chosen:
        mine = {p.name for p in notebook.parameters}
        defaults = {p.name: p.default for p in notebook.parameters}
        try:
            found = check(notebook.parameters, {k: v for k, v in given.items() if k in mine})
        except RequestError as error:
            english |= dict.fromkeys(error.en.split("\n"))
            chinese |= dict.fromkeys(error.zh.split("\n"))
            continue
        values[notebook.name] = {**defaults, **found}
    if english:
        raise RequestError(en="\n".join(english), zh="\n".join(chinese))
    return values


def _source(notebook: Notebook, values: Mapping[str, object]) -> Source | None:
    contracts = {p.name: p.contract for p in notebook.parameters}
    named = [str(v) for k, v in values.items() if contracts[k] == "source"]
    return find_source(named[0]) if named else None


def _lacks(notebook: Notebook, source: Source, lacking: list[str]) -> Told:
    has = sorted(source.files)
    return (
        (
            f"{notebook.name} needs {', '.join(lacking)}, which source {source.name} "
            f"does not have; it has: {', '.join(has)}"
        ),
        (
            f"{notebook.name} 需要 {'、'.join(lacking)}，而数据源 {source.name} 没有；"
            f"现有：{'、'.join(has)}"
        ),
    )


def _job(
    notebook: Notebook,
    lang: Lang,
    values: Mapping[str, object],
    given: Mapping[str, str],
    source: Source | None,
) -> Job:
    absolute = {
        k: str(Path(str(v)).resolve()) if k == "source" and str(v).endswith(".toml") else v
        for k, v in values.items()
    }
    if "lang" in absolute:
        absolute["lang"] = lang
    mine = {k: v for k, v in given.items() if k in values}
    return Job(notebook, lang, absolute, mine, fingerprint(source) if source else "")
