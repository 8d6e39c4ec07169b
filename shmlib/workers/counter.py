"""A counter that several processes add to, with the lock and without."""


def increment(counter):
    counter.value += 1


def add(counter, times):
    for _ in range(times):
        counter.value += 1


def add_locked(counter, times):
    for _ in range(times):
        with counter.get_lock():
            counter.value += 1


def add_in_rounds(totals, barrier, times):
    """Add to one item of an Array after the other; all workers begin each round together."""
    for place in range(len(totals)):
        barrier.wait()
        for _ in range(times):
            totals[place] += 1


def increment_item(counters, place):
    counters[place] += 1


def reset(counter):
    counter.value = 0
