"""Is the data dictionary in data/README.md that of the tables?"""

import pytest

from crmlab.home import home
from crmlab.tables import TABLES, dictionary


@pytest.fixture(scope="module")
def readme():
    return (home() / "data" / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made():
    return dictionary.dictionary()


def test_the_committed_dictionary_is_that_of_the_tables(readme):
    assert dictionary.update(readme) == readme, "run: make data/README.md"


@pytest.mark.parametrize("name", TABLES)
def test_every_column_has_its_row(made, name):
    section = made.split(f"### `{name}`: ", 1)[1].split("\n### ", 1)[0]
    rows = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{column}`" for column in TABLES[name].columns]


def test_rows_tell_kind_unit_range_and_whether_a_cell_may_be_empty(made):
    rows = made.splitlines()
    assert (
        "| `order_date` | Date of purchase | 购买日期 | date 日期 | – | – | required 必需 |" in rows
    )
    assert (
        "| `recommend` | Would recommend, 0–10 | 推荐意愿（0–10） | whole number 整数 | points 分 "
        "| 0..10 | required 必需, may be empty 可空 |" in rows
    )
    assert (
        "| `kind` | Kind | 类型 | code 代码 | – | `noncontract`, `contract` "
        "| may be absent 可缺列, may be empty 可空 |" in rows
    )


def test_the_simulated_company_is_marked_as_planted_in_each_of_its_tables(made):
    marked = "`chenxing` **planted, not evidence · 人为设定，不是证据**"
    sections = {part.split("`")[1]: part for part in made.split("### ")[1:]}
    assert marked in sections["survey"]
    assert marked in sections["customers"]
    assert marked not in sections["accounts"]
    assert "invented, but for the published figures" in sections["accounts"]


def test_every_unit_has_a_chinese_word():
    units = {column.unit for table in TABLES.values() for column in table.columns.values()}
    assert sorted(units - dictionary.UNITS.keys()) == [], "add it to UNITS in tables/dictionary.py"


def test_only_the_part_between_the_marks_is_written(readme):
    whole = dictionary.update(readme)
    spoilt = whole.replace("# Data · 数据", "# Our data").replace("| `order_date` |", "| `day` |")
    assert dictionary.update(spoilt) == whole.replace("# Data · 数据", "# Our data")


def test_a_text_without_the_marks_is_refused():
    with pytest.raises(ValueError, match=r"^the text lacks '<!-- tables: .*' or, below it, "):
        dictionary.update("# Data\n")
