"""The bank program: money that goes in and out of one account in shared memory."""

import ctypes
import time


def deposit(account, amount):
    account.value += amount


def withdraw(account, amount):
    account.value -= amount


def deposit_each(account, amounts, pause):
    for amount in amounts:
        balance = account.value
        time.sleep(pause)
        account.value = balance + amount


def withdraw_each(account, amounts, pause):
    for amount in amounts:
        balance = account.value
        time.sleep(pause)
        account.value = balance - amount


def deposit_all(account, amounts, pause):
    with account.get_lock():
        deposit_each(account, amounts, pause)


def withdraw_all(account, amounts, pause):
    with account.get_lock():
        withdraw_each(account, amounts, pause)


class Customer(ctypes.Structure):
    _fields_ = (("number", ctypes.c_int), ("balance", ctypes.c_int))


def credit(customer, amount):
    customer.balance += amount
