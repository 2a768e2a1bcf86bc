"""Does the benchmark of BG/NBD run, and do all packages find the same?"""

import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmlab import clv

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "clv.py"


@pytest.fixture(scope="module")
def lines():
    command = [sys.executable, BENCHMARK, "--quick", "--peers", "crmlab", "lifetimes"]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=BENCHMARK.parent)
    return told.stdout.splitlines()


def test_the_packages_find_the_same_parameters(lines):
    rows = {line.split()[0]: line.split()[1:] for line in lines[-3:-1]}
    assert list(rows) == ["crmlab", "lifetimes"]
    assert [len(row) for row in rows.values()] == [9, 9]
    assert float(rows["crmlab"][-1]) == 0
    assert float(rows["lifetimes"][-1]) < 1e-4
    assert lines[-1].startswith("crmlab: r 0.2426 ± 0.0126, alpha 4.41")
    assert lines[-5] == "2,357 customers, 1,016 distinct: the CDNOW sample"


def test_a_package_that_fails_says_so_in_its_row(tmp_path):
    benchmark = runpy.run_path(str(BENCHMARK))
    told = benchmark["run"]("absent", sys.executable, tmp_path / "customers.npy", str(tmp_path))
    assert benchmark["row"]("absent", told, {}) == "absent          KeyError: 'absent'"


def test_the_simulated_customers_are_summaries_of_whole_days():
    benchmark = runpy.run_path(str(BENCHMARK))
    days = benchmark["PATTERNS"]["arrived over 3 years"]
    x, recency, T = benchmark["simulated"](np.random.default_rng(1), 20_000, days)
    last = np.rint(recency * 7)
    assert (recency == last / 7).all()
    assert (x <= last).all()
    assert ((x > 0) == (last > 0)).all()
    assert (recency <= T).all()
    assert set(np.rint(T * 7)) <= set(range(1, 1_096))


def test_the_simulated_customers_follow_the_parameters():
    benchmark = runpy.run_path(str(BENCHMARK))
    days = benchmark["PATTERNS"]["arrived within 84 days, observed 39 weeks"]
    rows = benchmark["simulated"](np.random.default_rng(1), 50_000, days)
    model = clv.fit(pd.DataFrame(dict(zip(benchmark["COLUMNS"], rows, strict=True))))
    truth = np.array([benchmark[name] for name in ("R", "ALPHA", "A", "B")])
    # a day's purchases are one, which alone raises r and alpha by 2 % and 5 %
    assert (abs(model.parameters / truth - 1) < 4 * model.standard_errors / truth + 0.05).all()
