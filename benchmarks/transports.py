"""Ways to hand a message to another process, beside a bare pipe, in the same run.

    python -m uv run python benchmarks/transports.py

Prints the median time of each way at each size, and its ratio to that of the pipe.
"""

import platform

from shmlib import transports

SIZES = (8, 2**16, 2**20, 2**22, 2**26)


def main():
    """Measure, and print it."""
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}")
    for timings in transports.measure(SIZES):
        print(f"\n{timings}\n\nratio to the pipe")
        for way in timings.medians:
            print(f"{way:<30}{timings.factor(way, 'pipe'):8.2f}")


if __name__ == "__main__":
    main()
