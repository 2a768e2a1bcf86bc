"""The quality ledger: how many rows and how much money was read, left out and used, and why."""

import pandas as pd

from crmlab.load.rules import USED, repeats
from crmlab.load.sql import engine, one
from crmlab.load.stage import Staged


def ledger(staged: Staged, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return rows and money by reason: read, left out, used; and what of the used is odd.

    ``rows_read`` is the sum of ``rows_used`` and of all lines between the two. `columns`
    are those of ours that the table has; without ``amount`` there is no money.
    """
    money = "sum(amount)" if "amount" in columns else "NULL"
    told = engine().raw_sql(f"SELECT _reason, count(*), {money} FROM {staged.name} GROUP BY 1")
    by_reason = {reason: (rows, amount) for reason, rows, amount in told.fetchall()}
    rows = [("rows_read", *_sum(by_reason.values()))]
    rows += [(r, *by_reason[n]) for n, r in enumerate(staged.reasons) if n in by_reason]
    rows.append(("rows_used", *by_reason.get(None, (0, None))))
    rows += [line for line in _odd(staged, columns) if line[1]]
    found = pd.DataFrame(rows, columns=["reason", "rows", "amount"])
    found["amount"] = pd.array(
        [None if a is None else float(a) for a in found["amount"]], "Float64"
    )
    return found if "amount" in columns else found.drop(columns="amount")


def _sum(told: object) -> tuple[int, float | None]:
    pairs = list(told)  # type: ignore[call-overload]
    amounts = [amount for _, amount in pairs if amount is not None]
    return sum(rows for rows, _ in pairs), sum(amounts) if amounts else None


def _odd(staged: Staged, columns: tuple[str, ...]) -> list[tuple]:
    """Return what of the used rows an analyst should know of."""
    found = []
    if "amount" in columns:
        zero, below, taken = one(
            f"SELECT count(*) FILTER (amount = 0), count(*) FILTER (amount < 0), "
            f"sum(amount) FILTER (amount < 0) FROM {staged.name} WHERE {USED}"
        )
        found += [("zero_amount", zero, 0), ("negative_amount", below, taken)]
    money = "sum(amount)" if "amount" in columns else "NULL"
    again = one(f"SELECT count(*), {money} FROM {staged.name} WHERE rowid IN ({repeats(staged)})")
    return [*found, ("exact_duplicates", *again)]
