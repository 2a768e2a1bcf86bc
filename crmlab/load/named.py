"""The sources that have a name: purchases that the package lifetimes brings, and the company's."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crmlab.errors import DataError
from crmlab.home import home
from crmlab.load.source import File, Form, Layout, Source
from crmlab.load.toml import read_toml

CDNOW_COLUMNS = ("customer_id", "order_date", "quantity", "amount")


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
        (_lifetimes_file(path),),
        columns=tuple((column, column) for column in CDNOW_COLUMNS),
        layout=Layout(delimiter="spaces", **layout),
        form=Form(date_format="%Y%m%d"),
    )
    return Source(name, "USD", {"orders": file})


def _cdnow_master() -> Source:
    """All of the cohort: 23,570 customers who first bought in the first quarter of 1997."""
    return _cdnow_source("cdnow-master", "CDNOW_master.txt", names=CDNOW_COLUMNS, skip=1)


def _cdnow() -> Source:
    """A tenth of it, 2,357 customers, as in the papers; ids as in the whole."""
    first, *others = CDNOW_COLUMNS
    return _cdnow_source("cdnow", "CDNOW_sample.txt", names=(first, "sample_id", *others))


def _committed(name: str) -> Source:
    return read_toml(home() / "data" / name / "source.toml")


NAMED = {
    "cdnow": _cdnow,
    "cdnow-master": _cdnow_master,
    "chenxing": lambda: _committed("chenxing"),
    "k-consulting": lambda: _committed("k-consulting"),
}
