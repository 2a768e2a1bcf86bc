"""One peer of `scale.py`, in a process of its own: prints wall, CPU and peak memory as JSON."""

import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

SUMMARY = """SELECT customer_id, count(*) - 1 AS frequency,
  date_diff('day', min(day), max(day)) / 7 AS recency,
  date_diff('day', min(day), DATE '{until}') / 7 AS "T",
  (sum(paid) - arg_min(paid, day))::DOUBLE / nullif(count(*) - 1, 0) AS monetary_value,
  min(day)::TIMESTAMP AS first_order, max(day)::TIMESTAMP AS last_order,
  date_diff('day', max(day), DATE '{until}') AS days_since_last, count(*) AS orders,
  sum(paid)::DOUBLE AS spend
FROM (SELECT customer_id, order_date::DATE AS day, sum(amount) AS paid
      FROM '{path}' GROUP BY 1, 2)
GROUP BY 1"""
UNTIL = "2024-12-30"


def duck(folder: Path):
    """Return DuckDB with the settings that `crmlab.load` writes with."""
    import duckdb

    engine = duckdb.connect()
    engine.execute("SET enable_progress_bar = false; SET preserve_insertion_order = false")
    engine.execute(f"SET temp_directory = '{folder}/spill'")
    if memory := os.environ.get("CRMLAB_MEMORY"):
        engine.execute(f"SET memory_limit = '{memory}'")
    return engine


def scan(folder: Path) -> Callable[[], object]:
    """Read the columns that all need."""
    engine = duck(folder)
    columns = "max(customer_id), max(order_date), sum(amount)"
    return lambda: engine.execute(f"SELECT {columns} FROM '{folder}/lines.parquet'").fetchall()


def bare(folder: Path) -> Callable[[], object]:
    """Group by customer alone."""
    engine = duck(folder)
    query = f"SELECT customer_id, count(*) FROM '{folder}/lines.parquet' GROUP BY 1"
    return lambda: engine.execute(f"COPY ({query}) TO '{folder}/bare.parquet'")


def sql(folder: Path) -> Callable[[], object]:
    """Plain two-level SQL, into Parquet."""
    engine = duck(folder)
    query = SUMMARY.format(path=f"{folder}/lines.parquet", until=UNTIL)
    return lambda: engine.execute(f"COPY ({query}) TO '{folder}/sql.parquet'")


def crmlab(folder: Path) -> Callable[[], object]:
    """Check the lines and summarise them, into Parquet, as `crmlab score` begins."""
    from crmlab import load, scoring

    load.engine()

    def work() -> None:
        with scoring.summarised(str(folder / "s.toml")):
            pass

    return work


def score(folder: Path) -> Callable[[], object]:
    """Score every customer, into Parquet."""
    from crmlab import load, scoring

    load.engine()
    source, target = str(folder / "s.toml"), str(folder / "scores.parquet")

    def work() -> str:
        done = scoring.score(source, target, force=True)
        return f"{done.histories:,} histories"

    return work


def polars(folder: Path) -> Callable[[], object]:
    """Group twice, streaming."""
    import polars as pl

    day = pl.scan_parquet(folder / "lines.parquet").group_by(
        "customer_id", pl.col("order_date").dt.date().alias("day")
    ).agg(pl.col("amount").sum())  # fmt: skip
    each = day.group_by("customer_id").agg(
        (pl.len() - 1).alias("frequency"), pl.col("day").min().alias("first"),
        pl.col("day").max().alias("last"), pl.col("amount").sum().alias("spend"),
        pl.col("amount").sort_by("day").first().alias("paid_first"),
    )  # fmt: skip
    return lambda: each.collect(engine="streaming").write_parquet(folder / "polars.parquet")


def pandas(folder: Path) -> Callable[[], object]:
    """Group twice in memory."""
    import pandas as pd

    def work() -> None:
        lines = pd.read_parquet(
            folder / "lines.parquet", columns=["customer_id", "order_date", "amount"]
        )
        lines = lines.assign(
            day=lines["order_date"].dt.floor("D"), amount=lines["amount"].astype("float64")
        )
        day = lines.groupby(["customer_id", "day"], sort=True)["amount"].sum().reset_index()
        found = day.groupby("customer_id").agg(
            frequency=("day", "size"), first=("day", "min"), last=("day", "max"),
            spend=("amount", "sum"), paid_first=("amount", "first"),
        )  # fmt: skip
        found.to_parquet(folder / "pandas.parquet")

    return work


def lifetimes(folder: Path) -> Callable[[], object]:
    """Have lifetimes summarise."""
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    def work() -> None:
        lines = pd.read_parquet(
            folder / "lines.parquet", columns=["customer_id", "order_date", "amount"]
        )
        lines["amount"] = lines["amount"].astype("float64")
        found = summary_data_from_transaction_data(
            lines, "customer_id", "order_date", monetary_value_col="amount", freq="D"
        )
        found.to_parquet(folder / "lifetimes.parquet")

    return work


def pymc(folder: Path) -> Callable[[], object]:
    """Have pymc-marketing summarise."""
    import pandas as pd
    from pymc_marketing.clv.utils import rfm_summary

    def work() -> None:
        lines = pd.read_parquet(
            folder / "lines.parquet", columns=["customer_id", "order_date", "amount"]
        )
        lines["amount"] = lines["amount"].astype("float64")
        found = rfm_summary(lines, "customer_id", "order_date", "amount", time_unit="D")
        found.to_parquet(folder / "pymc.parquet")

    return work


def spark(folder: Path) -> Callable[[], object]:
    """What `crmlab` does, on Spark on this machine."""
    os.environ["CRMLAB_ENGINE"] = "pyspark"
    from crmlab import customers, load
    from crmlab.load.spark import spark as session

    session("pyspark")
    target = str(folder / "spark.parquet")
    return lambda: load.write_parquet(
        customers.summary(load.orders(str(folder / "s.toml"))), target
    )


def children() -> float:
    """Return the CPU seconds of this process's children that still run, as Spark's JVM does."""
    ticks, found = os.sysconf("SC_CLK_TCK"), 0.0
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = each.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(told[1]) == os.getpid():
            found += (int(told[11]) + int(told[12])) / ticks
    return found


def main() -> None:
    """Measure one peer and print what it took."""
    work = globals()[sys.argv[1]](Path(sys.argv[2]))
    wall, cpu = time.perf_counter(), time.process_time() + children()
    said = work()
    told = {"wall": time.perf_counter() - wall, "cpu": time.process_time() + children() - cpu}
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    told["peak"] = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1e3
    print(json.dumps({**told, "said": said if isinstance(said, str) else ""}))


if __name__ == "__main__":
    main()
