"""Does a matrix make each report once, safely named; is only what is needed made again or kept?"""

import re
import shlex
import sys
import time

import pytest
from filelock import FileLock

from crmlab import report
from crmlab.errors import RequestError
from crmlab.report import entries, publish
from crmlab.report.execute import Job, Outcome
from crmlab.report.provenance import command
from tests.tiny import GOOD, notebook

PARAMETERS = 'n: int = 1  # [1..9]\nshop: str = "a"\nlang: str = "en"  # [en | zh]'


def planned(*paths, lang="en", given=None, **matrix):
    return report.plan(list(paths), given or {}, lang, matrix)[0]


def refused(*paths, given=None, **matrix):
    with pytest.raises(RequestError) as told:
        planned(*paths, given=given, **matrix)
    return told.value.en


@pytest.fixture
def path(tmp_path):
    return notebook(tmp_path, "takes", "print('n is', n, shop)\n1 / (n - 2)", parameters=PARAMETERS)


def test_several_parameters_multiply_and_a_notebook_without_them_runs_once(tmp_path, path):
    other = notebook(tmp_path, "other", GOOD)
    jobs = planned(path, other, lang=None, n=["1", "3"], shop=["a", "b"])
    assert [job.key for job in jobs if job.lang == "zh"] == [
        "takes.n-1.shop-a.zh", "takes.n-1.shop-b.zh", "takes.n-3.shop-a.zh", "takes.n-3.shop-b.zh",
        "other.zh",
    ]  # fmt: skip
    assert len(jobs) == 10
    assert [(j.values["n"], j.values["shop"]) for j in jobs[:8:2]] == [
        (1, "a"), (1, "b"), (3, "a"), (3, "b"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "../../x",
        "a/b",
        "a b",
        "A",
        "é",
        "x" * 300,
        "名" * 300,
        "<script>",
        "",
        ".",
        "C:\\x",
        "‮rtl",
        "\n",
    ],
)
def test_any_value_makes_a_safe_and_unique_file_name(path, text):
    one, other = planned(path, shop=[text, "a-b"])
    assert re.fullmatch(r"takes\.[a-z0-9一-鿿.-]+\.en", one.key)
    assert len(f".{one.key}.failed.html.part".encode()) <= 255
    assert ".." not in one.key
    assert one.key != other.key
    assert one.key not in {job.key for job in planned(path, shop=["a-b", "-", "x", "c-x"])}


def test_wrong_requests_are_refused_before_a_kernel_starts(path):
    assert refused(path, n=["1", "10", "x"]).splitlines() == [
        "parameter n is '10'; it must be a whole number in 1..9.",
        "parameter n is 'x'; it must be a whole number in 1..9.",
    ]
    assert refused(path, m=["1"]).startswith("there is no parameter 'm'")
    with pytest.raises(RequestError, match="lang is no parameter to set"):
        report.plan([path], {}, "en", {"lang": ["en", "zh"]})
    assert refused(path, given={"n": "2"}, n=["1"]) == "parameter n is set by -p and by --matrix."
    assert refused(path, shop=["a/x.toml", "b/x.toml"]) == (
        "two values of the matrix would write the same report takes.shop-x.en."
    )


@pytest.mark.parametrize("told", ["n", "=1", "x y=1", "n=1;n=2 =", "1n=2"])
def test_a_matrix_is_a_name_and_its_values(told):
    if told == "n=1;n=2 =":
        assert report.matrix_of([told]) == {"n": ["1;n=2 ="]}
        return
    with pytest.raises(RequestError, match="give NAME=VALUE,NAME=VALUE"):
        report.matrix_of([told])


def test_a_parameter_is_in_one_matrix_only():
    with pytest.raises(RequestError, match="each NAME in one --matrix"):
        report.matrix_of(["n=1", "n=2"])


@pytest.mark.parametrize("text", ["a", "a,b", "a b,c", "it's"])
def test_the_command_that_makes_a_report_again_asks_for_it_alone(path, text):
    job, _ = planned(path, shop=[text, "other"])
    words = shlex.split(command(job))
    assert words[:-1] == ["crmlab", "run", "takes.ipynb", "--lang", "en", "--matrix"]
    (again,) = planned(path, **report.matrix_of(words[-1:]))
    assert (again.key, again.values) == (job.key, job.values)


