"""What the bank program has to do for each amount, before the account is touched."""

import time


def confirm(amount, pause=0.001):
    time.sleep(pause)
    return amount
