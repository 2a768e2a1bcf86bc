"""Does `crmlab verify` seal what can be made again the same, and name what differs or changed?"""

import json
import re
import shutil
import signal

import nbformat
import pandas as pd
import pytest
from typer.testing import CliRunner

from crmlab import report
from crmlab.__main__ import app
from crmlab.errors import RequestError
from crmlab.report import basis, entries, publish, reexecute, verify
from crmlab.report.compared import parting
from crmlab.report.limits import Limits
from tests.test_report_runs import notebook

STEADY = ["from pathlib import Path\nprint(Path('beside.txt').read_text(), weeks)", "'0.7545'"]
FEW = "from crmlab.errors import NotEnough\nraise NotEnough(en='5 of 50', zh='50 中的 5')"
DIES = "import os\nfrom pathlib import Path\nprint('alive')\nif Path('die').exists(): os._exit(1)"
SALES = "from crmlab import load, page\npage.source(load.orders(source))"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with four notebooks, and in ``out`` the reports of one run of them."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "beside.txt").write_text("beside", encoding="utf-8")
    days = pd.date_range("2024-01-01", periods=40).strftime("%Y-%m-%d")
    rows = pd.DataFrame({"who": [f"K{n % 7}" for n in range(40)], "day": days, "paid": "9.50"})
    rows.to_csv(folder / "orders.csv", index=False)
    columns = 'customer_id = "who"\norder_date = "day"\namount = "paid"\n'
    told = f'currency = "CNY"\n[orders]\npath = "orders.csv"\n{columns}'
    (folder / "shop.toml").write_text(told, encoding="utf-8")
    own = 'source: str = "cdnow"  # [source]\nweeks: int = 1  # [1..9]'
    paths = [
        notebook(folder, "steady", *STEADY, parameters="weeks: int = 1  # [1..9]"),
        notebook(folder, "few", FEW, "print('never')"),
        notebook(folder, "dies", DIES),
        notebook(folder, "sales", SALES, parameters=own),
    ]
    jobs, _ = report.plan(paths, {"source": str(folder / "shop.toml"), "weeks": "7"}, "en")
    done = report.run(jobs, folder / "out")
    assert {step.step for step in done.steps} == {"ok", "not_enough"}
    return folder


@pytest.fixture
def copied(made, tmp_path):
    """Return a copy of the reports alone, and the run's folder in it."""
    shutil.copytree(made / "out", tmp_path / "out", symlinks=True)
    return tmp_path / "out", (tmp_path / "out" / "latest").resolve()


def only(run, *keys):
    """Leave just these reports in a run's record."""
    told = json.loads((run / "run.json").read_text(encoding="utf-8"))
    told["reports"] = [each for each in told["reports"] if each["key"] in keys]
    (run / "run.json").write_text(json.dumps(told), encoding="utf-8")


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def called(*words):
    told = CliRunner().invoke(app, ["verify", *map(str, words), "--lang", "en"])
    return told.exit_code, told.output


def why(run, key):
    """Return what stands against a report; the run must have no other to execute."""
    only(run, key)
    (verdict,) = verify.verify(run)
    return verdict.status, [en for en, _ in verdict.told]


def test_what_is_untouched_is_verified_and_sealed_and_what_differs_loses_its_seal(
    copied, made, monkeypatch
):
    out, run = copied
    only(run, "steady.en", "few.en", "dies.en")
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    code, told = called("--out", out)
    assert code == 0, told
    for key in ("steady.en", "few.en", "dies.en"):
        assert f"✓ {key}: Verified" in told
        page = (out / "latest" / f"{key}.html").read_text(encoding="utf-8")
        seal = re.search(r'<p class="seal">✓ Verified: .*<time>(.*)</time></p>', page, re.DOTALL)
        assert entries.latest(out)[key].verified == seal[1]
        unsealed = re.sub(r"<time>.*?</time>", "<time></time>", page, count=1)
        unsealed = unsealed.replace('class="seal"', 'class="seal" hidden=""', 1)
        assert unsealed.encode() == before[f"{key}.html"]
        assert (run / f"{key}.ipynb").read_bytes() == before[f"{key}.ipynb"]
    assert (run / "index.html").read_text(encoding="utf-8").count("✓ Verified 2") == 3
    assert {path.name for path in run.iterdir()} == set(before)

    only(run, "steady.en", "dies.en")
    edit(run / "steady.en.ipynb", "0.7545", "0.7546")
    (made / "die").touch()
    monkeypatch.setattr(reexecute, "LEAST_SECONDS", 3.0)
    monkeypatch.setattr(reexecute, "TIMES_AS_LONG", 0)
    try:
        code, told = called(run.name, "--out", out)
    finally:
        (made / "die").unlink()
    assert code == 1
    assert (
        '''steady.en: Differs
  code cell 3, text/plain: the report has "'0.7546'", now it is "'0.7545'"'''
        in told
    )
    assert "dies.en: Cannot be verified\n  code cell 2 ran out of time" in told
    kept = entries.latest(out)
    assert (kept["steady.en"].verified, kept["dies.en"].verified) == ("", seal[1])
    assert (run / "steady.en.html").read_bytes() == before["steady.en.html"]


def test_a_changed_page_differs(copied):
    _, run = copied
    edit(run / "steady.en.html", "0.7545", "0.7546")
    assert why(run, "steady.en") == ("differs", ["page steady.en.html is not as it was made"])


