"""K公司 (K Consulting), the consultancy of the course: accounts that fit its published figures."""

import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

SALES, PROFIT = 36_000_000, 3_600_000  # ¥ of all accounts: invented
VOLUME_CUTS, RATE_CUTS = (100_000, 600_000), (0.03, 0.15)  # where low ends and high begins
# Published: 10 of 138 accounts with 29 % of sales and 69.5 % of profit, 97 in the middle.
HIGH_HIGH, MIDDLE, OTHERWISE = "high_high", "middle", "otherwise"


class Group(NamedTuple):
    """Accounts of one place on the two axes: their sums, and how far they differ."""

    accounts: int
    kept: int  # two years later: invented, but for the sum of 92 over all groups
    sales: int  # ¥
    profit: int  # ¥
    revenue: tuple[float, float]  # of an account, in proportion to the others
    rate: float  # how far profit ÷ revenue strays from the group's


GROUPS = {
    HIGH_HIGH: Group(10, 10, 10_440_000, 2_502_000, (0.7, 1.6), 0.04),
    MIDDLE: Group(97, 69, 18_430_000, 1_188_500, (0.75, 2.0), 0.03),
    "low_high": Group(9, 9, 630_000, 157_500, (0.6, 1.2), 0.04),
    "high_low": Group(7, 4, 5_600_000, -140_000, (0.85, 1.3), 0.02),
    "low_low": Group(15, 0, 900_000, -108_000, (0.5, 1.3), 0.06),
}


def k_accounts(seed: int = 2026) -> pd.DataFrame:
    """Return the accounts of K Consulting before it chose among them.

    Published are: 138 customers; 10 high on sales volume and on profit rate, with 29 % of
    sales and 69.5 % of profit; 97 in the middle. All else is invented: the yuan, the
    cut-offs, and the 31 others, who are low on one axis or both. Within a group, revenue
    is uniform, then scaled to the group's sum; profit ÷ revenue is uniform about the
    group's mean.

    Parameters
    ----------
    seed : int
        From 0.

    Returns
    -------
    DataFrame
        Sorted by ``customer_id``: ``period`` (``before``), ``revenue``,
        ``direct_cost``, ``selling_cost`` in whole yuan of a year.
    """
    return _drawn(seed).drop(columns=["group", "kept"])


def k_accounts_later(seed: int = 2026) -> pd.DataFrame:
    """Return the accounts two years later: customers × 2/3 and sales × 4/3, as published.

    That those who stayed are among the first 138, who they are, and what they cost is
    invented: the costs' shares of revenue are as before, so the profit is no finding.

    Columns as in `k_accounts`; ``period`` is ``two_years_later``.
    """
    before = _drawn(seed)
    kept = before[before["kept"]]
    growth = _stream(seed, "later").uniform(0.8, 1.6, len(kept))
    revenue = _to_total(kept["revenue"].to_numpy() * growth, SALES * 4 // 3)
    costs = {
        cost: (kept[cost] / kept["revenue"] * revenue).round().astype("int64")
        for cost in ("direct_cost", "selling_cost")
    }
    later = kept.assign(period="two_years_later", revenue=revenue, **costs)
    return later.drop(columns=["group", "kept"]).reset_index(drop=True)


def k_bands(accounts: pd.DataFrame) -> pd.Series:
    """Return each account's ``band``: ``high_high``, ``middle`` or ``otherwise``.

    An account is high above the upper of `VOLUME_CUTS` (¥) and `RATE_CUTS` (profit ÷
    revenue), low up to the lower; who is neither on both axes is in the middle.
    """
    spent = accounts["direct_cost"] + accounts["selling_cost"]
    rate = (accounts["revenue"] - spent) / accounts["revenue"]
    levels = [
        np.searchsorted(cuts, axis.to_numpy(), side="left")
        for axis, cuts in ((accounts["revenue"], VOLUME_CUTS), (rate, RATE_CUTS))
    ]
    lowest, highest = np.minimum(*levels), np.maximum(*levels)
    middle = (lowest == 1) & (highest == 1)
    bands = np.select([lowest == 2, middle], [HIGH_HIGH, MIDDLE], OTHERWISE)
    return pd.Series(bands, accounts.index, name="band", dtype="str")


def write_k_consulting(folder: str | Path, seed: int = 2026) -> None:
    """Write ``accounts.csv``, ``accounts_later.csv`` and ``source.toml`` into `folder`."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    lines = ['name = "k-consulting"', 'currency = "CNY"']
    tables = {"accounts": k_accounts(seed), "accounts_later": k_accounts_later(seed)}
    for name, table in tables.items():
        text = table.to_csv(index=False, lineterminator="\n")
        (place / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
        lines += ["", f"[{name}]", f'path = "{name}.csv"']
        lines += [f'{column} = "{column}"' for column in table]
    (place / "source.toml").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _drawn(seed: int) -> pd.DataFrame:
    """Return all accounts with their ``group`` and whether they are ``kept``."""
    drawn = pd.concat([_group(seed, name) for name in GROUPS], ignore_index=True)
    mixed = _stream(seed, "order").permutation(len(drawn))
    ids = [f"K{n:03d}" for n in range(1, len(drawn) + 1)]
    table = drawn.iloc[mixed].reset_index(drop=True)
    table.insert(0, "customer_id", ids)
    table.insert(1, "period", "before")
    return table


def _group(seed: int, name: str) -> pd.DataFrame:
    told, rng = GROUPS[name], _stream(seed, name)
    n = told.accounts
    revenue = _to_total(rng.uniform(*told.revenue, n), told.sales)
    rate = rng.uniform(-told.rate, told.rate, n)
    rate += (told.profit - rate @ revenue) / told.sales
    profit = _to_total(rate * revenue, told.profit)
    direct = np.rint(rng.uniform(0.5, 0.65, n) * revenue).astype("int64")
    return pd.DataFrame(
        {
            "revenue": revenue,
            "direct_cost": direct,
            "selling_cost": revenue - direct - profit,
            "group": name,
            "kept": np.arange(n) < told.kept,
        }
    )


def _to_total(amounts: np.ndarray, total: int) -> np.ndarray:
    """Return amounts scaled to a total, in whole yuan; what rounding leaves goes to the first.

    >>> _to_total(np.array([1.0, 1.0, 1.0]), 100)
    array([34, 33, 33])
    """
    whole = np.rint(amounts * (total / amounts.sum())).astype("int64")
    whole[0] += total - whole.sum()
    return whole


def _stream(seed: int, part: str) -> np.random.Generator:
    keys = [seed, zlib.crc32(f"k-consulting {part}".encode())]
    return np.random.default_rng(np.random.SeedSequence(keys))
