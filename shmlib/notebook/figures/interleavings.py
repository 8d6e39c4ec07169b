"""Schedules as pictures: the timeline of one, and all interleavings at a glance."""

import textwrap
from functools import cache
from math import ceil

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from ...engine.arguments import check_kind
from ...engine.explore import Exploration
from ...engine.outcome import LockState, memory_words
from ...engine.replay import MOST_ANOMALIES, Replay
from ...words import counted, short_number
from . import palette
from .lettering import LINE, cut, width, wrap
from .picture import Picture, draw

WIDTH = 80  # tenths of an inch, as all lengths here
LEFT = 13
CHARACTER = 0.86  # width of one in the small monospace font
SMALL = 10  # points
ROW = 11
BOX = 6.6
WIDEST = 16.5  # of the columns, one a step: four are as wide as the picture
MEMORY_ROW = 4.6
FIELD_ROW = 3.2
# Up to so many schedules are drawn one by one; more are drawn as bars.
MOST_STRIPS = 100
MOST_OUTCOMES = 8
# Strips grow up to so many times where there is room for it.
LARGEST = 1.5
# Up to so many fields of a record are drawn one by one.
MOST_FIELDS = 8


def timeline(replay: Replay) -> Picture:
    """Draw a `Replay`: a row for each worker, the memory along the top, time to the right."""
    check_kind("replay", replay, Replay, "what replay returns")
    columns = max(1, len(replay.steps) + bool(replay.blocked))
    labels, column = _labels(replay, " ")
    if columns * column > WIDTH - LEFT - 1:
        labels, column = _labels(replay, "\n")
    bands = ceil(columns / ((WIDTH - LEFT - 1) // column))
    across = ceil(columns / bands)
    column = max(column, min(WIDEST, (WIDTH - LEFT - 1) / across))
    memory = _memory_rows(replay)
    tall = MEMORY_ROW if len(memory) <= len(replay.names) else FIELD_ROW
    band = len(memory) * tall + len(replay.workers) * ROW + 2
    notes = [(line, "normal") for line in wrap(str(replay.outcome), WIDTH - 2)]
    for number, anomaly in enumerate(_marked(replay), 1):
        lines = wrap(f"{number}: {anomaly.words}", WIDTH - 2, weight="bold")
        notes += [(line, "bold") for line in lines]
    height = bands * band + len(notes) * LINE + 2

    def drawing(axes):
        for number in range(bands):
            top = height - 1 - number * band
            steps = range(number * across, min((number + 1) * across, columns))
            _memory(axes, memory, tall, steps, top, column)
            rows = top - len(memory) * tall
            _rows(axes, replay, labels, steps, rows, column)
        for place, (line, weight) in enumerate(notes):
            y = height - 1 - bands * band - place * LINE
            axes.text(1, y, line, va="top", weight=weight)

    return draw(repr(replay), drawing, size=(WIDTH / 10, height / 10))


def _marked(replay):
    """Return the anomalies that bear a number, the first ones of each kind."""
    kinds = (replay.lost_updates, replay.torn_reads, replay.blind_writes)
    return [anomaly for kind in kinds for anomaly in kind[:MOST_ANOMALIES]]


def _memory_rows(replay):
    """Return (name, contents at the start and after each step) for each object, of a record for
    each of its fields."""
    rows = []
    for item, name in enumerate(replay.names):
        contents = [replay.start[item], *(step.memory[item] for step in replay.steps)]
        if isinstance(contents[0], LockState):
            continue
        fields = getattr(contents[0], "_fields", ())
        if not 1 <= len(fields) <= MOST_FIELDS:
            rows.append((name, contents))
            continue
        short = len(name) + max(map(len, fields)) >= 13
        for place, field in enumerate(fields):
            held = [content[place] for content in contents]
            rows.append((field if short else f"{name}.{field}", held))
    return rows


def _memory(axes, rows, tall, steps, top, column):
    """Draw what the memory holds after each step, unchanged stretches as one cell."""
    for row, (name, contents) in enumerate(rows):
        y = top - (row + 1) * tall
        height = min(3.4, tall - 0.3)
        axes.text(1, y + height / 2, cut(name, LEFT - 1.5, size=SMALL), va="center", size=SMALL)
        begin = None
        for step in steps:
            if step >= len(contents) - 1:
                break
            held = contents[step + 1]
            if begin is None:
                begin = step
            if step + 1 in steps and step + 2 < len(contents) and contents[step + 2] == held:
                continue
            x = LEFT + (begin - steps[0]) * column
            wide = (step + 1 - begin) * column
            changed = contents[begin] != held
            axes.add_patch(
                Rectangle(
                    (x + 0.3, y),
                    wide - 0.6,
                    height,
                    facecolor=palette.tint(palette.MEMORY, 0.22 if changed else 0.08),
                    edgecolor=palette.MEMORY,
                )
            )
            text = memory_words(("",), (held,)).strip()
            axes.text(
                x + wide / 2,
                y + height / 2,
                cut(text, wide - 1, size=SMALL, family="monospace"),
                ha="center",
                va="center",
                family="monospace",
                size=SMALL,
                weight="bold" if changed else "normal",
            )
            begin = None


def _rows(axes, replay, labels, steps, top, column):
    tags: dict[int, list[int]] = {}
    troubles = {n for n, step in enumerate(replay.steps) if step.raised}
    for number, anomaly in enumerate(_marked(replay), 1):
        ends = {anomaly.first, anomaly.last}
        for end in ends:
            tags.setdefault(end, []).append(number)
        if anomaly not in replay.blind_writes:
            troubles |= ends
    for row, worker in enumerate(replay.workers):
        letter = worker[0]
        colour = palette.WORKERS[row % len(palette.WORKERS)]
        y = top - (row + 1) * ROW
        axes.plot((LEFT, LEFT + len(steps) * column), (y + 5, y + 5), color=colour, linewidth=1)
        axes.text(1, y + 6.2, letter, va="center", weight="bold", size=14)
        name = cut(worker[3:-1], LEFT - 1.5, size=SMALL)
        axes.text(1, y + 3.2, name, va="center", size=SMALL)
        for first, last, lock in _held(replay.steps, letter):
            first, last = max(first, steps[0]), min(last, steps[-1])
            if first <= last:
                _band(axes, first - steps[0], last - steps[0], y, column, lock)
        for step in steps:
            x = LEFT + (step - steps[0]) * column
            if step < len(replay.steps) and replay.steps[step].worker == letter:
                _box(axes, x, y, column, labels[step], colour, step in troubles)
                for place, number in enumerate(tags.get(step, ())):
                    _tag(axes, x + column - 1.2 - 2.6 * place, y + 8.4, str(number))
            elif step == len(replay.steps) and letter in replay.blocked:
                waits = _waits(replay.blocked[letter])
                _box(axes, x, y, column, waits, colour, True, dashed=True)


def _box(axes, x, y, column, text, colour, trouble, dashed=False):
    axes.add_patch(
        FancyBboxPatch(
            (x + 0.5, y + 5 - BOX / 2),
            column - 1,
            BOX,
            boxstyle="round,pad=0,rounding_size=1",
            facecolor=palette.TROUBLE if trouble else palette.tint(colour),
            edgecolor=palette.INK if trouble else colour,
            linestyle="--" if dashed else "-",
            zorder=3,
        )
    )
    style = {"ha": "center", "va": "center", "zorder": 4, "linespacing": 1.35}
    axes.text(x + column / 2, y + 5, text, size=SMALL, family="monospace", **style)


def _band(axes, first, last, y, column, name):
    """Draw the time for which a lock is held, with its word below the steps."""
    x = LEFT + first * column
    wide = (last - first + 1) * column
    axes.add_patch(
        Rectangle(
            (x, y - 0.4),
            wide,
            9.2,
            facecolor=palette.tint(palette.LOCK, 0.4),
            edgecolor=palette.LOCK,
            linewidth=1,
            zorder=2,
        )
    )
    words = (f"holds {name}", "holds the lock", "held")
    text = next((words for words in words if width(words, size=SMALL) < wide - 1), "")
    axes.text(x + 0.6, y + 0.6, text, va="center", size=SMALL, zorder=4)


def _tag(axes, x, y, text):
    axes.add_patch(Circle((x, y), 1.2, facecolor=palette.INK, edgecolor=palette.INK, zorder=5))
    axes.text(
        x, y - 0.05, text, ha="center", va="center", size=SMALL, color=palette.PAPER, zorder=6
    )


def _held(steps, letter):
    """Yield (first step, last step, name of the lock) for each stretch that a worker holds one."""
    since: dict[str, int] = {}
    for number, step in enumerate(steps):
        if step.worker == letter:
            for name in step.held:
                since.setdefault(name, number)
            for name in [name for name in since if name not in step.held]:
                yield since.pop(name), number, name
    for name, number in since.items():
        yield number, len(steps), name


def _labels(replay, space):
    """Return the words for each step's box, and how wide a column all boxes need."""
    targets = {step.target for step in replay.steps if step.action in ("read", "write")}
    locks = {name for step in replay.steps for name in step.held}
    labels = [_label(step, space, len(targets) == 1, locks) for step in replay.steps]
    boxes = labels + [_waits(reason) for reason in replay.blocked.values()]
    longest = max((len(line) for label in boxes for line in label.split("\n")), default=0)
    return labels, max(7.4, longest * CHARACTER + 1.8)


def _waits(reason):
    """The words in the box of a worker that waits: for what, on two lines at most."""
    lock = reason.removeprefix("waits for ").partition(", ")[0]
    lines = textwrap.wrap(lock, 10, max_lines=2, placeholder="…")
    return "\n".join(["waits for", *lines])


def _label(step, space, bare, locks):
    """The words in a step's box: the action, its value, and what it is about where that varies and
    no band says it."""
    if step.raised:
        return f"{step.action}\n{_short(step.value.partition(':')[0], 14)}"
    if step.value is False and step.action != "read":
        return f"{step.action}\nFalse"
    if step.action in ("acquire", "release") and step.target in locks:
        return step.action
    if step.action.startswith("notify"):
        return f"{step.action}\n{step.remark}"
    if step.action not in ("read", "write"):
        return f"{step.action}\n{_short(step.target, 14)}"
    words = f"{step.action}{space}{_short(repr(step.value), 14)}"
    return words if bare else f"{words}\n{_short(step.target, 14)}"


def _short(text, longest):
    return text if len(text) <= longest else text[: max(1, longest - 1)] + "…"


# ------------------------------------------------------------------------ all interleavings


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
        colour = palette.WORKERS[(ord(letter) - ord("A")) % len(palette.WORKERS)]
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
