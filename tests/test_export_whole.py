"""Is an export whole on the disk, and does it take what a notebook of one's own may hand over?"""

import os
from pathlib import Path

import pandas as pd
import pytest

from crmlab import page
from crmlab.errors import RequestError
from crmlab.export import files, folder, workbook


def test_a_text_among_categories_is_measured_too():
    rows = pd.DataFrame({"x": pd.Categorical(["a" * 32_768])})
    with pytest.raises(RequestError, match=r"32,768 characters; a cell holds 32,767"):
        files.require_fit([workbook.Sheet("t", rows)])


def test_a_name_that_excel_keeps_is_no_sheets_name():
    assert workbook.title_of("History", set()) == "History (2)"
    assert workbook.title_of("a" * 30 + " b", set()) == "a" * 30


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks /proc what was synced")
def test_all_files_reach_the_disk_before_they_take_a_place(tmp_path, monkeypatch):
    done = []
    fsync, rename = os.fsync, Path.rename
    monkeypatch.setattr(
        os, "fsync", lambda n: (done.append(Path(f"/proc/self/fd/{n}").readlink().name), fsync(n))
    )
    monkeypatch.setattr(
        Path, "rename", lambda self, to: (done.append("renamed"), rename(self, to))[1]
    )
    with folder.replaced(tmp_path / "mine.en") as part:
        (part / "data").mkdir()
        for name in ("workbook.xlsx", "data/a.csv"):
            (part / name).write_text("x")
    before = done[: done.index("renamed")]
    assert {"workbook.xlsx", "a.csv", "data"} <= set(before)
    assert done[-1] == tmp_path.name


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_segment_of_ones_own_needs_no_word_in_the_glossary(lang):
    rows = pd.DataFrame({"customer_id": ["1"], "segment": ["my_own"], "reason": ["x"],
                         "action": ["y"], "value_at_stake": [1.0], "eligible": [True]})  # fmt: skip
    assert files.worded(rows, lang).iloc[0, 1] == "my_own"


@pytest.mark.parametrize("unit", ["JPY", "USD exact"])
def test_a_figure_in_any_currency_can_be_exported(unit):
    with page.collected() as shown:
        page.figure("spend", 12.5, 10, 15, unit)
    assert files._figures(shown, "en").rows.iloc[0, 4] == unit
