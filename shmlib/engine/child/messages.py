"""What parent and child say to each other, and the line over which they say it."""

import functools
import os
import select
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Literal, NamedTuple, TypeAlias

from . import WINDOWS

# What the parent orders; a worker answers each, but QUIT, with one message. LATE grants a step,
# too: that of a worker whose time limit ran out. CLEAN and TAKE are followed by numbers of locks.
GRANT, LATE, START, CLEAN, TAKE, QUIT = b"g", b"l", b"s", b"c", b"t", b"q"
# A message begins with one of these: a request for a step, marshalled, or anything else, pickled.
ASKS, SAYS = b"a", b"p"
# Seconds that the parent waits for a message before it looks at what else a worker may be doing.
LOOK = 0.05

# What follows ASKS and SAYS are plain tuples, since marshal takes no others.

# (file, first line of the function, line) of the code that asks.
Where: TypeAlias = tuple[str, int, int]
# A `Place` on its way.
Span: TypeAlias = tuple[int, int, int] | tuple[int, int, int, bool]
# What the step before gave: (True, its value, a hash of it where it may be cut) or (False, what it
# raised, in words, None); None at first.
Given: TypeAlias = tuple[bool, Any, int | None] | None
# A `Request` in full, but for its value: action, target, lock, waits, where, place, whole.
Description: TypeAlias = tuple[str, str, int | None, bool, Where, Span | None, Span | None]
# After ASKS: the number of the request, its description when it is made for the first time, what is
# to be written, what the step before gave, and a hash of all that the worker will go by, or None.
Ask: TypeAlias = tuple[int, Description | None, Any, Given, int | None]
# After SAYS.
Waits: TypeAlias = tuple[Literal["waits"]]  # once, when its process is ready for the first START
Clean: TypeAlias = tuple[Literal["clean"]]  # it has unwound, and given back its locks
Returned: TypeAlias = tuple[Literal["returned"], Given, Any]  # its result
Raised: TypeAlias = tuple[Literal["raised"], Given, str, str]  # what, and the line that raised it
Refused: TypeAlias = tuple[Literal["refused"], Given, str]  # why nobody could follow it further
Unreturnable: TypeAlias = tuple[Literal["unreturnable"], Given, str]  # why it stays here
Answer: TypeAlias = Waits | Clean | Returned | Raised | Refused | Unreturnable


