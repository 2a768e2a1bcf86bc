"""A chart as a small picture, and in words."""

import base64
import io
from typing import TYPE_CHECKING, Any

from crmlab.lang import Lang, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def described(ax: "Axes", lang: Lang) -> str:
    """Return a chart's title, axes and series in words."""
    _, series = ax.get_legend_handles_labels()
    parts = {
        say(lang, en="horizontal", zh="横轴"): ax.get_xlabel().replace("\n", " "),
        say(lang, en="vertical", zh="纵轴"): ax.get_ylabel().replace("\n", " "),
        say(lang, en="series", zh="系列"): say(lang, en=", ", zh="、").join(series),
    }
    colon, stop, end = say(lang, en=": |; |.", zh="：|；|。").split("|")
    axes = stop.join(f"{name}{colon}{text}" for name, text in parts.items() if text)
    title = ax.get_title(loc="left") or ax.get_title()
    return f"{title}{say(lang, en='. ', zh='。')}{axes}{end}"


def png(figure: Any) -> str:
    """Return the figure as a PNG of at most 200 colours: a third of the size."""
    from PIL import Image

    raw, small = io.BytesIO(), io.BytesIO()
    figure.savefig(raw, format="png", bbox_inches="tight", pil_kwargs={"compress_level": 1})
    picture = Image.open(raw).convert("RGB").quantize(200, dither=Image.Dither.NONE)
    picture.save(small, format="png", optimize=True)
    return base64.b64encode(small.getvalue()).decode("ascii")
