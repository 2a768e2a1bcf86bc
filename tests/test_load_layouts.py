"""Is a file read in whatever encoding and layout it comes, to the same rows?"""

import datetime as dt
import gzip

import duckdb
import pytest
import xlsxwriter

from crmlab import load
from crmlab.errors import DataError

HEAD = "客户编码,单据日期,金额"
ROWS = [f"00{n % 7},2024-01-{n % 28 + 1:02},{n}.50" for n in range(60)]
TEXT = "\n".join([HEAD, *ROWS]) + "\n"
COLUMNS = 'customer_id = "客户编码"\norder_date = "单据日期"\namount = "金额"\n'


def source(folder, data, *, name="o.csv", options="", columns=COLUMNS):
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    toml = folder / "s.toml"
    toml.write_text(
        f'currency = "CNY"\n[orders]\npath = "{name}"\n{columns}{options}', encoding="utf-8"
    )
    return str(toml)


def told(lines):
    return lines.ledger.set_index("reason")["rows"].to_dict()


def assert_all(lines):
    assert (told(lines)["rows_read"], lines.rows) == (60, 60)
    assert str(lines.table.amount.sum().execute()) == "1800.00"
    assert lines.table.customer_id.min().execute() == "000"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT.encode(), id="utf-8"),
        pytest.param(TEXT.encode("utf-8-sig"), id="utf-8-with-mark"),
        pytest.param(TEXT.encode("gb18030"), id="gb18030"),
        pytest.param(TEXT.encode("utf-16"), id="utf-16"),
        pytest.param(TEXT.encode("utf-16-be"), id="utf-16-be-without-mark"),
        pytest.param(TEXT.replace(",", ";").encode(), id="semicolon"),
        pytest.param(TEXT.replace(",", "\t").encode("gb18030"), id="tab"),
        pytest.param(TEXT.replace(",", "|").encode(), id="bar"),
        pytest.param(TEXT.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(TEXT.replace("\n", "\r").encode(), id="cr"),
        pytest.param(TEXT.replace("0\n", "0\r\n", 7).encode(), id="mixed-line-ends"),
        pytest.param(("销售明细表\n期间：2024年1月,,\n" + TEXT).encode(), id="title-lines"),
        pytest.param(TEXT.replace("客户编码", " 客户 编码").encode(), id="spaces-in-a-heading"),
        pytest.param(TEXT.replace("金额", "金额 ").encode("gb18030"), id="space-after-a-heading"),
    ],
)
def test_a_text_file_is_read(tmp_path, data):
    assert_all(load.orders(source(tmp_path, data)))


def test_a_compressed_file_is_read(tmp_path):
    assert_all(
        load.orders(source(tmp_path, gzip.compress(TEXT.encode("gb18030")), name="o.csv.gz"))
    )


def test_several_files_are_one_table(tmp_path):
    for month, rows in enumerate((ROWS[:25], ROWS[25:]), start=1):
        (tmp_path / f"m{month}.csv").write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    (tmp_path / "s.toml").write_text(f'currency = "CNY"\n[orders]\npath = "m*.csv"\n{COLUMNS}')
    assert_all(load.orders(str(tmp_path / "s.toml")))


def test_parquet_is_read_with_its_own_types(tmp_path):
    with duckdb.connect() as base:
        path = tmp_path / "o.parquet"
        base.execute(
            "COPY (SELECT '00' || (i % 7) AS c, DATE '2024-01-01' + (i % 28)::INTEGER AS d, "
            f"(i + 0.5)::DECIMAL(9,2) AS a FROM range(60) t(i)) TO '{path}' (FORMAT parquet)"
        )
    columns = 'customer_id = "c"\norder_date = "d"\namount = "a"\n'
    assert_all(load.orders(source(tmp_path, path.read_bytes(), name="o.parquet", columns=columns)))


def sheet(folder, write, **options):
    path = folder / "b.xlsx"
    with xlsxwriter.Workbook(path) as book:
        write(book)
    return load.orders(source(folder, path.read_bytes(), name="b.xlsx", **options))


def test_a_sheet_with_title_merged_cells_dates_and_a_total(tmp_path):
    def write(book):
        book.add_worksheet("空")
        page = book.add_worksheet("销售")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.merge_range(0, 0, 0, 2, "销售出库明细表")
        page.write_row(2, 0, ["客户编码", "单据日期", "金额"])
        for n in range(0, 60, 2):
            page.merge_range(3 + n, 0, 4 + n, 0, f"00{n % 7}")
            page.merge_range(3 + n, 1, 4 + n, 1, dt.datetime(2024, 1, n % 28 + 1), day)
            page.write_column(3 + n, 2, [n + 0.5, n + 1.5])
        page.write_row(63, 0, ["合计", "", 1800])
        page.write(64, 0, "制单人：张三")

    lines = sheet(tmp_path, write)
    assert told(lines) == {
        "rows_read": 62, "total_row": 1, "one_cell_row": 1, "rows_used": 60,
    }  # fmt: skip
    assert str(lines.table.amount.sum().execute()) == "1800.00"
    assert lines.table.customer_id.nunique().execute() == 7
    assert lines.notes == ()


