"""A class at once: so many kernels, each running a whole page, dealt out in turn.

    python -m uv run python benchmarks/a_class.py [NUMBER]        default: 50

Prints how many pages came to their end without an error, the slowest, the median time to the first
output, the memory of all of them together, and what was left behind. It ends with 1 where a page
raised an error or something is left. Linux only.
"""

import argparse
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from kernels import PAGES, Run, Watch, checked_system, left_of

# A look at every process of fifty kernels takes a tenth of a second of one CPU.
PAUSE = 2.0


def together(count):
    """Run pages in so many kernels at once; return (the runs, their `Need` together)."""
    runs = [Run(PAGES[place % len(PAGES)]) for place in range(count)]
    began = time.monotonic()
    with Watch(runs, PAUSE) as watch, ThreadPoolExecutor(count) as pool:
        waiting = [pool.submit(run.run) for run in runs]
        try:
            for number, done in enumerate(as_completed(waiting), 1):
                run = done.result()
                print(
                    f"{number:>4} of {count}, {time.monotonic() - began:5.0f} s  "
                    f"{run.page.stem}  {run.error or 'done'}",
                    flush=True,
                )
        except BaseException:
            for future in waiting:
                future.cancel()
            for run in runs:
                run.end("stopped")
            raise
    return runs, watch.all


def main(arguments=None):
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("number", nargs="?", type=int, default=50, help="of kernels; default: 50")
    count = parser.parse_args(arguments).number
    if count < 1:
        parser.error(f"NUMBER must be 1 or more, not {count}")
    checked_system()
    began = time.monotonic()
    runs, need = together(count)
    remains = left_of(runs)
    well = [run for run in runs if not run.error]
    firsts = [run.first for run in runs if run.first]
    slowest = max(runs, key=lambda run: run.seconds)
    print(
        f"\n{count} kernels at once on {os.cpu_count()} CPUs: {len(well)} pages without an error, "
        f"in {time.monotonic() - began:.0f} s"
    )
    for run in runs:
        if run.error:
            print(f"    {run.page.stem}: {run.error}")
    print(f"slowest: {slowest.page.stem}, {slowest.seconds:.0f} s")
    if firsts:
        print(f"first output: median {statistics.median(firsts):.1f} s, last {max(firsts):.1f} s")
    print(
        f"at the peak: {need.memory / 2**30:.2f} GiB together, "
        f"{need.memory / count / 2**20:.0f} MiB a kernel; "
        f"{need.processes} processes, {need.threads} threads; "
        f"{need.shared / 2**20:.1f} MiB in /dev/shm; {need.cpu:.0f} s of CPU"
    )
    print(f"left behind: {', '.join(remains) or 'nothing'}")
    return 0 if len(well) == count and not remains else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nstopped: every kernel is ended")
