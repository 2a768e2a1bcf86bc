"""Is a file that is larger than the memory allowed read all the same, and within it?"""

import subprocess
import sys
from pathlib import Path

import pytest

from crmlab import load
from crmlab.errors import RequestError

LINES, TIMES = 50_000, 80  # about 280 MB
READ = """
import re, sys
from pathlib import Path
from crmlab import load
lines = load.orders(sys.argv[1])
# not ru_maxrss, which a process inherits from who started it
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
print(lines.rows, int(lines.table.amount.sum().execute()), peak)
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    rows = "".join(
        f"DD{n:010},会员{n % 9973:08},2024/{n % 12 + 1:02}/{n % 28 + 1:02} 10:11:12,{n % 100}.00,"
        f"纯棉四件套（白色）,1\n"
        for n in range(LINES)
    )
    with open(folder / "o.csv", "w", encoding="utf-8") as file:
        file.write("no,who,day,paid,what,quantity\n")
        file.writelines(rows for _ in range(TIMES))
    (folder / "s.toml").write_text(
        'currency = "CNY"\n[orders]\npath = "o.csv"\ncustomer_id = "who"\norder_date = "day"\n'
        'amount = "paid"\norder_id = "no"\nquantity = "quantity"\n'
    )
    return folder / "s.toml"


def read(toml, monkeypatch, memory):
    monkeypatch.setenv("CRMLAB_MEMORY", memory)
    command = [sys.executable, "-c", READ, str(toml)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc on this machine")
def test_a_large_file_stays_within_the_memory_allowed(large, monkeypatch):
    told = read(large, monkeypatch, "200MB")
    rows, money, peak = map(int, told.stdout.split())
    assert rows == LINES * TIMES
    assert money == TIMES * sum(n % 100 for n in range(LINES))
    assert peak < 550  # MB: 200 for the engine, the rest is Python and its packages


def test_too_little_memory_is_a_sentence(large, monkeypatch):
    told = read(large, monkeypatch, "40MB")
    assert told.returncode == 1
    assert "needs more memory than is allowed: set CRMLAB_MEMORY to more" in told.stderr


def test_a_memory_that_is_no_size_is_a_sentence(monkeypatch):
    monkeypatch.setenv("CRMLAB_MEMORY", "much")
    with pytest.raises(RequestError) as told:
        load.engine.__wrapped__()
    assert told.value.en == "CRMLAB_MEMORY is 'much'; it must be a size such as 1GB or 800MB."


def test_threads_that_are_no_number_are_a_sentence(monkeypatch):
    monkeypatch.setenv("CRMLAB_THREADS", "0")
    with pytest.raises(RequestError) as told:
        load.engine.__wrapped__()
    assert told.value.en == "CRMLAB_THREADS is '0'; it must be a number of threads from 1."
