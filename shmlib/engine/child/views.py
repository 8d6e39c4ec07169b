"""Views of what workers share, which take one step at a time.

A worker under `replay` or `explore` is handed views instead of the shared objects. A view has the
interface of the real object and works on the real memory, but before every access it tells the
parent what it is about to do, and waits for its turn. Types, messages and results are those of the
standard library, since the real object does the work.
"""

import contextlib
import ctypes
import functools
import operator
import os
import sys
from collections.abc import Sequence
from multiprocessing import sharedctypes, synchronize
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ...memory.objects import AWAITED, DATA, POINTERS, Shared, fields_of, memory_of
from .messages import Span

if TYPE_CHECKING:
    from .gate import Gate

_CTYPES_SCALAR = ctypes._SimpleCData
_RECORDS = (ctypes.Structure, ctypes.Union)


class Subject(NamedTuple):
    """What a view of memory stands for.

    Attributes:
        gate: of the worker.
        real: the real object.
        name: its name.
        place: its bytes, as (memory, first, last); those of no memory where there are none.
        lock: the number of the lock that each access takes, or None; of what is waited for, its
            own.
    """

    gate: Any  # a Gate; typing would compile its name in each child
    real: Shared
    name: str
    place: Span
    lock: int | None = None

    def part(self, offset: int, size: int, exact: bool = True) -> Span:
        """Return the place of a part."""
        memory, first = self.place[:2]
        return memory, first + offset, first + offset + size - 1, exact


class View:
    """What a worker is handed in place of a shared object; it stays in its process."""

    def __reduce_ex__(self, protocol):
        refuse(self, "a worker's shared objects cannot be copied or passed on")

    def __array__(self, *_, **__):
        refuse(self, "NumPy cannot look at a worker's shared objects")


def refuse(view: View, why: str) -> NoReturn:
    """End the call, and not only the worker: what would go on from here could not be followed."""
    held = vars(view)
    gate = held["_gated"].gate if "_gated" in held else held["_semlock"]._gate
    gate.misuse = f"under replay and explore {why}"
    raise TypeError(gate.misuse)


def name_of(view: View) -> str:
    """Return the name of what a view stands for."""
    held = vars(view)
    return held["_gated"].name if "_gated" in held else held["_semlock"]._name


class Views:
    """Makes the views of one schedule; the same object always gets the same view."""

    def __init__(self, gate: "Gate", shared: Sequence[Shared], names: Sequence[str]):
        self._gate = gate
        self._names = {id(item): name for item, name in zip(shared, names, strict=True)}
        for item, name in zip(shared, names, strict=True):
            self._names.setdefault(id(memory_of(item)), name)
        self._made: dict[int, Any] = {}

    def of(self, item: Shared) -> Any:
        """Return the view of a shared object."""
        if id(item) not in self._made:
            self._made[id(item)] = self._make(item)
        return self._made[id(item)]

    def _make(self, item):
        if isinstance(item, synchronize.SemLock):
            return _lock_view(self._gate, item)
        if isinstance(item, AWAITED):
            return self._awaited(item)
        name = self._names[id(item)]
        if isinstance(item, sharedctypes.SynchronizedBase):
            raw = self.of(item.get_obj())
            return _wrapper_view(self._gate, item, name, raw, self.of(item.get_lock()))
        return _raw_view(self._gate, item, name)

    def _awaited(self, item):
        """Return the view of a Condition, an Event or a Barrier."""
        gate, number = self._gate, _number_of(self._gate, item)
        base = next(view for kind, view in _AWAITED.items() if isinstance(item, kind))
        view = object.__new__(_awaited_type(base, type(item)))  # type: ignore[arg-type]
        vars(view).update(vars(item))
        view._gated = Subject(gate, item, gate.awaited_names[number], (-1, 0, 0), number)
        if isinstance(item, synchronize.Condition):
            view._lock = self.of(item._lock)  # type: ignore[attr-defined]
            view._make_methods()
        elif isinstance(item, synchronize.Barrier):
            view._cond = _ALONE
        return view


