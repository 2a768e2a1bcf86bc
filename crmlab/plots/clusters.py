"""Charts of clusters: whether there are any, whether they come back, what they are like."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmlab.lang import Lang, money, number, say, term
from crmlab.plots.base import ACCENT, MUTED, PALETTE, WARN, axes
from crmlab.plots.concentration import whiskers
from crmlab.plots.drivers import label_rows
from crmlab.privacy import SMALL


def silhouettes(
    criteria: pd.DataFrame, k: int, *, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the silhouette by number of groups, of the data and of data without groups.

    `criteria` is as `crmlab.segment.cluster_criteria` returns it; `k` is marked.
    """
    ax = axes(ax)
    shown = criteria.loc[2:]
    ax.fill_between(shown.index, shown["null_low"], shown["null_high"], color=MUTED,
                    alpha=0.35, lw=0, label=say(lang, en="Data without groups, 95% range",
                              zh="无群的数据，95% 范围"))  # fmt: skip
    ax.plot(shown.index, shown["shuffled_silhouette"], color=WARN, ls="--", lw=1.6,
            label=say(lang, en="Columns shuffled, mean", zh="各列打乱，平均"))  # fmt: skip
    ax.plot(shown.index, shown["silhouette"], color=ACCENT, marker="o", ms=5, lw=2.2,
            label=say(lang, en="Our customers", zh="我们的客户"))  # fmt: skip
    ax.axvline(k, color=MUTED, lw=1, ls=":")
    own, null = (number(shown[name][k], lang, digits=3) for name in ("silhouette", "null_high"))
    above = shown["silhouette"][k] >= shown["null_high"][k]
    ax.set(
        title=say(lang, en=f"{k} groups: silhouette {own}, without groups up to {null}",
                  zh=f"分成 {k} 群：轮廓系数 {own}，无群的数据最高 {null}"),
        xlabel=say(lang, en=f"Number of groups (dotted: {k}, "
                            f"{'above' if above else 'not above'} data without groups)",
                   zh=f"群数（点线为 {k} 群，{'高于' if above else '不高于'}无群的数据）"),
        ylabel=say(lang, en="Silhouette (1 = far apart, 0 = touching)",
                   zh="轮廓系数（1 为泾渭分明，0 为彼此相接）"),
    )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v, lang, digits=3)))
    ax.legend(loc="best")
    return ax


def stability_dots(stability: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw how well each group comes back, beside groups of data that have none.

    `stability` is as `crmlab.segment.cluster_stability` returns it.
    """
    ax = axes(ax, (7.2, 2.0 + 0.42 * len(stability)))
    names = [f"{term(str(code), lang)} (n={number(n, lang)})" if n >= SMALL
             else f"{term(str(code), lang)} (n<{SMALL})"
             for code, n in stability["customers"].items()]  # fmt: skip
    places = label_rows(ax, names)
    whiskers(ax, stability, places, ("jaccard", "jaccard_low", "jaccard_high"))
    ax.plot(stability["jaccard"], places, "o", color=ACCENT, ms=7,
            label=say(lang, en="Mean, 95% of the samples", zh="平均值及 95% 的样本"))  # fmt: skip
    ax.axvline(
        0.75, color=PALETTE[2], lw=1.4, label=say(lang, en="Stable from .75", zh="0.75 以上为稳定")
    )
    ax.axvline(
        0.5, color=WARN, lw=1.4, label=say(lang, en="Dissolved below .5", zh="0.5 以下为消散")
    )
    null = stability["null_jaccard"].iloc[0]
    ax.axvline(null, color=MUTED, lw=1.6, ls="--",
               label=say(lang, en="Data without groups, mean", zh="无群数据的平均值"))  # fmt: skip
    stable = int((stability["jaccard"] >= 0.75).sum())
    ax.set(
        title=say(lang, en=f"{stable} of {len(stability)} groups come back in other samples",
                  zh=f"{len(stability)} 群中有 {stable} 群在其他样本中再现"),
        xlabel=say(lang, en="Jaccard index with the most alike group of a sample drawn anew",
                   zh="与重新抽样所得最相似的群的杰卡德指数"),
        ylabel=term("cluster", lang),
        xlim=(min(0.4, stability["jaccard_low"].min() - 0.03), 1.02),
    )  # fmt: skip
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v, lang, digits=2)))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.28), ncols=2)
    return ax


def cluster_heatmap(
    levels: pd.DataFrame,
    medians: pd.DataFrame,
    *,
    units: Mapping[str, str],
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw what groups are like: the colour is the level, the number the median customer's.

    Parameters
    ----------
    levels : DataFrame, one row per group
        Means of `crmlab.segment.cluster_features`: standard deviations from the mean of all.
    medians : DataFrame
        The median of each measure, with the same rows and columns.
    units : mapping
        Currency of the columns that are money.
    """
    ax = axes(ax, (7.2, 1.6 + 0.5 * len(levels)))
    texts = medians.apply(
        lambda column: column.map(
            lambda v: (
                money(v, unit, lang) if (unit := units.get(str(column.name))) else number(v, lang)
            )
        )
    )
    sns.heatmap(
        levels, ax=ax, annot=texts, fmt="", cmap="PuOr", vmin=-2, vmax=2,
        annot_kws={"fontsize": 9}, linewidths=0.8,
        cbar_kws={"label": say(lang, en="Standard deviations\nfrom the mean of all",
                               zh="偏离总体均值（标准差）")},
    )  # fmt: skip
    row, column = np.unravel_index(np.nanargmax(levels.abs()), levels.shape)
    group, feature = (str(levels.axes[n][int(place)]) for n, place in enumerate((row, column)))
    high = levels.to_numpy()[row, column] > 0
    named = term(group, lang), term(feature, lang)
    ax.set_xticklabels([term(str(code), lang) for code in levels.columns], rotation=0)
    ax.set_yticklabels([term(str(code), lang) for code in levels.index], rotation=0)
    ax.set(
        title=say(lang, en=f"Furthest from all: {named[0].lower()}, {named[1].lower()} "
                           f"{'high' if high else 'low'}",
                  zh=f"离总体最远的是{named[0]}：{named[1]}偏{'高' if high else '低'}"),
        xlabel=say(lang, en="Median of the group", zh="群内中位数"),
        ylabel=term("cluster", lang),
    )  # fmt: skip
    ax.tick_params(length=0)
    return ax
