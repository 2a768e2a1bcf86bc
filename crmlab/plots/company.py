"""Charts that introduce a company: its tables, customers, months, profit, complaints."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crmlab.lang import Lang, number, percent, say, term, word
from crmlab.plots.base import ACCENT, INK, MUTED, WARN, axes
from crmlab.plots.concentration import shares
from crmlab.tables.accounts import ACCOUNTS
from crmlab.tables.accounts_case import CASES
from crmlab.tables.base import Table
from crmlab.tables.core import CUSTOMERS, ORDERS
from crmlab.tables.credit import CREDIT
from crmlab.tables.dealers import DEALERS
from crmlab.tables.goods import GOODS
from crmlab.tables.hospital import HOSPITAL
from crmlab.tables.needs import NEEDS
from crmlab.tables.prospects import PROSPECTS
from crmlab.tables.sales import SALES
from crmlab.tables.service import SERVICE
from crmlab.tables.survey import SURVEY

GROUPS: dict[str, tuple[Table, ...]] = {
    "group_purchases": (ORDERS, *GOODS),
    "group_files": (CUSTOMERS, *ACCOUNTS),
    "group_voice": (SURVEY, *NEEDS),
    "group_service": SERVICE,
    "group_credit": CREDIT,
    "group_prospects": PROSPECTS,
    "group_sales": SALES,
    "group_dealers": DEALERS,
    "group_hospital": HOSPITAL,
    "group_cases": CASES,
}
OF_A_CUSTOMER = {"customer_id", "dealer_id"}  # a dealer is a customer, under its own id


def table_groups(rows: Mapping[str, int], columns: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """Return how large each group of tables is: ``tables``, ``rows``, ``with_customer``.

    `rows` and `columns` tell how many rows a table has, and which columns. ``with_customer``
    counts the tables that have a column for the customer. Groups without a table are left out.

    >>> columns = {"orders": ["customer_id"], "products": ["product_id"]}
    >>> table_groups({"orders": 7, "products": 3}, columns).loc["group_purchases"].tolist()
    [2, 10, 1]
    """
    found = {}
    for group, tables in GROUPS.items():
        there = [table.name for table in tables if table.name in rows]
        linked = sum(not OF_A_CUSTOMER.isdisjoint(columns[name]) for name in there)
        found[group] = [len(there), sum(rows[name] for name in there), linked]
    names = ["tables", "rows", "with_customer"]
    sizes = pd.DataFrame.from_dict(found, orient="index", columns=names)
    return sizes[sizes["tables"] > 0].rename_axis("group")


def table_keys(columns: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """Return the identifiers that at least two of these tables share, most shared first.

    Indexed by ``key``: ``described_in``, the table that is about what the key names, as a
    code of the glossary (missing if there is none), and ``tables``, how many hold it.
    """
    ids = [c for held in columns.values() for c in held if c.endswith("_id")]
    counts = pd.Series(ids, dtype="str").value_counts()
    homes = {"order_id": "orders", "dealer_id": "customers"}
    for size in (1, 2):  # a table with the key alone is more about it than one by month
        for table in (table for tables in GROUPS.values() for table in tables):
            if len(table.key) == size and table.name in columns:
                homes.setdefault(table.key[0], table.name)
    keys = counts[counts > 1].rename_axis("key").reset_index(name="tables")
    home = [f"{homes[key]}_table" if key in homes else None for key in keys["key"]]
    keys.insert(1, "described_in", home)
    return keys.sort_values(["tables", "key"], ascending=[False, True]).set_index("key")


def table_hub(groups: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the groups of tables (`table_groups`) around the customer who joins them.

    A dashed line leads to a group none of whose tables names the customer.
    """
    ax = axes(ax, (7.2, 4.6))
    angles = np.pi / 2 - 2 * np.pi * np.arange(len(groups)) / max(len(groups), 1)
    for angle, (group, row) in zip(angles, groups.iterrows(), strict=True):
        x, y = 1.15 * np.cos(angle), np.sin(angle)
        apart = row["with_customer"] == 0
        color, line = (MUTED, "--") if apart else (ACCENT, "-")
        ax.plot([0, x], [0, y], color=color, ls=line, lw=1 + row["with_customer"] / 2, zorder=1)
        _box(ax, (x, y), _group_text(str(group), row, lang), color)
    _box(ax, (0, 0), f"{term('customer_id', lang)}\ncustomer_id", INK)
    linked, tables = (int(groups[name].sum()) for name in ("with_customer", "tables"))
    ax.set(
        title=say(lang, en=f"{linked} of {tables} tables name the customer",
                  zh=f"{tables} 张表中有 {linked} 张注明客户"),
        xlim=(-1.7, 1.7), ylim=(-1.25, 1.25),
    )  # fmt: skip
    ax.set_axis_off()
    return ax


def _group_text(group: str, row: pd.Series, lang: Lang) -> str:
    tables, rows = int(row["tables"]), number(row["rows"], lang)
    plural = "" if tables == 1 else "s"
    size = say(lang, en=f"{tables} table{plural}, {rows} rows", zh=f"{tables} 张表，{rows} 行")
    return f"{term(group, lang)}\n{size}"


def _box(ax: Axes, at: tuple[float, float], text: str, color: str) -> None:
    """Write text in a white box around a point."""
    box = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": color, "lw": 1.4}
    ax.text(*at, text, ha="center", va="center", fontsize=8.5, bbox=box, zorder=2)