def _number_of(gate, item):
    return next(n for n, known in enumerate(gate.awaited) if known is item)


# ------------------------------------------------------------------- locks and semaphores


class _Semaphore:
    """Stands in for the C object inside a Lock, an RLock or a Semaphore."""

    def __init__(self, gate, lock):
        self._gate = gate
        self._real = lock._semlock
        self._number = _number_of(gate, lock)
        self._name = gate.awaited_names[self._number]
        # How often this worker has taken it, less how often it has given it back. The real one
        # goes on counting from one schedule to the next where others give back what it took.
        self._taken = 0

    def acquire(self, *given, **named):
        if given or named:
            self._try(*given, **named)
        block, timeout = _acquire_arguments(*given, **named)
        waits = bool(block) and timeout is None
        taken = self._gate.step(
            "acquire", self._name, lambda: self._take(waits), self._number, waits=waits
        )
        if not taken and block:
            self._gate.clock.sleep(max(0, timeout))
        return taken

    def _try(self, *given, **named):
        """Raise what the real one raises: which arguments pass differs by system and version."""
        trial = _trial(self._real.kind)
        if self._recursive and self._real._is_mine():
            trial.acquire()
        try:
            trial.acquire(*given, **named)
        finally:
            while trial._is_mine():
                trial.release()

    def _take(self, must):
        if not self._real.acquire(False):
            if must:
                raise RuntimeError(f"{self._name} is held by someone other than the workers")
            return False
        self._taken += 1
        return True

    def release(self, *given):
        if given:
            self._real.release(*given)  # raises what the real one raises
        return self._gate.step("release", self._name, self.give, self._number)

    def give(self):
        """Give it back, without a step."""
        self._real.release()
        self._taken -= 1

    def take(self):
        """Take it, without a step; it must be free."""
        self._take(True)

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()

    def _count(self):
        return self._real._count() if self._recursive else self._taken

    def _is_mine(self):
        return self._real._is_mine() if self._recursive else self._taken > 0

    @property
    def _recursive(self):
        return self._real.kind == synchronize.RECURSIVE_MUTEX  # type: ignore[attr-defined]

    def _is_zero(self):
        return self._look(self._real._is_zero)

    def _get_value(self):
        return self._look(self._real._get_value)

    def _look(self, perform):
        return self._gate.step("read", self._name, perform, self._number, waits=False)

    def __getattr__(self, name):
        return getattr(self._real, name)


@functools.cache
def _trial(kind):
    """Return the C object of a lock that nobody else has."""
    made = synchronize._multiprocessing.SemLock  # type: ignore[attr-defined]
    return made(kind, 1, 1, f"/shmlib-{os.getpid()}-{kind}", True)


def _acquire_arguments(block=True, timeout=None):
    return block, timeout


def _lock_view(gate, lock):
    view = object.__new__(_lock_type(type(lock)))  # type: ignore[arg-type]
    vars(view).update(vars(lock))
    view._semlock = _Semaphore(gate, lock)
    view._make_methods()
    return view


@functools.cache
def _lock_type(real):
    return type(real.__name__, (View, real), {"__module__": real.__module__})


# ------------------------------------------------------------ Condition, Event and Barrier

# Each runs CPython's own code, as far as that goes without waiting: between two steps, the inner
# lock of an Event or a Barrier is free. The names of the classes are in the words of errors.


