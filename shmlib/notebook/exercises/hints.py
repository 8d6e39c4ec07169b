"""Hints: first those that are written down, then one from the learner's own counterexample."""

import html
import linecache

from .diagnosis import is_cell, window
from .exercise import Exercise
from .verdict import Verdict, preformatted, with_code


class Hint:
    """A hint in words, or a solution, which is folded where there is HTML."""

    def __init__(self, title: str, text: str = "", code: str = ""):
        self.title = title
        self.text = text
        self.code = code.strip()

    def __repr__(self):
        code = "".join(f"\n    {line}" for line in self.code.splitlines())
        return "\n".join(filter(None, [self.title, self.text])) + code

    def _repr_html_(self):
        title = html.escape(self.title)
        if self.code:
            return f"<details><summary>{title}</summary>{preformatted(self.code)}</details>"
        return f"<p><strong>{title}</strong><br>{with_code(self.text)}</p>"


def hints_for(exercise: Exercise, last: Verdict | None, solution: bool) -> list[Hint]:
    """Return all hints for an exercise, in the order in which they are given.

    Args:
        exercise: the exercise.
        last: the verdict on the learner's last attempt, or None.
        solution: True to end with a solution.
    """
    if exercise.silent:
        told = "Before the course there are none. Answer what you think now."
        return [Hint(f"{exercise.number}, hints", told)]
    texts = [*exercise.hints, *_from_their_own(last)]
    found = [
        Hint(f"{exercise.number}, hint {place} of {len(texts)}", text)
        for place, text in enumerate(texts, 1)
    ]
    if solution:
        found.append(Hint(f"{exercise.number}, a solution", code=exercise.solution))
    return found


def _from_their_own(verdict):
    """Yield a hint from the counterexample of the last attempt, if another came between there."""
    found = verdict.replay and window(verdict.replay) if verdict is not None else None
    if not found or not is_cell(found.first.file or ""):
        return
    first, last = found.first.line or 0, found.last.line or 0
    text = linecache.getline(found.first.file or "", first).strip()
    if first == last:
        yield (
            f"Line {first} of your cell, `{text}`, is two steps: a read and a write. Between the "
            f"two nobody else may write `{found.first.target}`."
        )
    else:
        yield (
            f"From line {first} of your cell, `{text}`, to line {last} nobody else may write "
            f"`{found.first.target}`: what your worker knows of it would be out of date."
        )
