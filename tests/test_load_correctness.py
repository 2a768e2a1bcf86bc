"""Are the sources what they are published to be, and is every row accounted for?"""

from datetime import date

import pytest

from crmlab import load


def ledger(lines):
    return lines.ledger.set_index("reason")


def test_cdnow_master_is_the_published_one(cdnow_master):
    told = ledger(cdnow_master)
    assert cdnow_master.rows == 69_659
    assert told.loc["rows_used", "amount"] == pytest.approx(2_500_315.63, abs=1e-6)
    assert told.loc["exact_duplicates", "rows"] == 255
    assert told.loc["zero_amount", "rows"] == 80
    assert (cdnow_master.first_day, cdnow_master.as_of) == (date(1997, 1, 1), date(1998, 6, 30))


def test_cdnow_sample_is_a_tenth_of_it(cdnow, cdnow_master):
    sample = set(cdnow.table.customer_id.execute())
    whole = set(cdnow_master.table.customer_id.execute())
    assert (cdnow.rows, len(sample)) == (6_919, 2_357)
    assert sample < whole


def test_ids_stay_text_with_their_zeros(cdnow):
    assert cdnow.table.customer_id.min().execute() == "00004"


def test_money_is_decimal_in_the_engine(cdnow):
    kind = cdnow.table.schema()["amount"]
    assert (kind.precision, kind.scale) == (18, 2)


def write(folder, text, options=""):
    (folder / "orders.csv").write_text(text, encoding="utf-8")
    toml = folder / "shop.toml"
    toml.write_text(
        f'currency = "CNY"\n[orders]\npath = "orders.csv"\ncustomer_id = "客户"\n'
        f'order_date = "日期"\namount = "金额"\n{options}',
        encoding="utf-8",
    )
    return str(toml)


def test_rows_read_are_used_or_left_out_for_a_reason(tmp_path):
    rows = ["01,2024-03-05,10.50", ",2024-03-06,20", "02,,5", "02,2024-03-07,", "02,2024-03-07,-1"]
    text = "\n".join(["客户,日期,金额", *rows, ""])
    lines = load.orders(write(tmp_path, text))
    told = ledger(lines)
    left_out = told.loc[["no_customer_id", "no_order_date", "no_amount"], "rows"]
    assert left_out.tolist() == [1, 1, 1]
    assert told.loc["rows_read", "rows"] == told.loc["rows_used", "rows"] + left_out.sum() == 5
    assert told.loc["rows_used", "amount"] == pytest.approx(9.5)
    assert told.loc["no_customer_id", "amount"] == pytest.approx(20)
    assert told.loc["negative_amount", "rows"] == 1


def test_a_row_lacking_two_cells_is_counted_once(tmp_path):
    told = ledger(load.orders(write(tmp_path, "客户,日期,金额\n01,2024-03-05,1\n,,\n,,5\n")))
    assert told["rows"].to_dict() == {
        "rows_read": 3,
        "empty_row": 1,
        "no_customer_id": 1,
        "rows_used": 1,
    }


def test_dates_are_read_by_their_format(tmp_path):
    toml = write(tmp_path, "客户,日期,金额\n01,05.03.2024,1\n", 'date_format = "%d.%m.%Y"\n')
    assert load.orders(toml).as_of == date(2024, 3, 5)


def test_the_fingerprint_follows_the_data(tmp_path):
    toml = write(tmp_path, "客户,日期,金额\n01,2024-03-05,1\n")
    before = load.fingerprint(load.find(toml))
    assert load.fingerprint(load.find(toml)) == before
    write(tmp_path, "客户,日期,金额\n01,2024-03-05,2\n")
    assert load.fingerprint(load.find(toml)) != before
    assert load.orders(toml).table.amount.sum().execute() == 2
