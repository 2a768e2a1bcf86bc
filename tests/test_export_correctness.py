"""Is an export safe to open, whole, and without a real id unless one is asked for?"""

import json
import os
import stat
import sys
import zipfile

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from crmlab.__main__ import main
from crmlab.errors import RequestError
from crmlab.export import files, workbook
from crmlab.spreadsheet import safe, whole, write_csv
from tests import exports

DANGEROUS = [
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "\ufeff=1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_could_be_a_formula_gets_a_quote(text):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["K-01", "1-2", "a=b", "张三", "", "x@y.cn"])
def test_other_text_stays_as_it_is(text):
    assert safe(text) == text


def test_a_csv_is_utf_8_with_its_mark_and_numbers_stay_numbers(tmp_path):
    write_csv(tmp_path / "x.csv", [["=a", "b"], ["00123", -5.5], ["－x", 3]])
    data = (tmp_path / "x.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").splitlines() == ["'=a,b", "00123,-5.5", "'－x,3"]


def test_a_workbook_has_no_formula_and_keeps_text_numbers_and_days(tmp_path):
    rows = pd.DataFrame(
        {
            "customer_id": ["00123", "=1+1", "http://x.cn", None],
            "amount": [-5.5, 1e6, float("nan"), float("inf")],
            "share": [0.25, 0.5, 1.0, 0.0],
            "day": pd.to_datetime(["2024-03-05", "2024-03-06", None, "2024-03-08"]),
            "yes": [True, False, True, True],
        }
    )
    path = tmp_path / "x.xlsx"
    workbook.write(path, [workbook.Sheet("名单", rows, {"amount": "CNY", "share": "share"})])
    head, *cells = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert head == ["customer_id", "amount", "share", "day", "yes"]
    assert [row[0] for row in cells] == ["00123", "'=1+1", "http://x.cn", ""]
    assert [row[1] for row in cells] == [-5.5, 1e6, "", ""]
    assert str(cells[0][3]) == "2024-03-05"
    assert [row[4] for row in cells] == [True, False, True, True]
    with zipfile.ZipFile(path) as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<f>" not in xml
    assert "hyperlink" not in xml
    assert "frozen" in xml
    assert "0.0%" in styles
    assert "¥" in styles


def test_names_of_sheets_are_valid_and_their_own():
    taken = set()
    titles = [workbook.title_of(t, taken) for t in ["A" * 40, "a" * 40, "x/y[z]:*?", "", "'q'"]]
    assert titles == ["A" * 31, "a" * 27 + " (2)", "x y z", "sheet", "q"]
    assert all(len(title) <= 31 for title in titles)


def test_more_rows_than_a_sheet_holds_are_refused_all_at_once():
    many = workbook.Sheet("名单", pd.DataFrame(index=range(files.SHEET_ROWS + 1)))
    long = workbook.Sheet("文本", pd.DataFrame({"x": ["a" * 32_768]}))
    files.require_fit([workbook.Sheet("ok", pd.DataFrame({"x": ["a" * 32_767]}))])
    with pytest.raises(RequestError) as told:
        files.require_fit([many, long])
    assert told.value.en == (
        "名单 has 1,048,576 rows; a sheet holds 1,048,575; "
        "文本 has a text of 32,768 characters; a cell holds 32,767."
    )


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("old")

    def rows():
        yield ["new"]
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_csv(path, rows())
    assert path.read_text() == "old"
    assert [f.name for f in tmp_path.iterdir()] == ["x.csv"]
    with whole(path, 0o600) as part:
        part.write_text("new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# --- the command, once, on a shop that says who may be contacted -------------------------------
def crmlab(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["crmlab", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code or 0, capsys.readouterr()


def shop(folder):
    sold = exports.purchases()
    lines = [
        f"{r.who},{r.when:%Y-%m-%d},{r.paid},{'否' if int(r.who) % 4 == 0 else '是'}"
        for r in sold.itertuples()
    ]
    exports.written(folder, "o.csv", ["who,day,paid,yes", *lines])
    (folder / "s.toml").write_text(
        'currency = "CNY"\n[orders]\npath = "o.csv"\ncustomer_id = "who"\norder_date = "day"\n'
        'amount = "paid"\nconsent = "yes"\n'
    )
    return folder / "s.toml", sorted(sold["who"].unique())


def test_an_export_is_safe_unless_the_list_is_asked_for(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CRMLAB_KEY", "a key of enough characters")
    toml, ids = shop(tmp_path)
    out = tmp_path / "out"
    words = ["export", "segmentation", "-p", f"source={toml}", "--lang", "en", "--out", out]
    code, said = crmlab(monkeypatch, capsys, *words, "--identified")
    assert code == 0, said.err
    assert "campaign_identified.csv holds real ids" in said.err
    folder = out / "segmentation.en"
    named = pd.read_csv(folder / "campaign_identified.csv", dtype=str)
    assert stat.S_IMODE((folder / "campaign_identified.csv").stat().st_mode) == 0o600
    assert set(named["Customer"]) <= set(ids)
    refused = named["Customer"].astype(int) % 4 == 0
    assert (named["May be contacted"] == refused.map({True: "no", False: "yes"})).all()

    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(told["files"]) | {"manifest.json"} == {
        str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()
    }
    assert told["files"]["campaign.csv"]["rows"] == len(named)
    for path in (p for p in folder.rglob("*") if p.is_file() and "identified" not in p.name):
        text = _text(path)
        assert [who for who in ids if f"{who}" in text.split()] == [], path.name

    code, said = crmlab(monkeypatch, capsys, *words)
    assert code == 2
    assert "is there already; replace it with --force" in said.err
    assert (folder / "campaign_identified.csv").exists()
    assert [p.name for p in out.iterdir()] == ["segmentation.en"]
    assert "CRMLAB_EXPORT" not in os.environ


def _text(path):
    """Return all text of a file, words parted; a workbook's shared strings."""
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8").replace(",", " ").replace('"', " ")
    with zipfile.ZipFile(path) as book:
        return (
            " ".join(book.read(n).decode() for n in book.namelist())
            .replace("<", " ")
            .replace(">", " ")
        )


def test_too_few_customers_make_no_export_and_say_so(tmp_path, monkeypatch, capsys):
    rows = [f"K{n % 3},2024-01-{n % 28 + 1:02},5" for n in range(9)]
    exports.written(tmp_path, "o.csv", ["who,day,paid", *rows])
    (tmp_path / "s.toml").write_text(
        'currency = "CNY"\n[orders]\npath = "o.csv"\ncustomer_id = "who"\norder_date = "day"\n'
        'amount = "paid"\n'
    )
    out = tmp_path / "out"
    words = ["export", "clv", "-p", f"source={tmp_path / 's.toml'}", "--lang", "en", "--out", out]
    code, said = crmlab(monkeypatch, capsys, *words)
    assert code == 0
    assert "clv.en: " in said.err
    assert not (out / "clv.en").exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path, monkeypatch, capsys):
    toml, _ = shop(tmp_path)
    (tmp_path / "file").write_text("")
    words = ["export", "clv", "-p", f"source={toml}", "--lang", "en", "--out", tmp_path / "file"]
    code, said = crmlab(monkeypatch, capsys, *words)
    assert code == 2
    assert "cannot be written" in said.err
