"""All interleavings as a picture, at a glance."""

from functools import cache
from math import ceil

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from ...checks import check_kind
from ...engine.explore import Exploration
from ...words import counted, short_number
from . import palette
from .lettering import CHARACTER, LINE, SMALL, wrap
from .picture import WIDTH, Picture, draw

# Up to so many schedules are drawn one by one; more are drawn as bars.
MOST_STRIPS = 100
MOST_OUTCOMES = 8
# Strips grow up to so many times where there is room for it.
LARGEST = 1.5


def interleavings(exploration: Exploration) -> Picture:
    """Draw an `Exploration`: few interleavings one by one; one of each trace, with the number that
    it stands for; or, where these are many, a bar for each outcome."""
    check_kind("exploration", exploration, Exploration, "what explore returns")
    shown = exploration.outcomes.most_common(MOST_OUTCOMES)
    groups = [(outcome, count, _Strips(exploration, outcome)) for outcome, count in shown]
    hidden = len(exploration.outcomes) - len(groups)
    longest = max((strips.longest for _, _, strips in groups), default=0)
    few = exploration.interleavings <= MOST_STRIPS
    one_by_one = 0 < longest <= 24 and (few or len(exploration.traces) <= MOST_STRIPS)
    digits = 0 if few else max(len(number) for _, _, s in groups for number in s.numbers)
    drawn = [strips.schedules if few else strips.examples for _, _, strips in groups]
    strip = longest * 1.7 + 2.4 + digits * CHARACTER
    # Where there is room beside the longest row, all strips grow.
    scale = min(LARGEST, max(1, (WIDTH - 4) / (strip * max(map(len, drawn)))))
    strip *= scale
    across = max(1, int((WIDTH - 4 + 0.01) // strip))

    def headline(outcome, count):
        words = f"{short_number(count)} of {short_number(exploration.interleavings)}: {outcome}"
        if _broken(exploration, outcome):
            words += ", which breaks the invariant"
        return wrap(words, WIDTH - 5.4)

    heights = []
    for (outcome, count, _), schedules in zip(groups, drawn, strict=True):
        body = ceil(len(schedules) / across) * 3 * scale if one_by_one else 4.2
        heights.append(len(headline(outcome, count)) * LINE + body + 1.2)
    title = wrap(repr(exploration).partition("\n")[0], WIDTH - 2, size=13, weight="bold")
    words = "One order of each trace, and how many interleavings it stands for:"
    note = [words] if one_by_one and not few else []
    height = sum(heights) + 2 + len(title) * 3 + len(note) * 4 + 2.8 * bool(hidden)

    def drawing(axes):
        placed = []
        y = height - 1
        for line in title:
            axes.text(1, y, line, va="top", weight="bold", size=13)
            y -= 3
        y -= 1
        for line in note:
            axes.text(1, y, line, va="top")
            y -= 4
        for (outcome, count, strips), schedules, tall in zip(groups, drawn, heights, strict=True):
            lines = headline(outcome, count)
            trouble = outcome.kind != "finished" or _broken(exploration, outcome)
            if trouble:
                _warn(axes, y)
            for place, line in enumerate(lines):
                axes.text(4.4 if trouble else 1, y - place * LINE, line, va="top")
            below = y - len(lines) * LINE
            if one_by_one:
                for number, schedule in enumerate(schedules):
                    x = 2 + number % across * strip
                    row = below - (2.6 + number // across * 3) * scale
                    placed.append((x, row, schedule))
                    if not few:
                        words = strips.numbers[number]
                        x += (len(schedule) * 1.7 + 0.5) * scale
                        style = {"va": "center", "family": "monospace", "size": SMALL * scale}
                        axes.text(x, row + 1.1 * scale, words, **style)
            else:
                shares = (count, exploration.interleavings)
                _bar(axes, below - 3.4, *(n / max(1, exploration.estimate) for n in shares))
            y -= tall
        _letters(axes, placed, scale)
        if hidden:
            axes.text(1, y, f"and {counted(hidden, 'more outcome')}", va="top")

    return draw(repr(exploration), drawing, size=(WIDTH / 10, height / 10))


class _Strips:
    """What is drawn of an outcome: all its schedules, or of each trace one, with its number."""

    def __init__(self, exploration, outcome):
        traces = exploration.interleavings_of(outcome).traces
        self.longest = max(len(trace.schedule) for trace in traces)
        if exploration.interleavings <= MOST_STRIPS:
            self.schedules = exploration.interleavings_of(outcome).in_order()
        traces = sorted(traces, key=lambda trace: -trace.count)[:MOST_STRIPS]
        self.numbers = [f"\N{MULTIPLICATION SIGN}{short_number(trace.count)}" for trace in traces]
        self.examples = [trace.schedule for trace in traces]


def _broken(exploration, outcome):
    return not any(holds for _, ended, holds in exploration.traces if ended == outcome)


def _warn(axes, y):
    axes.add_patch(
        Rectangle((1, y - 2.3), 2.3, 2.5, facecolor=palette.TROUBLE, edgecolor=palette.INK)
    )
    axes.text(2.15, y - 1.05, "!", ha="center", va="center", weight="bold")


def _letters(axes, strips, scale):
    """Draw strips of letters, (x, y, schedule) each. Boxes and letters of one worker are drawn
    together, since there may be thousands."""
    wide, tall = 1.7 * scale, 2.3 * scale
    places: dict[str, list[tuple[float, float]]] = {}
    for x, y, schedule in strips:
        for place, letter in enumerate(schedule):
            places.setdefault(letter, []).append((x + place * wide, y))
    for letter, corners in sorted(places.items()):
        colour = palette.of_worker(ord(letter) - ord("A"))
        boxes = PatchCollection(
            [Rectangle(corner, wide, tall) for corner in corners],
            facecolor=palette.tint(colour, 0.3),
            edgecolor=colour,
            linewidth=0.8,
        )
        axes.add_collection(boxes)
        glyph, size = _glyph(letter, SMALL * scale)
        axes.plot(
            [x + wide / 2 for x, _ in corners],
            [y + tall / 2 for _, y in corners],
            color=palette.INK,
            linestyle="none",
            marker=glyph,
            markersize=size,
            markeredgewidth=0,
        )


@cache
def _glyph(letter, size):
    """Return a letter as a marker, centred, and the size at which it has so many points."""
    text = TextPath((0, 0), letter, size=size, prop=FontProperties(family="DejaVu Sans Mono"))
    box = text.get_extents()
    path = text.transformed(Affine2D().translate(-(box.x0 + box.x1) / 2, -(box.y0 + box.y1) / 2))
    return path, 2 * np.abs(path.vertices).max()


def _bar(axes, y, share, known):
    """Draw the share of an outcome among all interleavings; what was not explored stays open."""
    whole, tall = WIDTH - 14, 2.4
    grey = palette.tint(palette.MEMORY, 0.12)
    if known < 1:
        axes.add_patch(
            Rectangle(
                (2 + whole * known, y),
                whole * (1 - known),
                tall,
                facecolor=palette.PAPER,
                edgecolor=palette.tint(palette.MEMORY, 0.5),
                linewidth=0,
                hatch="///",
            )
        )
        for edge in (y, y + tall):
            axes.plot((2, 2 + whole), (edge, edge), color=palette.MEMORY, linestyle="--")
    for part, colour in ((known, grey), (share, palette.A)):
        axes.add_patch(
            Rectangle((2, y), whole * part, tall, facecolor=colour, edgecolor=palette.MEMORY)
        )
    words = f"{share:.1%}" if share >= 0.001 else "< 0.1%"
    axes.text(2 + whole + 1, y + 1.2, words, va="center")
