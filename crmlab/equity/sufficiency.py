"""Whether the tables suffice for the claims about loyalty, and what would."""

import pandas as pd

from crmlab.equity.panel import contract_years
from crmlab.errors import Finding, Level

FEW_LEFT, MANY_LEFT = 5, 30  # contracts ended: what a retention rate stands on
FEW_WON = 30  # acquisitions with a lead on file


def ready(
    contracts: pd.DataFrame, leads: pd.DataFrame, customers: pd.DataFrame, as_of: pd.Timestamp
) -> list[Finding]:
    """Return whether contracts and leads suffice, and why.

    Parameters
    ----------
    contracts : DataFrame
        ``started_on``, ``ended_on``.
    leads : DataFrame
        ``customer_id``, ``referred_by``.
    customers : DataFrame
        One row per customer.
    as_of : Timestamp
        Last day seen.
    """
    years, left = contract_years(contracts, as_of)
    level: Level = "not_enough" if left < FEW_LEFT else "caution" if left < MANY_LEFT else "ready"
    won = int(leads["customer_id"].notna().sum())
    known = won / max(len(customers), 1)
    return [
        Finding(
            level,
            en=f"{left:,} contracts ended in {years:,.0f} contract-years; "
            f"a rate of retention needs {FEW_LEFT} at least, {MANY_LEFT} to be steady.",
            zh=f"{years:,.0f} 个合同年中有 {left:,} 份合同终止；"
            f"估计保留率至少需要 {FEW_LEFT} 份，{MANY_LEFT} 份以上才稳定。",
            code="contracts_ended",
        ),
        Finding(
            "ready" if won >= FEW_WON and known > 0.9 else "caution",
            en=f"A lead is on file for {won:,} of {len(customers):,} customers ({known:.0%}): "
            "who brought the others is not known.",
            zh=f"{len(customers):,} 位客户中有 {won:,} 位（{known:.0%}）留有线索记录，"
            "其余客户由谁介绍无从得知。",
            code="leads_on_file",
        ),
    ]
