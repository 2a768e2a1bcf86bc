"""Does a first look say what a file is like, however large; are sheets read one after another?"""

import gzip
from importlib import import_module

import pytest
import xlsxwriter

from crmlab import load
from crmlab.load.cells import typed
from crmlab.load.source import Form

SOURCE = """currency = "CNY"
[orders]
path = "book.xlsx"
{sheet}
customer_id = "客户"
order_date = "日期"
amount = "金额"
"""


def book(folder, *sheets):
    with xlsxwriter.Workbook(str(folder / "book.xlsx")) as made:
        for name, rows in sheets:
            sheet = made.add_worksheet(name)
            for number, row in enumerate([("客户", "日期", "金额"), *rows]):
                sheet.write_row(number, 0, row)


@pytest.mark.parametrize(
    ("sheet", "total"),
    [
        pytest.param("", 1, id="the-first"),
        pytest.param('sheet = "*"', 111, id="all"),
        pytest.param('sheet = ["一月", "三月"]', 101, id="some"),
    ],
)
def test_sheets_of_the_same_columns_are_one_table(tmp_path, sheet, total):
    months = [("一月", [("01", "2024-01-05", 1)]), ("二月", [("01", "2024-02-05", 10)]),
              ("三月", [("02", "2024-03-05", 100)])]  # fmt: skip
    book(tmp_path, *months)
    toml = tmp_path / "shop.toml"
    toml.write_text(SOURCE.format(sheet=sheet), encoding="utf-8")
    assert load.orders(str(toml)).table.amount.sum().execute() == total


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_of_a_large_file_only_the_beginning_is_looked_at(tmp_path, monkeypatch, packed):
    monkeypatch.setattr(import_module("crmlab.load.look"), "BYTES", 1000)
    text = "id,金额\n" + "".join(f"{n},{n}.50\n" for n in range(1000))
    path = tmp_path / ("big.csv.gz" if packed else "big.csv")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    (seen,) = load.look(path)
    assert (seen.whole, seen.names, seen.path) == (False, ["id", "金额"], path)
    assert 50 < len(seen.cells) < 1000
    assert seen.cells["金额"].iloc[-1] == f"{len(seen.cells) - 1}.50"


@pytest.mark.parametrize(
    ("cell", "zone", "clock"),
    [
        ("2023-01-05 10:00:00 -0500", "", "2023-01-05 10:00:00"),
        ("2023-01-05 10:00:00 -0500", "Asia/Shanghai", "2023-01-05 23:00:00"),
        ("2023-01-05T10:00:00+08:00", "", "2023-01-05 10:00:00"),
        ("2023-01-05 10:00:00 UTC", "", "2023-01-05 10:00:00"),
        ("2023-01-05 10:00", "Asia/Shanghai", "2023-01-05 10:00:00"),
    ],
)
def test_without_a_zone_of_the_source_the_clock_is_kept_as_written(cell, zone, clock):
    sql = typed("date", f"'{cell}'", Form(time_zone=zone))
    told = load.engine().raw_sql(f"SELECT strftime({sql}, '%Y-%m-%d %H:%M:%S')").fetchone()
    assert told == (clock,)
