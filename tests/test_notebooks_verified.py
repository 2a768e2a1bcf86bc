"""Does nbval notice a changed number in a committed notebook?"""

import re
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]


def beginning(folder, name, *, changed):
    """Write the clv notebook up to its holdout table; with one digit changed if asked."""
    node = nbformat.read(ROOT / "notebooks" / "clv.ipynb", as_version=4)
    last = next(
        n for n, c in enumerate(node.cells)
        if any("holdout_errors" in str(o) for o in c.get("outputs", []))
    )  # fmt: skip
    node.cells = node.cells[: last + 1]
    if changed:
        (output,) = (o for o in node.cells[last].outputs if "holdout_errors" in str(o))
        html = output.data["text/html"]
        output.data["text/html"] = re.sub(r"0\.7855", "0.7856", html, count=1)
        assert output.data["text/html"] != html
    nbformat.write(node, folder / name)


def test_a_changed_number_fails_and_an_unchanged_notebook_passes(tmp_path):
    beginning(tmp_path, "same.ipynb", changed=False)
    beginning(tmp_path, "changed.ipynb", changed=True)
    command = [
        sys.executable, "-m", "pytest", "-c", str(ROOT / "tests" / "nbval.ini"), "-rf",
        "--rootdir", str(tmp_path),
        "--nbval", "--nbval-current-env", "--nbval-cell-timeout", "300",
        "--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg"),
        "-n", "2", "--dist", "loadfile", str(tmp_path),
    ]  # fmt: skip
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    failed = [line for line in told.stdout.splitlines() if line.startswith("FAILED")]
    assert told.returncode == 1, told.stdout
    assert len(failed) == 1
    assert "changed.ipynb" in failed[0]
