"""Is the company the same company everywhere, and does it fit the tables?"""

import numpy as np
import pandas as pd
import pytest

from crmlab import company, load
from crmlab.home import home
from crmlab.tables import CUSTOMERS, SURVEY

COMMITTED = home() / "data" / "chenxing"
FILES = ["customers.csv", "survey.csv", "truth/attributes.csv", "truth/latent.csv",
         "truth/parameters.csv"]  # fmt: skip


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


def test_the_same_seed_writes_the_same_bytes(written, tmp_path):
    company.write(tmp_path)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (written / name).read_bytes(), name


def test_another_seed_is_another_company(tmp_path):
    company.write(tmp_path, seed=1, customers=30)
    survey = pd.read_csv(tmp_path / "survey.csv")
    assert len(pd.read_csv(tmp_path / "customers.csv")) == 30
    assert not survey.equals(pd.read_csv(COMMITTED / "survey.csv").head(len(survey)))


def test_each_table_has_a_stream_of_its_own():
    draws = [company.stream(2026, name).random(3).tolist() for name in ("orders", "survey")]
    again = company.stream(2026, "survey").random(3).tolist()
    assert draws[0] != draws[1] == again


def test_the_files_are_small_enough_for_the_repository():
    assert all((COMMITTED / name).stat().st_size < 1_000_000 for name in FILES)


def test_names_are_in_the_characters_of_the_report_font():
    names = "".join(pd.read_csv(COMMITTED / "customers.csv")["name"])
    assert names == names.encode("gb2312").decode("gb2312")


@pytest.mark.parametrize("table", [CUSTOMERS, SURVEY], ids=lambda t: t.name)
def test_every_column_of_the_table_is_there_and_no_other(table):
    header = pd.read_csv(COMMITTED / f"{table.name}.csv", nrows=0)
    assert set(header) == set(table.columns)


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
    told = (COMMITTED / "source.toml").read_text(encoding="utf-8")
    assert "truth" not in told
    assert "latent" not in told
