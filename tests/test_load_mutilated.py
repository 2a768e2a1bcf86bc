"""Whatever is done to a file: is it a sentence or a ledger that adds up, never a traceback?"""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlab import load
from crmlab.errors import CrmlabError

HEAD = "客户,日期,金额,备注"
CELLS = [
    "K001",
    "2024-03-05",
    "1,234.50",
    "合计",
    "",
    "待定",
    "￥5",
    "(3)",
    "x" * 50,
    "a\nb",
    '"',
    "'7",
]
cell = st.one_of(st.sampled_from(CELLS), st.text(max_size=6))
row = st.tuples(
    st.sampled_from(["K001", "K002", "", "合计"]),
    st.sampled_from(["2024-03-05", "2024/3/6 10:00", "待定", ""]),
    st.sampled_from(["5", "-2.50", '"1,000.00"', "many", ""]),
    cell,
).map(",".join)
line = st.one_of(
    row, row, row, st.lists(cell, max_size=6).map(",".join), st.just(HEAD), st.just("")
)
ending = st.sampled_from(["\n", "\r\n", "\r"])
encoding = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"])


@st.composite
def files(draw):
    """Return the bytes of a file that was sound once."""
    lines = [HEAD, *draw(st.lists(line, max_size=25))]
    text = "".join(each + draw(ending) for each in lines)
    data = text.encode(draw(encoding), errors="replace")
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(data)))
        how = draw(st.sampled_from(["cut", "drop", "zero", "noise", "double"]))
        data = {
            "cut": data[:place],
            "drop": data[:place] + data[place + 1 :],
            "zero": data[:place] + b"\0" + data[place:],
            "noise": data[:place] + draw(st.binary(max_size=4)) + data[place:],
            "double": data[:place] + data[place // 2 :],
        }[how]
    return data


def source(folder, data):
    (folder / "o.csv").write_bytes(data)
    (folder / "s.toml").write_text(
        'currency = "CNY"\n[orders]\npath = "o.csv"\ncustomer_id = "客户"\norder_date = "日期"\n'
        'amount = "金额"\nunreadable_at_most = 1.0\n',
        encoding="utf-8",
    )
    return str(folder / "s.toml")


def read_or_told(toml):
    """Return the lines, or nothing if there was a sentence about the file in both languages."""
    told = None
    try:
        return load.orders(toml)
    except CrmlabError as error:
        told = error
    assert "o.csv" in told.en
    assert "o.csv" in told.zh
    return None


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_rows_in_are_rows_used_and_rows_left_out_for_a_reason(data):
    with tempfile.TemporaryDirectory() as folder:
        toml = source(Path(folder), data)
        lines = read_or_told(toml)
        if lines is None:
            return
        told = lines.ledger.set_index("reason")["rows"].to_dict()
        left = {reason: told.get(reason, 0) for reason in lines.staged.reasons}
        assert told["rows_read"] == told["rows_used"] + sum(left.values())
        assert told["rows_used"] == lines.table.count().execute() == lines.rows
        head, *rejected = load.rejected(toml, lines)
        assert sum(bool(row[2]) for row in rejected) == sum(left.values())
        assert {len(row) for row in rejected} <= {len(head)}


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_a_sentence_or_rows(data):
    with tempfile.TemporaryDirectory() as folder:
        lines = read_or_told(source(Path(folder), data))
        assert lines is None or lines.rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(-500, 500)), min_size=1), st.data())
def test_sound_rows_among_any_broken_ones_are_all_there(sales, data):
    """A line that is broken must not take a sound one with it."""
    sound = [f"{who},2024-03-05,{amount},x" for who, amount in sales]
    broken = ['D,2024-03-05,1,"open', "D,2024-03-05,1,2,3,4,5", 'D,2024-03-05,"1"0,", x']
    lines = [HEAD]
    for each in sound:
        lines += [*data.draw(st.lists(st.sampled_from(broken), max_size=2)), each]
    with tempfile.TemporaryDirectory() as folder:
        table = load.orders(source(Path(folder), "\n".join(lines).encode())).table
        kept = table.filter(table.customer_id != "D")
        assert kept.count().execute() == len(sales)
        assert int(kept.amount.sum().execute()) == sum(amount for _, amount in sales)
