"""Ways to hand bytes to another process, and a stopwatch for them.

Each way is a context manager: it starts a process, and gives a function that hands it a message
and waits for the answer, the number of bytes that arrived.
"""

import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.managers import SyncManager
from typing import Any, TypeAlias

from ..engine.child.process import end_with_parent
from ..engine.tracker import outlive_the_group, start_tracker
from ..progress import Progress
from ..shown import Shown
from ..words import size_words, time_words

SIZES = (8, 1_024, 65_536, 1_048_576, 67_108_864)
# A way is measured for so many seconds at one size, but at least LEAST times.
SECONDS = 0.1
LEAST = 5
# Hands a message over, and returns how many bytes have arrived.
Send: TypeAlias = Callable[[bytes], int]

outlive_the_group()


@contextmanager
def shared_memory(context: Any, largest: int) -> Iterator[Send]:
    """Copy the message into an Array that both have; say through a pipe how long it is."""
    array = context.RawArray("B", largest)
    with _process(context, _read_array, array) as pipe:
        view = memoryview(array).cast("B")

        def send(message):
            view[: len(message)] = message
            pipe.send(len(message))
            return pipe.recv()

        yield send


def _read_array(pipe, array):
    view = memoryview(array).cast("B")
    while True:
        pipe.send(len(view[: pipe.recv()]))


@contextmanager
def pipe(context: Any, largest: int) -> Iterator[Send]:
    """Send the message through a pipe."""
    with _process(context, _read_pipe) as pipe:

        def send(message):
            pipe.send_bytes(message)
            return pipe.recv()

        yield send


def _read_pipe(pipe):
    while True:
        pipe.send(len(pipe.recv_bytes()))


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
    end_with_parent()  # it holds both ends of the queue, and would wait for ever
    while True:
        pipe.send(len(queue.get()))


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
        while True:
            pipe.recv()
            with open(path, "rb") as message:
                pipe.send(len(message.read()))
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
        with _process(context, _read_manager, box) as pipe:

            def send(message):
                box[0] = message
                pipe.send(len(message))
                return pipe.recv()

            yield send


def _read_manager(pipe, box):
    while True:
        pipe.recv()
        pipe.send(len(box[0]))


@contextmanager
def pool(context: Any, largest: int) -> Iterator[Send]:
    """Give the message to a function in a pool, as its argument; the answer is what it returns."""
    with context.Pool(1) as processes:
        yield lambda message: processes.apply(len, (message,))


WAYS = {
    way.__name__.replace("_", " "): way for way in (shared_memory, pipe, queue, file, manager, pool)
}


@contextmanager
def _process(context, function, *args):
    """Start function(pipe, *args) in a process; yield this end of the pipe, then kill it."""
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(function, theirs, *args), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.kill()
        process.join()
        ours.close()


def _answer(function, pipe, *args):
    with suppress(EOFError, BrokenPipeError):  # the parent is gone
        function(pipe, *args)


# ----------------------------------------------------------------------------- the stopwatch


class Timings(Shown):
    """How long each way took at each size.

    Attributes:
        sizes: in bytes.
        medians: from the name of a way to its median times, in seconds, one for each size.
        spreads: the same for half the distance between the quartiles.
        memcpy: the median time of copying as many bytes within one process.
    """

    def __init__(
        self,
        sizes: tuple[int, ...],
        medians: dict[str, list[float]],
        spreads: dict[str, list[float]],
        memcpy: list[float],
    ):
        self.sizes = sizes
        self.medians = medians
        self.spreads = spreads
        self.memcpy = memcpy

    def __repr__(self):
        head = ["", *map(size_words, self.sizes)]
        rows = [head]
        for way, times in [*self.medians.items(), ("memcpy", self.memcpy)]:
            rows.append([way, *map(time_words, times)])
        wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(
                text.rjust(width) if place else text.ljust(width)
                for place, (text, width) in enumerate(zip(row, wide, strict=True))
            )
            for row in rows
        )


def measure(
    sizes: Sequence[int] = SIZES, ways: Iterable[str] | None = None, start_method: str = "spawn"
) -> Timings:
    """Measure ways to hand over messages; starting the processes is not counted.

    Args:
        sizes: of the messages, in bytes, each 1 or more.
        ways: names out of WAYS; None for all.
        start_method: of the processes.

    Returns:
        `Timings`: each time is from handing a message over to having the answer.

    Raises:
        ValueError: a way is not known, or a size is below 1.
    """
    ways = list(WAYS) if ways is None else list(ways)
    for way in ways:
        if way not in WAYS:
            raise ValueError(f"ways must be of {', '.join(WAYS)}, not {way!r}")
    if any(size < 1 for size in sizes):
        raise ValueError(f"sizes must be 1 byte or more, not {min(sizes)}")
    context = multiprocessing.get_context(start_method)
    medians, spreads = {}, {}
    messages = [os.urandom(min(size, 1 << 20)) * -(-size // (1 << 20)) for size in sizes]
    messages = [message[:size] for message, size in zip(messages, sizes, strict=True)]
    with Progress("measurements") as progress:
        for number, way in enumerate(ways):
            with WAYS[way](context, max(sizes)) as send:
                found = []
                for place, message in enumerate(messages):
                    found.append(stopwatch(send, message, len(message)))
                    progress.update(number * len(sizes) + place + 1, len(ways) * len(sizes))
            medians[way] = [middle for middle, _ in found]
            spreads[way] = [spread for _, spread in found]
    target = memoryview(bytearray(max(sizes)))
    memcpy = [stopwatch(lambda m: _copy(target, m), message)[0] for message in messages]
    return Timings(tuple(sizes), medians, spreads, memcpy)


def _copy(target, message):
    target[: len(message)] = message


def stopwatch(
    function: Callable[[Any], object],
    argument: Any,
    expected: object = None,
    seconds: float = SECONDS,
    least: int = LEAST,
) -> tuple[float, float]:
    """Call function(argument) again and again; return (median, half the quartile distance).

    Args:
        function, argument: what is measured. One call before the first is not counted.
        expected: what each call must give, None for anything.
        seconds: how long to go on, in seconds.
        least: how many calls at least.

    Raises:
        RuntimeError: a call gave something else than expected.
    """
    times: list[float] = []
    finest = time.get_clock_info("perf_counter").resolution  # 1 us on some systems
    begin = time.perf_counter()
    while len(times) <= least or time.perf_counter() - begin < seconds:
        before = time.perf_counter()
        got = function(argument)
        times.append(max(time.perf_counter() - before, finest))
        if expected is not None and got != expected:
            raise RuntimeError(f"a measured call gave {got!r} and not {expected!r}")
    first, middle, third = statistics.quantiles(times[1:], n=4)
    return middle, (third - first) / 2
