"""Does an export hold all that the page showed, each once, in the reader's words and units?"""

import re
import zipfile
from datetime import date
from decimal import Decimal

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from crmlab import customers, page, privacy
from crmlab.errors import RequestError
from crmlab.export import files, workbook
from crmlab.lang import term
from crmlab.page import safe
from crmlab.page.hand import Shown
from crmlab.spreadsheet import safe as safe_text

NOBODY_ASKED = customers.Contact(pd.Series(dtype="bool"), known=False)


@pytest.fixture(autouse=True)
def keyed(monkeypatch):
    monkeypatch.setenv("CRMLAB_KEY", "a key of enough characters")
    page.use("en")


def table(name, rows, **units):
    return Shown({"kind": "table", "name": name}, rows, units)


def campaigns(*lists, contact=NOBODY_ASKED):
    """Return what a page keeps of campaign lists, each ids → (action, value at stake)."""
    with page.collected() as shown:
        for listed in lists:
            parts = [
                page.target(pd.Index([who]), segment="keep", reason="r", action=action, value=value)
                for who, (action, value) in listed.items()
            ]
            page.campaign(parts, contact, "CNY")
    return shown


def test_two_tables_of_a_name_are_two_files():
    parts = [table("actions", pd.DataFrame({"value": [n]})) for n in (1.0, 2.0, 3.0)]
    found = files.named(parts)
    assert list(found) == ["actions", "actions_2", "actions_3"]
    assert [part.frame["value"][0] for part in found.values()] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("name", ["../up", "/etc/x", "a b", "客户", "", "C:\\x", "a" * 99])
def test_a_name_that_is_no_word_of_ours_names_no_file(name):
    assert list(files.named([table(name, pd.DataFrame({"value": [1.0]}))])) == ["table"]


def test_a_chart_of_ones_own_needs_no_word_in_the_glossary():
    with page.collected() as shown:
        page.chart(plt.subplots()[1], "my_own", alt="x", data=pd.DataFrame({"mine": [1.0]}))
    sheet = files._sheet(shown[0], "zh")
    assert (sheet.title, list(sheet.rows.columns)) == ("my_own", ["mine"])


def test_all_campaign_lists_of_a_page_are_kept():
    parts = campaigns({"A": ("Call", 1.0), "B": ("Call", 2.0)}, {"C": ("Write", 3.0)})
    assert set(files.campaign(parts)["customer_id"]) == {"A", "B", "C"}


def test_the_order_of_a_list_tells_nothing_of_the_ids():
    ids = [f"K{n:03}" for n in range(200)]
    parts = campaigns({**dict.fromkeys(ids, ("Call", 5.0)), "Z": ("Write", 9.0)})
    rows = files.campaign(parts)
    assert rows["action"].tolist() == ["Call"] * 200 + ["Write"]
    hidden = privacy.hidden(rows)["customer_id"].tolist()
    assert hidden[:200] == sorted(hidden[:200])
    assert rows["customer_id"].tolist()[:200] != ids


def test_the_most_at_stake_comes_first_within_an_action():
    rows = files.campaign(campaigns({"A": ("x", 1.0), "B": ("y", 7.0), "C": ("x", 3.0)}))
    assert rows["customer_id"].tolist() == ["C", "A", "B"]


def test_an_id_that_looks_like_a_code_stays_an_id():
    rows = pd.DataFrame({"product_id": ["A1.02", "keep"], "segment": ["keep", "A1.02"]})
    told = files._sheet(table("actions", rows), "en").rows
    assert told.iloc[:, 0].tolist() == ["A1.02", "keep"]
    assert told.iloc[0, 1] == term("keep", "en")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_headings_are_the_words_that_are_meant(lang):
    with page.collected() as shown:
        page.figure("spend", 12.5, 10, 15, "CNY")
    head = files._figures(shown, lang).rows.columns.tolist()
    units = {"en": ["Figure", "Value", "Low", "High", "Unit"],
             "zh": ["指标", "价值", "下限", "上限", "单位"]}  # fmt: skip
    assert head == units[lang]
    limits = {"en": "Error of the total: low", "zh": "总量偏差：下限"}
    assert files._heading("bias_low", lang) == limits[lang]


