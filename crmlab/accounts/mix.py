"""How sales are composed, and what hangs on few accounts."""

import numpy as np
import pandas as pd

from crmlab.accounts.base import check_between, counted, largest, problems, refuse


def composition(parts: pd.DataFrame, near: float = 0.1) -> pd.DataFrame:
    """Return each part's share of sales against the share that was expected of it.

    Parameters
    ----------
    parts : DataFrame, one row per customer, class or product
        ``revenue`` and ``expected`` (such as potential, or a target), both in money or any
        other unit, zero or more.
    near : float
        Within this part of the expected share, above or below, is as expected, 0 to 1.

    Returns
    -------
    DataFrame
        Indexed like `parts`, the largest gap first: ``share`` and ``expected_share`` (of
        their sums), ``gap`` (the first less the second), ``realised`` (first ÷ second, missing
        if nothing was expected) and ``reason``: ``above_expected``, ``below_expected`` or
        ``as_expected``.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a column is lacking, a value is missing or below zero, or all are zero.
    """
    check_between("near", near, 0, 1)
    told = problems("parts", parts, numbers="revenue expected")
    refuse(told, [] if told else [x for c in ("revenue", "expected") for x in _sums(parts, c)])
    share, hoped = (parts[c] / parts[c].sum() for c in ("revenue", "expected"))
    gap = share - hoped
    kind = np.select(
        [gap > near * hoped, gap < -near * hoped],
        ["above_expected", "below_expected"],
        "as_expected",
    )
    found = pd.DataFrame(
        {
            "share": share,
            "expected_share": hoped,
            "gap": gap,
            "realised": share / hoped.replace(0, np.nan),
        }
    ).assign(reason=pd.Series(kind, parts.index, dtype="str"))
    order = gap.abs().round(12).sort_index().sort_values(ascending=False, kind="stable").index
    return found.loc[order]


def product_mix(sold: pd.DataFrame, rows: pd.Series, columns: pd.Series) -> pd.DataFrame:
    """Return how the sales to each class of customers are made up of classes of products.

    Parameters
    ----------
    sold : DataFrame
        From `crmlab.accounts.sales`.
    rows : Series
        Class of each customer, indexed by ``customer_id``.
    columns : Series
        Class of each product (such as its category), indexed by ``product_id``.

    Returns
    -------
    DataFrame
        A row per class of customers, a column per class of products: share of the row's
        revenue; each row adds up to 1.

    Raises
    ------
    DataError
        If a column is lacking, or a value in it.
    """
    refuse(problems("sales", sold, ids="customer_id product_id", numbers="revenue"))
    who, what = sold["customer_id"].map(rows), sold["product_id"].map(columns)
    money = pd.crosstab(
        who, what, values=sold["revenue"], aggfunc="sum",
        rownames=[rows.name or "customers"], colnames=[columns.name or "products"],
    ).fillna(0.0)  # fmt: skip
    return money.div(money.sum(axis=1), axis=0)


def hhi(values: pd.Series, weight: pd.Series | None = None) -> float:
    """Return the Herfindahl–Hirschman index of values, above 0 and up to 1: Σ shareᵢ².

    Its inverse is how many equal customers would be as concentrated.

    Parameters
    ----------
    values : Series
        Value per customer, zero or more, in any unit.
    weight : Series, optional
        How many customers a row stands for.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a value is missing or below zero, or all are zero.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index.

    Examples
    --------
    >>> hhi(pd.Series([50, 50])), hhi(pd.Series([10]), pd.Series([4]))
    (0.5, 0.25)
    """
    table = pd.DataFrame({"value": values})
    told = problems("values", table, numbers="value")
    refuse(told, [] if told else _sums(table, "value", "values"))
    amounts, sizes = values.to_numpy("float64"), counted(values, weight)
    return float((sizes * (amounts / (sizes * amounts).sum()) ** 2).sum())


def effective_number(values: pd.Series, weight: pd.Series | None = None) -> float:
    """Return how many equal customers would be as concentrated as these: 1 ÷ `hhi`."""
    return 1 / hhi(values, weight)


def revenue_at_risk(customers: pd.DataFrame, share: float = 0.05) -> pd.DataFrame:
    """Return the accounts whose loss would cost a part of revenue, the most at risk first.

    Revenue at risk = revenue × the chance that the customer leaves within the period.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        ``revenue`` (money of a period, zero or more) and ``leaves`` (probability, 0 to 1).
    share : float
        Part of all revenue from which an account is one on which much hangs, 0 to 1.

    Returns
    -------
    DataFrame
        Indexed like `customers`: ``revenue`` and ``at_risk_revenue`` in money, ``leaves``,
        ``share`` (of all revenue), ``hhi_share`` (of the concentration, see `hhi`) and
        ``reason``: ``much_hangs_on_it`` or ``one_of_many``.

    Raises
    ------
    ValueError
        If an option is out of its range.
    DataError
        If a column is lacking, or a value is missing or out of range.
    """
    check_between("share", share, 0, 1)
    told = problems("customers", customers, numbers="revenue leaves")
    refuse(told, [] if told else [*_sums(customers, "revenue", "customers"), *_chances(customers)])
    part = customers["revenue"] / customers["revenue"].sum()
    kind = np.where(part >= share, "much_hangs_on_it", "one_of_many")
    found = customers[["revenue", "leaves"]].assign(
        at_risk_revenue=customers["revenue"] * customers["leaves"],
        share=part,
        hhi_share=part**2 / (part**2).sum(),
        reason=pd.Series(kind, customers.index, dtype="str"),
    )
    return largest(found, "at_risk_revenue")


def _sums(table: pd.DataFrame, column: str, name: str = "parts") -> list[tuple[str, str]]:
    """Return that a column has no shares: values below zero, or none above."""
    low = int((table[column] < 0).sum())
    if low:
        return [
            (f"{name}.{column} is below zero in {low:,} rows", f"{name}.{column} 有 {low:,} 行为负")
        ]
    if not table[column].sum() > 0:
        return [(f"{name}.{column} adds up to zero", f"{name}.{column} 合计为零")]
    return []


def _chances(customers: pd.DataFrame) -> list[tuple[str, str]]:
    n = int((~customers["leaves"].between(0, 1)).sum())
    told = (f"customers.leaves is not 0 to 1 in {n:,} rows",
            f"customers.leaves 有 {n:,} 行不在 0 至 1 之间")  # fmt: skip
    return [told] if n else []
