"""Charts of what drives satisfaction and loyalty, a row or a point per attribute."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from crmlab.lang import Lang, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, WARN, axes

PRIORITY_COLORS = {
    "improve_first": WARN,
    "keep_up": ACCENT,
    "possible_overkill": PALETTE[4],
    "low_priority": MUTED,
}
ODDS_TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 7, 10, 20)


def driver_bars(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw each item's importance with its interval, and Johnson's weight as a second opinion.

    `table` is as `crmlab.loyalty.drivers` returns it, the most important first.
    """
    ax = axes(ax, (7.2, 1.3 + 0.3 * len(table)))
    places = label_rows(ax, [term(str(code), lang) for code in table.index])
    ax.barh(places, table["importance"], color=ACCENT, alpha=0.45, height=0.62, label=term(
        "importance", lang))  # fmt: skip
    whiskers(ax, table, places, ("importance", "importance_low", "importance_high"), ACCENT)
    ax.plot(table["relative_weight"], places, "D", ms=4, color=INK, ls="", label=term(
        "relative_weight", lang))  # fmt: skip
    r2, lead = percent(table["importance"].sum(), lang), term(str(table.index[0]), lang)
    ax.set(
        title=say(lang, en=f"The attributes explain {r2} of satisfaction, {lead} the most",
                  zh=f"各要素共解释满意度方差的 {r2}，以“{lead}”最多"),
        xlabel=say(lang, en="Share of the variance of satisfaction", zh="解释的满意度方差占比"),
        ylabel=say(lang, en="Attribute", zh="要素"),
        xlim=(0, None),
    )  # fmt: skip
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: percent(x, lang)))
    ax.legend(loc="lower right")
    return ax


