"""Charts of churn: hazard ratios, hazards, causes, indices, risk scores, gains, accounts."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from crmlab.lang import Lang, money, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, WARN, axes, money_ticks
from crmlab.plots.drivers import ODDS_TICKS, label_rows, percent_ticks, whiskers


def hazard_forest(ratios: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw hazard ratios with their intervals on a logarithmic scale.

    `ratios` is as `crmlab.lifecycle.Cox.hazard_ratios`.
    """
    ax = axes(ax, (7.2, 1.4 + 0.42 * len(ratios)))
    places = label_rows(ax, [term(str(code), lang) for code in ratios.index])
    sure = (ratios["low"] > 1) | (ratios["high"] < 1)
    for part, color in ((sure, ACCENT), (~sure, MUTED)):
        whiskers(ax, ratios[part], places[part], ("hazard_ratio", "low", "high"), color)
    for y, ratio, edge in zip(places, ratios["hazard_ratio"], ratios["high"], strict=True):
        ax.annotate(f"{ratio:.2f}", (edge, y), (5, 0), va="center", fontsize=8.5,
                    textcoords="offset points",
                    bbox={"fc": "white", "ec": "none", "pad": 0.5})  # fmt: skip
    ax.axvline(1, color=INK, lw=0.8, ls="--", zorder=0.5)
    low, high = min(ratios["low"].min(), 0.9) * 0.93, max(ratios["high"].max(), 1.1) * 1.15
    ax.set_xscale("log")
    ax.set(
        title=_forest_title(ratios[sure], lang),
        xlabel=say(lang, en="Hazard ratio: how many times as likely to leave (1 = no difference)",
                   zh="风险比：流失可能为几倍（1 表示无差别）"),
        xlim=(low, high),
    )  # fmt: skip
    ax.set_xticks([tick for tick in ODDS_TICKS if low <= tick <= high])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x, lang, digits=3)))
    return ax


def _forest_title(sure: pd.DataFrame, lang: Lang) -> str:
    if sure.empty:
        return say(lang, en="No signal goes with leaving beyond chance",
                   zh="没有任何信号与流失的关系超出偶然")  # fmt: skip
    order = str(sure["p_value"].idxmin())  # the surest
    ratio = f"{sure['hazard_ratio'][order]:.2f}"
    return say(lang, en=f"{term(order, lang)}: {ratio} times the hazard of leaving",
               zh=f"{term(order, lang)}，流失风险为 {ratio} 倍")  # fmt: skip


