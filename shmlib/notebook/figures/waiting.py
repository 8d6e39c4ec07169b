"""Workers that wait at their gates, as the explorer shows them before the first step."""

from ...engine.stepper import Stepper
from . import palette
from .lettering import LINE, cut, wrap
from .picture import Picture, draw
from .shapes import box, cell


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
