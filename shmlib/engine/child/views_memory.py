"""Views of shared memory: a Value or an Array with its lock, and the ctypes objects themselves."""

import contextlib
import ctypes
import functools
import operator
from collections.abc import Callable
from multiprocessing import sharedctypes
from typing import TYPE_CHECKING, Any

from ...memory.objects import DATA, POINTERS, fields_of, memory_of
from .views_base import BY_ITS_BYTES, Subject, View, cannot_look, name_of, refuse

if TYPE_CHECKING:
    from .gate import Gate

_CTYPES_SCALAR = ctypes._SimpleCData
_RECORDS = (ctypes.Structure, ctypes.Union)


# --------------------------------------------------------- Value and Array, with their lock


def wrapper_view(gate: "Gate", real: Any, name: str, raw: Any, lock: Any) -> Any:
    """Return the view of a Value or an Array that has a lock.

    Args:
        gate: of the worker.
        real, name: the real object, and its name.
        raw, lock: the views of what is inside, and of the lock.
    """
    view: Any = object.__new__(_wrapper_type(type(real)))  # type: ignore[arg-type]
    view._obj = raw
    view._lock = lock
    view.acquire = lock.acquire
    view.release = lock.release
    place = gate.place_of(real.get_obj())
    view._gated = Subject(gate, real, name, place, lock._gated.lock)
    view._fields = {}  # from the name of each to what its steps are told, once it is used
    return view


@functools.cache
def _wrapper_type(real):
    """Return a subclass whose reads and writes are one locked step each."""
    members = {"__module__": real.__module__, "__qualname__": real.__qualname__}
    if issubclass(real, sharedctypes.SynchronizedArray):
        members |= {"__getitem__": _locked_item, "__setitem__": _set_locked_item}
    for name, member in _properties(real):
        members[name] = _locked_property(name, member)
    return type(real.__name__, (View, real), members)


def _properties(real):
    for kind in real.__mro__:
        for name, member in vars(kind).items():
            if isinstance(member, property):
                yield name, member


def _locked_property(name, member):
    def read(self):
        gate, *_, lock = self._gated
        target, place, whole, perform = self._fields.get(name) or enter(self)
        found = gate.step("read", target, perform, lock, place=place, whole=whole)
        return found if not isinstance(found, DATA) else getattr(self._obj, name)

    def write(self, value):
        gate, real, _, _, lock = self._gated
        target, place, whole, _ = self._fields.get(name) or enter(self)
        value = _copied(value)
        perform = functools.partial(member.fset, real, value)
        gate.step("write", target, perform, lock, value=value, place=place, whole=whole)

    def enter(self):
        _, real, target, _, _ = self._gated
        place, whole = _field_place(self._gated, real.get_obj(), name)
        perform = functools.partial(member.fget, real)
        self._fields[name] = field = _field(target, name), place, whole, perform
        return field

    return property(read, write)


def _locked_item(self, index):
    gate, real, name, _, lock = self._gated
    target, place = _item(name, index, len(real)), _items_place(self._gated, index)
    found = gate.step("read", target, lambda: real[index], lock, place=place)
    if isinstance(found, list) and found and isinstance(found[0], DATA):
        return [self._obj[place] for place in range(len(real))[index]]
    return found if not isinstance(found, DATA) else self._obj[index]


def _set_locked_item(self, index, value):
    gate, real, name, _, lock = self._gated
    shared = isinstance(value, View) and not isinstance(value, RawView)
    if shared and isinstance(index, slice):
        refuse(
            self,
            f"{name} cannot be set from {name_of(value)} in one step: copy it first, "
            f"with {name_of(value)}[:]",
        )
    value = _copied(value)
    target, place = _item(name, index, len(real)), _items_place(self._gated, index)
    perform = functools.partial(real.__setitem__, index, value)
    gate.step("write", target, perform, lock, value=value, place=place)


def _field_place(subject, memory, name):
    """Return the place of a field, and that of the record around it, or else None."""
    if not isinstance(memory, _RECORDS):
        return subject.place, None
    place = subject.part(*_extent(type(memory), name))
    return place, subject.place if isinstance(memory, ctypes.Structure) else None


@functools.cache
def _extent(structure, name):
    """Return (offset, size, True) of a field; of a bit field those of the number that it is a part
    of, and False."""
    kind, field = dict(fields_of(structure))[name], getattr(structure, name)
    return field.offset, ctypes.sizeof(kind), field.size == ctypes.sizeof(kind)


def _items_place(subject, index):
    """Return the place of an item of an Array, or of all from the first to the last item of a
    slice; None where there is no item."""
    size = ctypes.sizeof(memory_of(subject.real)._type_)
    try:
        found = range(len(subject.real))[index]
    except (IndexError, TypeError, ValueError):
        return None
    if isinstance(index, slice) and not found:
        return None
    first, last = (min(found), max(found)) if isinstance(index, slice) else (found, found)
    exact = not isinstance(index, slice) or last - first + 1 == len(found)
    return subject.part(first * size, (last - first + 1) * size, exact)


