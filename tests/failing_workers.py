"""Workers that go wrong, for the tests: they live in a file, as every worker must."""

import os
import signal
import sys
import time


class Box:
    """What carries a shared object without a __dict__."""

    __slots__ = ("counter",)

    def __init__(self, counter):
        self.counter = counter


def add(counter):
    counter.value += 1
    return counter.value


def look(counter):
    return counter.get_obj().value


def add_later(counter):
    time.sleep(0.5)
    counter.value += 1


def count(counter):
    yield counter.value


async def fetch(counter):
    return counter.value


async def stream(counter):
    yield counter.value


class Counting:
    def __call__(self, counter):
        yield counter.value


def fail(counter):
    raise ValueError(f"no {counter.value}")


def take_lock_and_fail(counter):
    counter.get_lock().acquire()
    raise ValueError("the lock is still taken")


def take_lock(counter):
    counter.get_lock().acquire()


def take(lock):
    lock.acquire()


def take_and_give_back(counter):
    with counter.get_lock():
        counter.value += 1


def take_lock_and_kill_oneself(counter):
    counter.get_lock().acquire()
    kill_oneself(counter)


def kill_oneself(counter):
    os.kill(os.getpid(), signal.SIGKILL)


def leave(counter, code):
    sys.exit(code)


# What goes past Python's own stdout and stderr is not captured on Windows.
LINES = 2 if sys.platform == "win32" else 3


def write(counter, text):
    print(text)
    print(text, file=sys.stderr)
    if LINES == 3:
        os.write(1, text.encode() + b"\n")


def write_much(counter, size):
    print("x" * size)


def sleep_long(counter):
    print("asleep")
    time.sleep(60)


def sleep_named(counter):
    """Sleep under a process name that a test can look for (Linux)."""
    with open("/proc/self/comm", "w") as name:
        name.write("asleep")
    time.sleep(60)


def return_unpicklable(counter):
    return lambda: None


def return_much(counter):
    return b"x" * 5_000_000


def loaded_modules(counter):
    return sorted(sys.modules)


def close_all(counter):
    os.closerange(3, 256)
    time.sleep(60)


def close_all_and_end(counter):
    os.closerange(3, 256)


def stop_half_way(counter):
    """Stop after half a message has been sent."""
    results = sys._getframe(1).f_locals["results"]
    os.write(results.fileno(), (100).to_bytes(8, "little") + b"half of it")
    os.kill(os.getpid(), signal.SIGSTOP)
