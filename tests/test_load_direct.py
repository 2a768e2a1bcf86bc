"""Do typed Parquet files give, as they lie there, what staging them gives?"""

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crmlab import customers, load
from crmlab.errors import DataError
from crmlab.load import footers, read

TOML = (
    'currency = "CNY"\n{top}[orders]\npath = "*.parquet"\ncustomer_id = "who"\n'
    'order_date = "day"\namount = "paid"\n{more}'
)
WHOLE = pa.decimal128(18, 0)


def source(folder, frame, top="", more=""):
    pq.write_table(frame, folder / "lines.parquet")
    (folder / "s.toml").write_text(TOML.format(top=top, more=more), encoding="utf-8")
    return str(folder / "s.toml")


def lines(**other):
    """A few rows with what may be in them; columns can be replaced."""
    columns = {
        "who": pa.array(["a", "a", "b", None, "c", "b", "a", ""]),
        "day": pa.array(pd.to_datetime(
            ["2024-01-01 00:00", "2024-01-01 23:59:59.999999", "2024-02-29", "2024-01-05", None,
             "2024-03-01", "2024-04-01", "2024-04-02"], format="ISO8601")),
        "paid": pa.array([1, 250, -50, 700, 100, None, 0, 3]).cast(pa.decimal128(20)).cast(WHOLE),
        "state": pa.array(["paid", "paid", None, "paid", "paid", "paid", "closed", "paid"]),
    }  # fmt: skip
    return pa.table({**columns, **other})


def both(monkeypatch, told):
    """Return the lines as they lie in the file, and staged."""
    direct = load.orders(told)
    assert direct.staged is None
    read._read_once.cache_clear()
    monkeypatch.setattr(read, "obstacles", lambda *_: [("asked", "要求")])
    staged = load.orders(told)
    read._read_once.cache_clear()
    assert staged.staged is not None
    return direct, staged


FRAMES = {
    "plain": lines(),
    "whole_cents": lines(paid=pa.array([0.1, 1.005, -2.675, 4, 5, float("nan"), 7, 8])),
    "numbers_as_ids": lines(who=pa.array([1, 1, 2, None, 3, 2, 1, 2])),
    "days": lines(day=lines()["day"].cast(pa.date32(), safe=False)),
    "with_a_zone": lines(day=lines()["day"].cast(pa.timestamp("us", "UTC"))),
    "integers": lines(paid=pa.array([1, 250, -50, 700, 100, None, 0, 3])),
    "doubled": pa.concat_tables([lines(), lines(), lines().slice(0, 1)]),
    "chinese_ids": lines(who=pa.array(["张三", "张三", "李四", None, "王", "李四", "张三", "王"])),
}


@pytest.mark.parametrize("name", FRAMES)
def test_it_is_what_staging_gives(tmp_path, monkeypatch, name):
    more = 'status = "state"\ndrop_status = ["closed"]\n'
    top = 'time_zone = "Asia/Shanghai"\nas_of = 2024-03-31\n'
    direct, staged = both(monkeypatch, source(tmp_path, FRAMES[name], top, more))
    pd.testing.assert_frame_equal(direct.ledger, staged.ledger)
    order = ["customer_id", "order_date", "amount", "status"]
    mine, theirs = (
        each.to_pandas().sort_values(order, ignore_index=True) for each in (direct, staged)
    )
    pd.testing.assert_frame_equal(mine, theirs)
    assert (direct.first_day, direct.as_of) == (staged.first_day, staged.as_of)
    assert (direct.rows, direct.reasons) == (staged.rows, staged.reasons)
    pd.testing.assert_frame_equal(customers.summarise(direct), customers.summarise(staged))


