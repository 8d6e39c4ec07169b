"""What belongs to one process alone: its variables, its children."""

import multiprocessing

balance = 1000


def spend(amount):
    global balance
    balance -= amount
    return balance


def read_balance():
    return balance


def start_a_child(answer):
    try:
        multiprocessing.Process(target=read_balance).start()
    except AssertionError as error:
        answer.value = str(error).encode()


def set_item(numbers, index, value):
    numbers[index] = value