def customer_bars(counts: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw customers by group (rows, the largest on top), stacked by kind (columns)."""
    ax = axes(ax, (7.2, 1.4 + 0.42 * len(counts)))
    each = counts.loc[counts.sum(axis=1).sort_values(kind="stable").index]
    left = np.zeros(len(each))
    for kind, color in zip(each.columns, (ACCENT, WARN, MUTED, INK), strict=False):
        ax.barh(np.arange(len(each)), each[kind], left=left, color=color, height=0.7,
                label=word(str(kind), lang))  # fmt: skip
        left = left + each[kind].to_numpy()
    for y, total in enumerate(left):
        ax.annotate(number(total, lang), (total, y), (5, 0), textcoords="offset points",
                    va="center", fontsize=8.5)  # fmt: skip
    first, whole = word(str(each.index[-1]), lang), left.sum()
    most = percent(left[-1] / whole, lang)
    ax.set_yticks(np.arange(len(each)), [word(str(code), lang) for code in each.index])
    ax.set(
        title=say(lang, en=f"{first} has the most customers: {most} of {number(whole, lang)}",
                  zh=f"{first}客户最多，占 {number(whole, lang)} 位客户的 {most}"),
        xlabel=term("customers", lang), ylabel=term(str(each.index.name), lang),
        xlim=(0, 1.12 * max(left.max(), 1)),
    )  # fmt: skip
    ax.legend(loc="lower right")
    return ax


def purchase_months(months: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw purchases per month, first ones and repeats (`crmlab.customers.purchase_periods`)."""
    ax = axes(ax, (7.2, 3.4))
    parts = [months["repeat"].astype("float64"), months["new"].astype("float64")]
    labels = [term("repeat_purchases", lang), term("first_purchases", lang)]
    ax.stackplot(months.index, *parts, colors=[ACCENT, WARN], labels=labels, alpha=0.85)
    share = percent(months["repeat"].sum() / max(months["purchases"].sum(), 1), lang)
    ax.set(
        title=say(lang, en=f"{share} of all purchases are repeat purchases",
                  zh=f"全部购买中 {share} 是重复购买"),
        xlabel=term("month", lang),
        ylabel=say(lang, en="Purchases a month\n(days on which a customer bought)",
                   zh="每月购买次数\n（客户购买日）"),
        ylim=(0, None),
    )  # fmt: skip
    ax.margins(x=0)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v, lang)))
    ax.legend(loc="upper left")
    return ax


def whale_curve(curve: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the whale curve (`crmlab.segment.whale`) with its peak."""
    ax = axes(ax, (7.2, 3.8))
    place = int(curve["profit"].to_numpy().argmax())
    who, top = float(curve["customers"].iloc[place]), float(curve["profit"].iloc[place])
    ax.plot(curve["customers"], curve["profit"], color=ACCENT, lw=2)
    ax.axhline(1, color=MUTED, lw=1, ls=":")
    ax.plot(who, top, "o", color=WARN)
    few, peak = percent(who, lang), percent(top, lang)
    told = say(lang, en=f"peak {peak}", zh=f"峰值 {peak}")
    ax.annotate(told, (who, top), (0, 7), textcoords="offset points", ha="center", color=WARN,
                fontsize=9)  # fmt: skip
    ax.set(
        title=say(lang, en=f"The most profitable {few} of customers earn {peak} of profit",
                  zh=f"利润最高的 {few} 客户创造了 {peak} 的利润"),
        xlabel=say(lang, en="Share of customers, most profitable first",
                   zh="客户累计占比（利润由高到低）"),
        ylabel=say(lang, en="Share of total profit, running total", zh="利润累计占比"),
        xlim=(0, 1), ylim=(0, 1.15 * max(top, 1)),
    )  # fmt: skip
    return shares(ax, "xy", lang)


def complaint_funnel(steps: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw how many complaints reach each step, and what share of the step before.

    `steps` has ``cases``, and ``share`` with its limits ``low`` and ``high``, indexed by
    the step's code in order; the last step is the good end.
    """
    ax = axes(ax, (7.2, 1.2 + 0.5 * len(steps)))
    places = np.arange(len(steps))[::-1]
    ax.barh(places, steps["cases"], color=[*[ACCENT] * (len(steps) - 1), WARN], height=0.65)
    for y, (_, row) in zip(places, steps.iterrows(), strict=True):
        ax.annotate(_step_text(row, lang), (row["cases"], y), (5, 0), va="center", fontsize=8.5,
                    textcoords="offset points")  # fmt: skip
    first, last = steps["cases"].iloc[0], steps["cases"].iloc[-1]
    share = percent(last / max(first, 1), lang)
    ax.set_yticks(places, [term(str(code), lang) for code in steps.index])
    ax.set(
        title=say(lang, en=f"{number(last, lang)} of {number(first, lang)} complaints ({share}) "
                  "are made good", zh=f"{number(first, lang)} 件投诉中有 {number(last, lang)} 件"
                  f"（{share}）补救成功"),
        xlabel=say(lang, en="Complaints", zh="投诉件数"),
        ylabel=say(lang, en="Step", zh="步骤"),
        xlim=(0, 1.75 * max(first, 1)),
    )  # fmt: skip
    return ax


def _step_text(row: pd.Series, lang: Lang) -> str:
    cases = number(row["cases"], lang)
    if pd.isna(row["share"]):
        return cases
    share, low, high = (percent(row[name], lang) for name in ("share", "low", "high"))
    told = say(lang, en=f"{share} of the step before ({low} to {high})",
               zh=f"占上一步的 {share}（{low} 至 {high}）")  # fmt: skip
    return f"{cases}: {told}" if lang == "en" else f"{cases}：{told}"
