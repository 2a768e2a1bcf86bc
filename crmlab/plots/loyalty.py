"""Charts of satisfaction and loyalty: indices, waves, response, curve, quadrants, kinds."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from crmlab.lang import Lang, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, WARN, axes
from crmlab.plots.drivers import label_rows, percent_ticks, whiskers


def index_dots(five: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the five indices of satisfaction (`crmlab.loyalty.indices`); the missing ones say so."""
    praise, named = (
        percent(five["share"][name], lang) for name in ("favourability", "named_share")
    )
    title = say(
        lang,
        en=f"{praise} of customers praise us, {named} ask for us by name",
        zh=f"{praise} 的客户给出赞誉，{named} 的客户指名购买",
    )
    ax = _share_dots(five, title, lang, ax)
    for y, need in zip(ax.get_yticks(), five["needs"], strict=True):
        if need:
            lacking = term(need, lang)
            text = say(lang, en=f"not from this survey: needs {lacking}", zh=f"缺少{lacking}")
            ax.text(0.01, y, text, va="center", fontsize=8.5, color=MUTED)
    of = say(lang, en="Share of customers (complaints: of orders; selling power: of stock)",
             zh="客户占比（抱怨率：占订单；销售力：占库存）")  # fmt: skip
    ax.set(xlabel=of, ylabel=term("index", lang), xlim=(0, 1))
    return ax


