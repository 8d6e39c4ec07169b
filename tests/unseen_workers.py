"""Workers that look at shared memory where no gate sees it."""

import copy
import ctypes
import multiprocessing
import struct
from ctypes import memmove  # noqa: F401  # by which test_gates has it

import numpy as np

SPAWN = multiprocessing.get_context("spawn")
unseen = SPAWN.RawArray("i", 3)
as_numpy = np.frombuffer(unseen, dtype="i4")
as_bytes = memoryview(unseen).cast("B")
other = (ctypes.c_int * 3).from_buffer(unseen)


def write_with_numpy(numbers):
    as_numpy[1] += 1


def write_bytes(numbers):
    numbers[0], numbers[1] = 1, 2
    as_bytes[11] = 1


def write_by_ctypes(numbers):
    numbers[0], numbers[1] = 1, 2
    other[0] = 5


def set_first(numbers):
    numbers[0] = 0


WRITE_UNSEEN = [write_with_numpy, write_bytes, write_by_ctypes]


class Pair(ctypes.Structure):
    _fields_ = [("left", ctypes.c_int), ("_right", ctypes.c_int)]


records = SPAWN.RawArray(Pair, 2)
first_record, single = records[0], SPAWN.RawValue(Pair)


def read_a_part(pairs):
    return first_record.left


def write_a_part(pairs):
    first_record._right = 3


def copy_a_part(pairs):
    return copy.copy(first_record).left


def read_a_private_field(pairs):
    return single._right


USE_A_PART = [read_a_part, write_a_part, copy_a_part, read_a_private_field]


def keep_a_part(pairs):
    pair = pairs[1]
    pair.left = 3
    import colorsys  # noqa: F401  # a module that no process has

    pair.left += 1
    return pair.left


def read_with_numpy(numbers):
    return np.frombuffer(numbers, dtype="i4")[0]


def read_with_a_memoryview(numbers):
    return memoryview(numbers)[0]


def pack_into(numbers):
    struct.pack_into("i", numbers, 0, 1)


def from_buffer(numbers):
    return (ctypes.c_int * 2).from_buffer(numbers)[0]


READ_BYTES = [read_with_numpy, read_with_a_memoryview, pack_into, from_buffer]


def read_bytes_of_a_number(numbers):
    return memoryview(numbers[0])


class Header(ctypes.Structure):
    """A record that says itself how it is written to a file."""

    _fields_ = (("kind", ctypes.c_int), ("checked", ctypes.c_int))

    def __bytes__(self):
        return struct.pack("i", self.kind)


def check_header(header):
    if not header.kind:
        header.checked = 1


def change_header(header):
    header.kind = 1


class Account:
    def __init__(self, pairs, part):
        self.lock, self.pairs, self.part = multiprocessing.get_context("fork").Lock(), pairs, part

    def deposit(self):
        with self.lock:
            self.part[0] += 1


def copy_into_a_local(pairs):
    local = (Pair * 2)()
    local[0] = pairs[0]


def join_bytes(text):
    return b"a" + text


class Place:
    def __index__(self):
        return 1


def by_an_index(numbers):
    numbers[Place()] += 1
