"""What a step and an exploration cost beside a bare pipe round trip between the same processes.

    python -m uv run python benchmarks/step.py

Prints the median time of a granted step over that of a bare round trip of one byte, measured in
turn in the same run on one core (aim: 1.3 or less), and the time of all 70 interleavings of two
workers of two `+=` (aim: 0.1 s).
"""

import multiprocessing
import os
import platform
import statistics
from functools import partial

from shmlib import Stepper, explore
from shmlib.workers import counter
from start import seconds

ROUNDS = 40
STEPS = 100


def echo(pipe):
    while pipe.recv_bytes():
        pipe.send_bytes(b"x")


def round_trips(pipe):
    for _ in range(STEPS):
        pipe.send_bytes(b"x")
        pipe.recv_bytes()


def steps(stepper):
    with stepper.stop_button:
        for _ in range(STEPS):
            stepper.advance("A")


def main():
    """Measure, and print it."""
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}")
    context = multiprocessing.get_context("spawn")
    number = context.Value("i", 0)
    two = partial(counter.add, times=2)
    times = [seconds(explore, [two, two], number) for _ in range(10)]
    print(f"explore    {statistics.median(times):.3f} s for 70 interleavings, with the start")
    if hasattr(os, "sched_setaffinity"):
        # On one core both sides meet the same scheduler; on two, a wake-up costs now 3 us, now 30.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ours, theirs = context.Pipe()
    process = context.Process(target=echo, args=(theirs,))
    process.start()
    bare, granted = [], []
    worker = partial(counter.add, times=STEPS // 2)
    with Stepper([worker], number) as stepper:
        for _ in range(ROUNDS):
            stepper.rewind()
            bare.append(seconds(round_trips, ours))
            granted.append(seconds(steps, stepper))
    ours.send_bytes(b"")
    process.join()
    base, step = (statistics.median(times) / STEPS * 1e6 for times in (bare, granted))
    print(f"step       {step:6.1f} us, bare round trip {base:6.1f} us, ratio {step / base:.2f}")


if __name__ == "__main__":
    main()
