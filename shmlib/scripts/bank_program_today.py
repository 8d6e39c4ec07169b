"""The bank program as you might write it today: one process owns the account."""

import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from shmlib.workers import today


def main():
    draw = random.Random(5)
    deposits = [draw.randint(1, 99) for _ in range(10)]
    withdrawals = [-draw.randint(1, 99) for _ in range(10)]
    balance = 1000
    numbers = [1, 2, 3, 4, 5]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for amount in pool.map(today.confirm, deposits + withdrawals):
            balance += amount
    numbers[2] = 8
    print("list", numbers)
    print("balance", balance)


if __name__ == "__main__":
    main()
