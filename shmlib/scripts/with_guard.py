"""The same program with the guard."""

import multiprocessing

from shmlib.workers import bank

if __name__ == "__main__":
    mp = multiprocessing.get_context("spawn")
    account = mp.Value("i", 1000)
    child = mp.Process(target=bank.deposit, args=(account, 50))
    child.start()
    child.join()
    print("balance", account.value, "- child's exit code", child.exitcode)
