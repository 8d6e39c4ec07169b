"""Functions that others take the place of in a gated worker, in every module that names them."""

import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from . import clock, low_level

# A module, a name in it, and the function that it stands for.
Found: TypeAlias = tuple[Any, str, Callable[..., Any]]
# Modules of the engine, and of what it stands on, that wait in real time.
_REAL = {"multiprocessing.connection", "selectors", "threading", "shmlib.engine.child.messages"}


def names_of_what_is_replaced() -> list[Found]:
    """Look through all modules."""
    replaced = {id(function) for function in (*clock.READERS, *low_level.FUNCTIONS)}
    return [
        (module, name, value)
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "") not in _REAL
        for name, value in list(getattr(module, "__dict__", {}).items())
        if id(value) in replaced
    ]


def replace(found: Iterable[Found], its_clock: clock.Clock) -> None:
    """Put others in the place of functions that were found.

    Args:
        found: what `names_of_what_is_replaced` returned.
        its_clock: that of the worker.
    """
    pairs = (*its_clock.stands_in(), *low_level.stands_in())
    stands_in = {id(real): other for real, other in pairs}
    for module, name, real in found:
        setattr(module, name, stands_in[id(real)])
