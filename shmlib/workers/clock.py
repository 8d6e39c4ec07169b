"""A time of day in two fields: half of it can be old while the other half is new."""

import ctypes


class Time(ctypes.Structure):
    _fields_ = (("hour", ctypes.c_int), ("minute", ctypes.c_int))


def strike_ten(time):
    time.hour = 10
    time.minute = 0


def look(time):
    return time.hour, time.minute


def fill(numbers, value):
    numbers[:] = [value] * len(numbers)


def copy(numbers):
    return numbers[:]


def flip(number, barrier, times):
    barrier.wait()
    for _ in range(times):
        number.value = -1
        number.value = 0


def watch(number, barrier, times):
    barrier.wait()
    seen = {number.value for _ in range(times)}
    return sorted(seen - {-1, 0})
