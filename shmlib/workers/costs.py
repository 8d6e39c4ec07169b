"""What the same work costs, done in different ways."""

import time
from random import Random


def add_to_own(times):
    """Add to a variable that no other process has."""
    own = 0
    for _ in range(times):
        own += 1
    return own


def add_in_blocks(number, times, grain):
    """Add 1, `times` times over, taking the lock once for `grain` additions."""
    inside = number.get_obj()
    for start in range(0, times, grain):
        with number.get_lock():
            for _ in range(min(grain, times - start)):
                inside.value += 1


def add_and_merge(number, times):
    """Add by oneself, and to the shared number once, at the end."""
    own = 0
    for _ in range(times):
        own += 1
    with number.get_lock():
        number.value += own


def add_to_item(numbers, place, times):
    """Add 1 to an item of a RawArray, `times` times over; there is no lock."""
    for _ in range(times):
        numbers[place] += 1


def count_primes(start, stop):
    """Count the primes from start up to stop, by trial division."""
    found = 0
    for candidate in range(max(2, start), stop):
        divisor = 2
        while divisor * divisor <= candidate and candidate % divisor:
            divisor += 1
        found += divisor * divisor > candidate
    return found


def in_rounds(barrier, tasks, rounds):
    """Do every task once a round; return the seconds of each task, a list for each.

    Each round has another order, the same in all processes, and the barrier makes them begin a task
    together. A task of None is a rest, which leaves the processor to the others.
    """
    shuffled, places, found = Random(0), range(len(tasks)), []
    for _ in range(rounds):
        for place in shuffled.sample(places, len(places)):
            barrier.wait()
            begin = time.perf_counter()
            if tasks[place]:
                tasks[place]()
            found.append((place, time.perf_counter() - begin))
    return [[took for at, took in found if at == place] for place in places]
