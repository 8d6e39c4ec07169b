"""Shared objects that a worker was not handed: they answer with an error, once they are used.

A module-level Value, say, is one of the child's own under spawn, and under fork one whose steps
nobody would see. It is found among all objects of the process, and not guessed from names.
"""

import ctypes
import functools
import gc
import sys
from collections.abc import Callable, Sequence
from itertools import compress
from multiprocessing import sharedctypes, synchronize
from typing import TYPE_CHECKING, Any

from ...memory.objects import (
    AWAITED,
    Shared,
    fields_of,
    is_data,
    made_of,
    memory_of,
    whole_of,
)
from .views_base import View

if TYPE_CHECKING:
    from .gate import Gate


def shared_objects() -> list[Any]:
    """Return all shared objects, and all of ctypes, that there are in this process."""
    kinds: set[Any] = set(_KINDS)
    new: list[Any] = list(_KINDS)
    while new:
        new = [kind for known in new for kind in type.__subclasses__(known) if kind not in kinds]
        kinds.update(new)
    everything = gc.get_objects()
    return list(compress(everything, map(kinds.__contains__, map(type, everything))))


class Foreign:
    """Makes shared objects that are not known refuse to be used.

    Args:
        gate: of the worker.
        known: the shared objects that it was handed.
        inherited: under fork, all that the parent has. Else None.
        handed: what it was handed, or what the known ones are twins of.
    """

    def __init__(
        self,
        gate: "Gate",
        known: Sequence[Shared],
        inherited: Sequence[Any] | None = None,
        handed: Sequence[Shared] = (),
    ):
        self._gate = gate
        self._handed = {id(item) for item in handed}
        self._known = {id(item) for item in known} | {id(memory_of(item)) for item in known}
        self._known |= {
            id(item.get_lock()) for item in known if isinstance(item, sharedctypes.SynchronizedBase)
        }
        for item in known:
            if isinstance(item, AWAITED):
                self._known |= set(map(id, made_of(item)))
        self._own = frozenset(self._known)
        self._modules = 0
        if inherited is not None:
            self._modules = len(sys.modules)
            self._shut(inherited)

    def look_again(self) -> None:
        """Find what has come with new modules."""
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            self._shut(shared_objects())

    def _shut(self, found):
        # Before a part comes what it is a part of.
        for item in sorted(found, key=_parts, reverse=True):
            kind: Any = type(item)
            if issubclass(kind, View) or id(item) in self._known:
                continue
            whole = whole_of(item)
            if issubclass(kind, AWAITED):
                refusing = _Refusing(functools.partial(self._refuse, item))
                for part in made_of(item):
                    self._known.add(id(part))
                    if issubclass(type(part), synchronize.SemLock):
                        part._semlock = refusing
                    if issubclass(type(part), synchronize.SemLock | synchronize.Condition):
                        part.acquire = part.release = refusing.acquire
                if issubclass(kind, synchronize.Barrier):
                    item._array = refusing
            elif issubclass(kind, sharedctypes.SynchronizedBase):
                item.acquire = item.release = functools.partial(self._refuse, item)
            elif is_data(whole) and id(whole) not in self._own:
                item.__class__ = _refused(kind)
                _REFUSE[id(item)] = functools.partial(self._refuse, item)
            self._known.add(id(item))

    def _refuse(self, item, *_, **__):
        kind, where = type(item).__name__, _where(item)
        if id(whole_of(item)) in self._handed:
            which = f"the {kind} that" if id(item) in self._handed else f"a {kind} inside what"
            what = f"{which} it was handed by another way ({where})"
            remedy = "Use the parameter"
        else:
            what = f"a shared {kind} that was not passed to it ({where})"
            remedy = "Pass it after the list of workers"
        self._gate.misuse = f"it used {what}, so its steps could not be followed. {remedy}"
        raise TypeError(self._gate.misuse)


def _parts(item):
    return len(made_of(item)) if isinstance(item, AWAITED) else 0


_KINDS = (
    *AWAITED,
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

    def __getitem__(self, _):
        return self._refuse()

    def __enter__(self):
        return self._refuse()

    def __exit__(self, *_):
        return self._refuse()


@functools.cache
def _refused(kind):
    def refuse(self, *_):
        return _REFUSE[id(self)]()

    names = ("__getitem__", "__setitem__", "__len__", "__iter__", "__bool__", "__repr__")
    members: dict[str, object] = dict.fromkeys((*names, "__reduce__", "__reduce_ex__"), refuse)
    fields = {name for name, _ in fields_of(kind)}
    for name in dir(kind):
        if name in fields or not name.startswith("_"):
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
