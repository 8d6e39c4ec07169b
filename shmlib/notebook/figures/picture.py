"""Picture: a drawing and the words that say the same."""

import base64
import html
import io
from collections.abc import Callable
from pathlib import Path

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# How wide a picture is, in tenths of an inch; a drawing measures in these.
WIDTH = 80
_STYLE = Path(__file__).with_name("style.mplstyle")


class Picture:
    """A drawing that shows itself: its words as text, and an image with the words beside it.

    Attributes:
        words: the text alternative, complete without the drawing.
        svg: the drawing, the same text on every machine for one release of matplotlib.
    """

    def __init__(self, words: str, svg: str):
        self.words = words
        self.svg = svg

    def __repr__(self):
        return self.words

    def _repr_html_(self):
        data = base64.b64encode(self.svg.encode()).decode()
        words = html.escape(self.words).replace("\n", "&#10;")
        return f'<img alt="{words}" src="data:image/svg+xml;base64,{data}">'


def draw(
    words: str, drawing: Callable[[Axes], object], size: tuple[float, float] = (8, 3.4)
) -> Picture:
    """Return the Picture that ``drawing(axes)`` makes.

    Args:
        words: the text alternative.
        drawing: a function of one matplotlib Axes; its unit is a tenth of an inch.
        size: width and height in inches.
    """
    with style.context(_STYLE):
        figure = Figure(figsize=size)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, size[0] * 10), ylim=(0, size[1] * 10))
        axes.set_axis_off()
        drawing(axes)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return Picture(words, text.getvalue())
