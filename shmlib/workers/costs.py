"""What the same additions cost, with the lock taken more or less often."""

import time


def add_raw(number, times):
    for _ in range(times):
        number.value += 1


def add_in_blocks(number, times, grain):
    """Add 1 so many times; hold the lock for `grain` of them."""
    inside = number.get_obj()
    for start in range(0, times, grain):
        with number.get_lock():
            for _ in range(min(grain, times - start)):
                inside.value += 1


def add_and_merge(number, times):
    """Add by oneself, and touch the shared number once."""
    own = 0
    for _ in range(times):
        own += 1
    with number.get_lock():
        number.value += own


def timed(number, barrier, worker):
    """Return how many seconds worker(number) takes, begun together with the others."""
    barrier.wait()
    begin = time.perf_counter()
    worker(number)
    return time.perf_counter() - begin


def count_primes(start, stop):
    """Count the primes from start up to stop, by trial division."""
    found = 0
    for candidate in range(max(2, start), stop):
        divisor = 2
        while divisor * divisor <= candidate and candidate % divisor:
            divisor += 1
        found += divisor * divisor > candidate
    return found


def add_to_items(numbers, places, times):
    """Add 1 to each of the named items in turn; no lock is taken."""
    for _ in range(times):
        for place in places:
            numbers[place] += 1
