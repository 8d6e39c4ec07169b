"""Additions that overlap for certain: nobody writes before everybody has read."""


def add_after_all_have_read(number, all_have_read):
    seen = number.value
    all_have_read.wait()
    number.value = seen + 1


def add_under(number, lock):
    with lock:
        number.value += 1


def add_times(number, times):
    for _ in range(times):
        number.value += 1
