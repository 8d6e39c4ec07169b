"""Ways to hand bytes to another process.

Each way is a context manager: it starts a process, and gives a function that hands it a message
and waits for the answer, a checksum of what has arrived.
"""

import multiprocessing
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing.managers import SyncManager
from typing import Any, TypeAlias
from zlib import crc32

from ..checks import check_whole
from ..engine.arguments import fitting_start_method
from ..engine.child.process import end_with_parent
from ..engine.tracker import start_tracker
from ..words import short_repr, size_words
from ..workers import messages
from .stopwatch import ROUNDS, Timings, calls

# The way that all others are measured against: no other process, and nobody to be told.
ALONE = "one process alone"
# Seconds that a process lives at most.
LIMIT = 120.0
# Hands a message over, and returns the checksum of what has arrived.
Send: TypeAlias = Callable[[bytes], int]


@contextmanager
def alone(context: Any, largest: int) -> Iterator[Send]:
    """Copy the message and read the copy, within this process."""
    array = context.RawArray("c", largest)

    def send(message):
        array.raw = message
        return crc32(memoryview(array)[: len(message)])

    yield send


@contextmanager
def shared_memory(
    context: Any, largest: int, reader: Any = messages.read_in_place
) -> Iterator[Send]:
    """Copy the message into an array that both have; say through a pipe how long it is."""
    array = context.RawArray("c", largest)
    with _process(context, reader, array) as pipe:

        def send(message):
            messages.share(message, pipe, array)
            return pipe.recv()

        yield send


@contextmanager
def pipe(context: Any, largest: int) -> Iterator[Send]:
    """Send the message through a pipe."""
    with _process(context, messages.read_pipe) as pipe:

        def send(message):
            pipe.send_bytes(message)
            return pipe.recv()

        yield send


@contextmanager
def queue(context: Any, largest: int) -> Iterator[Send]:
    """Put the message into a queue: it is pickled, and a thread writes it into a pipe."""
    queue = context.Queue()
    with _process(context, _read_queue, queue) as pipe:

        def send(message):
            queue.put(message)
            return pipe.recv()

        yield send


def _read_queue(pipe, queue):
    end_with_parent()  # it holds both ends of the queue, and would wait forever
    messages.read_queue(pipe, queue)


@contextmanager
def file(context: Any, largest: int) -> Iterator[Send]:
    """Write the message into a file, which the other process reads."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "message")
        with _process(context, _read_file, path) as pipe:

            def send(message):
                with open(path, "wb") as out:
                    out.write(message)
                pipe.send(len(message))
                return pipe.recv()

            yield send


def _read_file(pipe, path):
    try:
        messages.read_file(pipe, path)
    finally:
        shutil.rmtree(os.path.dirname(path), ignore_errors=True)


@contextmanager
def manager(context: Any, largest: int) -> Iterator[Send]:
    """Keep the message in a manager, a third process that serves both."""
    start_tracker()  # first, so that the manager's socket lies in the folder that it clears up
    manager = SyncManager(ctx=context)
    manager.start(end_with_parent)
    with manager:
        box = manager.list([b""])
        with _process(context, messages.read_manager, box) as pipe:

            def send(message):
                box[0] = message
                pipe.send(len(message))
                return pipe.recv()

            yield send


@contextmanager
def pool(context: Any, largest: int) -> Iterator[Send]:
    """Give the message to a function in a pool, as its argument; the answer is what it returns."""
    with context.Pool(1) as processes:
        # A pool replaces a process that was killed, and forgets what it was doing.
        yield lambda message: processes.apply_async(crc32, (message,)).get(LIMIT)


WAYS: dict[str, Callable[[Any, int], Any]] = {
    ALONE: alone,
    "shared memory, read in place": shared_memory,
    "shared memory, copied out": partial(shared_memory, reader=messages.copy_out),
    "pipe": pipe,
    "queue": queue,
    "file": file,
    "manager": manager,
    "pool": pool,
}


@contextmanager
def _process(context, function, *args):
    """Start function(pipe, *args) in a process; yield this end of the pipe, then kill it."""
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(function, theirs, *args), daemon=True)
    process.start()
    theirs.close()
    # One that is stopped, or waits for somebody who was killed, never answers.
    watch = threading.Timer(LIMIT, process.kill)
    watch.daemon = True
    watch.start()
    try:
        yield ours
    finally:
        watch.cancel()
        watch.join()
        process.kill()
        process.join()
        ours.close()


def _answer(function, pipe, *args):
    with suppress(EOFError, BrokenPipeError):  # the parent is gone
        function(pipe, *args)


def _message(size):
    try:
        return os.urandom(size)
    except (MemoryError, OverflowError) as error:
        raise _no_room(size, error) from None


def _no_room(size, error):
    return RuntimeError(f"there is no room for a message of {size:,} bytes: {error}".rstrip(": "))


def measure(
    sizes: Sequence[int],
    ways: Iterable[str] | None = None,
    rounds: int = ROUNDS,
    start_method: str = "spawn",
) -> list[Timings]:
    """Measure ways to hand over messages; starting the processes is not counted.

    Args:
        sizes: of the messages, in bytes, each 1 or more.
        ways: names out of WAYS; None for all.
        rounds: how often each way hands over a message of each size, 3 or more.
        start_method: of the processes.

    Returns:
        `Timings` for each size: the time from handing a message over to having the answer.

    Raises:
        TypeError, ValueError: an argument does not fit, a way is not known, or a size is below 1.
        RuntimeError: there is no room for a message, or a process was killed, or took too long to
            answer.
    """
    if isinstance(ways, str) or not isinstance(ways, Iterable | None):
        raise TypeError(f"ways must be a list of names, not {short_repr(ways)}")
    ways = list(WAYS) if ways is None else list(ways)
    for way in ways:
        if way not in list(WAYS):
            raise ValueError(
                f"each of the ways must be one of {'; '.join(WAYS)}, not {short_repr(way)}"
            )
    if not isinstance(sizes, Sequence) or isinstance(sizes, str | bytes):
        raise TypeError(f"sizes must be a list of sizes in bytes, not {short_repr(sizes)}")
    if not sizes or not ways:
        raise ValueError(f"{'ways' if sizes else 'sizes'} must not be empty")
    for size in sizes:
        check_whole("each of the sizes", size)
    check_whole("rounds", rounds, least=3)  # the first is not counted
    start_method = fitting_start_method((), start_method)
    context = multiprocessing.get_context(start_method)
    found = []
    with ExitStack() as stack:
        try:
            sends = {way: stack.enter_context(WAYS[way](context, max(sizes))) for way in ways}
        except (OSError, MemoryError, OverflowError) as error:
            raise _no_room(max(sizes), error) from None
        for size in sizes:
            message = _message(size)
            handing = {way: partial(send, message) for way, send in sends.items()}
            what = f"time to hand over {size_words(size)}"
            try:
                found.append(calls(handing, what, rounds, expected=crc32(message)))
            except (EOFError, OSError, multiprocessing.TimeoutError) as error:
                raise RuntimeError(
                    f"a process that is handed messages has ended, or did not answer within "
                    f"{LIMIT:g} s, and was ended: {type(error).__name__}"
                ) from None
    return found