class Condition(View, synchronize.Condition):
    _gated: Subject
    _lock: Any
    _sleeping_count: Any

    def wait(self, timeout: Any = None) -> Any:
        """Two steps: to give the lock back and fall asleep, and, woken, to take it again. With a
        time limit three, since between waking, or not, and the lock others may come."""
        gate, _, name, _, number = self._gated
        lock = self._lock._semlock
        assert lock._is_mine(), "must acquire() condition before using wait()"
        times = lock._count()
        error = None if timeout is None else _error_of(timeout)
        gate.step("wait on", name, functools.partial(self._fall_asleep, times), number)
        take = functools.partial(_repeat, times, lock.take)
        if timeout is None:
            gate.step("wake on", name, functools.partial(self._woken, take), number, value=times)
            return True
        woken = gate.step("wake on", name, self._woken_in_time, number, waits=False)
        gate.step("retake", name, take, number, value=times)
        if error is not None:
            raise error
        if not woken:
            gate.clock.sleep(max(0, timeout))
        return woken

    def _fall_asleep(self, times):
        self._sleeping_count.release()
        _repeat(times, self._lock._semlock.give)

    def _woken(self, take):
        take()
        return True

    def _woken_in_time(self):
        if self._gated.gate.late:
            self._sleeping_count.acquire(False)
        return not self._gated.gate.late

    def notify(self, n: Any = 1) -> None:
        self._notify("notify", n)

    def notify_all(self) -> None:
        self._notify("notify_all", sys.maxsize)

    def _notify(self, action, n):
        gate, _, name, _, number = self._gated
        synchronize.Condition.notify(self, 0)  # raises what the real one raises
        operator.lt(0, n)  # likewise
        some = next((k for k in range(MOST_WORKERS) if not k < n), MOST_WORKERS)
        gate.step(action, name, functools.partial(self._wake, some), number, value=some)

    def _wake(self, some):
        while some and self._sleeping_count.acquire(False):
            some -= 1

    def __repr__(self):
        gate, _, name, _, number = self._gated
        gate.step("read", name, int, number, waits=False)
        return super().__repr__()


MOST_WORKERS = 26


class Event(View, synchronize.Event):
    _gated: Subject

    def is_set(self) -> Any:
        return self._step("read")

    def set(self) -> None:
        self._step("set", self._gated.real.set)

    def clear(self) -> None:
        self._step("clear", self._gated.real.clear)

    def wait(self, timeout: Any = None) -> Any:
        """One step if it is set, and else two: to fall asleep, and to look again when woken. With
        a time limit it is one: what it returns is what it saw at last."""
        if timeout is None:
            return self._step("wait on", waits=True) or self._step("wake on", waits=True)
        found = self._step("wait on", functools.partial(self._is_set_or, timeout))
        if not found:
            self._gated.gate.clock.sleep(max(0, timeout))
        return found

    def _is_set_or(self, timeout):
        if self._gated.real.is_set():
            return True
        error = _error_of(timeout)
        if error is not None:
            raise error
        return False

    def _step(self, action, perform=None, waits=False):
        gate, real, name, _, number = self._gated
        return gate.step(action, name, perform or real.is_set, number, waits=waits)


class Barrier(View, synchronize.Barrier):
    _gated: Subject
    _action: Any
    _count: Any  # these two are properties of the real class
    _state: Any
    _enter: Any
    _exit: Any
    _parties: int
    _timeout: float | None
    _wait: Any

    def wait(self, timeout: Any = None) -> Any:
        """Two steps: to arrive, and to leave when all have arrived. Who comes last needs one, with
        an action one before it and one after it."""
        if timeout is None:
            timeout = self._timeout
        place = self._step("arrive at", functools.partial(self._arrive, timeout))
        if place + 1 == self._parties:
            if self._action:
                self._act()
            return place
        self._step("leave", functools.partial(self._leave, timeout), waits=timeout is None)
        return place

    def _arrive(self, timeout):
        self._enter()
        place = self._count
        if timeout is not None and place + 1 < self._parties:
            0.0 + timeout  # raises what the real one raises
        self._count += 1
        if place + 1 == self._parties and not self._action:
            self._let_go(1)
        return place

    def _act(self):
        try:
            self._action()
        except BaseException:
            self._step("break", functools.partial(self._let_go, -2))
            raise
        self._step("open", functools.partial(self._let_go, 1))

    def _let_go(self, state):
        self._state = state
        self._count -= 1
        self._exit()

    def _leave(self, timeout):
        if timeout is not None and not self._state:
            self._gated.gate.clock.sleep(max(0, timeout))
        try:
            self._wait(timeout)
        finally:
            self._count -= 1
            self._exit()

    def abort(self) -> None:
        self._step("abort", super().abort)

    def reset(self) -> None:
        self._step("reset", super().reset)

    @property
    def n_waiting(self) -> Any:
        return self._look("n_waiting")

    @property
    def broken(self) -> Any:
        return self._look("broken")

    def _look(self, what):
        perform = functools.partial(getattr, self._gated.real, what)
        return self._step("read", perform, f".{what}", waits=False)

    def _step(self, action, perform, part="", waits=True):
        gate, _, name, _, number = self._gated
        return gate.step(action, name + part, perform, number, waits=waits)


