"""Workers that wait: at their gates, before the first step; for each other, in a deadlock."""

from math import cos, pi, sin

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from ...engine.outcome import Outcome
from ...engine.replay import Replay
from ...engine.stepper import Stepper
from . import palette
from .lettering import LINE, cut, width, wrap
from .picture import Picture, draw
from .shapes import box, cell

WIDTH = 80  # tenths of an inch, as all lengths here
TALL = 5
WIDEST = 22


def waiting_workers(stepper: Stepper, goal: str = "") -> Picture:
    """Draw the workers of a `Stepper`, what each is about to do, and the memory.

    Args:
        stepper: workers that wait.
        goal: a sentence for the learner, or "".
    """
    from ...engine.outcome import memory_words

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
            colour = palette.WORKERS[place % len(palette.WORKERS)]
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
    outcome = ended.outcome if isinstance(ended, Replay) else ended
    if not outcome.waits:
        raise ValueError(f"the outcome must be a deadlock, not {outcome}")
    arrows = [
        (wait.worker, other, wait.name)
        for wait in outcome.waits
        for other in wait.holders or [f" {wait.name}"]  # no letter begins with a blank
    ]
    nodes = list(dict.fromkeys(node for start, end, _ in arrows for node in (start, end)))
    notes = wrap(str(outcome), WIDTH - 2)
    up = 9 if len(nodes) < 3 else 13
    tall = 2 * up + TALL + 4 + LINE * len(notes)
    centre = tall - up - TALL / 2 - 2
    places = {}
    for number, node in enumerate(nodes):
        turn = pi - 2 * pi * number / len(nodes)
        across = 22 if len(nodes) == 2 else 28
        places[node] = WIDTH / 2 + across * cos(turn), centre + up * sin(turn)
    if len(nodes) == 1:
        places[nodes[0]] = WIDTH / 2, centre

    def drawing(axes):
        for start, end, name in arrows:
            _arrow(axes, places[start], places[end], "" if end[0] == " " else name)
        for node, (x, y) in places.items():
            _node(axes, x, y, node)
        for place, line in enumerate(notes):
            axes.text(1, 1 + (len(notes) - place) * LINE, line, va="top")

    return draw(str(outcome), drawing, size=(WIDTH / 10, tall / 10))


def _node(axes, x, y, node):
    worker = node[0] != " "
    colour = palette.WORKERS[(ord(node) - ord("A")) % len(palette.WORKERS)] if worker else None
    text = node if worker else cut(node[1:], WIDEST - 2)
    wide = 8 if worker else width(text) + 2
    _plate(axes, x, y, wide, TALL, colour or palette.MEMORY)
    weight, size = ("bold", 14) if worker else ("normal", 12)
    axes.text(x, y, text, ha="center", va="center", weight=weight, size=size, zorder=4)


def _arrow(axes, start, end, name):
    """Draw an arrow that bends to the left as it goes, and the name of a lock on its middle."""
    bend = -0.35
    alone = start == end  # a plain Lock that is taken twice
    goal = (end[0], end[1] + 0.1) if alone else end
    axes.add_patch(
        FancyArrowPatch(
            start,
            (goal[0] + 14, goal[1]) if alone else goal,
            arrowstyle="<|-|>" if alone else "-|>",
            connectionstyle=f"arc3,rad={bend}",
            mutation_scale=18,
            shrinkA=34,
            shrinkB=0 if alone else 34,
            color=palette.INK,
            zorder=1,
        )
    )
    if name:
        x = (start[0] + goal[0]) / 2 + bend / 2 * (goal[1] - start[1]) + 14 * alone
        y = (start[1] + goal[1]) / 2 - bend / 2 * (goal[0] - start[0])
        text = cut(name, WIDEST - 2)
        _plate(axes, x, y, width(text) + 2, 3.4, palette.LOCK)
        axes.text(x, y, text, ha="center", va="center", zorder=4)


def _plate(axes, x, y, wide, tall, colour):
    axes.add_patch(
        FancyBboxPatch(
            (x - wide / 2, y - tall / 2),
            wide,
            tall,
            boxstyle="round,pad=0,rounding_size=1",
            facecolor=palette.tint(colour),
            edgecolor=colour,
            zorder=3,
        )
    )
