"""Do all reports open in a browser, offline, in one language, with words for every chart?"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pandas as pd
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe

from crmlab.report import entries, notebooks

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
KEYS = [f"{notebook.name}.{lang}" for notebook in notebooks() for lang in notebook.langs]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Run every notebook in both languages, as `make report` does; return the site's folder."""
    out = tmp_path_factory.mktemp("reports")
    told = subprocess.run(
        [sys.executable, "-m", "crmlab", "run", "--workers", "3", "--out", str(out)],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=900,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return out / "latest"


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "CI must have chromium (.ci/run installs it)"
        pytest.skip("no chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        yield play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


def visited(browser, address):
    """Open a page; what it asked for outside is in `.asked`, what it complains of in `.faults`."""
    page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
    page.asked, page.faults = [], []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)

    def note(route):
        if route.request.url.startswith(("file:", "data:")):
            return route.continue_()
        page.asked.append(route.request.url)
        return route.abort()

    page.route("**/*", note)
    page.goto(address)
    return page


@pytest.fixture(scope="session")
def opened(browser, site):
    """Return a function that opens a page of the site once, for tests that only look at it."""
    return cache(lambda name: visited(browser, (site / name).as_uri()))


@pytest.fixture
def fresh(browser, site):
    """Return a function that opens a page of the site anew, for tests that change it."""
    pages = []

    def go(name):
        pages.append(visited(browser, (site / name).as_uri()))
        return pages[-1]

    yield go
    for page in pages:
        page.context.close()


def test_every_report_is_there_and_light(site):
    made = entries.entries(site)
    assert set(made) == set(KEYS)
    assert {key: entry.status for key, entry in made.items()} == dict.fromkeys(KEYS, "ok")
    for entry in made.values():
        assert (site / entry.file).stat().st_size <= 700_000
        assert entry.headline
        assert len(entry.figures) == 4


@pytest.mark.parametrize("key", KEYS)
def test_a_report_opens_offline_with_headings_charts_and_no_error(opened, key):
    page = opened(f"{key}.html")
    lang = key.rsplit(".", 1)[1]
    assert page.asked == []
    assert page.faults == []
    assert page.locator("html").get_attribute("lang") == {"en": "en-US", "zh": "zh-CN"}[lang]
    assert page.locator("h1").count() == 1
    assert page.locator("h2").count() >= 4
    assert page.locator("nav.contents a").count() == page.locator("main h2").count()
    assert page.locator(".crm-figure").count() == 4
    assert page.locator(".crm-headline").count() == 1
    assert page.locator(".output_error, .crm-status").count() == 0
    alts = page.eval_on_selector_all("main img", "all => all.map(i => [i.alt, i.naturalWidth])")
    assert len(alts) >= 4
    assert all(len(alt) > 20 and width > 200 for alt, width in alts)
    assert "provided for this image" not in " ".join(alt for alt, _ in alts)


@pytest.mark.parametrize("key", KEYS)
def test_a_report_speaks_one_language(opened, key):
    text = opened(f"{key}.html").locator("main").inner_text()
    names = ("晨星商贸",)  # a name stays as it is
    for name in names:
        text = text.replace(name, "")
    chinese = sum("\u4e00" <= c <= "\u9fff" for c in text)
    if key.endswith(".en"):
        assert chinese == 0
    else:
        assert chinese > 1_000


@pytest.mark.parametrize("key", KEYS)
def test_no_code_is_shown_where_a_word_belongs(opened, key):
    """Codes of the glossary are snake_case; the numbers behind charts and code are left out."""
    page = opened(f"{key}.html")
    cells = page.eval_on_selector_all(
        "main > .code-cell th, main > .code-cell td, caption, .crm-figure span",
        "all => all.filter(e => !e.closest('details')).map(e => e.textContent)",
    )
    assert len(cells) > 20
    assert [text for text in cells if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", text)] == []


@pytest.mark.parametrize("key", KEYS)
def test_every_section_has_something_to_say(opened, key):
    page = opened(f"{key}.html")
    empty = page.evaluate("""() => {
      const parts = [...document.querySelectorAll('main .prose, main .output')];
      return parts.filter((part, n) => part.matches('.prose') && part.children.length == 1
        && part.firstElementChild.matches('h2') && parts[n + 1]?.querySelector('h2'))
        .map(part => part.textContent);
    }""")
    assert empty == []


@pytest.mark.parametrize("name", [*KEYS, "index", "history"])
def test_everyone_can_read_it_on_a_screen_by_day_and_on_a_phone_by_night(fresh, name):
    """axe finds nothing, and nothing overflows."""
    page = fresh(f"{name}.html")
    for width, scheme in ((1200, "light"), (375, "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


@pytest.mark.parametrize("name", ["clv.zh", "index", "history"])
def test_the_keyboard_reaches_everything_and_leaves_it_again(fresh, name):
    page = fresh(f"{name}.html")
    wanted = page.evaluate("""() => {
      const all = [...document.querySelectorAll('a[href], input, select, summary, [tabindex]')];
      const shown = all.filter(e => e.checkVisibility() || e.matches('.skip'))
        .filter(e => e.type != 'radio' || e.checked);  // arrows go from one to the next
      shown.forEach((e, n) => e.dataset.nth = n);
      return shown.length;
    }""")
    reached = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.nth"))
    assert sorted(map(int, reached)) == list(range(wanted))
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


@pytest.mark.parametrize("key", KEYS)
def test_no_chart_is_cut_in_two_where_it_is_printed(opened, key):
    page = opened(f"{key}.html")
    charts = page.locator("main img").count()
    sheets = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    drawn = [image.name for sheet in sheets for image in sheet.images]
    assert len(drawn) == charts


def test_code_is_behind_a_switch(fresh):
    page = fresh("clv.en.html")
    code = page.locator(".input").first
    assert not code.is_visible()
    page.get_by_label("Show code").check()
    assert code.is_visible()


def test_links_of_the_contents_and_to_each_concept_lead_somewhere(opened):
    for key in KEYS:
        page = opened(f"{key}.html")
        anchors = page.eval_on_selector_all(
            "nav.contents a", "all => all.map(a => decodeURIComponent(a.hash.slice(1)))"
        )
        links = page.locator(".concept a")
        terms = page.locator("dl.concepts dt").count()
        assert len(set(links.evaluate_all("all => all.map(a => a.hash)"))) == terms
        anchors += links.evaluate_all("all => all.map(a => a.hash.slice(1))")
        assert [
            a for a in anchors if not page.evaluate("id => !!document.getElementById(id)", a)
        ] == []


def test_the_index_links_to_every_report(opened, site):
    page = opened("index.html")
    links = page.eval_on_selector_all(".card h2 a", "all => all.map(a => a.getAttribute('href'))")
    assert sorted(links) == sorted(f"{key}.html" for key in KEYS)
    assert all((site / link).is_file() for link in links)
    assert page.asked == []


HOSTILE = [
    '<script>document.title = "owned"</script>',
    '<img src="x" onerror="document.title = 1">',
    '=HYPERLINK("http://example.com","x")',
    "**bold** [link](javascript:alert(1)) $x^2$ # no",
    "名" * 10_000,
    "🙂‍↔️ \u202eمرحبا\u202c",
]


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """Return the site of the company's report, its customers in regions of hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    data = ROOT / "data" / "chenxing"
    file = pd.read_csv(data / "customers.csv", dtype="str")
    file["region"] = [HOSTILE[n % len(HOSTILE)] for n in range(len(file))]
    file.to_csv(folder / "customers.csv", index=False)
    toml = (data / "source.toml").read_text("utf-8")
    toml = re.sub(
        r'^path = "(?!customers)', f'path = "{data.as_posix()}/', toml, flags=re.MULTILINE
    )
    named = toml.replace('name = "chenxing"', f"name = {json.dumps(HOSTILE[0])}", 1)
    (folder / "<b>shop.toml").write_text(named, "utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "crmlab", "run", "the_company", "--lang", "en", "--out",
         str(folder / "out"), "-p", f"source={folder / '<b>shop.toml'}",
         "-p", f"where=region:{'|'.join(HOSTILE)}"],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=300,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return folder / "out" / "latest"


@pytest.mark.parametrize("name", ["the_company.en.html", "index.html"])
def test_whatever_the_data_say_is_shown_as_text(browser, hostile, name):
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.goto((hostile / name).as_uri())
    assert "owned" not in page.title() or "<script>" in page.title()
    for wrong in (
        "main script",
        "main img[src=x]",
        "main b b",
        'a[href^="javascript"]',
        "main math",
    ):
        assert page.locator(wrong).count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    text = page.locator("main").text_content()
    if name.startswith("the_company"):
        for each in HOSTILE:
            assert each[:30] in text
    assert "名" * 500 not in text
    page.close()


@pytest.mark.parametrize("key", ["clv.zh", "the_company.en"])  # whose name is Chinese
def test_the_chinese_font_is_loaded(opened, key):
    page = opened(f"{key}.html")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.fonts].map(f => f.family + ' ' + f.status)") == [
        "Crmlab loaded"
    ]
