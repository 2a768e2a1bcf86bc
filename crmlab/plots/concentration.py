"""Charts of concentration: Lorenz curve, Pareto chart, customer pyramid."""

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crmlab.lang import Lang, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, WARN, axes


def lorenz(
    curve: pd.DataFrame, *, top: float = 0.2, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw a Lorenz curve of spend, what the best `top` bring, and 80/20 as taught.

    `curve` has cumulative shares ``customers`` and ``value``, smallest first.
    """
    ax = axes(ax, (6.4, 4.6))
    below = float(np.interp(1 - top, curve["customers"], curve["value"]))
    best, brings = percent(top, lang, decimals=0), percent(1 - below, lang)
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, ls=":")
    _note(ax, say(lang, en="all alike", zh="人人相同"), (0.3, 0.3), MUTED, -8)
    ax.fill_between(curve["customers"], curve["value"], curve["customers"], color=ACCENT, alpha=0.1)
    ax.plot(curve["customers"], curve["value"], color=ACCENT, lw=2)
    ax.plot([1 - top] * 2, [below, 1], color=INK, lw=1.2, marker="o", ms=4)
    told = say(lang, en=f"best {best}\nbring {brings}", zh=f"前 {best} 客户\n贡献 {brings}")
    _note(ax, told, (1 - top, 0.9), INK, -8)
    ax.plot(0.8, 0.2, marker="D", ms=6, color=WARN, ls="")
    _note(ax, say(lang, en="80/20\nas taught", zh="教材所说的\n“二八定律”"), (0.8, 0.2), WARN, 8)
    ax.set(
        title=say(lang, en=f"The best {best} of customers bring {brings} of spend",
                  zh=f"前 {best} 的客户贡献了 {brings} 的消费"),
        xlabel=say(lang, en="Share of customers, smallest first", zh="客户累计占比（由小到大）"),
        ylabel=say(lang, en="Share of spend", zh="消费累计占比"),
        xlim=(0, 1), ylim=(0, 1.01),
    )  # fmt: skip
    return shares(ax, "xy", lang)


def pareto(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw what equal parts of the customers bring (bars), and the running total (line).

    `table` has ``share_value`` and ``cumulative``, indexed by the cumulative share of
    customers from the best down. Both have one scale.
    """
    ax = axes(ax)
    places = np.arange(len(table))
    ax.bar(places, table["share_value"], color=ACCENT, width=0.8)
    ax.plot(places, table["cumulative"], color=INK, marker="o", ms=4)
    for x, y in zip(places, table["cumulative"], strict=True):
        ax.annotate(percent(y, lang, decimals=0), (x, y), (-5, 4), textcoords="offset points",
                    ha="right", fontsize=8)  # fmt: skip
    ax.set_xticks(places, [percent(upto, lang, decimals=0) for upto in table.index])
    part = percent(table.index[0], lang, decimals=0)
    first, last = (percent(table["share_value"].iloc[i], lang) for i in (0, -1))
    ax.set(
        title=say(lang, en=f"The best {part} of customers bring {first}, the last {part} {last}",
                  zh=f"最好的 {part} 客户贡献 {first}，最末的 {part} 仅 {last}"),
        xlabel=say(lang, en="Share of customers, best first", zh="客户累计占比（由大到小）"),
        ylabel=say(lang, en="Share of spend", zh="消费占比"),
        ylim=(0, 1.1), yticks=np.arange(0, 1.1, 0.2),
    )  # fmt: skip
    return shares(ax, "y", lang)


def pyramid(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw layers from the top: ``share_customers`` to the left, ``share_value`` to the right.

    ``share_low`` to ``share_high`` is drawn as the interval of the share of value.
    """
    ax = axes(ax, (7.2, 3.4))
    places = np.arange(len(table))[::-1]
    ax.barh(places, -table["share_customers"], color=MUTED)
    ax.barh(places, table["share_value"], color=ACCENT)
    whiskers(ax, table, places, ("share_value", "share_low", "share_high"))
    right = table["share_high"].fillna(table["share_value"])
    rows = zip(places, table["share_customers"], table["share_value"], right, strict=True)
    for y, share, value, edge in rows:
        ax.text(-share - 0.015, y, percent(share, lang), ha="right", va="center", fontsize=8.5)
        ax.text(edge + 0.015, y, percent(value, lang), va="center", fontsize=8.5)
    named(ax, table, places, lang)
    ax.axvline(0, color=INK, lw=0.8)
    few, much = (percent(table[c].iloc[:2].sum(), lang) for c in ("share_customers", "share_value"))
    ax.set(
        title=say(lang, en=f"The two upper layers, {few} of customers, bring {much} of spend",
                  zh=f"上面两层占客户的 {few}，贡献 {much} 的消费"),
        xlim=(-1.25 * table["share_customers"].max(), 1.25 * right.max()),
        xlabel=say(lang, en="Share of customers (left), of spend with 95% interval (right)",
                   zh="客户占比（左）；消费占比及 95% 区间（右）"),
        ylabel=term("layer", lang),
    )  # fmt: skip
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(abs(v), lang, decimals=0)))
    return ax


def named(ax: Axes, table: pd.DataFrame, places: np.ndarray, lang: Lang) -> None:
    """Label the rows with the segment's name and its number of customers."""
    names = [f"{term(str(c), lang)} (n={number(n, lang)})" for c, n in table["customers"].items()]
    ax.set_yticks(places, names)
    ax.tick_params(axis="y", length=0)


def whiskers(ax: Axes, table: pd.DataFrame, places: np.ndarray, names: tuple[str, ...]) -> None:
    """Draw the interval of each row that has one."""
    middle, low, high = (table[name] for name in names)
    known = (low.notna() & high.notna()).to_numpy()
    reach = [(middle - low)[known], (high - middle)[known]]
    ax.errorbar(middle[known], places[known], xerr=reach, fmt="none", ecolor=INK, elinewidth=1.2,
                capsize=3)  # fmt: skip


def shares(ax: Axes, which: str, lang: Lang) -> Axes:
    """Show an axis of shares in percent."""
    for axis in which:
        getattr(ax, f"{axis}axis").set_major_formatter(
            FuncFormatter(lambda v, _: percent(v, lang, decimals=0))
        )
    return ax


def _note(ax: Axes, text: str, at: tuple[float, float], color: str, points: float) -> None:
    """Write beside a point: to its left if `points` is negative."""
    side: Literal["left", "right"] = "right" if points < 0 else "left"
    ax.annotate(text, at, (points, 0), textcoords="offset points", ha=side, va="center",
                color=color, fontsize=9)  # fmt: skip
