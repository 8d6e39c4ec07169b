"""Workers that wait at their gates, as the explorer shows them before the first step."""

from ...engine.stepper import Stepper
from . import palette
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
    tall = 22 + 4 * bool(goal)

    def drawing(axes):
        if goal:
            axes.text(1, tall - 1.5, f"Goal: {goal}", va="top", weight="bold")
        for place, name in enumerate(stepper.workers):
            x = 1 + place * wide
            box(axes, x, 9, wide - 2, 10, palette.WORKERS[place], f"{name[0]}  {name[3:-1]}")
            text = f"next: {about.get(name[0], 'it ends')}"
            axes.text(x + 1.2, 11.5, text, va="center", family="monospace", size=11)
        cell(axes, 1, 1.5, 78 - 2, 5, memory)

    return draw(words, drawing, size=(8, tall / 10))