def priority_map(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw importance by performance: what matters and is rated low lies in the upper left.

    `table` is as `crmlab.loyalty.drivers` returns it.
    """
    ax = axes(ax, (7.2, 5.2))
    for code, color in PRIORITY_COLORS.items():
        part = table[table["priority"] == code]
        if part.empty:
            continue
        x, y = part["performance"], part["importance"]
        ax.errorbar(
            x, y, fmt="o", color=color, ms=6, lw=0.9, alpha=0.9, label=term(code, lang),
            xerr=[x - part["performance_low"], part["performance_high"] - x],
            yerr=[y - part["importance_low"], part["importance_high"] - y],
        )  # fmt: skip
    ax.axvline(table["performance"].mean(), color=MUTED, lw=1)
    ax.axhline(table["importance"].mean(), color=MUTED, lw=1)
    for item, x, y, up in zip(
        table.index, table["performance"], table["importance"], _above(table), strict=True
    ):
        ax.annotate(term(str(item), lang), (x, y), (5, 5 if up else -12), fontsize=8.5,
                    textcoords="offset points")  # fmt: skip
    urgent = table[table["priority"] == "improve_first"].index
    names = say(lang, en=", ", zh="、").join(term(str(item), lang) for item in urgent[:3])
    ax.set(
        title=say(
            lang,
            en=f"Improve first: {names}"
            if names
            else "No attribute is both important and rated low",
            zh=f"优先改进：{names}" if names else "没有既重要、评分又低的要素",
        ),
        xlabel=say(lang, en="Performance: mean rating, 0–100", zh="表现：平均评分（0–100）"),
        ylabel=say(lang, en="Importance: share of variance", zh="重要性：解释的方差占比"),
    )
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: percent(y, lang)))
    ax.legend(loc="upper right", fontsize=8)
    return ax


def _above(table: pd.DataFrame) -> np.ndarray:
    """Say which points are above their nearest neighbour: so are their labels."""
    places = table[["performance", "importance"]].to_numpy()
    scaled = places / np.maximum(np.ptp(places, axis=0), 1e-9)
    apart = np.hypot(*(scaled[:, None] - scaled).T) + np.diag(np.full(len(places), np.inf))
    return places[:, 1] >= places[apart.argmin(axis=1), 1]


def penalty_reward_bars(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw, per item, what a low rating costs and what a high one brings, in points.

    `table` is as `crmlab.loyalty.penalty_reward` returns it.
    """
    ax = axes(ax, (7.2, 1.3 + 0.3 * len(table)))
    places = label_rows(ax, [term(str(code), lang) for code in table.index])
    for name, color in (("penalty_effect", WARN), ("reward_effect", ACCENT)):
        ax.barh(places, table[name], color=color, alpha=0.45, height=0.62, label=term(name, lang))
        whiskers(ax, table, places, (name, f"{name}_low", f"{name}_high"), color)
    for y, kind, edge in zip(places, table["kind"], table["reward_effect_high"], strict=True):
        ax.annotate(term(kind, lang), (max(edge, 0), y), (6, 0), va="center", fontsize=8,
                    color=MUTED, textcoords="offset points")  # fmt: skip
    ax.axvline(0, color=INK, lw=0.8)
    ax.margins(x=0.22)
    basic, every = (table["kind"] == "basic_item").sum(), len(table)
    ax.set(
        title=say(lang, en=f"{basic} of {every} attributes surely punish more than they reward",
                  zh=f"{every} 个要素中有 {basic} 个失分明显多于得分"),
        xlabel=say(lang, en="Points of satisfaction (0–100) against a middling rating",
                   zh="与中等评分相比的满意度得分差（0–100 分制）"),
        ylabel=say(lang, en="Attribute", zh="要素"),
    )  # fmt: skip
    ax.legend(loc="upper left")
    return ax


def odds_forest(effects: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw odds ratios with their intervals on a logarithmic scale.

    `effects` is indexed by term: ``odds_ratio``, ``odds_low``, ``odds_high``.
    """
    ax = axes(ax, (7.2, 1.3 + 0.45 * len(effects)))
    places = label_rows(ax, [term(str(code), lang) for code in effects.index])
    whiskers(ax, effects, places, ("odds_ratio", "odds_low", "odds_high"), ACCENT)
    for y, ratio, edge in zip(places, effects["odds_ratio"], effects["odds_high"], strict=True):
        ax.annotate(number(ratio, lang, digits=3), (edge, y), (5, 0), va="center", fontsize=8.5,
                    textcoords="offset points")  # fmt: skip
    ax.axvline(1, color=INK, lw=0.8, ls="--")
    low, high = min(effects["odds_low"].min(), 0.9), max(effects["odds_high"].max(), 1.1)
    ax.set_xscale("log")
    ratio = number(effects["odds_ratio"]["satisfaction_10"], lang, digits=3)
    ax.set(
        title=say(lang, en=f"Ten points of satisfaction multiply the odds of loyalty by {ratio}",
                  zh=f"满意度高 10 分，更忠诚的优势变为 {ratio} 倍"),
        ylabel=term("term", lang),
        xlabel=say(lang, en="Odds ratio of a more loyal answer (1 = no difference)",
                   zh="作出更忠诚回答的优势比（1 表示无差别）"),
        xlim=(low * 0.93, high * 1.12),
    )  # fmt: skip
    ax.set_xticks([tick for tick in ODDS_TICKS if low * 0.93 <= tick <= high * 1.12])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x, lang, digits=3)))
    return ax


def label_rows(ax: Axes, labels: list[str]) -> np.ndarray:
    """Give the vertical axis a row per label, the first on top; return the places."""
    places = np.arange(len(labels))[::-1].astype(float)
    ax.set_yticks(places, labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.tick_params(axis="y", length=0)
    return places


def whiskers(
    ax: Axes, table: pd.DataFrame, places: np.ndarray, names: tuple[str, str, str], color: object
) -> None:
    """Draw estimates with their intervals, named by the columns of value, low and high."""
    value, low, high = (table[name] for name in names)
    ax.errorbar(value, places, xerr=[value - low, high - value], fmt="o", ms=5, color=color,
                lw=1.4, capsize=3)  # fmt: skip
