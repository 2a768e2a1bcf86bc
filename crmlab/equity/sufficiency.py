"""Whether the tables suffice for the claims about loyalty, and what would."""

from collections.abc import Mapping

import pandas as pd

from crmlab.equity.panel import contract_years
from crmlab.errors import Finding, graded, require_columns

FEW_LEFT, MANY_LEFT = 5, 30  # contracts ended: what a retention rate stands on
FEW_WON = 30  # acquisitions with a lead on file
ENOUGH_DAYS = 548  # of orders: a year ago, and half a year before it


NEEDS = {
    "customers": ["customer_id", "kind", "region", "acquired_on", "acquisition_cost", "churned_on"],
    "order_lines": ["order_id", "product_id", "quantity", "price", "direct_cost"],
    "costs": ["customer_id", "month", "selling", "service"],
    "contracts": ["started_on", "ended_on"],
    "leads": ["customer_id", "referred_by"],
    "referral_asks": ["customer_id", "reward_cost"],
    "wallet": ["customer_id", "year", "category_spend"],
}


def ready(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp) -> list[Finding]:
    """Return whether the tables suffice, and why.

    Parameters
    ----------
    tables : mapping
        Those of `NEEDS`, by name.
    as_of : Timestamp
        Last day seen.
    """
    if lacking := require_columns(tables, NEEDS):
        return lacking
    return _counted(tables["contracts"], tables["leads"], len(tables["customers"]), as_of)


def _counted(
    contracts: pd.DataFrame, leads: pd.DataFrame, customers: int, as_of: pd.Timestamp
) -> list[Finding]:
    years, left = contract_years(contracts, as_of)
    level = graded(left, FEW_LEFT, MANY_LEFT)
    won = int(leads["customer_id"].notna().sum())
    known = won / max(customers, 1)
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
            en=f"A lead is on file for {won:,} of {customers:,} customers ({known:.0%}): "
            "who brought the others is not known.",
            zh=f"{customers:,} 位客户中有 {won:,} 位（{known:.0%}）留有线索记录，"
            "其余客户由谁介绍无从得知。",
            code="leads_on_file",
        ),
    ]


def history(since: pd.Timestamp, as_of: pd.Timestamp) -> Finding:
    """Return whether orders reach back far enough from `as_of` to compare with a year ago."""
    days = (as_of - since).days
    return Finding(
        "ready" if days >= ENOUGH_DAYS else "not_enough",
        en=f"Orders cover {days:,} days; the comparison with a year ago needs {ENOUGH_DAYS}.",
        zh=f"订单覆盖 {days:,} 天；与一年前比较至少需要 {ENOUGH_DAYS} 天。",
        code="days_of_orders",
    )
