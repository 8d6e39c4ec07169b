"""The bank program rewritten: right under every start method, parallel, and easy to check."""

import multiprocessing
import random

from shmlib.workers import booking, memory


def main():
    mp = multiprocessing.get_context("spawn")
    draw = random.Random(5)
    deposits = [draw.randint(1, 99) for _ in range(10)]
    withdrawals = [-draw.randint(1, 99) for _ in range(10)]
    account = mp.Value("i", 1000)
    numbers = mp.Array("i", [1, 2, 3, 4, 5])
    processes = [
        mp.Process(target=booking.book_each, args=(account, deposits, 0.001)),
        mp.Process(target=booking.book_each, args=(account, withdrawals, 0.001)),
        mp.Process(target=memory.set_item, args=(numbers, 2, 8)),
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("a process has failed")
    print("list", numbers[:])
    print("balance", account.value)


if __name__ == "__main__":
    main()