def _places(index, length):
    """Return the places of a slice."""
    try:
        return range(*index.indices(length))
    except TypeError:
        [][index]  # raises it in the words of ctypes, which are others from Python 3.15 on
        raise


def _field(name, field):
    return name if field == "value" else f"{name}.{field}"


def _item(name, index, length):
    if isinstance(index, slice):
        parts = ["" if part is None else str(part) for part in (index.start, index.stop)]
        parts += [str(index.step)] * (index.step is not None)
        return f"{name}[{':'.join(parts)}]"
    with contextlib.suppress(TypeError):
        index = operator.index(index)
    if isinstance(index, int) and -length <= index < 0:
        index += length
    return f"{name}[{index!r}]"


# ------------------------------------------------------------ ctypes objects, without a lock


class RawView(View):
    """A view of a ctypes object. C functions refuse it, because it is not one."""

    _kind: Callable[..., Any]  # of the real one
    _gated: Subject
    _parts: dict[str, Any]

    def __new__(cls, *args, **kwargs):
        return cls._kind(*args, **kwargs)  # type(view)(5) is no view

    def _enter(self, gate, real, name):
        vars(self)["_gated"] = Subject(gate, real, name, gate.place_of(real))
        vars(self)["_parts"] = {}

    def __repr__(self):
        gate, real, name, place, _ = self._gated
        if isinstance(real, _CTYPES_SCALAR):
            return gate.step("read", name, lambda: repr(real), place=place)
        return repr(real)

    def __hash__(self):
        return hash(self._gated.real)  # raises what the real one raises

    def __bytes__(self):
        refuse(self, f"the bytes of {self._gated.name} cannot be read in one step: read its items")

    def __buffer__(self, flags):  # from Python 3.12 on; before, see low_level
        refuse(self, cannot_look(BY_ITS_BYTES))

    def _part(self, real, name):
        """Return the view of an object inside this one, always the same."""
        if isinstance(real, POINTERS):
            refuse(self, f"{name} is a pointer: an address is valid in one process only")
        if name not in self._parts:
            self._parts[name] = raw_view(self._gated.gate, real, name)
        return self._parts[name]


class _RawValue(RawView):
    @property
    def value(self):
        gate, real, name, place, _ = self._gated
        return gate.step("read", name, lambda: real.value, place=place)

    @value.setter
    def value(self, value):
        gate, real, name, place, _ = self._gated
        perform = functools.partial(type(real).value.__set__, real, value)
        gate.step("write", name, perform, value=value, place=place)

    @value.deleter
    def value(self):
        del self._gated.real.value  # raises what the real one raises

    def __bool__(self):
        gate, real, name, place, _ = self._gated
        return gate.step("read", name, lambda: bool(real), place=place)


class _RawArray(RawView):
    def __len__(self):
        return len(self._gated.real)

    def __getitem__(self, index):
        gate, real, name, *_ = self._gated
        if isinstance(index, slice):
            with self._as_one(index):
                return self._joined([self[i] for i in _places(index, len(real))])
        place = self._place(index)
        if place is None:
            return real[index]  # raises what the real one raises
        if not _converts(real._type_):
            return self._part(real[index], f"{name}[{place}]")
        where = _items_place(self._gated, place)
        return gate.step("read", f"{name}[{place}]", lambda: real[place], place=where)

    def __setitem__(self, index, value):
        gate, real, name, *_ = self._gated
        if isinstance(index, slice):
            places = _places(index, len(real))
            if not hasattr(value, "__len__") or len(places) != len(value):
                raise ValueError("Can only assign sequence of same size")
            with self._as_one(index):
                for position, place in enumerate(places):
                    self[place] = value[position]
            return
        place = self._place(index)
        value = _copied(value)
        if place is None:
            real[index] = value  # raises what the real one raises
        perform = functools.partial(real.__setitem__, place, value)
        where = _items_place(self._gated, place)
        gate.step("write", f"{name}[{place}]", perform, value=value, place=where)

    def __delitem__(self, index):
        del self._gated.real[index]  # raises what the real one raises

    @contextlib.contextmanager
    def _as_one(self, index):
        """Let the steps on single items be known as parts of one slice."""
        gate = self._gated.gate
        gate.slice = _items_place(self._gated, index)
        try:
            yield
        finally:
            gate.slice = None

    def _place(self, index):
        """Return the index counted from the start, or None where there is none."""
        length = len(self)
        try:
            place = operator.index(index)
        except TypeError:
            return None
        return place % length if -length <= place < length else None

    def _joined(self, items):
        kind = self._gated.real._type_
        if kind is ctypes.c_char:
            return b"".join(items)
        return "".join(items) if kind is ctypes.c_wchar else items


