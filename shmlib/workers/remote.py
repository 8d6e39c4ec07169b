"""A number that lives with an engine, on another machine perhaps: it has no `+=` of its own."""


def add(number):
    number.set(number.get() + 1)


def add_after_both_have_read(number, mine, other):
    seen = number.get()
    mine.set()
    other.wait()
    number.set(seen + 1)


def add_locked(number, lock):
    with lock:
        number.set(number.get() + 1)


class Account:
    """An account that one process owns; the others send it what it should do."""

    def __init__(self, balance):
        self.balance = balance

    def book(self, amount):
        self.balance += amount
        return self.balance
