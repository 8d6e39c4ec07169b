"""What a notebook cell does: a worker in __main__, in no file that a new process could import."""

import multiprocessing


def double(number):
    number.value *= 2


del __file__  # a notebook has none
mp = multiprocessing.get_context("spawn")
number = mp.Value("i", 21)
child = mp.Process(target=double, args=(number,))
child.start()
child.join()
print("number", number.value, "- child's exit code", child.exitcode)
