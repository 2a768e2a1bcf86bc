"""Charts of what drives satisfaction and loyalty, a row or a point per attribute."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import Bbox, BboxBase

from crmlab.lang import Lang, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, WARN, axes

PRIORITY_COLORS = {
    "improve_first": WARN,
    "keep_up": ACCENT,
    "possible_overkill": PALETTE[4],
    "low_priority": MUTED,
}
ODDS_TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 7, 10, 20)
# Where a label may stand: right and up of its point, in points, and which side it is held by.
OFFSETS = (
    (6, 5, "left"), (6, -12, "left"), (-6, 5, "right"), (-6, -12, "right"),
    (0, 10, "center"), (0, -17, "center"), (10, -3, "left"), (-10, -3, "right"),
)  # fmt: skip


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
    r2, most = (percent(x, lang) for x in (table["importance"].sum(), table["importance"].iloc[0]))
    lead = term(str(table.index[0]), lang)
    ax.set(
        title=say(lang, en=f"{lead} accounts for {most} of the variance, all attributes for {r2}",
                  zh=f"“{lead}”解释满意度方差的 {most}，各要素合计 {r2}"),
        xlabel=say(lang, en="Share of the variance of satisfaction", zh="解释的满意度方差占比"),
        ylabel=say(lang, en="Attribute", zh="要素"),
        xlim=(0, None),
    )  # fmt: skip
    percent_ticks(ax.xaxis, lang)
    ax.legend(loc="lower right")
    return ax


def priority_map(
    table: pd.DataFrame, *, sure: float = 0.95, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw importance by performance: what matters and is rated low lies in the upper left.

    `table` is as `crmlab.loyalty.drivers` returns it. A mark is filled where at least
    the share `sure` of the resamples gives the item the same priority.
    """
    ax = axes(ax, (7.2, 5.2))
    for code, color in PRIORITY_COLORS.items():
        part = table[table["priority"] == code]
        for held, face in (
            (part["same_share"] >= sure, color),
            (part["same_share"] < sure, "white"),
        ):
            _priority_marks(ax, part[held], color, face)
        if len(part):
            ax.plot([], [], "o", color=color, label=term(code, lang))
    ax.plot([], [], "o", color=MUTED, mfc="white", label=term("unclear", lang))
    ax.axvline(table["performance"].mean(), color=MUTED, lw=1)
    ax.axhline(table["importance"].mean(), color=MUTED, lw=1)
    ax.set(
        title=_priority_title(table, sure, lang),
        xlabel=say(lang, en="Performance: mean rating, 0–100 (line: mean of the attributes)",
                   zh="表现：平均评分，0–100（线为各要素均值）"),
        ylabel=say(lang, en="Importance: share of variance", zh="重要性：解释的方差占比"),
    )  # fmt: skip
    ax.margins(x=0.08)
    percent_ticks(ax.yaxis, lang)
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    ax.legend(loc="upper right", fontsize=8)
    names = [term(str(item), lang) for item in table.index]
    place_labels(ax, table["performance"].to_numpy(), table["importance"].to_numpy(), names)
    return ax


def _priority_marks(ax: Axes, part: pd.DataFrame, color: object, face: object) -> None:
    x, y = part["performance"], part["importance"]
    ax.errorbar(
        x, y, fmt="o", color=color, mfc=face, ms=6, lw=0.9, alpha=0.9, zorder=3,
        xerr=[x - part["performance_low"], part["performance_high"] - x],
        yerr=[y - part["importance_low"], part["importance_high"] - y],
    )  # fmt: skip


def _priority_title(table: pd.DataFrame, sure: float, lang: Lang) -> str:
    urgent = table[table["priority"] == "improve_first"]
    held = urgent.index[urgent["same_share"] >= sure]
    names = say(lang, en=", ", zh="、").join(term(str(item), lang) for item in held[:3])
    share = percent(sure, lang, decimals=0)
    if urgent.empty:
        return say(lang, en="No attribute is both important and rated low",
                   zh="没有既重要、评分又低的要素")  # fmt: skip
    if held.empty:
        return say(lang, en=f"What to improve first is not certain (in {share} of resamples)",
                   zh=f"按 {share} 的重抽样一致为准，尚不能确定首先改进什么")  # fmt: skip
    return say(lang, en=f"Improve first, in at least {share} of resamples: {names}",
               zh=f"至少 {share} 的重抽样认为应优先改进：{names}")  # fmt: skip


