"""What the code of a worker can reach: all that may decide how it goes on, in one hashable value.

Beside where its frames are, a worker goes on by their locals and by the globals that their code
names: by what these hold, and by what the functions and classes among them name in turn. Where
something is met whose state cannot be seen, such as a file, an iterator, or a clock that is not the
worker's own, there is no such value.
"""

import builtins
import dis
import functools
import os
import types
from collections.abc import Sequence
from typing import Any

from ...memory.objects import AWAITED
from . import PLAIN
from .views_base import View, name_of

# Containers of more items are not looked into, nor is so much in all.
LONGEST, MOST, DEEPEST = 200, 2000, 30
# Integers of more bits are written in base 16, which takes time in proportion to their length.
LONG = 1000

# Modules written in C whose functions depend on their arguments alone, and whose types have no
# state of their own.
_PURE = {
    *("builtins", "math", "cmath", "operator", "_operator", "functools", "_functools"),
    *("itertools", "collections", "_collections", "_bisect", "_heapq", "_struct"),
    *("ctypes", "_ctypes", "types"),
}
# They look at more than what they are handed, or at what this code cannot name.
_IMPURE = {
    *("open", "input", "exec", "eval", "compile", "__import__", "breakpoint", "memoryview"),
    *("globals", "locals", "vars", "dir", "id", "getattr", "setattr", "delattr", "hasattr"),
}
_DESCRIPTORS = (
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
)
# By these, code may ask a module for something that it does not name.
_BY_ANY_NAME = {"__dict__", "__globals__", "__getattribute__", "attrgetter", "methodcaller"}
_OF_C = (*_DESCRIPTORS, types.BuiltinFunctionType)
_FIELDS = (types.GetSetDescriptorType, types.MemberDescriptorType)
_OF_FIELDS = ("CField", "_tuplegetter")  # the types of those of a Structure and of a named tuple
# What classes say about themselves.
_ABOUT = {
    *("__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__hash__", "__slots__"),
    *("__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__"),
    *("__dataclass_fields__", "__dataclass_params__", "__match_args__", "__type_params__"),
    *("__firstlineno__", "__static_attributes__", "__parameters__", "__orig_bases__"),
}
# What exceptions of C keep beside their arguments.
_OF_EXCEPTIONS = (
    *("errno", "strerror", "filename", "filename2", "value", "code", "name", "__cause__"),
)
# What the engine keeps on its views.
_OF_VIEWS = {"_gated", "_parts", "_nul", "_obj", "_lock", "_fields", "acquire", "release"}
_BOUND = (types.BuiltinFunctionType, types.MethodWrapperType)
_ENGINE = os.path.dirname(__file__)
_MADE_IN_PYTHON = 1 << 9  # Py_TPFLAGS_HEAPTYPE

# From the id of a code object to (the globals that it names, all its names); None where it imports
# something, whose name is not that of a global.
_names_of: dict[int, tuple[tuple[str, ...], frozenset[str]] | None] = {}
# From the ids of the code of some frames to all names in the code that can be reached from there.
_asked_for: dict[tuple[int, ...], frozenset[str]] = {}
_kept_alive: list[types.CodeType] = []


class UnseenError(Exception):
    """Something was met whose state cannot be seen."""


def reached_from(frames: Sequence[types.FrameType]) -> list[Any] | None:
    """Return for each frame a hashable stand-in for what it can reach, equal where that is; None
    where some of it cannot be seen."""
    codes = tuple(id(frame.f_code) for frame in frames)
    try:
        while True:
            look = _Look(_asked_for.get(codes, frozenset()))
            found = [look.at_frame(frame) for frame in frames]
            if look.names_met <= look.names:
                return found
            _asked_for[codes] = look.names | look.names_met
    except UnseenError:
        return None


