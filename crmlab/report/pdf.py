"""A report as PDF, printed by the Chromium that is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from crmlab.errors import RequestError
from crmlab.report.limits import Limits
from crmlab.report.publish import whole

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer",
)  # fmt: skip
SECONDS = 120


def browser() -> str:
    """Return the path of an installed Chromium.

    Raises
    ------
    RequestError
        If there is none.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise RequestError(
            en=f"--pdf needs Chromium or Chrome; none of {', '.join(BROWSERS)} is on the PATH.",
            zh=f"--pdf 需要 Chromium 或 Chrome；PATH 中没有 {'、'.join(BROWSERS)}。",
        )
    return found


def printed(page: Path, chromium: str, limits: Limits) -> str:
    """Print a report into a PDF beside it, whole or not at all, and return the file's name.

    Raises
    ------
    OSError
        If Chromium fails, takes longer than `SECONDS`, or was ended with the run.
    """
    target = page.with_suffix(".pdf")
    rights = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with whole(target) as part, tempfile.TemporaryDirectory(prefix="crmlab-") as profile:
        words = [chromium, *FLAGS, *rights, f"--user-data-dir={profile}"]
        process = subprocess.Popen(  # noqa: S603 - a browser that was found, and a file of ours
            [*words, f"--print-to-pdf={part}", page.resolve().as_uri()],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        with limits.over(process):
            try:
                code = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                raise OSError(0, f"Chromium took longer than {SECONDS} s") from None
        if code or not part.is_file():
            raise OSError(0, f"Chromium ended with {code}")
    return target.name