def test_limits_have_their_estimates_unit():
    rows = pd.DataFrame({"bias": [0.1], "lo": [0.05], "hi": [0.2]})
    with page.collected() as shown:
        page.table(rows, "actions", units={"bias": "share"}, intervals={"bias": ("lo", "hi")})
    assert shown[0].units == {"bias": "share", "lo": "share", "hi": "share"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_sheet_says_what_to_mind(lang):
    asked = customers.Contact(pd.Series({"A": True}), known=True)
    unknown = files.notes(campaigns({"A": ("x", 1.0)}), lang)
    known = files.notes(campaigns({"A": ("x", 1.0)}, contact=asked), lang)
    words = {"en": ("pseudonyms", "<5", "no column of consent"),
             "zh": ("假名", "<5", "没有“同意接收营销”列")}  # fmt: skip
    assert [word in note for word, note in zip(words[lang], unknown, strict=True)] == [True] * 3
    assert known == unknown[:2]


# --- numbers in their units -------------------------------------------------------------------
def formats(path):
    """Return each numeric cell of a workbook's first sheet with its number format."""
    with zipfile.ZipFile(path) as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    own = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    own |= {"4": "#,##0.00", "3": "#,##0"}
    cells = re.findall(r'<xf numFmtId="(\d+)"', styles.split("<cellXfs", 1)[1])
    found = re.findall(r'<c r="([A-Z]+\d+)"(?: s="(\d+)")?><v>', xml)
    return {cell: own.get(cells[int(style or 0)], "General") for cell, style in found}


def test_a_number_beside_an_unsaid_one_keeps_its_format(tmp_path):
    rows = pd.DataFrame({"customers": [3, 50], "share": [0.1, 0.2], "value": [1.0, 2.5]})
    sheet = files._sheet(table("actions", rows, share="share", value="JPY exact"), "en")
    workbook.write(tmp_path / "x.xlsx", [sheet])
    assert formats(tmp_path / "x.xlsx") == {"A3": "#,##0", "B3": "0.0%", "C3": "#,##0.00"}
    back = CalamineWorkbook.from_path(str(tmp_path / "x.xlsx")).get_sheet_by_index(0).to_python()
    assert back[1:] == [["<5", "·", "·"], [50.0, 0.2, 2.5]]


def test_each_key_figure_is_in_its_own_unit(tmp_path):
    with page.collected() as shown:
        page.figure("spend", 1234.5, 1000, 2000, "CNY")
        page.figure("share", 0.25, 0.2, 0.3, "share")
        page.figure("customers", 4000)
    workbook.write(tmp_path / "x.xlsx", [files._figures(shown, "en")])
    told = formats(tmp_path / "x.xlsx")
    assert told["B2"].endswith("#,##0.00")
    assert [told[cell] for cell in ("B3", "C3", "D3", "B4")] == ["0.0%", "0.0%", "0.0%", "#,##0"]


# --- what a sheet or a reader would cut, or take for a formula ------------------------------------
def test_a_text_that_its_quote_makes_too_long_is_refused():
    longest = pd.DataFrame({"x": ["=" + "a" * 32_766]})
    with pytest.raises(RequestError, match=r"32,768 characters; a cell holds 32,767"):
        files.require_fit([workbook.Sheet("t", longest)])


def test_more_columns_than_a_sheet_holds_are_refused():
    wide = pd.DataFrame(0, index=[0], columns=range(files.SHEET_COLUMNS + 1))
    with pytest.raises(RequestError, match=r"16,385 columns; a sheet holds 16,384"):
        files.require_fit([workbook.Sheet("t", wide)])


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠"))
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\n \u3000", "\n\n"])
def test_a_formula_after_a_line_break_is_none_either(sign, line_break):
    told = safe_text(text := f"note{line_break}{sign}1+1")
    assert not [x for x in told.splitlines() if x.strip(" \u3000")[:1] in set("=+-@＝＋－＠")]
    assert told.replace("'", "") == text
    assert safe_text(told) == told


HIDDEN = "\x00\x01\x1f\x7f\xa0\xad\u061c\u180e\u2003\u200b\u200e\u202e\u2060\u3000\ufeff"


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠﹦﹢﹣﹫"))
def test_what_cannot_be_seen_hides_no_formula(sign):
    for before in (*HIDDEN, HIDDEN):
        assert safe_text(f"{before}{sign}1") == f"'{before}{sign}1"
        assert safe_text(f"a\u2028{before}{sign}1") == f"a\u2028'{before}{sign}1"
        assert safe_text(f"{before}K{sign}1") == f"{before}K{sign}1"


def test_exact_amounts_are_numbers_and_early_days_stay_days(tmp_path):
    rows = pd.DataFrame(
        {
            "amount": [Decimal("-5.50"), Decimal("NaN"), None],
            "day": [date(2024, 3, 5), date(1850, 1, 1), None],
            "seen": [pd.Timestamp("1850-03-05"), pd.NaT, pd.Timestamp("2024-03-05")],
        }
    )
    workbook.write(tmp_path / "x.xlsx", [workbook.Sheet("t", rows, {"amount": "CNY"})])
    back = CalamineWorkbook.from_path(str(tmp_path / "x.xlsx")).get_sheet_by_index(0).to_python()
    assert back[1:] == [
        [-5.5, date(2024, 3, 5), "1850-03-05 00:00:00"],
        ["", "1850-01-01", ""],
        ["", "", date(2024, 3, 5)],
    ]
    files._csv(tmp_path / "x.csv", rows)
    assert (tmp_path / "x.csv").read_text(encoding="utf-8-sig").splitlines()[1:] == [
        "-5.50,2024-03-05,1850-03-05", ",1850-01-01,", ",,2024-03-05",
    ]  # fmt: skip


# --- small groups -----------------------------------------------------------------------------
@pytest.mark.parametrize("size", ["customers", "n", "called_lost"])
def test_whatever_counts_people_hides_a_handful(size):
    rows = pd.DataFrame(
        {size: [3, 50], "came_back": [2, 4], "eligible": [1, 2], "mean": [1.5, 2.5]}
    )
    told, small = safe.shown(rows)
    assert small
    assert told.iloc[0].tolist() == ["<5", "<5", "<5", "·"]
    assert told.iloc[1].tolist() == [50, 4, 2, 2.5]


def test_a_count_that_may_be_missing_hides_a_handful_too():
    rows = pd.DataFrame({"n": pd.array([3, None, 9], dtype="Int64"), "mean": [1.0, 2.0, 3.0]})
    assert safe.shown(rows)[0]["mean"].tolist() == ["·", 2.0, 3.0]


@pytest.mark.parametrize(("lang", "note"), [("en", "fewer than 5"), ("zh", "不足 5 位")])
def test_the_numbers_behind_a_chart_say_what_is_unsaid(lang, note):
    from crmlab.report.render import _numbers

    with page.collected() as shown:
        for customers_ in (3, 30):
            rows = pd.DataFrame({"customers": [customers_], "mean": [1.5]})
            page.chart(plt.subplots()[1], "rfm_chart", alt="x", data=rows)
    assert [note in _numbers(part.handed, lang) for part in shown] == [True, False]
