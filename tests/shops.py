"""Small made-up shops, clean until a test spoils them, written as sources of one's own."""

from pathlib import Path

import numpy as np
import pandas as pd

from crmlab import check, load

COLUMNS = {"customer_id": "who", "order_date": "day", "amount": "paid", "order_id": "no"}


def clean(customers: int = 120, days: int = 366, seed: int = 5) -> pd.DataFrame:
    """Return purchases as text cells: every day some, from 2024-01-01 to 2024-12-31 if asked."""
    rng = np.random.default_rng(seed)
    per_day = rng.poisson(6, days) + 2
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.repeat(np.arange(days), per_day), "D")
    n = len(day)
    return pd.DataFrame({
        "no": [f"{100_000 + i}" for i in range(n)],
        "who": [f"K{c:04}" for c in rng.integers(0, customers, n)],
        "day": day.strftime("%Y-%m-%d"),
        "paid": [f"{v:.2f}" for v in rng.gamma(4, 25, n) + 5],
    })  # fmt: skip


def section(table: str, rows: pd.DataFrame, folder: Path, columns: dict[str, str]) -> str:
    """Write a table's rows and return its section of a TOML."""
    rows.to_csv(folder / f"{table}.csv", index=False)
    mapped = "".join(f'{ours} = "{theirs}"\n' for ours, theirs in columns.items())
    return f'[{table}]\npath = "{table}.csv"\n{mapped}'


def source(
    folder: Path, rows: pd.DataFrame, options: str = "", top: str = "", more: str = "",
    **columns: str,
) -> str:  # fmt: skip
    """Write a shop's source and return its path; `columns` add to those of `clean`."""
    told = section("orders", rows, folder, COLUMNS | columns)
    path = folder / "shop.toml"
    path.write_text(f'currency = "CNY"\n{top}{told}{options}{more}', encoding="utf-8")
    return str(path)


def found(folder: Path, rows: pd.DataFrame, *told: str, as_of: str | None = None, **columns: str):
    """Return what the check finds in a shop: code → finding."""
    lines = load.orders(source(folder, rows, *told, **columns))
    return {each.code: each for each in check.findings(lines, as_of)}


def added(rows: pd.DataFrame, count: int, **cells: object) -> pd.DataFrame:
    """Return the rows and `count` more like the first ones, with other cells."""
    more = rows.head(count).assign(no=[f"9{i:06}" for i in range(count)], **cells)
    return pd.concat([rows, more], ignore_index=True)
