"""Is a wrong request refused before a kernel starts, with what is allowed and what was meant?"""

import sys

import pytest

from crmlab import report
from crmlab.__main__ import main
from crmlab.errors import RequestError
from crmlab.report.contract import check, read

CELL = """
source: str = "cdnow"  # where from [source]
as_of: str = ""  # last day [date]
where: str = ""  # only these [where]
weeks: int = 52  # how far ahead, in weeks [1..520]
rate: float = 0.1  # a year [0..1]
share: float = 0.5  # open end [0..]
kind: str = "a"  # which [a | b]
deep: bool = False  # really
cuts: list[float] = [0.8, 0.95]  # cumulative [0..1]
"""


def refused(*names, **given):
    with pytest.raises(RequestError) as told:
        report.plan(list(names), given)
    return told.value


def test_a_cell_is_read_with_types_defaults_and_contracts():
    found = {p.name: p for p in read(CELL)}
    assert [p.type for p in found.values()] == [
        "str", "str", "str", "int", "float", "float", "str", "bool", "list[float]",
    ]  # fmt: skip
    assert found["weeks"].about == "how far ahead, in weeks"
    assert found["weeks"].bounds == (1, 520)
    assert found["share"].bounds == (0, float("inf"))
    assert found["kind"].choices == ["a", "b"]
    assert found["cuts"].default == [0.8, 0.95]


def test_texts_become_values_of_the_type():
    given = {
        "weeks": "26", "rate": "1e-1", "kind": "b", "deep": "True", "cuts": "0.5,0.9",
        "as_of": "1998-01-31", "source": "007", "where": "region:a|b",
    }  # fmt: skip
    assert check(read(CELL), given) == {
        "weeks": 26, "rate": 0.1, "kind": "b", "deep": True, "cuts": [0.5, 0.9],
        "as_of": "1998-01-31", "source": "007", "where": "region:a|b",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("weeks", "soon", "a whole number in 1..520"),
        ("weeks", "0", "a whole number in 1..520"),
        ("weeks", "521", "a whole number in 1..520"),
        ("weeks", "2.5", "a whole number in 1..520"),
        ("weeks", "", "a whole number in 1..520"),
        ("rate", "nan", "a number in 0..1"),
        ("rate", "inf", "a number in 0..1"),
        ("kind", "c", "one of a, b"),
        ("deep", "1", "true or false"),
        ("as_of", "30.6.1998", "a date such as 1998-06-30, or empty"),
        (
            "where",
            "north",
            "column:value or column:value|value, such as region:north, or empty",
        ),
        ("cuts", "0.5,2", "numbers, as in [0.5, 1] in 0..1"),
        ("cuts", "[0.5", "numbers, as in [0.5, 1] in 0..1"),
    ],
)
def test_a_value_that_is_not_allowed_is_told_what_is(name, text, allowed):
    with pytest.raises(RequestError) as told:
        check(read(CELL), {name: text})
    assert told.value.en == f"parameter {name} is {text!r}; it must be {allowed}."


def test_all_wrong_values_are_told_at_once():
    with pytest.raises(RequestError) as told:
        check(read(CELL), {"weeks": "soon", "kind": "c", "wekes": "1"})
    assert len(told.value.en.splitlines()) == len(told.value.zh.splitlines()) == 3


@pytest.mark.parametrize("line", ["x = 1", "x: int", "x: int = 1 + y", "x: Path = 1", "import os"])
def test_a_parameters_cell_holds_annotated_literals_only(line):
    with pytest.raises(RequestError, match="is no annotated literal such as weeks: int = 52"):
        read(line)


def test_code_in_the_name_of_a_parameter_is_only_an_unknown_name():
    told = refused("clv", **{"x=1;import os": "1"})
    assert told.en.startswith("there is no parameter 'x=1;import os'")


def test_a_misspelt_parameter_is_answered_with_the_one_meant():
    told = refused("clv", horizn_weeks="26")
    assert told.en.startswith(
        "there is no parameter 'horizn_weeks'; did you mean horizon_weeks? It has: source, where,"
    )
    assert "是否指 horizon_weeks？" in told.zh


