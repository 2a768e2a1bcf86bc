"""Is a proposal the same however headings are spelt, in either language, wherever it lies?"""

import tomllib
from pathlib import Path

import pytest

from crmlab import load, mapping
from crmlab.home import home
from crmlab.load.toml import read_toml
from crmlab.mapping import words
from tests import mapping_files as files
from tests.test_mapping_correctness import mapped, options, section, total

COMPANY = (
    "customers", "survey", "contacts", "products", "orders", "order_lines", "costs", "contracts",
    "memberships", "complaints", "invoices", "payments", "leads", "visits",
)  # fmt: skip
HEADS = {
    "as-ours": ["customer_id", "order_date", "amount", "order_id"],
    "upper": ["CUSTOMER ID", "ORDER DATE", "AMOUNT", "ORDER ID"],
    "camel": ["CustomerId", "OrderDate", "Amount", "OrderId"],
    "full-width": ["Ｃｕｓｔｏｍｅｒ　ＩＤ", "ＯｒｄｅｒＤａｔｅ", "Ａｍｏｕｎｔ",
                   "Ｏｒｄｅｒ－ＩＤ"],
    "spaced": ["  customer  id ", "order-date", " Amount ", "order.id"],
    "misspelt": ["CustomerlD", "transaction_dat", "total_amout", "order_nummber"],
    "units": ["客户编号", "下单时间（北京）", "实付金额(元)", "订单编号"],
    "longer": ["所属客户编号", "系统下单时间", "合计实付金额", "原始订单编号"],
}  # fmt: skip


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_headings_are_known_in_many_spellings(tmp_path, head):
    rows = [[f"k{n % 7}", f"2023-01-{n % 28 + 1:02d}", "5.50", f"o{n}"] for n in range(20)]
    proposal, toml = mapped(tmp_path, [files.write(tmp_path / "a.csv", head, rows)])
    seen = [" ".join(name.split()) for name in head]
    assert section(proposal).mapped == dict(
        zip(["customer_id", "order_date", "amount", "order_id"], seen, strict=True)
    )
    assert total(toml) == pytest.approx(110)


def test_cells_tell_where_headings_say_nothing(tmp_path):
    rows = [[f"k{n % 7}", f"2023-01-{n % 28 + 1:02d}", f"{n}.50"] for n in range(40)]
    proposal, _ = mapped(tmp_path, [files.write(tmp_path / "a.csv", ["列1", "列2", "列3"], rows)])
    assert section(proposal).mapped == {"customer_id": "列1", "order_date": "列2", "amount": "列3"}
    assert all("check" in doubt.en for doubt in section(proposal).doubts[:3])


def test_our_own_company_is_mapped_as_its_source_says(tmp_path):
    source = home() / "data" / "chenxing"
    for path in (source / f"{table}.csv" for table in COMPANY):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (tmp_path / path.name).write_text("".join(lines[:60]), encoding="utf-8")
    proposal = mapping.propose(sorted(tmp_path.glob("*.csv")))
    told = tomllib.loads((source / "source.toml").read_text(encoding="utf-8"))
    expected = {
        name: {k: v for k, v in rows.items() if k != "path"}
        for name, rows in told.items()
        if name in COMPANY
    }
    assert {each.table: each.mapped for each in proposal.sections} == expected
    assert proposal.notes == []


def test_both_languages_say_the_same_to_the_program(tmp_path):
    path = files.write(tmp_path / "a.csv", files.TAOBAO, files.taobao())
    proposal = mapping.propose([path])
    english, chinese = (mapping.toml_text(proposal, lang=lang) for lang in ("en", "zh"))
    assert tomllib.loads(english) == tomllib.loads(chinese)
    assert "# ? 文件中未写明币种" in chinese
    assert "# ? no currency is written anywhere" in english


def test_paths_are_absolute_or_as_seen_from_the_toml(tmp_path):
    (tmp_path / "data").mkdir()
    path = files.write(tmp_path / "data" / "a.csv", files.RETAIL, files.retail())
    proposal = mapping.propose([path])
    (tmp_path / "sub").mkdir()
    absolute = tomllib.loads(mapping.toml_text(proposal))["orders"]["path"]
    relative = tomllib.loads(mapping.toml_text(proposal, relative_to=tmp_path / "sub"))
    assert Path(absolute) == path.resolve()
    assert relative["orders"]["path"] == "../data/a.csv"


