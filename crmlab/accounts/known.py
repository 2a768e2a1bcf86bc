"""What is known of each customer in a year, and whether the tables suffice."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.accounts.base import Problem
from crmlab.accounts.margins import pocket_margin, profit, sales
from crmlab.accounts.trade import wallet_share
from crmlab.errors import Finding, columns_lacking, graded, require_columns

NEEDED = {
    "orders": ["order_id", "customer_id", "order_date", "amount"],
    "order_lines": ["order_id", "product_id", "quantity", "price"],
    "products": ["product_id", "category", "price", "unit_cost"],
    "costs": ["customer_id", "month", "selling", "service"],
    "customers": [
        "customer_id", "nature", "industry", "acquired_on", "acquisition_cost", "potential",
    ],
}  # fmt: skip
HELPFUL = {  # without these, an answer stays empty, and the page says which
    "wallet": ["customer_id", "year", "category_spend"],
    "contacts": ["contact_id", "customer_id", "name", "department", "role"],
    "touchpoints": ["contact_id", "customer_id", "department", "at", "adopted"],
    "complaints": ["customer_id", "complained_on"],
    "referral_asks": ["customer_id", "asked_on", "named"],
    "survey": ["customer_id", "surveyed_on", "satisfaction_overall", "stay_reason"],
    "needs": ["customer_id", "need_id", "need_class", "need_importance"],
    "value_ratings": ["customer_id", "brand"],
    "rebates": ["dealer_id", "period", "paid"],
    "invoices": ["customer_id", "invoiced_on", "discount"],
}
LOYALTY = ("loyalty_repeat", "loyalty_first_choice", "loyalty_stay")  # 1 to 10 each
ORIENTATIONS = ("economising", "ethical", "personalising", "convenience")
FEW, ENOUGH = 30, 150  # buyers of a year
DAYS = {  # by what day a row belongs to a year
    "orders": "order_date", "costs": "month", "touchpoints": "at", "complaints": "complained_on",
    "referral_asks": "asked_on", "survey": "surveyed_on", "rebates": "period",
    "invoices": "invoiced_on", "customers": "acquired_on",
}  # fmt: skip


def completed(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables, with an empty one for each that helps and is not there."""
    lacking = {name: pd.DataFrame(columns=columns) for name, columns in HELPFUL.items()}
    return {**lacking, **tables}


def until(tables: Mapping[str, pd.DataFrame], year: int) -> dict[str, pd.DataFrame]:
    """Return the tables without what happened after the end of a calendar year."""
    end = pd.Timestamp(year, 12, 31, 23, 59, 59)
    return {
        name: rows[~(pd.to_datetime(rows[DAYS[name]]) > end)] if name in DAYS else rows
        for name, rows in tables.items()
    }


def within(tables: Mapping[str, pd.DataFrame], name: str, year: int) -> pd.DataFrame:
    """Return the rows of one table that belong to a calendar year."""
    rows = tables[name]
    return rows[pd.to_datetime(rows[DAYS[name]]).dt.year == year]


def sold_in(tables: Mapping[str, pd.DataFrame], year: int) -> pd.DataFrame:
    """Return the lines sold in a calendar year, as `crmlab.accounts.sales` does."""
    return sales(within(tables, "orders", year), tables["order_lines"], tables["products"])


def conceded_in(tables: Mapping[str, pd.DataFrame], year: int) -> pd.DataFrame:
    """Return what was conceded beside the invoice in a year: ``rebate``, ``cash_discount``."""
    paid, taken = (within(tables, name, year) for name in ("rebates", "invoices"))
    found = {
        "rebate": paid.groupby("dealer_id")["paid"].sum(),
        "cash_discount": taken.groupby("customer_id")["discount"].sum(),
    }
    return pd.DataFrame(found).astype("float64").fillna(0.0).rename_axis("customer_id")


def margins_in(tables: Mapping[str, pd.DataFrame], year: int) -> pd.DataFrame:
    """Return the `pocket_margin` of each account that bought or cost in a calendar year."""
    cost = within(tables, "costs", year)
    return pocket_margin(sold_in(tables, year), cost, conceded_in(tables, year))


def measures(tables: Mapping[str, pd.DataFrame], year: int) -> pd.DataFrame:
    """Return a row for each customer on file: what a calendar year showed of it.

    Parameters
    ----------
    tables : mapping
        From `completed`; what is after the year is not looked at.
    year : int
        A calendar year that is over.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, who was acquired by the end of the year or bought or cost
        in it: ``nature``, ``industry``, ``acquired_on``, ``acquisition_cost`` and
        ``potential`` of the file, ``channel_place`` (``intermediate_customer`` for a dealer,
        ``final_customer``, or ``not_said``); ``orders``, ``revenue``, ``direct_cost``,
        ``selling_cost``, ``service_cost``, ``profit`` and ``profit_rate`` of the year;
        ``category_spend``, ``untapped``, ``wallet_share`` and ``loyalty`` (1 to 10, of the
        year's last answer), missing where nothing is known.

    Raises
    ------
    DataError
        As `sales`, `profit` and `wallet_share`.
    """
    seen = until(tables, year)
    earned = profit(sold_in(seen, year), within(seen, "costs", year))
    file = seen["customers"].set_index("customer_id")[NEEDED["customers"][1:]]
    found = file.join(earned, how="outer").rename_axis("customer_id")
    found[list(earned.columns[:-1])] = found[list(earned.columns[:-1])].fillna(0.0)
    found = found.join(_wallets(seen, year)).astype({"orders": "int64"})
    found["potential"] = found["potential"].astype("float64").fillna(0.0)
    loyal = _loyalty(within(seen, "survey", year)).reindex(found.index)
    place = _channel_place(seen["customers"], found.index)
    return found.assign(channel_place=place, loyalty=loyal)


