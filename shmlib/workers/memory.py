"""What belongs to one process alone: its variables, what it prints."""

balance = 1000


def spend(amount):
    global balance
    balance -= amount
    return balance


def read_balance():
    return balance


def greet(name):
    print("Hello from", name)


def set_item(numbers, index, value):
    numbers[index] = value
