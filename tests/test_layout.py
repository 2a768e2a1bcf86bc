"""Does the tree keep to the design: imports, sizes, files that belong together?"""

import ast
import csv
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from crmlab.tables import TABLES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "crmlab"
BASE = {"errors", "home", "intervals", "lang", "personal", "privacy", "spreadsheet", "tables"}
SUBJECTS = {"accounts", "segment", "clv", "equity", "lifecycle", "loyalty"}
MAY_IMPORT = {
    **dict.fromkeys([*BASE, *SUBJECTS, "load", "company", "plots", "page"], BASE),
    "customers": BASE | {"load"},
    "worth": BASE | SUBJECTS,
    "concepts": BASE,
    "mapping": BASE | {"load"},
    "check": BASE | SUBJECTS | {"load", "customers"},
    "report": BASE | {"check", "load", "page", "concepts"},
    "checking": BASE | {"check", "load", "report"},
    "running": BASE | {"report"},
    "verifying": BASE | {"report"},
    "options": set(),
    "console": BASE,
    "export": BASE | {"page", "report"},
    "scoring": BASE | {"load", "customers", "clv"},
    "__main__": BASE
    | {"report", "company", "concepts", "mapping", "checking", "export", "scoring"}
    | {"running", "verifying", "options", "console"},
    "__init__": set(),
}
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_modules_import_only_what_they_may(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "no relative imports"
            names = [f"{node.module}.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        else:
            continue
        assert "statsmodels.api" not in names, "import statsmodels' submodules"
        found |= {n.split(".")[1] for n in names if n.startswith("crmlab.")}
    assert found - {own} <= MAY_IMPORT[own]


def test_importing_a_subject_loads_neither_statsmodels_nor_seaborn():
    heavy = "{'statsmodels', 'seaborn', 'matplotlib', 'lifetimes', 'pandera'}"
    subjects = ", ".join(sorted(SUBJECTS | {"customers", "worth"}))
    code = f"import sys; from crmlab import {subjects}; print(sorted({heavy} & set(sys.modules)))"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert told.stdout.strip() == "[]"


def test_no_module_is_longer_than_300_lines():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: n for name, n in lengths.items() if n > 300} == {}


def test_the_conda_environment_is_what_pyproject_says(tmp_path):
    command = [
        str(Path(sys.executable).with_name("pyproject2conda")), "yaml", "--name", "crmlab",
        "--python-include", "infer", "--pip-dep", "-e .", "--no-header",
        "--output", str(tmp_path / "environment.yml"),
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    made = (tmp_path / "environment.yml").read_text(encoding="utf-8")
    committed = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert committed == made, "run: make environment.yml"


def test_the_conda_environment_has_valid_names_and_bounds():
    from rattler import MatchSpec

    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    specs = [MatchSpec(x[4:], strict=True) for x in lines if re.match(r"  - [a-z]+[^:]*$", x)]
    names = {spec.name.normalized for spec in specs} - {"conda-forge"}
    known = set((ROOT / "tests" / "conda_names.txt").read_text(encoding="utf-8").split())
    assert names == known


def test_the_lock_holds_what_pyproject_asks_for_with_hashes():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = told["dependencies"] + told["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=\[]", each)[0].lower() for each in asked} - {"crmlab"}
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, flags=re.MULTILINE))
    assert names - locked == set(), "run: make lock"
    assert lock.count("--hash=sha256:") >= len(locked)
    assert "://" not in lock


def test_the_glossary_has_every_code_once_and_both_words():
    with open(ROOT / "data" / "glossary.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = [row["code"] for row in rows]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []
    assert [row for row in rows if not (row["en"] and row["zh"]) or None in row] == []


def test_every_column_of_every_table_has_a_word():
    with open(ROOT / "data" / "glossary.csv", encoding="utf-8", newline="") as file:
        codes = {row["code"] for row in csv.DictReader(file)}
    columns = {column for table in TABLES.values() for column in table.columns}
    assert sorted(columns - codes) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_prose_comes_in_pairs(path):
    tags = [
        set(cell.metadata.get("tags", [])) & {"en", "zh"}
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown"
    ]
    assert tags == [{"en"}, {"zh"}] * (len(tags) // 2)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_short_executed_in_order_and_light(path):
    code = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    assert [c.execution_count for c in code] == list(range(1, len(code) + 1)), "run: make notebooks"
    lengths = sorted(len([x for x in cell.source.splitlines() if x.strip()]) for cell in code)
    assert len(code) <= 30
    assert lengths[-1] <= 12
    assert path.stat().st_size <= 500_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_chinese_bold_closes_before_full_width_punctuation(path):
    prose = [
        cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if "zh" in cell.metadata.get("tags", [])
    ]
    assert [text for text in prose if re.search(r"[，。：；、）]\*\*[^\s\n|]", text)] == []
