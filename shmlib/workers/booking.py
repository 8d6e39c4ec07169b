"""The bank program rewritten, step by step."""


def book_each(account, amounts):
    for amount in amounts:
        with account.get_lock():
            account.value += amount


def book_sum(account, amounts):
    total = sum(amounts)
    with account.get_lock():
        account.value += total


def book_if_covered(account, amounts):
    booked = []
    for amount in amounts:
        with account.get_lock():
            if account.value + amount >= 0:
                account.value += amount
                booked.append(amount)
    return booked
