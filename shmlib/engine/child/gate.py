"""The gate: where a worker says what it is about to do, and waits until it may."""

import copy
import ctypes
import io
import marshal
import os
import pickle
import random
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeAlias

from ...memory.objects import (
    Awaited,
    Memory,
    Shared,
    awaited_names,
    awaited_of,
    memories_of,
    one_of,
)
from .clock import Clock, Found, readers_of_the_clock
from .foreign import Foreign, shared_objects
from .messages import (
    ASKS,
    CLEAN,
    GRANT,
    LATE,
    QUIT,
    SAYS,
    TAKE,
    Answer,
    Ask,
    Description,
    Given,
    Span,
    WorkerEnd,
)
from .process import UnimportableError, described, raised_in
from .reached import PLAIN
from .twins import twins_of
from .views import Views
from .whereabouts import Whereabouts, in_source

# An abandoned worker that swallows this many reminders is ended.
MOST_REMINDERS = 1000
# The arguments and the worker: pickled, or as they are, under fork (see `handover`).
Packed: TypeAlias = bytes | tuple[tuple[Any, ...], Callable[..., Any]]


class _Abandoned(BaseException):
    """The schedule has ended without this worker, which unwinds."""


class Inherited(NamedTuple):
    """What the parent has found in itself: to look again would take a forked process its copy of
    most of the parent's memory.

    Attributes:
        shared: all shared objects, and all of ctypes.
        readers_of_the_clock: see `Clock`.
    """

    shared: list[Any]
    readers_of_the_clock: list[Found]


def look_through_this_process() -> Inherited:
    """Return what a process that is forked from this one need not look for."""
    return Inherited(shared_objects(), readers_of_the_clock())


def serve(
    packed: Packed,
    names: Sequence[str],
    letter: str,
    orders: Connection,
    answers: Connection,
    inherited: Inherited | None,
    *shared: Shared,
) -> None:
    """Run the worker once for each START that the parent sends, one step at a time.

    Args:
        packed: the worker and its arguments (see `handover`).
        names: of the shared objects.
        letter: of the worker; it seeds random.
        orders, answers: the pipes from the parent and to it.
        inherited: under fork, what the parent has found already.
        *shared: the real shared objects.
    """
    handed, shared = shared, tuple(twins_of(shared)) if inherited else shared
    line = WorkerEnd(orders, answers)
    gate = Gate(line, awaited_of(shared), awaited_names(shared, names), memories_of(shared))
    foreign = Foreign(gate, shared, inherited and inherited.shared, handed)
    gate.clock.replace_the_real_one(inherited and inherited.readers_of_the_clock)
    try:
        _unpacked(packed, Views(gate, shared, names), shared, handed)
    except Exception as error:
        raise UnimportableError from error
    line.send(SAYS, pickle.dumps(("waits",)))
    while (order := line.next_order()) != QUIT:
        if order[:1] == CLEAN:
            gate.give_back(order[1:])
            answer: Answer = ("clean",)
        elif order[:1] == TAKE:
            for number in order[1:]:
                gate.awaited[number].acquire(False)
            answer = ("clean",)
        else:
            random.seed(letter)
            gate.begin()
            args, worker = _unpacked(packed, Views(gate, shared, names), shared, handed)
            foreign.look_again()
            answer = _run(gate, worker, args)
            if gate.in_a_copy:
                if gate.misuse:
                    line.send(SAYS, pickle.dumps(answer))
                os._exit(0)
        try:
            message = pickle.dumps(answer)
        except Exception as error:
            message = pickle.dumps(("unreturnable", gate.given, f"{type(error).__name__}: {error}"))
        line.send(SAYS, message)


def _run(gate: "Gate", worker: Callable[..., Any], args: Iterable[Any]) -> Answer:
    """Run a worker under one schedule; return what the parent is to know."""
    try:
        try:
            result = worker(*args)
        finally:
            sys.settrace(None)  # see whereabouts
        answer: Answer = ("returned", gate.given, result)
    except SystemExit as error:
        if type(error.code) in PLAIN and error.code in (None, 0):
            answer = ("returned", gate.given, None)
        else:
            answer = ("raised", gate.given, f"SystemExit: {shown(error.code)}", "")
    except BaseException as error:
        answer = ("raised", gate.given, described(error)[0], raised_in(error))
    if gate.misuse:
        answer = ("refused", gate.given, gate.misuse)
    return ("clean",) if gate.abandoned else answer


def _unpacked(packed, views, shared, handed):
    """Return the arguments and the worker, made anew, with views in place of shared objects."""
    if isinstance(packed, bytes):
        unpickler = _Unpacker(io.BytesIO(packed), views, shared)
        args, worker = unpickler.load()
        for number, action in unpickler.load().items():
            views.of(shared[number])._action = action
        return args, worker
    in_place_of = {id(item): views.of(one) for item, one in zip(handed, shared, strict=True)}
    return copy.deepcopy(packed, in_place_of)


