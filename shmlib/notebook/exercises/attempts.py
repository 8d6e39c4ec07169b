"""From a cell to its verdict."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..cell_file import import_cell, parsed
from .exercise import find_exercise
from .trial import failed_import
from .verdict import Verdict

# What may stand at the top level of a file that every process imports.
_DEFINES = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)
_MAIN = "__name__ == '__main__'"


def attempt(number: str, cell: str, known: Mapping[str, Any] | None = None) -> Verdict:
    """Judge a cell.

    Args:
        number: of the exercise, such as "06.2".
        cell: what the learner has written. It becomes the file ``my_06_2.py`` in this folder.
        known: the notebook's names, of which only `mp` is used.

    Returns:
        A `Verdict`.

    Raises:
        FileExistsError, SyntaxError: as for `import_cell`.
        TypeError, ValueError: there is no such exercise.
    """
    exercise = find_exercise(number)
    verdict = _judged(exercise, cell, known or {})
    verdict.number = exercise.number
    verdict.ways = exercise.ways
    return verdict


def _judged(exercise, cell, known):
    path = Path(f"my_{exercise.number.replace('.', '_')}.py")
    magic = f"%%exercise {exercise.number}"
    # The line of the magic counts, so that line numbers are those of the cell.
    tree = parsed(f"# {magic}\n{cell}", path.name)
    if _is_alike(tree, ast.parse(exercise.start)):
        todo = (
            "Write your answer in place of the `...`, and run the cell"
            if "..." in exercise.start
            else "Change the cell, and run it"
        )
        hint = "" if exercise.silent else f" `%hint {exercise.number}` gives you a hint."
        return Verdict("empty", f"{todo}.{hint}")
    for statement in tree.body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        guarded = isinstance(statement, ast.If) and ast.unparse(statement.test) == _MAIN
        if not (isinstance(statement, _DEFINES) or docstring or guarded):
            return Verdict(
                "wrong",
                f"Line {statement.lineno} is not part of a function, so every process that imports "
                "this cell would run it. Keep what defines something, and try it out in another "
                "cell.",
            )
    failed = failed_import(path.stem, f"# {magic}\n{cell}")
    if failed:
        return Verdict("wrong", failed)
    module = import_cell(path, magic, cell)
    defined = {name: value for name, value in vars(module).items() if not name.startswith("__")}
    verdict = exercise.judge({"mp": known.get("mp")} | defined)
    verdict.defined = defined
    return verdict


def _is_alike(tree, other):
    try:
        return ast.dump(tree) == ast.dump(other)
    except RecursionError:  # what a learner begins with is not nested so deeply
        return False
