"""Which tool to choose: questions from top to bottom, and the first yes decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.patches import Rectangle

from ...checks import check_kind
from ...words import short_repr
from . import palette
from .lettering import LINE, wrap
from .picture import Picture, draw
from .shapes import arrow, box

_LEFT, _RIGHT = 45, 32
_GAP = 1.6


@dataclass(frozen=True)
class Choice:
    """A question, and the tool for whoever answers yes.

    Attributes:
        question: that can be answered by yes or no.
        tool: its name, short.
        how: the line of code that it begins with.
        shared: what several processes share with it.
        breaks: how it goes wrong, in a sentence.
    """

    question: str
    tool: str
    how: str
    shared: str
    breaks: str


CHOICES = (
    Choice(
        "Is it more work than one machine can do?",
        "an engine, such as dask",
        "client.map(work, parts)",
        "nothing; numbers that everybody needs live with the engine",
        "A number that is read and then set loses updates here, too.",
    ),
    Choice(
        "Do the tasks mostly wait, for a network or a disk?",
        "threads",
        "ThreadPoolExecutor()",
        "everything",
        "Whatever two threads change needs a lock, with a GIL and without.",
    ),
    Choice(
        "Can each task return what it has found?",
        "return values",
        "pool.map(work, parts)",
        "nothing: arguments and results are copied",
        "Large arguments are copied for each task; a Value can't be one.",
    ),
    Choice(
        "Do items go from one process to the next?",
        "Queue or Pipe",
        "mp.Queue()",
        "nothing: each item is copied",
        "Joined before its queue is emptied, a process never ends.",
    ),
    Choice(
        "Must objects of any type be shared?",
        "Manager",
        "mp.Manager().dict()",
        "an object in a process that serves the others",
        "Every access is a message; += takes two, and there is no get_lock.",
    ),
    Choice(
        "Must another program find it by its name?",
        "SharedMemory",
        "SharedMemory(name)",
        "bytes, without a type and without a lock",
        "Close it everywhere, unlink it once; a view must not outlive it.",
    ),
)
LAST = Choice(
    "",
    "Value or Array",
    'mp.Array("i", numbers)',
    "numbers of one type, with a lock",
    "An update is lost where the lock doesn't cover the read and the write.",
)


def decision(answers: Sequence[bool] = ()) -> Picture:
    """Draw the questions, and the way that the answers take through them.

    Args:
        answers: True for yes, False for no, from the top; none to show the whole map. What comes
            after the first yes is not looked at.

    Raises:
        TypeError, ValueError: answers are not True or False, or there are more than questions.
    """
    check_kind("answers", answers, (list, tuple), "a list of True and False")
    if not all(isinstance(answer, bool) for answer in answers):
        raise TypeError(f"answers must be True or False each, not {short_repr(answers)}")
    if len(answers) > len(CHOICES):
        raise ValueError(f"answers must be {len(CHOICES)} at most, not {len(answers)}")
    chosen = reached(answers)
    asked = [choice for choice, _ in zip(CHOICES, (*answers, True), strict=False)]
    if True in answers:
        asked = asked[: list(answers).index(True) + 1]
    words = [f"{choice.question} Yes: {choice.tool}." for choice in CHOICES]
    words.append(f"Six times no: {LAST.tool}.")
    if answers:
        told = ", ".join("yes" if answer else "no" for answer in answers[: len(asked)])
        words.append(f"Answered: {told}.")
    if chosen:
        words.append(f"That leads to {chosen.tool}.")
    questions = [wrap(choice.question, _LEFT - 3) for choice in CHOICES]
    heights = [0.8 + LINE * len(lines) for lines in questions]
    high = sum(heights) + _GAP * len(heights) + 4.2

    def drawing(axes):
        top = high - 0.5
        for choice, lines, tall in zip(CHOICES, questions, heights, strict=True):
            on_way = bool(answers) and choice in asked
            yes = choice is chosen
            y = top - tall
            _plate(axes, 1, y, _LEFT, tall, palette.MEMORY, on_way)
            for place, line in enumerate(lines):
                axes.text(2.5, top - 0.4 - LINE * (place + 0.5), line, va="center")
            _tool(axes, choice, y + tall / 2, yes)
            weight = "bold" if yes else "normal"
            arrow(axes, (1 + _LEFT, y + tall / 2), (2 + _LEFT + 6.5, y + tall / 2))
            axes.text(1 + _LEFT + 3.4, y + tall / 2 + 0.4, "yes", ha="center", weight=weight)
            arrow(axes, (8, y), (8, y - _GAP))
            axes.text(9, y - _GAP / 2, "no", va="center")
            top = y - _GAP
        _tool(axes, LAST, top - 1.7, chosen is LAST, x=1)

    return draw("\n".join(words), drawing, size=(8.6, high / 10))


def reached(answers: Sequence[bool]) -> Choice | None:
    """Return the `Choice` that answers lead to; None where a question is still open."""
    for choice, answer in zip(CHOICES, answers, strict=False):
        if answer:
            return choice
    return LAST if len(answers) == len(CHOICES) else None


def _tool(axes, choice, middle, chosen, x=_LEFT + 8.5):
    _plate(axes, x, middle - 1.7, _RIGHT if x > 1 else _LEFT, 3.4, palette.C, chosen)
    axes.text(x + 1.5, middle, choice.tool, va="center", weight="bold")


def _plate(axes, x, y, wide, tall, colour, strong):
    box(axes, x, y, wide, tall, colour)
    if strong:
        axes.add_patch(
            Rectangle(
                (x - 0.3, y - 0.3), wide + 0.6, tall + 0.6, fill=False, lw=2.5, ec=palette.INK
            )
        )
