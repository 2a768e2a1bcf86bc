"""Are money, dates, ids and flags read as people write them, and is anything else refused?"""

from datetime import datetime
from decimal import Decimal

import pytest

from crmlab.load import cells, text
from crmlab.load.source import Form
from crmlab.load.sql import engine, literal


def read(kind, cell, **form):
    """Return what a cell becomes, through the SQL that reads files."""
    trim = text.text if kind in ("text", "code") else text.word
    word = f"SELECT {trim('x')} AS w FROM (SELECT {literal(cell)} AS x)"
    told = engine().raw_sql(f"SELECT {cells.typed(kind, 'w', Form(**form))} FROM ({word})")
    return told.fetchone()[0]


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1234.5", "1234.50"),
        ("￥1,234.50", "1234.50"),
        ("¥45", "45"),
        ("(45.10)", "-45.10"),
        ("(￥1,234.00)", "-1234"),
        ("45.10-", "-45.10"),
        ("-￥5", "-5"),
        ("$-5", "-5"),
        ("１２３．５０", "123.50"),
        ("1.2万", "12000"),
        ("3亿", "300000000"),
        ("45元", "45"),
        ("人民币1,000元", "1000"),
        ("RMB 12", "12"),
        ("US$ 1,000", "1000"),
        ("1,000.00 USD", "1000"),
        ("1 234.5", "1234.50"),
        ("1\u00a0234", "1234"),
        ("12,34,567", "1234567"),
        (".5", "0.50"),
        ("5.", "5"),
        ("+7", "7"),
        ("1e3", "1000"),
        ("1.005", "1.01"),
        (" 8 ", "8"),
        ("\u30009", "9"),
    ],
)
def test_money_is_read_with_signs_groups_and_currencies(cell, amount):
    assert read("money", cell) == Decimal(amount)


@pytest.mark.parametrize(
    "cell",
    [
        "10,50",
        "1,23",
        "1,234,56",
        "1.234.5",
        "12 abc",
        "many",
        "￥",
        "1-2",
        "((1))",
        "9" * 17,
        "nan?",
    ],
)
def test_what_is_no_amount_is_not_guessed(cell):
    assert read("money", cell) is None


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1.234,50", "1234.50"),
        ("10,5", "10.50"),
        ("1.234", "1234"),
        ("€ 5,00", "5"),
        ("1 234,50", "1234.50"),
        ("-3,10", "-3.10"),
        ("12", "12"),
        ("12.34", None),
        ("1,234.50", None),
    ],
)
def test_a_decimal_comma_is_a_comma_throughout(cell, amount):
    assert read("money", cell, decimal=",") == (amount and Decimal(amount))


def test_money_in_units_and_with_tax_becomes_the_currency_net():
    assert read("money", "1.23456", unit=10_000) == Decimal("12345.60")
    assert read("money", "113", tax_included=0.13) == Decimal("100.00")
    assert read("money", "-1.13", tax_included=0.13, unit=10_000) == Decimal("-10000.00")


NOON = "2024-03-05 12:00:00"


@pytest.mark.parametrize(
    ("cell", "when"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5 9:05", "2024-03-05 09:05:00"),
        ("2024.3.5", "2024-03-05"),
        ("2024-03-05T12:00:00", NOON),
        ("2024年3月5日", "2024-03-05"),
        ("2024年3月5日 12:00", NOON),
        ("2024年3月5日12时00分", NOON),
        ("2024年03月", "2024-03-01"),
        ("2024-03", "2024-03-01"),
        ("202403", "2024-03-01"),
        ("20240305", "2024-03-05"),
        ("20240305120000", NOON),
        ("45356", "2024-03-05"),
        ("45356.5", NOON),
        ("1709640000", NOON),
        ("1709640000000", NOON),
        ("5 Mar 2024", "2024-03-05"),
        ("5-Mar-24", "2024-03-05"),
        ("Mar 5, 2024", "2024-03-05"),
        ("Tue, 5 Mar 2024", "2024-03-05"),
        ("March 5th, 2024 12:00 PM", NOON),
        ("24-3-5", "2024-03-05"),
        ("２０２４－０３－０５", "2024-03-05"),
        ("2024-03-05 23:59:59.999999", "2024-03-05 23:59:59.999999"),
    ],
)
def test_dates_are_read_in_many_forms(cell, when):
    assert read("date", cell) == datetime.fromisoformat(when)