def test_serial_days_and_written_amounts_in_a_sheet(tmp_path):
    def write(book):
        page = book.add_worksheet()
        page.write_row(4, 2, ["客户编码", "单据日期", "金额"])
        for n in range(60):
            page.write_row(5 + n, 2, [f"00{n % 7}", 45292 + n % 28, f"￥{n}.50"])

    lines = sheet(tmp_path, write)
    assert_all(lines)
    assert (lines.first_day, lines.as_of) == (dt.date(2024, 1, 1), dt.date(2024, 1, 28))


def test_a_named_sheet_that_is_not_there_is_answered_with_those_that_are(tmp_path):
    with pytest.raises(DataError) as error:
        sheet(tmp_path, lambda book: book.add_worksheet("一月"), options='sheet = "二月"\n')
    assert error.value.en == "b.xlsx has no sheet '二月'; it has: 一月."


def test_a_header_row_can_be_given(tmp_path):
    text = f"客户编码,单据日期,金额\n旧,旧,旧\n{TEXT}"
    assert_all(load.orders(source(tmp_path, text, options="header_row = 3\n")))


def test_a_file_without_a_header_gets_names(tmp_path):
    options = 'names = ["客户编码", "单据日期", "金额"]\n'
    assert_all(load.orders(source(tmp_path, "\n".join(ROWS), options=options)))


def test_files_are_joined_by_a_query_and_constants_fill_columns(tmp_path):
    (tmp_path / "heads.csv").write_text("no,who,day\n1,A,2024-01-05\n2,B,2024-01-06\n")
    (tmp_path / "lines.csv").write_text("no,paid\n1,5\n1,6\n2,7\n3,8\n")
    (tmp_path / "s.toml").write_text(
        'currency = "CNY"\n[files.heads]\npath = "heads.csv"\n[files.lines]\npath = "lines.csv"\n'
        '[orders]\nquery = "SELECT * FROM lines JOIN heads USING (no)"\ncustomer_id = "who"\n'
        'order_date = "day"\namount = "paid"\norder_id = "no"\nproduct_id = { value = "P1" }\n'
    )
    lines = load.orders(str(tmp_path / "s.toml"))
    assert lines.table.amount.sum().execute() == 18
    assert set(lines.table.product_id.execute()) == {"P1"}


# --- what is damaged -------------------------------------------------------------------------
def test_zero_bytes_are_taken_out_and_told(tmp_path):
    lines = load.orders(source(tmp_path, TEXT.replace("001,", "0\x0001,", 1)))
    assert_all(lines)
    assert [note.code for note in lines.notes] == ["zero_bytes"]


def test_a_file_cut_off_inside_a_character_is_told(tmp_path):
    whole = (TEXT + "客户甲,2024-02-01,1").encode("gb18030")
    cut = whole[: whole.rindex("甲".encode("gb18030")) + 1]
    lines = load.orders(source(tmp_path, cut))
    assert [note.code for note in lines.notes] == ["cut_off"]
    assert (told(lines)["rows_read"], lines.rows) == (61, 60)


def test_a_compressed_file_cut_off_is_a_sentence(tmp_path):
    data = gzip.compress(TEXT.encode() * 50)[:-40]
    with pytest.raises(DataError, match=r"^o\.csv\.gz is cut off"):
        load.orders(source(tmp_path, data, name="o.csv.gz"))


def test_broken_lines_are_left_out_one_by_one_and_located(tmp_path):
    bad = ["A,2024-03-05,1,2,3", 'B,"2024-03-05,5', "C,2024-03-07,6", "", "D,2024-03-08"]
    text = TEXT + "\n".join([*bad, '"E ""x""",2024-03-09,7\n'])
    lines = load.orders(source(tmp_path, text))
    assert told(lines) == {
        "rows_read": 66, "broken_line": 2, "empty_row": 1, "no_amount": 1, "rows_used": 62,
    }  # fmt: skip
    head, *left = load.rejected(str(tmp_path / "s.toml"), lines)
    assert head == ("file", "row", "reason", "unreadable", "客户编码", "单据日期", "金额")
    assert [(row[1], row[2], row[4]) for row in left] == [
        ("62", "broken_line", "A,2024-03-05,1,2,3"), ("63", "broken_line", 'B,"2024-03-05,5'),
        ("65", "empty_row", ""), ("66", "no_amount", "D"),
    ]  # fmt: skip


