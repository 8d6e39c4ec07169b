"""The time in a gated worker: a schedule is in no hurry, whatever the real clock says.

``time.sleep`` returns at once and lets the worker's own clock go on by as much, so that a loop with
a time-out ends under a schedule as it does at full speed. A look at the clock takes a millisecond.
"""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

LOOK = 1_000_000  # nanoseconds
EPOCH = 1_767_225_600 * 10**9  # what time.time() begins with: 2026 began then
CLOCKS = ("monotonic", "perf_counter", "time")
# The functions of `time` that it stands in for.
READERS = [time.sleep] + [getattr(time, name + unit) for name in CLOCKS for unit in ("", "_ns")]


class Clock:
    """A worker's own clock.

    Attributes:
        time_seen: nanoseconds since the start, if the worker has looked; else None.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start anew."""
        self._now = 0
        self._looked = False

    @property
    def time_seen(self) -> int | None:
        return self._now if self._looked else None

    def sleep(self, seconds: float) -> None:
        """Stand in for time.sleep."""
        if math.copysign(1, seconds) < 0 and seconds:
            raise ValueError("sleep length must be non-negative")
        self._now += round(seconds * 10**9)

    def stands_in(self) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
        """Yield each of READERS with the function that takes its place."""
        yield time.sleep, self.sleep
        for name in CLOCKS:
            since = EPOCH if name == "time" else 0
            yield getattr(time, name), self._reader(since, 10**9)
            yield getattr(time, f"{name}_ns"), self._reader(since, None)

    def _reader(self, since, unit):
        def read():
            self._looked = True
            self._now += LOOK
            return (since + self._now) / unit if unit else since + self._now

        return read