def test_changed_data_are_named_and_nothing_is_executed(copied, made, monkeypatch):
    out, run = copied
    only(run, "sales.en")
    monkeypatch.setattr(verify, "executed", None)
    edit(made / "orders.csv", "9.50", "9.51")
    try:
        code, told = called("--out", out)
    finally:
        edit(made / "orders.csv", "9.51", "9.50")
    assert code == 2
    assert "? sales.en: Cannot be verified\n  the data of source shop have changed: orders" in told
    edit(made / "shop.toml", 'currency = "CNY"', 'currency = "USD"')
    told = why(run, "sales.en")
    edit(made / "shop.toml", 'currency = "USD"', 'currency = "CNY"')
    assert told[1] == ["the data of source shop have changed, or how its columns are read"]
    (made / "shop.toml").rename(made / "gone.toml")
    told = why(run, "sales.en")
    (made / "gone.toml").rename(made / "shop.toml")
    assert told == ("unverifiable", [f"there is no file {made / 'shop.toml'}"])


def test_a_changed_notebook_or_parameter_is_named(copied, made):
    _, run = copied
    original = (made / "steady.ipynb").read_bytes()
    edit(made / "steady.ipynb", "beside.txt", "other.txt")
    told = why(run, "steady.en")
    (made / "steady.ipynb").write_bytes(original)
    assert told == ("unverifiable", ["notebook steady.ipynb has changed in cell 3 of 4"])
    edit(run / "steady.en.ipynb", "weeks = 7", "weeks = 8")
    assert why(run, "steady.en")[1] == ["parameter weeks is 8; it was 7"]
    edit(run / "steady.en.ipynb", "beside.txt", "other.txt")
    assert why(run, "steady.en")[1][0] == (
        "the run's executed notebook steady.en.ipynb has changed in cell 3 of 4"
    )


def test_a_changed_version_or_code_is_named(copied, monkeypatch):
    _, run = copied
    monkeypatch.setattr(basis, "environment", lambda: "other")
    monkeypatch.setattr(basis, "commit", lambda: "abc")
    (told,) = why(run, "steady.en")[1]
    assert re.fullmatch(r"crmlab's own code has changed \(commit \S+, now abc\)", told)
    now = tuple("pandas 3.0.0" if v.startswith("pandas ") else v for v in basis.versions())
    monkeypatch.setattr(basis, "versions", lambda: now)
    assert why(run, "steady.en")[1] == [f"pandas is 3.0.0; it was {pd.__version__}"]


def test_a_notebook_on_which_nbval_would_be_silent_is_not_verified(copied):
    _, run = copied
    path = run / "steady.en.ipynb"
    node = nbformat.read(path, as_version=4)
    node.cells[-1].metadata["tags"] = ["nbval-ignore-output"]
    nbformat.write(node, path)
    told = why(run, "steady.en")
    assert told == (
        "unverifiable", ["steady.en.ipynb tells nbval not to compare code cell 4"],
    )  # fmt: skip
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    nbformat.write(node, path)
    told = why(run, "steady.en")[1]
    assert told == ["steady.en.ipynb has 4 cells that never ran, and 0 outputs"]


def test_a_run_that_is_not_there_or_has_no_report_is_a_sentence(copied):
    out, run = copied
    with pytest.raises(RequestError) as told:
        verify.find_run("20260101T000000Z-abcdef", out)
    assert told.value.en == (
        f"there is no run 20260101T000000Z-abcdef in {out}; known: {run.name}."
    )
    only(run)
    with pytest.raises(RequestError, match=f"run {run.name} has no report to verify."):
        verify.verify(run)


def test_a_kept_report_is_verified_from_the_run_that_made_it(copied):
    out, run = copied
    newer = out / "runs" / "20990101T000000Z-abcdef"
    newer.mkdir()
    (newer / "steady.en.ipynb").touch()  # what a try that failed has left
    assert verify._notebook(newer, entries.latest(out)["steady.en"]).path.parent == run


def test_the_word_where_two_outputs_part_is_found():
    assert parting('{"value": 1234.5, "low": 2}', '{"value": 1234.6, "low": 2}') == [
        "1234.5,", "1234.6,",
    ]  # fmt: skip
    assert parting("a b", "a b c") == ["b", "b c"]
    long = parting("x" * 5000 + "1" + "y" * 5000, "x" * 5000 + "2" + "y" * 5000)
    assert [len(each) for each in long] == [80, 80]


def test_a_signal_ends_what_is_executed_again_and_seals_nothing(copied):
    _, run = copied
    only(run, "steady.en")
    limits = Limits()
    limits.end("cancelled", signal.SIGTERM)
    (verdict,) = verify.verify(run, limits=limits)
    assert (verdict.status, verdict.told[0]) == (
        "unverifiable", ("Cancelled by SIGTERM", "已被 SIGTERM 取消"),
    )  # fmt: skip
    assert entries.entries(run)["steady.en"].verified == ""


def test_a_run_stays_while_a_later_one_shows_its_report(copied):
    out, run = copied
    newer = out / "runs" / "20990101T000000Z-abcdef"
    shutil.copytree(run, newer)
    edit(newer / "run.json", f'"run": "{run.name}"', f'"run": "{newer.name}"')
    publish._switch(out / "latest", newer)
    assert publish.retain(out, 1) == []
    publish.renew(newer, {})
    assert publish.retain(out, 1) == [run.name]
