"""What the search of explore costs beside the steps that it takes, and beside running everything.

    python -m uv run python benchmarks/traces.py

For each program of known numbers: interleavings; schedules executed; seconds on one core, without
the start of the processes; of these, spent in steps, in going back to the start, and in the search
itself (aim: no more than in the steps, for lastzero(8) and philosophers(4)); and the seconds for
running every interleaving, where these are few. Aim: lastzero(6) in a second.
"""

import multiprocessing
import os
import platform
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import published
from shmlib import Stepper
from shmlib.engine.counting import ExtensionCounter
from shmlib.engine.optimal import Optimal
from shmlib.engine.orders import EveryOrder
from shmlib.engine.walk import Walk

FEW = 1_000


class Timed:
    """Adds up the seconds that a method of an object takes."""

    def __init__(self, item, name):
        self.seconds = 0
        self._method = getattr(item, name)
        setattr(item, name, self)

    def __call__(self, *args, **kwargs):
        began = time.perf_counter()
        try:
            return self._method(*args, **kwargs)
        finally:
            self.seconds += time.perf_counter() - began


def measured(name, search):
    """Return (interleavings, executed, seconds, of them in steps, in going back)."""
    workers, make = published.PROGRAMS[name]
    shared = make(multiprocessing.get_context("spawn"))
    with Stepper(workers, *shared) as stepper, stepper.stop_button:
        steps, restarts = Timed(stepper, "advance"), Timed(stepper, "rewind")
        walk, counter = Walk(stepper, shared), ExtensionCounter()
        number = executed = 0
        began = time.perf_counter()
        for _ in search(walk).executions():
            walk.end()
            number += counter.count(walk.past.last) if search is Optimal else 1
            executed += 1
        return number, executed, time.perf_counter() - began, steps.seconds, restarts.seconds


def main():
    """Measure, and print it."""
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    heads = ("interleavings", "executed", "seconds", "steps", "restarts", "search", "every")
    print(f"{'program':<20} {heads[0]:>22}" + "".join(f"{head:>10}" for head in heads[1:]))
    for name in published.PROGRAMS:
        number, executed, seconds, steps, restarts = measured(name, Optimal)
        every = f"{measured(name, EveryOrder)[2]:10.3f}" if number <= FEW else f"{'-':>10}"
        search = seconds - steps - restarts
        times = "".join(f"{part:10.3f}" for part in (seconds, steps, restarts, search))
        print(f"{name:<20} {number:>22,}{executed:>10,}{times}{every}", flush=True)


if __name__ == "__main__":
    main()
