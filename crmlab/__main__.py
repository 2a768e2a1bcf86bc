"""The command line: ``crmlab run``, ``notebooks``, ``copy``, ``concepts``, ``company``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crmlab import options
from crmlab.errors import CrmlabError
from crmlab.home import home
from crmlab.lang import LANGS, Lang, say, spoken

app = typer.Typer(
    help="The CRM workbook: notebooks into reports. 客户关系管理工作簿：从笔记本到报告。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)
_speaking: Lang = "en"


@app.command()
def run(
    names: options.Names = None,
    parameter: options.Parameters = None,
    matrix: options.Matrix = None,
    lang: options.Language = "",
    folder: options.Folder = None,
    force: options.Force = False,
    resume: options.Resume = False,
    workers: options.Workers = None,
    cell_seconds: options.CellSeconds = 900,
    run_seconds: options.RunSeconds = None,
    keep: options.Keep = None,
    pdf: options.Pdf = False,
    dask: options.Dask = "",
    as_json: options.Json = False,
) -> None:
    """Run notebooks into reports.

    What is finished is published, whatever happens to the rest. Exit codes:

    0: all well, or not enough data.
    1: a notebook failed, or nothing could be written.
    2: the request or the data are wrong.
    124: a time limit was reached.
    128 + n: signal n cancelled the run (130: Ctrl-C, 143: SIGTERM).
    Of several, the first in the order 128 + n, 1, 124, 2.
    """
    from crmlab import report, running

    chosen = _language(lang)
    target = folder.resolve() if folder else home() / "reports"
    with running.refusals(as_json=as_json):
        axes = report.matrix_of(matrix or [])
        jobs, notes = report.plan(names or [], _pairs(parameter or []), chosen, axes)
        for english, chinese in notes:
            err.print(f"[yellow]–[/] {escape(_say(en=english, zh=chinese))}")
        with err.status(_say(en=f"{len(jobs)} reports", zh=f"共 {len(jobs)} 份报告")):
            done = report.run(
                jobs, target, force=force, resume=resume, workers=workers or report.WORKERS,
                limits=report.Limits(cell_seconds, run_seconds), keep=keep, lang=_speaking,
                chromium=report.browser() if pdf else "", dask=dask,
                tell=lambda step: err.print(running.line(step, _speaking)),
            )  # fmt: skip
    for sentence in running.closing(done, _speaking):
        err.print(escape(sentence))
    if said := running.said(done, target, as_json=as_json):
        typer.echo(said)
    raise typer.Exit(done.exit_code)


@app.command()
def verify(
    run: options.Run = "", folder: options.Folder = None, lang: options.Language = ""
) -> None:
    """Execute a run's notebooks again, compare every text and table, and seal what is the same.

    What has changed since (data, notebook, parameter, version) is named first, and not executed.
    Exit code 0: all verified; 1: a report differs; 2: a report cannot be verified;
    128 + n: signal n ended it.
    """
    from crmlab import verifying

    _language(lang)
    found = verifying.find_run(run, folder.resolve() if folder else home() / "reports")
    code = verifying.verified(found, _speaking, err)
    out.print(str(found / "index.html"), markup=False)
    raise typer.Exit(code)


@app.command()
def notebooks(lang: options.Language = "") -> None:
    """List the notebooks and their parameters."""
    from crmlab import report

    _language(lang)
    for notebook in report.notebooks():
        title = escape(f"{notebook.name}: {notebook.title(_speaking)}")
        table = Table(title=title, title_justify="left", box=None, padding=(0, 2))
        for head in ("name", "type", "default", "allowed", "about"):
            table.add_column(head)
        for p in notebook.parameters:
            table.add_row(*map(escape, (p.name, p.type, repr(p.default), p.contract, p.about)))
        out.print(table, "")


@app.command()
def copy(
    notebook: Annotated[str, typer.Argument(help="a notebook's name")],
    lang: options.Language = "",
    to: options.Target = None,
) -> None:
    """Copy a notebook to edit: one language, no results."""
    from crmlab import report

    made = report.copy(notebook, _language(lang) or _speaking, to)
    told = _say(
        en=f"{made} is yours to edit; run it with: crmlab run {made}",
        zh=f"{made} 已生成，可随意修改；运行：crmlab run {made}",
    )
    out.print(escape(told))


@app.command()
def concepts(
    lang: options.Language = "",
    group: Annotated[str, typer.Option("--group", metavar="A1..A9|T", help="only this group")] = "",
) -> None:
    """List the course's concepts, and say how much of each group is built."""
    from crmlab import concepts as course

    _language(lang)
    chosen = course.group_of(course.concepts(), group) if group else course.concepts()
    out.print(course.listed(chosen, _speaking), "")
    out.print(course.covered(course.coverage(chosen), _speaking))


