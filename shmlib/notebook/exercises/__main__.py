"""Judge one cell, in this process: python -m shmlib.notebook.exercises NUMBER < CELL

Prints a line of JSON: number, state, and reasons. What the cell itself writes goes to stderr.
"""

import json
import os
import sys

from .attempts import attempt


def main() -> None:
    """Judge what stdin holds; the file that is made of it goes into this folder."""
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


if __name__ == "__main__":
    main()
