"""Charts of segments: who they are, what they bring, and what they did afterwards."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import (
    FuncFormatter,
    LogLocator,
    NullFormatter,
    NullLocator,
    SymmetricalLogLocator,
)

from crmlab.lang import Lang, money, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, axes, money_ticks
from crmlab.plots.concentration import named, shares, whiskers
from crmlab.privacy import SMALL

MOST_BUBBLES = 20_000


def rfm_heatmap(
    grid: pd.DataFrame,
    *,
    currency: str,
    bins: int = 5,
    fewest: int = 5,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw mean spend by recency and frequency score, with the customers in each cell.

    `grid` has ``r_score``, ``f_score``, ``customers``, ``mean``. The colour scale is
    logarithmic above its unit; a cell of fewer than `fewest` customers has its numbers
    but no colour (all have, if none has as many), and one of none is blank.
    """
    ax = axes(ax, (7.2, 4.2))
    scores = range(1, bins + 1)
    wide = grid.pivot_table(index="r_score", columns="f_score", values=["mean", "customers"])
    mean, n = (
        pd.DataFrame(wide[column]).reindex(index=scores, columns=scores).iloc[::-1]
        for column in ("mean", "customers")
    )
    texts = mean.map(lambda v: money(v, currency, lang)) + "\nn=" + n.map(lambda v: number(v, lang))
    fewest = min(fewest, int(grid["customers"].max()))
    texts = texts.where(~(n < SMALL), f"n<{SMALL}")  # no value of a handful of customers
    few = n < fewest
    sns.heatmap(
        mean.mask(few), ax=ax, annot=texts.where(n.notna(), ""), fmt="", cmap="cividis",
        norm="symlog", annot_kws={"fontsize": 8}, linewidths=0.6,
        cbar_kws={"label": say(lang, en=f"Spend per customer (no colour: n < {fewest})",
                               zh=f"客均消费（n < {fewest} 不着色）")},
    )  # fmt: skip
    for row, column in np.argwhere(few.to_numpy()):
        ax.text(column + 0.5, row + 0.5, texts.iloc[row, column], color=INK, fontsize=8,
                ha="center", va="center")  # fmt: skip
    bar = ax.collections[0].colorbar
    assert bar is not None  # heatmap has just drawn it
    bar.locator = SymmetricalLogLocator(base=10, linthresh=1, subs=(1, 2, 5))
    bar.formatter = money_ticks(currency, lang)
    bar.minorlocator, bar.minorformatter = NullLocator(), NullFormatter()
    bar.update_ticks()
    ax.set(
        title=_of_best(grid, bins, lang),
        xlabel=say(lang, en=f"Frequency score ({bins} = most purchases)",
                   zh=f"购买频率得分（{bins} 分为次数最多）"),
        ylabel=say(lang, en=f"Recency score ({bins} = bought most recently)",
                   zh=f"最近一次购买得分（{bins} 分为最近）"),
    )  # fmt: skip
    ax.tick_params(length=0, rotation=0)
    return ax


