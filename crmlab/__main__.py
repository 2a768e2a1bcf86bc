"""The command line: ``crmlab run``, ``notebooks``, ``copy``, ``concepts``, ``company``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from crmlab import console, options
from crmlab.console import err, out
from crmlab.errors import CrmlabError
from crmlab.home import home

app = typer.Typer(
    help="The CRM workbook: notebooks into reports. 客户关系管理工作簿：从笔记本到报告。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
    engine: options.Engine = "",
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

    chosen = console.language(lang)
    console.engine(engine)
    target = folder.resolve() if folder else home() / "reports"
    with running.refusals(as_json=as_json):
        axes = report.matrix_of(matrix or [])
        jobs, notes = report.plan(names or [], console.pairs(parameter or []), chosen, axes)
        for english, chinese in notes:
            err.print(f"[yellow]–[/] {escape(console.said(en=english, zh=chinese))}")
        with err.status(console.said(en=f"{len(jobs)} reports", zh=f"共 {len(jobs)} 份报告")):
            done = report.run(
                jobs, target, force=force, resume=resume, workers=workers or report.WORKERS,
                limits=report.Limits(cell_seconds, run_seconds), keep=keep, lang=console.speaking(),
                chromium=report.browser() if pdf else "", dask=dask,
                tell=lambda step: err.print(running.line(step, console.speaking())),
            )  # fmt: skip
    for sentence in running.closing(done, console.speaking()):
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

    console.language(lang)
    found = verifying.find_run(run, folder.resolve() if folder else home() / "reports")
    code = verifying.verified(found, console.speaking(), err)
    out.print(str(found / "index.html"), markup=False)
    raise typer.Exit(code)


@app.command()
def notebooks(lang: options.Language = "") -> None:
    """List the notebooks and their parameters."""
    from crmlab import report

    console.language(lang)
    for notebook in report.notebooks():
        title = escape(f"{notebook.name}: {notebook.title(console.speaking())}")
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

    made = report.copy(notebook, console.language(lang) or console.speaking(), to)
    told = console.said(
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

    console.language(lang)
    chosen = course.group_of(course.concepts(), group) if group else course.concepts()
    out.print(course.listed(chosen, console.speaking()), "")
    out.print(course.covered(course.coverage(chosen), console.speaking()))


@app.command("map")
def propose(
    files: options.Files,
    to: options.Toml = None,
    lang: options.Language = "",
    name: options.Name = "",
    currency: options.Currency = "",
    force: options.Replace = False,
) -> None:
    """Propose how files map to our tables, as TOML; doubts go to standard error."""
    from crmlab import mapping

    console.language(lang)
    if to:
        mapping.require_free(to, force=force)
    made = mapping.propose(files, name=name or (to.stem if to else ""), currency=currency)
    told = mapping.toml_text(
        made, lang=console.speaking(), relative_to=to.parent if to else None, file=str(to or "")
    )
    mapping.save(told, to) if to else typer.echo(told, nl=False)
    for line in mapping.closing(made, console.speaking(), str(to or "")):
        err.print(line, markup=False, emoji=False)


@app.command()
def export(
    names: options.Exported,
    parameter: options.Parameters = None,
    lang: options.Language = "",
    folder: options.Exports = Path("exports"),
    identified: options.Identified = False,
    force: options.Replace = False,
) -> None:
    """Run notebooks and write what they found as files: campaign list, workbook, data.

    Ids are pseudonyms everywhere but in the list that --identified asks for.
    Exit code 0: all well, or not enough data; 1: a notebook failed, or the disk is full;
    2: the request or the data are wrong.
    """
    from crmlab import export as exports
    from crmlab import report
    from crmlab.report import summary

    jobs, _ = report.plan(
        names, console.pairs(parameter or []), console.language(lang) or console.speaking()
    )
    exports.require_writable(jobs, folder, force=force)
    statuses = set()
    for job in jobs:
        with err.status(escape(job.key)):
            done = exports.export(job, folder, identified=identified, force=force)
        statuses.add(done.status)
        if done.en:
            err.print(escape(f"{job.key}: {console.said(en=done.en, zh=done.zh)}"))
        for name in done.files:
            out.print(str(folder / job.key / name), markup=False)
    raise typer.Exit(summary.CODES[summary.worst(statuses)])


@app.command()
def check(
    source: options.Source,
    lang: options.Language = "",
    engine: options.Engine = "",
    as_json: options.Document = False,
    rejects: options.Rejects = None,
) -> None:
    """Say what is in a source, what was left out and why, and what it is fit for.

    Exit code 0: the check could be made, whatever it found; 2: the source cannot be used.
    """
    from crmlab import checking

    console.language(lang)
    console.engine(engine)
    told = checking.document(source, console.speaking())
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        out.print(checking.shown(told, console.speaking()))
    if rejects:
        count = checking.write_rejects(source, rejects)
        err.print(
            escape(console.said(en=f"{rejects}: {count:,} rows.", zh=f"{rejects}：{count:,} 行。"))
        )


@app.command()
def score(
    source: options.Source,
    to: options.Scores,
    as_of: options.AsOf = "",
    model: options.Model = "BG/NBD",
    horizon_weeks: options.Weeks = 52,
    margin: options.Share = 0.3,
    discount_rate_annual: options.Share = 0.1,
    engine: options.Engine = "",
    force: options.Replace = False,
    lang: options.Language = "",
) -> None:
    """Write a row per customer, with P(alive), purchases and value ahead: also for millions.

    Exit code 0: written; 2: the request or the data are wrong, or too few.
    """
    from crmlab import scoring

    console.language(lang)
    console.engine(engine)
    with err.status(escape(source)):
        done = scoring.score(
            source, to, as_of=as_of, model=model, horizon_weeks=horizon_weeks, margin=margin,
            discount_rate_annual=discount_rate_annual, force=force,
        )  # fmt: skip
    for sentence in scoring.told(done, console.speaking()):
        err.print(escape(sentence))
    out.print(to, markup=False)


@app.command()
def company(
    folder: options.Made,
    seed: options.Seed = 2026,
    customers: options.Customers = 1200,
    satisfaction_effect: options.Effect = 1,
    lang: options.Language = "",
) -> None:
    """Write the simulated company 晨星商贸: its tables, and apart from them the truth."""
    from crmlab import company as made

    console.language(lang)
    made.write(folder, seed, customers, satisfaction_effect)
    out.print(str(folder / "source.toml"), markup=False)


def main() -> None:
    """Run the command line; a user's mistake is a sentence and exit code 2."""
    # jsonschema would build a grammar of IRIs, a third of the start, which notebooks never need
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    try:
        app()
    except CrmlabError as error:
        mistake = escape(console.said(en=error.en, zh=error.zh))
        err.print(f"[red]{console.said(en='Error', zh='错误')}:[/] {mistake}")
        sys.exit(2)


if __name__ == "__main__":
    main()
