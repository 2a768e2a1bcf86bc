"""Is the company the same company everywhere, and does it fit the tables?"""

import ast
import hashlib
import tomllib

import nbformat
import numpy as np
import pandas as pd
import pytest

from crmlab import company, load
from crmlab.home import home
from crmlab.tables import TABLES

COMMITTED = home() / "data" / "chenxing"
FILES = sorted(str(path.relative_to(COMMITTED)) for path in COMMITTED.rglob("*.csv"))
SOURCE = tomllib.loads((COMMITTED / "source.toml").read_text(encoding="utf-8"))
SECTIONS = [name for name, section in SOURCE.items() if isinstance(section, dict)]
READERS = [
    *(home() / "notebooks").rglob("*.ipynb"),
    *(path for path in (home() / "crmlab").rglob("*.py")
      if path.relative_to(home() / "crmlab").parts[0] not in {"company", "__main__.py"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chenxing")
    company.write(folder)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_committed_files_are_what_the_code_makes(written, name):
    """By value within one unit: another processor's exp may differ in the last bit."""
    ours, theirs = pd.read_csv(COMMITTED / name), pd.read_csv(written / name)
    assert list(ours) == list(theirs)
    unit = 0.0011 if name.startswith("truth") else 1
    for column in ours:
        if pd.api.types.is_float_dtype(ours[column]):
            np.testing.assert_allclose(ours[column], theirs[column], atol=unit)
        else:
            assert ours[column].equals(theirs[column]), column


def test_the_source_of_the_committed_files_is_what_the_code_writes(written):
    name = "source.toml"
    assert (written / name).read_bytes() == (COMMITTED / name).read_bytes()


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for place in ("one", "two"):
        company.write(tmp_path / place, customers=150)
    for name in [*FILES, "source.toml", "checksums.txt"]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_code_makes_the_committed_files_and_no_other(written):
    made = sorted(str(path.relative_to(written)) for path in written.rglob("*.csv"))
    assert made == FILES


def test_the_committed_files_have_their_checksums():
    lines = (COMMITTED / "checksums.txt").read_text(encoding="utf-8").splitlines()
    told = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sorted(told) == sorted([*FILES, "source.toml"])
    for name, digest in told.items():
        assert hashlib.sha256((COMMITTED / name).read_bytes()).hexdigest() == digest, name


def test_another_seed_is_another_company():
    one, other = (company.build(seed, customers=30).tables for seed in (1, 2026))
    assert len(one["customers"]) == len(other["customers"]) == 30
    for name, table in one.items():
        assert name == "standards" or not table.equals(other[name]), name


def test_each_table_has_a_stream_of_its_own():
    draws = [company.stream(2026, name).random(3).tolist() for name in ("orders", "survey")]
    again = company.stream(2026, "survey").random(3).tolist()
    assert draws[0] != draws[1] == again


def test_the_files_are_small_enough_for_the_repository():
    sizes = {name: (COMMITTED / name).stat().st_size for name in FILES}
    assert sum(sizes.values()) <= 12_000_000
    assert {name for name, size in sizes.items() if size > 1_000_000} <= {
        "orders.csv", "order_lines.csv"
    }  # fmt: skip


def test_names_are_in_the_characters_of_the_report_font():
    names = "".join(pd.read_csv(COMMITTED / "customers.csv")["name"])
    assert names == names.encode("gb2312").decode("gb2312")


@pytest.mark.parametrize("name", SECTIONS)
def test_every_column_of_the_table_is_there_and_no_other(name):
    header = pd.read_csv(COMMITTED / f"{name}.csv", nrows=0)
    contact = {"consent", "do_not_contact"}
    of_other_sources = {
        "customers": contact,
        "orders": contact | {
            "product_id", "quantity", "unit_price", "status", "refund_amount", "original_order_id",
        },
    }.get(name, set())  # fmt: skip
    assert set(header) == set(TABLES[name].columns) - of_other_sources
    assert set(SOURCE[name]) == {"path", *header}


def test_who_does_not_answer_leaves_no_answers():
    survey = pd.read_csv(COMMITTED / "survey.csv")
    answers = survey.drop(columns=["customer_id", "wave", "surveyed_on", "responded"])
    assert answers[~survey["responded"]].isna().all(axis=None)
    skipped = answers[survey["responded"]].isna().mean().mean()
    assert skipped == pytest.approx(0.01, abs=0.001)


def test_nobody_is_asked_before_being_a_customer():
    customers = pd.read_csv(COMMITTED / "customers.csv", parse_dates=["acquired_on"])
    survey = pd.read_csv(COMMITTED / "survey.csv", parse_dates=["surveyed_on"])
    both = survey.merge(customers, on="customer_id", validate="many_to_one")
    assert len(both) == len(survey)
    assert (both["acquired_on"] < both["surveyed_on"]).all()


def test_the_source_reads_them_with_the_right_types():
    lines = load.table("chenxing", "survey")
    survey = lines.to_pandas()
    raw = pd.read_csv(COMMITTED / "survey.csv")
    assert (lines.currency, lines.rows) == ("CNY", len(raw))
    assert lines.as_of == pd.Timestamp(raw["surveyed_on"].max()).date()
    assert survey["loyalty"].dtype == "Int64"
    assert survey["responded"].dtype == survey["incentive"].dtype == "boolean"
    assert survey["incentive"].isna().sum() == raw["incentive"].isna().sum()
    assert survey["loyalty"].sum() == raw["loyalty"].sum()
    assert load.table("chenxing", "customers").to_pandas()["is_dealer"].sum() > 0


def test_the_source_does_not_reach_the_truth():
    hidden = COMMITTED / "truth"
    assert hidden.is_dir()
    for name, file in load.find("chenxing").files.items():
        assert all(hidden not in path.parents for path in file.all_paths), name
    for secret in hidden.iterdir():
        assert secret.name not in {section["path"] for section in map(SOURCE.get, SECTIONS)}


def code_of(path):
    """Return a module's source, or that of a notebook's code cells."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", READERS, ids=lambda p: str(p.relative_to(home())))
def test_no_notebook_and_no_module_reads_the_truth(path):
    """The truth is a folder of that name, or made by crmlab.company: neither is named.

    One notebook makes companies of its own by `crmlab.company.planted`, to show what its method
    finds where the answer is known: it may use that, and nothing else of the company.
    """
    secrets = {f"{secret.stem}.csv" for secret in (COMMITTED / "truth").iterdir()}
    rehearses = path.name == "value_of_satisfaction.ipynb"
    for node in ast.walk(ast.parse(code_of(path))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert "truth/" not in node.value
            assert node.value not in {"truth", *secrets}
        elif isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("crmlab.company")
            named = {a.name for a in node.names if node.module == "crmlab"}
            assert rehearses or "company" not in named
        elif isinstance(node, ast.Import):
            assert not any(a.name.startswith("crmlab.company") for a in node.names)
        elif isinstance(node, ast.Attribute):
            assert node.attr != "truth"
            if rehearses and isinstance(node.value, ast.Name) and node.value.id == "company":
                assert node.attr == "planted"