def test_a_cell_over_two_lines_is_one_row(tmp_path):
    text = TEXT.replace(HEAD, HEAD + ",备注").replace(".50", '.50,"甲\n乙"')
    assert_all(load.orders(source(tmp_path, text)))


def test_mixed_types_in_a_column_are_counted_with_row_and_example(tmp_path):
    lines = load.orders(source(tmp_path, TEXT + "A,待定,5\nB,2024-03-05,赠品\n"))
    assert told(lines)["bad_order_date"] == told(lines)["bad_amount"] == 1
    assert [note.en for note in lines.notes] == [
        "o.csv, column 单据日期: 1 of 62 cells are no date, first at row 62 ('待定').",
        "o.csv, column 金额: 1 of 62 cells are no money, first at row 63 ('赠品').",
    ]
    assert lines.ledger.set_index("reason").loc["bad_order_date", "amount"] == 5


def test_a_wrong_format_refuses_the_source_until_the_share_is_allowed(tmp_path):
    text = TEXT + "A,待定,5\n" * 20
    with pytest.raises(DataError, match="20 of 80 cells are no date"):
        load.orders(source(tmp_path, text))
    assert load.orders(source(tmp_path, text, options="unreadable_at_most = 0.3\n")).rows == 60


def test_phone_numbers_in_the_wrong_column_are_not_repeated(tmp_path):
    lines = load.orders(source(tmp_path, TEXT + "A,2024-01-01,13812345678x\nB,2024-01-01,a@b.cn\n"))
    assert "3812345678" not in lines.notes[0].en + lines.notes[0].zh
    assert lines.notes[0].en.endswith("first at row 62 ('1••••••••••x').")


def test_a_repeated_header_and_a_total_are_no_customers(tmp_path):
    text = f"{TEXT}{HEAD}\n小计,,30\n,总计：,1800\nTotal,2024-01-28,5\n"
    assert told(load.orders(source(tmp_path, text))) == {
        "rows_read": 64, "repeated_header": 1, "total_row": 2, "rows_used": 61,
    }  # fmt: skip


def test_a_folder_is_a_sentence(tmp_path):
    (tmp_path / "o.csv").mkdir()
    toml = tmp_path / "s.toml"
    toml.write_text(f'currency = "CNY"\n[orders]\npath = "o.csv"\n{COLUMNS}', encoding="utf-8")
    with pytest.raises(DataError, match=r"o\.csv (is a folder|cannot be read)"):
        load.orders(str(toml))


def test_a_column_that_is_almost_there_is_answered_with_the_nearest(tmp_path):
    columns = COLUMNS.replace('"金额"', '"总金额"')
    with pytest.raises(DataError) as error:
        load.orders(source(tmp_path, TEXT, columns=columns))
    assert error.value.en == (
        "o.csv has no column 总金额 (did you mean 金额?); it has: 客户编码, 单据日期, 金额."
    )


def test_a_wrong_encoding_is_named(tmp_path):
    for encoding, said in (
        ("utf-8", "cannot be read as utf-8"),
        ("klingon", "there is no encoding"),
    ):
        toml = source(tmp_path, TEXT.encode("gb18030"), options=f'encoding = "{encoding}"\n')
        with pytest.raises(DataError, match=said):
            load.orders(toml)


def test_a_western_file_is_not_taken_for_chinese(tmp_path):
    text = TEXT.replace("客户编码", "Café").replace("单据日期", "Prénom").replace("金额", "Prix £")
    columns = 'customer_id = "Café"\norder_date = "Prénom"\namount = "Prix £"\n'
    assert_all(load.orders(source(tmp_path, text.encode("cp1252"), columns=columns)))


@pytest.mark.parametrize("name", ["o.csv", "b.xlsx"])
def test_a_full_disk_is_told_as_such_and_leaves_nothing(tmp_path, monkeypatch, name):
    import errno

    from crmlab.load import encoding, sheets, sql

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(encoding, "new_file", full)
    monkeypatch.setattr(sheets, "new_file", full)
    if name == "o.csv":
        toml = source(tmp_path, TEXT.encode("gb18030"))
    else:
        with xlsxwriter.Workbook(tmp_path / "made.xlsx") as book:
            page = book.add_worksheet()
            page.write_row(0, 0, HEAD.split(","))
            page.write_row(1, 0, ROWS[0].split(","))
        toml = source(tmp_path, (tmp_path / "made.xlsx").read_bytes(), name=name)
    with pytest.raises(DataError, match="the disk of the temporary folder is full"):
        load.orders(toml)
    assert [p for p in sql.folder().iterdir() if p.name != "spill"] == []
