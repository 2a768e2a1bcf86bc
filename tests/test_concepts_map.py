"""Is the concept map whole, true and worded? Every reference in it must lead somewhere."""

import ast
import importlib
import re
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest

from crmlab import __main__, concepts
from crmlab.errors import RequestError
from crmlab.lang import LANGS

ROOT = Path(__file__).parents[1]
MAP = concepts.concepts()
# How many concepts spec/concepts.md has in each group; T: one per notion that it names.
SIZES = dict(zip(concepts.GROUPS, (15, 9, 9, 15, 6, 6, 10, 6, 6, 32), strict=True))
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def references(column):
    """Return each reference of a column once, with a concept that has it."""
    found = {each: name for name, cell in MAP[column].items() for each in cell.split(";") if each}
    return [pytest.param(each, id=f"{name}-{each}") for each, name in sorted(found.items())]


@cache
def read(notebook):
    return nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4)


@cache
def anchors(notebook):
    """Return the ids that a report gives to the notebook's English headings."""
    prose = [c.source for c in read(notebook).cells if "en" in c.metadata.get("tags", [])]
    heads = [h for text in prose for h in re.findall(r"^#{1,6} (.+)$", text, flags=re.MULTILINE)]
    return {"-".join(head.split()) for head in heads}


@cache
def cases_in(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_concept_is_there_once():
    expected = [f"{group}.{n:02d}" for group, size in SIZES.items() for n in range(1, size + 1)]
    assert MAP.index.tolist() == expected
    assert MAP["group"].tolist() == [each.split(".")[0] for each in expected]
    assert list(concepts.GROUPS) == [*(f"A{n}" for n in range(1, 10)), "T"]


def test_the_columns_are_those_that_are_documented():
    assert list(MAP.columns) == [
        "group", "term_en", "term_zh", "definition_en", "definition_zh", "source", "notebook",
        "function", "test", "status",
    ]  # fmt: skip


def test_status_and_source_are_of_the_known_ones():
    assert set(MAP["status"]) == {"done", "planned"}
    assert set(MAP["source"]) == {"as_taught", "best_practice"}


@pytest.mark.parametrize("lang", LANGS)
def test_terms_and_definitions_are_one_sentence_of_their_language(lang):
    least, most, end = {"en": (60, 300, "."), "zh": (15, 130, "。")}[lang]
    wrong = [
        name
        for name, row in MAP.iterrows()
        if not (least <= len(text := row[f"definition_{lang}"]) <= most)
        or not text.endswith(end)
        or re.search(r"[.。](?=\s|[\u4e00-\u9fff])", text)  # one sentence
        or bool(re.search(r"[\u4e00-\u9fff]", text)) != (lang == "zh")
        or not 2 <= len(row[f"term_{lang}"]) <= 70
    ]
    assert wrong == []
    assert MAP[f"term_{lang}"].is_unique
    assert MAP[f"definition_{lang}"].is_unique


def test_chinese_terms_are_chinese():
    assert [t for t in MAP["term_zh"] if not re.search(r"[\u4e00-\u9fff]|4P|CI", t)] == []
    assert [t for t in MAP["term_en"] if re.search(r"[\u3000-\u9fff]", t)] == []


def test_what_is_done_has_a_function_and_a_test_or_is_taught_only():
    built = MAP[(MAP["status"] == "done") & (MAP["group"] != "T")]
    assert built[(built["function"] == "") | (built["test"] == "")].index.tolist() == []
    assert set(MAP.loc[MAP["group"] == "T", "function"]) == {""}


def test_what_has_a_notebook_has_the_function_that_it_uses():
    assert MAP[(MAP["notebook"] != "") & (MAP["function"] == "")].index.tolist() == []


@pytest.mark.parametrize("reference", references("notebook"))
def test_every_heading_is_in_its_notebook(reference):
    name, anchor = reference.split("#", 1)
    assert name in NOTEBOOKS
    assert anchor in anchors(name)


@pytest.mark.parametrize("reference", references("function"))
def test_every_function_can_be_imported(reference):
    module, name = reference.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("reference", references("test"))
def test_every_test_is_collected(reference):
    path, name = reference.split("::")
    assert re.fullmatch(r"tests/test_\w+\.py", path)
    assert name.startswith("test_")
    assert name in cases_in(path)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_names_the_concepts_that_the_map_gives_it(notebook):
    told = read(notebook).metadata.get("crmlab", {}).get("concepts", [])
    given = [
        name
        for name, cell in MAP["notebook"].items()
        if notebook in {each.split("#")[0] for each in cell.split(";")}
    ]
    assert told == given


def test_coverage_counts_every_concept_once():
    counts = concepts.coverage(MAP)
    assert counts["concepts"].to_dict() == SIZES
    assert (counts["done"] + counts["planned"] == counts["concepts"]).all()
    assert counts["done"].sum() == (MAP["status"] == "done").sum()
    assert counts.loc["T", "share"] == counts.loc["T", "done"] / 32


def test_an_unknown_group_is_answered_with_the_nearest():
    with pytest.raises(RequestError) as told:
        concepts.group_of(MAP, "A10")
    assert told.value.en == (
        "there is no group 'A10' (did you mean A1?); "
        "allowed: A1, A2, A3, A4, A5, A6, A7, A8, A9, T."
    )
    assert "是否指 A1" in told.value.zh


def test_the_glossary_of_a_report_is_escaped_and_in_its_language(monkeypatch):
    page = concepts.glossary_html(["A4.03", "A2.01"], "en")
    assert page.startswith('<dl class="concepts"><dt id="concept-A4.03">Satisfaction is not')
    assert '<dt id="concept-A2.01">Customer lifetime value (CLV)</dt><dd>The present' in page
    assert page.endswith(".</dd></dl>")
    assert not re.search(r"[\u4e00-\u9fff]", page)
    assert MAP.loc["A2.01", "definition_zh"] in concepts.glossary_html(["A2.01"], "zh")
    odd = MAP.assign(definition_en="<b>&</b>")
    monkeypatch.setattr(concepts, "concepts", lambda: odd)
    assert "<dd>&lt;b&gt;&amp;&lt;/b&gt;</dd>" in concepts.glossary_html(["A1.01"], "en")


def test_a_glossary_of_nothing_is_empty_and_of_an_unknown_id_refused():
    assert concepts.glossary_html([], "zh") == ""
    with pytest.raises(KeyError, match=r"no concept A0\.01, B\.1 in data/concepts\.csv"):
        concepts.glossary_html(["A0.01", "A1.01", "B.1"], "en")


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        pytest.param([], [r"A1 .* 15 ", r"T .* 32 ", rf"all .* {len(MAP)} "], id="all"),
        pytest.param(["--lang", "zh"], ["客户终生价值与客户资产", r"合计 .* 114 "], id="chinese"),
        pytest.param(["--group", "a4"], [r"A4 .* 15 ", r"A4\.03 .* done .* loyalty\."], id="group"),
    ],
)
def test_the_command_prints_coverage(monkeypatch, capsys, words, lines):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setattr(sys, "argv", ["crmlab", "concepts", *words])
    monkeypatch.setattr(__main__, "out", type(__main__.out)(width=200, soft_wrap=True))
    with pytest.raises(SystemExit) as end:
        __main__.main()
    printed = capsys.readouterr().out
    assert end.value.code == 0
    assert [line for line in lines if not re.search(line, printed)] == []


def test_the_font_of_reports_has_every_character_of_the_definitions():
    from fontTools.ttLib import TTFont

    known = TTFont(ROOT / "crmlab" / "fonts" / "NotoSansCJKsc-GB2312.otf").getBestCmap()
    shown = "".join([*MAP["term_zh"], *MAP["definition_zh"]])
    assert {c for c in shown if c > "\u2000" and ord(c) not in known} == set()
