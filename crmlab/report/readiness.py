"""Whether a source is fit for each notebook, as the notebook's own check cells say.

The cells up to the last one tagged ``check`` are run in this process, and what they hand over
is read: a notebook needs no entry anywhere.
"""

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from crmlab import page
from crmlab.errors import CrmlabError, Finding, Level, NotEnough
from crmlab.lang import Lang, term
from crmlab.load import Source, find
from crmlab.page.hand import Shown
from crmlab.report.notebooks import Notebook, notebooks, tags

RANK: tuple[Level, ...] = ("ready", "caution", "not_enough")


@dataclass(frozen=True)
class Readiness:
    """Whether a notebook can run on a source: the worst of its findings, and all of them.

    `level` is ``ready``, ``caution``, ``not_enough``, ``lacking`` (tables), ``refused`` (the
    data are wrong) or ``failed`` (the notebook itself is).
    """

    notebook: str
    level: str
    findings: tuple[Finding, ...]


def readiness(source: str, lang: Lang) -> list[Readiness]:
    """Return what each of the workbook's notebooks says of a source.

    Parameters
    ----------
    source : str
        A name, or the path of a TOML file.
    lang : {"en", "zh"}
        The language that the notebooks' cells run in; findings are in both.

    Raises
    ------
    RequestError, DataError
        If there is no such source, or its TOML cannot be used.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    found = find(source)
    return [_of(each, source, found, lang) for each in notebooks() if _takes_source(each)]


def _takes_source(notebook: Notebook) -> bool:
    return any(p.contract == "source" for p in notebook.parameters)


def _of(notebook: Notebook, source: str, found: Source, lang: Lang) -> Readiness:
    if lacking := [table for table in notebook.tables if table not in found.files]:
        english, chinese = (_tables(lacking, lang) for lang in ("en", "zh"))
        en = f"It needs tables that the source does not have: {english}."
        zh = f"需要数据源中没有的表：{chinese}。"
        return Readiness(notebook.name, "lacking", (Finding("not_enough", en, zh, "lacking"),))
    values = {p.name: p.default for p in notebook.parameters} | {"source": source, "lang": lang}
    with page.collected() as shown, redirect_stdout(io.StringIO()):
        try:
            _run(notebook, values)
        except NotEnough as error:
            return _judged(notebook, shown, Finding("not_enough", error.en, error.zh))
        except CrmlabError as error:
            told = Finding("not_enough", error.en, error.zh)
            return Readiness(notebook.name, "refused", (told,))
        except Exception as error:  # whatever a notebook's cell may raise; values stay unsaid
            kind = type(error).__name__
            told = Finding("not_enough", f"Its check raised {kind}.", f"检查单元出错：{kind}。")
            return Readiness(notebook.name, "failed", (told,))
    return _judged(notebook, shown)


def _tables(names: list[str], lang: Lang) -> str:
    form, between = {"en": ("{} ({})", ", "), "zh": ("{}（{}）", "、")}[lang]
    return between.join(form.format(name, term(f"{name}_table", lang)) for name in names)


def _run(notebook: Notebook, values: dict[str, Any]) -> None:
    """Run a notebook's code cells, the parameters' cell replaced, through its last check."""
    code = [cell for cell in notebook.node.cells if cell.cell_type == "code"]
    checks = [place for place, cell in enumerate(code) if "check" in tags(cell)]
    space = dict(values)
    for place, cell in enumerate(code[: max(checks, default=-1) + 1]):
        if "parameters" not in tags(cell):
            name = f"<{notebook.name}, code cell {place + 1}>"
            exec(compile(cell.source, name, "exec"), space)  # noqa: S102 - as the report does


def _judged(notebook: Notebook, shown: list[Shown], ended: Finding | None = None) -> Readiness:
    """Return the worst of what the page said, and what ended it."""
    said = [
        Finding(each["level"], each["en"], each["zh"], each.get("code", ""))
        for part in shown
        if part.handed["kind"] == "findings"
        for each in part.handed["findings"]
    ]
    if ended and not any(each.level == "not_enough" for each in said):
        said.append(ended)
    worst = max((RANK.index(each.level) for each in said), default=0)
    return Readiness(notebook.name, RANK[worst], tuple(said))
