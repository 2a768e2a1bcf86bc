"""Charts of satisfaction and loyalty: indices, response, curve, quadrants, kinds."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from crmlab.lang import Lang, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, WARN, axes
from crmlab.plots.drivers import label_rows, whiskers


def index_dots(five: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the five indices of satisfaction (`crmlab.loyalty.indices`); the missing ones say so."""
    praise, named = (
        percent(five["value"][name], lang) for name in ("favourability", "named_share")
    )
    title = say(
        lang,
        en=f"{praise} of customers praise us, {named} ask for us by name",
        zh=f"{praise} 的客户给出赞誉，{named} 指名购买",
    )
    ax = _share_dots(five, title, lang, ax)
    for y, lacking in zip(ax.get_yticks(), five["value"].isna(), strict=True):
        if lacking:
            text = say(lang, en="not available from this survey", zh="仅凭本问卷无法计算")
            ax.text(0.01, y, text, va="center", fontsize=8.5, color=MUTED)
    ax.set(ylabel=term("index", lang), xlim=(0, 1))
    return ax


def kind_dots(kinds: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the shares of the kinds of loyalty (`crmlab.loyalty.kinds`)."""
    held = kinds["value"].drop(["latent_loyalty", "no_loyalty"]).fillna(0)
    most, share = term(str(held.idxmax()), lang), percent(held.max(), lang)
    title = say(
        lang,
        en=f"Buying again is most often {most.lower()} ({share} of customers)",
        zh=f"重复购买的客户以{most}最多（占客户的 {share}）",
    )
    if not held.max() > 0:
        title = say(lang, en="The answers tell no kind of loyalty", zh="回答不足以区分忠诚类型")
    ax = _share_dots(kinds, title, lang, ax)
    ax.set(ylabel=term("kind", lang), xlim=(0, min(1.0, 1.4 * kinds["high"].fillna(0.7).max())))
    return ax


def _share_dots(table: pd.DataFrame, title: str, lang: Lang, ax: Axes | None) -> Axes:
    """Draw shares of customers with their intervals, one row per code, the first on top."""
    ax = axes(ax, (7.2, 1.2 + 0.42 * len(table)))
    places = label_rows(ax, [term(str(code), lang) for code in table.index])
    whiskers(ax, table, places, ("value", "low", "high"), ACCENT)
    there = table["value"].notna()
    for y, value, edge in zip(
        places[there], table["value"][there], table["high"][there], strict=True
    ):
        ax.annotate(percent(value, lang), (edge, y), (6, 0), va="center", fontsize=8.5,
                    textcoords="offset points")  # fmt: skip
    ax.set(title=title, xlabel=say(lang, en="Share of customers", zh="客户占比"))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: percent(x, lang, decimals=0)))
    return ax


def response_dots(again: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the response rate by the satisfaction before (`crmlab.loyalty.nonresponse`)."""
    ax = axes(ax, (7.2, 3.4))
    reach = [again["value"] - again["low"], again["high"] - again["value"]]
    ax.errorbar(again.index, again["value"], yerr=reach, fmt="o-", color=ACCENT, lw=1, capsize=3)
    told = [percent(rate, lang, decimals=0) for rate in again["value"]]
    for x, text, edge in zip(again.index, told, again["high"], strict=True):
        ax.annotate(text, (x, edge), (0, 4), ha="center", fontsize=8.5,
                    textcoords="offset points")  # fmt: skip
    ax.set(
        title=_response_title(told, lang),
        xlabel=say(lang, en="Satisfaction in the wave before, 0–100 (mean of the group)",
                   zh="上一期的满意度得分，0–100（组均值）"),
        ylabel=say(lang, en="Share who answered this time", zh="本期应答率"),
        xlim=(0, 100), ylim=(0, 1),
    )  # fmt: skip
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: percent(y, lang, decimals=0)))
    return ax


def _response_title(told: list[str], lang: Lang) -> str:
    if not told:
        return say(lang, en="Nobody was asked in two waves running", zh="没有客户连续两期受访")
    return say(
        lang,
        en=f"Of the least satisfied {told[0]} answer again, of the most {told[-1]}",
        zh=f"最不满意者下一期的应答率为 {told[0]}，最满意者为 {told[-1]}",
    )


