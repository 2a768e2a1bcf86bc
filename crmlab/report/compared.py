"""What nbval finds in each cell, written to ``told.json``: the ``conftest.py`` of `verify`.

It is copied beside the notebook, as importing it from the package would import all of `report`.
"""

import json
import re
from typing import Any

import pytest

AROUND = 40  # characters shown before and after the place where two outputs part
_pair: list[str] = []
_told: list[dict[str, Any]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_assertrepr_compare(left: object, right: object) -> list[str]:
    """Keep the place where a stored output and a new one part."""
    _pair[:] = parting(_text(left), _text(right))
    return [" ≠ ".join(_pair)]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what became of a cell: its outcome, the kind of output, and both excerpts."""
    if report.when == "call" or report.failed:
        media = re.search(r"mismatch '([^']+)'", report.longreprtext)
        notebook, cell = report.nodeid.rsplit("::Cell ", 1)
        _told.append({
            "notebook": notebook,
            "cell": int(cell),
            "outcome": report.outcome,
            "media": media[1] if media else "",
            "pair": _pair.copy(),
            "text": report.longreprtext,
        })  # fmt: skip
        _pair.clear()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write all that was kept."""
    told = json.dumps(_told, ensure_ascii=False)
    (session.config.rootpath / "told.json").write_text(told, encoding="utf-8")


def parting(left: str, right: str) -> list[str]:
    """Return the words where two texts part.

    >>> parting("<td>0.7545</td><td>9</td>", "<td>0.7546</td><td>9</td>")
    ['0.7545', '0.7546']
    """
    pairs = enumerate(zip(left, right, strict=False))
    place = next((n for n, (a, b) in pairs if a != b), min(len(left), len(right)))
    words = [_word(text, place, place) for text in (left, right)]
    same = words[0] == words[1]  # one of them goes on behind the word
    return [_word(text, place, place + 1) for text in (left, right)] if same else words


def _word(text: str, place: int, search: int) -> str:
    start = max(text.rfind(mark, 0, place) for mark in ' \n>"') + 1
    ends = [end for mark in ' \n<"' if (end := text.find(mark, search)) >= 0]
    return text[max(start, place - AROUND) : min([place + AROUND, *ends])]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
