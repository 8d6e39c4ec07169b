"""What things cost: what is copied, how long each way takes, how often a lock is taken."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from ...checks import check_kind, check_whole
from ...words import time_words
from . import palette
from .lettering import width
from .picture import Picture, draw
from .shapes import arrow, cell

if TYPE_CHECKING:
    from ..stopwatch import Timings

# Inches: of a row, of what stands above and below the rows.
_ROW, _ABOVE, _BELOW = 0.35, 0.1, 0.65
_WIDE = 8
# From this factor between the largest and the smallest on, the axis grows by factors of ten.
_BY_TENS = 4
# Room for the value of the dot that is farthest to the right.
_RIGHT = 0.85


def handing_over() -> Picture:
    """Draw what is copied when process A hands a message to process B, in two ways."""
    words = [
        "Process A hands a message to process B.",
        "Through a pipe: A's message is copied into the kernel, and from there into B's message.",
        "Through shared memory: A's message is copied into shared memory, and B reads it there.",
    ]

    def drawing(axes):
        for y, way, middle, verb, last in (
            (8, "pipe", "kernel", "copy", "B's message"),
            (1, "shared memory", "shared memory", "read", "B"),
        ):
            axes.text(1, y + 2.5, way, va="center", weight="bold")
            cell(axes, 18, y, 14, 5, "A's message", palette.A)
            arrow(axes, (32.5, y + 2.5), (39.5, y + 2.5), text="copy")
            cell(axes, 40, y, 16, 5, middle)
            arrow(axes, (56.5, y + 2.5), (63.5, y + 2.5), text=verb)
            cell(axes, 64, y, 14, 5, last, palette.B)

    return draw("\n".join(words), drawing, size=(8, 1.4))


def durations(timings: "Timings") -> Picture:
    """Draw `Timings`: a dot for the median of each way, a bar for the middle half of its times."""
    from ..stopwatch import Timings

    check_kind("timings", timings, Timings, "what a function of stopwatch returns")
    rows = {
        name: (first, timings.medians[name], third)
        for name, (first, third) in timings.quartiles.items()
    }
    return draw(repr(timings), *_dots(rows, timings.what, time_words, palette.A))


def locks_taken(grains: Sequence[int], additions: int) -> Picture:
    """Draw how often a worker takes the lock, for each grain.

    Args:
        grains: how many additions it makes each time that it holds the lock.
        additions: how many it makes in all.
    """
    check_whole("additions", additions)
    check_kind("grains", grains, Sequence, "a list of whole numbers")
    if not grains:
        raise ValueError("grains must hold at least one number, such as 1")
    for grain in grains:
        check_whole("each of grains", grain)
    words = [f"{additions:,} additions by each worker."]
    rows = {}
    for grain in grains:
        taken = -(-additions // grain)
        words.append(f"{grain:,} at a time: the lock is taken {taken:,} times.")
        rows[f"{grain:,} at a time"] = taken, taken, taken
    what = "how often a worker takes the lock"
    return draw("\n".join(words), *_dots(rows, what, "{:,.0f}".format, palette.LOCK))


def _dots(
    rows: Mapping[str, tuple[float, float, float]],
    what: str,
    said: Callable[[float], str],
    colour: str,
) -> tuple[Callable[[Axes], None], tuple[float, float]]:
    """Return the drawing, and its size, of (low, middle, high) in each row over a labelled axis.

    Where they differ much the axis grows by factors of ten.
    """
    low = min(first for first, _, _ in rows.values())
    high = max(third for _, _, third in rows.values())
    by_tens = high >= _BY_TENS * low
    left = 0.3 + max(map(width, rows)) / 10
    tall = _ABOVE + _ROW * len(rows) + _BELOW

    def drawing(axes):
        panel = axes.figure.add_axes(
            (
                left / _WIDE,
                _BELOW / tall,
                (_WIDE - left - _RIGHT) / _WIDE,
                _ROW * len(rows) / tall,
            )
        )
        for place, (first, middle, third) in enumerate(rows.values()):
            y = len(rows) - 1 - place
            panel.plot([first, third], [y, y], color=palette.tint(colour, 0.5), linewidth=7)
            panel.plot([middle], [y], color=colour, marker="o", markersize=9)
            panel.annotate(
                said(middle),
                (third, y),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
                bbox={"facecolor": palette.PAPER, "edgecolor": "none", "pad": 1},
            )
        if by_tens:
            decades = range(floor(log10(low)), ceil(log10(high)) + 1)
            ticks = [10.0**power for power in decades]
            panel.set(xscale="log", xlim=(ticks[0], ticks[-1]))
        else:
            step = 10.0 ** floor(log10(high))
            step = next(part for part in (step / 2, step, 2 * step) if high / part <= 6)
            ticks = [step * number for number in range(ceil(high / step) + 1)]
            panel.set_xlim(0, ticks[-1])
        panel.set_xticks(ticks, [said(tick) if tick else "0" for tick in ticks], fontsize=11)
        panel.set_yticks(range(len(rows)), list(rows)[::-1])
        panel.set_ylim(-0.6, len(rows) - 0.4)
        panel.tick_params(axis="y", length=0)
        panel.minorticks_off()
        panel.grid(axis="x", alpha=0.4)
        panel.set_axisbelow(True)
        panel.spines[["top", "left", "right"]].set_visible(False)
        panel.set_xlabel(f"{what} (each line is ten times the last)" if by_tens else what)

    return drawing, (_WIDE, tall)
