"""What becomes of a run when notebooks succeed, fail, are killed, or have not changed?"""

import errno
import os
import re
from pathlib import Path

import nbformat
import pytest

from crmlab import report
from crmlab.errors import RequestError
from crmlab.report import entries, publish
from tests.tiny import GOOD, notebook, run


def test_a_failing_notebook_lets_others_finish_and_keeps_the_last_good_report(tmp_path):
    good, other = notebook(tmp_path, "good", GOOD), notebook(tmp_path, "other", GOOD)
    out = tmp_path / "out"
    run(out, good, other)
    before = (out / "latest" / "good.en.html").read_bytes()
    first = (out / "latest").resolve()

    notebook(tmp_path, "good", "1 / 0")
    notebook(tmp_path, "other", GOOD, "print('more')")
    done, steps = run(out, good, other)
    assert (steps["good"].step, steps["other"].step) == ("failed", "ok")
    assert steps["good"].en == "code cell 2 raised ZeroDivisionError."
    assert done.published
    latest = out / "latest"
    assert latest.resolve() == done.folder.resolve() != first
    assert (latest / "good.en.html").read_bytes() == before
    failed = (latest / "good.en.failed.html").read_text(encoding="utf-8")
    assert "code cell 2 raised ZeroDivisionError." in failed
    assert "division by zero" not in failed
    index = (latest / "index.html").read_text(encoding="utf-8")
    assert 'href="good.en.html"' in index
    assert 'href="good.en.failed.html"' in index
    assert entries.latest(out)["good.en"].run == first.name


@pytest.mark.parametrize("name", ["full.en.html", "index.html"])
def test_a_full_disk_is_a_sentence_and_leaves_the_last_site(tmp_path, monkeypatch, name):
    path, out = notebook(tmp_path, "full", GOOD), tmp_path / "out"
    first, _ = run(out, path)
    before = (out / "latest" / "full.en.html").read_bytes()

    def no_space(descriptor, real=os.fsync):
        if Path(f"/proc/self/fd/{descriptor}").readlink().name == f".{name}.part":
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(publish.os, "fsync", no_space)
    done, steps = run(out, path, force=True)
    told = done.fault[0] if done.fault else steps["full"].en
    assert told == (
        "Reports cannot be written: No space left on device. The last good ones still stand."
    )
    assert not done.published
    assert (out / "latest").resolve() == first.folder.resolve()
    assert (out / "latest" / "full.en.html").read_bytes() == before
    assert list(done.folder.glob(".*.part")) == []


def test_a_report_that_was_deleted_is_left_out_and_made_again(tmp_path):
    path, other = notebook(tmp_path, "gone", GOOD), notebook(tmp_path, "other", GOOD)
    out = tmp_path / "out"
    run(out, path)
    (out / "latest" / "gone.en.html").unlink()
    run(out, other)
    assert set(entries.latest(out)) == {"other.en"}
    assert run(out, path)[1]["gone"].step == "ok"


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("import sys; sys.exit(0)", "code cell 2 raised SystemExit."),
        ("import os; os._exit(1)", "DeadKernelError: Kernel died: at least "),
    ],
    ids=["exit-0", "killed"],
)
def test_a_notebook_that_stops_early_has_failed(tmp_path, cell, told):
    done, steps = run(tmp_path / "out", notebook(tmp_path, "ends", cell, "print('never')"))
    assert steps["ends"].step == "failed"
    assert told in steps["ends"].en
    assert not done.published
    assert not (tmp_path / "out" / "latest").exists()


def test_not_enough_data_is_a_page_and_no_failure(tmp_path):
    cell = "from crmlab.errors import NotEnough\nraise NotEnough(en='5 of 50', zh='50 中的 5')"
    done, steps = run(tmp_path, notebook(tmp_path, "few", cell, "print('later')"), lang="zh")
    assert steps["few"].step == "not_enough"
    assert done.published
    text = (tmp_path / "latest" / "few.zh.html").read_text(encoding="utf-8")
    assert "数据不足" in text
    assert "50 中的 5" in text
    assert "later" not in text
    assert "Traceback" not in text