def segment_value(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw, per segment, its share of customers and its share of spend with interval.

    `table` has ``customers``, ``share_customers``, ``share_value``, ``share_low``,
    ``share_high``, ``value_index``.
    """
    ax = axes(ax)
    places = np.arange(len(table))[::-1]
    ax.hlines(places, table["share_customers"], table["share_value"], color=MUTED, lw=1.5)
    mine = say(lang, en="share of customers", zh="客户占比")
    brought = say(lang, en="share of spend, 95% interval", zh="消费占比及 95% 区间")
    ax.plot(table["share_customers"], places, "o", color=MUTED, ms=7, mfc="white", label=mine)
    ax.plot(table["share_value"], places, "o", color=ACCENT, ms=7, label=brought)
    whiskers(ax, table, places, ("share_value", "share_low", "share_high"))
    named(ax, table, places, lang)
    best = table.iloc[int(table["value_index"].argmax())]
    few, much = (percent(best[c], lang) for c in ("share_customers", "share_value"))
    name = term(str(best.name), lang)
    ax.set(
        title=say(lang, en=f"{name}: {few} of customers, {much} of spend",
                  zh=f"{name}：人数占 {few}，消费占 {much}"),
        xlabel=say(lang, en="Share of all customers and of all spend",
                   zh="占全体客户与全部消费之比"),
        ylabel=term("segment", lang),
    )  # fmt: skip
    ax.set_xlim(left=0)
    ax.legend(loc="best")
    return shares(ax, "x", lang)


def segment_response(
    table: pd.DataFrame,
    *,
    currency: str,
    weeks: int,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw what each segment's customers spent in the next `weeks`, with intervals.

    `table` has ``customers``, ``mean``, ``low``, ``high``, ``total``; the line is the
    mean of all customers.
    """
    ax = axes(ax)
    places = np.arange(len(table))[::-1]
    everyone = table["total"].sum() / table["customers"].sum()
    ax.axvline(everyone, color=MUTED, lw=1, ls="--")
    mean = say(lang, en=" mean of all", zh=" 全体均值")
    ax.text(everyone, places.max() + 0.6, mean, color=MUTED, fontsize=8.5, va="bottom")
    ax.plot(table["mean"], places, "o", color=ACCENT, ms=7)
    whiskers(ax, table, places, ("mean", "low", "high"))
    named(ax, table, places, lang)
    name = term(str(table["mean"].idxmax()), lang)
    best, times = table["mean"].max(), table["mean"].max() / (everyone or np.nan)
    told = money(best, currency, lang), number(times, lang, digits=2)
    ax.set(
        title=say(lang, en=f"{name}: {told[0]} each afterwards, {told[1]} times the mean",
                  zh=f"{name}随后人均消费 {told[0]}，为全体均值的 {told[1]} 倍"),
        xlabel=say(lang, en=f"Spend in the next {weeks} weeks, mean per customer, 95% interval",
                   zh=f"随后 {weeks} 周的人均消费及 95% 区间"),
        ylabel=term("segment", lang),
        ylim=(-0.6, places.max() + 1.2),
    )  # fmt: skip
    ax.set_xlim(left=min(0, ax.get_xlim()[0]))
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    return ax


def quadrant_bubbles(
    customers: pd.DataFrame,
    table: pd.DataFrame,
    *,
    cuts: tuple[float, float],
    currency: str,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw customers by purchases (``volume``) and basket (``margin``), by ``quadrant``.

    The area of a bubble is the customer's spend (``profit``); both axes are logarithmic,
    and what is not positive lies at the edge. `table` (quadrant, ``share_customers``,
    ``share_profit``) is written beside the colours; `cuts` are the two cut-offs. Of
    more than `MOST_BUBBLES` customers, as many are drawn, evenly in order of spend.
    """
    ax = axes(ax, (7.2, 5.2))
    every = -(-len(customers) // MOST_BUBBLES)
    if every > 1:
        customers = customers.sort_values("profit", ascending=False, kind="stable").iloc[::every]
    largest = customers["profit"].max() or 1.0
    x, y = (_positive(customers[c]) for c in ("volume", "margin"))
    for (code, row), color in zip(table.iterrows(), PALETTE, strict=False):
        mine = customers["quadrant"] == code
        size = 6 + 500 * customers["profit"][mine].clip(lower=0) / largest
        told = (percent(row[c], lang) for c in ("share_customers", "share_profit"))
        label = f"{term(str(code), lang)}{say(lang, en=': ', zh='：')}{' / '.join(told)}"
        ax.scatter(x[mine], y[mine], s=size, color=color, alpha=0.45, lw=0, label=label)
    ax.axvline(cuts[0], color=INK, lw=1, ls="--")
    ax.axhline(cuts[1], color=INK, lw=1, ls="--")
    best, much = table.iloc[0], percent(table["share_profit"].iloc[0], lang)
    ax.set(
        title=say(lang, en=f"{number(best['customers'], lang)} customers high on both bring {much}",
                  zh=f"双高客户 {number(best['customers'], lang)} 位，贡献 {much} 的消费"),
        xlabel=term("orders", lang),
        ylabel=say(lang, en="Average basket", zh="平均客单价"),
        xscale="log", yscale="log",
    )  # fmt: skip
    _log_ticks(ax, currency, lang)
    legend = ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2,
        title=_legend(every, lang), title_fontsize=8.5,
    )  # fmt: skip
    for handle in filter(None, legend.legend_handles):
        handle.set(sizes=[40])
    return ax


def _legend(every: int, lang: Lang) -> str:
    """Return what the numbers in the legend are, and how many customers a bubble stands for."""
    told = say(lang, en="share of customers / of spend", zh="客户占比 / 消费占比")
    if every == 1:
        return told
    one = say(lang, en=f"1 in {every:,} customers drawn", zh=f"每 {every:,} 位客户画 1 位")
    return say(lang, en=f"{told}; {one}", zh=f"{told}；{one}")


def _of_best(grid: pd.DataFrame, bins: int, lang: Lang) -> str:
    """Return what customers in the upper two fifths of both scores hold."""
    best = grid[(grid["r_score"] > 0.6 * bins) & (grid["f_score"] > 0.6 * bins)]
    spend = (grid["mean"] * grid["customers"]).sum() or np.nan
    held = (best["mean"] * best["customers"]).sum() / spend
    n, share = number(best["customers"].sum(), lang), percent(held, lang)
    return say(
        lang,
        en=f"{n} frequent and recent customers hold {share} of spend",
        zh=f"{n} 位常来且刚来过的客户占消费的 {share}",
    )


def _log_ticks(ax: Axes, currency: str, lang: Lang) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v, lang)))
    ax.yaxis.set_major_formatter(money_ticks(currency, lang))


def _positive(values: pd.Series) -> pd.Series:
    """Put what a logarithmic axis cannot show at the smallest value that it can."""
    return values.clip(lower=values[values > 0].min() if (values > 0).any() else 1)
