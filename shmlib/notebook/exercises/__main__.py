"""Judge one cell, in this process:

    python -m shmlib.notebook.exercises NUMBER [SECONDS MEGABYTES] < CELL

SECONDS and MEGABYTES limit this process and each that it starts, on Linux alone. It
prints a line of JSON: number, state, and reasons. What the cell itself writes goes to stderr.
"""

import json
import os
import sys

from .attempts import attempt


def main() -> None:
    """Judge what stdin holds; the file that is made of it goes into this folder."""
    if len(sys.argv) > 2:
        _limit(float(sys.argv[2]), int(sys.argv[3]))
    answers = os.dup(1)
    os.dup2(2, 1)
    sys.path.insert(0, os.getcwd())
    number, cell = sys.argv[1], sys.stdin.read()
    try:
        verdict = attempt(number, cell)
        found = {"number": verdict.number, "state": verdict.state, "reasons": verdict.reasons}
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        found = {"number": number, "state": "wrong", "reasons": [reason]}
    os.write(answers, json.dumps(found).encode() + b"\n")


def _limit(seconds, megabytes):
    """Set the limits here: between fork and exec a program that has threads must run no Python."""
    if sys.platform != "linux":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, megabytes * 10**6),
        (resource.RLIMIT_CPU, int(seconds) + 5),
    ):
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
