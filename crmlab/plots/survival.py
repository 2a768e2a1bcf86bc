"""Charts of survival: Kaplan–Meier with bands, censored lives and a risk table."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from crmlab.lang import Lang, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, axes
from crmlab.plots.lifecycle import percents

TABLE_POINTS, ROW_POINTS = -44, 13  # where the risk table begins, and the height of a row


def return_curves(
    curve: pd.DataFrame,
    risk: pd.DataFrame,
    *,
    by_day: int,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of each group that bought again, by days; see `survival_curves`.

    `by_day` is the day of which the title speaks.
    """
    back = 1 - survival_by(curve, by_day)
    return survival_curves(
        curve, risk, title=_back_title(back, by_day, lang), rising=True, lang=lang, ax=ax,
        xlabel=say(lang, en="Days since the first purchase", zh="距首次购买的天数"),
        ylabel=say(lang, en="Share that bought again", zh="已再次购买的比例"),
    )  # fmt: skip


def _back_title(back: pd.Series, by_day: int, lang: Lang) -> str:
    """Say how many are back, from the group with the fewest to that with the most."""
    pattern = "{}" if len(back) == 1 else say(lang, en="{} ({})", zh="{}（{}）")
    told = [
        pattern.format(percent(share, lang), term_of(str(group), lang))
        for group, share in back.sort_values().items()
    ]
    if len(told) == 1:
        return say(
            lang,
            en=f"By day {by_day}, {told[0]} have bought again",
            zh=f"到第 {by_day} 天，再次购买的客户占 {told[0]}",
        )
    return say(
        lang,
        en=f"Back by day {by_day}: from {told[0]} to {told[-1]}",
        zh=f"{by_day} 天内回购：{told[0]}至 {told[-1]}",
    )


def lasting_curves(
    curve: pd.DataFrame,
    risk: pd.DataFrame,
    *,
    by_day: int,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the share not yet called lost, by days, a curve for each threshold.

    `by_day` is the day of which the title speaks; see `survival_curves`.
    """
    left = survival_by(curve, by_day)
    low, high = percent(left.min(), lang), percent(left.max(), lang)
    return survival_curves(
        curve, risk, lang=lang, ax=ax,
        title=say(lang, en=f"By day {by_day}, {low} to {high} remain: the threshold decides",
                  zh=f"到第 {by_day} 天，尚存 {low} 至 {high}：取决于阈值"),
        xlabel=say(lang, en="Days since the first purchase", zh="距首次购买的天数"),
        ylabel=say(lang, en="Share not yet called lost", zh="尚未判为流失的比例"),
    )  # fmt: skip


def survival_by(curve: pd.DataFrame, day: float) -> pd.Series:
    """Return each group's survival on that day, or at its last time before."""
    return curve[curve["time"] <= day].groupby("group", sort=False)["survival"].last()


def survival_curves(
    curve: pd.DataFrame,
    risk: pd.DataFrame,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    rising: bool = False,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw Kaplan–Meier curves with bands, ticks where lives are censored, and a risk table.

    Parameters
    ----------
    curve : DataFrame
        ``group``, ``time``, ``censored``, ``survival``, ``low``, ``high``.
    risk : DataFrame
        Indexed by ``group`` and ``time`` (the ticks of the axis): ``n_at_risk``, the
        lives still under observation just before that time.
    rising : bool
        Draw one minus survival: the share that had the event.
    """
    groups = list(curve["group"].unique())
    ax = axes(ax, (7.2, 4.0 + 0.16 * len(groups)))
    colors = [ACCENT] if len(groups) == 1 else [PALETTE[k % 10] for k in range(len(groups))]
    for group, color, dash in zip(groups, colors, _dashes(len(groups)), strict=True):
        _curve(ax, curve[curve["group"] == group], term_of(group, lang), color, dash, rising)
    times = risk.index.get_level_values("time").unique()
    ax.set_xticks(list(times), [number(t, lang) for t in times])
    ax.set(
        title=title, ylabel=ylabel, xlim=(0, max(curve["time"].max(), times.max())), ylim=(0, 1.02)
    )
    ax.set_xlabel(xlabel, labelpad=2)
    _risk_table(ax, risk, groups, colors, lang)
    if len(groups) > 1:
        ax.legend(loc="best")
    return percents(ax)


def term_of(code: str, lang: Lang) -> str:
    """Return the glossary's word, or the code itself where groups come from the data."""
    try:
        return term(code, lang)
    except KeyError:
        return code


def _dashes(n: int) -> Sequence[str]:
    return [("-", "--", "-.", ":")[k % 4] for k in range(n)]


def _curve(ax: Axes, rows: pd.DataFrame, label: str, color: Any, dash: str, rising: bool) -> None:
    drawn = rows[["survival", "low", "high"]]
    drawn = 1 - drawn if rising else drawn
    ax.fill_between(
        rows["time"], drawn["low"], drawn["high"], color=color, step="post", alpha=0.15, lw=0
    )
    ax.step(
        rows["time"], drawn["survival"], where="post", color=color, ls=dash, lw=1.8, label=label
    )
    ends = (rows["censored"] > 0).to_numpy()
    ax.plot(rows["time"][ends], drawn["survival"][ends], "|", color=color, ms=5, mew=0.7)


def _risk_table(
    ax: Axes, risk: pd.DataFrame, groups: list[str], colors: Sequence[Any], lang: Lang
) -> None:
    """Write the lives at risk under the axis, a row for each group."""

    def write(text: str, time: float, offset: tuple[float, float], **style: Any) -> None:
        ax.annotate(
            text, (time, 0), offset, xycoords=("data", "axes fraction"),
            textcoords="offset points", annotation_clip=False, fontsize=8, **style,
        )  # fmt: skip

    told = say(lang, en="At risk just before", zh="此刻之前仍在观察的数目")
    write(told, 0, (0, TABLE_POINTS), ha="left", color=MUTED)
    for row, (group, color) in enumerate(zip(groups, colors, strict=True), start=1):
        y = TABLE_POINTS - row * ROW_POINTS
        if len(groups) > 1:
            write(term_of(group, lang), 0, (-20, y), ha="right", color=color)
        of_group = risk.xs(group, level="group")["n_at_risk"]
        for time, n in zip(of_group.index, of_group, strict=True):
            write(number(n, lang), time, (0, y), ha="center", color=INK)
