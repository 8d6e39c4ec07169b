"""A Value that has no name in the parent: nobody keeps it until the child needs it."""

import multiprocessing

from shmlib.workers import bank

if __name__ == "__main__":
    mp = multiprocessing.get_context("spawn")
    child = mp.Process(target=bank.deposit, args=(mp.Value("i", 3), 50))
    child.start()
    child.join()
    print("child's exit code", child.exitcode)
