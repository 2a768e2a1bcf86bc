"""Charts of accounts: what is left of the price, who earns it, concessions, strategies."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmlab.lang import Lang, money, number, percent, say, term, word
from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, WARN, axes, money_ticks
from crmlab.plots.concentration import shares, whiskers
from crmlab.plots.drivers import label_rows
from crmlab.privacy import SMALL

TOTALS = ("revenue", "list_value", "pocket_price", "profit", "pocket_margin")
LOWEST = -0.6  # profit rates below are drawn at the edge
ROUND = (1, 2, 5, 10)  # steps of an axis in whole percent


def cascade(steps: pd.Series, *, currency: str, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw how an amount becomes what is left of it, step by step from the top.

    `steps` is indexed by code: totals (such as ``revenue``, ``profit``) stand by themselves,
    other amounts are taken from what is left (negative), or added to it.
    """
    ax = axes(ax, (7.2, 0.9 + 0.42 * len(steps)))
    whole, places = float(steps.iloc[0]), label_rows(ax, [term(str(c), lang) for c in steps.index])
    left = 0.0
    for y, (code, amount) in zip(places, steps.items(), strict=True):
        total = code in TOTALS
        start = 0.0 if total else left
        left = start + amount
        color = MUTED if total else WARN if amount < 0 else ACCENT
        ax.barh(y, amount, left=start, color=color, alpha=0.65, height=0.62)
        told = f"{money(amount, currency, lang)} ({percent(amount / whole, lang)})"
        ax.annotate(told, (max(start, left, 0), y), (5, 0), va="center", fontsize=8,
                    textcoords="offset points")  # fmt: skip
    first, last = (term(str(steps.index[i]), lang) for i in (0, -1))
    kept = number(100 * float(steps.iloc[-1]) / whole, lang, digits=3)
    ax.set(
        title=say(lang, en=f"{first}: {kept} of every 100 are left as {last.lower()}",
                  zh=f"{first}每 100 元，最后剩下 {kept} 元{last}"),
        xlabel=say(lang, en="Amount (in brackets: share of the first bar)",
                   zh="金额（括号内为占首项的比例）"),
        ylabel=say(lang, en="Step", zh="步骤"),
        xlim=(min(0, ax.get_xlim()[0]), 1.3 * whole),
    )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    return ax


