"""Views of Value, Array, ctypes objects and locks that take one step at a time.

A worker under `replay` or `explore` is handed views instead of the shared objects. A view has the
interface of the real object and works on the real memory, but before every access it tells the
parent what it is about to do, and waits for its turn. Types, messages and results are those of the
standard library, since the real object does the work.
"""

import ctypes
import dis
import functools
import itertools
import marshal
import math
import multiprocessing.sharedctypes as sharedctypes
import multiprocessing.synchronize as synchronize
import operator
import os
import pickle
import random
import socket
import string
import struct
import sys
import threading
import time
import types

from .processes import described, worker_name

# What the parent orders; a worker answers each, but QUIT, with one message.
GRANT, START, CLEAN, QUIT = b"g", b"s", b"c", b"q"
# A message begins with one of these: a request for a step, marshalled, or anything else, pickled.
ASKS, SAYS = b"a", b"p"
# An abandoned worker that swallows this many reminders is ended.
PATIENCE = 1000
# Locals of more items than this are not looked into.
LONGEST_LOCAL = 200
# Seconds that the parent waits for a message before it looks at what else a worker may be doing.
LOOK = 0.05

_SIMPLE = ctypes._SimpleCData
DATA = (ctypes._SimpleCData, ctypes.Array, ctypes.Structure, ctypes.Union)
_POINTERS = (
    ctypes._Pointer,
    ctypes._CFuncPtr,
    ctypes.c_char_p,
    ctypes.c_wchar_p,
    ctypes.c_void_p,
    ctypes.py_object,
)
LOCKS = (synchronize.Lock, synchronize.RLock)
_PLAIN = frozenset((int, float, complex, bool, str, bytes, type(None)))
_SHARING = {
    f"multiprocessing.{name}"
    for name in ("synchronize", "queues", "connection", "managers", "shared_memory")
}
_PASSED_OVER = (__file__, os.path.dirname(synchronize.__file__))


# ----------------------------------------------------------- what can be gated, and what not


def check_gateable(workers, shared):
    """Refuse shared objects whose steps could not be seen.

    Args:
        workers: functions, or functools.partial of one.
        shared: the shared objects.

    Raises:
        TypeError: one of them has no gated view, or a worker holds a shared object of its own.
    """
    for position, item in enumerate(shared):
        if why := _no_view(item):
            raise TypeError(f"shared object {position + 1} is {why}")
    for letter, worker in zip(string.ascii_uppercase, workers, strict=False):
        for where, item in _hidden(worker):
            raise TypeError(
                f"worker {letter} ({worker_name(worker)}) has a shared {type(item).__name__} of "
                f"its own, {where}: its steps could not be seen. Hand it over after the list of "
                "workers"
            )


def _no_view(item):
    """Return why the object has no gated view, or None."""
    if isinstance(item, LOCKS):
        return None
    if isinstance(item, sharedctypes.SynchronizedBase):
        lock = item.get_lock()
        if isinstance(lock, LOCKS):
            return _no_view(item.get_obj())
        return (
            f"a {type(item).__name__} whose lock is a {type(lock).__module__}."
            f"{type(lock).__name__}: replay and explore know the Lock and RLock of multiprocessing"
        )
    if isinstance(item, DATA) and _holds_pointer(type(item)):
        return f"a {type(item).__name__}, in which a pointer holds an address of one process"
    if _is_data(item):
        return None
    if isinstance(item, DATA):
        return (
            f"a {type(item).__name__} in the memory of this process alone: make it with "
            "RawValue or RawArray"
        )
    return (
        f"a {type(item).__name__}, whose steps cannot be seen: replay and explore take Value, "
        "Array, RawValue, RawArray, Lock and RLock. Other arguments go into a functools.partial"
    )


def _holds_pointer(kind):
    if issubclass(kind, _POINTERS):
        return True
    if issubclass(kind, ctypes.Array):
        return _holds_pointer(kind._type_)
    if issubclass(kind, ctypes.Structure | ctypes.Union):
        return any(_holds_pointer(field) for _, field in fields_of(kind))
    return False


def _is_data(item):
    """True for a ctypes object in shared memory; sharedctypes hangs a `_wrapper` on each."""
    return isinstance(item, DATA) and hasattr(item, "_wrapper")


def _is_shared(item):
    if isinstance(item, sharedctypes.SynchronizedBase) or _is_data(item):
        return True
    return type(item).__module__ in _SHARING


