"""Charts of what satisfaction is worth: its links, a point in money, paybacks, known truths."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from crmlab.lang import Lang, money, number, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, WARN, axes, money_ticks
from crmlab.plots.drivers import label_rows, whiskers

COLORS = (ACCENT, WARN, INK)


def link_dots(table: pd.DataFrame, *, lang: Lang = "en", ax: Axes | None = None) -> Axes:
    """Draw by what ten points more multiply leaving, buying and spending, by kind of customer.

    `table` has ``kind`` and ``link`` (codes), ``ratio``, ``low`` and ``high``.
    """
    links = list(dict.fromkeys(table["link"]))
    ax = axes(ax, (7.2, 1.7 + 0.6 * len(links)))
    places = pd.Series(label_rows(ax, [term(code, lang) for code in links]), links)
    kinds = list(table.groupby("kind", sort=False))
    for k, (kind, part) in enumerate(kinds):
        at = places[part["link"]].to_numpy() + 0.14 * (len(kinds) - 1 - 2 * k)
        whiskers(ax, part, at, ("ratio", "low", "high"), COLORS[k % 3])
        ax.plot([], [], "o", color=COLORS[k % 3], label=term(str(kind), lang))
    ax.axvline(1, color=INK, lw=0.8, ls="--")
    ax.set_xscale("log")
    low, high = 0.9 * min(table["low"].min(), 0.9), 1.1 * max(table["high"].max(), 1.1)
    ticks = [t for t in (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.2, 1.5, 2, 3, 5) if low <= t <= high]
    ax.set_xticks(ticks, [number(t, lang) for t in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    less = table.set_index("link")["high"].get("leaving", pd.Series(dtype="float64"))
    sure = bool((np.atleast_1d(less) < 1).all()) and len(np.atleast_1d(less)) > 0
    ax.set(
        title=say(
            lang,
            en="Content customers leave less" if sure
            else "Whether content customers leave less is not certain",
            zh="满意度高的客户较少流失" if sure else "满意度高的客户是否较少流失，尚不能确定",
        ),
        xlabel=say(lang, en="Times as much, for ten points more satisfaction (95% interval)",
                   zh="满意度每高 10 分，变为几倍（附 95% 区间）"),
        ylabel=say(lang, en="Link", zh="环节"),
        xlim=(low, high),
    )  # fmt: skip
    ax.legend(loc="best")
    return ax


def point_dots(
    table: pd.DataFrame,
    *,
    kind: str,
    currency: str,
    lang: Lang = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw what one point is worth per customer, through each link and in all.

    `table` is as `crmlab.worth.Chain.point` returns it, for a `kind` of customer (a code).
    """
    ax = axes(ax, (7.2, 1.5 + 0.45 * len(table)))
    places = label_rows(ax, [term(str(code), lang) for code in table.index])
    colors = [MUTED] * (len(table) - 1) + [ACCENT]
    for k, color in enumerate(colors):
        row = table.iloc[[k]]
        whiskers(ax, row, places[k : k + 1], ("per_customer", "low", "high"), color, 6)
    ax.axvline(0, color=INK, lw=0.8, ls="--")
    whole = table.iloc[-1]
    told, ends = money(whole["per_customer"], currency, lang), (whole["low"], whole["high"])
    clear = not ends[0] <= 0 <= ends[1]
    ax.set(
        title=say(
            lang,
            en=f"{term(kind, lang)}: one point is worth {told} per customer"
            + ("" if clear else ", or nothing: the interval holds 0"),
            zh=f"{term(kind, lang)}：满意度每高 1 分，每位值 {told}"
            + ("" if clear else "，也可能是零（区间含 0）"),
        ),
        xlabel=say(lang, en="Present value per customer of one point more (95% interval)",
                   zh="满意度高 1 分，每位客户带来的现值（附 95% 区间）"),
        ylabel=say(lang, en="Through", zh="途径"),
    )  # fmt: skip
    _money_axis(ax, currency, lang)
    return ax


