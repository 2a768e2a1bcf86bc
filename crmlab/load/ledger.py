"""The quality ledger: how many rows and how much money was read, left out and used, and why."""

import pandas as pd

from crmlab.load.source import File
from crmlab.load.sql import cast, filled, needed, one, quoted
from crmlab.tables import Table


def ledger(text: str, ours: Table, file: File) -> pd.DataFrame:
    """Return rows and money by reason: read, left out for each empty cell, used, odd."""
    columns = [c for c, _ in file.columns]
    amount = cast("amount", ours, file) if "amount" in columns else "NULL"
    reasons, empty_before = {"rows_read": "true"}, "false"
    for column in needed(ours, file):
        empty = f"{quoted(column)} IS NULL"
        reasons[f"no_{column}"] = f"{empty} AND NOT ({empty_before})"
        empty_before += f" OR {empty}"
    reasons["rows_used"] = used = filled(ours, file)
    if "amount" in columns:
        reasons["zero_amount"] = f"({used}) AND {amount} = 0"
        reasons["negative_amount"] = f"({used}) AND {amount} < 0"
    counts = ", ".join(
        f"count(*) FILTER ({rule}), sum({amount}) FILTER ({rule})" for rule in reasons.values()
    )
    told = one(f"SELECT {counts} FROM {text}")
    found = pd.DataFrame(
        {"reason": list(reasons), "rows": told[0::2], "amount": pd.array(told[1::2], "Float64")}
    )
    found = pd.concat([found, _repeats(text, columns, used, amount)], ignore_index=True)
    always = found["reason"].isin(["rows_read", "rows_used"])
    shown = found[always | (found["rows"] > 0)].reset_index(drop=True)
    return shown if "amount" in columns else shown.drop(columns="amount")


def _repeats(text: str, columns: list[str], used: str, amount: str) -> pd.DataFrame:
    """Return the ledger's line on rows that repeat an earlier one in every column."""
    cells = ", ".join(map(quoted, columns))
    nth = f"row_number() OVER (PARTITION BY {cells} ORDER BY _row)"
    rows, money = one(
        f"SELECT count(*), sum({amount}) FROM (SELECT *, {nth} AS nth FROM {text} "
        f"WHERE {used}) WHERE nth > 1"
    )
    return pd.DataFrame(
        {"reason": ["exact_duplicates"], "rows": [rows], "amount": pd.array([money], "Float64")}
    )