def _hidden(worker):
    """Yield (where, object) for each shared object that a worker reaches by itself."""
    while isinstance(worker, functools.partial):
        for place, item in [*enumerate(worker.args, 1), *worker.keywords.items()]:
            name = f"argument {place}" if isinstance(place, int) else f"argument {place!r}"
            for found in _inside(item):
                yield f"in {name} of its partial", found
        worker = worker.func
    yield from _reached(worker, set())


def _inside(item, depth=0):
    """Yield the shared objects in a container, or in an instance or a class of the learner's."""
    if _is_shared(item):
        yield item
    elif depth < 5:
        if isinstance(item, dict):
            item = [*item, *item.values()]
        elif _is_own(item):
            item = list(vars(item).values())
        if isinstance(item, list | tuple | set | frozenset):
            for element in item:
                yield from _inside(element, depth + 1)


def _is_own(item):
    """True for a class, or an instance of one, that is not of the standard library."""
    if isinstance(item, types.FunctionType | types.ModuleType) or not hasattr(item, "__dict__"):
        return False
    module = item.__module__ if isinstance(item, type) else type(item).__module__
    return module.partition(".")[0] not in _OTHERS


def _reached(function, seen):
    """Yield shared objects among the globals, closures and defaults that a function names."""
    if isinstance(function, types.MethodType):
        for found in _inside(function.__self__):
            yield f"in {type(function.__self__).__name__}, whose method it is", found
        function = function.__func__
    elif _is_own(function) and not isinstance(function, type):
        for found in _inside(function):
            yield "as an attribute", found
        function = vars(type(function)).get("__call__")
    if not isinstance(function, types.FunctionType) or function in seen:
        return
    seen.add(function)
    named = set(_names(function.__code__))
    values = [(n, function.__globals__[n]) for n in sorted(named & set(function.__globals__))]
    for name, value in values:
        if isinstance(value, types.ModuleType) and value.__name__.partition(".")[0] not in _OTHERS:
            inside = sorted(named & set(vars(value)))
            values = values + [(f"{name}.{inner}", vars(value)[inner]) for inner in inside]
    for name, value in values:
        for found in _inside(value):
            yield f"the global {name}", found
        yield from _reached(value, seen)
    for cell in function.__closure__ or ():
        try:
            held = cell.cell_contents
        except ValueError:
            continue  # the cell is still empty
        for found in _inside(held):
            yield "in its closure", found
        yield from _reached(held, seen)
    for value in [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]:
        for found in _inside(value):
            yield "as a default argument", found


# Modules of the standard library hold no shared object of a learner's.
_OTHERS = frozenset(sys.stdlib_module_names)


def _names(code):
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def locks_of(shared):
    """Return the distinct locks of the shared objects, in the order in which they come up."""
    locks = []
    for item in shared:
        if isinstance(item, sharedctypes.SynchronizedBase):
            item = item.get_lock()
        if isinstance(item, LOCKS) and not any(item is lock for lock in locks):
            locks.append(item)
    return locks


def memory_of(item):
    """Return the ctypes object inside a shared object, or None for a lock."""
    if isinstance(item, LOCKS):
        return None
    return item.get_obj() if isinstance(item, sharedctypes.SynchronizedBase) else item


def lock_names(shared, names):
    """Return a name for each of `locks_of`: that of a lock itself, or of the objects it guards."""
    found = []
    for lock in locks_of(shared):
        own = [name for item, name in zip(shared, names, strict=True) if item is lock]
        guarded = [
            name
            for item, name in zip(shared, names, strict=True)
            if isinstance(item, sharedctypes.SynchronizedBase) and item.get_lock() is lock
        ]
        found.append(own[0] if own else f"the lock of {' and '.join(dict.fromkeys(guarded))}")
    return found


# ---------------------------------------------------------------- the line to the parent


