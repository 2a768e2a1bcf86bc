"""What becomes of an export when its folder, key, disk or process is not what it should be?"""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from python_calamine import CalamineWorkbook

from crmlab import export, privacy, report
from crmlab.__main__ import main
from crmlab.errors import RequestError
from crmlab.export import files, folder, run
from crmlab.report.execute import Outcome
from tests.test_report_runs import notebook

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def keyed(monkeypatch):
    monkeypatch.setenv("CRMLAB_KEY", "a key of enough characters")


def jobs(where, *names):
    paths = [notebook(where, name, "print(1)") for name in names]
    return report.plan(paths, {}, "en")[0]


@pytest.fixture
def quick(monkeypatch):
    """Let notebooks end well without a kernel; return the names of those that ran."""
    ran = []

    def execute(job, target):
        ran.append(job.notebook.name)
        return Outcome("ok", nbformat.v4.new_notebook())

    monkeypatch.setattr(run, "execute", execute)
    return ran


def earlier(target):
    """Make an export of before."""
    target.mkdir(parents=True)
    (target / folder.MANIFEST).write_text("{}")
    (target / "campaign.csv").write_text("old")


def names(where):
    return sorted(p.relative_to(where).as_posix() for p in where.rglob("*") if p.is_file())


def test_an_export_is_replaced_whole_if_forced(tmp_path, quick):
    (job,) = jobs(tmp_path, "mine")
    earlier(target := tmp_path / "out" / "mine.en")
    with pytest.raises(RequestError, match="is there already; replace it with --force"):
        export.export(job, tmp_path / "out")
    assert export.export(job, tmp_path / "out", force=True).status == "ok"
    assert names(target) == ["manifest.json", "workbook.xlsx"]
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.en"]


def test_a_folder_that_is_no_export_is_never_replaced(tmp_path, quick):
    (job,) = jobs(tmp_path, "mine")
    target = tmp_path / "out" / "mine.en"
    target.mkdir(parents=True)
    (target / "thesis.docx").write_text("years of work")
    with pytest.raises(RequestError) as told:
        export.export(job, tmp_path / "out", force=True)
    assert told.value.en.startswith(f"{target} holds no manifest.json: it is no export")
    assert "不是导出结果" in told.value.zh
    assert names(target) == ["thesis.docx"]
    assert quick == []


def test_a_folder_that_cannot_be_put_in_place_leaves_the_last_export(tmp_path, quick, monkeypatch):
    (job,) = jobs(tmp_path, "mine")
    earlier(target := tmp_path / "out" / "mine.en")

    def rename(self, to, real=Path.rename):
        if self.suffix == ".part":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self, to)

    monkeypatch.setattr(Path, "rename", rename)
    done = export.export(job, tmp_path / "out", force=True)
    assert (done.status, done.folder) == ("failed", None)
    assert (
        done.en == f"{target} cannot be written: Permission denied. What was there before still is."
    )
    assert (target / "campaign.csv").read_text() == "old"
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.en"]


@pytest.mark.parametrize("there", [True, False], ids=["over-another", "anew"])
def test_a_full_disk_is_a_sentence_and_exit_code_1(tmp_path, quick, monkeypatch, capsys, there):
    path, out = notebook(tmp_path, "mine", "print(1)"), tmp_path / "out"
    if there:
        earlier(out / "mine.en")

    def write(path, sheets):
        path.write_text("half")
        raise FULL

    monkeypatch.setattr(files.workbook, "write", write)
    words = ["crmlab", "export", path, "--lang", "en", "--out", str(out), "--force"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "No space left on device. What was there before still is." in capsys.readouterr().err
    assert names(out) == (["mine.en/campaign.csv", "mine.en/manifest.json"] if there else [])


def test_a_workbook_says_why_it_cannot_be_written(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.workbook.write(tmp_path / "none" / "x.xlsx", [])


def test_what_cannot_be_written_is_refused_before_any_notebook_runs(tmp_path, quick, monkeypatch):
    both = jobs(tmp_path, "one", "two")
    earlier(tmp_path / "out" / "two.en")
    with pytest.raises(RequestError, match=r"two\.en is there already"):
        export.require_writable(both, tmp_path / "out")
    monkeypatch.setenv("CRMLAB_KEY", "short")
    with pytest.raises(RequestError, match="it must have 16 or more"):
        export.export(both[0], tmp_path / "out")
    assert quick == []


def test_the_commands_refuse_a_key_among_their_results(tmp_path, quick, monkeypatch):
    monkeypatch.delenv("CRMLAB_KEY")
    key = tmp_path / "out" / "key"
    key.parent.mkdir()
    key.write_text("a key of enough characters")
    key.chmod(0o600)
    monkeypatch.setenv("CRMLAB_KEY_FILE", str(key))
    privacy._read.cache_clear()
    made = jobs(tmp_path, "mine")
    for command in (export.require_writable, report.run):
        with pytest.raises(RequestError, match="lies in the output folder"):
            command(made, tmp_path / "out")
    assert [p.name for p in key.parent.iterdir()] == ["key"]


def test_a_table_that_fits_no_sheet_is_refused_and_nothing_written(tmp_path, quick, monkeypatch):
    (job,) = jobs(tmp_path, "mine")
    monkeypatch.setattr(files, "SHEET_ROWS", 2)
    done = export.export(job, tmp_path / "out")
    assert done.status == "refused"
    assert "a sheet holds 2" in done.en
    assert names(tmp_path / "out") == []


STUCK = """
import time
from pathlib import Path
import pandas as pd
from crmlab import page
page.table(pd.DataFrame({"customer_id": ["K00001"], "value": [1.0]}), "actions")
Path("started").touch()
time.sleep(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("sent", ["SIGTERM", "SIGINT"])
def test_a_run_that_is_ended_leaves_nothing(tmp_path, sent):
    path, scratch = notebook(tmp_path, "stuck", STUCK), tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "crmlab", "export", path, "--out", str(tmp_path / "out")]
    running = subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(scratch)}, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while not (tmp_path / "started").exists():
        assert time.monotonic() < until
        assert running.poll() is None
        time.sleep(0.1)
    running.send_signal(getattr(signal, sent))
    assert running.wait(timeout=30) != 0
    assert not (tmp_path / "out" / "stuck.en").exists()
    kept = [p for p in scratch.rglob("*") if p.suffix in (".parquet", ".jsonl", ".ipynb")]
    assert kept == []  # they hold real ids


def test_the_manifest_says_what_it_is_and_holds_no_key(tmp_path, quick):
    (job,) = jobs(tmp_path, "mine")
    export.export(job, tmp_path / "out")
    text = (tmp_path / "out" / "mine.en" / "manifest.json").read_text(encoding="utf-8")
    assert "a key of enough" not in text
    assert json.loads(text)["notebook"] == "mine"
    book = CalamineWorkbook.from_path(str(tmp_path / "out" / "mine.en" / "workbook.xlsx"))
    about = book.get_sheet_by_name("About").to_python()
    assert about[:2] == [["Item", "What"], ["Question", "Question? <i>&</i>"]]
    assert ["Make it again", "crmlab export mine.ipynb --lang en"] in about