def loyalty_curve(
    points: pd.DataFrame,
    observed: pd.DataFrame,
    breaks: pd.DataFrame,
    slopes: pd.DataFrame,
    *,
    zone: tuple[float, float] | None,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw loyalty by satisfaction: observed means, the bent curve with its band, the line.

    Parameters
    ----------
    points : DataFrame
        Indexed by satisfaction: ``line``, ``two_breaks``, ``low``, ``high``.
    observed : DataFrame
        ``satisfaction``, ``value``, ``low``, ``high`` by group.
    breaks : DataFrame
        ``value``, ``low``, ``high`` of the two breaks, drawn under the curve.
    slopes : DataFrame
        ``value`` of the slopes ``below_zone``, ``zone``, ``above_zone``.
    zone : pair of float, optional
        The zone of indifference, shaded; none if there is no evidence of one.
    """
    ax = axes(ax, (7.2, 4.6))
    if zone is not None:
        ax.axvspan(*zone, color=WARN, alpha=0.08, lw=0)
        ax.text(sum(zone) / 2, 0.97, term("zone", lang), transform=ax.get_xaxis_transform(),
                ha="center", va="top", fontsize=9, color=WARN)  # fmt: skip
    x = points.index
    ax.fill_between(x, points["low"], points["high"], color=ACCENT, alpha=0.18, lw=0)
    ax.plot(x, points["two_breaks"], color=ACCENT, lw=2, label=term("two_breaks", lang))
    ax.plot(x, points["line"], color=INK, lw=1.2, ls="--", label=term("line", lang))
    reach = [observed["value"] - observed["low"], observed["high"] - observed["value"]]
    ax.errorbar(observed["satisfaction"], observed["value"], yerr=reach, fmt="o", ms=4, color=MUTED,
                lw=1, label=say(lang, en="Observed mean", zh="观测均值"))  # fmt: skip
    _break_marks(ax, breaks, points)
    ax.set(
        title=_curve_title(breaks, slopes, zone, lang),
        xlabel=say(lang, en="Satisfaction score, 0–100", zh="满意度得分（0–100）"),
        ylabel=say(lang, en="Loyalty score, 0–100", zh="忠诚度得分（0–100）"),
    )
    ax.legend(loc="upper left")
    return ax


def _curve_title(
    breaks: pd.DataFrame, slopes: pd.DataFrame, zone: tuple[float, float] | None, lang: Lang
) -> str:
    if zone is None:
        return say(lang, en="Loyalty by satisfaction: no flat stretch is certain",
                   zh="满意度与忠诚度：未见可以确定的平缓段")  # fmt: skip
    low, high = (number(place, lang, digits=2) for place in breaks["value"])
    points = number(10 * slopes["value"]["zone"], lang, digits=2)
    return say(
        lang,
        en=f"From {low} to {high}, 10 points more satisfaction go with only {points} of loyalty",
        zh=f"从 {low} 到 {high} 分，满意度高 10 分，忠诚度只高 {points} 分",
    )


def _break_marks(ax: Axes, breaks: pd.DataFrame, points: pd.DataFrame) -> None:
    """Mark the breaks on the curve, and their intervals as bars at the foot."""
    height = np.interp(breaks["value"], points.index, points["two_breaks"])
    ax.plot(breaks["value"], height, "D", color=WARN, ms=6)
    foot = ax.get_ylim()[0]
    reach = [breaks["value"] - breaks["low"], breaks["high"] - breaks["value"]]
    levels = foot + np.array([0.0, 0.03]) * np.ptp(ax.get_ylim())
    ax.errorbar(breaks["value"], levels, xerr=reach, fmt="D", ms=3, color=WARN, lw=1.4, capsize=3)


def loyalty_grid(grid: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the four quadrants of attitude (up) and behaviour (right) with their shares.

    `grid` is indexed by quadrant: ``value``, ``low``, ``high``, ``n``.
    """
    ax = axes(ax, (6.4, 4.2))
    corners = {
        "latent_loyalty": (0, 1), "true_loyalty": (1, 1),
        "no_loyalty": (0, 0), "spurious_loyalty": (1, 0),
    }  # fmt: skip
    for code, (x, y) in corners.items():
        row = {name: float(grid[name][code]) for name in ("value", "low", "high", "n")}
        shade = 0.06 + 0.5 * np.nan_to_num(row["value"])
        ax.add_patch(Rectangle((x, y), 1, 1, color=ACCENT, alpha=shade, lw=0))
        between = f"{percent(row['low'], lang)} – {percent(row['high'], lang)}"
        ax.text(x + 0.5, y + 0.66, term(code, lang), ha="center", fontsize=10.5)
        ax.text(x + 0.5, y + 0.43, percent(row["value"], lang), ha="center", fontsize=16)
        ax.text(x + 0.5, y + 0.25, f"{between}   n={number(row['n'], lang)}", ha="center",
                fontsize=8.5)  # fmt: skip
    ax.axvline(1, color="white", lw=3)
    ax.axhline(1, color="white", lw=3)
    true, spurious = (
        percent(grid["value"][name], lang) for name in ("true_loyalty", "spurious_loyalty")
    )
    low, high = say(lang, en="low", zh="低"), say(lang, en="high", zh="高")
    ax.set_xticks([0.5, 1.5], [low, high])
    ax.set_yticks([0.5, 1.5], [low, high])
    ax.tick_params(length=0)
    ax.set(
        title=say(lang, en=f"{true} are loyal in mind and deed; {spurious} buy without approving",
                  zh=f"{true} 的客户真实忠诚，{spurious} 只是虚假忠诚"),
        xlim=(0, 2), ylim=(0, 2),
        xlabel=say(lang, en="Behaviour: buys again and again", zh="行为：重复购买"),
        ylabel=say(lang, en="Attitude: approves of us", zh="态度：情感认同"),
    )  # fmt: skip
    return ax
