"""Charts of the life cycle: stages, moves, cohorts, silence and survival."""

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
            en=f"{told} of all returns came within {number(quiet_days, lang)} days",
            zh=f"{told} 的再次购买发生在 {number(quiet_days, lang)} 天之内",
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


def transition_heatmap(moves: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the shares of moves from stage (rows) to stage (columns), with their counts.

    `moves` is indexed by ``from_stage`` and ``to_stage`` and has ``moves`` and ``share``.
    """
    ax = axes(ax, (6.4, 4.2))
    share = moves["share"].unstack(sort=False)  # noqa: PD010 - nothing to aggregate
    count = moves["moves"].unstack(sort=False)  # noqa: PD010
    texts = share.map(lambda v: percent(v, lang)) + "\n" + count.map(lambda n: f"n={n:,}")
    slip = percent(dict(moves["share"])["maturity", "decline"], lang)
    words = [term(str(stage), lang) for stage in share.columns]
    sns.heatmap(
        share.to_numpy(), ax=ax, annot=texts.to_numpy(), fmt="", cmap="Blues", vmin=0, vmax=1,
        xticklabels=words, yticklabels=words, annot_kws={"fontsize": 8.5}, linewidths=1,
        cbar=False,
    )  # fmt: skip
    ax.set(
        title=say(
            lang,
            en=f"Each period {slip} of mature customers slip into decline",
            zh=f"每期有 {slip} 的成熟期客户滑入衰退期",
        ),
        xlabel=say(lang, en="Stage one period later", zh="下一期所处阶段"),
        ylabel=say(lang, en="Stage now", zh="本期所处阶段"),
    )
    ax.tick_params(length=0)
    ax.tick_params(axis="y", rotation=0)
    return ax


def cohort_triangle(cohorts: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the share of each cohort (row) that bought at each age (column) from 1 on.

    `cohorts` is indexed by ``cohort`` (its first day) and ``customers``; what is not yet
    known is missing, and stays blank.
    """
    ax = axes(ax, (7.2, min(1.6 + 0.34 * len(cohorts), 7.0)))
    shown = cohorts.loc[:, np.asarray(cohorts.columns) > 0]
    low, high = (percent(v, lang, decimals=0) for v in (shown[1].min(), shown[1].max()))
    readable = shown.size <= ANNOTATED
    texts = shown.map(lambda v: "" if pd.isna(v) else f"{100 * v:.0f}").to_numpy()
    named = shown.set_axis([f"{day:%Y-%m-%d} (n={size:,})" for day, size in shown.index])
    sns.heatmap(
        named, ax=ax, annot=texts if readable else None, fmt="", cmap="Blues", vmin=0,
        annot_kws={"fontsize": 7.5},
        cbar_kws={"label": say(lang, en="Bought in the period", zh="当期购买的比例"),
                  "format": PercentFormatter(1, decimals=0)},
    )  # fmt: skip
    ax.set(
        title=say(
            lang,
            en=f"In the next period {low} to {high} of a cohort buy again",
            zh=f"各同期群在下一期有 {low} 至 {high} 的客户再次购买",
        ),
        xlabel=say(lang, en="Periods since the first purchase", zh="距首次购买的期数")
        + (say(lang, en=" (cells in %)", zh="（单元格为 %）") if readable else ""),
        ylabel=say(lang, en="Cohort: first purchase from", zh="同期群：首次购买期间起"),
    )
    ax.tick_params(axis="y", rotation=0, length=0)
    return ax


def activity_curve(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the share active at each age from 1 on, with its interval.

    `table` is indexed by ``age`` in periods and has ``customers``, ``share``, ``low``,
    ``high``. The title speaks of the ages at which half of all customers are observed.
    """
    ax = axes(ax, (7.2, 3.4))
    later = table[table.index > 0]
    known = later[later["customers"] >= table["customers"].max() / 2]
    first, last = (percent(known["share"].iloc[k], lang) for k in (0, -1))
    ax.fill_between(later.index, later["low"], later["high"], color=ACCENT, alpha=0.18, lw=0)
    ax.plot(later.index, later["share"], color=ACCENT, marker="o", ms=3.5)
    ax.set(
        title=say(
            lang,
            en=f"Activity goes from {first} in period 1 to {last} in period {known.index[-1]}",
            zh=f"活跃率从第 1 期的 {first} 变为第 {known.index[-1]} 期的 {last}",
        ),
        xlabel=say(lang, en="Periods since the first purchase", zh="距首次购买的期数"),
        ylabel=say(lang, en="Share who bought in the period", zh="当期购买的客户比例"),
    )
    ax.set_ylim(bottom=0)
    return percents(ax, decimals=None)


def percents(ax: Axes, decimals: int | None = 0) -> Axes:
    """Write the ticks of the vertical axis as percentages, and return the axes."""
    ax.yaxis.set_major_formatter(
        PercentFormatter(1, decimals=decimals)
        if decimals is not None
        else FuncFormatter(lambda y, _: f"{100 * y:g}%")
    )
    return ax
