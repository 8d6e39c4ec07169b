"""Critical sections, guarded well and badly."""

import ctypes
import time


def add_between(account, amount):
    account.acquire()
    account.value += amount
    account.release()


def add_or_fail(account, amount):
    account.acquire()
    if amount < 0:
        raise ValueError("negative amount")
    account.value += amount
    account.release()


def add_or_fail_with(account, amount):
    with account:
        if amount < 0:
            raise ValueError("negative amount")
        account.value += amount


def add_beside(account, amount):
    account.get_lock()
    account.value += amount


def add_narrow(account, amount):
    balance = account.value
    with account.get_lock():
        account.value = balance + amount


def add_rested(account, amount, pause):
    time.sleep(pause)
    account.value += amount


def add(account, amount):
    with account.get_lock():
        account.value += amount


def withdraw(account, amount):
    if account.value >= amount:
        account.value -= amount
        return amount
    return 0


def withdraw_guarded(account, amount):
    with account.get_lock():
        if account.value >= amount:
            account.value -= amount
            return amount
        return 0


class Money(ctypes.Structure):
    _fields_ = (("current", ctypes.c_int), ("savings", ctypes.c_int))


def save(money, amount):
    money.current -= amount
    money.savings += amount


def total(money):
    return money.current + money.savings


def save_guarded(money, amount):
    with money.get_lock():
        save(money, amount)


def total_guarded(money):
    with money.get_lock():
        return total(money)


def take(lock):
    lock.acquire()


def give_back(lock):
    lock.release()


def move(current, savings, amount):
    with current.get_lock(), savings.get_lock():
        current.value -= amount
        savings.value += amount


def move_back(current, savings, amount):
    with savings.get_lock(), current.get_lock():
        savings.value -= amount
        current.value += amount