def test_wrong_data_is_refused_with_both_sentences(tmp_path):
    cell = "from crmlab.errors import DataError\nraise DataError(en='row 7', zh='第 7 行')"
    _, steps = run(tmp_path, notebook(tmp_path, "bad", cell))
    assert (steps["bad"].step, steps["bad"].en, steps["bad"].zh) == ("refused", "row 7", "第 7 行")


def test_an_unchanged_notebook_is_skipped(tmp_path):
    path = notebook(tmp_path, "same", GOOD, parameters='n: int = 1  # [1..9]\nlang: str = "en"')
    out = tmp_path / "out"
    run(out, path)
    again, steps = run(out, path)
    assert steps["same"].step == "skipped"
    assert again.folder is None
    assert len(list((out / "runs").iterdir())) == 1
    assert run(out, path, n="2")[1]["same"].step == "ok"
    assert run(out, path, n="2", force=True)[1]["same"].step == "ok"
    notebook(
        tmp_path, "same", GOOD + "\nprint(2)", parameters='n: int = 1  # [1..9]\nlang: str = "en"'
    )
    assert run(out, path, n="2")[1]["same"].step == "ok"


def test_parameters_reach_the_notebook_and_the_report(tmp_path):
    path = notebook(
        tmp_path,
        "takes",
        "print('n is', n, lang)",
        parameters='n: int = 1  # [1..9]\nlang: str = "en"',
    )
    run(tmp_path / "out", path, lang="zh", n="7")
    text = (tmp_path / "out" / "latest" / "takes.zh.html").read_text(encoding="utf-8")
    assert "n is 7 zh" in text
    assert "n = 7" in text
    assert "crmlab run takes.ipynb --lang zh -p n=7" in text
    assert '<html lang="zh-CN">' in text


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return one notebook's report in both languages."""
    folder = tmp_path_factory.mktemp("made")
    warn = "import sys\nprint('war' + 'ned', file=sys.stderr)"
    path = notebook(folder, "mine", "print('<b>printed</b>')", warn)
    jobs, _ = report.plan([path], {})
    report.run(jobs, folder / "out")
    latest = folder / "out" / "latest"
    return {
        lang: (latest / f"mine.{lang}.html").read_text(encoding="utf-8") for lang in ("en", "zh")
    }


def test_a_report_keeps_one_language(made):
    assert "Question?" in made["en"]
    assert "问题？" not in made["en"]
    assert "问题？" in made["zh"]
    assert "Question?" not in made["zh"]


def test_a_report_has_contents_mathml_and_a_font_of_its_own(made):
    assert '<a href="#一节">一节</a>' in made["zh"]
    assert "<math" in made["zh"]
    assert "$" not in made["zh"].split("<main", 1)[1]
    assert "data:font/woff2;base64," in made["zh"]
    assert "data:font/woff2" not in made["en"]


def test_a_report_asks_for_nothing_from_anywhere(made):
    for text in made.values():
        outside = re.findall(r"(?:src|href)=[\"'](?!data:|#|index\.html)[^\"']*", text)
        assert outside == []
        assert "<script" not in text
        assert "@import" not in text


def test_a_report_escapes_what_was_printed_and_keeps_stderr_out(made):
    assert "&lt;b&gt;printed" in made["en"]
    assert "warned" not in made["en"]


def test_a_copy_is_in_one_language_without_results_and_runs_by_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = report.copy("clv", "zh")
    assert str(path) == "my_clv.ipynb"
    node = nbformat.read(path, as_version=4)
    marks = {tag for cell in node.cells for tag in cell.metadata.get("tags", [])}
    assert "zh" in marks
    assert "en" not in marks
    code = [c for c in node.cells if c.cell_type == "code"]
    assert all(not c.outputs and c.execution_count is None for c in code)
    assert 'lang: str = "zh"' in code[0].source
    jobs, _ = report.plan([str(path)], {})
    assert [(job.key, job.values["lang"]) for job in jobs] == [("my_clv.zh", "zh")]
    with pytest.raises(RequestError, match="is there already"):
        report.copy("clv", "zh")
