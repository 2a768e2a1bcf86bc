"""Does `crmlab check` say what is wrong with what it is given, and write what it promises?"""

import csv
import json
import sys

import pytest
from rich.console import Console

from crmlab import check, load
from crmlab.__main__ import main
from crmlab.checking import shown
from tests.shops import added, clean, section, source

KEYS = {"table", "rows", "first_day", "as_of", "ledger", "levels", "findings"}


@pytest.fixture
def crmlab(monkeypatch, capsys):
    """Run the command line in this process; return exit code, output and messages."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["crmlab", "check", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return ended.value.code or 0, said.out, said.err

    return run


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A shop of three customers who bought on three days."""
    return source(tmp_path_factory.mktemp("few"), clean(customers=3, days=3))


def test_the_json_is_one_document_with_stable_keys_in_both_languages(crmlab, few):
    code, said, told = crmlab(few, "--json", "--lang", "zh")
    document = json.loads(said)
    assert (code, told) == (0, "")
    assert document.keys() == {"source", "currency", "tables", "notebooks"}
    (orders,) = document["tables"]
    assert orders.keys() == KEYS
    assert (orders["first_day"], orders["as_of"]) == ("2024-01-01", "2024-01-03")
    assert orders["ledger"][0].keys() == {"reason", "rows", "amount"}
    assert [step["level"] for step in orders["levels"]] == [
        "rows_used", "orders_seen", "occasions", "customers",
    ]  # fmt: skip
    for notebook in document["notebooks"]:
        assert notebook.keys() == {"notebook", "level", "findings"}
        assert all(each.keys() == {"level", "code", "en", "zh"} for each in notebook["findings"])


def test_too_few_customers_are_not_enough_and_what_would_be_is_said(crmlab, few):
    code, said, _ = crmlab(few, "--json")
    levels = {each["notebook"]: each for each in json.loads(said)["notebooks"]}
    assert code == 0
    for name in ("segmentation", "clv", "lifecycle"):
        assert levels[name]["level"] == "not_enough"
        assert all(each["en"] and each["zh"] for each in levels[name]["findings"])
    (reason,) = [f for f in levels["segmentation"]["findings"] if f["level"] == "not_enough"]
    assert any(char.isdigit() for char in reason["en"])


def test_a_source_without_a_survey_says_which_tables_are_needed(crmlab, few):
    _, said, _ = crmlab(few, "--json")
    told = {each["notebook"]: each for each in json.loads(said)["notebooks"]}
    assert told["satisfaction_loyalty"]["level"] == "lacking"
    assert told["satisfaction_loyalty"]["findings"] == [
        {
            "level": "not_enough",
            "code": "lacking",
            "en": "It needs tables that the source does not have: survey (Satisfaction survey), "
            "customers (Customer files).",
            "zh": "需要数据源中没有的表：survey（满意度调查）、customers（客户档案）。",
        }
    ]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Rows used", "Customers", "What it is fit for"]),
        ("zh", ["使用行数", "客户数", "可用于哪些分析"]),
    ],
)
def test_people_read_ledger_levels_and_fitness(crmlab, few, lang, words):
    code, said, _ = crmlab(few, "--lang", lang)
    assert code == 0
    assert [word for word in words if word not in said] == []


def test_a_notebooks_reason_is_not_said_again_where_a_table_has_said_it():
    reason = {"level": "caution", "code": "c", "en": "Said of the table.", "zh": "表的问题。"}
    table = {
        "table": "orders", "rows": 1, "first_day": None, "as_of": None, "levels": [],
        "ledger": [{"reason": "rows_read", "rows": 1}, {"reason": "rows_used", "rows": 1}],
        "findings": [reason],
    }  # fmt: skip
    notebook = {"notebook": "clv", "level": "caution", "findings": [reason]}
    told = {"source": "s", "currency": "CNY", "tables": [table], "notebooks": [notebook]}
    console = Console(width=200)
    with console.capture() as said:
        console.print(shown(told, "en"))
    assert said.get().count("Said of the table.") == 1
    assert "And what is said of its tables above." in said.get()


