"""A cell of functions as a file that every new process can import.

The first line of the file says which cell it comes from, so that the lines that an error names are
those of the cell, and by a hash in it the file knows whether somebody else has changed it.
"""

import ast
import contextlib
import hashlib
import importlib
import importlib.util
import linecache
import os
import re
import sys
from pathlib import Path
from types import ModuleType

_FIRST = re.compile(r"# (.*) \[(\w{12})\] Edit the cell, not this file\.")


def parsed(text: str, name: str) -> ast.Module:
    """Return the syntax tree of a cell.

    Args:
        text: of the cell.
        name: of the file that it becomes.

    Raises:
        SyntaxError: it is not Python.
    """
    try:
        tree = ast.parse(text, name)
        compile(tree, name, "exec")
    except (ValueError, MemoryError, RecursionError) as error:
        why = str(error) or "it is nested too deeply"
        raise SyntaxError(f"{name} cannot be read as Python: {why}") from None
    return tree


def import_cell(path: Path, magic: str, cell: str) -> ModuleType:
    """Write a cell to a file, and import it anew under the file's name.

    Args:
        path: the file.
        magic: the first line of the cell, such as ``"%%workers my_bank.py"``.
        cell: what follows.

    Raises:
        FileExistsError: the file was not made from a cell, or was changed since.
        SyntaxError: the cell is not Python; nothing is written.
        ValueError: `import` would find another module under this name.
    """
    path = path.absolute()
    _check_free(path)
    parsed(f"\n{cell}", path.name)  # the line of the magic counts
    digest = hashlib.sha256(cell.encode()).hexdigest()[:12]
    text = f"# {magic} [{digest}] Edit the cell, not this file.\n{cell}"
    if path.exists() and not _made_from_a_cell(path):
        raise FileExistsError(
            f"{path.name} holds something that did not come from a cell, and would be overwritten: "
            f"move it, or write another name, such as my_{path.stem.removeprefix('my_')}2.py"
        )
    _write(path, text)
    importlib.invalidate_caches()
    linecache.checkcache(str(path))
    sys.modules.pop(path.stem, None)
    return importlib.import_module(path.stem)


def _check_free(path):
    with contextlib.suppress(ValueError):  # a module without a spec, such as __main__
        spec = importlib.util.find_spec(path.stem)
        if spec is None or (spec.origin and Path(spec.origin) == path):
            return
    raise ValueError(
        f"{path.name} would hide a module called {path.stem}: choose another name, "
        f"such as my_{path.stem}.py"
    )


def _made_from_a_cell(path):
    with contextlib.suppress(UnicodeDecodeError):
        first, _, cell = path.read_text(encoding="utf-8").partition("\n")
        marked = _FIRST.fullmatch(first)
        return marked is not None and marked[2] == hashlib.sha256(cell.encode()).hexdigest()[:12]
    return False


def _write(path, text):
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    draft = path.with_suffix(f".{os.getpid()}.draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
    # Python takes a compiled file for current if its source has the same size and second.
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
