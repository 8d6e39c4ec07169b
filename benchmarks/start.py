"""What run() and replay() cost beside the bare standard library: two workers that do nothing.

    python -m uv run python benchmarks/start.py

Prints, for each start method, the median time of run() over that of two bare Process objects,
measured in turn in the same run. Aim: 1.1 or less. Then the same for replay() with processes of
spawn, and with those that it starts by itself. Last fork again, with all loaded
that a notebook's kernel has loaded: the larger the process that calls it, the longer fork takes.
"""

import importlib
import multiprocessing
import platform
import statistics
import time
from functools import partial

from shmlib import replay, run
from shmlib.workers import bank

ROUNDS = 60
LOADED_BY_A_KERNEL = ("ipykernel.ipkernel", "ipywidgets", "matplotlib.pyplot", "shmlib.notebook")


def bare(context, number):
    processes = [context.Process(target=bank.deposit_each, args=(number, [], 0)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def with_run(context, number):
    worker = partial(bank.deposit_each, amounts=[], pause=0)
    run([worker, worker], number, start_method=context.get_start_method())


def with_replay(context, number, method):
    worker = partial(bank.deposit_each, amounts=[], pause=0)
    replay("", [worker, worker], number, start_method=method)


def seconds(function, *arguments):
    began = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - began


def main():
    """Measure, and print it."""
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}")
    for method in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context(method)
        number = context.Value("i", 0)
        compare(f"{method:<11} run   ", (with_run, context, number), (bare, context, number))
    spawn = multiprocessing.get_context("spawn")
    number = spawn.Value("i", 0)
    for words, method in (("spawn", "spawn"), ("by itself", None)):
        ours = with_replay, spawn, number, method
        compare(f"{words:<11} replay", ours, (bare, spawn, number))
    if "fork" in multiprocessing.get_all_start_methods():
        for name in LOADED_BY_A_KERNEL:
            importlib.import_module(name)
        fork = multiprocessing.get_context("fork")
        number = fork.Value("i", 0)
        compare("fork, large run   ", (with_run, fork, number), (bare, fork, number))


def compare(words, *calls):
    for call in calls:  # warm-up: starts the fork server, fills the caches
        seconds(*call)
    rounds = [[seconds(*call) for call in calls] for _ in range(ROUNDS)]
    ours, base = (statistics.median(seen) for seen in zip(*rounds, strict=True))
    print(f"{words} {ours * 1e3:6.1f} ms, bare {base * 1e3:6.1f} ms, ratio {ours / base:.2f}")


if __name__ == "__main__":
    main()