class _Unpacker(pickle.Unpickler):
    def __init__(self, file, views, shared):
        super().__init__(file)
        self._views = views
        self._shared = shared

    def persistent_load(self, number):
        return self._views.of(self._shared[number])


class Gate:
    """The place where a worker says what it is about to do, and waits until it may."""

    def __init__(
        self, line: WorkerEnd, awaited: list[Awaited], names: list[str], memories: list[Memory]
    ):
        self.awaited = awaited
        self.awaited_names = names
        self._memories = [(ctypes.addressof(memory), ctypes.sizeof(memory)) for memory in memories]
        self._line = line
        self._thread, self._process = threading.get_ident(), os.getpid()
        self._known: dict[tuple[object, ...], int] = {}
        self._whereabouts = Whereabouts(_run.__code__)
        self.clock = Clock()
        self.begin()

    @property
    def in_a_copy(self) -> bool:
        """True in a process that the worker has forked."""
        return os.getpid() != self._process

    def begin(self) -> None:
        """Forget the schedule before."""
        self.given: Given = None  # by the last step
        self.slice: Span | None = None  # the bytes of the slice that is being copied item by item
        self.misuse = ""
        self.abandoned = 0
        self.late = False  # True where the time limit of this step has run out
        self.clock.begin()
        self._whereabouts.begin()

    def step(
        self,
        action: str,
        target: str,
        perform: Callable[[], Any],
        lock: int | None = None,
        waits: bool = True,
        value: object = None,
        place: Span | None = None,
        whole: Span | None = None,
    ) -> Any:
        """Ask for a step, wait for it, and take it.

        Args:
            action, lock, waits, value: as those of a `Request`.
            target: what the step is about, such as ``"numbers[2]"``.
            perform: the function that does it on the real object.
            place: the bytes that are touched, as (memory, first, last), or None.
            whole: the bytes that belong together with them, or None.

        Returns:
            What perform returned.
        """
        if os.getpid() != self._process or threading.get_ident() != self._thread:
            self.misuse = (
                "a worker under replay or explore must take all its steps in one thread of one "
                "process"
            )
        if self.misuse:
            raise RuntimeError(self.misuse)
        if self.abandoned:
            self._remind()
        number_of_place, state = self._whereabouts.look(sys._getframe(1), self.given)
        whole = whole or self.slice
        request = action, target, lock, waits, number_of_place, place, whole
        number = self._known.get(request)
        description: Description | None = None
        if number is None:
            number = self._known[request] = len(self._known)
            description = (
                action,
                target,
                lock,
                waits,
                in_source(number_of_place).where,  # type: ignore[arg-type]
                place,
                whole,
            )
        if value is not None:
            value = shown(value)
        if state is not None:
            state = hash(repr((number, value, state, self.clock.time_seen)))
        ask: Ask = number, description, value, self.given, state
        try:
            self._line.send(ASKS, marshal.dumps(ask))
            order = self._line.next_order()
        except BaseException as error:
            self.misuse = f"it was interrupted before a step, by {type(error).__name__}"
            raise
        if order not in (GRANT, LATE):
            self.give_back(order[1:])
            self._remind()
        self.late = order == LATE
        try:
            result = perform()
        except BaseException as error:
            self.given = (False, f"{type(error).__name__}: {error}")
            raise
        self.given = (True, shown(result))
        return result

    def place_of(self, real: Memory) -> Span:
        """Return the bytes of a ctypes object in shared memory, as (memory, first, last)."""
        address = ctypes.addressof(real)
        for number, (begin, size) in enumerate(self._memories):
            if begin <= address < begin + size:
                return number, address - begin, address - begin + ctypes.sizeof(real) - 1
        raise ValueError(
            f"{one_of(type(real))} is not in shared memory that this worker was handed"
        )

    def _remind(self):
        self.abandoned += 1
        if self.abandoned > MOST_REMINDERS:
            os._exit(0)
        raise _Abandoned

    def give_back(self, numbers: bytes) -> None:
        """Release locks that this process holds, by their numbers, each as often as named."""
        for number in numbers:
            self.awaited[number].release()


def shown(value: Any) -> Any:
    """Return the value itself where it is plain and short, else words for it."""
    kind = type(value)
    if kind is int:
        bits = value.bit_length()
        return value if bits <= 1000 else f"an int of {bits} bits"
    if kind in PLAIN:
        return value if kind not in (str, bytes) or len(value) <= 100 else value[:100]
    if kind in (list, tuple) and len(value) <= 100:
        return kind(map(shown, value))
    if kind in (list, tuple):
        return f"{len(value)} items"
    return repr(value) if isinstance(value, int | float) else one_of(kind)
