"""Ways to hand a message to another process, beside a bare pipe, in the same run.

    python -m uv run python benchmarks/transports.py

Prints the median time of each way at each size, and its ratio to that of the pipe.
"""

import platform

from shmlib import transports


def main():
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}")
    found = transports.measure()
    print(found)
    print("\nratio to the pipe")
    for way, times in found.medians.items():
        ratios = [t / base for t, base in zip(times, found.medians["pipe"], strict=True)]
        print(f"{way:<14}", *(f"{ratio:8.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
