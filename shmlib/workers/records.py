"""Types of several fields, for records in shared memory."""

import ctypes


class Reading(ctypes.Structure):
    _fields_ = (("sensor", ctypes.c_ubyte), ("celsius", ctypes.c_double))


class Pair(ctypes.Structure):
    _fields_ = (("sensor", ctypes.c_ubyte), ("channel", ctypes.c_ubyte))


def record(reading, sensor, celsius):
    with reading.get_lock():
        reading.sensor = sensor
        reading.celsius = celsius


def look(station):
    with station.get_lock():
        return station.readings, station.coldest, station.warmest
