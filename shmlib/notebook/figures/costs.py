"""What things cost: transports by size, additions by grain."""

from collections.abc import Mapping, Sequence
from math import log10
from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from ...words import rate_words, size_words, time_words
from . import palette
from .lettering import width
from .picture import Picture, draw

if TYPE_CHECKING:
    from ..transports import Timings

_COLOURS = (palette.A, palette.B, palette.C, palette.LOCK, palette.SKY, palette.INK)
_MARKS = ("o", "s", "^", "D", "v", "P")


def transport_times(timings: "Timings") -> Picture:
    """Draw `Timings`: time and bandwidth of each way by the size of the message."""

    def drawing(axes):
        figure = axes.figure
        axes.remove()
        for place, (title, told) in enumerate((("time", time_words), ("bandwidth", rate_words))):
            panel = figure.add_axes((0.09 + place * 0.51, 0.19, 0.38, 0.51))
            rows = [*timings.medians.items(), ("memcpy", timings.memcpy)]
            for number, (way, times) in enumerate(rows):
                values = times
                if place:
                    values = [size / t for size, t in zip(timings.sizes, times, strict=True)]
                last = way == "memcpy"
                panel.plot(
                    timings.sizes,
                    values,
                    color=palette.MEMORY if last else _COLOURS[number % len(_COLOURS)],
                    marker="x" if last else _MARKS[number % len(_MARKS)],
                    linestyle=":" if last else "-",
                    label=way,
                )
            panel.set(xscale="log", yscale="log", xlabel="size of the message")
            panel.set_title(title, fontsize=13)
            panel.yaxis.set_major_formatter(lambda value, _, told=told: told(float(f"{value:.1g}")))
            panel.set_xticks(timings.sizes, map(size_words, timings.sizes), fontsize=10)
            panel.minorticks_off()
            panel.grid(alpha=0.3)
        handles, labels = panel.get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper center", ncols=4, frameon=False)

    return draw(repr(timings), drawing, size=(8.2, 3.6))


def grain_bars(
    times: Sequence[int], additions: int, seconds: Mapping[int, float] | None = None
) -> Picture:
    """Draw how often the lock is taken for each grain, and what the additions took.

    Args:
        times: grains, in additions for each time that the lock is held.
        additions: of each worker.
        seconds: from a grain to the seconds that all additions took; None before it was measured.
    """
    grains = [f"{grain:,} at a time" for grain in times]
    taken = [-(-additions // grain) for grain in times]
    took = [f"{seconds[grain] * 1e3:.1f} ms" for grain in times] if seconds else []
    words = [f"{additions:,} additions in each worker."]
    for place, grain in enumerate(grains):
        line = f"{grain}: the lock is taken {taken[place]:,} times"
        words.append(f"{line}, {took[place]}." if took else f"{line}.")
    ends = took or [f"{number:,} times" for number in taken]
    most = max(seconds.values()) if seconds else log10(additions) + 1
    tall = 5 + 5 * len(times)
    left = 3 + max(map(width, grains))
    longest = 78 - left - max(map(width, ends))

    def drawing(axes):
        axes.text(1, tall - 1, words[0], va="top", weight="bold")
        for place, grain in enumerate(times):
            y = tall - 8.5 - place * 5
            value = seconds[grain] if seconds else log10(taken[place]) + 1
            length = longest * value / most
            colour = palette.A if seconds else palette.LOCK
            axes.text(1, y + 1.5, grains[place], va="center")
            axes.add_patch(
                Rectangle(
                    (left, y), length, 3, facecolor=palette.tint(colour, 0.5), edgecolor=colour
                )
            )
            axes.text(left + length + 1, y + 1.5, ends[place], va="center")

    return draw("\n".join(words), drawing, size=(8, tall / 10))
