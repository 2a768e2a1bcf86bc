"""Charts of histories of purchases: which are worth the same, and what one tells week by week."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from crmlab.lang import Lang, money, say, term
from crmlab.plots.base import ACCENT, INK, MUTED, axes
from crmlab.plots.drivers import percent_ticks

LINES = 7  # iso-value curves at most


def iso_value(
    plane: pd.DataFrame, *, currency: str, title: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw lines of equal value over silence (across) and repeat purchases (up).

    `plane` is as `crmlab.clv.value_plane` returns it; the lines are at round amounts, each
    about twice the one before.
    """
    ax = axes(ax, (7.2, 4.6))
    levels = round_levels(plane.to_numpy().max())
    if levels:
        drawn = (plane.index, plane.columns, plane.T)
        ax.contourf(*drawn, levels=levels, cmap="cividis", alpha=0.35, extend="both")
        lines = ax.contour(*drawn, levels=levels, colors=ACCENT, linewidths=1.4)
        ax.clabel(
            lines, fontsize=8.5, colors=INK, inline_spacing=3,
            fmt=lambda level: money(level, currency, lang).removesuffix(".00"),
        )  # fmt: skip
    ax.set(
        title=title,
        xlabel=say(lang, en="Weeks since the last purchase", zh="距上次购买周数"),
        ylabel=say(lang, en="Repeat purchases", zh="重复购买次数"),
    )
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def alive_path(
    path: pd.DataFrame, *, title: str, lang: Lang = "en", ax: Axes | None = None
) -> Axes:
    """Draw one customer's P(alive) over time with its interval; every purchase is marked.

    `path` is as `crmlab.clv.alive_path` returns it.
    """
    ax = axes(ax)
    ax.fill_between(
        path["T"], path["low"], path["high"],
        color=ACCENT, alpha=0.2, lw=0, label=term("interval", lang),
    )  # fmt: skip
    ax.plot(path["T"], path["prob_alive"], color=ACCENT, lw=2, label=term("prob_alive", lang))
    bought = path["recency"].unique()
    ax.plot(
        bought, np.full(len(bought), -0.03), "|", ms=9, mew=1.4, color=INK, clip_on=False,
        label=say(lang, en="purchase", zh="购买"),
    )  # fmt: skip
    ax.axvspan(bought[-1], path["T"].iloc[-1], color=MUTED, alpha=0.1, lw=0)
    ax.set(
        title=title,
        xlabel=say(lang, en="Weeks since the first purchase", zh="首购后周数"),
        ylabel=term("prob_alive", lang),
        ylim=(-0.06, 1.02),
    )
    percent_ticks(ax.yaxis, lang)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    return ax


def round_levels(top: float) -> list[float]:
    """Return 1, 2, 5, 10, 20 … times a power of ten, the largest `LINES` of them below `top`.

    >>> round_levels(70), round_levels(-1)
    ([0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0], [])
    """
    if not top > 0:
        return []
    powers = 10.0 ** np.arange(np.floor(np.log10(top)) - 2, np.floor(np.log10(top)) + 1)
    steps = np.multiply.outer(powers, [1, 2, 5]).ravel()
    return [float(f"{level:.1g}") for level in steps[steps < top][-LINES:]]