def ready(tables: Mapping[str, pd.DataFrame], year: int) -> list[Finding]:
    """Return whether the tables suffice to know what accounts are worth, and what is missing.

    Parameters
    ----------
    tables : mapping
        Those of the source, by name.
    year : int
        The calendar year that is looked at; the one before is compared with it.
    """
    if lacking := require_columns(tables, NEEDED):
        return lacking
    found = [_buyers(tables, year), _before(tables, year), _costed(tables, year)]
    return [*found, *_helpful(tables)]


def _wallets(tables: Mapping[str, pd.DataFrame], year: int) -> pd.DataFrame:
    """Return the year's wallets; all missing if there are none."""
    shown = ["category_spend", "untapped", "wallet_share"]
    wallet = tables["wallet"].astype({"year": "int64", "category_spend": "float64"})
    return wallet_share(wallet, tables["orders"], year)[shown]


def _loyalty(answers: pd.DataFrame) -> pd.Series:
    """Return each customer's loyalty in the last of some answers, the mean of its items."""
    there = [item for item in LOYALTY if item in answers]
    score = answers[there].astype("float64").mean(axis=1)
    last = answers.assign(score=score).dropna(subset=["score"]).sort_values("surveyed_on")
    return last.groupby("customer_id")["score"].last()


def _channel_place(customers: pd.DataFrame, index: pd.Index) -> pd.Series:
    """Return whether each customer sells on what it buys, by ``is_dealer`` if the file has it."""
    if "is_dealer" not in customers:
        return pd.Series("not_said", index=index, dtype="str")
    names = {True: "intermediate_customer", False: "final_customer"}
    place = customers.set_index("customer_id")["is_dealer"].map(names)
    return place.reindex(index).fillna("not_said").astype("str")


def _buyers(tables: Mapping[str, pd.DataFrame], year: int) -> Finding:
    n = within(tables, "orders", year)["customer_id"].nunique()
    return Finding(
        graded(n, FEW, ENOUGH),
        en=f"{n:,} customers bought in {year}; {FEW} are needed, {ENOUGH} are enough for fifths.",
        zh=f"{year} 年有 {n:,} 位客户购买；至少需要 {FEW} 位，{ENOUGH} 位以上才能分成五份。",
        code="buyers_of_the_year",
    )


def _before(tables: Mapping[str, pd.DataFrame], year: int) -> Finding:
    n = within(tables, "orders", year - 1)["customer_id"].nunique()
    return Finding(
        "ready" if n >= FEW else "not_enough",
        en=f"{n:,} customers bought in {year - 1}, the year compared with; {FEW} are needed.",
        zh=f"对比年份 {year - 1} 年有 {n:,} 位客户购买；至少需要 {FEW} 位。",
        code="buyers_of_the_year_before",
    )


def _costed(tables: Mapping[str, pd.DataFrame], year: int) -> Finding:
    bought = set(within(tables, "orders", year)["customer_id"])
    known = bought & set(within(tables, "costs", year)["customer_id"])
    share = len(known) / max(len(bought), 1)
    return Finding(
        "ready" if share >= 0.9 else "caution" if share >= 0.5 else "not_enough",
        en=f"Selling cost and cost to serve are known of {share:.0%} of them; below 50% profit "
        "would be revenue by another name.",
        zh=f"其中 {share:.0%} 有销售费用与服务成本记录；低于 50% 时，所谓利润与收入无异。",
        code="costs_known",
    )


def _helpful(tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Return what is missing of what helps, with the consequence."""
    if not (lacking := columns_lacking(tables, HELPFUL)):
        return []
    names: list[Problem] = [(", ".join(lacking), "、".join(lacking))]
    return [
        Finding(
            "caution",
            en=f"Not in this source: {en}. What they would tell stays empty or unknown here.",
            zh=f"此数据源没有：{zh}。由它们才能得知的内容，本页留空或记为未知。",
            code="helpful_lacking",
        )
        for en, zh in names
    ]


def year_over(today: pd.Timestamp) -> int:
    """Return the last calendar year that is over by the end of a day.

    >>> year_over(pd.Timestamp("2025-12-31")), year_over(pd.Timestamp("2025-12-30"))
    (2025, 2024)
    """
    return int((today + np.timedelta64(1, "D")).year - 1)