class _Alone:
    """Stands in for the Condition inside a Barrier, while a step is taken with nobody else."""

    def __enter__(self):
        return True

    def __exit__(self, *_):
        pass

    def notify_all(self) -> None:
        pass

    def wait_for(self, predicate, timeout=None):
        return predicate()


_ALONE = _Alone()
_AWAITED: dict[type, type[View]] = {
    synchronize.Condition: Condition,
    synchronize.Event: Event,
    synchronize.Barrier: Barrier,
}


@functools.cache
def _awaited_type(base, real):
    names = {"__module__": real.__module__, "__qualname__": real.__qualname__}
    return type(real.__name__, (base, real), names)


def _repeat(times, perform):
    for _ in range(times):
        perform()


def _error_of(timeout):
    """Return what a semaphore raises where it is given such a time limit, or None."""
    trial = _trial(synchronize.SEMAPHORE)  # type: ignore[attr-defined]
    try:
        trial.acquire(True, timeout)
    except Exception as error:
        return error
    trial.release()
    return None


# --------------------------------------------------------- Value and Array, with their lock


def _wrapper_view(gate, real, name, raw, lock):
    view = object.__new__(_wrapper_type(type(real)))  # type: ignore[arg-type]
    view._obj = raw
    view._lock = lock
    view.acquire = lock.acquire
    view.release = lock.release
    place = gate.place_of(real.get_obj())
    view._gated = Subject(gate, real, name, place, lock._semlock._number)
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
    shared = isinstance(value, View) and not isinstance(value, _Raw)
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
    if isinstance(index, int) and -length <= index < 0:
        index += length
    return f"{name}[{index!r}]"


# ------------------------------------------------------------ ctypes objects, without a lock


class _Raw(View):
    """A view of a ctypes object. C functions refuse it, because it is not one."""

    _gated: Subject
    _parts: dict[str, Any]

    def __init__(self, gate, real, name):
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

    def __buffer__(self, flags):  # from Python 3.12 on; before, C says that there are no bytes
        self.__bytes__()

    def _part(self, real, name):
        """Return the view of an object inside this one, always the same."""
        if isinstance(real, POINTERS):
            refuse(self, f"{name} is a pointer: an address is valid in one process only")
        if name not in self._parts:
            self._parts[name] = _raw_view(self._gated.gate, real, name)
        return self._parts[name]


class _RawValue(_Raw):
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


class _RawArray(_Raw):
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

    def __init__(self, gate, real, name):
        super().__init__(gate, real, name)
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
    if not isinstance(value, _Raw):
        return value
    gate, real, name, place, _ = value._gated
    return gate.step("read", name, lambda: type(real).from_buffer_copy(real), place=place)


def _raw_view(gate, real, name):
    return _raw_type(type(real))(gate, real, name)  # type: ignore[arg-type]


@functools.cache
def _raw_type(real):
    members = {
        "__module__": real.__module__,
        "__qualname__": real.__qualname__,
        "__class__": property(lambda self: real),
    }
    if issubclass(real, _CTYPES_SCALAR):
        base: type[_Raw] = _RawValue
    elif issubclass(real, ctypes.Array):
        bases: dict[object, type[_Raw]] = {ctypes.c_char: _RawBytes, ctypes.c_wchar: _RawText}
        base = bases.get(real._type_, _RawArray)
        members |= {"_type_": real._type_, "_length_": real._length_}
    else:
        base = _Raw
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