def monthly_hazard(
    seen: pd.DataFrame, fitted: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the chance to leave in a month by months since the contract began.

    `seen` is as `crmlab.lifecycle.seen_hazard` returns it, `fitted` a table indexed by period
    with ``hazard``, the model's mean for those then at risk.
    """
    ax = axes(ax, (7.2, 3.6))
    width = int(np.diff(seen.index).min()) if len(seen) > 1 else 1
    middle = seen.index.to_numpy() + (width - 1) / 2
    reach = [seen["hazard"] - seen["low"], seen["high"] - seen["hazard"]]
    ax.errorbar(
        middle,
        seen["hazard"],
        yerr=reach,
        fmt="o",
        color=INK,
        capsize=3,
        lw=1.2,
        label=say(lang, en=f"Seen, {width} months together", zh=f"实际（每 {width} 个月合计）"),
    )
    ax.plot(
        fitted.index,
        fitted["hazard"],
        color=ACCENT,
        lw=1.8,
        label=say(lang, en="Model, mean of those there", zh="模型（当时在约客户的均值）"),
    )
    rate = percent(seen["events"].sum() / seen["n_at_risk"].sum(), lang)
    first, later = seen.iloc[: max(12 // width, 1)], seen.iloc[max(12 // width, 1) :]
    a, b = (percent(x["events"].sum() / max(x["n_at_risk"].sum(), 1), lang) for x in (first, later))
    ax.set(
        title=say(lang, en=f"{rate} leave in a month: {a} in the first year, {b} later",
                  zh=f"每月流失 {rate}：第一年 {a}，此后 {b}"),
        xlabel=say(lang, en="Months since the contract began", zh="合同开始后的月数"),
        ylabel=say(lang, en="Chance to leave in the month", zh="当月流失概率"),
        ylim=(0, min(seen["high"].max(), 3 * seen["hazard"].max()) * 1.05),
    )  # fmt: skip
    percent_ticks(ax.yaxis, lang)
    ax.legend(loc="upper left")
    return ax


def incidence_area(incidence: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the share that left for each cause, one upon the other, by months.

    `incidence` is as `crmlab.lifecycle.cumulative_incidence` returns it, of one group.
    """
    ax = axes(ax, (7.2, 4.2))
    table = incidence.pivot_table("incidence", "time", "cause", aggfunc="last")
    order = table.iloc[-1].sort_values(ascending=False).index
    colors = [PALETTE[k % 10] for k in range(len(order))]
    ax.stackplot(table.index, table[order].T, colors=colors, edgecolor="white", lw=0.4, step="post")
    last = table[order].iloc[-1]
    heights = (last.cumsum() - last / 2).to_numpy()
    places = np.arange(len(heights)) * 0.05 * last.sum() * 1.15
    raised = np.maximum.accumulate(heights - places) + places
    for cause, height in zip(order, raised, strict=True):
        told = f" {term(str(cause), lang)} {percent(last[cause], lang)}"
        ax.text(table.index[-1], height, told, va="center", fontsize=8.5)
    lead = term(str(order[0]), lang)
    share = percent(last.iloc[0] / last.sum(), lang, decimals=0)
    ax.set(
        title=say(lang, en=f"{lead} takes most: {share} of all losses",
                  zh=f"“{lead}”最多：占全部流失的 {share}"),
        xlabel=say(lang, en="Months since the contract began", zh="合同开始后的月数"),
        ylabel=say(lang, en="Share that has left", zh="已流失的比例"),
        xlim=(0, table.index[-1]), ylim=(0, max(last.sum(), raised[-1]) * 1.06),
    )  # fmt: skip
    percent_ticks(ax.yaxis, lang)
    return ax


def bond_dots(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the five indices' means, of those who stayed and of those who then left.

    `table` is as `crmlab.lifecycle.compared_bonds` returns it.
    """
    ax = axes(ax, (7.2, 1.5 + 0.5 * len(table)))
    places = label_rows(ax, [term(str(code), lang) for code in table.index])
    for group, color, up in (("stayed", ACCENT, 0.12), ("left", WARN, -0.12)):
        names = tuple(f"{group}_{end}" for end in ("mean", "low", "high"))
        whiskers(ax, table, places + up, names, color)  # type: ignore[arg-type]
        ax.plot([], [], "o", color=color, label=term(f"{group}_later", lang))
    widest = str(table["difference"].abs().idxmax())
    gap = 100 * table["difference"][widest]
    told = f"{gap:+.0f}".replace("-", "−")
    ax.set(
        title=say(lang, en=f"Largest gap: {term(widest, lang).lower()}, {told} points in those "
                  "who left",
                  zh=f"差距最大：{term(widest, lang)}，流失者{'高' if gap > 0 else '低'} "
                  f"{abs(gap):.0f} 个百分点"),
        xlabel=say(lang, en="Index, 0 to 100% (mean and 95% interval)",
                   zh="指数，0 至 100%（均值与 95% 区间）"),
        xlim=(0, 1),
    )  # fmt: skip
    percent_ticks(ax.xaxis, lang)
    ax.legend(loc="lower right")
    return ax


def risk_calibration(
    table: pd.DataFrame, months: int, *, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw what came against what was foretold, by groups of risk.

    `table` is as `crmlab.lifecycle.risk_groups` returns it.
    """
    ax = axes(ax, (7.2, 4.4))
    most = max(table["high"].max(), table["foretold"].max()) * 1.08
    ax.plot([0, most], [0, most], color=MUTED, lw=1, ls="--",
            label=say(lang, en="As foretold", zh="与预测一致"))  # fmt: skip
    reach = [table["came"] - table["low"], table["high"] - table["came"]]
    ax.errorbar(table["foretold"], table["came"], yerr=reach, fmt="o", color=ACCENT, capsize=3,
                label=say(lang, en="Came, with 95% interval", zh="实际（95% 区间）"))  # fmt: skip
    held = int(((table["low"] <= table["foretold"]) & (table["foretold"] <= table["high"])).sum())
    first, last = (percent(table["came"].iloc[k], lang) for k in (0, -1))
    ax.set(
        title=say(lang, en=f"{first} of the safest left, {last} of the riskiest; {held} of "
                  f"{len(table)} groups as foretold",
                  zh=f"风险最低组流失 {first}，最高组 {last}；{len(table)} 组中 {held} "
                  "组与预测相符"),
        xlabel=say(lang, en=f"Foretold chance to leave within {months} months",
                   zh=f"预测的 {months} 个月内流失概率"),
        ylabel=say(lang, en="Share that left", zh="实际流失比例"),
        xlim=(0, table["foretold"].max() * 1.25), ylim=(0, most),
    )  # fmt: skip
    percent_ticks(ax.xaxis, lang)
    percent_ticks(ax.yaxis, lang)
    ax.legend(loc="upper left")
    return ax


def gain_curve(
    ranked: pd.DataFrame, *, currency: str, xlabel: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the expected gain by how many are contacted, the best first, and where it stops paying.

    `ranked` is as `crmlab.lifecycle.net_gain` returns it.
    """
    ax = axes(ax, (7.2, 3.6))
    total = np.append(0.0, ranked["total_gain"].to_numpy())
    stop = int(ranked["pays"].sum())
    ax.plot(np.arange(len(total)), total, color=ACCENT, lw=1.8)
    ax.axhline(0, color=INK, lw=0.8)
    ax.axvline(stop, color=WARN, lw=1.2, ls="--")
    best, everybody = (money(total[k], currency, lang) for k in (stop, -1))
    ax.plot([stop], [total[stop]], "o", color=WARN, ms=6)
    ax.annotate(f"{number(stop, lang)} · {best}", (stop, 0), (6, 6), color=WARN,
                textcoords="offset points", fontsize=9)  # fmt: skip
    ax.set(
        title=say(lang, en=f"It pays for {number(stop, lang)} ({best}); for all it would bring "
                  f"{everybody}",
                  zh=f"对 {number(stop, lang)} 位划算（{best}）；若全部联系则为 {everybody}"),
        xlabel=xlabel,
        ylabel=say(lang, en="Expected gain so far", zh="累计预期净收益"),
        xlim=(0, len(ranked)),
    )  # fmt: skip
    ax.margins(y=0.12)
    ax.yaxis.set_major_formatter(money_ticks(currency, lang))
    return ax


def account_risks(
    accounts: pd.DataFrame, *, currency: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw key accounts by revenue and chance to leave, coloured by the measures they lack.

    `accounts` has ``revenue``, ``leaves``, ``at_risk_revenue`` and ``measures_lacking``.
    """
    ax = axes(ax, (7.2, 4.2))
    most = int(accounts["measures_lacking"].max())
    marks = ax.scatter(
        accounts["revenue"], accounts["leaves"], c=accounts["measures_lacking"], cmap="YlOrRd",
        s=60, edgecolor=INK, lw=0.6, vmin=0, vmax=max(most, 1), zorder=3,
    )  # fmt: skip
    revenue = np.linspace(accounts["revenue"].min() * 0.9, accounts["revenue"].max() * 1.08, 100)
    top = accounts["leaves"].max() * 1.15
    for level in np.quantile(accounts["at_risk_revenue"], (0.25, 0.5, 0.75, 1)):
        line = level / revenue
        ax.plot(revenue, np.where(line <= top, line, np.nan), color=MUTED, lw=0.8, ls=":")
        end = money(level, currency, lang)
        ax.annotate(end, (revenue[-1], line[-1]), (3, 0), textcoords="offset points", fontsize=8,
                    color=MUTED, va="center", annotation_clip=False)  # fmt: skip
    bar = plt.colorbar(marks, ax=ax, ticks=range(most + 1), pad=0.12)
    bar.set_label(term("measures_lacking", lang))
    all_risk = money(accounts["at_risk_revenue"].sum(), currency, lang)
    ax.set(
        title=say(lang, en=f"{len(accounts)} key accounts carry {all_risk} of revenue at risk",
                  zh=f"{len(accounts)} 位大客户的在险收入合计 {all_risk}"),
        xlabel=say(lang, en="Revenue of a year (dotted: equal revenue at risk)",
                   zh="年收入（点线：在险收入相等）"),
        ylabel=say(lang, en="Chance to leave", zh="流失概率"),
        xlim=(revenue[0], revenue[-1]), ylim=(0, top),
    )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    percent_ticks(ax.yaxis, lang)
    return ax