def margin_bubbles(
    customers: pd.DataFrame,
    table: pd.DataFrame,
    *,
    cuts: Sequence[float],
    currency: str,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw customers by sales (``revenue``) and ``profit_rate``, coloured by ``quadrant``.

    `table` (quadrant, ``customers``, ``share_customers``, ``share_profit``) is written beside
    the colours; `cuts` are the two cut-offs. Rates below `LOWEST` lie at the edge.
    """
    ax = axes(ax, (7.2, 5.0))
    rate = customers["profit_rate"].clip(lower=LOWEST)
    for (code, row), color in zip(table.iterrows(), PALETTE, strict=False):
        mine = customers["quadrant"] == code
        told = " / ".join(percent(row[c], lang) for c in ("share_customers", "share_profit"))
        label = f"{term(str(code), lang)}{say(lang, en=': ', zh='：')}{told}"
        ax.scatter(customers["revenue"][mine], rate[mine], s=16, color=color, alpha=0.6, lw=0,
                   label=label)  # fmt: skip
    ax.axvline(cuts[0], color=INK, lw=1, ls="--")
    ax.axhline(cuts[1], color=INK, lw=1, ls="--")
    ax.axhline(0, color=MUTED, lw=0.8)
    best = table.iloc[0]
    few, held = number(best["customers"], lang), percent(best["share_profit"], lang)
    below = number((customers["profit_rate"] < LOWEST).sum(), lang)
    edge = percent(LOWEST, lang, decimals=0)
    ax.set(
        title=say(lang, en=f"{few} customers high on both earn {held} of profit",
                  zh=f"双高客户 {few} 位，创造 {held} 的利润"),
        xlabel=say(lang, en="Sales volume of the year (logarithmic)", zh="全年销售额（对数刻度）"),
        ylabel=say(lang, en=f"Profit rate ({below} below {edge} drawn at the edge)",
                   zh=f"获利率（低于 {edge} 的 {below} 位画在下缘）"),
        xscale="log",
    )  # fmt: skip
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    legend = ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, title_fontsize=8.5,
        title=say(lang, en="share of customers / of profit", zh="客户占比 / 利润占比"),
    )  # fmt: skip
    for handle in filter(None, legend.legend_handles):
        handle.set(sizes=[40], alpha=1)
    return shares(ax, "y", lang)


def concession_dots(
    accounts: pd.DataFrame,
    middle: pd.DataFrame,
    correlation: Sequence[float],
    *,
    currency: str,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw what is conceded to accounts (``concession_rate``) by their size (``list_value``).

    ``is_key`` accounts are coloured; the line joins the medians of fifths by size, `middle`;
    `correlation` is the rank correlation of the two, with its interval.
    """
    ax = axes(ax, (7.2, 4.2))
    key = accounts["is_key"].astype("bool")
    words = {"key_accounts": key, "other_accounts": ~key}
    for (code, mine), color in zip(words.items(), (WARN, MUTED), strict=True):
        ax.plot(accounts["list_value"][mine], accounts["concession_rate"][mine], "o", ms=4,
                alpha=0.5, mew=0, color=color, label=term(code, lang))  # fmt: skip
    line = say(lang, en="median of each fifth by size", zh="按规模五等分的中位数")
    ax.plot(
        middle["list_value"], middle["concession_rate"], color=INK, marker="D", ms=5, label=line
    )
    r, low, high = (number(part, lang, digits=2) for part in correlation)
    rises, falls = correlation[1] > 0, correlation[2] < 0
    en = "rise" if rises else "fall" if falls else "neither rise nor fall"
    zh = "随规模上升" if rises else "随规模下降" if falls else "与规模看不出关系"
    ax.set(
        title=say(lang, en=f"Concessions {en} with size (rank correlation {r}; {low} to {high})",
                  zh=f"让步{zh}（秩相关 {r}，区间 {low} 至 {high}）"),
        xlabel=say(lang, en="List value bought in the year (logarithmic)",
                   zh="全年按标价计的购买额（对数刻度）"),
        ylabel=say(lang, en="Conceded, share of list value", zh="让步占标价的比例"),
        xscale="log", ylim=(0, None),
    )  # fmt: skip
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=ROUND))
    ax.legend(loc="upper right")
    return shares(ax, "y", lang)


def expected_dots(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw each part's ``share`` of sales (``low`` to ``high``) and the ``expected_share``."""
    ax = axes(ax, (7.2, 1.3 + 0.36 * len(table)))
    places = label_rows(ax, [word(str(code), lang, 24) for code in table.index])
    ax.hlines(places, table["expected_share"], table["share"], color=MUTED, lw=1.5)
    hoped = say(lang, en="expected, by potential", zh="按潜力预期")
    ours = say(lang, en="of our sales, 95% interval", zh="占销售额及 95% 区间")
    ax.plot(table["expected_share"], places, "o", color=MUTED, ms=7, mfc="white", label=hoped)
    ax.plot(table["share"], places, "o", color=ACCENT, ms=7, label=ours)
    whiskers(ax, table, places, ("share", "low", "high"))
    far = int(table["gap"].abs().argmax())
    name = word(str(table.index[far]), lang)
    gap = float(table["gap"].iloc[far])
    points, over = number(abs(100 * gap), lang, digits=2), gap > 0
    ax.set(
        title=say(lang, en=f"Furthest from its potential: {name}, {points} points "
                  f"{'above' if over else 'below'}",
                  zh=f"与潜力差距最大的是{name}（{'高' if over else '低'} {points} 个百分点）"),
        xlabel=say(lang, en="Share of sales and of potential", zh="占销售额与潜力的比例"),
        ylabel=say(lang, en="Industry", zh="行业"),
    )  # fmt: skip
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=ROUND))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
    return shares(ax, "x", lang)