def test_markup_in_data_is_shown_as_it_stands(crmlab, tmp_path):
    rows = clean(days=40).assign(state="ok")
    rows.loc[:9, "state"] = 'cancelled "[bold]x[/]"'
    code, said, _ = crmlab(source(tmp_path, rows, status="state"), "--lang", "en")
    assert code == 0
    assert r'drop_status = ["cancelled \"[bold]x[/]\""]' in said


def test_rejected_rows_are_written_as_text_that_no_spreadsheet_runs(crmlab, tmp_path):
    path = tmp_path / "left.csv"
    rows = added(clean(days=40), 2, who="", paid=["=1+1", "＝2"])
    rows.loc[0, "day"] = "@SUM(A1)"
    code, _, told = crmlab(source(tmp_path, rows), "--rejects", path, "--lang", "en")
    assert (code, told.strip()) == (0, f"{path}: 3 rows.")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with open(path, encoding="utf-8-sig", newline="") as file:
        heading, *found = list(csv.reader(file))
    assert heading == ["table", "file", "row", "reason", "unreadable", "no", "who", "day", "paid"]
    assert [row[3] for row in found] == ["bad_order_date", "no_customer_id", "no_customer_id"]
    assert [found[0][7], found[1][8], found[2][8]] == ["'@SUM(A1)", "'=1+1", "'＝2"]
    assert [each.name for each in tmp_path.glob(".*")] == []


def test_rejected_rows_of_several_tables_begin_with_the_table(crmlab, tmp_path):
    who = clean(days=3)[["who", "no"]].assign(who=lambda d: d["who"].where(d.index > 0, ""))
    more = section("customers", who.drop_duplicates("who"), tmp_path, {"customer_id": "who"})
    path = tmp_path / "left.csv"
    code, _, _ = crmlab(source(tmp_path, clean(days=3), more=more), "--rejects", path)
    with open(path, encoding="utf-8-sig", newline="") as file:
        told = list(csv.reader(file))
    assert code == 0
    assert [row[:4] for row in told] == [
        ["table", "file", "row", "reason"],
        ["table", "file", "row", "reason"],
        ["customers", "customers.csv", "2", "no_customer_id"],
    ]


@pytest.mark.parametrize("count", [1, 2, 40])
def test_hardly_any_rows_and_no_order_id_are_checked_all_the_same(tmp_path, count):
    rows = clean(days=20).head(count).assign(day="2024-02-29").drop(columns="no")
    toml = tmp_path / "s.toml"
    mapped = {"customer_id": "who", "order_date": "day", "amount": "paid"}
    toml.write_text('currency = "CNY"\n' + section("orders", rows, tmp_path, mapped))
    lines = load.orders(str(toml))
    assert [each for each in check.findings(lines) if each.level != "ready"] == []
    assert check.levels(lines)["count"]["rows_used"] == count


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "Error: there is no source 'cdno' (did you mean cdnow?); allowed: "),
        ("zh", "错误: 没有名为 'cdno' 的数据源（是否指 cdnow？）；可用："),
    ],
)
def test_no_such_source_is_a_sentence_and_exit_code_2(crmlab, lang, sentence):
    code, said, told = crmlab("cdno", "--lang", lang, "--json")
    assert (code, said) == (2, "")
    assert told.startswith(sentence)


def test_a_file_that_cannot_be_written_is_a_sentence_and_exit_code_2(crmlab, few, tmp_path):
    path = tmp_path / "none" / "left.csv"
    code, _, told = crmlab(few, "--rejects", path, "--lang", "en")
    assert code == 2
    assert told.strip() == f"Error: {path} cannot be written: No such file or directory."


def test_a_table_that_cannot_be_read_is_a_sentence_and_exit_code_2(crmlab, tmp_path):
    code, said, told = crmlab(
        source(tmp_path, clean(days=9).assign(day="x")), "--json", "--lang", "en"
    )
    assert (code, said) == (2, "")
    assert told.startswith("Error: orders.csv, column day: ")


def test_a_table_of_which_no_row_can_be_used_is_a_sentence_with_words(crmlab, tmp_path):
    who = clean(days=3)[["who", "no"]].assign(who="")
    more = section("customers", who, tmp_path, {"customer_id": "who"})
    code, _, told = crmlab(source(tmp_path, clean(days=3), more=more), "--lang", "en")
    assert code == 2
    assert "customers.csv has no row that can be used. Read: " in told