@pytest.mark.parametrize("how", [
    {}, {"write_statistics": False}, {"row_group_size": 2}, {"write_statistics": ["who", "day"]},
])  # fmt: skip
def test_complete_files_are_told_by_their_footers_as_by_their_cells(tmp_path, monkeypatch, how):
    whole = lines().filter(pa.array([True, True, True, False, False, False, True, False]))
    told = source(tmp_path, whole)
    pq.write_table(whole, tmp_path / "lines.parquet", **how)
    later = load.unlooked_orders(told)
    read._read_once.cache_clear()
    direct, staged = both(monkeypatch, told)
    for found in (later, direct):
        assert found.staged is None
        pd.testing.assert_frame_equal(found.ledger, staged.ledger)
        assert (found.rows, found.first_day, found.as_of, found.largest) == (
            4, staged.first_day, staged.as_of, 250.0,
        )  # fmt: skip


def test_a_cell_that_is_missing_is_not_overlooked_by_footers(tmp_path):
    pq.write_table(lines(), tmp_path / "lines.parquet", write_statistics=False)
    assert footers.told([tmp_path / "lines.parquet"], ["paid"]) == footers.Told(8, {})
    pq.write_table(lines(), tmp_path / "lines.parquet", row_group_size=4)
    told = footers.told([tmp_path / "lines.parquet"] * 2, ["paid", "who", "none"])
    assert told == footers.Told(16, {})
    assert load.unlooked_orders(source(tmp_path, lines())).rows == 4


def test_a_day_beyond_all_days_is_left_to_staging(tmp_path):
    told, path = source(tmp_path, lines()), tmp_path / "lines.parquet"
    rows = "VALUES ('a', '2024-01-01'::TIMESTAMP, 1.00::DECIMAL(18, 2)), ('b', 'infinity', 2.00)"
    duckdb.sql(f"COPY (SELECT * FROM ({rows}) t(who, day, paid)) TO '{path}'")
    assert footers.told([path], ["day"]) == footers.Told(2, {"day": (None, None)})
    for found in (load.orders(told), load.unlooked_orders(told)):
        assert found.staged is not None
        assert (found.rows, str(found.as_of)) == (2, "9999-12-31")


def test_rejected_rows_are_found_in_the_file(tmp_path):
    told = source(tmp_path, lines())
    found = load.orders(told)
    head, *rows = load.rejected(told, found)
    assert head[:3] == ("file", "row", "reason")
    assert [(row[1], row[2]) for row in rows] == [
        ("4", "no_customer_id"), ("5", "no_order_date"), ("6", "no_amount"),
        ("8", "no_customer_id"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "frame",
    [
        lines(who=pa.array(["a ", "a", "b", None, "c", "b", "a", "b"])),
        lines(who=pa.array(["a\t", "a", "b", None, "c", "b", "a", "b"])),
        lines(who=pa.array(["Subtotal", "a", "b", None, "c", "b", "a", "b"])),
        lines(who=pa.array(["ａ", "a", "b", None, "c", "b", "a", "b"])),
        lines(who=pa.array(["合计", "a", "b", None, "c", "b", "a", "b"])),
        lines(who=pa.array(["12.0", "a", "b", None, "c", "b", "a", "b"])),
        lines(who=pa.array(["NULL", "a", "b", None, "c", "b", "a", "b"])),
        lines(paid=pa.array(["1", "2", "3", "4", "5", "6", "7", "￥8"])),
        lines(day=pa.array(["2024-01-01"] * 8)),
    ],
)
def test_what_has_to_be_cleaned_is_staged(tmp_path, frame):
    found = load.orders(source(tmp_path, frame))
    assert found.staged is not None
    assert not found.notes or {note.code for note in found.notes} == {"unreadable_amount"}


def test_files_that_differ_are_staged_and_a_damaged_one_is_a_sentence(tmp_path):
    told = source(tmp_path, lines())
    pq.write_table(lines(paid=pa.array([1.5] * 8)), tmp_path / "other.parquet")
    assert load.orders(told).staged is not None
    (tmp_path / "other.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"other\.parquet"):
        load.orders(told)


def test_a_part_of_the_rows_is_staged(tmp_path):
    told = source(tmp_path, lines(), more='status = "state"\n')
    assert load.orders(told, "status:paid").rows == 2
    assert load.orders(told).rows == 4
