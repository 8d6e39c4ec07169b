"""A learner's attempts: from a cell to its verdict, hints, and what is done so far."""

import ast
import contextlib
import datetime
import html
import json
import linecache
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from IPython import get_ipython
from IPython.display import display

from ...engine.arguments import plain_function
from ...engine.explore import explore
from ...engine.replay import replay
from ..cell_file import import_cell
from .exercise import PAGES, Exercise, exercises_of, find_exercise
from .judging import window
from .verdict import Verdict, preformatted, with_code

# Beside the pages of whoever studies; it never leaves the machine.
RECORD = "my_progress.json"
# Beside pages that are handed out without solutions.
WITHOUT_SOLUTIONS = "without_solutions"
# What may stand at the top level of a file that every process imports.
_DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def attempt(number: str, cell: str, known: Mapping[str, Any] | None = None) -> Verdict:
    """Judge a cell.

    Args:
        number: of the exercise, such as "06.2".
        cell: what the learner has written. It becomes the file ``my_06_2.py`` in this folder.
        known: the notebook's names, of which only `mp` is used.

    Returns:
        A `Verdict`; `defined` holds what the cell has defined, by name.

    Raises:
        FileExistsError, SyntaxError: as for `import_cell`.
        ValueError: there is no such exercise.
    """
    exercise = find_exercise(number)
    path = Path(f"my_{exercise.number.replace('.', '_')}.py")
    verdict = _judged(exercise, path, cell, known or {})
    verdict.number = exercise.number
    verdict.ways = exercise.ways
    return verdict


def _judged(exercise, path, cell, known):
    magic = f"%%exercise {exercise.number}"
    tree = ast.parse(f"# {magic}\n{cell}", path.name)
    if ast.dump(tree) == ast.dump(ast.parse(exercise.start)):
        todo = (
            "Write your answer in place of the `...`, and run the cell"
            if "..." in exercise.start
            else "Change the cell, and run it"
        )
        return Verdict("empty", f"{todo}. `%hint {exercise.number}` gives you a hint.")
    for statement in tree.body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not isinstance(statement, _DEFINES) and not docstring:
            return Verdict(
                "wrong",
                f"Line {statement.lineno} is not part of a function: every process that imports "
                "this cell would run it. Keep functions, and try them in another cell.",
            )
    module = import_cell(path, magic, cell)
    defined = {name: value for name, value in vars(module).items() if not name.startswith("__")}
    verdict = exercise.judge({"mp": known.get("mp")} | defined)
    verdict.defined = defined
    return verdict


# ------------------------------------------------------------------------------ in a notebook

_last: dict[str, Verdict] = {}
_given: dict[str, int] = {}


def exercise(line: str, cell: str) -> None:
    """Check an exercise: ``%%exercise 06.2`` above a cell. Its names are then at hand.

    Raises:
        FileExistsError, SyntaxError, ValueError: as for `attempt`.
    """
    names = get_ipython().user_ns
    verdict = attempt(line, cell, names)
    number = verdict.number
    names.update(verdict.defined)
    if verdict.call:  # it is there to be run
        for function in (replay, explore, partial):
            names.setdefault(function.__name__, function)
    _last[number] = verdict
    if verdict.passed:
        _note(number)
    display(verdict)


def check(number: str) -> None:
    """Raise AssertionError, with the reasons, unless the exercise was passed in this kernel.

    This is the one line of a cell that nbgrader or otter-grader runs as a test.
    """
    number = find_exercise(number).number
    verdict = _last.get(number)
    if verdict is None:
        raise AssertionError(f"{number} has not been run: run the cell %%exercise {number}")
    if not verdict.passed:
        raise AssertionError(repr(verdict))


class Hint:
    """A hint, or the solution, in words."""

    def __init__(self, title: str, text: str, code: str = ""):
        self.title = title
        self.text = text
        self.code = code

    def __repr__(self):
        code = "".join(f"\n    {line}" for line in self.code.strip().splitlines())
        return f"{self.title}\n{self.text}{code}".strip()

    def _repr_html_(self):
        if self.code:
            return (
                f"<details><summary>{html.escape(self.title)}</summary>"
                f"{preformatted(self.code)}</details>"
            )
        return f"<p><strong>{html.escape(self.title)}</strong><br>{with_code(self.text)}</p>"


def hint(line: str) -> Hint:
    """Give one more hint each time: ``%hint 06.2``.

    After the hints that are written down comes one from the learner's own counterexample, and after
    that the solution, folded.

    Raises:
        ValueError: there is no such exercise.
    """
    task = find_exercise(line)
    hints = _hints(task)
    place = _given.get(task.number, 0)
    _given[task.number] = place + 1
    return hints[min(place, len(hints) - 1)]


def _hints(task: Exercise) -> list[Hint]:
    texts = list(task.hints)
    own = _from_their_own(_last.get(task.number))
    texts += [own] if own else []
    solution = not Path(WITHOUT_SOLUTIONS).exists()
    number = len(texts)
    found = [
        Hint(f"{task.number}, hint {place} of {number}", text)
        for place, text in enumerate(texts, 1)
    ]
    if solution:
        found.append(Hint(f"{task.number}, a solution", "", task.solution))
    return found


def _from_their_own(verdict):
    """A hint from the counterexample of the last attempt, or ""."""
    found = verdict.replay and window(verdict.replay) if verdict is not None else None
    if not found:
        return ""
    first, last = found.read.line or 0, found.write.line
    name = verdict.replay.workers[ord(found.read.worker) - ord("A")].partition("(")[2].rstrip(")")
    function = plain_function(verdict.defined.get(name))
    source = getattr(getattr(function, "__code__", None), "co_filename", "")
    text = linecache.getline(source, first).strip()
    if first == last:
        return (
            f"Line {first} of your cell, `{text}`, is two steps: a read and a write. Between the "
            f"two nobody else may write `{found.read.target}`."
        )
    return (
        f"From line {first} of your cell, `{text}`, to line {last} nobody else may write "
        f"`{found.read.target}`: what your worker knows of it would be out of date."
    )


def progress(line: str = "") -> "Table":
    """Show which exercises are done: ``%progress``."""
    return Table(_record())


class Table:
    """Pages, and which of their exercises are passed."""

    def __init__(self, passed: Mapping[str, str]):
        self.rows = []
        for page in PAGES:
            numbers = [exercise.number for exercise in exercises_of(page)]
            if numbers:
                done = [number for number in numbers if number in passed]
                self.rows.append((page, numbers, done))

    def __repr__(self):
        return "\n".join(_row(*row) for row in self.rows)

    def _repr_html_(self):
        return f"<pre>{html.escape(repr(self))}</pre>"


def _row(page, numbers, done):
    boxes = " ".join(f"{'[x]' if number in done else '[ ]'} {number}" for number in numbers)
    # Whoever does the last exercise of a page knows its subject.
    words = "  page done" if numbers[-1] in done else ""
    return f"{boxes}{words}"


def _record():
    try:
        kept = json.loads(Path(RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _note(number):
    kept = {number: datetime.date.today().isoformat()} | _record()
    draft = Path(f"{RECORD}.{os.getpid()}.draft")
    with contextlib.suppress(OSError):  # a folder that cannot be written to
        draft.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        draft.replace(RECORD)
