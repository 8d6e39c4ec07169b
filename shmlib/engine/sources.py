"""Notices a file that was edited since its import: a new process would import the new text."""

import os
import sys
import warnings
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any

from .aliases import Worker
from .arguments import plain_function

# From the name of a module to its spec, which a reload replaces, its text and its code objects.
_imported: dict[str, tuple[Any, ...]] = {}


def check_unchanged(workers: Sequence[Worker], method: str) -> None:
    """Raise ValueError where the file of a worker's module does not say what was imported.

    Args:
        workers: the workers.
        method: the start method.
    """
    for worker in workers if method != "fork" else ():
        function = plain_function(worker)
        module = sys.modules.get(_home(function))
        spec = getattr(module, "__spec__", None)
        if module is None or module.__name__ == "__main__" or spec is None:
            continue
        # Other loaders change what they load.
        if type(spec.loader) is SourceFileLoader and _has_changed(function, spec):
            raise ValueError(
                f"{os.path.basename(spec.origin)} has changed since it was imported: run "
                f"importlib.reload({spec.name}) and import from it again, or restart the kernel"
            )


def _home(function):
    module = getattr(function, "__module__", None)
    return module or type(function).__module__


def _has_changed(function, spec):
    try:
        now = spec.loader.get_data(spec.origin)
    except OSError:
        return False  # a new process will say so
    known, *imported = _imported.get(spec.name, (None,))
    text, codes = imported if known is spec else (now, _codes(now, spec))
    code = getattr(function, "__code__", None)
    is_there = code is None or code.co_filename != spec.origin or code in codes
    if now != text or not is_there:
        return True
    _imported[spec.name] = spec, text, codes
    return False


def _codes(text, spec):
    """Return the code objects of all that a text defines; none where it is not Python."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the import has told them
            codes = [spec.loader.source_to_code(text, spec.origin)]
    except (SyntaxError, ValueError):
        return set()
    for code in codes:
        codes += [part for part in code.co_consts if isinstance(part, CodeType)]
    return set(codes)
