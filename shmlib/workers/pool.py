"""Tasks for a pool, whose processes are handed the account once, at their start."""

account = None


def keep(shared):
    global account
    account = shared


def deposit(amount):
    with account.get_lock():
        account.value += amount
