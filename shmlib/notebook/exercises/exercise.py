"""What an exercise is. The pages' own stand in `pages/`, a file for each."""

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ...words import short_repr
from .verdict import Verdict

# Decides on what a cell has defined.
Judge: TypeAlias = Callable[[Mapping[str, Any]], Verdict]
PAGES = ("00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
# The same five questions twice, which show what was learnt in between.
BEFORE, AFTER = "before", "after"
NUMBER = rf"(\d{{1,2}}|{BEFORE}|{AFTER})\.(\d{{1,2}})"


@dataclass(frozen=True)
class Way:
    """Another right solution.

    Attributes:
        title: what it does otherwise.
        code: the cell.
        cost: what it costs, or gains.
    """

    title: str
    code: str
    cost: str


@dataclass(frozen=True)
class Mistake:
    """What a learner may well write.

    Attributes:
        title: the mistake, as the teacher's guide lists it.
        code: the cell.
        said: what the check must say to it; a part of its words.
    """

    title: str
    code: str
    said: str


@dataclass(frozen=True)
class Exercise:
    """A task, and how it is checked.

    Attributes:
        number: page and place, such as "06.2".
        title: of the task.
        minutes: that it takes in class.
        task: what to do, in Markdown.
        start: the cell that a learner begins with.
        judge: decides on what the cell has defined.
        hints: in the order in which they are given.
        solution: a cell that passes.
        ways: other cells that pass.
        mistakes: cells that do not.
        notes: prompts for the teacher, which begin with ``Ask:``, ``Say:`` or ``Watch for:``.
        silent: True where the learner is not told whether an answer is right.
    """

    number: str
    title: str
    minutes: int
    task: str
    start: str
    judge: Judge
    hints: tuple[str, ...]
    solution: str
    ways: tuple[Way, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
    silent: bool = False


def exercises_of(page: str) -> tuple[Exercise, ...]:
    """Return the exercises of a page, "00" to "12", "before" or "after"; none of another."""
    if page not in (*PAGES, BEFORE, AFTER):
        return ()
    found: tuple[Exercise, ...] = importlib.import_module(
        f"{__package__}.pages.page_{page}"
    ).EXERCISES
    return found


def find_exercise(number: str) -> Exercise:
    """Return an exercise by its number.

    Raises:
        TypeError, ValueError: there is none of this number.
    """
    if not isinstance(number, str):
        raise TypeError(f'number must be a string such as "06.2", not {short_repr(number)}')
    parts = re.fullmatch(NUMBER, number.strip())
    known = exercises_of(parts[1].zfill(2)) if parts else ()
    for exercise in known:
        if parts and exercise.number == f"{parts[1].zfill(2)}.{int(parts[2])}":
            return exercise
    numbers = ", ".join(exercise.number for exercise in known) or "those of a page, such as 06.1"
    asked = number.strip()[:20] or "(no number)"
    raise ValueError(f"there is no exercise {asked}. There are {numbers}")
