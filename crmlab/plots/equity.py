"""Charts of what loyalty is worth: retention, levers, the change of equity, referrals."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crmlab.lang import Lang, money, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, WARN, axes, money_ticks
from crmlab.plots.drivers import label_rows, percent_ticks, whiskers

READINGS = {
    "points_discounted": ACCENT,
    "points_undiscounted": INK,
    "relative_discounted": PALETTE[4],
    "relative_undiscounted": PALETTE[2],
}
MOST = 1.3  # gains above are cut off


def retention_gain(
    curves: pd.DataFrame,
    own: tuple[float, float, float],
    *,
    claim: tuple[float, float],
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the gain of profit by base retention, the claim as a band, and our retention.

    `curves` is as `crmlab.equity.retention_sensitivity` returns it; `own` is our retention
    with its interval.
    """
    ax = axes(ax)
    ax.axhspan(*claim, color=WARN, alpha=0.12, lw=0, label=term("taught_claim", lang))
    for name, color in READINGS.items():
        ax.plot(curves.index, curves[name].where(curves[name] <= MOST), color=color, lw=1.8,
                ls="--" if "undiscounted" in name else "-", label=term(name, lang))  # fmt: skip
    value, low, high = own
    ax.axvspan(low, high, color=MUTED, alpha=0.25, lw=0)
    ax.axvline(value, color=MUTED, lw=1.5, label=term("own_retention", lang))
    gained = float(np.interp(value, curves.index, curves["points_discounted"]))
    told, share = percent(gained, lang), percent(value, lang)
    inside = claim[0] <= gained <= claim[1]
    ax.set(
        title=say(
            lang,
            en=f"At our retention of {share}, five points more bring {told}: "
            f"{'as claimed' if inside else 'not as claimed'}",
            zh=f"本公司年保留率为 {share}，提高 5 个百分点，利润增加 {told}，"
            f"{'落在' if inside else '不在'}教材所说的范围内",
        ),
        xlabel=say(lang, en="Retention a year, before", zh="提高前的年保留率"),
        ylabel=say(lang, en="Change of profit", zh="利润增幅"),
        ylim=(0, MOST),
        xlim=(curves.index.min(), curves.index.max()),
    )
    percent_ticks(ax.xaxis, lang)
    percent_ticks(ax.yaxis, lang)
    ax.legend(loc="upper center", bbox_to_anchor=(0.42, 1.0), fontsize=8, frameon=True)
    return ax


