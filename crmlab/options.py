"""The arguments and options of commands, those first that several share."""

from pathlib import Path
from typing import Annotated

import typer

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NOTEBOOK or PATH]...", help="none: all of them")
]
Source = Annotated[str, typer.Argument(help="a source's name, or its TOML file")]
Run = Annotated[str, typer.Argument(metavar="[RUN]", help="folder or id; none: the latest")]
Parameters = Annotated[
    list[str] | None,
    typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="set a notebook's parameter"),
]
Language = Annotated[
    str, typer.Option("--lang", metavar="en|zh", help="default: both; messages as the locale")
]
Folder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="default: reports/ of the checkout")
]
Force = Annotated[bool, typer.Option("--force", help="make unchanged reports again")]
CellSeconds = Annotated[int, typer.Option(metavar="N", min=1, help="end a cell that takes longer")]
RunSeconds = Annotated[int | None, typer.Option(metavar="N", min=1, help="end the run after this")]
Matrix = Annotated[
    list[str] | None,
    typer.Option(
        "--matrix", metavar="NAME=VALUE,NAME=VALUE", help="run for each; several multiply"
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="only what the same run did not make last")]
Workers = Annotated[int | None, typer.Option(metavar="N", min=1, help="notebooks at a time")]
Keep = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="delete all but the last N runs")
]
Dask = Annotated[
    str, typer.Option("--dask", metavar="ADDRESS", help="run them on a Dask cluster's workers")
]
Pdf = Annotated[bool, typer.Option("--pdf", help="print each report, too; needs Chromium")]
Json = Annotated[bool, typer.Option("--json", help="end with one line of JSON on standard output")]
Target = Annotated[
    Path | None, typer.Option("--out", metavar="PATH", help="default: my_NOTEBOOK.ipynb")
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="duckdb|pyspark|sc://HOST",
        help="for typed Parquet; default: the source's",
    ),
]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="exports of your own")]
Toml = Annotated[Path | None, typer.Option("--out", metavar="FILE.toml", help="default: print")]
Name = Annotated[str, typer.Option("--name", help="default: the file's name")]
Currency = Annotated[str, typer.Option("--currency", metavar="XXX", help="such as CNY")]
Exported = Annotated[list[str], typer.Argument(metavar="NOTEBOOK...", help="names or paths")]
Exports = Annotated[Path, typer.Option("--out", metavar="DIR")]
Identified = Annotated[
    bool, typer.Option("--identified", help="also a campaign list with the real ids")
]
Replace = Annotated[bool, typer.Option("--force", help="replace what is there")]
Scores = Annotated[
    str, typer.Option("--out", metavar="FILE.parquet", help="on Spark a folder, or an address")
]
AsOf = Annotated[str, typer.Option(metavar="DATE", help="last day; default: that of the data")]
Model = Annotated[str, typer.Option(help="BG/NBD, MBG/NBD or Pareto/NBD")]
Weeks = Annotated[int, typer.Option(min=1, max=520, help="how far ahead")]
Share = Annotated[float, typer.Option(min=0, max=1)]
Document = Annotated[bool, typer.Option("--json", help="one JSON document")]
Rejects = Annotated[
    Path | None, typer.Option("--rejects", metavar="FILE.csv", help="write rows left out")
]
Made = Annotated[Path, typer.Option("--out", metavar="DIR", help="made if need be")]
Seed = Annotated[int, typer.Option(help="from 0")]
Customers = Annotated[int, typer.Option(help="from 1")]
Effect = Annotated[float, typer.Option(metavar="0..1", help="0: purchases are exactly BG/NBD")]
