"""Whether the tables suffice to say why contracts end, who leaves next and who comes back."""

from collections.abc import Mapping

import pandas as pd

from crmlab.errors import Finding, graded, require_columns
from crmlab.lifecycle.intervals import wilson
from crmlab.lifecycle.silence import silence_days

NEEDS = {
    "customers": ["customer_id", "kind", "nature", "acquired_on", "churned_on", "churn_reason",
                  "reactivated_on"],
    "contracts": ["customer_id", "started_on", "ended_on"],
    "complaints": ["customer_id", "complained_on"],
    "touchpoints": ["customer_id", "contact_id", "at", "type", "minutes_to_respond"],
    "survey": ["customer_id", "wave", "surveyed_on", "satisfaction_overall"],
}  # fmt: skip
ENDS, TESTED, RETURNED = (30, 100), (10, 30), (5, 20)  # least, enough


def churn_ready(
    tables: Mapping[str, pd.DataFrame], lives: pd.DataFrame, then: pd.Timestamp
) -> list[Finding]:
    """Say whether columns are there, and ends, tested ends and returns are enough.

    Parameters
    ----------
    tables : mapping
        Those of `NEEDS`, by name.
    lives : DataFrame
        From `contract_lives`.
    then : Timestamp
        Day from which on the early warning is tested.
    """
    if lacking := require_columns(tables, NEEDS):
        return lacking
    ends = int(lives["observed"].sum())
    late = lives["observed"] & (lives["began_on"] <= then) & (lives["ended_on"] > then)
    back = int(tables["customers"]["reactivated_on"].notna().sum())
    told = int(tables["customers"]["churn_reason"].notna().sum())
    return [
        _ends(ends, len(lives)),
        _tested(int(late.sum()), then),
        _returned(back),
        _reasons(told, int(tables["customers"]["churned_on"].notna().sum())),
    ]


def _ends(ends: int, contracts: int) -> Finding:
    least, enough = ENDS
    return Finding(
        graded(ends, *ENDS),
        en=f"{ends:,} of {contracts:,} contracts have ended (at least {least} are needed, "
        f"{enough} tell what goes before).",
        zh=f"{contracts:,} 份合同中已有 {ends:,} 份终止（至少需要 {least} 份，"
        f"{enough} 份以上才能看清先兆）。",
        code="contracts_ended",
    )


def _tested(ends: int, then: pd.Timestamp) -> Finding:
    least, enough = TESTED
    return Finding(
        graded(ends, *TESTED),
        en=f"{ends:,} contracts of those running on {then:%Y-%m-%d} ended later: on them the early "
        f"warning is tested ({least} are the least, {enough} enough).",
        zh=f"{then:%Y-%m-%d} 仍在履行的合同中，有 {ends:,} 份其后终止，用来检验预警"
        f"（至少 {least} 份，{enough} 份以上为宜）。",
        code="ends_tested",
    )


def _returned(back: int) -> Finding:
    least, enough = RETURNED
    return Finding(
        graded(back, *RETURNED),
        en=f"{back:,} customers who had left came back ({least} are the least, {enough} enough "
        "for the chance of return).",
        zh=f"有 {back:,} 位流失客户回来（估计回归概率至少需要 {least} 位，{enough} 位以上为宜）。",
        code="returned",
    )


def _reasons(told: int, left: int) -> Finding:
    share = told / max(left, 1)
    return Finding(
        "not_enough" if not told else "ready" if share >= 0.8 else "caution",
        en=f"A reason is on file for {told:,} of {left:,} customers who left.",
        zh=f"{left:,} 位流失客户中，{told:,} 位记录了流失原因。",
        code="reasons_on_file",
    )


def ends_told(
    customers: pd.DataFrame, summary: pd.DataFrame, gaps: pd.DataFrame, quantile: float = 0.95
) -> pd.DataFrame:
    """Return, by kind of customer, whether the data tell when a relationship ends.

    Parameters
    ----------
    customers : DataFrame
        ``customer_id``, ``kind``, ``churned_on``.
    summary : DataFrame
        Indexed by ``customer_id``: ``days_since_last``.
    gaps : DataFrame
        ``customer_id``, ``gap_days``.
    quantile : float
        Of the kind's gaps: a longer silence would be called a loss (see `silence_days`).

    Returns
    -------
    DataFrame
        Indexed by ``kind``: ``customers``, ``end_on_file`` (share whose end is on file) with
        ``low`` and ``high``, ``quiet_days`` (the threshold), ``silent_share`` (silent for
        longer) with ``silent_low`` and ``silent_high``, and ``setting``: ``contractual``
        where any end is on file, else ``noncontractual``.
    """
    file = customers.set_index("customer_id")
    rows = {}
    for kind, part in file.groupby("kind"):
        quiet = silence_days(gaps[gaps["customer_id"].isin(part.index)], quantile)
        silent = (summary["days_since_last"].reindex(part.index) > quiet).sum()
        rows[str(kind)] = (len(part), part["churned_on"].notna().sum(), quiet, silent)
    names = ["customers", "ended", "quiet_days", "silent"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("kind")
    ended, quiet_share = (
        wilson(table[part], table["customers"]).set_axis(columns, axis=1)
        for part, columns in (
            ("ended", ["end_on_file", "low", "high"]),
            ("silent", ["silent_share", "silent_low", "silent_high"]),
        )
    )
    setting = (table["ended"] > 0).map({True: "contractual", False: "noncontractual"})
    found = table[["customers"]].join(ended).join(table["quiet_days"]).join(quiet_share)
    return found.assign(setting=setting)
