"""Run the notebooks on ten million customers: seconds and memory of each report.

Run: python benchmarks/many_customers.py > benchmarks/many_customers.txt
Trial: python benchmarks/many_customers.py --customers 1000000 --notebooks clv

The orders are those of `scale.py` with three lines a customer, as CDNOW has. For the notebook on
satisfaction they are joined by the survey of the simulated company, answered by the first of the
customers, and by a customer file of all. Each report is a `crmlab run` of its own, in English,
with the engine's memory limited to 1 GB; memory is the sum over the run's processes (RSS,
looked at four times a second).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import psutil
from scale import make

NOTEBOOKS = ["segmentation", "clv", "lifecycle", "satisfaction_loyalty"]
LINES_PER_CUSTOMER = 2.95
HOME = Path(__file__).parents[1]


def survey(folder: Path, customers: int) -> None:
    """Add a file of all customers and the company's survey, answered by the first of them."""
    data = HOME / "data" / "chenxing"
    engine = duckdb.connect()
    renamed = "'C' || lpad(substr(customer_id, 2), 9, '0') AS customer_id"
    asked = (
        f"SELECT * REPLACE ({renamed}) FROM read_csv('{data / 'survey.csv'}', all_varchar = true)"
    )
    engine.execute(f"COPY ({asked}) TO '{folder / 'survey.csv'}'")
    own = f"SELECT {renamed}, kind, region, potential FROM '{data / 'customers.csv'}'"
    others = "SELECT printf('C%09d', i), 'noncontract', 'north', i % 5000 FROM range(1201, {}) t(i)"
    rows = f"{own} UNION ALL {others.format(customers)}"
    engine.execute(f"COPY ({rows}) TO '{folder / 'customers.parquet'}'")
    written = (data / "source.toml").read_text(encoding="utf-8")
    asked = written[written.index("[survey]") :].split("\n[", 2)[0]
    columns = "\n".join(f'{c} = "{c}"' for c in ("customer_id", "kind", "region", "potential"))
    with open(folder / "s.toml", "a", encoding="utf-8") as file:
        file.write(f'\n[customers]\npath = "customers.parquet"\n{columns}\n\n{asked}\n')


def memory(process: int) -> int:
    """Return the resident memory of a process and its descendants, in bytes."""
    found = 0
    with suppress(psutil.NoSuchProcess):
        ours = psutil.Process(process)
        for each in (ours, *ours.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                found += each.memory_info().rss
    return found


def run(notebook: str, folder: Path) -> str:
    """Make one report; return how long it took, and the most memory that it had."""
    command = [sys.executable, "-m", "crmlab", "run", notebook, "--lang", "en", "--force"]
    command += ["-p", f"source={folder / 's.toml'}", "--out", str(folder / "reports")]
    settings = {**os.environ, "CRMLAB_MEMORY": "1GB", "OMP_NUM_THREADS": "1"}
    start, most = time.perf_counter(), 0
    with open(folder / "log", "w+") as log:
        process = subprocess.Popen(command, cwd=HOME, env=settings, stdout=log, stderr=log)
        while process.poll() is None:
            most = max(most, memory(process.pid))
            time.sleep(0.25)
        log.seek(0)
        said = log.read().strip().splitlines()
    seconds = time.perf_counter() - start
    result = "" if process.returncode == 0 else f"  exit {process.returncode}: {said[-1:]}"
    return f"{notebook:22}{seconds:8.0f}{most / 1e9:8.2f}{result}"


def main() -> None:
    """Make the source, then each report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=10_000_000)
    parser.add_argument("--notebooks", nargs="+", choices=NOTEBOOKS, default=NOTEBOOKS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        path = make(folder, int(asked.customers * LINES_PER_CUSTOMER), LINES_PER_CUSTOMER)
        survey(folder, asked.customers)
        rows = duckdb.sql(f"SELECT count(*), count(DISTINCT customer_id) FROM '{path}'")
        count, customers = rows.fetchone()
        print(f"{os.cpu_count()} cores; {count:,} lines, {customers:,} customers")
        print(f"{'':22}{'seconds':>8}{'GB':>8}")
        for notebook in asked.notebooks:
            print(run(notebook, folder), flush=True)


if __name__ == "__main__":
    main()
