"""What run() costs beside the bare standard library: two workers that do nothing.

    python -m uv run python benchmarks/start.py

Prints, for each start method, the median time of run() over that of two bare Process objects,
measured in turn in the same run. Aim: 1.1 or less.
"""

import multiprocessing
import platform
import statistics
import time
from functools import partial

from shmlib import run
from shmlib.workers import bank

ROUNDS = 30


def bare(context, number):
    processes = [context.Process(target=bank.deposit_each, args=(number, [], 0)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def with_run(context, number):
    worker = partial(bank.deposit_each, amounts=[], pause=0)
    run([worker, worker], number, start_method=context.get_start_method())


def seconds(function, *arguments):
    began = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - began


def main():
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}")
    for method in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context(method)
        number = context.Value("i", 0)
        times = {bare: [], with_run: []}
        for function in times:  # warm-up: starts the fork server, fills the caches
            function(context, number)
        for _ in range(ROUNDS):
            for function, seen in times.items():
                seen.append(seconds(function, context, number))
        base, ours = (statistics.median(times[function]) for function in (bare, with_run))
        compared = f"run {ours * 1e3:6.1f} ms, bare {base * 1e3:6.1f} ms, ratio {ours / base:.2f}"
        print(f"{method:<11} {compared}")


if __name__ == "__main__":
    main()
