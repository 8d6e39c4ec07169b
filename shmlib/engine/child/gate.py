"""The gate: where a worker says what it is about to do, and waits until it may."""

import ctypes
import marshal
import os
import sys
import threading
from collections.abc import Callable
from types import CodeType
from typing import Any

from ...memory.objects import Awaited, Memory, one_of
from . import PLAIN
from .clock import Clock
from .messages import ASKS, GRANT, LATE, Ask, Description, Given, Span, WorkerEnd
from .whereabouts import Whereabouts, in_source

# An abandoned worker that swallows this many reminders is ended.
MOST_REMINDERS = 1000


class _Abandoned(BaseException):
    """The schedule has ended without this worker, which unwinds."""


class Gate:
    """The place where a worker says what it is about to do, and waits until it may.

    Args:
        line: to the parent.
        awaited, names: what workers wait for, and the name of each.
        memories: all that is shared.
        outermost: the code object of the function that calls the worker.
    """

    def __init__(
        self,
        line: WorkerEnd,
        awaited: list[Awaited],
        names: list[str],
        memories: list[Memory],
        outermost: CodeType,
    ):
        self.awaited = awaited
        self.awaited_names = names
        self._memories = [(ctypes.addressof(memory), ctypes.sizeof(memory)) for memory in memories]
        self._line = line
        self._thread, self._process = threading.get_ident(), os.getpid()
        self._known: dict[tuple[object, ...], int] = {}
        self._whereabouts = Whereabouts(outermost)
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
        if state is not None:
            parts = number, shown(value), _whole(value), state, self.clock.time_seen
            state = hash(repr(parts))
        if value is not None:
            value = shown(value)
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
            self.given = (False, f"{type(error).__name__}: {error}", None)
            raise
        self.given = (True, shown(result), _whole(result))
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


def _whole(value):
    """Return a hash of a value that `shown` may cut, else None."""
    kind = type(value)
    if kind in (list, tuple) or (kind in (str, bytes) and len(value) > 100):
        return hash(repr(value))
    return None


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
