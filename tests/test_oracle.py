"""explore against the model: programs drawn at random must end alike, in as many schedules.

python tests/test_oracle.py 2000        draws so many programs, and prints how many were alike
"""

import multiprocessing
import random
import sys
import time
from collections import Counter
from functools import partial

import pytest

import generated_workers
import model
from shmlib import explore

SPAWN = multiprocessing.get_context("spawn")
MOST = 300  # schedules of one program
LOCKS = ("x", "y", "a", "lock", "lock", "rlock")


def drawn(draw):
    """Return programs for two or three workers, of MOST schedules or fewer, and how they end."""
    while True:
        workers = draw.choice((2, 2, 3))
        programs = tuple(
            tuple(statement(draw) for _ in range(draw.randint(1, 3))) for _ in range(workers)
        )
        ends = model.every_order(programs, MOST)
        if ends:
            return programs, ends


def statement(draw, depth=0):
    kinds = ["read", "write", "add", "add", "slice", "set slice"]
    if depth < 2:
        kinds += ["with", "with", "acquire", "release", "try", "if", "loop", "raise"]
    kind = draw.choice(kinds)
    name, lock = draw.choice("xyrabp"), draw.choice(LOCKS)
    place = draw.randrange({"a": 3, "b": 3, "p": 2}.get(name, 1))

    def inner():
        return tuple(statement(draw, depth + 1) for _ in range(draw.randint(1, 2)))

    rest = {
        "read": lambda: (name, place),
        "write": lambda: (name, place, draw.randint(1, 2)),
        "add": lambda: (name, place, 1),
        "slice": lambda: (draw.choice("ab"),),
        "set slice": lambda: (draw.choice("ab"), 5),
        "with": lambda: (lock, inner()),
        "acquire": lambda: (draw.choice(("lock", "rlock")),),
        "release": lambda: (draw.choice(("lock", "rlock")),),
        "try": lambda: (lock, inner(), inner()),
        "if": lambda: (draw.randint(0, 1), inner(), inner()),
        "loop": lambda: (2, inner()),
        "raise": lambda: (),
    }
    return kind, *rest[kind]()


def explored(programs):
    """Return how the engine finds that they end, in the model's words."""
    workers = [partial(generated_workers.perform, program=program) for program in programs]
    found = explore(workers, *generated_workers.make(SPAWN), limit=10 * MOST)
    assert found.complete
    ends = Counter()
    for outcome, count in found.outcomes.items():
        x, y, r, a, b, p, *locks = outcome.memory
        memory = ((x,), (y,), (r,), tuple(a), tuple(b), tuple(p))
        owners = tuple(None if held == "free" else held[-1] for held in locks)
        ends[outcome.kind, memory, owners, outcome.results] += count
    return ends


@pytest.mark.parametrize("seed", range(12))
def test_explore_and_the_model_find_the_same_ends_in_as_many_schedules(seed):
    programs, ends = drawn(random.Random(seed))
    assert explored(programs) == ends, programs


def test_the_model_knows_what_is_known():
    add = (("add", "x", 0, 1),)
    ends = model.every_order((add, add), MOST)
    assert {memory[0]: n for (_, memory, _, _), n in ends.items()} == {(2,): 2, (1,): 4}
    left = (("with", "lock", (("with", "rlock", ()),)),)
    right = (("with", "rlock", (("with", "lock", ()),)),)
    kinds = Counter()
    for (kind, *_), count in model.every_order((left, right), MOST).items():
        kinds[kind] += count
    assert kinds == {"finished": 4, "deadlock": 2}


def main(number):
    draw, began, schedules, different = random.Random(0), time.monotonic(), 0, 0
    for _ in range(number):
        programs, ends = drawn(draw)
        schedules += ends.total()
        if explored(programs) != ends:
            different += 1
            print("different:", programs)
    seconds = time.monotonic() - began
    print(f"{number:,} programs, {schedules:,} schedules, {different} different, {seconds:,.0f} s")
    return different > 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
