"""What every chart must have, whoever draws it."""

from collections.abc import Iterable

import matplotlib.pyplot as plt
from matplotlib.axes import Axes


def assert_labelled(charts: Iterable[Axes]) -> None:
    """Draw the charts (a missing glyph warns, which is an error): all have a title and labels."""
    for ax in charts:
        ax.figure.canvas.draw()
        assert len(ax.get_title(loc="left")) > 8
        assert ax.get_xlabel()
        assert ax.get_ylabel()
    plt.close("all")
