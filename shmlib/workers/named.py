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
    """Write where there is no memory behind the address, as if /dev/shm were full."""
    memory = SharedMemory(create=True, size=4096)
    memory.unlink()
    os.ftruncate(memory._fd, 0)
    memory.buf[0] = 1


def no_room(path):
    """What os.statvfs says of a folder that is full."""
    return SimpleNamespace(f_bavail=0, f_frsize=4096)


def folder_of_array(full):
    """Say where the file behind a new Array is; full: as if /dev/shm had no room."""
    if full:
        os.statvfs = no_room
    array = multiprocessing.Array("i", 1000)
    if not os.path.exists("/proc/self/maps"):
        return "only Linux tells"
    with open("/proc/self/maps") as maps:
        path = next(line.split()[5] for line in maps if "/pym-" in line)
    del array
    return "/dev/shm" if path.startswith("/dev/shm/") else "a temporary folder"