class _Look:
    """One look, in which each object is met once.

    Args:
        names: what some code that is reached may ask a module for.

    Attributes:
        names: likewise.
        names_met: those of the code that was met.
    """

    def __init__(self, names: frozenset[str]):
        self.names = names
        self.names_met: set[str] = set()
        self._met: dict[Any, int] = {}
        self._held: list[Any] = []  # so that no id is given to another meanwhile

    def at_frame(self, frame: types.FrameType) -> Any:
        return self._at_dict(frame.f_locals, 0), self._at_globals(frame.f_code, frame.f_globals, 0)

    def _at_globals(self, code, given, depth):
        named, names = _names(code)
        self.names_met |= names
        spaces = vars(builtins), given  # the latter goes first
        return self._at_dict({n: space[n] for n in named for space in spaces if n in space}, depth)

    def _at_dict(self, items, depth):
        return tuple((self.at(key, depth), self.at(items[key], depth)) for key in items)

    def at(self, value: Any, depth: int) -> Any:
        kind: Any = type(value)
        if kind is int:
            return "int", value if value.bit_length() <= LONG else hex(value)
        if kind in PLAIN:
            return kind.__name__, value
        if isinstance(value, View):
            return "view", name_of(value), self._at_dict(_set_on(value), depth)
        if id(value) in self._met:
            return "met", self._met[id(value)]
        self._met[id(value)] = len(self._met)
        self._held.append(value)
        if depth > DEEPEST or len(self._met) > MOST:
            raise UnseenError
        return kind.__name__, self._inside(value, kind, depth + 1)

    def _inside(self, value, kind, depth):
        if kind is range:
            return value.start, value.stop, value.step
        if kind in (list, tuple, set, frozenset, dict):
            if len(value) > LONGEST or (kind is set and "pop" in self.names):
                raise UnseenError  # what a set gives first depends on its past
            if kind is dict:
                return self._at_dict(value, depth)
            items = self._at_all(value, depth)
            return tuple(sorted(items, key=repr)) if kind in (set, frozenset) else items
        if kind is types.ModuleType:
            if "__getattr__" in vars(value) or not self.names.isdisjoint(_BY_ANY_NAME):
                raise UnseenError
            held = {name: vars(value)[name] for name in sorted(self.names) if name in vars(value)}
            return value.__name__, self._at_dict(held, depth)
        if kind is types.FunctionType:
            return self._at_function(value, depth)
        if isinstance(value, type):
            return self._at_class(value, depth)
        if isinstance(value, _BOUND):
            return self._at_function_of_c(value, depth)
        if isinstance(value, _FIELDS):
            return value.__name__
        if isinstance(value, _DESCRIPTORS):
            return value.__name__, self.at(value.__objclass__, depth)
        return self._at_all(_parts(value, kind), depth)

    def _at_all(self, values, depth):
        return tuple(self.at(value, depth) for value in values)

    def _at_function(self, value, depth):
        code = value.__code__
        if _is_of_the_engine(value):
            return id(code)
        cells = [cell.cell_contents for cell in value.__closure__ or () if _is_full(cell)]
        held = cells, value.__defaults__, value.__kwdefaults__, value.__dict__
        return (
            id(code),
            self._at_all(held, depth),
            self._at_globals(code, value.__globals__, depth),
        )

    def _at_function_of_c(self, value, depth):
        of = value.__self__
        if of is not None and not isinstance(of, types.ModuleType):
            return value.__name__, self.at(of, depth)
        if value.__module__ not in _PURE or value.__name__ in _IMPURE:
            raise UnseenError
        return value.__name__

    def _at_class(self, kind, depth):
        pure = kind.__module__ in _PURE
        if not pure and not kind.__flags__ & _MADE_IN_PYTHON:
            raise UnseenError
        found = [id(kind), self._at_all(kind.__bases__, depth)]
        if type(kind) is not type:
            found.append(self.at(type(kind), depth))
        for name, member in list(vars(kind).items()) if not pure else ():
            if isinstance(member, _OF_C):
                raise UnseenError
            field = isinstance(member, _FIELDS) or type(member).__name__ in _OF_FIELDS
            if not field and name not in _ABOUT:
                found.append((name, self.at(member, depth)))
        return tuple(found)


def _is_of_the_engine(function):
    """True for such as those of the worker's own clock, whose time is told apart."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.startswith(_ENGINE)


def _set_on(view):
    """Return the attributes that the worker has set on a view."""
    real = vars(view)["_gated"].real
    own = vars(real) if isinstance(real, AWAITED) else ()  # its view has copies of these
    return {k: v for k, v in vars(view).items() if k not in _OF_VIEWS and k not in own}


def _parts(value, kind):
    """Return the parts of an object that hold all of its state."""
    if kind is types.MethodType:
        of = () if _is_of_the_engine(value.__func__) else (value.__self__,)
        return value.__func__, *of
    if kind is functools.partial:
        return value.func, value.args, value.keywords, value.__dict__
    if kind is property:
        return value.fget, value.fset, value.fdel
    if kind in (classmethod, staticmethod):
        return (value.__func__,)
    if isinstance(value, BaseException):
        fields = [getattr(value, name, None) for name in _OF_EXCEPTIONS]
        return kind, value.args, value.__dict__, *fields
    if _keeps_all_in_its_dict(kind):
        return kind, value.__dict__
    raise UnseenError


def _names(code):
    """Return (the globals that a code object names, all its names), with those of the code inside
    it."""
    if id(code) not in _names_of:
        _kept_alive.append(code)
        codes = [code]
        for inner in codes:
            codes += [part for part in inner.co_consts if isinstance(part, types.CodeType)]
        steps = [step for inner in codes for step in dis.get_instructions(inner)]
        imports = any(step.opname in ("IMPORT_NAME", "LOAD_NAME") for step in steps)
        named = {step.argval for step in steps if step.opname == "LOAD_GLOBAL"}
        names = frozenset(name for inner in codes for name in inner.co_names)
        _names_of[id(code)] = None if imports else (tuple(sorted(named)), names)
    found = _names_of[id(code)]
    if found is None:
        raise UnseenError
    return found


@functools.cache
def _keeps_all_in_its_dict(kind):
    """True for a class written in Python, without slots, all of whose bases are such classes."""
    members = (types.MemberDescriptorType, *_OF_C)
    return kind is not object and not any(
        isinstance(member, members) for base in kind.__mro__[:-1] for member in vars(base).values()
    )


def _is_full(cell):
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True