def test_the_same_files_give_the_same_toml(tmp_path):
    paths = files.olist(tmp_path)
    first, again = (mapping.toml_text(mapping.propose(paths)) for _ in range(2))
    assert first == again


def test_nothing_of_a_person_is_repeated(tmp_path):
    rows = [[f"K8{n:04d}7", "赵敏敏", f"1380013{n:04d}", f"2023-01-{n % 28 + 1:02d}", "5.50"]
            for n in range(20)]  # fmt: skip
    head = ["客户编号", "客户名称", "手机号", "下单时间", "实付金额"]
    text = mapping.toml_text(mapping.propose([files.write(tmp_path / "a.csv", head, rows)]))
    assert not any(word in text for word in ("赵敏敏", "1380013", "K800"))


@pytest.mark.parametrize(
    ("head", "customer"),
    [
        pytest.param(["会员号", "手机号"], "会员号", id="an-id-over-a-phone"),
        pytest.param(["客户名称", "客户编码"], "客户编码", id="an-id-over-a-name"),
        pytest.param(["手机号", "备注"], "手机号", id="a-phone-if-there-is-no-other"),
    ],
)
def test_who_the_customer_is(tmp_path, head, customer):
    cells = {"手机号": "1380000{:04d}", "会员号": "00{}", "客户编码": "K{}", "客户名称": "公司{}"}
    who = [cells.get(name, "") for name in head]
    rows = [[*(cell.format(n % 9) for cell in who), f"2023-01-{n % 28 + 1:02d}", "5.50"]
            for n in range(40)]  # fmt: skip
    path = files.write(tmp_path / "a.csv", [*head, "日期", "金额"], rows)
    proposal, _ = mapped(tmp_path, [path])
    assert section(proposal).mapped["customer_id"] == customer
    told = " ".join(doubt.en for doubt in section(proposal).doubts)
    assert ("phone numbers" in told) == (customer == "手机号")


@pytest.mark.parametrize(
    ("head", "amount"),
    [
        pytest.param(["应付金额", "实付金额"], "实付金额", id="paid-over-due"),
        pytest.param(["价税合计", "不含税金额"], "不含税金额", id="net-over-gross"),
        pytest.param(["Discount", "Total"], "Total", id="no-discount"),
        pytest.param(["运费", "订单金额"], "订单金额", id="no-freight"),
        pytest.param(["利润", "销售额"], "销售额", id="no-profit"),
        pytest.param(["Tax Amount", "Net Amount"], "Net Amount", id="no-tax"),
    ],
)
def test_which_amount_is_meant(tmp_path, head, amount):
    rows = [[f"k{n % 9}", f"2023-01-{n % 28 + 1:02d}", f"{n}.60", f"{n}.40"] for n in range(40)]
    path = files.write(tmp_path / "a.csv", ["客户编号", "日期", *head], rows)
    proposal, _ = mapped(tmp_path, [path])
    assert section(proposal).mapped["amount"] == amount


def test_the_toml_of_a_proposal_is_read_as_it_was_meant(tmp_path):
    rows, _ = files.erp()
    proposal, toml = mapped(tmp_path, [files.book(tmp_path / "a.xlsx", {"S": rows})])
    file = read_toml(Path(toml)).files["orders"]
    assert dict(file.columns) == section(proposal).mapped
    assert options(section(proposal)) == {}
    assert load.orders(toml).rows == 24


def test_words_in_headings_are_no_columns():
    assert words.score("Ship Date", "orders", "order_date") == 0
    assert words.score("生日", "orders", "order_date") == 0
    assert words.score("sales_channel_id", "orders", "amount") == 0
    assert words.score("买家应付邮费", "orders", "amount") == 0


def test_workbooks_whose_sheets_differ_are_still_named_rightly(tmp_path):
    rows = files.retail(24)
    one = files.book(
        tmp_path / "a.xlsx", {"2009": [files.RETAIL, *rows], "说明": [["说明"], ["看这里"]]}
    )
    two = files.book(tmp_path / "b.xlsx", {"2010": [files.RETAIL, *rows]})
    proposal, toml = mapped(tmp_path, [two, files.book(tmp_path / "c.xlsx", {
        "2011": [files.RETAIL, *rows]})])  # fmt: skip
    assert total(toml) == pytest.approx(2 * files.retail_total(rows))
    proposal, toml = mapped(tmp_path, [one, two])
    assert total(toml) == pytest.approx(files.retail_total(rows))
    assert any("is not used" in note.en for note in proposal.notes)
