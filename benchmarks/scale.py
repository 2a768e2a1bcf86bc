"""Time lines → customers beside SQL, Polars, pandas, lifetimes, Spark, to 100 million lines.

Run: python benchmarks/scale.py > benchmarks/scale.txt (25 minutes), then the same with --growth,
which draws docs/scale.png: seconds by lines, and by lines per customer
Trial: python benchmarks/scale.py --lines 1000000 --peers scan bare sql crmlab

The lines are made, seeded: customers with text ids who arrive over two years, buy at rates of
their own and leave (Pareto/NBD), 12.5 lines each on average, sorted by time, in one Parquet file
with ids, times to the second, DECIMAL(18,2) amounts (2 % refunds) and a product. Every
measurement is a process of its own with two threads; the CPU is that of the process.

scan      reads the three columns that all need
bare      SELECT customer_id, count(*) ... GROUP BY customer_id: the floor of any method
sql       plain two-level SQL with the columns of `customers.summarise`, into a Parquet file
crmlab    load.orders, which checks the lines, and customers.summary, into the same
score     `crmlab score`: the summary, a fit, P(alive), purchases and value of every customer
1GB       the same two with CRMLAB_MEMORY=1GB, and DuckDB's memory_limit

Polars and pymc-marketing (its `rfm_summary`) get an environment of their own, built by uv in the
user's cache folder.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from clv import PYMC, environment

SIZES = [1_000_000, 10_000_000, 100_000_000]
SEED, DAYS, PER_CUSTOMER, PART = 2026, 730, 12.6, 500_000
PEERS = {  # by peer: the most lines that it is asked for
    "scan": 10**9, "bare": 10**9, "sql": 10**9, "crmlab": 10**9, "score": 10**9,
    "sql, 1GB": 10**9, "score, 1GB": 10**9, "polars": 10**8, "pandas": 10**7,
    "pymc-marketing": 10**7, "lifetimes": 10**6, "spark": 10**7,
}  # fmt: skip
OTHERS = ["polars==1.36.1", PYMC, "pyarrow"]
GROWTH = [1_000_000, 3_000_000, 10_000_000]
PER = [3, 12.6, 50]  # lines per customer


def make(folder: Path, lines: int, per_customer: float = PER_CUSTOMER) -> Path:
    """Write the lines, a part of the customers at a time, then sorted by time."""
    customers, often = int(lines / per_customer), (per_customer - 1) / (PER_CUSTOMER - 1)
    rng = np.random.default_rng([SEED, lines])
    engine = duckdb.connect()
    engine.execute("SET memory_limit = '6GB'; SET enable_progress_bar = false")
    engine.execute(f"SET temp_directory = '{folder}/spill'")
    for nth, first in enumerate(range(0, customers, PART)):
        part = bought(rng, first, min(PART, customers - first), often)  # noqa: F841 - DuckDB sees it
        engine.execute(f"COPY part TO '{folder}/part-{nth}.parquet'")
    path = folder / "lines.parquet"
    engine.execute(
        f"COPY (SELECT customer_id, order_date, amount::DECIMAL(18,2) AS amount, product_id "
        f"FROM '{folder}/part-*.parquet' ORDER BY order_date) TO '{path}'"
    )
    for each in folder.glob("part-*"):
        each.unlink()
    (folder / "s.toml").write_text(
        f'currency = "CNY"\n[orders]\npath = "{path.name}"\ncustomer_id = "customer_id"\n'
        'order_date = "order_date"\namount = "amount"\n'
    )
    return path


def bought(rng: np.random.Generator, first: int, size: int, often: float = 1) -> pd.DataFrame:
    """Return the lines of some customers, who come back `often` times as often."""
    arrived = rng.random(size) * DAYS
    rate = rng.gamma(0.9, 1 / 0.9, size) * 0.045 * often  # a day
    stays = rng.exponential(1 / np.maximum(rng.gamma(0.6, 0.004, size), 1e-9))
    span = np.minimum(stays, DAYS - arrived)
    repeats = rng.poisson(rate * span)
    who = np.repeat(np.arange(size), repeats + 1)
    later = np.ones(len(who))
    later[np.cumsum(repeats + 1) - repeats - 1] = 0  # the first purchase is on arrival
    when = arrived[who] + later * rng.random(len(who)) * span[who]
    mean = rng.gamma(4, 25, size)
    paid = np.round(rng.gamma(3, mean[who] / 3) + 0.01, 2)
    paid *= np.where(rng.random(len(who)) < 0.02, -1, 1)
    seconds = (when * 86_400).astype("int64").astype("timedelta64[s]")
    return pd.DataFrame(
        {
            "customer_id": pd.Series(who + first).map("C{:09}".format),
            "order_date": np.datetime64("2023-01-01T00:00:00") + seconds,
            "amount": paid,
            "product_id": pd.Series(rng.integers(0, 2_000, len(who))).map("P{:04}".format),
        }
    )


def run(peer: str, folder: Path) -> dict[str, float | str]:
    """Measure in a fresh process; return what it tells, or what went wrong."""
    name, _, memory = peer.partition(", ")
    python = environment(*OTHERS) if name in ("polars", "pymc-marketing") else sys.executable
    name = name.replace("-marketing", "")
    command = [python, "-P", Path(__file__).with_name("scale_peers.py"), name, folder]
    settings = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    if memory:
        settings["CRMLAB_MEMORY"] = memory
    try:
        done = subprocess.run(
            [*map(str, command)], env=settings, check=True, capture_output=True, text=True,
            timeout=1_800,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"error": "over 30 minutes"}
    except subprocess.CalledProcessError as error:
        return {"error": error.stderr.strip().split("\n")[-1][:100]}
    return json.loads(done.stdout.splitlines()[-1])


def growth() -> None:
    """Print and draw how the CPU grows with lines and with customers."""
    rows = []
    print(f"{'lines':>12}{'customers':>12}{'sql CPU':>10}{'crmlab CPU':>12}{'µs a line':>11}")
    for per in PER:
        for lines in GROWTH:
            with tempfile.TemporaryDirectory() as made:
                path = make(folder := Path(made), lines, per)
                told = duckdb.sql(f"SELECT count(*), count(DISTINCT customer_id) FROM '{path}'")
                count, customers = told.fetchone()
                sql, ours = (float(run(peer, folder)["cpu"]) for peer in ("sql", "crmlab"))
            rows.append((per, count, sql, ours))
            each = f"{ours / count * 1e6:11.2f}"
            print(f"{count:12,}{customers:12,}{sql:10.2f}{ours:12.2f}{each}", flush=True)
    draw(pd.DataFrame(rows, columns=["per", "lines", "sql", "crmlab"]))


def draw(measured: pd.DataFrame) -> None:
    """Draw CPU by lines, a line for each number of lines per customer."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    for (per, rows), color in zip(measured.groupby("per"), ("C0", "C1", "C2"), strict=True):
        ax.plot(rows["lines"], rows["crmlab"], "o-", color=color, label=f"{per:g} lines a customer")
        ax.plot(rows["lines"], rows["sql"], ":", color=color)
    ax.set(xscale="log", yscale="log", xlabel="lines", ylabel="CPU seconds")
    ax.legend(title="crmlab; dotted: plain SQL", frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    fig.savefig(Path(__file__).parents[1] / "docs" / "scale.png", dpi=120)


def main() -> None:
    """Make the lines, time the peers, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, nargs="+", default=SIZES)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--growth", action="store_true", help="by lines and by customers alone")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores; DuckDB {duckdb.__version__}, pandas {pd.__version__}; seconds")
    if asked.growth:
        growth()
        return
    for lines in asked.lines:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            path = make(folder, lines)
            rows = duckdb.sql(f"SELECT count(*), count(DISTINCT customer_id) FROM '{path}'")
            count, customers = rows.fetchone()
            print(
                f"\n{count:,} lines, {customers:,} customers, {path.stat().st_size / 1e6:,.0f} MB"
            )
            print(
                f"{'':16}{'wall':>8}{'CPU':>8}{'× scan':>8}{'× bare':>8}{'× sql':>8}{'peak MB':>9}"
            )
            cpu: dict[str, float] = {}
            for peer in (each for each in asked.peers if count <= 1.2 * PEERS[each]):
                told = run(peer, folder)
                if "error" in told:
                    print(f"{peer:16}{told['error']}", flush=True)
                    continue
                cpu[peer] = float(told["cpu"])
                ratios = "".join(
                    f"{cpu[peer] / cpu[base]:8.2f}" if base in cpu else f"{'':8}"
                    for base in ("scan", "bare", "sql")
                )
                print(
                    f"{peer:16}{told['wall']:8.2f}{cpu[peer]:8.2f}{ratios}{told['peak']:9,.0f}"
                    f"  {told.get('said', '')}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
