"""Exercises in a notebook: %%exercise, %hint, %progress, and check() for graders."""

from pathlib import Path

from IPython import get_ipython
from IPython.display import display

from .attempts import attempt
from .exercise import find_exercise
from .hints import Hint, hints_for
from .passed import Progress, note, passed
from .verdict import Verdict

# Lies beside pages that were handed out without solutions.
WITHOUT_SOLUTIONS = "without_solutions"

# By the number of an exercise: the verdict on the last attempt, and how many hints were given.
_last: dict[str, Verdict] = {}
_given: dict[str, int] = {}


def exercise(line: str, cell: str) -> None:
    """Check an exercise: ``%%exercise 06.2`` above a cell, whose names are then at hand.

    Raises:
        FileExistsError, SyntaxError, TypeError, ValueError: as for `attempt`.
    """
    names = get_ipython().user_ns
    task = find_exercise(line)
    number = task.number
    _last.pop(number, None)
    verdict = attempt(number, cell, names)
    names.update(verdict.defined)
    for name, value in verdict.names.items():
        names.setdefault(name, value)
    _last[number] = verdict
    note(number, verdict.passed)
    display(_shown(task, verdict))


def _shown(task, verdict):
    """Return what a learner is shown of a verdict."""
    if not task.silent or verdict.state == "empty":
        return verdict
    shown = Verdict("noted", "You may change it until the course begins.")
    shown.number = task.number
    return shown


def hint(line: str) -> Hint:
    """Give one more hint each time: ``%hint 06.2``. A solution comes last, folded.

    Raises:
        ValueError: there is no such exercise.
    """
    task = find_exercise(line)
    solution = not Path(WITHOUT_SOLUTIONS).exists()
    hints = hints_for(task, _last.get(task.number), solution)
    place = _given.get(task.number, 0)
    _given[task.number] = place + 1
    return hints[min(place, len(hints) - 1)]


def progress(line: str = "") -> Progress:
    """Show which exercises are passed: ``%progress``."""
    return Progress(passed())


def check(number: str) -> None:
    """Raise AssertionError, with the reasons, unless the exercise was passed in this kernel.

    This is the one line of a cell that nbgrader or otter-grader runs as a test.

    Args:
        number: such as "06.2".

    Raises:
        AssertionError: it was not passed; the reasons are in its message.
        TypeError, ValueError: there is no such exercise.
    """
    number = find_exercise(number).number
    verdict = _last.get(number)
    if verdict is None:
        raise AssertionError(f"{number} has no verdict: run its cell, %%exercise {number}")
    if not verdict.passed:
        raise AssertionError(repr(verdict))
