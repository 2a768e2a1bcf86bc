"""Is each report printed on demand, whole, and told where it cannot be?"""

import os
import shutil

import pytest

from crmlab import report
from crmlab.errors import RequestError
from crmlab.report import entries, pdf
from crmlab.report.limits import Limits
from tests.tiny import GOOD, notebook

CHROMIUM = next(filter(None, map(shutil.which, pdf.BROWSERS)), None)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="no Chromium on this machine: apt-get install chromium",
)


def made(out, path, chromium, **told):
    jobs, _ = report.plan([path], {}, "en")
    return report.run(jobs, out, chromium=chromium, **told)


@needs_chromium
def test_a_report_is_printed_beside_its_page_and_kept_with_it(tmp_path):
    out, good = tmp_path / "out", notebook(tmp_path, "good", GOOD)
    assert made(out, good, "").exit_code == 0  # the same, unprinted, does not count as there
    done = made(out, good, pdf.browser())
    assert [step.step for step in done.steps] == ["ok"]
    assert (out / "latest" / "good.en.pdf").read_bytes().startswith(b"%PDF-")
    assert 'href="good.en.pdf"' in (out / "latest" / "index.html").read_text("utf-8")
    assert [step.step for step in made(out, good, pdf.browser()).steps] == ["skipped"]
    made(out, notebook(tmp_path, "other", GOOD), "")
    kept = entries.latest(out)["good.en"]
    assert kept.pdf == "good.en.pdf"
    assert (out / "latest" / kept.pdf).is_file()
    assert not list(out.rglob("*.part"))


def test_a_browser_that_fails_leaves_the_report_and_says_so(tmp_path):
    out, good = tmp_path / "out", notebook(tmp_path, "good", GOOD)
    done = made(out, good, "/bin/false")
    assert done.exit_code == 1
    assert done.fault[0] == (
        "good.en could not be printed: Chromium ended with 1. The report itself is there."
    )
    assert "未能输出 PDF" in done.fault[1]
    assert entries.latest(out)["good.en"].file == "good.en.html"
    assert not list(out.rglob("*.p*df*"))


def test_a_browser_that_hangs_is_ended_with_the_run(tmp_path):
    page = tmp_path / "a.html"
    page.write_text("<p>a")
    limits = Limits()
    limits.end("cancelled", 15)
    with pytest.raises(OSError, match="Chromium ended with -9"):
        pdf.printed(page, _waiting(tmp_path), limits)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["a.html", "waits"]


def _waiting(folder):
    script = folder / "waits"
    script.write_text("#!/bin/sh\nsleep 60\n")
    script.chmod(0o755)
    return str(script)


def test_without_a_browser_the_request_is_refused(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RequestError) as told:
        pdf.browser()
    assert told.value.en.startswith("--pdf needs Chromium or Chrome; none of chromium, ")
    assert told.value.zh.startswith("--pdf 需要 Chromium 或 Chrome")
