"""Time the reading of a messy export beside pandas, and read 2 GB in bounded memory.

Run: python benchmarks/load.py > benchmarks/load.txt

A shop platform's CSV in GB18030 is made, seeded: 1 million lines with ids, times, ￥1,234.50,
quantities and a status. Each reader runs three times in a process of its own; the best time
counts, without imports. pandas does the same conversions: ids trimmed, times, money and
numbers typed, closed orders left out; "and the ledger" adds what ours tells besides: rows and
money by reason, and exact duplicates. The large files are 22 million lines in UTF-8, and as
many in GB18030; there CRMLAB_MEMORY=1GB, and pandas is not asked.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

LINES, SEED, LARGE = 1_000_000, 2026, 2_000_000_000
TOML = """currency = "CNY"
[orders]
path = "{path}"
order_id = "订单编号"
customer_id = "买家会员名"
order_date = "订单付款时间"
amount = "实付金额"
quantity = "数量"
status = "订单状态"
drop_status = ["交易关闭"]
"""


def make(path: Path, encoding: str) -> None:
    """Write a shop platform's export of `LINES` lines."""
    rng = np.random.default_rng(SEED)
    day = np.datetime64("2023-01-01T00:00:00")
    paid_at = day + rng.integers(0, 2 * 365 * 86_400, LINES).astype("timedelta64[s]")
    frame = pd.DataFrame(
        {
            "订单编号": [f"DD{10_000_000 + n // 2}" for n in range(LINES)],
            "买家会员名": [f"会员{n:08}" for n in rng.integers(0, LINES // 8, LINES)],
            "订单付款时间": pd.Series(paid_at).dt.strftime("%Y/%m/%d %H:%M:%S"),
            "实付金额": [f"￥{amount:,.2f}" for amount in rng.gamma(2, 400, LINES)],
            "数量": rng.integers(1, 5, LINES),
            "商品名称": rng.choice(["不锈钢保温杯500ml", "纯棉四件套", "蓝牙耳机（白色）"], LINES),
            "订单状态": rng.choice(["交易成功", "交易关闭"], LINES, p=[0.8, 0.2]),
        }
    )
    frame.to_csv(path, index=False, encoding=encoding)


def repeated(path: Path, small: Path) -> None:
    """Write a small file's lines over and over until there are 2 GB."""
    head, _, rows = small.read_bytes().partition(b"\n")
    with open(path, "wb") as file:
        file.write(head + b"\n")
        while file.tell() < LARGE:
            file.write(rows)


Told = tuple[float, int, float]  # seconds, used rows, money


def ours(path: str) -> Told:
    """Read with crmlab."""
    from crmlab import load

    toml = Path(path).with_suffix(".toml")
    toml.write_text(TOML.format(path=Path(path).name), encoding="utf-8")
    load.engine()
    started = time.perf_counter()
    lines = load.orders(str(toml))
    seconds = time.perf_counter() - started
    return seconds, lines.rows, float(lines.table.amount.sum().execute())


def pandas_alone(path: str) -> Told:
    """Read with pandas and convert."""
    started = time.perf_counter()
    used = _converted(pd.read_csv(path, encoding="gb18030", dtype=str))
    return time.perf_counter() - started, len(used), float(used["amount"].sum())


def pandas_with_ledger(path: str) -> Told:
    """Read with pandas, convert, and count what the ledger counts."""
    started = time.perf_counter()
    frame = pd.read_csv(path, encoding="gb18030", dtype=str)
    frame.duplicated().sum()
    used = _converted(frame)
    used.loc[used["amount"] < 0, "amount"].agg(["size", "sum"])
    return time.perf_counter() - started, len(used), float(used["amount"].sum())


def _converted(frame: pd.DataFrame) -> pd.DataFrame:
    money = frame["实付金额"].str.replace("[￥,]", "", regex=True)
    typed = pd.DataFrame(
        {
            "order_id": frame["订单编号"].str.strip(),
            "customer_id": frame["买家会员名"].str.strip(),
            "order_date": pd.to_datetime(frame["订单付款时间"], format="%Y/%m/%d %H:%M:%S"),
            "amount": pd.to_numeric(money),
            "quantity": pd.to_numeric(frame["数量"]),
            "status": frame["订单状态"].str.strip(),
        }
    )
    needed = typed[["customer_id", "order_date", "amount"]].notna().all(axis=1)
    return typed[needed & (typed["status"] != "交易关闭")]


READERS = {
    "pandas": pandas_alone, "pandas and the ledger": pandas_with_ledger, "crmlab": ours,
}  # fmt: skip


def timed(reader: str, path: Path, times: int, **environment: str) -> dict[str, float]:
    """Run a reader in processes of its own; return its best time and the peak memory."""
    command = [sys.executable, __file__, reader, str(path)]
    settings = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    runs = [
        json.loads(subprocess.run(command, env=settings, check=True, capture_output=True).stdout)
        for _ in range(times)
    ]
    return min(runs, key=lambda run: run["seconds"])


def line(name: str, told: dict[str, float], against: float | None = None) -> str:
    """Return a line of the table."""
    ratio = f"{told['seconds'] / against:6.2f}" if against else "     –"
    return (
        f"{name:24}{told['seconds']:8.2f} s{told['gigabytes']:8.2f} GB   × pandas {ratio}"
        f"   {told['rows']:>12,} rows used, ￥{told['money']:,.2f}"
    )


def main() -> None:
    """Make the files, time the readers, print the table."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.csv"
        make(small, "gb18030")
        size = small.stat().st_size / 1e6
        print(f"{LINES:,} lines, GB18030, {size:.0f} MB; {os.cpu_count()} cores, best of 3")
        told = {reader: timed(reader, small, 3) for reader in READERS}
        for name, each in told.items():
            print(line(name, each, told["pandas"]["seconds"]))
        large = Path(folder) / "large.csv"
        for encoding in ("utf-8", "gb18030"):
            make(small, encoding)
            repeated(large, small)
            size = large.stat().st_size / 1e9
            print(f"\n{encoding}, {size:.2f} GB, CRMLAB_MEMORY=1GB, one run")
            print(line("crmlab", timed("crmlab", large, 1, CRMLAB_MEMORY="1GB")))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        seconds, rows, money = READERS[sys.argv[1]](sys.argv[2])
        # not ru_maxrss, which a process inherits from who started it
        peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024**2
        found = {"seconds": seconds, "rows": rows, "money": money, "gigabytes": peak}
        print(json.dumps(found))
