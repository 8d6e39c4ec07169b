"""The time in a gated worker: a schedule is in no hurry, whatever the real clock says.

``time.sleep`` returns at once and lets the worker's own clock go on by as much, so that a loop with
a time-out ends under a schedule as it does at full speed. A look at the clock takes a millisecond.
"""

import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

LOOK = 1_000_000  # nanoseconds
EPOCH = 1_767_225_600 * 10**9  # what time.time() begins with: 2026 began then
CLOCKS = ("monotonic", "perf_counter", "time")
# A module, a name in it, and the function of `time` that it stands for.
Found: TypeAlias = tuple[Any, str, Callable[..., object]]


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

    def replace_the_real_one(self, found: Sequence[Found] | None = None) -> None:
        """Put this clock in the place of the one of `time`, also where it was imported by name.

        Args:
            found: what `readers_of_the_clock` returns, where the parent has looked already.
        """
        stands_in: dict[Callable[..., object], Callable[..., object]] = {time.sleep: self.sleep}
        for name in CLOCKS:
            since = EPOCH if name == "time" else 0
            stands_in[getattr(time, name)] = self._reader(since, 10**9)
            stands_in[getattr(time, f"{name}_ns")] = self._reader(since, None)
        for module, name, real in readers_of_the_clock() if found is None else found:
            setattr(module, name, stands_in[real])

    def _reader(self, since, unit):
        def read():
            self._looked = True
            self._now += LOOK
            return (since + self._now) / unit if unit else since + self._now

        return read


def readers_of_the_clock() -> list[Found]:
    """Return (module, name, function) for each function of `time` that `Clock` stands in for, in
    `time` itself and wherever it was imported by name."""
    return [
        (module, name, value)
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "") not in _REAL
        for name, value in list(getattr(module, "__dict__", {}).items())
        if type(value) is type(len) and value in _REPLACED
    ]


_REPLACED = frozenset(
    {time.sleep} | {getattr(time, name + unit) for name in CLOCKS for unit in ("", "_ns")}
)
# Modules of the engine, and of what it stands on, that wait in real time.
_REAL = {"multiprocessing.connection", "selectors", "threading", "shmlib.engine.child.messages"}
