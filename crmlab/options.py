"""The arguments and options of commands, those first that several share."""

from pathlib import Path
from typing import Annotated

import typer

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NOTEBOOK or PATH]...", help="none: all of them")
]
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
