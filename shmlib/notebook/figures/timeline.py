"""A schedule as a picture: its timeline."""

import textwrap
from math import ceil

from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from ...checks import check_kind
from ...engine.outcome import LockState, memory_words
from ...engine.replay import MOST_ANOMALIES, Replay
from . import palette
from .lettering import CHARACTER, LINE, SMALL, cut, width, wrap
from .picture import WIDTH, Picture, draw

LEFT = 13
ROW = 11
BOX = 6.6
WIDEST = 16.5  # of the columns, one a step: four are as wide as the picture
MEMORY_ROW = 4.6
FIELD_ROW = 3.2
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
        colour = palette.of_worker(row)
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
