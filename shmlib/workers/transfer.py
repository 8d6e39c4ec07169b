"""Money that goes from one account to another, each a Value with a lock of its own."""


def move(accounts, source, target, amount):
    if accounts[source].value >= amount:
        accounts[source].value -= amount
        accounts[target].value += amount


def transfer(accounts, source, target, amount):
    with accounts[source].get_lock(), accounts[target].get_lock():
        move(accounts, source, target, amount)


def transfer_in_order(accounts, source, target, amount):
    first, second = sorted((source, target))
    with accounts[first].get_lock(), accounts[second].get_lock():
        move(accounts, source, target, amount)


def transfer_under(accounts, bank, source, target, amount):
    with bank:
        move(accounts, source, target, amount)


def transfer_politely(accounts, source, target, amount):
    mine, other = accounts[source].get_lock(), accounts[target].get_lock()
    while True:
        with mine:
            if other.acquire(block=False):
                move(accounts, source, target, amount)
                other.release()
                return


def transfer_if_free(accounts, source, target, amount):
    mine, other = accounts[source].get_lock(), accounts[target].get_lock()
    with mine:
        if not other.acquire(block=False):
            return "not now"
        move(accounts, source, target, amount)
        other.release()
        return "done"
