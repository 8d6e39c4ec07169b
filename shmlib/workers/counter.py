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
