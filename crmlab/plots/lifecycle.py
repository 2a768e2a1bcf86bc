"""Charts of the life cycle: stages, moves, cohorts, silence and survival."""

from typing import Literal

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from crmlab.lang import Lang, number, percent, say, term
from crmlab.plots.base import ACCENT, PALETTE, WARN, axes

STAGE_COLORS = {
    "nurturing": PALETTE[9],
    "growth": PALETTE[2],
    "maturity": PALETTE[0],
    "decline": "#b9c0c8",
}
Unit = Literal["D", "W", "M"]
EN: dict[Unit, str] = {"D": "day", "W": "week", "M": "month"}
ZH: dict[Unit, tuple[str, str]] = {"D": ("日", "天"), "W": ("周", "周"), "M": ("月", "个月")}
ANNOTATED = 400  # cells of a triangle that are still readable with their numbers


def gap_curve(
    gaps: pd.Series, quiet_days: int, *, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the share of `gaps` (days) that ended within so many days, and the threshold."""
    ax = axes(ax)
    days = np.sort(gaps.to_numpy())
    share = np.arange(1, len(days) + 1) / len(days)
    ax.step(days, share, where="post", color=ACCENT, lw=2)
    ax.axvline(quiet_days, color=WARN, lw=1.2, ls="--")
    reached = np.searchsorted(days, quiet_days, side="right") / len(days)
    told = percent(reached, lang, decimals=0)
    ax.annotate(
        f"{number(quiet_days, lang)} {term('days', lang)} · {told}",
        (quiet_days, reached), (6, -14), textcoords="offset points", color=WARN, fontsize=9,
    )  # fmt: skip
    ax.set(
        title=say(
            lang,
            en=f"{told} of repeat purchases came within {number(quiet_days, lang)} days "
            "of the one before",
            zh=f"{told} 的重复购买发生在上一次购买之后 {number(quiet_days, lang)} 天之内",
        ),
        xlabel=say(lang, en="Days from one purchase to the next", zh="相邻两次购买的间隔（天）"),
        ylabel=say(lang, en="Share of gaps that had ended", zh="已结束间隔的累计占比"),
        xlim=(0, days[-1]),
        ylim=(0, 1),
    )
    return percents(ax)


def stage_area(counts: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the share of customers in each stage (columns) by period (index)."""
    ax = axes(ax)
    shares = counts.div(counts.sum(axis=1), axis=0)
    ax.stackplot(
        shares.index, shares.T, colors=[STAGE_COLORS[s] for s in shares.columns],
        edgecolor="white", lw=0.6,
    )  # fmt: skip
    gone = shares["decline"].iloc[-1]
    middle = shares.iloc[-1].cumsum() - shares.iloc[-1] / 2
    for stage, height in _spread(middle, 0.055).items():
        text = f" {term(str(stage), lang)} {percent(shares[stage].iloc[-1], lang, decimals=0)}"
        ax.text(shares.index[-1], height, text, va="center", fontsize=9)
    ax.set(
        title=say(
            lang,
            en=f"{percent(gone, lang, decimals=0)} of customers have reached decline",
            zh=f"{percent(gone, lang, decimals=0)} 的客户已进入衰退期",
        ),
        xlabel=say(lang, en="Period (its first day)", zh="期间（首日）"),
        ylabel=say(lang, en="Share of customers so far", zh="占累计客户的比例"),
        xlim=(shares.index[0], shares.index[-1]),
        ylim=(0, 1),
    )
    ax.tick_params(axis="x", rotation=30)
    return percents(ax)


def _spread(heights: pd.Series, least: float) -> pd.Series:
    """Move labels, given from low to high, up so far that they do not overlap."""
    places = np.arange(len(heights)) * least
    raised = np.maximum.accumulate(heights.to_numpy() - places) + places
    over = max(raised[-1] - 1 + least / 2, 0) if len(raised) else 0
    return pd.Series(raised - over, heights.index)


def transition_heatmap(
    moves: pd.DataFrame, *, unit: Unit = "M", lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the shares of moves from stage (rows) to stage (columns), with their counts.

    `moves` is indexed by ``from_stage`` and ``to_stage`` and has ``moves`` and ``share``;
    one move takes one `unit`.
    """
    ax = axes(ax, (6.4, 4.2))
    share = moves["share"].unstack(sort=False)  # noqa: PD010 - nothing to aggregate
    count = moves["moves"].unstack(sort=False)  # noqa: PD010
    texts = share.map(lambda v: percent(v, lang)) + "\n" + count.map(lambda n: f"n={n:,}")
    words = [term(str(stage), lang) for stage in share.columns]
    sns.heatmap(
        share.to_numpy(), ax=ax, annot=texts.to_numpy(), fmt="", cmap="Blues", vmin=0, vmax=1,
        xticklabels=words, yticklabels=words, annot_kws={"fontsize": 8.5}, linewidths=1,
        cbar=False,
    )  # fmt: skip
    ax.set(
        title=_slip_title(moves, unit, lang),
        xlabel=say(lang, en=f"Stage one {EN[unit]} later", zh=f"次{ZH[unit][0]}所处阶段"),
        ylabel=say(lang, en="Stage now", zh=f"当{ZH[unit][0]}所处阶段"),
    )
    ax.tick_params(length=0)
    ax.tick_params(axis="y", rotation=0)
    return ax


def _slip_title(moves: pd.DataFrame, unit: Unit, lang: Lang) -> str:
    slip = dict(moves["share"])["maturity", "decline"]
    if pd.isna(slip):
        return say(lang, en="No mature customers to watch yet", zh="尚无成熟期客户可供观察")
    return say(
        lang,
        en=f"Each {EN[unit]} {percent(slip, lang)} of mature customers slip into decline",
        zh=f"每{ZH[unit][0]}有 {percent(slip, lang)} 的成熟期客户滑入衰退期",
    )


def cohort_triangle(
    cohorts: pd.DataFrame, *, unit: Unit = "M", lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the share of each cohort (row) that bought at each age (column) from 1 on.

    `cohorts` is indexed by ``cohort`` (its first day) and ``customers``, ages are in
    `unit`; what is not yet known is missing, and stays blank.
    """
    ax = axes(ax, (7.2, min(1.6 + 0.34 * len(cohorts), 7.0)))
    shown = cohorts.loc[:, np.asarray(cohorts.columns) > 0]
    low, high = (percent(v, lang, decimals=0) for v in (shown[1].min(), shown[1].max()))
    readable = shown.size <= ANNOTATED
    texts = shown.map(lambda v: "" if pd.isna(v) else f"{100 * v:.0f}").to_numpy()
    begun = "%Y-%m" if unit == "M" else "%Y-%m-%d"
    named = shown.set_axis([f"{day.strftime(begun)} (n={size:,})" for day, size in shown.index])
    sns.heatmap(
        named, ax=ax, annot=texts if readable else None, fmt="", cmap="Blues", vmin=0,
        annot_kws={"fontsize": 7.5},
        cbar_kws={"label": bought_label(unit, lang), "format": FuncFormatter(true_percent)},
    )  # fmt: skip
    ax.set(
        title=say(
            lang,
            en=f"In the next {EN[unit]} {low} to {high} of a cohort buy again",
            zh=f"各同期群在次{ZH[unit][0]}有 {low} 至 {high} 的客户再次购买",
        ),
        xlabel=since_label(unit, lang)
        + (say(lang, en=" (cells in %)", zh="（单元格为 %）") if readable else ""),
        ylabel=say(
            lang,
            en=f"Cohort: {EN[unit]} of first purchase",
            zh=f"同期群：首购{ {'D': '日期', 'W': '周', 'M': '月份'}[unit] }",
        ),
    )
    ax.tick_params(axis="y", rotation=0, length=0)
    return ax


def since_label(unit: Unit, lang: Lang) -> str:
    """Return the label of an axis of ages."""
    count = {"D": "天数", "W": "周数", "M": "月数"}[unit]
    return say(lang, en=f"{EN[unit].title()}s since the first purchase", zh=f"距首购的{count}")


def bought_label(unit: Unit, lang: Lang) -> str:
    """Return the label of a scale of activity."""
    return say(lang, en=f"Bought in the {EN[unit]}", zh=f"当{ZH[unit][0]}购买的比例")


def activity_curve(
    table: pd.DataFrame, *, unit: Unit = "M", lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the share active at each age from 1 on, with its interval.

    `table` is indexed by ``age`` in `unit` and has ``customers``, ``share``, ``low``,
    ``high``. The title speaks of the ages at which half of all customers are observed.
    """
    ax = axes(ax, (7.2, 3.4))
    later = table[table.index > 0]
    known = later[later["customers"] >= table["customers"].max() / 2]
    first, last = (percent(known["share"].iloc[k], lang) for k in (0, -1))
    end, name, (_, nth) = known.index[-1], EN[unit], ZH[unit]
    ax.fill_between(later.index, later["low"], later["high"], color=ACCENT, alpha=0.18, lw=0)
    ax.plot(later.index, later["share"], color=ACCENT, marker="o", ms=3.5)
    ax.set(
        title=say(
            lang,
            en=f"Activity goes from {first} in {name} 1 to {last} in {name} {end}",
            zh=f"活跃率从第 1 {nth}的 {first} 变为第 {end} {nth}的 {last}",
        ),
        xlabel=since_label(unit, lang),
        ylabel=bought_label(unit, lang),
    )
    ax.set_ylim(bottom=0)
    return percents(ax, decimals=None)


def percents(ax: Axes, decimals: int | None = 0) -> Axes:
    """Write the ticks of the vertical axis as percentages, and return the axes."""
    ax.yaxis.set_major_formatter(
        PercentFormatter(1, decimals=decimals)
        if decimals is not None
        else FuncFormatter(true_percent)
    )
    return ax


def true_percent(value: float, _: object = None) -> str:
    """Return a tick as a percentage that is not rounded to another tick's.

    >>> true_percent(0.025), true_percent(0.05)
    ('2.5%', '5%')
    """
    return f"{100 * value:g}%"
