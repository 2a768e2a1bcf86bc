"""Does the check agree with itself, with the ledger, and with what the notebooks themselves say?"""

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

from crmlab import check, clv, load, loyalty, page, segment
from crmlab.customers import split, summarise
from crmlab.errors import Finding
from crmlab.lang import glossary
from crmlab.report import notebooks
from crmlab.report.readiness import RANK, readiness
from crmlab.tables import TABLES
from tests.shops import added, clean, found, source

CODE = Path(check.__file__).parent
ROOT = CODE.parents[1]


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The company's source with those tables only that notebooks need."""
    folder, home = tmp_path_factory.mktemp("company"), ROOT / "data" / "chenxing"
    needed = {table for notebook in notebooks() for table in notebook.tables}
    written = (home / "source.toml").read_text(encoding="utf-8")
    top, *sections = re.split(r"^(?=\[)", written, flags=re.MULTILINE)
    kept = [each for each in sections if each[1:].split("]")[0] in needed]
    told = re.sub(r'path = "', f'path = "{home.as_posix()}/', "".join([top, *kept]))
    (folder / "chenxing.toml").write_text(told, encoding="utf-8")
    return str(folder / "chenxing.toml")


@pytest.fixture(scope="module")
def chenxing(company):
    return {each.notebook: each for each in readiness(company, "zh")}


def test_the_order_of_rows_changes_nothing(tmp_path):
    rows = added(added(clean(), 90, who="散客"), 60, paid="-20")
    mixed = rows.sample(frac=1, random_state=1)
    (tmp_path / "mixed").mkdir()
    assert found(tmp_path, rows) == found(tmp_path / "mixed", mixed)


def test_rows_after_as_of_are_not_seen(tmp_path):
    rows = clean()
    later = added(rows, 200, day="2025-03-01", paid="0", who="散客")
    whole = found(tmp_path, later)
    assert {"zero_amounts", "placeholder_id", "gaps", "spikes"} <= whole.keys()
    assert found(tmp_path, later, as_of="2024-12-31") == {}


def test_the_last_day_is_the_default(tmp_path):
    rows = added(clean(), 60, paid="-20")
    assert found(tmp_path, rows) == found(tmp_path, rows, as_of="2024-12-31")


@pytest.mark.parametrize("as_of", ["", "1997-12-31"])
def test_levels_agree_with_the_customers(cdnow, as_of):
    each, steps = summarise(cdnow, as_of=as_of), check.levels(cdnow, as_of=as_of)
    assert steps["count"]["customers"] == len(each)
    assert steps["count"]["occasions"] == each["orders"].sum()
    assert steps["amount"]["customers"] == pytest.approx(each["spend"].sum())
    assert steps["count"].is_monotonic_decreasing


def test_levels_begin_where_the_ledger_ends(cdnow_master):
    used = cdnow_master.ledger.set_index("reason").loc["rows_used"]
    assert check.levels(cdnow_master).loc["rows_used"].tolist() == [used["rows"], used["amount"]]


def test_a_report_says_the_cautions_first_and_then_the_levels(tmp_path):
    rows = added(clean(), 200, who="散客", paid="0")
    lines = load.orders(source(tmp_path, rows))
    told = check.brief(lines)
    assert told[:-1] == [each for each in check.findings(lines) if each.level == "caution"]
    assert (told[-1].code, told[-1].level) == ("levels", "ready")
    assert told[-1].en.startswith(f"{len(rows):,} rows → {len(rows):,} orders → ")


def test_a_report_says_of_another_table_only_its_cautions():
    assert check.brief(load.table("cdnow", "orders"))[-1].code == "levels"
    assert check.brief(load.table("chenxing", "contacts")) == []


def test_the_known_sources_have_no_caution(cdnow, cdnow_master):
    for lines in (cdnow, cdnow_master, load.orders("chenxing")):
        assert [each for each in check.findings(lines) if each.level != "ready"] == []
        assert [each.code for each in check.brief(lines)] == ["levels"]


def codes():
    """Return the codes of all findings, as they stand in the folder's calls."""
    calls = [
        node
        for path in CODE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("caution", "note", "finding")
    ]
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


def test_every_code_has_a_word_in_both_languages():
    assert len(codes()) > 20
    assert codes() - glossary().keys() == set()


def test_every_reason_of_every_table_has_a_word():
    columns = {column for table in TABLES.values() for column in table.columns}
    reasons = {f"{start}_{column}" for column in columns for start in ("no", "bad")}
    assert reasons - glossary().keys() == set()
    assert glossary()["no_surveyed_on"] == {
        "en": "Left out: Asked on empty",
        "zh": "剔除：调查日期为空",
    }


def test_every_finding_is_a_sentence_in_both_languages(tmp_path):
    rows = added(added(clean(), 90, who="散客"), 60, paid="-20")
    for each in found(tmp_path, rows).values():
        assert each.en[-1] in ".?"
        assert each.zh[-1] in "。？"
        assert "金额 -" not in each.zh


def test_readiness_covers_every_notebook_that_takes_a_source(chenxing):
    takes = [n.name for n in notebooks() if any(p.contract == "source" for p in n.parameters)]
    assert list(chenxing) == takes
    assert {each.level for each in chenxing.values()} <= set(RANK)


def own(name, company):
    """Return what the subject itself says of chenxing, at the notebook's own parameters."""
    at = {p.name: p.default for n in notebooks() if n.name == name for p in n.parameters}
    if name == "satisfaction_loyalty":
        survey = load.table(company, "survey").to_pandas()
        return loyalty.ready(survey, alpha_at_least=at["alpha_at_least"])
    orders = load.orders(company)
    each = summarise(orders)
    if name == "clv":
        return clv.ready(each, split(orders, holdout_weeks=at["holdout_weeks"]))
    return segment.ready(each)


@pytest.mark.parametrize("name", ["segmentation", "clv", "satisfaction_loyalty"])
def test_readiness_is_what_the_notebooks_own_findings_say(chenxing, company, name):
    said = own(name, company)
    told = [each for each in chenxing[name].findings if each.code in {f.code for f in said}]
    assert [(f.level, f.en, f.zh) for f in told] == [(f.level, f.en, f.zh) for f in said]
    worst = max(RANK.index(each.level) for each in chenxing[name].findings)
    assert chenxing[name].level == RANK[worst]


def test_a_page_that_is_collected_leaves_nothing_behind(chenxing):
    with page.collected() as shown:
        page.findings([Finding("ready", "a", "b", "c")])
    assert [part.handed["kind"] for part in shown] == ["findings"]


def test_money_left_out_used_and_read_agree(tmp_path):
    rows = pd.concat([added(clean(), 50, who=""), clean().head(4)])
    lines = load.orders(source(tmp_path, rows, 'duplicates = "drop"\n'))
    told = lines.ledger.set_index("reason")
    left = told.loc[["no_customer_id", "duplicate"]].sum()
    assert (told.loc["rows_read"] - told.loc["rows_used"]).tolist() == pytest.approx(left.tolist())
