"""An Array made at module level, instead of being handed over."""

import multiprocessing

numbers = multiprocessing.Array("i", [1, 2, 3, 4, 5])


def set_third():
    numbers[2] = 8


def read():
    return numbers[:]
