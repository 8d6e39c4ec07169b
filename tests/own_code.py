"""CPython's own code of Condition, Event and Barrier, on locks and semaphores that are handed over.

Under `explore` each of its inner steps is then a step. What may come of a program must be the same
as with the objects themselves, which take few steps.
"""

import threading
from multiprocessing import synchronize


def condition_of(lock, asleep, woken, waiting):
    condition = object.__new__(synchronize.Condition)
    condition.__setstate__((lock, asleep, woken, waiting))
    return condition


def event_of(lock, asleep, woken, waiting, flag):
    event = object.__new__(synchronize.Event)
    event._cond, event._flag = condition_of(lock, asleep, woken, waiting), flag
    return event


class Barrier(threading.Barrier):
    def __init__(self, parties, condition, state):
        self._parties, self._cond, self._array = parties, condition, state
        self._action = self._timeout = None

    _state = synchronize.Barrier._state
    _count = synchronize.Barrier._count


def with_condition(*parts, program):
    *parts, number = parts
    return program(condition_of(*parts) if parts[1:] else parts[0], number)


def with_event(*parts, program):
    *parts, number = parts
    return program(event_of(*parts) if parts[1:] else parts[0], number)


def with_barrier(*parts, parties, program):
    *parts, state, number = parts
    condition = condition_of(*parts) if parts[1:] else None
    return program(Barrier(parties, condition, state) if condition else parts[0], number)


def wait(c, number):
    with c:
        c.wait()
        return number.value


def wait_held_twice(c, number):
    with c, c:
        c.wait()
        return number.value


def wait_twice(c, number):
    with c:
        c.wait()
    with c:
        c.wait()


def wait_in_time(c, number):
    with c:
        return c.wait(1), number.value


def wait_for_two(c, number):
    with c:
        return c.wait_for(lambda: number.value >= 2)


def notify(c, number):
    with c:
        number.value += 1
        c.notify()


def notify_two(c, number):
    with c:
        number.value += 1
        c.notify(2)


def notify_twice(c, number):
    notify(c, number)
    notify(c, number)


def notify_and_wait(c, number):
    with c:
        c.notify()
        c.wait()
        return "woken"


def event_wait(e, number):
    return e.wait(), number.value


def event_wait_twice(e, number):
    return e.wait(), e.wait()


def event_wait_in_time(e, number):
    return e.wait(1)


def event_pulse(e, number):
    e.set()
    e.clear()
    number.value = 1


def event_set(e, number):
    number.value = 1
    e.set()


def event_set_twice(e, number):
    e.set()
    e.clear()
    e.set()


def event_look(e, number):
    return e.is_set(), e.is_set()


def barrier_wait(b, number):
    try:
        return b.wait()
    except threading.BrokenBarrierError:
        return "broken"


def barrier_wait_twice(b, number):
    return barrier_wait(b, number), barrier_wait(b, number)


def barrier_wait_in_time(b, number):
    try:
        return b.wait(1)
    except threading.BrokenBarrierError:
        return "broken"


def barrier_abort(b, number):
    b.abort()


def barrier_reset(b, number):
    b.reset()
