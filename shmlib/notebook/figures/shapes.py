"""The few shapes that all figures are made of: boxes, cells of memory, locks, arrows."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from . import palette
from .lettering import cut


def box(
    axes: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str,
    title: str = "",
) -> None:
    """Draw a rounded box with its title inside, at the top left, cut where it is too long."""
    axes.add_patch(
        FancyBboxPatch(
            (x, y),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=1.2",
            facecolor=palette.tint(colour),
            edgecolor=colour,
        )
    )
    title = cut(title, width - 2.4, weight="bold")
    axes.text(x + 1.2, y + height - 1.2, title, ha="left", va="top", weight="bold")


def cell(
    axes: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    text: str,
    colour: str = palette.MEMORY,
) -> None:
    """Draw one cell of memory with what it holds, cut where that is too long."""
    axes.add_patch(Rectangle((x, y), width, height, facecolor=palette.PAPER, edgecolor=colour))
    text = cut(text, width - 1, family="monospace")
    axes.text(x + width / 2, y + height / 2, text, ha="center", va="center", family="monospace")


def lock(axes: Axes, x: float, y: float, text: str) -> None:
    """Draw a lock as a band with its word."""
    axes.add_patch(
        Rectangle(
            (x, y),
            len(text) * 1.15 + 2,
            3,
            facecolor=palette.tint(palette.LOCK, 0.45),
            edgecolor=palette.LOCK,
        )
    )
    axes.text(x + 1 + len(text) * 0.575, y + 1.5, text, ha="center", va="center")


def arrow(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: str = palette.INK,
    text: str = "",
    both: bool = False,
    offset: tuple[float, float] = (0, 1),
) -> None:
    """Draw an arrow from start to end, with a word beside its middle."""
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="<|-|>" if both else "-|>",
            mutation_scale=16,
            shrinkA=0,
            shrinkB=0,
            color=colour,
        )
    )
    if text:
        x = (start[0] + end[0]) / 2 + offset[0]
        y = (start[1] + end[1]) / 2 + offset[1]
        axes.text(x, y, text, ha="center", va="bottom")
