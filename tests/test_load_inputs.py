"""Is a source that cannot be used refused, with where, what and what is allowed?"""

import pytest

from crmlab import load
from crmlab.errors import DataError, RequestError

GOOD = """currency = "CNY"
[orders]
path = "orders.csv"
customer_id = "c"
order_date = "d"
amount = "a"
"""


def shop(folder, text="c,d,a\n1,2024-03-05,1\n", toml=GOOD):
    (folder / "orders.csv").write_text(text, encoding="utf-8")
    (folder / "shop.toml").write_text(toml, encoding="utf-8")
    return str(folder / "shop.toml")


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(RequestError) as told:
        load.orders("cdnov")
    assert told.value.en == (
        "there is no source 'cdnov' (did you mean cdnow?); "
        "allowed: cdnow, cdnow-master, chenxing, k-consulting, or a TOML file."
    )
    assert "是否指 cdnow" in told.value.zh


def test_a_source_without_the_table_says_what_it_has():
    with pytest.raises(RequestError) as told:
        load.table("cdnow", "survey")
    assert told.value.en == "source cdnow has no table survey; it has: orders."


def test_all_problems_of_a_toml_are_told_at_once(tmp_path):
    with pytest.raises(DataError) as told:
        load.orders(shop(tmp_path, toml='[orders]\npath = "orders.csv"\ncustomer = "c"\n[ordrs]\n'))
    assert told.value.en == (
        'shop.toml: it needs a currency such as currency = "CNY"; '
        "[orders] customer is neither a column nor an option; did you mean customer_id?; "
        "[orders] lacks customer_id, order_date, amount; "
        f"[ordrs] is no table of ours; allowed: {', '.join(load.read.TABLES)}."
    )


def test_a_broken_toml_is_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"^shop\.toml is no TOML: "):
        load.orders(shop(tmp_path, toml="currency = "))


def test_a_missing_file_is_named(tmp_path):
    toml = shop(tmp_path)
    (tmp_path / "orders.csv").unlink()
    with pytest.raises(DataError) as told:
        load.orders(toml)
    assert told.value.en == "orders.csv cannot be read: No such file or directory."


def test_a_missing_column_is_named_with_those_there_are(tmp_path):
    with pytest.raises(DataError) as told:
        load.orders(shop(tmp_path, "c,day,a\n1,2024-03-05,1\n"))
    assert told.value.en == "orders.csv has no column d; it has: c, day, a."


def test_cells_of_another_kind_are_counted_and_located_in_all_columns(tmp_path):
    text = "c,d,a\n1,2024-03-05,1\n2,待定,5\n3,2024-03-06,many\n4,soon,2\n"
    with pytest.raises(DataError) as told:
        load.orders(shop(tmp_path, text))
    assert told.value.en == (
        "orders.csv, column d: 2 of 4 cells are no date, first at row 3 ('待定'); "
        'date_order = "DMY" or "MDY", or a date_format, may help; '
        "orders.csv, column a: 1 of 4 cells are no money, first at row 4 ('many'); "
        'decimal = "," may help.'
    )
    assert told.value.zh.startswith("orders.csv 的 d 列：4 个单元格中有 2 个不是日期")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("c,d,a\n", "", id="header-only"),
        pytest.param(
            "c,d,a\n,,\n,2024-03-05,1\n",
            " Read: 2; left out: empty row 1, no customer 1.",
            id="empty-rows",
        ),
    ],
)
def test_a_file_without_a_usable_row_is_refused(tmp_path, text, why):
    with pytest.raises(DataError) as told:
        load.orders(shop(tmp_path, text))
    assert told.value.en == f"orders.csv has no row that can be used.{why}"


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    with pytest.raises(DataError) as told:
        load.orders(shop(tmp_path, ""))
    assert told.value.en == "orders.csv is empty."


def test_names_with_quotes_are_only_names(tmp_path):
    toml = GOOD.replace('"c"', "'c\"; DROP TABLE x; --'")
    lines = load.orders(shop(tmp_path, '"c""; DROP TABLE x; --",d,a\n1,2024-03-05,1\n', toml))
    assert lines.rows == 1