def lever_bars(
    effects: pd.DataFrame,
    *,
    change: float,
    currency: str,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw what the same relative change of each lever does to customer equity.

    `effects` is as `crmlab.equity.lever_effects` returns it, with ``low`` and ``high``.
    """
    ax = axes(ax, (7.2, 1.4 + 0.45 * len(effects)))
    rows = effects.sort_values("equity_change", ascending=False)
    _bars(ax, rows, "equity_change", [term(str(code), lang) for code in rows.index])
    single = rows["equity_change"].drop("customer_experience", errors="ignore")
    best, worth = term(str(single.idxmax()), lang), single.max()
    told, much = money(worth, currency, lang), percent(change, lang, decimals=0)
    ax.set(
        title=say(lang, en=f"Single lever, {much} more: {best.lower()} leads, {told}",
                  zh=f"单项手段各提高 {much}，“{best}”增加最多：{told}"),
        xlabel=say(lang, en="Change of customer equity, with 95% interval",
                   zh="客户资产的变化（附 95% 区间）"),
        ylabel=say(lang, en="Lever", zh="手段"),
    )  # fmt: skip
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    return ax


def equity_waterfall(
    effects: pd.DataFrame,
    opening: float,
    *,
    currency: str,
    title: str = "",
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw how customer equity came from `opening` to today, effect by effect.

    `effects` is as `crmlab.equity.effects` or `crmlab.clv.bridge` returns it, as ``value`` with
    ``low`` and ``high``; its last row is the whole change. Without a title, the largest effect
    makes it.
    """
    ax = axes(ax, (7.2, 4.2))
    steps = effects.iloc[:-1]
    ends = opening + steps["value"].cumsum()
    starts = ends - steps["value"]
    names = ["opening_equity", *map(str, steps.index), "closing_equity"]
    place = np.arange(1, len(steps) + 1)
    colors = [ACCENT if value >= 0 else WARN for value in steps["value"]]
    ax.bar([0, len(steps) + 1], [opening, ends.iloc[-1]], color=MUTED, alpha=0.6, width=0.6)
    ax.bar(place, steps["value"], bottom=starts, color=colors, alpha=0.6, width=0.6)
    reach = [steps["value"] - steps["low"], steps["high"] - steps["value"]]
    ax.errorbar(place, ends, yerr=reach, fmt="none", ecolor=INK, lw=1.2, capsize=3)
    tops = np.maximum(starts, ends + reach[1])
    told = [opening, *steps["value"], float(ends.iloc[-1])]
    for x, (top, value) in enumerate(zip([opening, *tops, ends.iloc[-1]], told, strict=True)):
        sign = "+" * (value > 0 and 0 < x <= len(steps))
        ax.annotate(f"{sign}{money(value, currency, lang)}", (x, top), (0, 3), ha="center",
                    fontsize=8, textcoords="offset points")  # fmt: skip
    lead = term(str(steps["value"].abs().idxmax()), lang)
    whole = percent(float(effects["value"].iloc[-1]) / (opening or np.nan), lang)
    labels = [term(name, lang).replace(" (", "\n(") for name in names]
    narrow = len(names) > 6
    ax.set_xticks(range(len(names)), [fill(t, 9) if narrow else t for t in labels])
    ax.set(
        title=title
        or say(lang, en=f"Customer equity changed by {whole}, most of it by the {lead.lower()}",
               zh=f"客户资产变化 {whole}，其中以{lead}为主"),
        ylabel=say(lang, en="Customer equity", zh="客户资产"),
        xlabel=say(lang, en="Effect (whiskers: 95% interval)", zh="各项效应（竖线为 95% 区间）"),
        ylim=(0, None),
    )  # fmt: skip
    ax.yaxis.set_major_formatter(money_ticks(currency, lang))
    return ax


def generation_bars(
    table: pd.DataFrame, *, currency: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the mean value of customers by generation of referral, with intervals.

    `table` is as `crmlab.equity.by_generation` returns it.
    """
    ax = axes(ax, (7.2, 1.6 + 0.55 * len(table)))
    labels = [
        say(
            lang,
            en=f"{_generation(g, lang)}\n({number(n, lang)} customers)",
            zh=f"{_generation(g, lang)}\n（{number(n, lang)} 位）",
        )
        for g, n in zip(table.index.astype("int64"), table["customers"], strict=True)
    ]
    _bars(ax, table, "mean_value", labels)
    brought = table.loc[table.index > 0]
    share = percent(brought["value"].sum() / table["value"].sum(), lang)
    ax.set(
        title=say(lang, en=f"Customers brought by customers hold {share} of the value",
                  zh=f"由客户介绍来的客户占全部价值的 {share}"),
        xlabel=say(lang, en="Own value per customer so far", zh="每位客户迄今的自身价值"),
        ylabel=say(lang, en="Generation", zh="代次"),
    )  # fmt: skip
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    return ax


def _bars(ax: Axes, table: pd.DataFrame, value: str, labels: list[str]) -> None:
    """Draw a bar per row with its interval, ``low`` to ``high``, from a line at 0."""
    places = label_rows(ax, labels)
    ax.barh(places, table[value], color=ACCENT, alpha=0.45, height=0.6)
    whiskers(ax, table, places, (value, "low", "high"), ACCENT)
    ax.axvline(0, color=INK, lw=0.8)


def _generation(n: int, lang: Lang) -> str:
    if n == 0:
        return say(lang, en="0: no referral on file", zh="第 0 代：无介绍记录")
    return say(lang, en=f"{n}: referred", zh=f"第 {n} 代：经介绍")


def benefit_dots(
    table: pd.DataFrame, *, group: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw by what factor each benefit of loyalty differs, last year against first.

    `table` has ``factor``, ``low`` and ``high`` as `crmlab.equity.trend` returns them, the
    column `group` (a code) and the benefit as index.
    """
    benefits = list(dict.fromkeys(table.index))
    ax = axes(ax, (7.2, 1.6 + 0.5 * len(benefits)))
    places = pd.Series(label_rows(ax, [term(str(code), lang) for code in benefits]), benefits)
    parts = list(table.groupby(group, sort=False))
    for k, (code, part) in enumerate(parts):
        at = places[part.index].to_numpy() + 0.12 * (1 - 2 * k)
        whiskers(ax, part, at, ("factor", "low", "high"), (ACCENT, WARN, INK)[k % 3])
        ax.plot([], [], "o", color=(ACCENT, WARN, INK)[k % 3], label=term(str(code), lang))
    clear = int((table["verdict"] != "unclear").sum())
    ax.axvline(1, color=INK, lw=0.8, ls="--")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x, lang, digits=2)))
    ax.xaxis.set_minor_formatter(FuncFormatter(lambda x, _: number(x, lang, digits=2)))
    ax.tick_params(axis="x", which="minor", labelsize=8)
    ax.set(
        title=say(lang, en=f"Among those who stayed, {clear} of {len(table)} differences are clear",
                  zh=f"在一直留下的客户中，{len(table)} 项差异有 {clear} 项可以确定"),
        xlabel=say(lang, en="Last year against first, same customers (1: no difference)",
                   zh="同一批客户：最后一年与第一年之比（1 为无差别）"),
        ylabel=say(lang, en="Benefit", zh="益处"),
    )  # fmt: skip
    ax.legend(loc="best", fontsize=8)
    return ax
