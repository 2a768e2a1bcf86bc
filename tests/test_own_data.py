"""From a messy export to a report: does map, check, run go through without editing by hand?"""

import json
import os
import sys

import pytest

from crmlab import load, page
from crmlab.__main__ import main
from crmlab.report import entries, find
from crmlab.report.notebooks import tags
from tests import exports

# These end in a report as `crmlab run` makes it; of the others all cells are run in this process,
# which takes a third of the time. `CRMLAB_ALL_REPORTS=1` makes a report of each.
SOME = (exports.taobao, exports.survey)
REALLY = exports.MAKERS if os.environ.get("CRMLAB_ALL_REPORTS") else SOME


def crmlab(monkeypatch, capsys, *words):
    """Run the command line in this process; return exit code, output and messages."""
    monkeypatch.setattr(sys, "argv", ["crmlab", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return ended.value.code or 0, said.out, said.err


@pytest.mark.parametrize("maker", exports.MAKERS, ids=lambda maker: maker.__name__)
def test_an_export_ends_in_a_report(tmp_path, monkeypatch, capsys, maker):
    export = maker(tmp_path)
    toml, lang = tmp_path / "mine.toml", ("en", "zh")[exports.MAKERS.index(maker) % 2]
    code, _, told = crmlab(monkeypatch, capsys, "map", *export.files, "--out", toml, "--lang", lang)
    assert code == 0, told

    if export.money:
        lines = load.orders(str(toml))
        assert float(lines.table.amount.sum().execute()) == pytest.approx(export.money, abs=0.005)
        assert lines.table.customer_id.nunique().execute() == export.customers
        assert lines.currency == (export.currency or lines.currency)

    code, said, told = crmlab(monkeypatch, capsys, "check", toml, "--json")
    assert code == 0, told
    levels = {each["notebook"]: each["level"] for each in json.loads(said)["notebooks"]}
    assert levels[export.notebook] in ("ready", "caution")

    if maker in REALLY:
        site = tmp_path / "site"
        words = ["run", export.notebook, "-p", f"source={toml}", "--lang", lang, "--out", site]
        code, _, told = crmlab(monkeypatch, capsys, *words)
        assert code == 0, told
        (entry,) = entries.latest(site).values()
        assert (entry.status, bool(entry.headline)) == ("ok", True)
    else:
        kinds = [part.handed["kind"] for part in every_cell(export.notebook, toml, lang)]
        assert kinds.count("figure") == 4
        assert {"headline", "chart", "table", "campaign", "source"} <= set(kinds)


def every_cell(name, toml, lang):
    """Run all cells of a notebook in this process, as its report would; return what it showed."""
    (notebook,) = find([name])
    values = {p.name: p.default for p in notebook.parameters} | {"source": str(toml), "lang": lang}
    with page.collected() as shown:
        for cell in notebook.node.cells:
            if cell.cell_type == "code" and "parameters" not in tags(cell):
                exec(compile(cell.source, name, "exec"), values)
    return shown
