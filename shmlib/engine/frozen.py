"""Stand-ins for results and the content of memory: hashable, and equal for what is equal."""

import dataclasses
import pickle
import re
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType
from typing import Any

from .child import PLAIN

# Pickled by their names: whatever process returns one, it is this process's own.
_THE_SAME_EVERYWHERE = (type, FunctionType, BuiltinFunctionType)
# Of the others one value differs from itself: NaN.
_WITHOUT_NAN = PLAIN - {float, complex}
_PROTOCOL = 4  # the next one has buffers, which do not show what they hold
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


def frozen(value: Any) -> object:
    """Return a hashable stand-in, equal for what is equal in type and content, whichever process it
    came from. What is neither plain nor says itself when it is equal is compared by what pickle
    keeps of it."""
    if type(value) in _WITHOUT_NAN:
        return type(value).__name__, value
    try:
        look = _Look()
        return look.at(value), tuple(look.entries)
    except RecursionError:
        return "deep", pickle.dumps(value)


class _Look:
    """One look, in which an object is looked into once.

    Attributes:
        entries: from (name of the type, what is inside) to its number, in the order of the look.
            Inside, a number stands for an entry, and a tuple for what is plain.
    """

    def __init__(self) -> None:
        self.entries: dict[object, int] = {}
        self._met: dict[int, object] = {}  # from the id of an object to what stands for it
        self._held: list[object] = []  # so that no id is given to another meanwhile
        self._depth = 0

    def at(self, value: Any) -> object:
        kind = type(value)
        if kind in PLAIN:
            return (kind.__name__, value) if value == value else ("nan", repr(value))
        if isinstance(value, _THE_SAME_EVERYWHERE):
            return kind.__name__, value
        if id(value) in self._met:
            return self._met[id(value)]
        self._held.append(value)
        self._met[id(value)] = "inside", self._depth  # if it comes up again before it has a number
        self._depth += 1
        found = self._inside(value, kind)
        self._depth -= 1
        if not isinstance(found, _Leaf):
            found = self.entries.setdefault((kind.__qualname__, found), len(self.entries))
        self._met[id(value)] = found
        return found

    def _inside(self, value, kind):
        if kind in (list, tuple):
            kinds = set(map(type, value))
            if len(kinds) == 1 and kinds <= _WITHOUT_NAN:
                return kinds.pop().__name__, tuple(value)
            return tuple(map(self.at, value))
        if kind is dict:
            return tuple((self.at(key), self.at(held)) for key, held in value.items())
        if kind in (set, frozenset):
            return frozenset(map(frozen, value))  # in no order
        if not _says_when_it_is_equal(value, kind):
            try:
                return tuple(map(self.at, _state(value)))
            except (TypeError, AttributeError, pickle.PicklingError):
                return without_addresses(repr(value))
        return _Leaf((kind.__qualname__, value))


class _Leaf(tuple[str, object]):
    """What is compared by its own idea of being equal."""

    __slots__ = ()


def _says_when_it_is_equal(value, kind):
    if kind.__eq__ is object.__eq__ or dataclasses.is_dataclass(kind):
        return False
    try:
        return bool(value == value) and isinstance(hash(value), int)
    except (TypeError, ValueError):
        return False


def _state(value):
    """Return all that a copy of an object would be made of, as pickle has it."""
    reduced = value.__reduce_ex__(_PROTOCOL)
    if isinstance(reduced, str):
        return [reduced]
    return [list(part) if isinstance(part, Iterator) else part for part in reduced]


def without_addresses(text: str) -> str:
    """Return the text with addresses, which differ from run to run, as 0x..."""
    return _ADDRESS.sub("0x...", text)
