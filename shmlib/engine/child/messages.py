"""What parent and child say to each other, and the line over which they say it."""

import os
import select
import sys
import time
from multiprocessing.connection import Connection
from typing import Any, Literal, NamedTuple, TypeAlias

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
Span: TypeAlias = tuple[int, int, int]
# What the step before gave: (True, its value) or (False, what it raised, in words); None at first.
Given: TypeAlias = tuple[bool, Any] | None
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
    """

    memory: int
    first: int
    last: int

    def overlaps(self, other: "Place") -> bool:
        """True where the two have a byte in common."""
        return self.memory == other.memory and self.first <= other.last and other.first <= self.last


class Request(NamedTuple):
    """What a worker is about to do.

    Attributes:
        action: "read", "write", "acquire", "release", or one of those of `views` that say what is
            done to a Condition, an Event or a Barrier.
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


class Line:
    """One end of the connection between a worker and the parent: whole messages, both ways.

    On POSIX systems it reads and writes the pipes itself, in one call a message. A step then costs
    little more than a bare round trip; over a socket, which a duplex pipe is, it costs twice that.

    Args:
        incoming, outgoing: ends of one-way `multiprocessing.connection.Pipe`s.
    """

    def __init__(self, incoming: Connection, outgoing: Connection):
        self.incoming = incoming
        self._outgoing = outgoing
        self._rest = b""
        if sys.platform == "win32":
            self.send, self.peek = outgoing.send_bytes, bool
            self.receive = self._receive_whole
        else:
            self._reading, self._writing = incoming.fileno(), outgoing.fileno()
            self._poll = select.poll()
            self._poll.register(self._reading, select.POLLIN)

    def peek(self) -> bool:
        """Wait for a message up to LOOK seconds, without reading it; True where one has come."""
        return bool(self._poll.poll(LOOK * 1000))

    @property
    def arrived(self) -> bool:
        """True where the next message, or a part of it, has been read already."""
        return bool(self._rest)

    def send(self, message: bytes) -> None:
        data = len(message).to_bytes(4, "little") + message
        while (written := os.write(self._writing, data)) < len(data):
            data = data[written:]

    def receive(self, deadline: float | None = None) -> bytes:
        """Return the next message.

        Args:
            deadline: by time.monotonic(), for the rest of a message that has begun to come; None
                to wait as long as it takes.

        Raises:
            EOFError: the other end is closed.
            TimeoutError: no whole message came before the deadline.
        """
        data = self._rest or self._read()
        end = int.from_bytes(data[:4], "little") + 4 if len(data) >= 4 else 4
        if len(data) < end or end == 4:
            data = bytearray(data)
            while len(data) < 4:
                data += self._more(deadline)
            end = int.from_bytes(data[:4], "little") + 4
            while len(data) < end:
                data += self._more(deadline)
            data = bytes(data)
        self._rest = data[end:]
        return data[4:end]

    def _receive_whole(self, deadline=None):
        if deadline is not None and not self.incoming.poll(max(0, deadline - time.monotonic())):
            raise TimeoutError
        return self.incoming.recv_bytes()

    def _more(self, deadline):
        while deadline is not None and not self.peek():
            if time.monotonic() > deadline:
                raise TimeoutError
        return self._read()

    def _read(self):
        data = os.read(self._reading, 65536)
        if not data:
            raise EOFError
        return data

    def close(self) -> None:
        self.incoming.close()
        self._outgoing.close()
