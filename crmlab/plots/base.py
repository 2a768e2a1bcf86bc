"""Theme, font and words that every chart shares."""

from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crmlab.lang import Lang, money

FONT = Path(__file__).parents[1] / "fonts" / "NotoSansCJKsc-GB2312.otf"
OTHER_FONTS = ("PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Source Han Sans SC")  # rare names
PALETTE = sns.color_palette("colorblind")
INK, MUTED, ACCENT, WARN = "#1f2933", "#8896a5", "#0b6e99", "#c2410c"


@cache
def chinese_font() -> str:
    """Register the package's Chinese font with matplotlib and return its name."""
    font_manager.fontManager.addfont(FONT)
    return font_manager.FontProperties(fname=FONT).get_name()


def use(lang: Lang) -> None:
    """Set the theme and a font that has the language's characters."""
    chinese = [chinese_font(), *_installed(OTHER_FONTS)]
    fonts = [*chinese, "DejaVu Sans"] if lang == "zh" else ["DejaVu Sans", *chinese]
    sns.set_theme(
        style="ticks",
        palette="colorblind",
        rc={
            "figure.figsize": (7.2, 4.0),
            "figure.dpi": 96,
            "savefig.dpi": 144,
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 12,
            "axes.labelsize": 9.5,
            "axes.edgecolor": MUTED,
            "axes.labelcolor": INK,
            "text.color": INK,
            "xtick.labelsize": 8.5,
            "ytick.labelsize": 8.5,
            "legend.frameon": False,
            "legend.fontsize": 8.5,
            "font.family": fonts,
            "axes.unicode_minus": True,
            "text.parse_math": False,  # two amounts in $ are no formula
        },
    )


def money_ticks(currency: str, lang: Lang) -> FuncFormatter:
    """Return a formatter of money for an axis: whole amounts without cents."""
    return FuncFormatter(lambda v, _: money(v, currency, lang).removesuffix(".00"))


def _installed(names: tuple[str, ...]) -> list[str]:
    known = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in names if name in known]


def axes(ax: Axes | None, figsize: tuple[float, float] | None = None) -> Axes:
    """Return `ax`, or the axes of a new figure of `figsize` inches."""
    if ax is not None:
        return ax
    _, new = plt.subplots(figsize=figsize)
    return new
