"""A program that starts a process without the __main__ guard."""

import multiprocessing

from shmlib.workers import bank

mp = multiprocessing.get_context("spawn")
account = mp.Value("i", 1000)
child = mp.Process(target=bank.deposit, args=(account, 50))
child.start()
child.join()
print("balance", account.value, "- child's exit code", child.exitcode)
