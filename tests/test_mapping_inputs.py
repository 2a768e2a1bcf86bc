"""Is what cannot be mapped a sentence, and is nothing in a file ever more than data?"""

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from crmlab import load, mapping
from crmlab.__main__ import app
from crmlab.errors import CrmlabError, DataError, RequestError
from crmlab.mapping.render import plain, text
from tests import mapping_files as files


def rows(n=20):
    return [[f"k{k % 7}", f"2023-01-{k % 28 + 1:02d}", f"{k}.50"] for k in range(n)]


def told(paths, error=DataError):
    with pytest.raises(error) as found:
        mapping.propose(paths)
    return found.value


def test_a_file_of_which_nothing_can_be_made_says_what_is_lacking(tmp_path):
    head = ["order_id", "user_id", "order_number", "order_dow", "days_since_prior_order"]
    log = [[n, n // 5, n % 5, n % 7, "" if n % 5 == 0 else "7.0"] for n in range(40)]
    error = told([files.write(tmp_path / "orders.csv", head, log)])
    assert error.en == (
        "orders.csv cannot be mapped: for orders it lacks a date (order_date), money (amount, or "
        "quantity and unit_price), and for no other table has it all; it has: order_id, user_id, "
        "order_number, order_dow, days_since_prior_order."
    )
    assert error.zh.startswith("无法映射 orders.csv：作为订单表缺少日期（order_date）、金额")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("a.csv", b"", "a.csv is empty.", id="empty"),
        pytest.param("a.csv", b"c,d,a\n", "a.csv has no row below its header.", id="header-only"),
        pytest.param("a.csv", None, "a.csv cannot be read: No such file or directory.", id="gone"),
        pytest.param("a.xlsx", b"PK", None, id="no-workbook"),
        pytest.param("a.parquet", b"PAR1", None, id="no-parquet"),
    ],
)
def test_a_file_that_cannot_be_looked_at_is_a_sentence(tmp_path, name, content, sentence):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    error = told([path])
    assert error.en == (sentence or error.en)


def test_a_folder_is_a_sentence(tmp_path):
    (tmp_path / "exports").mkdir()
    assert told([tmp_path / "exports"]).en.startswith("exports is a folder; name its files")


def test_no_file_and_a_wrong_currency_are_sentences(tmp_path):
    assert told([], RequestError).en == "name at least one file."
    path = files.write(tmp_path / "a.csv", ["customer", "date", "amount"], rows())
    with pytest.raises(RequestError, match="a code such as CNY or USD"):
        mapping.propose([path], currency="yuan")


NASTY = [
    'a "quoted" name', "back\\slash", "it's", '"""', "'''", "[red]markup[/]", ":warning:",
    "x # y", "]\n[orders]", "tab\there", "\x1b[31mred", "\u202eright", "金额\x00", "${HOME}",
    "=1+1", "\u2028line", "\x85next",
]  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_headings_are_quoted_for_toml_and_comments(tmp_path, lang):
    head = ["customer", "date", "amount", *NASTY, *(f"customer {name}" for name in NASTY)]
    some = [[*row, *["x"] * (len(head) - 3)] for row in rows()]
    path = files.write(tmp_path / "a.csv", head, some)
    made = mapping.toml_text(mapping.propose([path], name="".join(NASTY)), lang=lang)
    source = tomllib.loads(made)
    assert set(source) == {"name", "currency", "orders"}
    assert source["orders"].keys() == {"path", "customer_id", "order_date", "amount"}
    assert not {"\x1b", "\u202e", "\x85", "\u2028"} & set(made)


@pytest.mark.parametrize("name", NASTY[::3])
def test_a_mapped_heading_with_odd_signs_is_found_again(tmp_path, name):
    head = ["customer", "date", f"实付金额 {name}"]
    path = files.write(tmp_path / "a.csv", head, rows())
    toml = tmp_path / "a.toml"
    toml.write_text(mapping.toml_text(mapping.propose([path])), encoding="utf-8")
    assert load.orders(str(toml)).table.amount.sum().execute() == 200


