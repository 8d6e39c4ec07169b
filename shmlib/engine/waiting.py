"""Waiting for processes: with the stop button in mind, and never without a limit."""

# The names that `signal` puts around each call take ten times as long.
import _signal  # type: ignore[import-not-found]
import select
import signal
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing import connection
from typing import Any, TypeVar

from .child import WINDOWS

R = TypeVar("R")
# On Windows nothing waits for longer than this (seconds) without a look at the stop button.
SLICE = 0.1
# An interrupt that has been held back for so many seconds is not held back when it comes again.
URGENT = 1.0


def wait(sources: Iterable[Any], seconds: float) -> list[Any]:
    """Return those of the sources that are ready, as `multiprocessing.connection.wait` does.

    On Windows a wait is not woken by the stop button, so it is cut into slices there.
    """
    if not WINDOWS:
        return _poll(sources, seconds)
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        ready = connection.wait(sources, max(0, min(left, SLICE)))
        if ready or left <= SLICE:
            return ready


def _poll(sources, seconds):
    # That of multiprocessing makes a selector each time, which takes far longer.
    poll, by_number = select.poll(), {}
    for source in sources:
        number = source if isinstance(source, int) else source.fileno()
        by_number[number] = source
        poll.register(number, select.POLLIN)
    return [by_number[number] for number, _ in poll.poll(max(0, seconds) * 1000)]


class StopButton:
    """Hold a KeyboardInterrupt back until the next wait, or the end of the `with` block.

    In between it would lose a process that is half started, or an answer that is half read. What a
    worker has returned may come with code of its own, which never ends: a second interrupt, a while
    after the first, is taken at once.
    """

    _depth = 0

    def __enter__(self) -> "StopButton":
        self._depth += 1
        if self._depth == 1:
            self._came = self._waiting = False
            alone = threading.current_thread() is threading.main_thread()
            handler = _signal.getsignal(signal.SIGINT) if alone else None
            self._handler: Any = handler if callable(handler) else None
            if self._handler:
                _signal.signal(signal.SIGINT, self._hold)
        return self

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._handler:
            _signal.signal(signal.SIGINT, self._handler)
            if self._came:
                self._handler(signal.SIGINT, None)

    def _hold(self, number, frame):
        if not self._came:
            self._came_at = time.monotonic()
        self._came = True
        if self._waiting or time.monotonic() - self._came_at > URGENT:
            self._interrupt()

    def _interrupt(self):
        self._came = self._waiting = False
        self._handler(signal.SIGINT, None)

    def wait(self, waiting: Callable[..., R], *args: Any) -> R:
        """Return waiting(*args), which an interrupt may end."""
        self._waiting = True
        if self._came:
            self._interrupt()
        try:
            return waiting(*args)
        finally:
            self._waiting = False


class SigintBlocked:
    """Start workers with SIGINT blocked: the stop button signals them too, and one that is not
    yet ready for it would write its traceback into the cell."""

    def __enter__(self) -> None:
        if not WINDOWS:
            self._mask = _signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def __exit__(self, *_: object) -> None:
        if not WINDOWS:
            _signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