def world_dots(
    table: pd.DataFrame, *, currency: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw what the method finds where the truth is known: with an effect, and without.

    `table` has a row per way of estimating and world: ``world``, ``way`` (codes),
    ``per_customer``, ``low``, ``high`` and ``planted_worth`` (money).
    """
    ax = axes(ax, (7.2, 1.6 + 0.42 * len(table)))
    join = say(lang, en=": ", zh="：")
    labels = [f"{term(str(w), lang)}{join}{term(str(v), lang)}"
              for w, v in zip(table["world"], table["way"], strict=True)]  # fmt: skip
    places = label_rows(ax, labels)
    whiskers(ax, table, places, ("per_customer", "low", "high"), ACCENT, 6)
    ax.plot(
        table["planted_worth"], places, "D", color=WARN, ms=6, label=term("planted_worth", lang)
    )
    ax.axvline(0, color=INK, lw=0.8, ls="--")
    held = int(
        ((table["low"] <= table["planted_worth"]) & (table["planted_worth"] <= table["high"])).sum()
    )
    ax.set(
        title=say(lang, en=f"{held} of {len(table)} intervals hold the planted truth",
                  zh=f"{len(table)} 个区间中有 {held} 个包含设定的真值"),
        xlabel=say(lang, en="Worth of one point per customer (95% interval)",
                   zh="满意度高 1 分，每位客户的价值（附 95% 区间）"),
        ylabel=say(lang, en="World and way", zh="设定与途径"),
    )  # fmt: skip
    _money_axis(ax, currency, lang)
    ax.legend(loc="best")
    return ax


def payback_bars(
    table: pd.DataFrame, *, currency: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw what one point better rated is worth, attribute by attribute: the break-even cost.

    `table` is as `crmlab.worth.payback` returns it, the worthiest first.
    """
    ax = axes(ax, (7.2, 1.4 + 0.32 * len(table)))
    places = label_rows(ax, [term(str(code), lang) for code in table.index])
    ax.barh(places, table["break_even"], color=ACCENT, alpha=0.4, height=0.6)
    names = ("break_even", "break_even_low", "break_even_high")
    whiskers(ax, table, places, names, ACCENT, 4)
    ax.axvline(0, color=INK, lw=0.8, ls="--")
    lead, most = term(str(table.index[0]), lang), money(table["break_even"].iloc[0], currency, lang)
    ax.set(
        title=say(lang, en=f"{lead}: one point better pays back below {most} per customer",
                  zh=f"“{lead}”评分提高 1 分，每位客户的花费低于 {most} 即可收回"),
        xlabel=say(lang, en="Break-even cost per customer (95% interval)",
                   zh="每位客户的盈亏平衡花费（附 95% 区间）"),
        ylabel=say(lang, en="Attribute", zh="要素"),
    )  # fmt: skip
    _money_axis(ax, currency, lang)
    return ax


def index_lines(
    table: pd.DataFrame, *, codes: Sequence[str], lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw the indices of satisfaction wave by wave, each with its interval.

    `table` is as `crmlab.loyalty.index_history` returns it; `codes` are those to be drawn.
    """
    ax = axes(ax, (7.2, 4.2))
    for k, code in enumerate(codes):
        part = table[table.index.get_level_values("index") == code].droplevel("index")
        if (part := part[part["share"].notna()]).empty:
            continue
        style = ("o-", "s--", "D-.", "^:", "v-")[k % 5]
        color = (ACCENT, WARN, INK, MUTED, "#7b3294")[k % 5]
        ax.plot(part.index, part["share"], style, color=color, ms=5, label=term(code, lang))
        ax.fill_between(part.index, part["low"], part["high"], color=color, alpha=0.12, lw=0)
    days = table.index.get_level_values("surveyed_on").unique()
    ax.set_xticks(days, [f"{day:%Y-%m}" for day in days])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.0f}%"))
    ax.set(
        title=say(lang, en="The five indices, wave by wave", zh="五项满意度指标的历期变化"),
        xlabel=say(lang, en="Wave", zh="调查期"),
        ylabel=say(lang, en="Share (bands: 95% interval)", zh="占比（阴影为 95% 区间）"),
        ylim=(0, 1),
    )
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def _money_axis(ax: Axes, currency: str, lang: Lang) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(7))
    ax.xaxis.set_major_formatter(money_ticks(currency, lang))
