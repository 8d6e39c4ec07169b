"""Shared memory with a name, and the ways in which it goes wrong."""

import multiprocessing
import os
from contextlib import contextmanager
from multiprocessing.shared_memory import SharedMemory
from types import SimpleNamespace


@contextmanager
def named(size):
    """Shared memory that is gone after the block."""
    memory = SharedMemory(create=True, size=size)
    try:
        yield memory
    finally:
        memory.unlink()
        memory.close()


def write_first(name):
    memory = SharedMemory(name)
    memory.buf[0] = 7
    memory.close()


def write_without_room():
    """Write to shared memory whose room is taken away, as if /dev/shm were full."""
    with named(4096) as memory:
        os.ftruncate(memory._fd, 0)
        memory.buf[0] = 1


def folder_of_array(full):
    """Say in which folder the file behind a new Array is; full: as if /dev/shm had no room."""
    if full:
        os.statvfs = lambda path: SimpleNamespace(f_bavail=0, f_frsize=4096)
    array = multiprocessing.Array("i", 1000)
    with open("/proc/self/maps") as maps:
        path = next(line.split()[5] for line in maps if "/pym-" in line)
    del array
    return "/dev/shm" if path.startswith("/dev/shm/") else "a temporary folder"