class Line:
    """One end of the connection between a worker and the parent: whole messages, both ways.

    On POSIX systems it uses the socket of the pipe itself, in one call a message, and waits inside
    the call and not in a selector: a step then costs little more than a bare round trip.

    Args:
        pipe: a duplex `multiprocessing.connection.Connection`.
    """

    def __init__(self, pipe):
        self.pipe = pipe
        self._rest = b""
        if sys.platform == "win32":
            self.send, self.peek = pipe.send_bytes, bool
            self.receive = self._receive_whole
        else:
            self._socket = socket.socket(fileno=os.dup(pipe.fileno()))
            self._number = self._socket.fileno()

    def hurry(self):
        """Let no call of `peek` wait for longer than LOOK seconds."""
        if sys.platform != "win32":
            limit = struct.pack("ll", 0, round(LOOK * 1e6))
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)

    def peek(self):
        """Wait for a message up to LOOK seconds, without reading it; True where one has come."""
        try:
            return bool(self._socket.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    @property
    def arrived(self):
        """True where the next message, or a part of it, has been read already."""
        return bool(self._rest)

    def send(self, message):
        data = len(message).to_bytes(4, "little") + message
        while (written := os.write(self._number, data)) < len(data):
            data = data[written:]

    def receive(self, deadline=None):
        """Return the next message.

        Args:
            deadline: by time.monotonic(); None to wait as long as it takes.

        Raises:
            EOFError: the other end is closed.
            TimeoutError: no whole message came before the deadline.
        """
        data = self._rest or self._read(65536, deadline)
        end = int.from_bytes(data[:4], "little") + 4 if len(data) >= 4 else 4
        if len(data) < end or end == 4:
            data = bytearray(data)
            while len(data) < 4:
                data += self._read(65536, deadline)
            end = int.from_bytes(data[:4], "little") + 4
            while len(data) < end:
                data += self._read(1 << 20, deadline)
            data = bytes(data)
        self._rest = data[end:]
        return data[4:end]

    def _receive_whole(self, deadline=None):
        if deadline is not None and not self.pipe.poll(max(0, deadline - time.monotonic())):
            raise TimeoutError
        return self.pipe.recv_bytes()

    def _read(self, size, deadline):
        while True:
            try:
                data = os.read(self._number, size)
            except BlockingIOError:  # `hurry` lets no read wait for longer than LOOK
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError from None
                continue
            if not data:
                raise EOFError
            return data

    def close(self):
        self.pipe.close()
        if sys.platform != "win32":
            self._socket.close()


# --------------------------------------------------------------------- the worker's process


class _Abandoned(BaseException):
    """The schedule has ended without this worker, which unwinds."""


def serve(worker, names, letter, pipe, *shared):
    """Run the worker once for each START that the parent sends, one step at a time.

    Args:
        worker: the function, or functools.partial of one.
        names: of the shared objects.
        letter: of the worker; it seeds random.
        pipe: the connection to the parent.
        *shared: the real shared objects.
    """
    _stop_sleeping()
    line = Line(pipe)
    gate = _Gate(line, locks_of(shared), lock_names(shared, names))
    line.send(SAYS + pickle.dumps(("waits",)))
    while (order := line.receive()) != QUIT:
        if order[:1] == CLEAN:
            gate.give_back(order[1:])
            answer = ("clean",)
        else:
            random.seed(letter)
            gate.begin()
            views = _Views(gate, shared, names)
            try:
                result = worker(*[views.of(item) for item in shared])
                answer = ("returned", gate.seen, result)
            except SystemExit as error:
                if type(error.code) in _PLAIN and error.code in (None, 0):
                    answer = ("returned", gate.seen, None)
                else:
                    answer = ("raised", gate.seen, f"SystemExit: {shown(error.code)}", "")
            except BaseException as error:
                answer = ("raised", gate.seen, *described(error))
            if gate.misuse:
                answer = ("raised", gate.seen, f"RuntimeError: {gate.misuse}", "")
            if gate.abandoned:
                answer = ("clean",)
        try:
            message = pickle.dumps(answer)
        except Exception as error:
            message = pickle.dumps(("unreturnable", gate.seen, f"{type(error).__name__}: {error}"))
        line.send(SAYS + message)


def _stop_sleeping():
    """Put `_no_sleep` in the place of time.sleep, also where it was imported by its name."""
    real, time.sleep = time.sleep, _no_sleep
    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get("sleep") is real:
            module.sleep = _no_sleep


def _no_sleep(seconds):
    """Stand in for time.sleep: a schedule is in no hurry, whatever the clock says."""
    if math.copysign(1, seconds) < 0 and seconds:
        raise ValueError("sleep length must be non-negative")


class _Gate:
    """The place where a worker says what it is about to do, and waits until it may."""

    def __init__(self, line, locks, names):
        self.locks = locks
        self.lock_names = names
        self._line = line
        self._thread = threading.get_ident(), os.getpid()
        self._known = {}
        self.begin()

    def begin(self):
        self.seen = None
        self.misuse = ""
        self.abandoned = 0

    def step(self, action, target, perform, lock=None, waits=True, value=None):
        """Ask for a step, wait for it, and take it.

        Args:
            action: "read", "write", "acquire" or "release".
            target: what the step is about, such as ``"numbers[2]"``.
            perform: the function that does it on the real object.
            lock: number of the lock that it needs, or None.
            waits: False for an acquire that does not wait until the lock is free.
            value: what is to be written.

        Returns:
            What perform returned.
        """
        if (threading.get_ident(), os.getpid()) != self._thread:
            self.misuse = (
                "a worker under replay or explore takes its steps in one thread of one process"
            )
            raise RuntimeError(self.misuse)
        if self.abandoned:
            self._remind()
        place, state = _whereabouts(sys._getframe(1))
        request = action, target, lock, waits, place
        number = self._known.get(request)
        told = None
        if number is None:
            number = self._known[request] = len(self._known)
            told = action, target, lock, waits, _wheres[place]
        ask = number, told, shown(value), self.seen, hash((number, state))
        self._line.send(ASKS + marshal.dumps(ask))
        order = self._line.receive()
        if order != GRANT:
            self.give_back(order[1:])
            self._remind()
        try:
            result = perform()
        except BaseException as error:
            self.seen = (False, f"{type(error).__name__}: {error}")
            raise
        self.seen = (True, shown(result))
        return result

    def _remind(self):
        self.abandoned += 1
        if self.abandoned > PATIENCE:
            os._exit(0)
        raise _Abandoned

    def give_back(self, numbers):
        """Release locks that this process holds, by their numbers, each as often as named."""
        for number in numbers:
            self.locks[number].release()


def shown(value):
    """Return the value itself where it is plain and short, else words for it."""
    kind = type(value)
    if kind is int and value.bit_length() > 1000:
        return f"an int of {value.bit_length()} bits"
    if kind in _PLAIN:
        return value if kind not in (str, bytes) or len(value) <= 100 else value[:100]
    if kind in (list, tuple) and len(value) <= 100:
        return kind(map(shown, value))
    if kind in (list, tuple):
        return f"{len(value)} items"
    return repr(value) if isinstance(value, int | float) else f"a {kind.__name__}"


# From (id of a code object, instruction) to the number of the place in the source, or None for
# code that is passed over: the gates themselves and multiprocessing.
_places = {}
_turns = {}
_wheres = []
_numbers = {}
_kept = []
_progress = itertools.count()


def _whereabouts(frame):
    """Return the number of the place in the source where the worker is, and a hashable summary of
    all its frames and their locals."""
    here = turn = None
    state = []
    while (code := frame.f_code) is not _SERVE:
        key = id(code), frame.f_lasti
        place = _places[key] if key in _places else _enter(key, code, frame)
        if place is not None:
            if here is None:
                here = place
            turn = turn or _turns[place]
            state.append(place)
            for value in frame.f_locals.values():
                state.append(value if type(value) in _PLAIN else _frozen(value))
        frame = frame.f_back
    if turn != "while":
        # It gets on from turn to turn, though nothing that can be seen may change.
        state.append(next(_progress))
    return here, tuple(state)


_SERVE = serve.__code__


def _enter(key, code, frame):
    """Note an instruction that is met for the first time; return the number of its place.

    The compiler may double a loop's condition: its two copies are one place, as in the source.
    """
    _kept.append(code)  # so that its id is not given to another
    _places[key] = None
    if not code.co_filename.startswith(_PASSED_OVER):
        position = list(code.co_positions())[frame.f_lasti // 2]
        if None in position:
            position = frame.f_lasti
        function = code.co_filename, code.co_firstlineno
        number = _numbers.setdefault((*function, position), len(_wheres))
        if number == len(_wheres):
            _wheres.append((*function, frame.f_lineno))
            _turns[number] = _loop_at(code, frame.f_lasti, position)
        _places[key] = number
    return _places[key]


def _loop_at(code, offset, position):
    """Return the kind of the innermost loop around an instruction, "for" or "while", or None.

    A loop is where the code jumps back. The compiler may double a `while` condition, with the first
    copy before the loop; it has the position of the second.
    """
    instructions = list(dis.get_instructions(code))
    heads = {step.offset for step in instructions if step.opname == "FOR_ITER"}
    jumps = dis.hasjrel + dis.hasjabs
    loops = [
        (step.argval, step.offset)
        for step in instructions
        if step.opcode in jumps and step.argval < step.offset
    ]
    places = {offset} | {
        step.offset for step in instructions if tuple(step.positions or ()) == position
    }
    around = [
        (end - begin, begin) for begin, end in loops if any(begin <= p <= end for p in places)
    ]
    if not around:
        return None
    return "for" if min(around)[1] in heads else "while"


def _frozen(value, depth=0):
    """Return a hashable stand-in, equal where the values are, as far as can be seen."""
    kind = type(value)
    if kind in _PLAIN:
        return kind, value
    if isinstance(value, _View | types.FunctionType | types.ModuleType | type):
        return id(value)
    if kind in (list, tuple, dict, set, frozenset) and len(value) <= LONGEST_LOCAL and depth < 4:
        items = value.items() if kind is dict else value
        frozen = [_frozen(item, depth + 1) for item in items]
        return kind, frozenset(frozen) if kind in (set, frozenset) else tuple(frozen)
    # Whether it is in the same state cannot be seen: the parent finds out.
    return kind.__name__, id(value)


# ------------------------------------------------------------------------------- the views


class _View:
    """What a worker is handed in place of a shared object; it stays in its process."""

    def __reduce_ex__(self, protocol):
        raise TypeError(
            "under replay or explore a worker's shared objects cannot be copied or passed on"
        )

    def __array__(self, *_, **__):
        raise TypeError("under replay or explore NumPy cannot look at a worker's shared objects")


class _Views:
    """Makes the views of one schedule; the same object always gets the same view."""

    def __init__(self, gate, shared, names):
        self._gate = gate
        self._names = {id(item): name for item, name in zip(shared, names, strict=True)}
        for item, name in zip(shared, names, strict=True):
            self._names.setdefault(id(memory_of(item)), name)
        self._made = {}

    def of(self, item):
        if id(item) not in self._made:
            self._made[id(item)] = self._make(item)
        return self._made[id(item)]

    def _make(self, item):
        if isinstance(item, LOCKS):
            return _lock_view(self._gate, item)
        name = self._names[id(item)]
        if isinstance(item, sharedctypes.SynchronizedBase):
            raw = self.of(item.get_obj())
            return _wrapper_view(self._gate, item, name, raw, self.of(item.get_lock()))
        return _raw_view(self._gate, item, name)


# --------------------------------------------------------------------------------- locks


class _Semaphore:
    """Stands in for the C object inside a Lock or RLock."""

    def __init__(self, gate, lock):
        self._gate = gate
        self._real = lock._semlock
        self._number = next(n for n, known in enumerate(gate.locks) if known is lock)
        self._name = gate.lock_names[self._number]

    def acquire(self, *given, **named):
        if given or named:
            self._try(*given, **named)
        block, timeout = _acquire_arguments(*given, **named)
        waits = bool(block) and timeout is None
        return self._gate.step(
            "acquire", self._name, lambda: self._take(waits), self._number, waits=waits
        )

    def _try(self, *given, **named):
        """Raise what the real one raises: which arguments pass differs by system and version."""
        trial = _trial(self._real.kind)
        if self._real.kind == synchronize.RECURSIVE_MUTEX and self._real._is_mine():
            trial.acquire()
        try:
            trial.acquire(*given, **named)
        finally:
            while trial._is_mine():
                trial.release()

    def _take(self, must):
        if not self._real.acquire(False):
            if must:
                raise RuntimeError(f"{self._name} is held by somebody who is none of the workers")
            return False
        return True

    def release(self, *given):
        if given:
            self._real.release(*given)  # raises what the real one raises
        return self._gate.step("release", self._name, self._real.release, self._number)

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()

    def _is_zero(self):
        return self._gate.step("read", self._name, self._real._is_zero)

    def _get_value(self):
        return self._gate.step("read", self._name, self._real._get_value)

    def __getattr__(self, name):
        return getattr(self._real, name)


@functools.cache
def _trial(kind):
    """Return the C object of a lock that nobody else has."""
    return synchronize._multiprocessing.SemLock(kind, 1, 1, f"/shmlib-{os.getpid()}-{kind}", True)


def _acquire_arguments(block=True, timeout=None):
    return block, timeout


def _lock_view(gate, lock):
    view = object.__new__(_lock_type(type(lock)))
    vars(view).update(vars(lock))
    view._semlock = _Semaphore(gate, lock)
    view._make_methods()
    return view


@functools.cache
def _lock_type(real):
    return type(real.__name__, (_View, real), {"__module__": real.__module__})


# --------------------------------------------------------- Value and Array, with their lock


def _wrapper_view(gate, real, name, raw, lock):
    view = object.__new__(_wrapper_type(type(real)))
    view._obj = raw
    view._lock = lock
    view.acquire = lock.acquire
    view.release = lock.release
    view._gated = (gate, real, name, lock._semlock._number)
    return view


@functools.cache
def _wrapper_type(real):
    """Return a subclass whose reads and writes are one locked step each."""
    members = {"__module__": real.__module__, "__qualname__": real.__qualname__}
    if issubclass(real, sharedctypes.SynchronizedArray):
        members |= {"__getitem__": _locked_item, "__setitem__": _set_locked_item}
    for name, member in _properties(real):
        members[name] = _locked_property(name, member)
    return type(real.__name__, (_View, real), members)


def _properties(real):
    for kind in real.__mro__:
        for name, member in vars(kind).items():
            if isinstance(member, property):
                yield name, member


def _locked_property(name, member):
    def read(self):
        gate, real, target, lock = self._gated
        found = gate.step("read", _field(target, name), lambda: member.fget(real), lock)
        return found if not isinstance(found, DATA) else getattr(self._obj, name)

    def write(self, value):
        gate, real, target, lock = self._gated
        value = _copied(value)
        perform = functools.partial(member.fset, real, value)
        gate.step("write", _field(target, name), perform, lock, value=value)

    return property(read, write)


def _locked_item(self, index):
    gate, real, name, lock = self._gated
    found = gate.step("read", _item(name, index, len(real)), lambda: real[index], lock)
    return found if not isinstance(found, DATA) else self._obj[index]


def _set_locked_item(self, index, value):
    gate, real, name, lock = self._gated
    value = _copied(value)
    perform = functools.partial(real.__setitem__, index, value)
    gate.step("write", _item(name, index, len(real)), perform, lock, value=value)


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


class _Raw(_View):
    """A view of a ctypes object. C functions refuse it, for it is none."""

    def __init__(self, gate, real, name):
        vars(self)["_gated"] = (gate, real, name)
        vars(self)["_parts"] = {}

    def __repr__(self):
        gate, real, name = self._gated
        if isinstance(real, _SIMPLE):
            return gate.step("read", name, lambda: repr(real))
        return repr(real)

    def __hash__(self):
        return hash(self._gated[1])  # raises what the real one raises

    def __bytes__(self):
        raise TypeError(f"the bytes of {self._gated[2]} cannot be read in one step: read its items")

    def __buffer__(self, flags):
        self.__bytes__()

    def _part(self, real, name):
        """Return the view of an object inside this one, always the same."""
        if isinstance(real, _POINTERS):
            raise TypeError(f"{name} is a pointer, which holds an address of one process")
        if name not in self._parts:
            self._parts[name] = _raw_view(self._gated[0], real, name)
        return self._parts[name]


class _RawValue(_Raw):
    @property
    def value(self):
        gate, real, name = self._gated
        return gate.step("read", name, lambda: real.value)

    @value.setter
    def value(self, value):
        gate, real, name = self._gated
        perform = functools.partial(type(real).value.__set__, real, value)
        gate.step("write", name, perform, value=value)

    def __bool__(self):
        gate, real, name = self._gated
        return gate.step("read", name, lambda: bool(real))


class _RawArray(_Raw):
    def __len__(self):
        return len(self._gated[1])

    def __getitem__(self, index):
        gate, real, name = self._gated
        if isinstance(index, slice):
            return self._joined([self[i] for i in range(*index.indices(len(real)))])
        place = self._place(index)
        if place is None:
            return real[index]  # raises what the real one raises
        if not _converts(real._type_):
            return self._part(real[index], f"{name}[{place}]")
        return gate.step("read", f"{name}[{place}]", lambda: real[place])

    def __setitem__(self, index, value):
        gate, real, name = self._gated
        if isinstance(index, slice):
            places = range(*index.indices(len(real)))
            if not hasattr(value, "__len__") or len(places) != len(value):
                raise ValueError("Can only assign sequence of same size")
            for position, place in enumerate(places):
                self[place] = value[position]
            return
        place = self._place(index)
        value = _copied(value)
        if place is None:
            real[index] = value  # raises what the real one raises
        perform = functools.partial(real.__setitem__, place, value)
        gate.step("write", f"{name}[{place}]", perform, value=value)

    def __delitem__(self, index):
        del self._gated[1][index]  # raises what the real one raises

    def _place(self, index):
        """Return the index counted from the start, or None where there is none."""
        length = len(self)
        try:
            place = operator.index(index)
        except TypeError:
            return None
        return place % length if -length <= place < length else None

    def _joined(self, items):
        kind = self._gated[1]._type_
        if kind is ctypes.c_char:
            return b"".join(items)
        return "".join(items) if kind is ctypes.c_wchar else items


class _RawText(_RawArray):
    """An array of characters; its value and raw are written and read one item a step."""

    def __init__(self, gate, real, name):
        super().__init__(gate, real, name)
        vars(self)["_nul"] = b"\0" if real._type_ is ctypes.c_char else "\0"

    @property
    def value(self):
        items = []
        for item in self:
            if item == self._nul:
                break
            items.append(item)
        return self._joined(items)

    @value.setter
    def value(self, value):
        real = self._gated[1]
        type(real)().value = value  # raises what the real one raises
        for place in range(len(value)):
            self[place] = value[place : place + 1]
        if len(value) < len(real):
            self[len(value)] = self._nul


class _RawBytes(_RawText):
    @property
    def raw(self):
        return self[:]

    @raw.setter
    def raw(self, value):
        type(self._gated[1])().raw = value  # raises what the real one raises
        value = bytes(value)
        for place in range(len(value)):
            self[place] = value[place : place + 1]


def _raw_property(name, kind):
    """Return the property for a field of a Structure or Union."""

    def read(self):
        gate, real, target = self._gated
        if text:
            return characters(self).value
        if not _converts(kind):
            return self._part(getattr(real, name), f"{target}.{name}")
        return gate.step("read", f"{target}.{name}", lambda: getattr(real, name))

    def write(self, value):
        gate, real, target = self._gated
        value = _copied(value)
        if text:
            setattr(type(real)(), name, value)  # raises what the real one raises
            characters(self).value = value
            return
        perform = functools.partial(setattr, real, name, value)
        gate.step("write", f"{target}.{name}", perform, value=value)

    def characters(self):
        real, target = self._gated[1:]
        offset = getattr(type(real), name).offset
        return self._part(kind.from_buffer(real, offset), f"{target}.{name}")

    # ctypes turns a field that is an array of characters into bytes or str.
    text = issubclass(kind, ctypes.Array) and kind._type_ in (ctypes.c_char, ctypes.c_wchar)
    return property(read, write)


def _converts(kind):
    """True where ctypes turns an item or a field of this type into a Python value."""
    return _SIMPLE in kind.__bases__


def _copied(value):
    """Return a private copy where the value is itself a view, read in one step."""
    if not isinstance(value, _Raw):
        return value
    gate, real, name = value._gated
    return gate.step("read", name, lambda: type(real).from_buffer_copy(real))


def _raw_view(gate, real, name):
    return _raw_type(type(real))(gate, real, name)


@functools.cache
def _raw_type(real):
    members = {
        "__module__": real.__module__,
        "__qualname__": real.__qualname__,
        "__class__": property(lambda self: real),
    }
    if issubclass(real, _SIMPLE):
        base = _RawValue
    elif issubclass(real, ctypes.Array):
        bases = {ctypes.c_char: _RawBytes, ctypes.c_wchar: _RawText}
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
    members = {}
    for kind in reversed(structure.__mro__):
        if issubclass(kind, ctypes.Structure | ctypes.Union) and kind.__module__ != "_ctypes":
            members |= {k: v for k, v in vars(kind).items() if k not in passed_over}
    return members


def fields_of(structure):
    """Return (name, ctypes type) of each field of a Structure or Union type, inherited ones too."""
    fields = []
    for kind in reversed(structure.__mro__):
        anonymous = vars(kind).get("_anonymous_", ())
        for name, field, *_ in vars(kind).get("_fields_", ()):
            fields.append((name, field))
            if name in anonymous:
                fields += fields_of(field)
    return fields
