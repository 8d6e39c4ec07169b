"""Under fork, twins of the shared objects, for the views to work on.

A forked worker's globals and closures lead to the very objects that it was handed. Their steps
would not be seen, so they are made to refuse (see `foreign`), and the views need others.
"""

import ctypes
from collections.abc import Iterable
from multiprocessing import sharedctypes, synchronize
from typing import Any

from ...memory.objects import AWAITED, Shared, is_data

_PARTS = (*AWAITED, synchronize.SemLock, sharedctypes.SynchronizedBase)


def twins_of(shared: Iterable[Shared]) -> list[Any]:
    """Return for each shared object another one on the same memory and the same semaphores."""
    made: dict[int, Any] = {}
    return [_twin(item, made) for item in shared]


def _twin(item, made):
    if id(item) not in made:
        if is_data(item):
            made[id(item)] = twin = type(item).from_address(ctypes.addressof(item))
            twin._wrapper = item._wrapper
        else:
            made[id(item)] = twin = object.__new__(type(item))
            vars(twin).update(vars(item))
            for name, part in vars(item).items():
                if isinstance(part, _PARTS) or is_data(part):
                    setattr(twin, name, _twin(part, made))
    return made[id(item)]