class Place(NamedTuple):
    """Bytes of shared memory.

    Attributes:
        memory: the number of the block of memory.
        first, last: offsets of the first and of the last byte.
        exact: False where not all of them are touched: some bits of a number, every second item.
    """

    memory: int
    first: int
    last: int
    exact: bool = True

    def overlaps(self, other: "Place") -> bool:
        """True where the two have a byte in common."""
        return self.memory == other.memory and self.first <= other.last and other.first <= self.last

    def shared_with(self, other: "Place") -> "Place":
        """Return the bytes that two places which overlap have in common."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Place(self.memory, first, last, self.exact and other.exact)


class Request(NamedTuple):
    """What a worker is about to do.

    Attributes:
        action: "read", "write", "acquire", "release", or one of those of `views_sync` that say what
            is done to a Condition, an Event or a Barrier.
        target: what it is done to, such as ``"numbers[2]"``.
        lock: number of the lock or the like that is needed or worked on, else None.
        waits: False where it takes its turn at once, whether or not it gets what it asks for.
        where: (file, first line of the function, line) of the code that asks.
        place: the bytes that are read or written; None for a lock, or an index that is not there.
        whole: the bytes that belong together, where this is a part of them: those of the record
            of a field, or of the slice that is copied item by item.
        value: what it writes; of a notify, how many it would wake; of a step by which a
            Condition's lock is taken again, how often; else None.
    """

    action: str
    target: str
    lock: int | None
    waits: bool
    where: Where
    place: Place | None = None
    whole: Place | None = None
    value: object = None

    def __str__(self) -> str:
        if self.action == "write":
            return f"write {self.value!r} to {self.target}"
        return f"{self.action} {self.target}"


class ParentEnd:
    """The parent's end of the line to a worker: orders go out, messages come in.

    On POSIX systems both ends read and write the pipes themselves, in one call for what is said in
    a step. It then costs little more than a bare round trip; over a socket, which a duplex pipe is,
    it costs twice that.

    Args:
        answers, orders: the ends of two one-way `multiprocessing.connection.Pipe`s.

    Attributes:
        answers: what a wait for the next message waits for.
        peek: a function that waits for a message up to LOOK seconds, without reading it; what it
            returns is true where one has come.
        rest: what has been read already of the next message.
    """

    def __init__(self, answers: Connection, orders: Connection):
        self.answers = answers
        self._orders = orders
        self.rest = b""
        self.peek: Callable[[], object] = bool
        if not WINDOWS:
            self._reading, self._writing = answers.fileno(), orders.fileno()
            poll = select.poll()
            poll.register(self._reading, select.POLLIN)
            self.peek = functools.partial(poll.poll, LOOK * 1000)

    def give(self, order: bytes, numbers: bytes | None = None) -> None:
        """Give an order, with the numbers of locks where it takes some."""
        try:
            if WINDOWS:
                self._orders.send_bytes(order + (numbers or b""))
            elif numbers is None:
                os.write(self._writing, order)
            else:
                _write(self._writing, order + len(numbers).to_bytes(4, "little") + numbers)
        except OSError:
            return  # the worker has ended; receive() tells

    def receive(self, deadline: float) -> tuple[bytes, bytes]:
        """Return the next message, as (ASKS or SAYS, what follows it).

        Args:
            deadline: by time.monotonic(), for the rest of a message that has begun to come.

        Raises:
            EOFError: the other end is closed.
            TimeoutError: no whole message came before the deadline.
        """
        if WINDOWS:
            if not self.answers.poll(max(0, deadline - time.monotonic())):
                raise TimeoutError
            data = self.answers.recv_bytes()
            return data[:1], data[5:]
        data = self.rest or os.read(self._reading, 65536)
        end = 5 + int.from_bytes(data[1:5], "little")
        if len(data) != end:
            data, end = self._whole(data, deadline)
        self.rest = data[end:]
        return data[:1], data[5:end]

    def _whole(self, data, deadline):
        """Return (what has come of a message and after it, where the message ends)."""
        data = bytearray(data)
        while len(data) < 5 or len(data) < (end := 5 + int.from_bytes(data[1:5], "little")):
            while data and not self.peek():
                if time.monotonic() > deadline:
                    raise TimeoutError
            more = os.read(self._reading, 65536)
            if not more:
                raise EOFError
            data += more
        return bytes(data), end

    def close(self) -> None:
        self.answers.close()
        self._orders.close()


class WorkerEnd:
    """The worker's end: orders come in, messages go out.

    Args:
        orders, answers: the ends of two one-way `multiprocessing.connection.Pipe`s.
    """

    def __init__(self, orders: Connection, answers: Connection):
        self._orders, self._answers = orders, answers
        self._reading, self._writing = orders.fileno(), answers.fileno()

    def next_order(self) -> bytes:
        """Wait for the next order, and return it with the numbers that follow it.

        Raises:
            EOFError: the other end is closed.
        """
        if WINDOWS:
            return self._orders.recv_bytes()
        order = self._read(1)
        if order in (CLEAN, TAKE):
            order += self._read(int.from_bytes(self._read(4), "little"))
        return order

    def _read(self, size):
        found = os.read(self._reading, size)
        while len(found) < size:
            if not (more := os.read(self._reading, size - len(found))):
                raise EOFError
            found += more
        return found

    def send(self, kind: bytes, message: bytes) -> None:
        """Send a message that begins with ASKS or SAYS."""
        data = kind + len(message).to_bytes(4, "little") + message
        if WINDOWS:
            self._answers.send_bytes(data)
        else:
            _write(self._writing, data)


def _write(descriptor, data):
    while (written := os.write(descriptor, data)) < len(data):
        data = data[written:]
