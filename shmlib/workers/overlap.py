"""Additions that overlap for certain: nobody writes before everybody has read."""

from concurrent.futures import ThreadPoolExecutor


def add_after_all_have_read(number, all_have_read):
    seen = number.value
    all_have_read.wait()
    number.value = seen + 1


def add_under(number, lock):
    with lock:
        number.value += 1
        return number.value


def add_times(number, times):
    for _ in range(times):
        number.value += 1


def lost_by_threads(number, times):
    """Let two threads add, and return how many of their additions are lost."""
    before = number.value
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(add_times, [number] * 2, [times] * 2))
    return before + 2 * times - number.value
