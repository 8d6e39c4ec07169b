"""One job, the sum of squares, and the ways to hand over its numbers."""

from contextlib import closing
from multiprocessing.shared_memory import SharedMemory

kept = None


def sum_squares(numbers):
    return sum(number * number for number in numbers)


def keep(shared):
    global kept
    kept = shared


def sum_kept(start, stop):
    return sum_squares(kept[start:stop])


def sum_named(name, start, stop):
    with (
        closing(SharedMemory(name)) as memory,
        memory.buf.cast("i") as numbers,
        numbers[start:stop] as part,
    ):
        return sum_squares(part)
