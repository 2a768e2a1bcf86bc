"""Charts of lifetime value: forecasts against what came, scores by history, who is worth what."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crmlab.lang import Lang, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, axes, money_ticks


def tracking(
    weeks: pd.DataFrame,
    *,
    holdout_from: float,
    title: str,
    lang: Lang = "en",
    axs: tuple[Axes, Axes] | None = None,
) -> Axes:
    """Draw repeat purchases by week beside the forecast: so far, and each week by itself.

    `weeks` is as `crmlab.clv.weekly` returns it; `holdout_from` is the week after which the
    model had seen nothing. Returned are the first axes.
    """
    if axs is None:
        _, (upper, lower) = plt.subplots(2, figsize=(7.2, 5.6), sharex=True, height_ratios=[1.4, 1])
    else:
        upper, lower = axs
    lower.fill_between(
        weeks.index, weeks["low"], weeks["high"],
        color=ACCENT, alpha=0.18, lw=0, label=term("interval", lang),
    )  # fmt: skip
    for ax, suffix in ((upper, "_so_far"), (lower, "")):
        ax.plot(weeks.index, weeks[f"actual{suffix}"], color=INK, lw=1.6,
                label=term("actual", lang))  # fmt: skip
        ax.plot(weeks.index, weeks[f"expected{suffix}"], color=ACCENT, lw=1.8, ls="--",
                label=term("expected", lang))  # fmt: skip
        ax.axvspan(holdout_from, weeks.index[-1], color=MUTED, alpha=0.1, lw=0)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: number(y, lang)))
    unseen = say(lang, en=" not seen by the model", zh=" 模型未见过")
    upper.text(holdout_from, upper.get_ylim()[1], unseen, va="top", fontsize=8.5, color=MUTED)
    upper.set(title=title, ylabel=say(lang, en="Repeat purchases so far", zh="累计重复购买次数"))
    lower.set(
        xlabel=say(lang, en="Week", zh="周"),
        ylabel=say(lang, en="In the week", zh="当周次数"),
        ylim=(0, None),
    )
    lower.legend(loc="upper right", ncols=3)
    return upper


def calibration(
    table: pd.DataFrame,
    *,
    rules: list[str],
    title: str,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw mean purchases in the holdout by repeat purchases before it.

    `table` has ``actual`` with ``low`` and ``high``, ``customers``, and a column
    per rule; it is indexed by ``frequency``, whose last row stands for that and more.
    """
    ax = axes(ax)
    places = np.arange(len(table))
    reach = [table["actual"] - table["low"], table["high"] - table["actual"]]
    ax.errorbar(
        places,
        table["actual"],
        yerr=reach,
        fmt="o",
        color=INK,
        capsize=3,
        label=term("actual", lang),
    )
    for rule, color, marker in zip(rules, (ACCENT, *PALETTE[1:]), "sD^v", strict=False):
        ax.plot(
            places, table[rule], marker=marker, ms=4, lw=1.3, color=color, label=term(rule, lang)
        )
    labels = [f"{f}\n(n={number(n, lang)})" for f, n in table["customers"].items()]
    labels[-1] = labels[-1].replace("\n", "+\n", 1)
    ax.set_xticks(places, labels)
    ax.set(
        title=title,
        xlabel=say(lang, en="Repeat purchases before", zh="此前重复购买次数"),
        ylabel=say(lang, en="Purchases in the test, mean", zh="检验期人均购买次数"),
    )
    ax.legend()
    return ax


def score_grid(
    grid: pd.DataFrame,
    *,
    share: bool,
    title: str,
    label: str,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw a score by weeks since the last purchase (rows) and repeat purchases (columns).

    `share` marks a score from 0 to 1, shown in percent; `label` names it.
    """
    ax = axes(ax, (7.2, 4.6))
    shown = grid.set_axis([f"{weeks:.0f}" for weeks in grid.index], axis=0)
    texts = shown.map(lambda v: percent(v, lang, decimals=0) if share else f"{v:.1f}")
    sns.heatmap(
        shown, ax=ax, annot=texts, fmt="", cmap="cividis", vmin=0, vmax=1 if share else None,
        annot_kws={"fontsize": 7.5}, cbar_kws={"label": label}, linewidths=0.4,
    )  # fmt: skip
    luminance = np.asarray(ax.collections[0].get_facecolor())[:, :3] @ [0.299, 0.587, 0.114]
    for text, light in zip(ax.texts, luminance, strict=True):
        text.set_color(INK if light > 0.45 else "white")
    ax.set(
        title=title,
        xlabel=say(lang, en="Repeat purchases", zh="重复购买次数"),
        ylabel=say(lang, en="Weeks since the last purchase", zh="距上次购买周数"),
    )
    ax.tick_params(axis="y", rotation=0, length=0)
    ax.tick_params(axis="x", length=0)
    return ax


def spend_fit(
    density: pd.DataFrame,
    *,
    currency: str,
    title: str,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the spread of mean spend per purchase: observed bars, the model's line.

    `density` is indexed by the left edge of equal bins of spend, with the share of
    repeat customers ``observed`` and ``expected`` in each.
    """
    ax = axes(ax)
    width = density.index[1] - density.index[0]
    ax.bar(
        density.index, density["observed"], width=width * 0.92, align="edge",
        color=MUTED, alpha=0.5, label=term("observed", lang),
    )  # fmt: skip
    ax.plot(
        density.index + width / 2,
        density["expected"],
        color=ACCENT,
        lw=2,
        label=term("expected", lang),
    )
    ax.set(
        title=title,
        xlabel=say(lang, en="Mean spend per repeat purchase", zh="单次重复购买平均金额"),
        ylabel=say(lang, en="Share of repeat customers", zh="重复购买客户占比"),
    )
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: percent(y, lang, decimals=0)))
    ax.legend()
    return ax


def value_deciles(
    deciles: pd.DataFrame, *, currency: str, title: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw ``value`` by tenth of the customers, best first, with the share if there is one."""
    ax = axes(ax)
    colors = [ACCENT if d == 1 else MUTED for d in deciles.index]
    ax.bar(deciles.index.astype(str), deciles["value"], color=colors)
    for place, (value, share) in enumerate(zip(deciles["value"], deciles["share"], strict=True)):
        ax.annotate(
            percent(share, lang) if pd.notna(share) else "",
            (place, value), (0, 3), textcoords="offset points",
            ha="center", fontsize=8, color=INK,
        )  # fmt: skip
    ax.set(
        title=title,
        xlabel=say(
            lang, en="Tenth of customers, most valuable first", zh="客户十等分（价值由高到低）"
        ),
        ylabel=say(lang, en="Margin expected ahead", zh="未来预期毛利"),
    )
    ax.yaxis.set_major_formatter(money_ticks(currency, lang))
    return ax