@pytest.mark.parametrize(
    "cell",
    [
        "待定",
        "2024-02-30",
        "2024-13-01",
        "3/5/2024",
        "epoch",
        "infinity",
        "0024-01-01",
        "99999",
        "1",
        "100",
        "2024/3/5 下午 2:00",
        "2300-01-01",
        "20241340",
    ],
)
def test_what_is_no_date_is_not_guessed(cell):
    assert read("date", cell) is None


@pytest.mark.parametrize(
    ("cell", "order", "when"),
    [
        ("3/5/2024", "MDY", "2024-03-05"),
        ("3/5/2024", "DMY", "2024-05-03"),
        ("12/1/2010 8:26", "MDY", "2010-12-01 08:26:00"),
        ("03.05.24", "DMY", "2024-05-03"),
        ("3/5/2024 2:05 PM", "MDY", "2024-03-05 14:05:00"),
        ("31.12.2024 23:59", "DMY", "2024-12-31 23:59:00"),
        ("13/5/2024", "MDY", None),
        ("5/13/2024", "DMY", None),
        ("2024-03-05", "MDY", "2024-03-05"),
        ("45356", "DMY", "2024-03-05"),
    ],
)
def test_the_order_of_day_and_month_is_the_sources(cell, order, when):
    assert read("date", cell, date_order=order) == (when and datetime.fromisoformat(when))


@pytest.mark.parametrize(
    ("cell", "when"),
    [
        ("2024-03-05 00:30:00+08:00", "2024-03-05 00:30"),
        ("2024-03-05T16:30:00Z", "2024-03-06 00:30"),
        ("2024-03-05 16:30:00 -0500", "2024-03-06 05:30"),
        ("2024-03-05 16:30:00 UTC", "2024-03-06 00:30"),
        ("2024-03-05 10:00", "2024-03-05 10:00"),
        ("1709600000", "2024-03-05 08:53:20"),
    ],
)
def test_zoned_times_become_the_clock_of_the_sources_zone(cell, when):
    assert read("date", cell, time_zone="Asia/Shanghai") == datetime.fromisoformat(when)


def test_without_a_zone_the_clock_is_kept_as_written():
    assert read("date", "2024-03-05 00:30:00+08:00") == datetime(2024, 3, 5, 0, 30)


@pytest.mark.parametrize(
    ("cell", "known"),
    [
        ("007", "007"),
        ('="007"', "007"),
        ("'007", "007"),
        ("12345.0", "12345"),
        ("12.50", "12.50"),
        ("ＶＩＰ００１", "VIP001"),
        (" x\t", "x"),
        ("C536379", "C536379"),
        ("NULL", None),
        ("nan", None),
        ("N/A", None),
        ("-", None),
        ("", None),
        ("张三", "张三"),
    ],
)
def test_ids_stay_text_without_what_exports_put_around_them(cell, known):
    assert read("id", cell) == known


@pytest.mark.parametrize(
    ("cell", "value"),
    [("7", 7), ("7.0", 7), ("８", 8), ("1,000", 1000), ("7.5", None), ("x", None)],
)
def test_whole_numbers_are_not_rounded(cell, value):
    assert read("integer", cell) == value


@pytest.mark.parametrize(
    ("cell", "value"), [("是", True), ("否", False), ("TRUE", True), ("0", False), ("2", None)]
)
def test_flags_are_read_in_both_languages(cell, value):
    assert read("flag", cell) is value


def test_text_that_says_null_is_still_text():
    assert read("text", "NULL") == "NULL"


def test_cells_are_typed_in_one_pass_however_many_columns_there_are():
    """A list of words in each cell's SQL must not become a join of all columns."""
    word = text.word("x")
    typed = ", ".join(cells.typed(kind, "w", Form()) for kind in ("integer", "money", "date"))
    sql = f"SELECT {typed} FROM (SELECT {word} AS w FROM (SELECT unnest(['1', '-']) AS x))"
    assert "JOIN" not in engine().raw_sql(f"EXPLAIN {sql}").fetchall()[0][1]
    assert len(sql) < 12_000  # each part of a text is written once
