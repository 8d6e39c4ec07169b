"""Workers that go wrong at a step of their choice, for the campaign of faults."""

import multiprocessing
import os
import signal
import sys
import time
from multiprocessing import forkserver

REAL_SLEEP = time.sleep


def misbehave(counter, number, how, at, holding):
    """Take four steps on a RawValue, and go wrong before step `at`, with a lock in hand or not."""
    for step in range(4):
        if step == at:
            if holding:
                counter.acquire()
            go_wrong(how)
        number.value = step
    return "whole"


def go_wrong(how):
    globals()[how]()


def raise_():
    raise ValueError("on purpose")


def raise_base():
    raise KeyboardInterrupt("on purpose")


def exit_3():
    sys.exit(3)


def exit_hard():
    os._exit(3)


def exit_silently():
    os._exit(0)


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


def segfault():
    os.kill(os.getpid(), signal.SIGSEGV)


def stop():
    os.kill(os.getpid(), signal.SIGSTOP)


def spin():
    while True:
        pass


def spin_in_silence():
    """Ignore all that can be ignored, and go on."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    spin()


def close_all():
    os.closerange(3, 256)
    spin()


def close_all_and_end():
    os.closerange(3, 256)
    os._exit(0)


def half_a_message():
    """Write half a message into every pipe and socket there is, and stall.

    But not into that by which CPython's fork server lives: it would end by an assertion.
    """
    of_cpython = multiprocessing.current_process()._start_method == "forkserver"
    life = forkserver._forkserver._forkserver_alive_fd if of_cpython else None
    for number in set(range(3, 64)) - {life}:
        try:
            os.write(number, b"\x40\x00\x00\x00half")
        except OSError:
            continue
    spin()


def swallow():
    """Swallow everything, the end of the schedule included."""
    while True:
        try:
            spin()
        except BaseException:
            continue


def leave_a_child():
    """Fork a child that outlives the worker for a while."""
    if os.fork() == 0:
        os.execv("/bin/sleep", ["sleep", "2"])


def return_twice():
    """Fork, and let both go on and return."""
    os.fork()


def too_much_output():
    sys.stdout.write("x" * 3_000_000)


def eat_files():
    while True:
        os.dup(0)


def eat_memory():
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))
    bytearray(1 << 30)


HOW = [
    name
    for name, thing in list(globals().items())
    if callable(thing) and name not in ("misbehave", "go_wrong", "REAL_SLEEP")
]
