"""Workers that end, in one way or another, in the middle of their work."""

import os
import signal
import sys
import time


def be_killed():
    # Windows has no SIGKILL; there SIGTERM ends a process as roughly.
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def be_terminated():
    os.kill(os.getpid(), signal.SIGTERM)


def leave():
    sys.exit()


def fail():
    raise ValueError("no such account")


def end_inside(lock, how):
    with lock:
        how()


def transfer_and_stop(accounts, halfway):
    with accounts[0].get_lock(), accounts[1].get_lock():
        accounts[0].value -= 10
        halfway.set()
        time.sleep(60)
        accounts[1].value += 10


def square(squares, place, ill=False):
    if ill:
        be_killed()
    squares[place] = place**2
