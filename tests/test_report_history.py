"""Do reports say what moved since the last run, and does the site keep the runs apart?"""

import re
import shutil

import nbformat
import pytest

from crmlab import report
from crmlab.errors import RequestError
from crmlab.report import history, publish
from crmlab.report.entries import Entry, latest

FIGURES = """
from crmlab import page
page.use(lang)
page.headline("**It moves** <b>here</b>")
page.figure("customer_equity", {equity}, {equity} - 10, {equity} + 10, "USD")
page.figure("repeaters_alive", {alive}, {alive} - 0.01, {alive} + 0.01, "share")
page.figure("customers", {n})
"""


def figure(value, low=None, high=None, unit=""):
    return {
        "name": "a", "label": "A", "shown": "", "value": value, "low": low, "high": high,
        "unit": unit,
    }  # fmt: skip


def entry(run, figures, **more):
    fixed = {"key": "k.en", "notebook": "k", "lang": "en", "title": "K", "status": "ok"}
    told = {"finished": "2026-11-30 08:00:00", "fingerprint": run, "file": "k.en.html"}
    return Entry(**{**fixed, **told, "run": run, "figures": figures, **more})


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Three runs of one notebook, whose figures move, and one with another parameter."""
    folder = tmp_path_factory.mktemp("history")
    new = nbformat.v4

    def run(equity, alive, n, lang=None, **given):
        code = FIGURES.format(equity=equity, alive=alive, n=n)
        node = new.new_notebook(cells=[
            new.new_markdown_cell("# Moves?", metadata={"tags": ["en"]}),
            new.new_markdown_cell("# 变化？", metadata={"tags": ["zh"]}),
            new.new_code_cell(
                'k: int = 1  # [1..9]\nlang: str = "en"  # [en | zh]',
                metadata={"tags": ["parameters"]},
            ),
            new.new_code_cell(code, metadata={"tags": ["headline"]}),
        ])  # fmt: skip
        path = folder / "moves.ipynb"
        nbformat.write(node, path)
        jobs, _ = report.plan([str(path)], given, lang)
        return report.run(jobs, folder / "out").folder

    runs = [run(100, 0.50, 7, "en"), run(200, 0.50, 7, "en", k="2")]
    runs += [run(105, 0.55, 7), run(140, 0.552, 9)]
    return folder / "out" / "latest", runs


def read(site, name):
    return (site / name).read_text(encoding="utf-8")


def test_a_key_figure_says_how_it_changed_since_the_last_run_of_the_same_request(site):
    latest_site, runs = site
    en, zh = (read(latest_site, f"moves.{lang}.html") for lang in ("en", "zh"))
    told = [re.sub(r"<[^>]+>", "", t) for t in re.findall(r'<small class="change">.*?</small>', en)]
    assert [re.sub(r"since .* \d{4}", "since DAY", t) for t in told] == [
        "+33.3% since DAY",
        "+0.2 points since DAY, within its interval",
        "+28.6% since DAY",
    ]
    cards = re.findall(r'<div class="crm-figure">(?:(?!</div>).)*</div>', en, flags=re.DOTALL)
    assert [card.count('class="change"') for card in cards] == [1, 1, 1]  # within its card
    assert re.search(r"较\d{4}年\d+月\d+日：\+0\.2 个百分点，在区间之内", zh)
    other = (runs[1] / "moves.en.html").read_text(encoding="utf-8")
    assert 'class="change"' not in other  # nothing was asked with k=2 before


def test_the_index_draws_a_line_over_runs_and_offers_filters(site):
    index = read(site[0], "index.html")
    assert index.count('class="spark"') == 6
    assert "<small>$130 to $150</small>" in index
    assert 'aria-label="over 3 runs"' in index
    assert 'aria-label="2 次运行的走势"' in index
    assert 'id="only-zh"' in index
    assert 'data-words="moves? moves ' in index
    assert "&lt;b&gt;here&lt;/b&gt;" in index


def test_the_history_compares_the_runs_and_links_to_their_reports(site):
    latest_site, runs = site
    page = read(latest_site, "history.html")
    assert page.count("<details") == 4  # three earlier runs in English, one in Chinese
    assert "k=2" in page
    assert "$140 <small>($130 to $150)</small>" in page
    assert page.count("<b>beyond</b>") == 5  # equity thrice, alive against 0.50 twice
    for run in runs[:3]:
        assert f'href="../runs/{run.name}/moves.en.html"' in page
        assert (latest_site.parent / "runs" / run.name / "moves.en.html").is_file()


def test_the_history_of_a_site_leads_to_no_run_that_was_deleted(site, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(site[0].parent, out, symlinks=True)
    assert len(publish.retain(out, 1)) == 3
    page = read(out / "latest", "history.html")
    assert "<details" not in page
    assert page.count("No earlier run of this report is kept.") == 1
    assert page.count("没有保留这份报告更早的运行。") == 1
    assert 'class="spark"' not in read(out / "latest", "index.html")
    assert publish.retain(out, 1) == []


def test_a_record_that_a_bad_disk_left_is_named(site, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(site[0].parent, out, symlinks=True)
    broken = out / "runs" / site[1][0].name / "run.json"
    broken.write_text('{"run": "20')
    with pytest.raises(RequestError) as told:
        history.past(out)
    assert told.value.en == (
        f"{broken.resolve()} cannot be read as a run's record; delete that folder, and run again."
    )
    assert "请删除该文件夹" in told.value.zh


def test_figures_of_the_site_are_kept_with_their_request(site):
    told = latest(site[0].parent)["moves.zh"]
    assert told.given == {}
    assert [f["value"] for f in told.figures] == [140, 0.552, 9]
    past = history.past(site[0].parent)["moves.zh"]
    assert [e.given for e in past] == [{}, {}]


@pytest.mark.parametrize(
    ("then", "now", "en", "zh"),
    [
        (figure(100.0), figure(133.3), "+33.3%", "+33.3%"),
        (figure(0.5, unit="share"), figure(0.478, unit="share"), "−2.2 points", "−2.2 个百分点"),
        (figure(5.0), figure(5.0), "unchanged", "不变"),
        (figure(0.0, unit="USD"), figure(12.0, unit="USD"), "+$12.00", "+US$12.00"),
        (figure(-10.0, unit="USD"), figure(-30.0, unit="USD"), "−$20.00", "-US$20.00"),
        (figure(None), figure(3.0), "–", "–"),
    ],
)
def test_a_change_is_told_in_points_percent_or_amount(then, now, en, zh):
    assert history.change(then, now, "en") == en
    assert history.change(then, now, "zh") == zh.replace("-", "−")


def test_only_a_value_outside_the_later_interval_is_beyond_it():
    now = entry("2", [figure(10.0, 8.0, 12.0)])
    beyond = [
        history.moved(now, entry("1", [figure(value)]))[0].beyond for value in (8.0, 7.9, 12.1)
    ]
    assert beyond == [False, True, True]
    assert history.moved(entry("2", [figure(10.0)]), entry("1", [figure(3.0)]))[0].beyond is None


def test_a_figure_in_another_unit_is_not_compared():
    now, then = entry("2", [figure(10.0, unit="USD")]), entry("1", [figure(9.0, unit="CNY")])
    assert history.moved(now, then) == []