def penalty_reward_bars(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw, per item, how satisfaction differs with a low and with a high rating, in points.

    `table` is as `crmlab.loyalty.penalty_reward` returns it.
    """
    ax = axes(ax, (7.2, 1.6 + 0.3 * len(table)))
    places = label_rows(ax, [term(str(code), lang) for code in table.index])
    for name, color, up in (("penalty_effect", WARN, 0.17), ("reward_effect", ACCENT, -0.17)):
        at = places + up
        ax.barh(at, table[name], color=color, alpha=0.45, height=0.32, label=term(name, lang))
        whiskers(ax, table, at, (name, f"{name}_low", f"{name}_high"), color, size=3.5)
    for y, kind, edge in zip(places, table["kind"], table["reward_effect_high"], strict=True):
        ax.annotate(term(kind, lang), (max(edge, 0), y), (6, 0), va="center", fontsize=8,
                    color=MUTED, textcoords="offset points")  # fmt: skip
    ax.axvline(0, color=INK, lw=0.8)
    ax.margins(x=0.22)
    ax.set(
        title=_contrast_title(table["kind"], lang),
        xlabel=say(lang, en="Points of satisfaction (0–100) against a middling rating",
                   zh="与中等评分相比的满意度得分差（0–100 分制）"),
        ylabel=say(lang, en="Attribute", zh="要素"),
    )  # fmt: skip
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, -0.01 - 1.05 / (1.6 + 0.3 * len(table))),
              ncols=2)  # fmt: skip
    return ax


def _contrast_title(kind: pd.Series, lang: Lang) -> str:
    one_sided = kind.isin(["basic_item", "exciting_item"]).sum()
    both = [term(str(item), lang) for item in kind.index[kind == "both_ways"]]
    names = say(lang, en=", ", zh="、").join(both[:3]) or say(lang, en="none", zh="无")
    every = len(kind)
    return say(
        lang,
        en=f"Surely one-sided: {one_sided} of {every} attributes; surely both ways: {names}",
        zh=f"{every} 个要素中，确属单向的有 {one_sided} 个；确属双向的：{names}",
    )


def odds_forest(effects: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw odds ratios with their intervals on a logarithmic scale.

    `effects` is indexed by term: ``odds_ratio``, ``odds_low``, ``odds_high``.
    """
    ax = axes(ax, (7.2, 1.3 + 0.45 * len(effects)))
    places = label_rows(ax, [term(str(code), lang) for code in effects.index])
    whiskers(ax, effects, places, ("odds_ratio", "odds_low", "odds_high"), ACCENT)
    for y, ratio, edge in zip(places, effects["odds_ratio"], effects["odds_high"], strict=True):
        ax.annotate(f"{ratio:.2f}", (edge, y), (5, 0), va="center", fontsize=8.5,
                    textcoords="offset points")  # fmt: skip
    ax.axvline(1, color=INK, lw=0.8, ls="--")
    low, high = min(effects["odds_low"].min(), 0.9), max(effects["odds_high"].max(), 1.1)
    ax.set_xscale("log")
    ratio = f"{effects['odds_ratio']['satisfaction_10']:.2f}"
    ax.set(
        title=say(lang, en=f"Ten points more satisfaction: odds × {ratio}",
                  zh=f"满意度高 10 分，作出更忠诚回答的优势比为 {ratio}"),
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
    ax: Axes,
    table: pd.DataFrame,
    places: np.ndarray,
    names: tuple[str, str, str],
    color: object,
    size: float = 5,
) -> None:
    """Draw estimates with their intervals, named by the columns of value, low and high."""
    value, low, high = (table[name] for name in names)
    ax.errorbar(value, places, xerr=[value - low, high - value], fmt="o", ms=size, color=color,
                lw=1.4, capsize=size / 2)  # fmt: skip


def percent_ticks(axis: Axis, lang: Lang) -> None:
    """Show an axis of shares as percentages, with a decimal only where ticks need one."""

    def shown(value: float, _: int | None) -> str:
        hundredths = 100 * np.asarray(axis.get_majorticklocs())
        whole = np.allclose(hundredths, np.round(hundredths))
        return percent(value, lang, decimals=0 if whole else 1)

    axis.set_major_formatter(FuncFormatter(shown))


def place_labels(ax: Axes, x: np.ndarray, y: np.ndarray, labels: list[str]) -> None:
    """Write a label beside each point, where it covers least of the others and their labels."""
    ax.figure.get_figure(root=True).canvas.draw()
    spots = np.column_stack([x, y])
    marks = [Bbox.from_bounds(px - 5, py - 5, 10, 10) for px, py in ax.transData.transform(spots)]
    legend = ax.get_legend()
    taken = [] if legend is None else [legend.get_window_extent()]
    for own, (spot, text) in enumerate(zip(spots, labels, strict=True)):
        note = ax.annotate(text, spot, (0, 0), fontsize=8.5, textcoords="offset points")
        note.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
        others = taken + marks[:own] + marks[own + 1 :]
        costs = []
        for right, up, side in OFFSETS:
            note.set(position=(right, up), ha=side)
            box = note.get_window_extent().padded(3)
            covered = sum(_shared(box, other) for other in others)
            costs.append(covered + 4 * (box.width * box.height - _shared(box, ax.bbox)))
        right, up, side = OFFSETS[int(np.argmin(costs))]
        note.set(position=(right, up), ha=side)
        taken.append(note.get_window_extent())


def _shared(one: BboxBase, other: BboxBase) -> float:
    """Return the area that two boxes share."""
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(wide, 0) * max(high, 0)
