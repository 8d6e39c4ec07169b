"""%%workers: a cell of worker functions, written to a file that every new process can import."""

import contextlib
import importlib
import importlib.util
import os
import sys
from pathlib import Path

from IPython import get_ipython


def workers(line: str, cell: str) -> None:
    """Write the cell to a file beside the notebook, and import it anew under the file's name.

    ``%%workers my_bank.py`` prints the names of the functions that the file defines; after it,
    ``my_bank.deposit`` can be handed to run, replay and explore.

    Raises:
        ValueError: the line names no Python file in the notebook's folder, or the name is taken by
            a module that lies elsewhere.
        SyntaxError: the cell is not Python; nothing is written.
    """
    name = line.strip()
    path = Path(name)
    if path.name != name or path.suffix != ".py" or not path.stem.isidentifier():
        raise ValueError(
            f"write %%workers and the name of a file, such as my_bank.py, not {line!r}"
        )
    path = path.absolute()
    _check_free(path)
    compile(cell, name, "exec")
    _write(path, cell)
    module = _import(path)
    get_ipython().user_ns[path.stem] = module
    made = [
        key
        for key, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == path.stem
    ]
    print(f"{name}: {', '.join(made) or 'no functions'}")


def _check_free(path):
    """Raise ValueError where `import` would find something else under this name."""
    with contextlib.suppress(ValueError):  # a module without a spec, such as __main__
        spec = importlib.util.find_spec(path.stem)
        if spec is None or (spec.origin and Path(spec.origin) == path):
            return
    raise ValueError(
        f"{path.name} would hide a module called {path.stem}: choose another name, "
        f"such as my_{path.stem}.py"
    )


def _write(path, text):
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    draft = path.with_suffix(f".{os.getpid()}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    # Python takes a compiled file for current if its source has the same size and second.
    Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)


def _import(path):
    importlib.invalidate_caches()
    sys.modules.pop(path.stem, None)
    return importlib.import_module(path.stem)
