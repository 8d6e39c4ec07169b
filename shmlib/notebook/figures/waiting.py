"""Workers that wait: at their gates, before the first step; for each other, in a deadlock."""

from math import cos, pi, sin

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from ...checks import check_kind
from ...engine.outcome import Outcome, memory_words
from ...engine.replay import Replay
from ...engine.stepper import Stepper
from . import palette
from .lettering import LINE, cut, width, wrap
from .picture import WIDTH, Picture, draw
from .shapes import box, cell

TALL = 5
WIDEST = 22
FLAT = 5.5  # how far a row of workers goes up from its middle
BEND = -0.35


def waiting_workers(stepper: Stepper, goal: str = "") -> Picture:
    """Draw the workers of a `Stepper`, what each is about to do, and the memory.

    Args:
        stepper: workers that wait.
        goal: a sentence for the learner, or "".
    """
    check_kind("stepper", stepper, Stepper, "a Stepper")
    check_kind("goal", goal, str, "a sentence")
    about = {letter: str(request) for letter, request in stepper.pending.items()}
    memory = memory_words(stepper.names, stepper.memory)
    words = "\n".join(
        ["Be the scheduler: in JupyterLab, run this cell, then let the workers go on step by step."]
        + [f"Goal: {goal}"] * bool(goal)
        + [f"Worker {name} is about to {about.get(name[0], 'end')}." for name in stepper.workers]
        + [f"Shared memory: {memory}."]
    )
    wide = 78 / len(stepper.workers)
    heading = wrap(f"Goal: {goal}", 78, weight="bold") if goal else []
    tall = 22 + 1.4 * bool(goal) + LINE * len(heading)

    def drawing(axes):
        for place, line in enumerate(heading):
            axes.text(1, tall - 1.5 - place * LINE, line, va="top", weight="bold")
        for place, name in enumerate(stepper.workers):
            x = 1 + place * wide
            colour = palette.of_worker(place)
            box(axes, x, 9, wide - 2, 10, colour, f"{name[0]}  {name[3:-1]}")
            text = f"next: {about.get(name[0], 'it ends')}"
            text = cut(text, wide - 4.4, size=11, family="monospace")
            axes.text(x + 1.2, 11.5, text, va="center", family="monospace", size=11)
        cell(axes, 1, 1.5, 78 - 2, 5, memory)

    return draw(words, drawing, size=(8, tall / 10))


def waits(ended: Replay | Outcome) -> Picture:
    """Draw who waits for whom in a deadlock: an arrow from each worker to who holds what it waits
    for, with the name of that; to the thing itself, where nobody holds it.

    Args:
        ended: the `Replay` or the `Outcome`.

    Raises:
        ValueError: nobody waits.
    """
    check_kind("ended", ended, (Replay, Outcome), "a Replay or an Outcome")
    outcome = ended.outcome if isinstance(ended, Replay) else ended
    if not outcome.waits:
        raise ValueError(f"the outcome must be a deadlock, not {outcome}")
    arrows = [
        (wait.worker, other, wait.name)
        for wait in outcome.waits
        for other in wait.holders or [f" {wait.name}"]  # no letter begins with a blank
    ]
    nodes = list(dict.fromkeys(node for start, end, _ in arrows for node in (start, end)))
    far = any(abs(nodes.index(start) - nodes.index(end)) > 1 for start, end, _ in arrows)
    places, up = _places(nodes, far or _has_cycle(arrows))
    notes = wrap(str(outcome), WIDTH - 2)
    below = 2 + LINE * len(notes)
    tall = 2 * up + below

    def drawing(axes):
        at = {node: (x, below + up + y) for node, (x, y) in places.items()}
        plates = {node: _node(axes, *at[node], node) for node in nodes}
        for start, end, name in arrows:
            ends = (at[start], at[end]), (plates[start], plates[end])
            apart = abs(nodes.index(start) - nodes.index(end))
            bend = BEND if up != FLAT and apart in (1, len(nodes) - 1) else 0
            _arrow(axes, *ends, bend, "" if end[0] == " " else name)
        for place, line in enumerate(notes):
            axes.text(1, 1 + (len(notes) - place) * LINE, line, va="top")

    return draw(str(outcome), drawing, size=(WIDTH / 10, tall / 10))


def _has_cycle(arrows):
    goals: dict[str, set[str]] = {}
    for start, end, _ in arrows:
        goals.setdefault(start, set()).add(end)
    for start in goals:
        reached: set[str] = set()
        rest = [start]
        while rest:
            found = goals.get(rest.pop(), set()) - reached
            reached |= found
            rest += found
        if start in reached:
            return True
    return False


def _places(nodes, around):
    """Return (from each node to its place around the middle, how far the picture goes up): on an
    ellipse where the arrows lead round, or not to the next one, else in a row."""
    number = len(nodes)
    if not around or number == 1:
        step = (WIDTH - 24) / max(1, number - 1)
        first = WIDTH / 2 - step * (number - 1) / 2
        return {node: (first + step * n, 0) for n, node in enumerate(nodes)}, FLAT
    across, up = (24, 0) if number == 2 else (28, 11)
    turns = {node: pi - 2 * pi * n / number for n, node in enumerate(nodes)}
    places = {k: (WIDTH / 2 + across * cos(turn), up * sin(turn)) for k, turn in turns.items()}
    return places, 12 if number == 2 else 16


def _node(axes, x, y, node):
    if node[0] == " ":
        text = cut(node[1:], WIDEST - 2)
        plate = _plate(axes, x, y, width(text) + 2, TALL, palette.MEMORY)
        axes.text(x, y, text, ha="center", va="center", zorder=4)
        return plate
    colour = palette.of_worker(ord(node) - ord("A"))
    axes.text(x, y, node, ha="center", va="center", weight="bold", size=14, zorder=4)
    return _plate(axes, x, y, 8, TALL, colour)


def _arrow(axes, places, plates, bend, name):
    """Draw an arrow that bends to the left as it goes, and the name of a lock on its middle."""
    (x, y), (far, high) = places
    if places[0] == places[1]:  # it waits for what it holds itself
        far, plates = x + 16, (plates[0], None)
    axes.add_patch(
        FancyArrowPatch(
            (x, y),
            (far, high),
            arrowstyle="<|-" if plates[1] is None else "-|>",
            connectionstyle=f"arc3,rad={bend if plates[1] else 0}",
            mutation_scale=18,
            patchA=plates[0],
            patchB=plates[1],
            shrinkA=2,
            shrinkB=2,
            color=palette.INK,
            zorder=1,
        )
    )
    if name:
        text = cut(name, WIDEST - 2)
        middle = (x + far) / 2 + bend / 2 * (high - y), (y + high) / 2 - bend / 2 * (far - x)
        if plates[1] is None:
            middle = far + width(text) / 2 + 1, y
        _plate(axes, *middle, width(text) + 2, 3.4, palette.LOCK)
        axes.text(*middle, text, ha="center", va="center", zorder=4)


def _plate(axes, x, y, wide, tall, colour):
    plate = FancyBboxPatch(
        (x - wide / 2, y - tall / 2),
        wide,
        tall,
        boxstyle="round,pad=0,rounding_size=1",
        facecolor=palette.tint(colour),
        edgecolor=colour,
        zorder=3,
    )
    axes.add_patch(plate)
    return plate