def test_a_column_that_the_source_does_not_have_is_refused_before_a_kernel_starts():
    told = refused("lifecycle", source="chenxing", where="regoin:north").en
    assert told.startswith(
        "where: source chenxing has no column 'regoin' of customers or lines (did you mean region?)"
    )
    assert "customer_id" not in told


def test_every_notebook_of_ours_takes_a_part_of_its_source_and_says_which():
    jobs, _ = report.plan([], {"source": "chenxing"}, "en", {"where": ["region:north"]})
    assert {job.notebook.name for job in jobs} == {book.name for book in report.find([])}
    assert all(job.title.endswith("where = region:north") for job in jobs)
    named = report.plan(["clv"], {"source": "chenxing", "where": "region:north"}, "zh")[0]
    assert [job.title.split(" · ")[-1] for job in named] == ["where = region:north"]


def test_a_notebook_that_needs_a_survey_says_that_the_source_has_none():
    told = refused("satisfaction_loyalty", source="cdnow")
    assert "which source cdnow does not have; it has: orders" in told.en
    assert "survey" in told.en


def test_notebooks_not_named_are_left_out_with_a_note():
    jobs, notes = report.plan([], {"source": "cdnow"}, "en")
    assert [job.notebook.name for job in jobs] == [
        "segmentation", "clv", "lifecycle", "customer_base_audit", "clusters",
    ]  # fmt: skip
    assert notes[0][0].startswith("satisfaction_loyalty needs survey")


def test_a_parameter_goes_to_the_notebooks_that_have_it():
    jobs, _ = report.plan([], {"horizon_weeks": "26"}, "en")
    having = {job.notebook.name for job in jobs if job.values.get("horizon_weeks") == 26}
    assert "clv" in having
    assert {job.notebook.name for job in jobs if "horizon_weeks" in job.given} == having


def test_lang_is_an_option_and_no_parameter():
    assert refused("clv", lang="zh").en == (
        "lang is no parameter to set with -p; use --lang en or --lang zh."
    )


def test_unknown_notebooks_are_told_all_at_once():
    told = refused("clvv", "nowhere/x.ipynb")
    assert told.en.splitlines()[0].startswith("there is no notebook clvv; did you mean clv? Known:")
    assert told.en.splitlines()[1].startswith("there is no notebook nowhere/x.ipynb")


def test_a_path_may_not_replace_a_report_of_ours(tmp_path):
    (tmp_path / "clv.ipynb").write_text("{}", encoding="utf-8")
    told = refused(str(tmp_path / "clv.ipynb"))
    assert told.en.endswith("would replace the report of our own clv: rename it.")


def test_a_file_that_is_no_notebook_is_a_sentence(tmp_path):
    (tmp_path / "mine.ipynb").write_text("not json", encoding="utf-8")
    assert "mine.ipynb cannot be read as a notebook" in refused(str(tmp_path / "mine.ipynb")).en


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "clv", "-p", "horizn_weeks=26"], "did you mean horizon_weeks?"),
        (["run", "clv", "-p", "horizon_weeks=soon"], "a whole number in 1..520"),
        (["run", "satisfaction_loyalty", "-p", "source=cdnow"], "survey"),
        (["run", "clv", "-p", "source=cdnov"], "did you mean cdnow?"),
        (["run", "clv", "-p", "margin"], "NAME=VALUE"),
        (["run", "clv", "-p", "source=mysql://me:geheim@db/shop"], "may hold a password"),
        (["run", "clv", "--lang", "fr"], "en | zh"),
        (["run", "clv", "--out", "/proc/none"], "reports cannot be written to"),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_code_2(monkeypatch, capsys, words, told):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setattr(sys, "argv", ["crmlab", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert told in said.err
    assert "Traceback" not in said.err
    assert "geheim" not in said.err


def test_messages_are_chinese_where_the_locale_is(monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setattr(sys, "argv", ["crmlab", "run", "clv", "-p", "horizn_weeks=26"])
    with pytest.raises(SystemExit):
        main()
    assert "错误: 没有参数 'horizn_weeks'；是否指 horizon_weeks？" in capsys.readouterr().err


def test_notebooks_are_listed_with_their_parameters(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["crmlab", "notebooks", "--lang", "en"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "horizon_weeks" in said
    assert "1..520" in said
