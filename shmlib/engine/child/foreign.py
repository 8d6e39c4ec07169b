"""Shared objects that a worker was not handed: they answer with an error, once they are used.

A module-level Value, say, is one of the child's own under spawn, and under fork one whose steps
nobody would see. It is found among all objects of the process, and not guessed from names.
"""

import ctypes
import functools
import gc
import sys
from collections.abc import Callable, Sequence
from multiprocessing import sharedctypes, synchronize
from typing import TYPE_CHECKING

from ...memory.objects import Shared, is_data, memory_of
from .views import View

if TYPE_CHECKING:
    from .gate import Gate


class Foreign:
    """Makes shared objects that are not known refuse to be used.

    Args:
        gate: of the worker.
        known: the shared objects that it was handed.
    """

    def __init__(self, gate: "Gate", known: Sequence[Shared]):
        self._gate = gate
        self._known = {id(item) for item in known} | {id(memory_of(item)) for item in known}
        self._known |= {
            id(item.get_lock()) for item in known if isinstance(item, sharedctypes.SynchronizedBase)
        }
        self._modules = 0

    def look_again(self) -> None:
        """Find what has come with new modules."""
        if len(sys.modules) == self._modules:
            return
        self._modules = len(sys.modules)
        for item in gc.get_objects():
            kind = type(item)
            if issubclass(kind, View) or not issubclass(kind, _KINDS) or id(item) in self._known:
                continue
            if issubclass(kind, synchronize.SemLock):
                item._semlock = _Refusing(functools.partial(self._refuse, item))
                item.acquire = item.release = item._semlock.acquire
            elif issubclass(kind, sharedctypes.SynchronizedBase):
                item.acquire = item.release = functools.partial(self._refuse, item)
            elif is_data(item):
                item.__class__ = _refused(kind)
                _REFUSE[id(item)] = functools.partial(self._refuse, item)
            self._known.add(id(item))

    def _refuse(self, item, *_, **__):
        kind = type(item).__name__
        self._gate.misuse = (
            f"it used a shared {kind} that was not passed to it ({_where(item)}), so its steps "
            "could not be followed. Pass it after the list of workers"
        )
        raise TypeError(self._gate.misuse)


_KINDS = (
    synchronize.SemLock,
    sharedctypes.SynchronizedBase,
    ctypes._SimpleCData,
    ctypes.Array,
    ctypes.Structure,
    ctypes.Union,
)
_REFUSE: dict[int, Callable[..., object]] = {}


class _Refusing:
    """Stands in for the C object inside a lock."""

    def __init__(self, refuse):
        self._refuse = refuse

    def __getattr__(self, name):
        return self._refuse

    def __enter__(self):
        return self._refuse()

    def __exit__(self, *_):
        return self._refuse()


@functools.cache
def _refused(kind):
    def refuse(self, *_):
        return _REFUSE[id(self)]()

    names = ("__getitem__", "__setitem__", "__len__", "__iter__", "__bool__", "__repr__")
    members: dict[str, object] = dict.fromkeys(names, refuse)
    for name in dir(kind):
        if name in ("value", "raw") or not name.startswith("_"):
            members[name] = property(refuse, refuse)
    return type(kind)(kind.__name__, (kind,), members | {"__slots__": ()})


def _where(item):
    """Say where an object is found: in a module, or in a class of it."""
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is item:
                return f"the global {name} of {module.__name__}"
            if isinstance(value, sharedctypes.SynchronizedBase) and value.get_lock() is item:
                return f"the lock of the global {name} of {module.__name__}"
            if isinstance(value, type):
                for inner, held in list(vars(value).items()):
                    if held is item:
                        return f"{name}.{inner} of {module.__name__}"
    return "not a global"
