"""The bank program as a beginner writes it: it runs, and holds three riddles."""

import multiprocessing
import random

from shmlib.workers import bank, module_level


def show():
    print("list", module_level.numbers[:])


if __name__ == "__main__":
    mp = multiprocessing.get_context("spawn")
    draw = random.Random(5)
    deposits = [draw.randint(1, 99) for _ in range(10)]
    withdrawals = [draw.randint(1, 99) for _ in range(10)]
    account = mp.Value("i", 1000)
    processes = [
        mp.Process(target=bank.deposit_all, args=(account, deposits, 0.001)),
        mp.Process(target=bank.withdraw_all, args=(account, withdrawals, 0.001)),
        mp.Process(target=module_level.set_third),
        mp.Process(target=show),
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print("balance", account.value)
