"""Can a scheduler, a mailer and a chat hook read how a run ended, whatever the notebooks say?"""

import json
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from crmlab.__main__ import main
from crmlab.report.summary import _text, worst
from tests.tiny import GOOD, notebook, run

FIGURE = """from crmlab import page
page.use(lang)
page.headline("**3 <script>** of [us](http://x) have *left*")
page.figure("customers", 1204, 1100, 1300)"""


def command(monkeypatch, capsys, *words):
    """Run `crmlab run` in this process; return its exit code and the two streams."""
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setattr(sys, "argv", ["crmlab", "run", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_the_last_line_is_json_that_tells_what_became_of_each_report(tmp_path, monkeypatch, capsys):
    good, bad = notebook(tmp_path, "good", FIGURE), notebook(tmp_path, "bad", "1 / 0")
    out = tmp_path / "out"
    words = [good, bad, "--lang", "en", "--out", out, "--json"]
    code, said, _ = command(monkeypatch, capsys, *words)
    assert said.count("\n") == 1
    told = json.loads(said)
    assert (code, told["exit_code"], told["status"], told["published"]) == (1, 1, "failed", True)
    assert told["run"] == (out / "latest").readlink().name
    assert told["index"] == str(out / "latest" / "index.html")
    assert told["seconds"] > 0
    reports = {each["report"]: each for each in told["reports"]}
    assert reports["bad.en"]["status"] == "failed"
    assert reports["bad.en"]["en"] == "code cell 2 raised ZeroDivisionError."
    assert Path(reports["bad.en"]["failed"]).exists()
    assert Path(reports["good.en"]["file"]).exists()
    assert reports["good.en"]["headline"] == "3 <script> of us have left"
    (figure,) = reports["good.en"]["figures"]
    assert (figure["value"], figure["low"], figure["high"]) == (1204, 1100, 1300)
    assert (figure["label"], figure["shown"], figure["interval"]) == (
        "Customers", "1,204", "1,100 to 1,300",
    )  # fmt: skip
    assert json.loads((out / "latest" / "summary.json").read_text(encoding="utf-8")) == told

    notebook(tmp_path, "bad", GOOD)
    assert command(monkeypatch, capsys, bad, "--lang", "en", "--out", out, "--json")[0] == 0
    code, said, _ = command(monkeypatch, capsys, *words)
    told = json.loads(said)
    assert (code, told["status"], told["run"], told["folder"]) == (0, "ok", None, None)
    assert [each["status"] for each in told["reports"]] == ["skipped", "skipped"]
    assert told["reports"][0]["figures"] == [figure]


def test_a_refused_request_is_a_line_of_json_too(tmp_path, monkeypatch, capsys):
    words = ["clv", "-p", "horizn_weeks=26", "--out", tmp_path, "--json"]
    code, said, told = command(monkeypatch, capsys, *words)
    assert code == 2
    assert said.count("\n") == 1
    line = json.loads(said)
    assert (line["status"], line["exit_code"], line["reports"]) == ("refused", 2, [])
    assert "did you mean horizon_weeks?" in line["fault"]["en"]
    assert "did you mean horizon_weeks?" in told


def test_the_summary_for_mailers_shows_hostile_words_as_text(tmp_path):
    hostile = '"**3 <script>alert(1)</script>** [us](http://x) | # *left*"'
    cell = FIGURE.replace('"**3 <script>** of [us](http://x) have *left*"', hostile)
    done, _ = run(tmp_path, notebook(tmp_path, "good", cell), notebook(tmp_path, "bad", "1 / 0"))
    told = (done.folder / "summary.md").read_text(encoding="utf-8")
    assert told.startswith("# crmlab: failed, 1 of 2 reports\n\nRun 2")
    assert "exit code 1." in told
    assert "- Customers: 1,204 (1,100 to 1,300)\n" in told
    assert "code cell 2 raised ZeroDivisionError." in told
    shown = MarkdownIt().render(told)
    assert "<script" not in shown
    assert "<a " not in shown
    assert "<em>" not in shown
    assert shown.count("<h1>") == 1
    assert str(done.folder.parents[1] / "latest" / "index.html") in shown


@pytest.mark.parametrize(
    "told",
    [
        "- 3%",
        "1. first",
        "# head",
        "a | b",
        "`x`",
        "a_b_c *d*",
        "<b>&amp;",
        "= x",
        "\\*",
        "1.5%",
        "- - -",
        "+ y",
        "12) z",
        "-3%",
    ],
)
def test_any_text_is_shown_by_markdown_as_it_is(told):
    import html

    shown = MarkdownIt("commonmark").enable("table").render(f"x\n\n{_text(told)}\n")
    assert shown == f"<p>x</p>\n<p>{html.escape(told, quote=False)}</p>\n"


def test_of_several_ends_the_worst_is_told():
    assert worst({"ok", "skipped", "not_enough"}) == "ok"
    assert worst({"ok", "refused", "timed_out"}) == "timed_out"
    assert worst({"failed", "refused", "timed_out"}) == "failed"
    assert worst({"cancelled", "failed"}) == "cancelled"