def value_bars(
    scores: pd.DataFrame, weights: pd.Series, *, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the mean commercial value of each type as what its four parts add.

    `scores` has a row per type with ``customers`` and the mean ``…_score`` of each part;
    `weights` are those of the parts, which sum to 1.
    """
    ax = axes(ax, (7.2, 1.4 + 0.5 * len(scores)))
    sizes = [number(n, lang) if n == 0 or n >= SMALL else f"<{SMALL}" for n in scores["customers"]]
    names = [
        f"{term(str(code), lang)} (n={n})" for code, n in zip(scores.index, sizes, strict=True)
    ]
    places, left = label_rows(ax, names), np.zeros(len(scores))
    for (part, weight), color in zip(weights.items(), PALETTE, strict=False):
        adds = weight * scores[f"{part}_score"].to_numpy("float64")
        ax.barh(places, adds, left=left, color=color, alpha=0.8, height=0.62,
                label=term(f"{part}_score", lang))  # fmt: skip
        left = left + adds
    for y, value in zip(places, left, strict=True):
        ax.annotate(number(value, lang, digits=3), (value, y), (4, 0), va="center", fontsize=8.5,
                    textcoords="offset points",
                    bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
    ax.axvline(50, color=INK, lw=1, ls=":", zorder=0.5)
    best = int(np.nanargmax(left))
    ax.set(
        title=say(lang, en=f"{term(str(scores.index[best]), lang)}: "
                  f"{number(left[best], lang, digits=3)} of 100, the average customer has 50",
                  zh=f"{term(str(scores.index[best]), lang)}得 "
                  f"{number(left[best], lang, digits=3)} 分（满分 100，平均为 50）"),
        xlabel=say(lang, en="Commercial value: score × weight of each part",
                   zh="商业价值：各部分得分×权重"),
        ylabel=say(lang, en="Type of customer", zh="客户类型"),
        xlim=(0, 100),
    )  # fmt: skip
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    return ax


def strategy_bars(
    table: pd.DataFrame, *, currency: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the ``value_at_stake`` of each strategy with its interval ``low`` to ``high``."""
    ax = axes(ax, (7.2, 3.0))
    places = label_rows(ax, [fill(term(str(code), lang), 26) for code in table.index])
    colors = [MUTED if code == "combine" else ACCENT for code in table.index]
    ax.barh(places, table["value_at_stake"], color=colors, alpha=0.65, height=0.6)
    whiskers(ax, table, places, ("value_at_stake", "low", "high"))
    edge = table[["value_at_stake", "high"]].max(axis=1).clip(lower=0)
    for y, (value, at) in zip(places, zip(table["value_at_stake"], edge, strict=True), strict=True):
        ax.annotate(money(value, currency, lang), (at, y), (6, 0), va="center", fontsize=8.5,
                    textcoords="offset points")  # fmt: skip
    ax.axvline(0, color=MUTED, lw=1)
    best = str(table["value_at_stake"].drop("combine").idxmax())
    amount = money(table["value_at_stake"][best], currency, lang)
    ax.set(
        title=say(lang, en=f"Most is at stake with “{term(best, lang).lower()}”: {amount} a year",
                  zh=f"“{term(best, lang)}”涉及的利润最多：每年 {amount}"),
        xlabel=say(lang, en="Profit of a year at stake, 95% interval",
                   zh="一年内涉及的利润及 95% 区间"),
        ylabel=say(lang, en="Strategy", zh="战略"),
        xlim=(min(0, ax.get_xlim()[0]), 1.2 * float(edge.max())),
    )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    return ax


def foretold_dots(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw how much of the next period each segmentation explains, as `compare_responses` says."""
    ax = axes(ax, (7.2, 1.5 + 0.45 * len(table)))
    names = [
        f"{term(str(code), lang)} ({number(n, lang)})" for code, n in table["segments"].items()
    ]
    places = label_rows(ax, names)
    told = {"buying_explained": ("buying", ACCENT, 0.13), "spend_explained": ("spend", WARN, -0.13)}
    for code, (stem, color, shift) in told.items():
        ax.plot(table[code], places + shift, "o", color=color, ms=6, label=term(code, lang))
        whiskers(ax, table, places + shift, (code, f"{stem}_low", f"{stem}_high"))
    best = table["buying_explained"].astype("float64").fillna(-np.inf)
    name, much = term(str(best.idxmax()), lang), percent(best.max(), lang)
    if not np.isfinite(best.max()):
        name = say(lang, en="none", zh="哪种方法都不能")
    ax.axvline(0, color=MUTED, lw=1)
    ax.set(
        title=say(lang, en=f"Who brings anything is foretold best by {name}: {much}",
                  zh=f"对谁会带来贡献，{name}预示得最多：{much}"),
        xlabel=say(lang, en="Explained of the next period, out of sample, 95% interval",
                   zh="样本外对下一期的解释比例及 95% 区间"),
        ylabel=say(lang, en="Segmentation (number of segments)", zh="细分方法（细分数）"),
    )  # fmt: skip
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, lang, decimals=0)))
    ax.legend(loc="best")
    return ax