def test_states_are_quoted_too(tmp_path):
    head = ["customer", "date", "amount", "status"]
    some = [[*row, "cancelled" if n % 3 else 'odd "\n] state'] for n, row in enumerate(rows())]
    path = files.write(tmp_path / "a.csv", head, some)
    made = tomllib.loads(mapping.toml_text(mapping.propose([path])))
    assert made["orders"]["drop_status"] == ["cancelled"]


def test_a_query_over_odd_headings_runs(tmp_path):
    head = ["客户编号", "总体满意度", "推荐意愿", "it's \"odd\" '''"]
    path = files.write(tmp_path / "a.csv", head, [[f"k{n}", n % 9 + 1, 9, "x"] for n in range(20)])
    toml = tmp_path / "a.toml"
    toml.write_text(mapping.toml_text(mapping.propose([path])), encoding="utf-8")
    answers = load.table(str(toml), "survey").to_pandas()
    assert answers["loyalty"].isna().all()


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["2024-01-05", "13/01/2024", "45000", "￥1,200.50", "(3)", "1.234,5", "合计",
                     "", "-", "001", "13800000000", "true", "交易成功", "C536365", "9" * 40]),
)  # fmt: skip
HEADINGS = st.one_of(
    st.text(max_size=10),
    st.sampled_from(["customer_id", "日期", "金额", "DAY", "Quantity", "Price", "status", "订单号",
                     "总体满意度", "忠诚度", "推荐意愿", "发票号", "到期日", "币种"]),
)  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_headings_and_cells_give_a_toml_or_a_sentence(tmp_path, data):
    width = data.draw(st.integers(1, 6))
    head = data.draw(st.lists(HEADINGS, min_size=width, max_size=width))
    cells = st.lists(CELLS, min_size=width, max_size=width)
    path = tmp_path / "a.csv"
    some = data.draw(st.lists(cells, max_size=8))
    path.write_bytes("\n".join(",".join(row) for row in [head, *some]).encode("utf-8", "ignore"))
    try:
        proposal = mapping.propose([path])
    except CrmlabError:  # two sentences, whatever they are
        return
    toml = tmp_path / "a.toml"
    toml.write_text(mapping.toml_text(proposal, lang="zh"), encoding="utf-8")
    load.find(str(toml))


@given(st.text())
def test_any_text_is_quoted_so_that_toml_gives_it_back(value):
    clean = value.encode("utf-8", "ignore").decode()
    assert tomllib.loads(f"x = {text(clean)} # {plain(clean)}")["x"] == clean


@pytest.fixture
def run():
    return lambda *told: CliRunner().invoke(app, ["map", *map(str, told)])


def test_the_command_prints_toml_and_tells_doubts_apart(tmp_path, run):
    path = files.write(tmp_path / "a.csv", ["customer", "date", "amount", "[b]x[/b] :smile:"],
                       [[*row, ""] for row in rows()])  # fmt: skip
    done = run(path, "--lang", "en", "--currency", "USD", "--name", "shop")
    assert done.exit_code == 0
    assert tomllib.loads(done.stdout)["name"] == "shop"
    assert "not mapped: [b]x[/b] :smile:" in done.stdout
    assert done.stderr.splitlines()[-1].endswith("crmlab check FILE.toml")


def test_the_command_writes_a_file_once(tmp_path, run):
    path = files.write(tmp_path / "a.csv", ["customer", "date", "amount"], rows())
    out = tmp_path / "shop.toml"
    assert run(path, "--out", out, "--lang", "zh").exit_code == 0
    assert tomllib.loads(out.read_text(encoding="utf-8"))["orders"]["path"] == "a.csv"
    assert load.orders(str(out)).rows == 20
    again = run(path, "--out", out)
    assert isinstance(again.exception, RequestError)
    assert "--force overwrites it" in again.exception.en
    assert run(path, "--out", out, "--force").exit_code == 0


@pytest.mark.parametrize(("name", "why"), [("a.txt", ".toml"), ("no/a.toml", "there is no folder")])
def test_where_it_is_written_must_make_sense(tmp_path, run, name, why):
    path = files.write(tmp_path / "a.csv", ["customer", "date", "amount"], rows())
    assert why in run(path, "--out", tmp_path / name).exception.en
