"""The time in a gated worker: a schedule is in no hurry, whatever the real clock says.

``time.sleep`` returns at once and lets the worker's own clock go on by as much, so that a loop with
a time-out ends under a schedule as it does at full speed. A look at the clock takes a millisecond.
"""

import math
import sys
import time
from collections.abc import Callable

LOOK = 1_000_000  # nanoseconds
EPOCH = 1_767_225_600 * 10**9  # what time.time() begins with: 2026 began then


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

    def replace_the_real_one(self) -> None:
        """Put this clock in the place of the one of `time`, also where it was imported by name."""
        stands_in: dict[Callable[..., object], Callable[..., object]] = {time.sleep: self.sleep}
        for name in ("monotonic", "perf_counter", "time"):
            since = EPOCH if name == "time" else 0
            stands_in[getattr(time, name)] = self._reader(since, 10**9)
            stands_in[getattr(time, f"{name}_ns")] = self._reader(since, None)
        for module in [time, *sys.modules.values()]:
            if module is not time and getattr(module, "__name__", "") in _REAL:
                continue
            for name, value in list(getattr(module, "__dict__", {}).items()):
                if type(value) is type(len) and value in stands_in:
                    setattr(module, name, stands_in[value])

    def _reader(self, since, unit):
        def read():
            self._looked = True
            self._now += LOOK
            return (since + self._now) / unit if unit else since + self._now

        return read


# Modules of the engine, and of what it stands on, that wait in real time.
_REAL = {"multiprocessing.connection", "selectors", "threading", "shmlib.engine.child.messages"}
