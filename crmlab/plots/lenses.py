"""Charts of the customer-base audit: what changed, who moved, cohorts, the whole base."""

from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crmlab.lang import Lang, money, number, percent, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, PALETTE, WARN, axes, money_ticks
from crmlab.plots.drivers import label_rows
from crmlab.privacy import SMALL

MOST_COHORTS = 8  # above this they are drawn by the year in which they began


def revenue_bridge(
    tree: pd.DataFrame, *, currency: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw how revenue came from the earlier period to the later, factor by factor.

    `tree` is as `crmlab.segment.revenue_tree` returns it; whiskers are its intervals.
    """
    ax = axes(ax, (7.2, 4.2))
    steps, whole = tree.drop("all_drivers"), tree.loc["all_drivers"]
    ends = whole["earlier"] + steps["effect"].cumsum()
    starts, last = ends - steps["effect"], len(steps) + 1
    ax.bar([0, last], whole[["earlier", "later"]], color=MUTED, alpha=0.6, width=0.6)
    colors = [ACCENT if effect >= 0 else WARN for effect in steps["effect"]]
    ax.bar(range(1, last), steps["effect"], bottom=starts, color=colors, alpha=0.6, width=0.6)
    reach = [steps["effect"] - steps["low"], steps["high"] - steps["effect"]]
    ax.errorbar(range(1, last), ends, yerr=reach, fmt="none", ecolor=INK, lw=1.2, capsize=3)
    tops = [whole["earlier"], *np.maximum(starts, ends + reach[1]), whole["later"]]
    told = [whole["earlier"], *steps["effect"], whole["later"]]
    for x, (top, value) in enumerate(zip(tops, told, strict=True)):
        sign = "+" * (value > 0 and 0 < x < last)
        ax.annotate(f"{sign}{money(value, currency, lang)}", (x, top), (0, 3), ha="center",
                    fontsize=8, textcoords="offset points")  # fmt: skip
    names = [_factor(str(code), row, currency, lang) for code, row in steps.iterrows()]
    ends_named = [term(f"revenue_{side}", lang) for side in ("before", "now")]
    ax.set_xticks(range(last + 1), [ends_named[0], *names, ends_named[1]])
    lead = str(steps["effect"].abs().idxmax())
    amount = _signed(steps["effect"][lead], currency, lang)
    ax.set(
        title=say(lang, en=f"The largest effect: {term(lead, lang).lower()}, {amount}",
                  zh=f"影响最大的是{term(lead, lang)}：{amount}"),
        ylabel=term("revenue", lang),
        xlabel=say(lang, en="Effect on revenue (whiskers: 95% interval)",
                   zh="对收入的影响（竖线为 95% 区间）"),
        ylim=(min(0, ax.get_ylim()[0]), max(tops) * 1.08),
    )  # fmt: skip
    ax.yaxis.set_major_formatter(money_ticks(currency, lang))
    return ax


def moved_bars(
    moves: pd.DataFrame, *, currency: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the revenue that came and went with customers who rose, fell, came and stopped.

    `moves` is as `crmlab.segment.moved` returns it.
    """
    ax = axes(ax, (7.2, 3.4))
    labels = [f"{term(str(code), lang)} (n={number(n, lang)})" if n == 0 or n >= SMALL
              else f"{term(str(code), lang)} (n<{SMALL})"
              for code, n in moves["customers"].items()]  # fmt: skip
    labels = [fill(label, 24) for label in labels]
    places = label_rows(ax, labels)
    colors = [ACCENT if change >= 0 else WARN for change in moves["change"]]
    ax.barh(places, moves["change"], color=colors, alpha=0.6, height=0.6)
    ax.axvline(0, color=MUTED, lw=1)
    for y, change in zip(places, moves["change"], strict=True):
        ax.annotate(_signed(change, currency, lang), (change, y), (4 if change >= 0 else -4, 0),
                    textcoords="offset points", va="center", fontsize=8,
                    ha="left" if change >= 0 else "right")  # fmt: skip
    kept = moves["customers"][["kept_up", "kept_down"]].sum()
    share = percent(kept / (kept + moves["customers"]["stopped"]), lang)
    ax.set(
        title=say(lang, en=f"{share} of the earlier customers are still buying",
                  zh=f"前一期的客户有 {share} 仍在购买"),
        xlabel=say(lang, en="Change of revenue between the two periods", zh="两期之间的收入变化"),
        ylabel=term("move", lang),
    )  # fmt: skip
    ax.margins(x=0.28)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
    return ax


def cohort_factors(life: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw the three factors of what a cohort's member brings, each ÷ its value at age 1.

    `life` is as `crmlab.segment.one_cohort` returns it, to age 1 at least. Age 0 is not
    drawn: everybody bought in it, and few had the whole period.
    """
    ax = axes(ax)
    later = life.loc[1:]
    lines = {"share_active": ACCENT, "purchases_per_active": PALETTE[1],
             "spend_per_purchase": PALETTE[2], "spend_per_member": INK}  # fmt: skip
    for name, color in lines.items():
        ax.plot(later.index, later[name] / (later[name].iloc[0] or np.nan), color=color, marker="o",
                ms=4, lw=2.4 if name == "spend_per_member" else 1.6,
                ls="--" if name == "spend_per_member" else "-", label=term(name, lang))  # fmt: skip
    ax.axhline(1, color=MUTED, lw=1, ls=":")
    last, first = (percent(later["share_active"].iloc[i], lang) for i in (-1, 0))
    ax.set(
        title=say(lang, en=f"Members who buy: {first} at age 1, {last} at age {later.index[-1]}",
                  zh=f"仍在购买的成员：第 1 期 {first}，第 {later.index[-1]} 期 {last}"),
        xlabel=term("age", lang),
        ylabel=say(lang, en="Multiple of the value at age 1", zh="为第 1 期的倍数"),
        ylim=(0, None),
    )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v, lang, digits=2)))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    return ax


def cohort_values(
    lives: pd.DataFrame, age: int, *, currency: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw what a member of each cohort has brought by each age; `age` is marked.

    `lives` is as `crmlab.segment.cohort_lives` returns it.
    """
    ax = axes(ax, (7.2, 4.2))
    lives = lives[lives["members"] >= SMALL]  # no value of a handful of customers
    begun = lives.index.unique("cohort")
    colors = sns.color_palette("viridis_r", len(begun) + 1)[1:]
    for n, (cohort, color) in enumerate(zip(begun, colors, strict=True)):
        line = lives["spend_to_date"].loc[cohort]
        label = f"{cohort:%Y-%m}" if n % -(-len(begun) // MOST_COHORTS) == 0 else None
        ax.plot(line.index, line, color=color, marker="o", ms=3, lw=1.6, label=label)
    ax.axvline(age, color=MUTED, lw=1, ls="--")
    there = lives["spend_to_date"][lives.index.get_level_values("age") == age]
    ends = [money(there.agg(end), currency, lang) for end in ("min", "max")][: max(len(there), 1)]
    ax.set(
        title=say(lang, en=f"At age {age}, members have brought {' to '.join(ends)} each",
                  zh=f"到第 {age} 期，各同期群人均带来 {' 至 '.join(ends)}"),
        xlabel=term("age", lang),
        ylabel=term("spend_to_date", lang),
        ylim=(0, None),
    )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(money_ticks(currency, lang))
    ax.legend(title=term("cohort", lang), title_fontsize=8.5, fontsize=8)
    return ax


def base_bars(
    lives: pd.DataFrame, *, currency: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw each period's revenue by the cohort that brought it, the oldest at the bottom.

    `lives` is as `crmlab.segment.cohort_lives` returns it. More than eight cohorts are
    joined by the year in which they began.
    """
    ax = axes(ax, (7.2, 4.2))
    begun = lives.index.get_level_values("cohort")
    years = begun.nunique() > MOST_COHORTS
    names = pd.DatetimeIndex(begun).strftime("%Y" if years else "%Y-%m")
    wide = pd.crosstab(
        lives["period"].to_numpy(), names, lives["spend"].to_numpy(), aggfunc="sum"
    ).fillna(0.0)
    places, colors = np.arange(len(wide)), sns.color_palette("viridis_r", wide.shape[1] + 1)[1:]
    upto = wide.cumsum(axis=1)
    for (name, spend), color in zip(wide.items(), colors, strict=True):
        ax.bar(places, spend, bottom=upto[name] - spend, color=color, width=0.8, label=name)
    every = -(-len(wide) // 12)
    ax.set_xticks(
        places[::every], pd.DatetimeIndex(wide.index[::every]).strftime("%Y-%m"), rotation=30
    )
    oldest, now = str(wide.columns[0]), wide.iloc[-1]
    share = percent(now.iloc[0] / (now.sum() or np.nan), lang)
    ax.set(
        title=say(lang, en=f"The cohorts of {oldest} bring {share} of the last period's revenue",
                  zh=f"{oldest}{' 年' if years else ' '}加入的客户贡献最近一期收入的 {share}"),
        xlabel=term("period", lang),
        ylabel=term("revenue", lang),
    )  # fmt: skip
    ax.yaxis.set_major_formatter(money_ticks(currency, lang))
    ax.legend(title=say(lang, en="Joined in", zh="加入时间"), title_fontsize=8.5, fontsize=8,
              loc="upper left", bbox_to_anchor=(1, 1))  # fmt: skip
    return ax


def _factor(code: str, row: pd.Series, currency: str, lang: Lang) -> str:
    """Return a factor's name with its value in both periods, on several lines."""
    told = [money(v, currency, lang) if code == "spend_per_purchase" else number(v, lang, digits=3)
            for v in row[["earlier", "later"]]]  # fmt: skip
    return f"{fill(term(code, lang), 14)}\n{told[0]} → {told[1]}"


def _signed(amount: float, currency: str, lang: Lang) -> str:
    return f"{'+' if amount > 0 else ''}{money(amount, currency, lang)}"