@app.command("map")
def propose(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="exports of your own")],
    to: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.toml", help="default: print")
    ] = None,
    lang: options.Language = "",
    name: Annotated[str, typer.Option("--name", help="default: the file's name")] = "",
    currency: Annotated[str, typer.Option("--currency", metavar="XXX", help="such as CNY")] = "",
    force: Annotated[bool, typer.Option("--force", help="overwrite FILE.toml")] = False,
) -> None:
    """Propose how files map to our tables, as TOML; doubts go to standard error."""
    from crmlab import mapping

    _language(lang)
    if to:
        mapping.require_free(to, force=force)
    made = mapping.propose(files, name=name or (to.stem if to else ""), currency=currency)
    told = mapping.toml_text(
        made, lang=_speaking, relative_to=to.parent if to else None, file=str(to or "")
    )
    mapping.save(told, to) if to else typer.echo(told, nl=False)
    for line in mapping.closing(made, _speaking, str(to or "")):
        err.print(line, markup=False, emoji=False)


@app.command()
def export(
    names: Annotated[list[str], typer.Argument(metavar="NOTEBOOK...", help="names or paths")],
    parameter: options.Parameters = None,
    lang: options.Language = "",
    folder: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("exports"),
    identified: Annotated[
        bool, typer.Option("--identified", help="also a campaign list with the real ids")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="replace an export")] = False,
) -> None:
    """Run notebooks and write what they found as files: campaign list, workbook, data.

    Ids are pseudonyms everywhere but in the list that --identified asks for.
    Exit code 0: all well, or not enough data; 1: a notebook failed, or the disk is full;
    2: the request or the data are wrong.
    """
    from crmlab import export as exports
    from crmlab import report
    from crmlab.report import summary

    jobs, _ = report.plan(names, _pairs(parameter or []), _language(lang) or _speaking)
    exports.require_writable(jobs, folder, force=force)
    statuses = set()
    for job in jobs:
        with err.status(escape(job.key)):
            done = exports.export(job, folder, identified=identified, force=force)
        statuses.add(done.status)
        if done.en:
            err.print(escape(f"{job.key}: {_say(en=done.en, zh=done.zh)}"))
        for name in done.files:
            out.print(str(folder / job.key / name), markup=False)
    raise typer.Exit(summary.CODES[summary.worst(statuses)])


@app.command()
def check(
    source: Annotated[str, typer.Argument(help="a source's name, or its TOML file")],
    lang: options.Language = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON document")] = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE.csv", help="write rows left out")
    ] = None,
) -> None:
    """Say what is in a source, what was left out and why, and what it is fit for.

    Exit code 0: the check could be made, whatever it found; 2: the source cannot be used.
    """
    from crmlab import checking

    _language(lang)
    told = checking.document(source, _speaking)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        out.print(checking.shown(told, _speaking))
    if rejects:
        count = checking.write_rejects(source, rejects)
        err.print(escape(_say(en=f"{rejects}: {count:,} rows.", zh=f"{rejects}：{count:,} 行。")))


@app.command()
def company(
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="made if need be")],
    seed: Annotated[int, typer.Option(help="from 0")] = 2026,
    customers: Annotated[int, typer.Option(help="from 1")] = 1200,
    satisfaction_effect: Annotated[
        float, typer.Option(metavar="0..1", help="0: purchases are exactly BG/NBD")
    ] = 1,
    lang: options.Language = "",
) -> None:
    """Write the simulated company 晨星商贸: its tables, and apart from them the truth."""
    from crmlab import company as made

    _language(lang)
    made.write(folder, seed, customers, satisfaction_effect)
    out.print(str(folder / "source.toml"), markup=False)


def _language(asked: str) -> Lang | None:
    """Return the language asked for, if any; from here on, messages are in it."""
    global _speaking
    _speaking = spoken()
    if not asked:
        return None
    for lang in LANGS:
        if asked == lang:
            _speaking = lang
            return lang
    raise typer.BadParameter(f"{asked!r}: en | zh", param_hint="--lang")


def _say(*, en: str, zh: str) -> str:
    return say(_speaking, en=en, zh=zh)


def _pairs(told: list[str]) -> dict[str, str]:
    if wrong := [each for each in told if "=" not in each]:
        raise typer.BadParameter(f"{wrong[0]!r}: NAME=VALUE", param_hint="-p")
    return dict(each.split("=", 1) for each in told)


def main() -> None:
    """Run the command line; a user's mistake is a sentence and exit code 2."""
    # jsonschema would build a grammar of IRIs, a third of the start, which notebooks never need
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    try:
        app()
    except CrmlabError as error:
        mistake = escape(_say(en=error.en, zh=error.zh))
        err.print(f"[red]{_say(en='Error', zh='错误')}:[/] {mistake}")
        sys.exit(2)


if __name__ == "__main__":
    main()
