"""From a request to jobs, checked before any kernel starts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path

from crmlab.errors import RequestError
from crmlab.lang import Lang
from crmlab.load import Source, fingerprint, selection
from crmlab.load import find as find_source
from crmlab.report.contract import Told, check, raise_all, unknown
from crmlab.report.execute import Job
from crmlab.report.notebooks import Notebook, find

Values = Mapping[str, object]  # of parameters, by name


def plan(
    names: list[str],
    given: Mapping[str, str],
    lang: Lang | None = None,
    matrix: Mapping[str, list[str]] | None = None,
) -> tuple[list[Job], list[Told]]:
    """Return the jobs of a request, checked before any kernel starts, and notes on it.

    Notebooks that were not named are left out with a note if the source lacks what
    they need, and so are those of a matrix; a parameter goes to the notebooks that have it.

    Parameters
    ----------
    names : list of str
        Names or paths of notebooks; none: all.
    given : mapping
        Parameters as text.
    lang : {"en", "zh"}, optional
        Both if it is not given.
    matrix : mapping, optional
        Parameters with several values each, as text: each notebook is run for every
        combination of those that it has.

    Raises
    ------
    RequestError, DataError
        If a notebook, parameter, value or source is wrong; all such problems at once.
    """
    matrix = matrix or {}
    _require_no_lang({**given, **matrix})
    chosen = find(names)
    _require_known(chosen, {**given, **matrix})
    _require_once(given, matrix)
    asked = [(notebook, each) for notebook in chosen for each in _combinations(notebook, matrix)]
    values = _checked((notebook, {**given, **each}) for notebook, each in asked)
    jobs: list[Job] = []
    notes: list[Told] = []
    for (notebook, each), mine in zip(asked, values, strict=True):
        source = _source(notebook, mine)
        lacking = [t for t in notebook.tables if source and t not in source.files]
        if source and lacking:
            notes.append(_lacks(notebook, source, lacking))
            continue
        _require_column(notebook, source, mine)
        langs = [lang] if lang else notebook.langs
        jobs += [_job(notebook, one, mine, {**given, **each}, source, each) for one in langs]
    if notes and ((names and not matrix) or not jobs):
        raise_all(notes)
    _require_apart(jobs)
    return jobs, notes


def matrix_of(told: Iterable[str]) -> dict[str, list[str]]:
    """Return the values of each parameter of a matrix.

    Parameters
    ----------
    told : iterable of str
        ``NAME=VALUE,NAME=VALUE`` or, if no value has a comma, ``NAME=VALUE,VALUE``.

    Raises
    ------
    RequestError
        If one is not of that form, or a parameter is there twice.

    Examples
    --------
    >>> matrix_of(["margin=0.2,margin=0.3", "cuts=0.5,0.9,cuts=0.8,0.95"])
    {'margin': ['0.2', '0.3'], 'cuts': ['0.5,0.9', '0.8,0.95']}
    >>> matrix_of(["source=cdnow,shop.toml"])
    {'source': ['cdnow', 'shop.toml']}
    """
    axes: dict[str, list[str]] = {}
    for text in told:
        name, equals, rest = text.partition("=")
        if not (name.isidentifier() and equals and name not in axes):
            raise RequestError(
                en=f"--matrix {text!r}: give NAME=VALUE,NAME=VALUE, each NAME in one --matrix.",
                zh=f"--matrix {text!r}：应为 NAME=VALUE,NAME=VALUE，每个参数只用一个 --matrix。",
            )
        values = rest.split(f",{name}=")
        axes[name] = list(dict.fromkeys(values if len(values) > 1 else rest.split(",")))
    return axes


def _combinations(notebook: Notebook, matrix: Mapping[str, list[str]]) -> Iterator[dict[str, str]]:
    """Yield the combinations of those parameters of a matrix that a notebook has."""
    mine = {p.name for p in notebook.parameters}
    axes = {name: values for name, values in matrix.items() if name in mine}
    for combination in product(*axes.values()):
        yield dict(zip(axes, combination, strict=True))


def _require_no_lang(given: Mapping[str, object]) -> None:
    if "lang" in given:
        raise RequestError(
            en="lang is no parameter to set with -p; use --lang en or --lang zh.",
            zh="lang 不能用 -p 设置；请用 --lang en 或 --lang zh。",
        )


def _require_once(given: Mapping[str, str], matrix: Mapping[str, list[str]]) -> None:
    raise_all(
        [
            (
                f"parameter {name} is set by -p and by --matrix",
                f"参数 {name} 同时由 -p 和 --matrix 给出",
            )
            for name in matrix
            if name in given
        ]
    )


def _require_apart(jobs: Iterable[Job]) -> None:
    """Refuse two jobs that would write the same report: files of the same name."""
    count = Counter(job.key for job in jobs)
    raise_all(
        [
            (
                f"two values of the matrix would write the same report {key}",
                f"矩阵中有两个值会写入同一份报告 {key}",
            )
            for key, times in count.items()
            if times > 1
        ]
    )


def _require_known(chosen: Iterable[Notebook], given: Mapping[str, object]) -> None:
    known = dict.fromkeys(p.name for notebook in chosen for p in notebook.parameters)
    raise_all([unknown(name, known) for name in given if name not in known])


def _checked(asked: Iterable[tuple[Notebook, Mapping[str, str]]]) -> list[dict[str, object]]:
    """Return the parameters in force for each request; all wrong values are told at once."""
    values: list[dict[str, object]] = []
    english: dict[str, None] = {}
    chinese: dict[str, None] = {}
    for notebook, given in asked:
        mine = {p.name for p in notebook.parameters}
        defaults = {p.name: p.default for p in notebook.parameters}
        try:
            found = check(notebook.parameters, {k: v for k, v in given.items() if k in mine})
        except RequestError as error:
            english |= dict.fromkeys(error.en.split("\n"))
            chinese |= dict.fromkeys(error.zh.split("\n"))
            continue
        values.append({**defaults, **found})
    if english:
        raise RequestError(en="\n".join(english), zh="\n".join(chinese))
    return values


def _source(notebook: Notebook, values: Values) -> Source | None:
    contracts = {p.name: p.contract for p in notebook.parameters}
    named = [str(v) for k, v in values.items() if contracts[k] == "source"]
    return find_source(named[0]) if named else None


def _require_column(notebook: Notebook, source: Source | None, values: Values) -> None:
    """Refuse to filter by a column that the source does not have."""
    contracts = {p.name: p.contract for p in notebook.parameters}
    for asked in (str(v) for k, v in values.items() if contracts[k] == "where"):
        where = selection.parse(asked)
        for name in notebook.tables:
            if where and source:
                selection.holder(source, name, where)


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
    values: Values,
    given: Mapping[str, str],
    source: Source | None,
    combination: Mapping[str, str],
) -> Job:
    absolute = {
        k: str(Path(str(v)).resolve()) if k == "source" and str(v).endswith(".toml") else v
        for k, v in values.items()
    }
    if "lang" in absolute:
        absolute["lang"] = lang
    mine = {k: v for k, v in given.items() if k in values}
    variant = {k: Path(v).stem if v.endswith(".toml") else v for k, v in combination.items()}
    data = fingerprint(source) if source else ""
    return Job(notebook, lang, absolute, mine, data, variant)