class _RawText(_RawArray):
    """An array of characters; its value and raw are written and read one item a step."""

    _nul: bytes | str

    def _enter(self, gate, real, name):
        super()._enter(gate, real, name)
        vars(self)["_nul"] = b"\0" if real._type_ is ctypes.c_char else "\0"

    @property
    def value(self):
        items = []
        with self._as_one(slice(None)):
            for item in self:  # type: ignore[attr-defined]  # by __getitem__
                if item == self._nul:
                    break
                items.append(item)
        return self._joined(items)

    @value.setter
    def value(self, value):
        real = self._gated.real
        type(real)().value = value  # raises what the real one raises
        with self._as_one(slice(None)):
            for place in range(len(value)):
                self[place] = value[place : place + 1]
            if len(value) < len(real):
                self[len(value)] = self._nul

    @value.deleter
    def value(self):
        del self._gated.real.value  # raises what the real one raises


class _RawBytes(_RawText):
    @property
    def raw(self):
        return self[:]

    @raw.setter
    def raw(self, value):
        type(self._gated.real)().raw = value  # raises what the real one raises
        value = bytes(value)
        with self._as_one(slice(None)):
            for place in range(len(value)):
                self[place] = value[place : place + 1]

    @raw.deleter
    def raw(self):
        del self._gated.real.raw  # raises what the real one raises


def _raw_property(name, kind):
    """Return the property for a field of a Structure or Union."""

    def read(self):
        gate, real, target, *_ = self._gated
        if text:
            return characters(self).value
        if not _converts(kind):
            return self._part(getattr(real, name), f"{target}.{name}")
        place, whole = _field_place(self._gated, real, name)
        perform = functools.partial(getattr, real, name)
        return gate.step("read", f"{target}.{name}", perform, place=place, whole=whole)

    def write(self, value):
        gate, real, target, *_ = self._gated
        value = _copied(value)
        if text:
            setattr(type(real)(), name, value)  # raises what the real one raises
            characters(self).value = value
            return
        place, whole = _field_place(self._gated, real, name)
        perform = functools.partial(setattr, real, name, value)
        gate.step("write", f"{target}.{name}", perform, value=value, place=place, whole=whole)

    def delete(self):
        delattr(self._gated.real, name)  # raises what the real one raises

    def characters(self):
        _, real, target, *_ = self._gated
        offset = getattr(type(real), name).offset
        return self._part(kind.from_buffer(real, offset), f"{target}.{name}")

    # ctypes turns a field that is an array of characters into bytes or str.
    text = issubclass(kind, ctypes.Array) and kind._type_ in (ctypes.c_char, ctypes.c_wchar)
    return property(read, write, delete)


def _converts(kind):
    """True where ctypes turns an item or a field of this type into a Python value."""
    return _CTYPES_SCALAR in kind.__bases__


def _copied(value):
    """Return a private copy where the value is itself a view, read in one step."""
    if isinstance(value, list):
        return [_copied(item) for item in value]
    if not isinstance(value, RawView):
        return value
    gate, real, name, place, _ = value._gated
    return gate.step("read", name, lambda: type(real).from_buffer_copy(real), place=place)


def raw_view(gate: "Gate", real: Any, name: str) -> Any:
    """Return the view of a ctypes object, which has no lock."""
    view = object.__new__(_raw_type(type(real)))  # type: ignore[arg-type]
    view._enter(gate, real, name)
    return view


@functools.cache
def _raw_type(real):
    members = {
        "__module__": real.__module__,
        "__qualname__": real.__qualname__,
        "__class__": property(lambda self: real),
        "_kind": real,
    }
    if issubclass(real, _CTYPES_SCALAR):
        base: type[RawView] = _RawValue
    elif issubclass(real, ctypes.Array):
        bases: dict[object, type[RawView]] = {ctypes.c_char: _RawBytes, ctypes.c_wchar: _RawText}
        base = bases.get(real._type_, _RawArray)
        members |= {"_type_": real._type_, "_length_": real._length_}
    else:
        base = RawView
        members |= _own_members(real)
        for name, kind in fields_of(real):
            members[name] = _raw_property(name, kind)
    return type(real.__name__, (base,), members)


def _own_members(structure):
    """The methods, properties and constants of a Structure, which then work on the view."""
    passed_over = {"__dict__", "__weakref__", "__init__", "__new__", "__reduce__", "__reduce_ex__"}
    members: dict[str, Any] = {}
    for kind in reversed(structure.__mro__):
        if issubclass(kind, _RECORDS) and kind.__module__ != "_ctypes":
            members |= {k: v for k, v in vars(kind).items() if k not in passed_over}
    return members
