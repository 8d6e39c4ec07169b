"""A buffer between producers and consumers: an Array that is filled and emptied in a ring.

`ends` counts what was put in and what was taken out.
"""


def put(items, ends, value):
    items[ends[0] % len(items)] = value
    ends[0] += 1


def take(items, ends):
    value = items[ends[1] % len(items)]
    ends[1] += 1
    return value


def produce(items, ends, free, filled, lock, values):
    for value in values:
        free.acquire()
        with lock:
            put(items, ends, value)
        filled.release()


def consume(items, ends, free, filled, lock, times):
    taken = []
    for _ in range(times):
        filled.acquire()
        with lock:
            taken.append(take(items, ends))
        free.release()
    return taken


def consume_lock_first(items, ends, free, filled, lock, times):
    taken = []
    for _ in range(times):
        with lock:
            filled.acquire()
            taken.append(take(items, ends))
        free.release()
    return taken


def produce_on(items, ends, changed, values):
    for value in values:
        with changed:
            while ends[0] - ends[1] == len(items):
                changed.wait()
            put(items, ends, value)
            changed.notify()


def consume_on(items, ends, changed, times):
    taken = []
    for _ in range(times):
        with changed:
            while ends[0] == ends[1]:
                changed.wait()
            taken.append(take(items, ends))
            changed.notify()
    return taken


def consume_on_if(items, ends, changed, times):
    taken = []
    for _ in range(times):
        with changed:
            if ends[0] == ends[1]:
                changed.wait()
            taken.append(take(items, ends))
            changed.notify()
    return taken


def produce_for_all(items, ends, changed, values):
    for value in values:
        with changed:
            while ends[0] - ends[1] == len(items):
                changed.wait()
            put(items, ends, value)
            changed.notify_all()


def consume_for_all(items, ends, changed, times):
    taken = []
    for _ in range(times):
        with changed:
            while ends[0] == ends[1]:
                changed.wait()
            taken.append(take(items, ends))
            changed.notify_all()
    return taken
