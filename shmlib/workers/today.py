"""What the bank program has to do for each amount, before the account is touched."""

import time


def confirm(amount, pause=0.001):
    time.sleep(pause)
    return amount


def book_all(pool, balance, amounts):
    for amount in pool.map(confirm, amounts):
        balance += amount
    return balance