def kind_dots(kinds: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the shares of the kinds of loyalty (`crmlab.loyalty.kinds`)."""
    held = kinds["share"].drop(["latent_loyalty", "no_loyalty", "unclear_loyalty"]).fillna(0)
    most, share = term(str(held.idxmax()), lang), percent(held.max(), lang)
    title = say(
        lang,
        en=f"Who buys again: most often {most.lower()} ({share})",
        zh=f"重复购买的客户中，{most}最多（占客户的 {share}）",
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
    whiskers(ax, table, places, ("share", "low", "high"), ACCENT)
    there = table["share"].notna()
    for y, (_, row) in zip(places[there], table[there].iterrows(), strict=True):
        text = f"{percent(row['share'], lang)}  (n={number(row['n'], lang)})"
        ax.annotate(text, (row["high"], y), (6, 0), va="center", fontsize=8.5,
                    textcoords="offset points")  # fmt: skip
    ax.set(title=title, xlabel=say(lang, en="Share of customers", zh="客户占比"))
    percent_ticks(ax.xaxis, lang)
    return ax


def wave_lines(waves: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the mean scores by wave with their intervals (`crmlab.loyalty.waves`)."""
    ax = axes(ax, (7.2, 3.4))
    for name, color, mark in (("satisfaction", ACCENT, "o-"), ("loyalty", WARN, "s--")):
        value, low, high = (waves[f"{name}_{part}"] for part in ("score", "low", "high"))
        ax.errorbar(waves.index, value, yerr=[value - low, high - value], fmt=mark, ms=5,
                    color=color, lw=1.2, capsize=3, label=term(f"{name}_score", lang))  # fmt: skip
    now = waves.iloc[-1]
    told = [f"{now[f'{name}_score']:.1f}" for name in ("satisfaction", "loyalty")]
    ax.set(
        title=say(lang, en=f"In the last wave, satisfaction is {told[0]} and loyalty {told[1]}",
                  zh=f"最近一期的满意度为 {told[0]} 分，忠诚度为 {told[1]} 分"),
        xlabel=say(lang, en="Wave of the survey", zh="调查时间"),
        ylabel=say(lang, en="Mean score, 0–100", zh="平均得分（0–100）"),
    )  # fmt: skip
    ax.set_xticks(waves.index, [f"{day:%Y-%m}" for day in waves.index])
    ax.margins(x=0.06, y=0.25)
    ax.legend(loc="upper right", ncols=2)
    return ax


def response_dots(again: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the response rate by the satisfaction before (`crmlab.loyalty.nonresponse`)."""
    ax = axes(ax, (7.2, 3.4))
    rate = again["response_rate"]
    reach = [rate - again["low"], again["high"] - rate]
    ax.errorbar(again.index, rate, yerr=reach, fmt="o-", color=ACCENT, lw=1, capsize=3)
    told = [percent(each, lang, decimals=0) for each in rate]
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
    percent_ticks(ax.yaxis, lang)
    return ax


def _response_title(told: list[str], lang: Lang) -> str:
    if not told:
        return say(lang, en="Nobody was asked in two waves running", zh="没有客户连续两期受访")
    return say(
        lang,
        en=f"Of the least satisfied {told[0]} answer again, of the most satisfied {told[-1]}",
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
    """Draw loyalty by satisfaction: observed means, the bent curve with its band, line, spline.

    Parameters
    ----------
    points : DataFrame
        Indexed by ``satisfaction_score``: ``line``, ``spline``, ``two_breaks``, ``low``,
        ``high``.
    observed : DataFrame
        ``satisfaction_score``, ``loyalty_score``, ``low``, ``high`` by group.
    breaks : DataFrame
        ``estimate``, ``low``, ``high`` of the two breaks, drawn under the curve.
    slopes : DataFrame
        ``estimate`` of the slope ``between_breaks``.
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
    ax.plot(x, points["spline"], color=INK, lw=1.2, ls=":", label=term("spline", lang))
    ax.plot(x, points["line"], color=INK, lw=1.2, ls="--", label=term("line", lang))
    at, mean = observed["satisfaction_score"], observed["loyalty_score"]
    reach = [mean - observed["low"], observed["high"] - mean]
    ax.errorbar(at, mean, yerr=reach, fmt="o", ms=4, color=MUTED, lw=1,
                label=say(lang, en="Observed mean", zh="观测均值"))  # fmt: skip
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
    low, high = (f"{place:.0f}" for place in breaks["estimate"])
    points = f"{10 * slopes['estimate']['between_breaks']:.1f}".replace("-", "−")
    return say(
        lang,
        en=f"Between about {low} and {high}, 10 points of satisfaction go with {points} of loyalty",
        zh=f"约 {low} 至 {high} 分之间，满意度每高 10 分，忠诚度只高 {points} 分",
    )


def _break_marks(ax: Axes, breaks: pd.DataFrame, points: pd.DataFrame) -> None:
    """Mark the breaks on the curve, and their intervals as bars at the foot."""
    at = breaks["estimate"]
    height = np.interp(at, points.index, points["two_breaks"])
    ax.plot(at, height, "D", color=WARN, ms=6)
    foot = ax.get_ylim()[0]
    reach = [at - breaks["low"], breaks["high"] - at]
    levels = foot + np.array([0.0, 0.03]) * np.ptp(ax.get_ylim())
    ax.errorbar(at, levels, xerr=reach, fmt="D", ms=3, color=WARN, lw=1.4, capsize=3)


def loyalty_grid(grid: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the four quadrants of attitude (up) and behaviour (right) with their shares.

    `grid` is indexed by quadrant: ``share``, ``low``, ``high``, ``n``.
    """
    ax = axes(ax, (7.2, 4.2))
    corners = {
        "latent_loyalty": (0, 1), "true_loyalty": (1, 1),
        "no_loyalty": (0, 0), "spurious_loyalty": (1, 0),
    }  # fmt: skip
    for code, (x, y) in corners.items():
        row = {name: float(grid[name][code]) for name in ("share", "low", "high", "n")}
        shade = 0.06 + 0.5 * np.nan_to_num(row["share"])
        ax.add_patch(Rectangle((x, y), 1, 1, color=ACCENT, alpha=shade, lw=0))
        between = f"{percent(row['low'], lang)} – {percent(row['high'], lang)}"
        ax.text(x + 0.5, y + 0.66, term(code, lang), ha="center", fontsize=10.5)
        ax.text(x + 0.5, y + 0.43, percent(row["share"], lang), ha="center", fontsize=16)
        ax.text(x + 0.5, y + 0.25, f"{between}   n={number(row['n'], lang)}", ha="center",
                fontsize=8.5)  # fmt: skip
    ax.axvline(1, color="white", lw=3)
    ax.axhline(1, color="white", lw=3)
    true, spurious = (
        percent(grid["share"][name], lang) for name in ("true_loyalty", "spurious_loyalty")
    )
    low, high = say(lang, en="low", zh="低"), say(lang, en="high", zh="高")
    ax.set_xticks([0.5, 1.5], [low, high])
    ax.set_yticks([0.5, 1.5], [low, high])
    ax.tick_params(length=0)
    ax.set(
        title=say(lang, en=f"{true} are loyal in mind and deed; {spurious} buy without approving",
                  zh=f"{true} 的客户真实忠诚，{spurious} 的客户虚假忠诚"),
        xlim=(0, 2), ylim=(0, 2),
        xlabel=say(lang, en="Behaviour: buys again and again", zh="行为：重复购买"),
        ylabel=say(lang, en="Attitude: approves of us", zh="态度：情感认同"),
    )  # fmt: skip
    return ax
