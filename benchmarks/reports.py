"""Time `crmlab run` beside a serial loop of papermill and nbconvert over the same notebooks.

Run: python benchmarks/reports.py > benchmarks/reports.txt
Trial: python benchmarks/reports.py --notebooks the_company
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from crmlab import report
from crmlab.report import entries
from crmlab.report.execute import Outcome
from crmlab.report.notebooks import tags
from crmlab.report.provenance import provenance
from crmlab.report.render import render

ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
BIN = Path(sys.executable).parent


def timed(*words: str) -> float:
    """Return the seconds that a command takes."""
    started = time.perf_counter()
    subprocess.run(words, check=True, capture_output=True)
    return time.perf_counter() - started


def serial(jobs: list[report.Job], folder: Path) -> tuple[float, float]:
    """Return the seconds of papermill and of nbconvert, one notebook after the other."""
    executing = converting = 0.0
    for job in jobs:
        made = str(folder / f"{job.key}.ipynb")
        words = [str(BIN / "papermill"), str(job.notebook.path), made, "-p", "lang", job.lang]
        executing += timed(*words, "--cwd", str(job.notebook.path.parent))
        converting += timed(str(BIN / "jupyter"), "nbconvert", "--to", "html", made)
    return executing, converting


def parts(jobs: list[report.Job], out: Path) -> dict[str, float]:
    """Return where the seconds of the reports of a run went, added up over all of them."""
    found = dict.fromkeys(["starting kernels", "cells that import and read", "other cells"], 0.0)
    found["rendering"] = 0.0
    site, folder = entries.latest(out), (out / "latest").resolve()
    for job in jobs:
        node = nbformat.read(folder / f"{job.key}.ipynb", as_version=4)
        cells = [c for c in node.cells if c.cell_type == "code" and "papermill" in c.metadata]
        spent = {c.id: c.metadata.papermill["duration"] or 0 for c in cells}
        setup = sum(spent[c.id] for c in cells if "setup" in tags(c))
        found["cells that import and read"] += setup
        found["other cells"] += sum(spent.values()) - setup
        found["starting kernels"] += site[job.key].seconds - sum(spent.values())
        started = time.perf_counter()
        render(job, Outcome("ok", node), provenance(job, node, ""), {})
        found["rendering"] += time.perf_counter() - started
    return found


def main() -> None:
    """Print the table."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--notebooks", nargs="*", default=[])
    names = told.parse_args().notebooks
    os.environ |= ONE_THREAD
    jobs, _ = report.plan(names, {})
    print(f"{len(jobs)} reports, {os.cpu_count()} cores, one BLAS thread a process; seconds\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        executing, converting = serial(jobs, folder)
        ours = timed(str(BIN / "crmlab"), "run", *names, "--out", str(folder / "out"))
        again = timed(str(BIN / "crmlab"), "run", *names, "--out", str(folder / "out"))
        importing = timed(sys.executable, "-c", "from crmlab import report, running")
        started = time.perf_counter()
        done = report.run(report.plan(names, {})[0], folder / "out")
        unchanged = time.perf_counter() - started
        assert {step.step for step in done.steps} == {"skipped"}
        both = executing + converting
        print(f"papermill, one after the other   {executing:8.1f}")
        print(f"jupyter nbconvert --to html      {converting:8.1f}")
        print(f"both                             {both:8.1f}   1.00 ×")
        print(
            f"crmlab run, {report.WORKERS} at a time          {ours:8.1f}   {both / ours:.2f} ×\n"
        )
        print(f"crmlab run, nothing changed      {again:8.1f}")
        print(f"  of which importing             {importing:8.1f}")
        print(f"  the run itself, once imported  {unchanged:8.1f}\n")
        print("Where the time of `crmlab run` goes, added up over its reports:")
        for part, seconds in parts(jobs, folder / "out").items():
            print(f"  {part:<30} {seconds:8.1f}")
        pages = (folder / "out" / "latest").glob("*.??.html")
        sizes = [page.stat().st_size for page in pages]
        print(f"\nlargest report {max(sizes) / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
