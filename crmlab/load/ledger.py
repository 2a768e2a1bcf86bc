"""The quality ledger: how many rows and how much money was read, left out and used, and why."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pandas as pd

from crmlab.load.rules import USED, repeats
from crmlab.load.sql import engine, one
from crmlab.load.stage import Staged

Count = tuple[int, Decimal | float | None]  # rows, and their money


def ledger(staged: Staged, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return the ledger of staged rows; `columns` are those of ours that the table has."""
    money = "sum(amount)" if "amount" in columns else "NULL"
    told = engine().raw_sql(f"SELECT _reason, count(*), {money} FROM {staged.name} GROUP BY 1")
    by_reason = {reason: (rows, amount) for reason, rows, amount in told.fetchall()}
    return table(by_reason, staged.reasons, _odd(staged, columns), money="amount" in columns)


def table(
    by_reason: Mapping[int | None, Count],
    reasons: Sequence[str],
    odd: Mapping[str, Count],
    *,
    money: bool,
) -> pd.DataFrame:
    """Return rows and money by reason: read, left out, used; and what of the used is odd.

    ``rows_read`` is the sum of ``rows_used`` and of all lines between the two.

    Parameters
    ----------
    by_reason : mapping
        What was counted, by the place of its reason in `reasons`; None: used.
    reasons : sequence of str
        Why rows are left out.
    odd : mapping
        What else was counted among the used rows.
    money : bool
        Whether the table has ``amount``; else there is no money.
    """
    rows = [("rows_read", *_sum(by_reason))]
    rows += [(r, *by_reason[n]) for n, r in enumerate(reasons) if n in by_reason]
    rows.append(("rows_used", *by_reason.get(None, (0, None))))
    rows += [(name, *count) for name, count in odd.items() if count[0]]
    found = pd.DataFrame(rows, columns=["reason", "rows", "amount"])
    found["amount"] = pd.array(
        [None if a is None else float(a) for a in found["amount"]], "Float64"
    )
    return found if money else found.drop(columns="amount")


def _sum(by_reason: Mapping[int | None, Count]) -> Count:
    amounts = [amount for _, amount in by_reason.values() if amount is not None]
    total = sum(amounts[1:], amounts[0]) if amounts else None
    return sum(rows for rows, _ in by_reason.values()), total


def _odd(staged: Staged, columns: tuple[str, ...]) -> dict[str, Count]:
    """Return what of the used rows an analyst should know of."""
    found: dict[str, Count] = {}
    if "amount" in columns:
        zero, below, taken = one(
            f"SELECT count(*) FILTER (amount = 0), count(*) FILTER (amount < 0), "
            f"sum(amount) FILTER (amount < 0) FROM {staged.name} WHERE {USED}"
        )
        found |= {"zero_amount": (zero, 0), "negative_amount": (below, taken)}
    money = "sum(amount)" if "amount" in columns else "NULL"
    again = one(f"SELECT count(*), {money} FROM {staged.name} WHERE rowid IN ({repeats(staged)})")
    return {**found, "exact_duplicates": again}
