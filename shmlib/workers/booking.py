"""The bank program rewritten, step by step."""

import time


def book_each(account, amounts, pause=0):
    for amount in amounts:
        time.sleep(pause)
        with account.get_lock():
            account.value += amount


def book_if_covered(account, amounts):
    booked = []
    for amount in amounts:
        with account.get_lock():
            if account.value + amount >= 0:
                account.value += amount
                booked.append(amount)
    return booked