def test_a_matrix_publishes_what_succeeds_and_resume_makes_the_rest(tmp_path, path):
    out = tmp_path / "out"
    first = report.run(planned(path, n=["1", "2", "3"]), out, workers=2)
    assert {s.job.key: s.step for s in first.steps} == {
        "takes.n-1.en": "ok", "takes.n-2.en": "failed", "takes.n-3.en": "ok",
    }  # fmt: skip
    page = (out / "latest" / "takes.n-3.en.html").read_text(encoding="utf-8")
    assert "n is 3 a" in page
    assert "· n = 3</title>" in page
    assert "crmlab run takes.ipynb --lang en --matrix n=3" in page
    index = (out / "latest" / "index.html").read_text(encoding="utf-8")
    assert 'href="takes.n-1.en.html"' in index
    assert 'href="takes.n-2.en.failed.html"' in index

    notebook(tmp_path, "takes", "print('n is', n)", parameters=PARAMETERS)
    again = report.run(planned(path, n=["1", "2", "3"]), out, resume=True)
    told = {s.job.key: (s.step, s.en) for s in again.steps}
    assert told["takes.n-2.en"] == ("ok", "")
    assert told["takes.n-1.en"] == ("skipped", f"made by {first.folder.name}")
    assert again.exit_code == 0
    third = report.run(planned(path, n=["1", "2", "3"]), out, resume=True, force=True)
    assert [s.step for s in third.steps] == ["skipped"] * 3
    assert third.folder is None

    jobs = planned(path, n=["1"])
    assert [s.step for s in report.run(jobs, out, resume=True).steps] == ["ok"]
    request = entries.record(out / "latest")["request"]
    killed = out / "runs" / "99991231T235959Z-abcdef"
    killed.mkdir()
    with publish.running(killed, request, [job.key for job in jobs]):
        pass  # it ends before it records what became of its jobs
    assert [s.step for s in report.run(jobs, out, resume=True, force=True).steps] == ["ok"]
    same = report.run(jobs, out)
    made = entries.latest(out)["takes.n-1.en"].finished
    assert [(s.step, s.en, s.zh) for s in same.steps] == [
        ("skipped", f"notebook, parameters, data and versions are those of {made} UTC",
         f"笔记本、参数、数据与版本均与 {made} UTC 时相同"),
    ]  # fmt: skip


def test_workers_bound_how_many_notebooks_run_at_a_time(tmp_path, path, monkeypatch):
    active, most = [], []

    def counted(job: Job, target, limits) -> Outcome:
        active.append(job)
        most.append(len(active))
        time.sleep(0.02)
        active.remove(job)
        return Outcome("failed", None)

    monkeypatch.setattr(sys.modules["crmlab.report.run"], "execute", counted)
    for workers in (1, 3):
        most.clear()
        report.run(planned(path, n=list("123456789")), tmp_path / "out", workers=workers)
        assert max(most) == workers


def test_old_runs_are_deleted_but_never_the_one_shown_or_one_that_goes_on(tmp_path):
    good, bad = notebook(tmp_path, "good", GOOD), notebook(tmp_path, "bad", "1 / 0")
    out = tmp_path / "out"
    shown = report.run(planned(good), out).folder
    stay = out / "runs" / "notes"
    stay.mkdir()
    going, dead = out / "runs" / "20200101T000000Z-aaaaaa", out / "runs" / "20200101T000000Z-bbbbbb"
    for folder in (going, dead):
        folder.mkdir()
        (folder / publish.RUNNING).touch()
    with FileLock(going / publish.RUNNING):
        failed = report.run(planned(bad), out)
        done = report.run(planned(bad), out, keep=1)
    assert set(done.removed) == {failed.folder.name, dead.name}
    assert set((out / "runs").iterdir()) == {shown, going, stay, done.folder}
    assert (out / "latest" / "good.en.html").is_file()
    again = report.run(planned(good), out, keep=1)
    assert [step.step for step in again.steps] == ["skipped"]
    assert again.removed == [going.name]
